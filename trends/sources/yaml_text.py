"""YAML as publishers write it: every value stays text and knows its line.

Only the events of the parser are read: nothing is resolved, merged or constructed.
Tags, aliases, anchors and directives are refused, since a table has no use for them.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from trends.characters import quote
from trends.sources import SourceError
from trends.sources.reading import decode

MAX_DEPTH: Final = 20
"""Mappings and lists inside one another."""

MAX_CHARACTERS: Final = 2_000_000
"""Size of one file, forty times the largest; the parser reads 100,000 a second."""

_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Scalar(str):
    """A value as it stands in the file, and its line."""

    line = 1


class Mapping(dict[str, Any]):
    """A mapping, the line on which it begins, and that of each of its keys."""

    def __init__(self, line: int) -> None:
        """Begin an empty one."""
        super().__init__()
        self.line = line
        self.key_lines: dict[str, int] = {}


class _Refused(Exception):  # noqa: N818  raised and caught here only
    def __init__(self, said: str, event: Any) -> None:
        super().__init__(said)
        self.line = _line(event)


def parse_yaml(content: bytes, name: str) -> Any:
    """The one document of the file: Mapping, list, Scalar or None.

    Raises:
        SourceError: no UTF-8, no YAML, several documents, repeated keys, tags,
            aliases, anchors or directives, or nested without end.
    """
    text = decode(content, name)
    if len(text) > MAX_CHARACTERS:
        raise SourceError(
            f"{name}: {len(text):,} characters of YAML, and {MAX_CHARACTERS:,} are "
            "the most",
            file=name,
        )
    try:
        return _document(iter(YAML(pure=True).parse(text)))
    except _Refused as error:
        line, said = error.line, str(error)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        said = f"not YAML from here on: {error.problem or error.context}"
    except (YAMLError, OverflowError, ValueError) as error:
        # the parser lets through what Python says of impossible escapes
        line, said = 1, f"not YAML: {' '.join(str(error).split())}"
    raise SourceError(f"{name}:{line}: {said}", file=name, line=line)


def _document(events: Iterator[Any]) -> Any:
    root: Any = None
    for n_documents in count():
        for event in events:
            if isinstance(event, DocumentStartEvent):
                break
        else:
            return root
        if n_documents:
            raise _Refused("a second document begins; the file should be one", event)
        if event.version is not None or event.tags:
            raise _Refused("directives (%YAML, %TAG) are not read", event)
        root = _node(next(events), events, depth=0)
        if not isinstance(event := next(events), DocumentEndEvent):
            raise _Refused("the document should end here", event)
    return root


def _node(event: Any, events: Iterator[Any], *, depth: int) -> Any:
    if isinstance(event, AliasEvent):
        raise _Refused(f"aliases (*{event.anchor}) are not read", event)
    if event.anchor is not None:
        raise _Refused(f"anchors (&{event.anchor}) are not read", event)
    if event.ctag is not None:
        raise _Refused(f"tags ({event.ctag}) are not read", event)
    if depth > MAX_DEPTH:
        raise _Refused(f"nested more than {MAX_DEPTH} deep", event)
    if isinstance(event, ScalarEvent):
        return _scalar(event)
    if isinstance(event, SequenceStartEvent):
        return [
            _node(item, events, depth=depth + 1)
            for item in _until(SequenceEndEvent, events)
        ]
    if not isinstance(event, MappingStartEvent):
        raise _Refused("neither a value, a list nor a mapping", event)
    return _mapping(event, events, depth=depth)


def _mapping(start: Any, events: Iterator[Any], *, depth: int) -> Mapping:
    mapping = Mapping(_line(start))
    for event in _until(MappingEndEvent, events):
        key = _node(event, events, depth=depth + 1)
        if not isinstance(key, str):
            raise _Refused("a key is one text", event)
        if key in mapping:
            raise _Refused(
                f"key {quote(key)} stands twice, first on line "
                f"{mapping.key_lines[key]}; only one of the values can be right",
                event,
            )
        mapping.key_lines[key] = _line(event)
        mapping[key] = _node(next(events), events, depth=depth + 1)
    return mapping


def _until(end: type[Any], events: Iterator[Any]) -> Iterator[Any]:
    for event in events:
        if isinstance(event, end):
            return
        yield event


def _scalar(event: Any) -> Scalar | None:
    if event.style is None and event.value in _EMPTY:
        return None
    scalar = Scalar(event.value)
    scalar.line = _line(event)
    return scalar


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
