"""When drawn straight lines reach a bar."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.crossings.distribution import CrossingDistribution
from trends.dates import DAYS_PER_YEAR, years_between
from trends.fits.links import Floats
from trends.fits.redraws import LineDraws

MAX_SHARE_PAST: Final = 0.5
"""Share of lines past a bar above which the line contradicts the record."""


def crossing_days(lines: LineDraws, bar: float, *, start: date) -> Floats:
    """Days from ``start`` until each line reaches ``bar``, rounded up.

    0 for a line that is at the bar by ``start`` already, rising or falling; infinite
    for one that will not reach it, and for a bar above the ceiling.

    Args:
        lines: the draws.
        bar: on the link scale.
        start: last day on which a record could have been seen.
    """
    days = np.full_like(lines.slope, np.inf)
    if np.isinf(bar):
        return days
    gap = bar - (lines.intercept + lines.slope * years_between(lines.epoch, start))
    days[gap <= 0] = 0.0
    to_come = (gap > 0) & (lines.slope > 0)
    years = gap[to_come] / lines.slope[to_come]
    days[to_come] = np.maximum(np.ceil(years * DAYS_PER_YEAR - 1e-9), 1.0)
    return days


def line_distributions(
    days: Sequence[Floats],
    shares_past: Sequence[float],
    *,
    shares_above: Sequence[float] | None = None,
    start: date,
    projection_end: date,
) -> list[CrossingDistribution | None]:
    """Distributions of the crossing days of a ladder that no score has climbed.

    Lines that are past a bar at ``start`` contradict the record, so the draws are
    conditioned on being below the easiest open bar. All harder bars keep the same
    draws, so that none is likelier to be crossed than an easier one. A bar that most
    lines are past has no distribution: there the line has nothing to say, and the
    next bar is the easiest.

    Args:
        days: for each open bar, easy to hard, days from ``start`` to the crossing of
            each draw, 0 for past and infinite for never.
        shares_past: for each, probability that the line is past it at ``start``.
        shares_above: for each, probability that it lies above the ceiling; None where
            that is not told apart.
        start: last day on which a record could have been seen.
        projection_end: last day of the distributions.

    Returns:
        For each bar its distribution, or None.
    """
    distributions: list[CrossingDistribution | None] = []
    below: npt.NDArray[np.bool_] | None = None
    above = [None] * len(days) if shares_above is None else shares_above
    for crossing, share_past, p_above in zip(days, shares_past, above, strict=True):
        if below is None and share_past <= MAX_SHARE_PAST:
            below = crossing > 0
        distributions.append(
            None
            if below is None
            else CrossingDistribution.counted(
                start,
                crossing[below],
                n_days=(projection_end - start).days,
                p_above_ceiling=p_above,
            )
        )
    return distributions
