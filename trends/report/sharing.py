"""JSON values written briefly: equal parts once, and rows as a table.

Charts of one kind differ in their data and in little else.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

REFERENCE: Final = "$"
"""The only key of an object that stands for another value: for a part, its place among
the parts; for rows that all have the same keys, these and then the cells."""

WORTH: Final = 24
"""Characters up to which a part is written out wherever it stands."""

_Key = tuple[Any, ...]


def shared(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by name, and the parts that several of them have in common.

    Args:
        values: JSON values by name.

    Returns:
        ``parts``, each of which may refer to parts before it, and ``values``.
    """
    return _Shelf().store(values)


class _Shelf:
    """Every distinct object and array once, with how many others hold it."""

    def __init__(self) -> None:
        self._place: dict[_Key, int] = {}
        self._keys: list[_Key] = []
        self._holders: Counter[int] = Counter()

    def store(self, values: Mapping[str, Any]) -> dict[str, Any]:
        tops = {name: self._put(value) for name, value in values.items()}
        parts: list[Any] = []
        written: dict[int, Any] = {}
        for place, key in enumerate(self._keys):
            whole = self._whole(key, written)
            if self._holders[place] > 1 and len(_text(whole)) > WORTH:
                written[place] = {REFERENCE: len(parts)}
                parts.append(whole)
            else:
                written[place] = whole
        return {
            "parts": parts,
            "values": {name: self._held(one, written) for name, one in tops.items()},
        }

    def _put(self, value: Any) -> _Key:
        """A scalar as itself, an object or array as its place."""
        if isinstance(value, dict):
            held = list(map(self._put, value.values()))
            return self._shelve(("{}", *zip(value, held, strict=True)), held)
        if isinstance(value, list):
            if names := _columns(value):
                return self._shelve(("rows", names, *map(_cells, value)))
            held = list(map(self._put, value))
            return self._shelve(("[]", *held), held)
        return (type(value).__name__, value)

    def _shelve(self, key: _Key, held: Iterable[_Key] = ()) -> _Key:
        if key not in self._place:
            self._place[key] = len(self._keys)
            self._keys.append(key)
            self._holders.update(place for kind, place in held if kind == "at")
        return ("at", self._place[key])

    def _whole(self, key: _Key, written: Mapping[int, Any]) -> Any:
        if key[0] == "{}":
            return {name: self._held(one, written) for name, one in key[1:]}
        if key[0] == "rows":
            return {REFERENCE: [key[1], [list(cells) for _, cells in key[2:]]]}
        return [self._held(one, written) for one in key[1:]]

    def _held(self, one: _Key, written: Mapping[int, Any]) -> Any:
        kind, value = one
        return written[value] if kind == "at" else value


def _columns(value: list[Any]) -> tuple[str, ...]:
    """Keys that all rows have, where a value is three rows of scalars or more."""
    if len(value) < 3 or not all(isinstance(row, dict) for row in value):
        return ()
    names = tuple(value[0])
    if any(tuple(row) != names for row in value):
        return ()
    kinds = {type(cell) for row in value for cell in row.values()}
    return () if kinds & {dict, list} else names


def _cells(row: Mapping[str, Any]) -> _Key:
    """Cells, so that 1, 1.0 and true are three."""
    cells = tuple(row.values())
    return tuple(map(type, cells)), cells


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
