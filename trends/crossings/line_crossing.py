"""When fitted straight lines reach a bar: draws from their t distribution."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.crossings.distribution import CrossingDistribution
from trends.dates import DAYS_PER_YEAR, years_between
from trends.fits.links import Floats

MAX_SHARE_PAST: Final = 0.5
"""Share of lines past a bar above which the line contradicts the record."""


@dataclass(frozen=True)
class LineDraws:
    """Draws of (intercept, slope) of one straight line.

    Attributes:
        intercept: level at ``epoch``, shape (n,).
        slope: growth a year, shape (n,).
        epoch: day at which time is zero.
    """

    intercept: Floats
    slope: Floats
    epoch: date

    def crossing_days(self, bar: float, *, start: date) -> Floats:
        """Days from ``start`` until each line reaches ``bar``, rounded up.

        0 for a line that is at the bar by ``start`` already, rising or falling;
        infinite for one that will not reach it, and for a bar above the ceiling.
        """
        days = np.full_like(self.slope, np.inf)
        if np.isinf(bar):
            return days
        gap = bar - (self.intercept + self.slope * years_between(self.epoch, start))
        days[gap <= 0] = 0.0
        to_come = (gap > 0) & (self.slope > 0)
        years = gap[to_come] / self.slope[to_come]
        days[to_come] = np.maximum(np.ceil(years * DAYS_PER_YEAR - 1e-9), 1.0)
        return days


def random_stream(
    *, seed: int, series_id: str, trend: str, block: int
) -> np.random.Generator:
    """Random numbers that belong to one block of one series and family.

    What else is run, and in which order, changes none of them.
    """
    name = f"{seed}|{series_id}|{trend}|{block}".encode()
    key = int.from_bytes(hashlib.sha256(name).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))


def draw_lines(
    generator: np.random.Generator,
    *,
    estimate: tuple[float, float],
    covariance: Floats,
    df: float,
    epoch: date,
    n_draws: int,
) -> LineDraws:
    """Draw lines from the bivariate t of a fit; those that do not rise are kept."""
    # a root that also exists where points on one line leave no covariance at all
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = generator.standard_normal((n_draws, 2))
    scale = np.sqrt(df / generator.chisquare(df, n_draws))
    offsets = (normal @ root.T) * scale[:, np.newaxis]
    return LineDraws(estimate[0] + offsets[:, 0], estimate[1] + offsets[:, 1], epoch)


def line_distributions(
    days: Sequence[Floats], *, start: date, projection_end: date
) -> tuple[list[CrossingDistribution | None], list[float]]:
    """Distributions of the crossing days of a ladder that no score has climbed.

    Lines that are past a bar at ``start`` contradict the record, so the draws are
    conditioned on being below the easiest open bar. All harder bars keep the same
    draws, so that none is likelier to be crossed than an easier one. A bar that most
    lines are past has no distribution: there the line has nothing to say, and the
    next bar is the easiest.

    Args:
        days: for each open bar, easy to hard, days from ``start`` to the crossing of
            each draw, 0 for past and infinite for never.
        start: last day on which a record could have been seen.
        projection_end: last day of the distributions.

    Returns:
        For each bar its distribution, or None; and the share of draws that were past
        it, or past the easiest bar, and are conditioned away.
    """
    distributions: list[CrossingDistribution | None] = []
    shares: list[float] = []
    below: npt.NDArray[np.bool_] | None = None
    for crossing in days:
        if below is None:
            share_past = float(np.mean(crossing <= 0))
            if share_past <= MAX_SHARE_PAST:
                below = crossing > 0
        shares.append(share_past)
        distributions.append(
            None
            if below is None
            else _count_crossings(crossing[below], start, projection_end)
        )
    return distributions, shares


def _count_crossings(
    days: Floats, start: date, projection_end: date
) -> CrossingDistribution:
    last = (projection_end - start).days
    within = days[days <= last].astype(np.int64)
    return CrossingDistribution(
        start=start,
        cdf=np.cumsum(np.bincount(within, minlength=last + 1)) / len(days),
        p_never=float(np.mean(np.isinf(days))),
        n_draws=len(days),
    )
