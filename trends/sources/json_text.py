"""JSON as publishers write it: every number stays text, every object knows its line."""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from json.decoder import JSONObject  # type: ignore[attr-defined]  # not in typeshed
from json.scanner import py_make_scanner  # type: ignore[attr-defined]  # likewise
from typing import Any, Final

from trends.characters import quote
from trends.sources import SourceError
from trends.sources.reading import decode

MAX_DEPTH: Final = 50
"""Objects and lists inside one another."""


class Numeral(str):
    """A number as it stands in the file; NaN and Infinity too, which JSON has not."""

    __slots__ = ()


class Object(dict[str, Any]):
    """A JSON object that knows the line on which it begins."""

    line = 1


class _Repeated(ValueError):  # noqa: N818  raised and caught here only
    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key = key
        self.line = line


def parse_json(content: bytes, name: str) -> Any:
    """The value of the file: Object, list, str, Numeral, bool or None.

    Raises:
        SourceError: no UTF-8, no JSON, a repeated key, or nested without end.
    """
    text = decode(content, name)
    if (depth := _depth(text)) > MAX_DEPTH:
        raise SourceError(
            f"{name}: is nested {depth} deep, and {MAX_DEPTH} is the most",
            file=name,
        )
    try:
        return _Decoder(text).decode(text)
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{name}:{error.lineno}: not JSON from here on ({error.msg}): is the file "
            "cut off?",
            file=name,
            line=error.lineno,
        ) from error
    except _Repeated as error:
        raise SourceError(
            f"{name}:{error.line}: key {quote(error.key)} stands twice in the object "
            "that begins here; only one of the values can be right",
            file=name,
            line=error.line,
        ) from error


def lines_of(entries: list[Any]) -> list[int]:
    """A line for each entry of a list, all different and none the first of the file.

    That on which it begins; entries that begin on one line are counted on from it.
    """
    lines: list[int] = []
    for entry in entries:
        begins = entry.line if isinstance(entry, Object) else 0
        lines.append(max(begins, lines[-1] + 1 if lines else 2))
    return lines


def section(holder: Any, key: str) -> Object:
    """The object under a key; an empty one where there is none."""
    found = holder.get(key) if isinstance(holder, Object) else None
    return found if isinstance(found, Object) else Object()


def text_at(holder: Object, key: str) -> str | None:
    """The text or number under a key, as it stands in the file."""
    return found if isinstance(found := holder.get(key), str) else None


class _Decoder(json.JSONDecoder):
    """Python's own decoder, whose hook is told where an object begins."""

    def __init__(self, text: str) -> None:
        super().__init__(parse_float=Numeral, parse_int=Numeral, parse_constant=Numeral)
        self._breaks = [i for i, character in enumerate(text) if character == "\n"]
        self.parse_object = self._parse_object
        self.scan_once = py_make_scanner(self)

    def _parse_object(
        self,
        text_and_end: tuple[str, int],
        strict: bool,
        scan_once: Callable[[str, int], Any],
        _hook: object,
        _pairs_hook: object,
        memo: dict[str, str],
    ) -> tuple[Object, int]:
        line = bisect_right(self._breaks, text_and_end[1] - 1) + 1

        def build(pairs: list[tuple[str, Any]]) -> Object:
            made = Object(pairs)
            made.line = line
            if len(made) != len(pairs):
                [(repeated, _)] = Counter(key for key, _ in pairs).most_common(1)
                raise _Repeated(repeated, line)
            return made

        built: tuple[Object, int] = JSONObject(
            text_and_end, strict, scan_once, None, build, memo
        )
        return built


def _depth(text: str) -> int:
    """How deep the text is nested; found before the decoder goes down as deep."""
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest
