"""When fitted straight lines reach a bar: draws from their t distribution."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from trends.crossings.distribution import CrossingDistribution
from trends.dates import DAYS_PER_YEAR, years_between
from trends.fits.links import Floats

MIN_SHARE_LEFT: Final = 0.05
"""Share of lines that must still be below a bar for the rest to stand for all."""


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

        Infinite for lines that do not rise, and for a bar above the ceiling.
        """
        days = np.full_like(self.slope, np.inf)
        if np.isfinite(bar):
            rising = self.slope > 0
            years = (bar - self.intercept[rising]) / self.slope[rising]
            since_start = years - years_between(self.epoch, start)
            days[rising] = np.ceil(since_start * DAYS_PER_YEAR - 1e-9)
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
    root = np.linalg.cholesky(covariance)
    normal = generator.standard_normal((n_draws, 2))
    scale = np.sqrt(df / generator.chisquare(df, n_draws))
    offsets = (normal @ root.T) * scale[:, np.newaxis]
    return LineDraws(estimate[0] + offsets[:, 0], estimate[1] + offsets[:, 1], epoch)


def line_distribution(
    days: Floats, *, start: date, projection_end: date
) -> tuple[CrossingDistribution | None, float]:
    """Distribution of the crossing day, given that it has not come by ``start``.

    Args:
        days: days from ``start`` to the crossing of each draw, infinite for never.
        start: last day on which a record could have been seen; none was.
        projection_end: last day of the distribution.

    Returns:
        The distribution of the draws still to cross, and the share of all draws
        that were past the bar already and are conditioned away. The distribution
        is None where hardly any draw is left: then the line contradicts the record.
    """
    to_come = days[days > 0]
    share_past = (len(days) - len(to_come)) / len(days)
    if share_past > 1 - MIN_SHARE_LEFT:
        return None, share_past
    last = (projection_end - start).days
    within = to_come[to_come <= last].astype(np.int64)
    crossed = np.cumsum(np.bincount(within, minlength=last + 1))
    return (
        CrossingDistribution(
            start=start,
            cdf=crossed / len(to_come),
            p_never=float(np.mean(np.isinf(to_come))),
            n_draws=len(to_come),
        ),
        share_past,
    )
