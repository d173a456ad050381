"""Weights of the families in the ensemble, from how their pool would have scored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.backtest.forecasts import PastForecast
from trends.fits.links import Floats, Link
from trends.registry.models import TrendFamily
from trends.registry.weights import SMALLEST_WEIGHT

STEPS: Final = 50
"""Weights are searched in steps of 1/50; scores cannot tell finer ones apart."""

FAMILIES_OF_DOUBT: Final = 10
"""Equal weights count as much as so many benchmark families of evidence."""


@dataclass(frozen=True)
class Stack:
    """Weights of the families on one link scale.

    Attributes:
        weights: to use: ``stacked`` shrunk to equal, none under ``SMALLEST_WEIGHT``.
        stacked: those that scored best.
        n_cases: forecasts in which at least two families had a law.
        n_families: benchmark families among them.
    """

    weights: dict[TrendFamily, float]
    stacked: dict[TrendFamily, float]
    n_cases: int
    n_families: int


@dataclass(frozen=True)
class PoolCase:
    """What one forecast says of every linear pool of its laws.

    Attributes:
        family_id: of the benchmark.
        lead_months: how far ahead.
        gram: integral of (F_i - 1{y <= x})(F_j - 1{y <= x}) dx, shape (k, k), so that
            the pool with weights w has the CRPS w' gram w; 0 for families silent.
        speaks: which of the families have a law, shape (k,).
    """

    family_id: str
    lead_months: int
    gram: Floats
    speaks: npt.NDArray[np.bool_]


def pool_cases(
    forecasts: Iterable[PastForecast], trends: Sequence[TrendFamily]
) -> list[PoolCase]:
    """The level forecasts in which at least two of the families speak."""
    cases = []
    for forecast in forecasts:
        link = Link.of(forecast.standing.series.benchmark, 1.0)
        for target, laws in zip(
            forecast.level_targets, forecast.level_members, strict=True
        ):
            speaks = np.array([trend in laws for trend in trends])
            if speaks.sum() < 2:
                continue
            grid = next(iter(laws.values())).levels
            cdfs = np.array(
                [laws[t].cdf if t in laws else np.zeros_like(grid) for t in trends]
            )
            observed = float(link.of_scores(np.array([target.observed]))[0])
            gram = gram_matrix(grid, cdfs, observed) * np.outer(speaks, speaks)
            cases.append(PoolCase(forecast.family_id, target.lead_months, gram, speaks))
    return cases


def gram_matrix(grid: Floats, cdfs: Floats, observed: float) -> Floats:
    """Integral of (F_i - 1{y <= x})(F_j - 1{y <= x}) dx over the grid, exactly.

    Args:
        grid: rising, shape (n,).
        cdfs: straight between points, shape (k, n).
        observed: y; below the grid it counts as on its first point.
    """
    if grid[0] < observed < grid[-1]:
        place = int(np.searchsorted(grid, observed))
        at = [np.interp(observed, grid, cdf) for cdf in cdfs]
        cdfs = np.insert(cdfs, place, at, axis=1)
        grid = np.insert(grid, place, observed)
    came = grid[:-1] >= observed
    left, right = cdfs[:, :-1] - came, cdfs[:, 1:] - came
    thirds = np.diff(grid) / 6
    same = (left * thirds) @ left.T + (right * thirds) @ right.T
    cross = (left * thirds) @ right.T
    return np.asarray(2 * same + cross + cross.T)


def stack(cases: Sequence[PoolCase], trends: Sequence[TrendFamily]) -> Stack:
    """Weights with the lowest mean CRPS on the link scale, then made cautious.

    The mean is over benchmark families and lead times, each cell counting once. The
    best weights are shrunk to equal ones by ``FAMILIES_OF_DOUBT`` against the number
    of families: a few dozen overlapping forecasts do not tell 60% from 40%.

    Args:
        cases: of one link scale; may be empty, then weights are equal.
        trends: the families.
    """
    equal = np.full(len(trends), 1 / len(trends))
    families = {case.family_id for case in cases}
    best = equal
    if cases:
        grid = _simplex(len(trends))
        cells: dict[tuple[str, int], list[Floats]] = {}
        for case in cases:
            scores = _pool_scores(grid, case)
            cells.setdefault((case.family_id, case.lead_months), []).append(scores)
        mean = np.mean([np.mean(one, axis=0) for one in cells.values()], axis=0)
        best = grid[int(np.argmin(mean))]
    doubt = FAMILIES_OF_DOUBT / (FAMILIES_OF_DOUBT + len(families))
    weights = with_floor(doubt * equal + (1 - doubt) * best)
    return Stack(
        weights=dict(zip(trends, map(float, weights), strict=True)),
        stacked=dict(zip(trends, map(float, best), strict=True)),
        n_cases=len(cases),
        n_families=len(families),
    )


def with_floor(weights: Floats) -> Floats:
    """Weights that sum to 1, none under ``SMALLEST_WEIGHT``; the others give way in turn."""
    low = weights < SMALLEST_WEIGHT
    while True:
        rest = 1 - SMALLEST_WEIGHT * low.sum()
        raised = np.where(low, SMALLEST_WEIGHT, weights * rest / weights[~low].sum())
        if np.all(raised >= SMALLEST_WEIGHT - 1e-12):
            return np.asarray(raised)
        low |= raised < SMALLEST_WEIGHT


def leave_one_out(
    cases: Sequence[PoolCase], trends: Sequence[TrendFamily]
) -> dict[str, Stack]:
    """For each benchmark family the weights that the other families give."""
    families = sorted({case.family_id for case in cases})
    return {
        family: stack([one for one in cases if one.family_id != family], trends)
        for family in families
    }


def _pool_scores(weights: Floats, case: PoolCase) -> Floats:
    """CRPS of the pool under each row of weights; the silent give theirs away."""
    given = weights * case.speaks
    total = given.sum(axis=1)
    share = given / np.where(total > 0, total, 1.0)[:, np.newaxis]
    share[total == 0] = case.speaks / case.speaks.sum()
    return np.asarray(np.einsum("pi,ij,pj->p", share, case.gram, share))


def _simplex(n: int) -> Floats:
    steps = product(range(STEPS + 1), repeat=n - 1)
    heads = np.array([one for one in steps if sum(one) <= STEPS])
    return np.column_stack([heads, STEPS - heads.sum(axis=1)]) / STEPS
