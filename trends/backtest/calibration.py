"""How often intervals held what came, and which interval would have held 80%.

An interval is named by its central level c: it runs from the quantile at (1 - c)/2 to
that at (1 + c)/2. A forecast that was wrong in the right measure needs another c, not
another shape, so bands are rescaled in c: the conformity score of a forecast is the
smallest c whose closed interval holds what came (Vovk, Gammerman and Shafer 2005), and
the calibrated c is its quantile over other families' forecasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.fits.links import Floats

MIN_FAMILIES: Final = 5
"""Other benchmark families from which on a band is rescaled."""


@dataclass(frozen=True)
class Calibration:
    """Intervals of one nominal level, before and after.

    Attributes:
        coverage: share that held what came; each benchmark family counts once.
        central_level: the level whose intervals hold ``nominal`` of what came; None
            with too few families.
        coverage_left_out: share of each family's outcomes in intervals at the level
            that the other families give, averaged over families.
        n: forecasts.
        n_families: benchmark families.
    """

    coverage: float
    central_level: float | None
    coverage_left_out: float | None
    n: int
    n_families: int


def conformity(p_below: Floats, p_at_most: Floats) -> Floats:
    """Smallest central level whose closed interval holds y.

    Args:
        p_below: P(X < y); lower than ``p_at_most`` where y is an atom.
        p_at_most: P(X <= y).
    """
    return np.maximum(0.0, np.maximum(2 * p_below - 1, 1 - 2 * p_at_most))


def calibrate(
    scores: Floats, families: Sequence[str], *, nominal: float
) -> Calibration:
    """Coverage of intervals, and the level at which they would cover ``nominal``.

    Args:
        scores: ``conformity`` of each forecast, shape (n,).
        families: benchmark family of each.
        nominal: for example 0.8.
    """
    names = np.asarray(families)
    known = np.unique(names)
    groups = {name: scores[names == name] for name in known}
    left_out = []
    for name in known:
        level = _level([groups[one] for one in known if one != name], nominal)
        if level is not None:
            left_out.append(float(np.mean(groups[name] <= level)))
    return Calibration(
        coverage=float(np.mean([np.mean(one <= nominal) for one in groups.values()])),
        central_level=_level(list(groups.values()), nominal),
        coverage_left_out=float(np.mean(left_out)) if left_out else None,
        n=len(scores),
        n_families=len(known),
    )


def _level(groups: Sequence[Floats], nominal: float) -> float | None:
    """Quantile of the scores, each family weighing the same.

    The family that is forecast next stands among them with a score of 1, the cost of
    a finite number of families.
    """
    if len(groups) < MIN_FAMILIES:
        return None
    scores = np.concatenate(groups)
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in groups])
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(weights[order]) / (len(groups) + 1)
    place = int(np.searchsorted(reached, nominal - 1e-12))
    return 1.0 if place == len(scores) else float(scores[order][place])


@dataclass(frozen=True)
class DateCoverage:
    """How often date intervals held the date, as far as the data can tell.

    Attributes:
        coverage: estimated P(low < F(T) <= high); None where no bar was watched to
            the end of its interval.
        came_before: estimated P(F(T) <= low), (1 - nominal)/2 where right.
        n: forecasts of a date.
        n_crossed: of those, how many dates came within the window.
        n_families: benchmark families.
    """

    coverage: float | None
    came_before: float | None
    n: int
    n_crossed: int
    n_families: int


def date_coverage(
    transforms: Floats,
    crossed: Sequence[bool],
    families: Sequence[str],
    *,
    nominal: float,
) -> DateCoverage:
    """Coverage of central date intervals although many dates are yet to come.

    F(T) is uniform where forecasts are right. A bar still open at the window's end
    says only that F(T) is above F(end): it is right-censored, and the law of F(T) is
    estimated by Kaplan and Meier (1958), each benchmark family weighing the same.

    Args:
        transforms: F(T), or F(end) where not crossed, shape (n,).
        crossed: whether the date came.
        families: benchmark family of each.
        nominal: for example 0.8.
    """
    names = np.asarray(families)
    came = np.asarray(crossed, dtype=bool)
    known, member = np.unique(names, return_inverse=True)
    weights = 1 / np.bincount(member)[member]
    low, high = (1 - nominal) / 2, (1 + nominal) / 2
    above_low = _survival(transforms, came, weights, low)
    inside = None
    # where the last bar watched was crossed, nothing past it was seen, and not nothing
    if above_low is not None and (above_low <= 0 or np.any(transforms >= high)):
        inside = above_low - (_survival(transforms, came, weights, high) or 0.0)
    return DateCoverage(
        coverage=inside,
        came_before=None if above_low is None else 1 - above_low,
        n=len(transforms),
        n_crossed=int(came.sum()),
        n_families=len(known),
    )


def _survival(
    times: Floats, came: npt.NDArray[np.bool_], weights: Floats, at: float
) -> float | None:
    """Kaplan-Meier P(time > at); None where nobody is watched that long."""
    survival = 1.0
    for time in np.unique(times[came & (times <= at)]):
        at_risk = weights[times >= time].sum()
        survival *= 1 - weights[came & (times == time)].sum() / at_risk
    return float(survival) if np.any(times >= at) or survival <= 0 else None
