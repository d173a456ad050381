"""How often intervals of scores held what came, and which would have held 80%.

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
