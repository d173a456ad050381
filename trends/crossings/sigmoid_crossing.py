"""When a logistic with an estimated ceiling reaches a bar: its profile likelihood."""

from collections.abc import Sequence
from dataclasses import replace
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
    profiles: Sequence[SigmoidProfile],
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
        profiles: the fitted records, once for each equally likely history.
        bars: scores above the floor, easy to hard.
        start: last day on which a record could have been seen.
        projection_end: last day of the distributions.

    Returns:
        For each bar its distribution, or None; and the probability, conditioned away,
        that the curve was past it by ``start``. A single history has an exact law.
    """
    n_days = (projection_end - start).days
    found = [_confidence(profile, bars, start, n_days) for profile in profiles]
    by_day, ever = (np.stack(part, axis=1) for part in zip(*found, strict=True))
    laws: list[CrossingDistribution | None] = []
    easier: CrossingDistribution | None = None
    shares_past = [float(cdfs[:, 0].mean()) for cdfs in by_day]
    for cdfs, reached, past in zip(by_day, ever, shares_past, strict=True):
        if past <= MAX_SHARE_PAST:
            easier = _not_before_start(cdfs, reached, start, easier)
        laws.append(easier if past <= MAX_SHARE_PAST else None)
    return laws, shares_past


def _not_before_start(
    cdfs: Floats, reached: Floats, start: date, easier: CrossingDistribution | None
) -> CrossingDistribution:
    """The law given no crossing by ``start``, nowhere above that of an easier bar.

    Args:
        cdfs: a history a row, shape (k, days + 1).
        reached: of each, shape (k,).
        start: last day on which a record could have been seen.
        easier: law of an easier bar.
    """
    to_come = 1 - cdfs[:, :1]
    law = CrossingDistribution.averaged(
        start,
        (cdfs - cdfs[:, :1]) / to_come.mean(),
        (1 - reached) / to_come.mean(),
        # the curve rises, so that only its ceiling keeps it from a bar
        p_above_ceiling=1.0,
    )
    if easier is None:
        return law
    return replace(
        law,
        cdf=np.minimum(law.cdf, easier.cdf),
        p_never=max(law.p_never, easier.p_never),
        p_above_ceiling=1.0,
    )


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
