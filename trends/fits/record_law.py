"""The law of the next records: how long one stands, times how far the next one rises.

The wait is that of ``trends.fits.waiting``, the rise that of the local linear trend in
``trends.fits.pace``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.fits.compiled import level_kernels, record_kernels
from trends.fits.links import Floats
from trends.fits.pace import Hyper, Trend
from trends.fits.waiting import WaitingLaw

ABOVE: Final = 1.5 / np.sqrt(np.pi)
"""How far the highest of three normals stands above their mean, in deviations."""

ABOVE_VARIANCE: Final = 1 + np.sqrt(3) / (2 * np.pi) - ABOVE**2
"""Variance of the highest of three over that of each: 0.56 (Jones 1948)."""

RETURN_YEARS: Final = 0.5
"""Time constant with which a record's distance from the trend is forgotten.

Between 0.2 and 0.9 years the backtest's CRPS changes by a hundredth of itself.
"""

Places = npt.NDArray[np.intp]

_SOON: Final = 1 / 365.25
_SHARES: Final = np.linspace(0, 1, 33)
"""Times from a day to the last one asked for at which the chance so far is looked up,
so that what is said of one time does not depend on which others are asked for."""


@dataclass(frozen=True)
class RecordLaw:
    """What is known of a series' next records.

    Attributes:
        record: today's, on the link scale.
        trend: level and slope on a day that other views of the test may have seen.
        hyper: the trend's variances.
        waiting: the time until the record is beaten.
        ahead: years from the day from which is counted to that of the trend, above 0
            where others have looked since.
    """

    record: float
    trend: Trend
    hyper: Hyper
    waiting: WaitingLaw
    ahead: float = 0.0

    def exceedance(self, levels: Floats, years: Floats) -> Floats:
        """P(the frontier reaches a level within so many years).

        A record comes with the law of waiting times; given one, the frontier is where
        the trend and its scatter put it, given that this is above today's record. It
        does not fall: the chance at a time is the highest so far.

        Args:
            levels: not below today's record, shape (n,); may be infinite.
            years: above 0 and not falling, shape (k,).

        Returns:
            Probabilities of shape (k, n).
        """
        (found,) = exceedances([self], levels, years)
        return np.asarray(found)


def exceedances(laws: Sequence[RecordLaw], levels: Floats, years: Floats) -> Floats:
    """``RecordLaw.exceedance`` of several laws at once.

    Args:
        laws: at least one.
        levels: as there, shape (n,); or of each law, shape (laws, n).
        years: as there, shape (k,).

    Returns:
        Probabilities of shape (laws, k, n).
    """
    times, kept, asked = _looks(np.asarray(years, np.float64).tobytes())
    waits = {
        waiting: (waiting.p_record(times), waiting.age)
        for waiting in dict.fromkeys(law.waiting for law in laws)
    }
    beaten_by, ages = zip(*(waits[law.waiting] for law in laws), strict=True)
    middle, spread = _frontiers(laws, ages, times, kept)
    found: Floats = level_kernels().highest_chances(
        np.full((len(laws), levels.shape[-1]), levels, np.float64),
        np.array([law.record for law in laws]),
        np.array(beaten_by),
        middle,
        spread,
        asked,
    )
    return found


def _frontiers(
    laws: Sequence[RecordLaw],
    ages: Sequence[tuple[float, float]],
    years: Floats,
    kept: Floats,
) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the frontier, were no record in its way.

    It stands where the best of three scores stood when the last record was set.
    Today's distance from there is forgotten as an autoregression of order one. Where
    the trend is known of a later day, it is followed from there to both sides.
    """
    trends, scatters = [law.trend for law in laws], [law.hyper.scatter for law in laws]
    known = [
        (of.level, of.slope, of.level_variance, of.covariance, of.slope_variance)
        for of in trends
    ]
    stands = np.column_stack(
        [
            [(law.record, law.hyper.wander, law.ahead) for law in laws],
            ABOVE * np.sqrt(scatters),
            ABOVE_VARIANCE * np.array(scatters),
            ages,
        ]
    )
    found: tuple[Floats, Floats] = record_kernels().follow(
        years, kept, np.array(known), stands
    )
    return found


@lru_cache(maxsize=64)
def _looks(years: bytes) -> tuple[Floats, Floats, Places]:
    """Times at which the chance is looked up, and places of those asked for.

    With what is kept at each time of today's distance from the trend.
    """
    asked = np.frombuffer(years)
    times = np.sort(np.append(asked, _SOON * (asked[-1] / _SOON) ** _SHARES))
    return times, np.exp(-times / RETURN_YEARS), np.searchsorted(times, asked)
