"""YAML files of the registry, read so that every problem has a line and a column.

One file is read to its end: duplicate keys, misspelt keys and wrong types are all
collected, not only the first.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from trends.characters import name_lookalike
from trends.registry.faults import Location, MisfitError
from trends.registry.models import Entry
from trends.registry.parsing import EMPTY, MAX_BYTES, Parsed, parse
from trends.registry.problems import Level, Problem, found
from trends.registry.remembered import keep, recall
from trends.registry.syntax import ended_by_a_comma
from trends.registry.wording import say, unknown_key

Content = TypeVar("Content")
MAX_PROBLEMS: Final = 100
"""Problems of one file that are told one by one."""

PUBLISHED: Final = frozenset({"corrections", "model_aliases", "models"})
"""Files that carry words as a publisher prints them."""

TODO: Final = "TODO"
"""What a field reads that is still to be filled in (``trends new`` writes such files)."""

NOTHING: Final[Mapping[str, object]] = MappingProxyType({})

_PLAIN_KEY = re.compile(r"[\w-]+")
_LAST_KEY = re.compile(r'\.?("(\\.|[^"\\])*"|[\w-]+)$')
_TO_BE_FILLED_IN: Final = f"is {TODO}: still to be filled in"


@dataclass(frozen=True)
class Document:
    """One YAML file: the name to show, and its text, if that can be parsed."""

    file: str
    text: str | None = None

    @property
    def root(self) -> Any:
        """Nodes with their positions; None where there are none."""
        return None if self.text is None else _parse(self.text).root

    def problem(
        self,
        at: Location,
        message: str,
        *,
        level: Level = "error",
        code: str = "",
        at_key: bool = False,
    ) -> Problem:
        """A problem with the node at ``at``, or with the key that leads to it."""
        line, column = self.position(at, at_key=at_key)
        return Problem(self.file, line, column, self._path(at), message, level, code)

    def unknown(
        self, at: Location, kind: str, got: str, known: Iterable[str]
    ) -> Problem:
        """That nothing of this name is known, with the nearest name that is."""
        return self.problem(at, found(f"unknown {kind}", got, known))

    def position(self, at: Location, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of a node; a mapping or list is shown at its key."""
        node = self.root
        place = (node.lc.line, node.lc.col) if hasattr(node, "lc") else (0, 0)
        for step in at:
            if isinstance(node, CommentedMap) and step in (node.lc.data or {}):
                nested = isinstance(node[step], CommentedMap | CommentedSeq)
                to_key = nested or (at_key and step == at[-1])
                place = node.lc.key(step) if to_key else node.lc.value(step)
                # where there is no value, the parser has the place of what comes next
                if place[0] != node.lc.key(step)[0] and node[step] is None:
                    place = node.lc.key(step)
            elif isinstance(node, CommentedSeq) and step in (node.lc.data or {}):
                place = node.lc.item(step)
            else:
                break
            node = node[step]
        return place[0] + 1, place[1] + 1

    def at(self, at: Location) -> Any:
        """The node at ``at``, which is there."""
        node = self.root
        for step in at:
            node = node[step]
        return node

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


def read(
    path: Path,
    shape: type[Content],
    *,
    file: str,
    defaults: Mapping[str, object] = NOTHING,
) -> Reading[Content]:
    """Read one YAML file into the given shape.

    Args:
        path: The file.
        shape: What it holds: an entry class, or a list or mapping of one.
        file: The file's name in problems.
        defaults: What it is taken to say at its top where it does not.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except FileNotFoundError:
        return _unread(file, "the file is missing")
    except OSError as error:
        return _unread(file, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        return _garbled(file, error)
    if len(raw) > MAX_BYTES:
        size = f"{len(raw):,} bytes"
        return _unread(file, f"has {size}, and {MAX_BYTES:,} are the most")
    text = text.replace("\r\n", "\n")
    document = Document(file, text)
    problems: tuple[Problem, ...] = ()
    content = None
    said = recall(text)
    if said is None:
        said, problems = _said(document)
    if said is not None:
        said = _filled_in(said, defaults)
        content, faults = _validated(document, said, shape, problems)
        problems += faults
    elif problems[0].message == EMPTY:
        problems = (document.problem((), f"{EMPTY}: {_instead_of_nothing(shape)}"),)
    lookalikes = tuple(_lookalikes(text, document))
    lines = {one.line for one in lookalikes}
    problems = lookalikes + tuple(one for one in problems if one.line not in lines)
    return Reading(document, None if problems else content, problems)


def _instead_of_nothing(shape: Any) -> str:
    """What to write into a file that is empty."""
    if entry_in(shape) is shape:
        return "take back what stood there, or delete the file if it is new"
    return f"write {'[]' if get_origin(shape) is list else '{}'} if that is meant"


def _lookalikes(text: str, document: Document) -> Iterator[Problem]:
    """Characters that pass for others, the first of each line.

    A name is carried as its publisher prints it; there only a quote that is to be one
    of YAML's is a slip.
    """
    if text.isascii():
        return
    is_published = Path(document.file).stem in PUBLISHED
    for number, line in enumerate(text.split("\n"), start=1):
        lookalike = name_lookalike(line)
        column = int(re.findall(r"\d+", lookalike)[0]) if lookalike else 0
        before = line[: column - 1].strip(" -")
        if lookalike and is_published:
            opens = before == "" or before[-1] in ":,[{"
            lookalike = lookalike if opens and lookalike[-1] in "\"'" else None
        if lookalike:
            stem = Path(document.file).stem
            yield Problem(document.file, number, column, stem, lookalike)


def _garbled(file: str, error: UnicodeDecodeError) -> Reading[Any]:
    before = error.object[: error.start].decode("utf-8-sig", "replace").split("\n")
    byte = f"byte {error.start} is {error.object[error.start]:#x}"
    said = f"is not UTF-8 text ({byte}): save the file as UTF-8"
    place = (len(before), len(before[-1]) + 1)
    problem = Problem(file, *place, Path(file).stem, said)
    return Reading(Document(file), None, (problem,))


def _unread(file: str, why: str) -> Reading[Any]:
    document = Document(file)
    return Reading(document, None, (document.problem((), why),))


@lru_cache(maxsize=32)
def _parse(text: str) -> Parsed:
    """The nodes of a text, which problems with it are placed by.

    Few are kept: they take thirty times the room of the text.
    """
    return parse(text)


def _said(document: Document) -> tuple[str | None, tuple[Problem, ...]]:
    """What a file says as JSON, or nothing and the reason; what is wrong with it."""
    root, fault, repeated_keys = _parse(document.text or "")
    file, stem = document.file, Path(document.file).stem
    if fault is not None:
        return None, (Problem(file, *fault[:2], stem, fault.said),)
    problems = [
        Problem(
            file,
            mark.line + 1,
            mark.column + 1,
            str(key),
            f"duplicate key {key!r}: keep one",
        )
        for key, mark in repeated_keys
    ]
    said = json.dumps(_plain(document, root, (), problems), default=str)
    if not problems:
        keep(document.text or "", said)
    return said, tuple(problems)


def _filled_in(said: str, defaults: Mapping[str, object]) -> str:
    """JSON of a file with what it leaves out; one that is no mapping stays."""
    root = json.loads(said) if defaults else None
    return json.dumps({**defaults, **root}) if isinstance(root, dict) else said


def _validated(
    document: Document, said: str, shape: type[Content], known: Iterable[Problem]
) -> tuple[Content | None, tuple[Problem, ...]]:
    """The content in its shape, checked as strictly as JSON: no text for a number.

    Args:
        document: the file.
        said: what it says, as JSON.
        shape: what it holds.
        known: what is wrong with it already.
    """
    try:
        return TypeAdapter(shape).validate_json(said, strict=True), ()
    except ValidationError as error:
        unfilled = {
            (one.line, one.column) for one in known if one.message == _TO_BE_FILLED_IN
        }
        faults = [
            fault
            for one in error.errors(include_url=False)
            if one["type"] == "extra_forbidden"
            or document.position(one["loc"]) not in unfilled
            for fault in _shape_problems(document, one, shape)
        ]
        faults = _once(faults)
        problems = faults[:MAX_PROBLEMS]
        if (more := len(faults) - MAX_PROBLEMS) > 0:
            problems.append(document.problem((), f"and {more:,} problems more"))
        return None, tuple(problems)


def _once(faults: list[Problem]) -> list[Problem]:
    """Without what repeats another.

    A misspelt key is not missing as well, and what an alias repeats is wrong once.
    """
    meant = set()
    for one in faults:
        if match := re.search(r"mean '(\w+)'\?$|colon: (\w+):", one.message):
            entry = _LAST_KEY.sub("", one.path)
            key = match[1] or match[2]
            meant.add(f"{entry}.{key}" if entry else key)
    first = {(one.line, one.column, one.message): one for one in reversed(faults)}
    return [
        one
        for one in faults
        if one is first[one.line, one.column, one.message]
        and not (one.path in meant and one.message.startswith("is missing"))
    ]


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
    before = None
    for key, value in node.items():
        if not isinstance(key, str):
            problems.append(_key_problem(document, at, key, before))
            continue
        plain[str(key)] = _plain(document, value, (*at, str(key)), problems)
        before = key
    return plain


def _key_problem(
    document: Document, at: Location, key: Any, before: str | None
) -> Problem:
    """A key that is not text: mostly the second half of ``0,80``."""
    if before is not None:
        whole = document.at((*at, before))
        said = ended_by_a_comma(f"{whole},", f"{key}")
        if said is not None and document.at((*at, key)) is None:
            return document.problem((*at, before), f"{said} (got {whole},{key})")
    message = f"key {key!r} is not text; put it in quotes"
    return document.problem((*at, key), message, at_key=True)


def _shape_problems(
    document: Document, detail: ErrorDetails, shape: Any
) -> Iterator[Problem]:
    """One Pydantic error in the registry's own words, at each place it is about."""
    at = detail["loc"]
    match detail["type"]:
        case "missing":
            yield document.problem(at, f"is missing: {_to_add(shape, at)}")
        case "extra_forbidden":
            entry = _entry_at(shape, at[:-1])
            known = list(entry.model_fields) if entry else []
            message = unknown_key(str(at[-1]), known)
            yield document.problem(at, message, at_key=True)
        case "value_error":
            error = detail["ctx"]["error"]
            faults = error.faults if isinstance(error, MisfitError) else [((), error)]
            for inside, message in faults:
                yield document.problem((*at, *inside), str(message))
        case _ if at and at[-1] == "[key]":
            yield document.problem(at[:-1], say(detail), at_key=True)
        case _:
            yield document.problem(at, say(detail))


def _to_add(shape: Any, at: Location) -> str:
    """What to write for a key that an entry lacks, with what it means."""
    entry = _entry_at(shape, at[:-1])
    field = entry.model_fields.get(str(at[-1])) if entry else None
    meaning = " ".join((field.description or "").split()) if field else ""
    return f"add `{at[-1]}:`" + (f" ({meaning.rstrip('.')})" if meaning else "")


def _entry_at(shape: Any, at: Location) -> type[Entry] | None:
    """The kind of the entry at ``at``."""
    entry = entry_in(shape)
    for step in at:
        field = entry.model_fields.get(str(step)) if entry else None
        entry = (entry_in(field.annotation) if field else None) or entry
    return entry


def entry_in(annotation: Any) -> type[Entry] | None:
    """The entry class inside an annotation such as ``list[Bar] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    inside = (entry_in(part) for part in get_args(annotation))
    return next((entry for entry in inside if entry), None)
