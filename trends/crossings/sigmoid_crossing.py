"""When a logistic with an estimated ceiling reaches a bar: its profile likelihood."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from trends.crossings.distribution import CrossingDistribution
from trends.crossings.line_crossing import MAX_SHARE_PAST
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats
from trends.fits.sigmoid_profile import SigmoidProfile

_NODES: Final = 40
"""Dates at which confidence is computed; between them it is interpolated."""

_EPOCH: Final = date(1970, 1, 1)


def sigmoid_distributions(
    profile: SigmoidProfile,
    bars: Sequence[float],
    *,
    start: date,
    projection_end: date,
) -> tuple[list[CrossingDistribution | None], list[float]]:
    """Distributions of the crossing days of a ladder that no score has climbed.

    The confidence that a bar is reached by a date is read as its probability, given
    that it was not reached by ``start``. A bar that the curve is past with more than
    ``MAX_SHARE_PAST`` has no distribution: the curve contradicts the record. No bar
    is given a likelier crossing than an easier one.

    Args:
        profile: the fitted records.
        bars: scores above the floor, easy to hard.
        start: last day on which a record could have been seen.
        projection_end: last day of the distributions.

    Returns:
        For each bar its distribution, or None; and the probability, conditioned away,
        that the curve was past it by ``start``. The laws are exact: no draws.
    """
    n_days = (projection_end - start).days
    by_day, ever = _confidence(profile, bars, start, n_days)
    laws: list[CrossingDistribution | None] = []
    easier: CrossingDistribution | None = None
    for cdf, reached in zip(by_day, ever, strict=True):
        if cdf[0] <= MAX_SHARE_PAST:
            easier = _not_before_start(cdf, float(reached), start, easier)
        laws.append(easier if cdf[0] <= MAX_SHARE_PAST else None)
    return laws, [float(cdf[0]) for cdf in by_day]


def _not_before_start(
    cdf: Floats, reached: float, start: date, easier: CrossingDistribution | None
) -> CrossingDistribution:
    """The law given no crossing by ``start``, nowhere above that of an easier bar."""
    to_come = 1 - cdf[0]
    law, p_never = (cdf - cdf[0]) / to_come, (1 - reached) / float(to_come)
    if easier is not None:
        law, p_never = np.minimum(law, easier.cdf), max(p_never, easier.p_never)
    return CrossingDistribution.exact(start, law, p_never=p_never)


def _confidence(
    profile: SigmoidProfile, bars: Sequence[float], start: date, n_days: int
) -> tuple[Floats, Floats]:
    """Confidence that each bar is reached by each day, shape (bars, days + 1), and ever.

    A profile with several optima may fall back a little; a distribution does not.
    """
    # dense where the curve is nearest, and even in the root of time
    root = np.linspace(0, np.sqrt(n_days), _NODES)
    years = (np.square(root) + (start - _EPOCH).days) / DAYS_PER_YEAR
    dates = np.append(years, np.inf)
    confidence = profile.confidence(
        np.tile(dates, len(bars)), np.repeat(np.asarray(bars, np.float64), len(dates))
    ).reshape(len(bars), len(dates))
    rising = np.maximum.accumulate(confidence, axis=1)
    days = np.sqrt(np.arange(n_days + 1, dtype=np.float64))
    by_day = PchipInterpolator(root, rising[:, :-1], axis=1)(np.minimum(days, root[-1]))
    return np.clip(by_day, 0.0, rising[:, -1:]), rising[:, -1]
