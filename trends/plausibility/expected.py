"""Where a score should stand as others have it: about its date, and of its model."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from trends.plausibility.series import Floats, Series

NEIGHBOURS: Final = 9
"""Rows about the same date that a row is compared with, and all of the last day."""

FEWEST_NEIGHBOURS: Final = 3
"""With fewer nobody can say which of them is in the wrong unit."""

_SUPPOSED_SPREAD: Final = 0.8

_SUPPOSED_ROWS: Final = 3
"""A spread of few residuals is drawn to that of a series of middling noise."""

_UNKNOWN_PACE: Final = 0.5
"""Share of the pace of a series that may be wrong between a row and its neighbours."""

_ROWS_AT_ONCE: Final = 256
"""Rows that are held against all others together: memory grows with both."""

_MOST_ROWS_OF_PACE: Final = 300

_SHORTEST_STEP_IN_YEARS: Final = 0.05


class View(NamedTuple):
    """Where each row should stand as others have it, shape (n,) each.

    Attributes:
        centres: levels expected; NaN where there is nobody to compare with.
        spreads: how far from it a true score may well be.
    """

    centres: Floats
    spreads: Floats


def about_the_date(rows: Series) -> View:
    """Each row beside those of about its date, moved to it at the pace of the series."""
    pace = _pace(rows)
    n = len(rows.scores)
    centres, years_away = np.full(n, np.nan), np.zeros(n)
    for first in range(0, n, _ROWS_AT_ONCE):
        some = np.arange(first, min(first + _ROWS_AT_ONCE, n))
        beside = neighbours(rows, some)
        enough = beside.sum(axis=1) >= FEWEST_NEIGHBOURS
        some, beside = some[enough], beside[enough]
        years = np.nan_to_num(rows.years[some, np.newaxis] - rows.years)
        centres[some] = _medians(np.where(beside, rows.levels + pace * years, np.nan))
        away = np.sort(np.where(beside, np.abs(years), np.nan), axis=1)
        years_away[some] = _medians(away[:, :FEWEST_NEIGHBOURS])
    spreads = _spreads(rows.levels - centres)
    return View(centres, np.hypot(spreads, _UNKNOWN_PACE * pace * years_away))


def of_the_model(rows: Series, other: Series) -> View:
    """Each row beside what its model scored in ``other``, which may be the same series.

    Between two series the model is moved by the median step of all models in both.
    """
    centres = np.full(len(rows.scores), np.nan)
    there = _levels_by_model(other)
    steps = {} if other is rows else _steps_without_each(_levels_by_model(rows), there)
    for i, model in enumerate(rows.models):
        levels = there.get(model, [])
        if other is rows:
            if np.isfinite(rows.levels[i]):
                levels = list(levels)
                levels.remove(rows.levels[i])
            if levels:
                centres[i] = _median(levels)
        elif levels and (step := steps.get(model, steps[None])) is not None:
            centres[i] = _median(levels) + step
    return View(centres, _spreads(rows.levels - centres))


def neighbours(rows: Series, some: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """The rows nearest in time to each of ``some``; all others where it has no date.

    Shape (len(some), n).
    """
    others = np.isfinite(rows.levels) & (
        some[:, np.newaxis] != np.arange(len(rows.levels))
    )
    gaps = np.where(others, np.abs(rows.years - rows.years[some, np.newaxis]), np.nan)
    known = np.isfinite(gaps).sum(axis=1)
    last = np.minimum(known, NEIGHBOURS) - 1
    furthest = np.sort(gaps, axis=1)[np.arange(len(some)), last]
    dated = (known >= FEWEST_NEIGHBOURS)[:, np.newaxis]
    return np.asarray(np.where(dated, gaps <= furthest[:, np.newaxis], others))


def _pace(rows: Series) -> float:
    """Levels a year: the median slope between two rows (Theil 1950, Sen 1968)."""
    dated = np.flatnonzero(np.isfinite(rows.levels) & np.isfinite(rows.years))
    if len(dated) > _MOST_ROWS_OF_PACE:
        some = np.linspace(0, len(dated) - 1, _MOST_ROWS_OF_PACE)
        dated = dated[np.argsort(rows.years[dated])][some.astype(int)]
    first, second = np.triu_indices(len(dated), 1)
    years = rows.years[dated][second] - rows.years[dated][first]
    gains = rows.levels[dated][second] - rows.levels[dated][first]
    apart = np.abs(years) > _SHORTEST_STEP_IN_YEARS
    return float(np.median(gains[apart] / years[apart])) if apart.any() else 0.0


def _steps_without_each(
    here: Mapping[str, list[float]], there: Mapping[str, list[float]]
) -> dict[str | None, float | None]:
    """Median step of the models in both series but for each of them; under None of all.

    None where fewer are left than say anything.
    """
    steps = {
        model: _median(here[model]) - _median(there[model])
        for model in here.keys() & there.keys()
    }
    models, sizes = list(steps), np.array(list(steps.values()))
    every = _median(sizes) if len(sizes) >= FEWEST_NEIGHBOURS else None
    if len(sizes) <= FEWEST_NEIGHBOURS:
        return dict.fromkeys(models) | {None: every}
    return dict(zip(models, _medians_without_each(sizes), strict=True)) | {None: every}


def _levels_by_model(rows: Series) -> dict[str, list[float]]:
    levels: dict[str, list[float]] = {}
    for model, level in zip(rows.models, rows.levels, strict=True):
        if np.isfinite(level):
            levels.setdefault(model, []).append(float(level))
    return levels


def _spreads(residuals: Floats) -> Floats:
    """Robust spread about each row of the residuals of all others."""
    known = np.isfinite(residuals)
    away = np.abs(residuals[known])
    n = np.where(known, len(away) - 1, len(away))
    robust = np.zeros(len(residuals))
    if len(away):
        robust[~known] = _median(away)
    if len(away) > 1:
        robust[known] = _medians_without_each(away)
    total = n * (1.4826 * robust) ** 2 + _SUPPOSED_ROWS * _SUPPOSED_SPREAD**2
    return np.asarray(np.sqrt(total / (n + _SUPPOSED_ROWS)))


def _median(values: Sequence[float] | Floats) -> float:
    """As numpy's, which takes ten times as long for a handful of numbers."""
    ordered = sorted(values) if isinstance(values, list) else np.sort(values)
    last = len(ordered) - 1
    return float(ordered[last // 2] + ordered[(last + 1) // 2]) / 2


def _medians(values: Floats) -> Floats:
    """The median of the numbers in each row, at least one; shape (m, n) to (m,)."""
    ordered = np.sort(values, axis=1)
    last = np.isfinite(values).sum(axis=1) - 1
    row = np.arange(len(values))
    return np.asarray((ordered[row, last // 2] + ordered[row, (last + 1) // 2]) / 2)


def _medians_without_each(values: Floats) -> Floats:
    """For each of at least two values the median of all the others."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    last = len(values) - 2
    low, high = last // 2, (last + 1) // 2
    return np.asarray(
        (ordered[low + (low >= rank)] + ordered[high + (high >= rank)]) / 2
    )
