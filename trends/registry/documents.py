"""YAML files of the registry, read so that every problem has a line and a column.

One file is read to its end: duplicate keys, misspelt keys and wrong types are all
collected, not only the first.
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from trends.registry.models import Entry
from trends.registry.parsing import MAX_BYTES, parse
from trends.registry.problems import Level, Problem, found

Content = TypeVar("Content")
Location = tuple[int | str, ...]
"""Keys and list positions that lead from the top of a file to one of its nodes."""

MAX_PROBLEMS: Final = 100
"""Problems of one file that are told one by one."""

TODO: Final = "TODO"
"""What a field reads that is still to be filled in (``trends new`` writes such files)."""

_PLAIN_KEY = re.compile(r"[\w-]+")
_TO_BE_FILLED_IN: Final = f"is {TODO}: still to be filled in"


@dataclass(frozen=True)
class Document:
    """One YAML file: the name to show, and its nodes with their positions."""

    file: str
    root: Any = None

    def problem(
        self,
        at: Location,
        message: str,
        *,
        level: Level = "error",
        at_key: bool = False,
    ) -> Problem:
        """A problem with the node at ``at``, or with the key that leads to it."""
        line, column = self.position(at, at_key=at_key)
        return Problem(self.file, line, column, self._path(at), message, level)

    def position(self, at: Location, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of a node; a mapping or list is shown at its key."""
        node = self.root
        place = (node.lc.line, node.lc.col) if hasattr(node, "lc") else (0, 0)
        for step in at:
            if isinstance(node, CommentedMap) and step in (node.lc.data or {}):
                nested = isinstance(node[step], CommentedMap | CommentedSeq)
                to_key = nested or (at_key and step == at[-1])
                place = node.lc.key(step) if to_key else node.lc.value(step)
            elif isinstance(node, CommentedSeq) and step in (node.lc.data or {}):
                place = node.lc.item(step)
            else:
                break
            node = node[step]
        return place[0] + 1, place[1] + 1

    def _path(self, at: Location) -> str:
        """``bars[1].value``; the top of a file goes by the file's own name."""
        path = ""
        for step in at:
            if isinstance(step, int):
                path += f"[{step}]"
            else:
                key = str(step)
                key = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)
                path += f".{key}" if path else key
        return path or Path(self.file).stem


@dataclass(frozen=True)
class Reading(Generic[Content]):
    """One file as read: its content, or the problems that kept it from being read."""

    document: Document
    content: Content | None
    problems: tuple[Problem, ...] = ()


def read(path: Path, shape: type[Content], *, file: str) -> Reading[Content]:
    """Read one YAML file into the given shape.

    Args:
        path: The file.
        shape: What it holds: an entry class, or a list or mapping of one.
        file: The file's name in problems.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except FileNotFoundError:
        return _unread(file, "the file is missing")
    except OSError as error:
        return _unread(file, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} is {error.object[error.start]:#x}"
        return _unread(file, f"is not UTF-8 text: {byte}")
    if len(raw) > MAX_BYTES:
        size = f"{len(raw):,} bytes"
        return _unread(file, f"has {size}, and {MAX_BYTES:,} are the most")
    text = text.replace("\r\n", "\n")
    document, problems = _parsed(text, file)
    if document.root is None:
        return Reading(document, None, problems)
    content, faults = _validated(document, shape)
    problems += tuple(faults)
    return Reading(document, None if problems else content, problems)


def _unread(file: str, why: str) -> Reading[Any]:
    document = Document(file)
    return Reading(document, None, (document.problem((), why),))


@lru_cache(maxsize=256)
def _parsed(text: str, file: str) -> tuple[Document, tuple[Problem, ...]]:
    """The file's nodes and its repeated keys, or no nodes and the reason.

    Every stage of a run reads the registry again; unchanged text is parsed once.
    """
    root, fault, repeated_keys = parse(text)
    stem = Path(file).stem
    if fault is not None:
        return Document(file), (Problem(file, *fault[:2], stem, fault.said),)
    return Document(file, root), tuple(
        Problem(
            file, mark.line + 1, mark.column + 1, str(key), f"duplicate key {key!r}"
        )
        for key, mark in repeated_keys
    )


def _validated(
    document: Document, shape: type[Content]
) -> tuple[Content | None, list[Problem]]:
    """The content in its shape, checked as strictly as JSON: no text for a number."""
    problems: list[Problem] = []
    plain = _plain(document, document.root, (), problems)
    try:
        text = json.dumps(plain, default=str)
        return TypeAdapter(shape).validate_json(text, strict=True), problems
    except ValidationError as error:
        unfilled = {
            (one.line, one.column)
            for one in problems
            if one.message == _TO_BE_FILLED_IN
        }
        details = [
            one
            for one in error.errors(include_url=False)
            if one["type"] == "extra_forbidden"
            or document.position(one["loc"]) not in unfilled
        ]
        problems += [
            _shape_problem(document, detail, shape) for detail in details[:MAX_PROBLEMS]
        ]
        if (more := len(details) - MAX_PROBLEMS) > 0:
            problems.append(document.problem((), f"and {more:,} problems more"))
        return None, problems


def _plain(document: Document, node: Any, at: Location, problems: list[Problem]) -> Any:
    """The node without its positions; a key that is not text is a problem."""
    if isinstance(node, list):
        return [
            _plain(document, item, (*at, i), problems) for i, item in enumerate(node)
        ]
    if not isinstance(node, dict):
        if isinstance(node, str) and node.strip() == TODO:
            problems.append(document.problem(at, _TO_BE_FILLED_IN))
        return node
    plain = {}
    for key, value in node.items():
        if not isinstance(key, str):
            message = f"key {key!r} is not text; put it in quotes"
            problems.append(document.problem((*at, key), message, at_key=True))
        plain[str(key)] = _plain(document, value, (*at, str(key)), problems)
    return plain


def _shape_problem(document: Document, detail: ErrorDetails, shape: Any) -> Problem:
    """One Pydantic error in the registry's own words."""
    at, got = detail["loc"], detail["input"]
    match detail["type"]:
        case "missing":
            return document.problem(at, "is missing")
        case "extra_forbidden":
            message = found("unknown key", at[-1], _keys_at(shape, at[:-1]))
            return document.problem(at, message, at_key=True)
        case "value_error":
            return document.problem(at, str(detail["ctx"]["error"]))
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
            return document.problem(at, found(_said(detail), got, choices))
    if at and at[-1] == "[key]":
        return document.problem(at[:-1], found(_said(detail), got), at_key=True)
    return document.problem(at, found(_said(detail), got))


def _said(detail: ErrorDetails) -> str:
    """Pydantic's sentence without its subject, which the path already names."""
    said = re.sub(r"^(Input|String|List|Value) ", "", detail["msg"])
    return said.replace("an object", "a mapping").replace("array", "list")


def _keys_at(shape: Any, at: Location) -> list[str]:
    """Keys that the entry at ``at`` may have."""
    entry = entry_in(shape)
    for step in at:
        field = entry.model_fields.get(str(step)) if entry else None
        entry = (entry_in(field.annotation) if field else None) or entry
    return list(entry.model_fields) if entry else []


def entry_in(annotation: Any) -> type[Entry] | None:
    """The entry class inside an annotation such as ``list[Bar] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    inside = (entry_in(part) for part in get_args(annotation))
    return next((entry for entry in inside if entry), None)
