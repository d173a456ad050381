"""Every suite's expectations judged with polars alone, for fuzzing by the thousand.

Great Expectations takes half a second a frame. ``tests/test_fuzz_files.py`` holds this
stand-in against it on the same files, row by row; fuzzing and schedules of faults use
it, nothing else.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from trends.validation.suites import ROW_COUNT, Expectation, Outcome


def evaluate(frame: pl.DataFrame, expectations: Sequence[Expectation]) -> list[Outcome]:
    """As ``trends.validation.gate.evaluate``; types that no suite uses are unknown."""
    return [_outcome(frame, one) for one in expectations]


def _outcome(frame: pl.DataFrame, expectation: Expectation) -> Outcome:
    kwargs: dict[str, Any] = dict(expectation.kwargs)
    if expectation.type == ROW_COUNT:
        enough = frame.height >= kwargs["min_value"]
        return Outcome(expectation, enough, frame.height, observed=frame.height)
    looked_at, broken = _judge(frame, expectation.type, kwargs)
    rows = frame.select(broken=(looked_at & broken).fill_null(value=False))
    failing = tuple(rows["broken"].arg_true().to_list())
    n_checked = frame.select(looked_at.sum()).item()
    return Outcome(expectation, not failing, n_checked, failing)


def _judge(
    frame: pl.DataFrame, kind: str, kwargs: dict[str, Any]
) -> tuple[pl.Expr, pl.Expr]:
    """Which rows an expectation looks at, and which of them break it."""
    name = kind.removeprefix("expect_column_")
    if name.startswith("pair_values"):
        a, b = pl.col(str(kwargs["column_A"])), pl.col(str(kwargs["column_B"]))
        both = a.is_not_null() & b.is_not_null()
        if name == "pair_values_to_be_equal":
            return both, a != b
        return both, (a < b) if kwargs.get("or_equal") else (a <= b)
    cell = pl.col(str(kwargs["column"]))
    given = cell.is_not_null()
    if name in _OF_TEXTS:
        judge = _OF_TEXTS[name](kwargs)
        texts = frame[str(kwargs["column"])]
        found = [text is not None and judge(text) for text in texts]
        return given, pl.lit(pl.Series(found, dtype=pl.Boolean))
    looked_at = given | ~given if name.endswith("be_null") else given
    return looked_at, _OF_CELLS[name](cell, kwargs)


def _outside(cell: pl.Expr, kwargs: dict[str, Any]) -> pl.Expr:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    broken = pl.lit(value=False)
    if low is not None:
        broken |= (cell <= low) if kwargs.get("strict_min") else (cell < low)
    if high is not None:
        broken |= cell > high
    return broken


_OF_CELLS: dict[str, Callable[[pl.Expr, dict[str, Any]], pl.Expr]] = {
    "values_to_not_be_null": lambda cell, _: cell.is_null(),
    "values_to_be_null": lambda cell, _: cell.is_not_null(),
    "values_to_be_unique": lambda cell, _: cell.is_duplicated(),
    "values_to_be_in_set": lambda cell, kwargs: ~cell.is_in(list(kwargs["value_set"])),
    "values_to_be_between": _outside,
}


def _matches(kwargs: dict[str, Any]) -> Callable[[str], bool]:
    regex = re.compile(str(kwargs["regex"]))
    return lambda text: regex.search(text) is not None


def _differs(kwargs: dict[str, Any]) -> Callable[[str], bool]:
    matches = _matches(kwargs)
    return lambda text: not matches(text)


def _is_no_json(_: dict[str, Any]) -> Callable[[str], bool]:
    def broken(text: str) -> bool:
        try:
            json.loads(text)
        except ValueError:
            return True
        return False

    return broken


_OF_TEXTS: dict[str, Callable[[dict[str, Any]], Callable[[str], bool]]] = {
    "values_to_match_regex": _differs,
    "values_to_not_match_regex": _matches,
    "values_to_be_json_parseable": _is_no_json,
}
