"""Simulated truths counted: inside, before or after the intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Final

import numpy as np
from scipy.special import stdtrit

from trends.coverage.methods import Asked
from trends.coverage.worlds import LEADS_YEARS, SLOPE, Sample
from trends.crossings.distribution import CrossingDistribution
from trends.dates import DAYS_PER_YEAR
from trends.fits.lines import Row
from trends.fits.links import Floats

NOMINAL: Final = (0.5, 0.8, 0.9)

GROWTH_LEVELS: Final = (*NOMINAL, 0.95)

BEFORE, INSIDE, AFTER = -1.0, 0.0, 1.0
"""Where the truth lies from an interval; NaN where there is none."""


@dataclass(frozen=True)
class Share:
    """A share of intervals with the standard error of simulating finitely often."""

    value: float
    error: float

    @classmethod
    def of(cls, hits: Floats, asked: Floats) -> "Share":
        """Of hits among cases of each simulation, which share their luck: (n,)."""
        value = hits.sum() / asked.sum()
        error = np.sqrt(np.square(hits - value * asked).sum()) / asked.sum()
        return cls(float(value), float(error))


@dataclass(frozen=True)
class Tally:
    """Where truths lay from the intervals of one method in one cell.

    Attributes:
        positions: BEFORE, INSIDE, AFTER or NaN, shape (simulations, bars, nominal).
        is_open: whether the bar had not been reached yet, shape (simulations, bars).
        levels: the nominal levels.
    """

    positions: Floats
    is_open: Floats
    levels: tuple[float, ...] = NOMINAL

    def covered(self, nominal: float, lead: int | None = None) -> Share | None:
        """Share of intervals that hold the truth; None where there is no interval."""
        return self._share(INSIDE, nominal, lead)

    def before(self, nominal: float, lead: int | None = None) -> Share | None:
        """Share of intervals that begin after the truth."""
        return self._share(BEFORE, nominal, lead)

    def after(self, nominal: float, lead: int | None = None) -> Share | None:
        """Share of intervals that end before the truth."""
        return self._share(AFTER, nominal, lead)

    @property
    def not_estimated(self) -> float:
        """Share of open bars without an interval."""
        missing = np.isnan(self.positions[:, :, 0]) & (self.is_open > 0)
        return float(missing.sum() / max(self.is_open.sum(), 1))

    def open_share(self, lead: int) -> float:
        """Share of simulations in which a bar is open."""
        return float(self.is_open[:, lead].mean())

    def _share(self, where: float, nominal: float, lead: int | None) -> Share | None:
        """Bars of one simulation share their luck, so that errors are by simulation."""
        chosen = slice(None) if lead is None else slice(lead, lead + 1)
        positions = self.positions[:, chosen, self.levels.index(nominal)]
        hits = (positions == where).sum(axis=1)
        of = np.isfinite(positions).sum(axis=1)
        if of.sum() == 0:
            return None
        return Share.of(hits, of)


def positions_of(asked: Asked, sample: Sample) -> tuple[Floats, Floats]:
    """Where each truth lies, shape (bars, nominal), and which bars are open."""
    positions = np.full((len(LEADS_YEARS), len(NOMINAL)), np.nan)
    is_open = np.zeros(len(LEADS_YEARS))
    bars = sample.open_bars(asked.estimand)
    for bar, outcome in zip(bars, asked.outcomes, strict=True):
        is_open[bar.place] = 1
        law = outcome.answer.distribution
        if law is not None:
            positions[bar.place] = [_position(law, bar.day, level) for level in NOMINAL]
    return positions, is_open


def growth_positions(rows: Sequence[Row]) -> Floats:
    """Where the true slope lies from intervals of growth, one a level of GROWTH_LEVELS.

    From the slope with its standard error and Student's t, and at 95% from the interval
    of the doubling time. BEFORE: growth is slower than the interval says.
    """
    (row,) = rows
    if row["fit_status"] != "fitted":
        return np.full(len(GROWTH_LEVELS), np.nan)
    slope, error = (
        float(str(row["slope_per_year"])),
        float(str(row["slope_per_year_se"])),
    )
    reach = error * stdtrit(float(str(row["df"])), (1 + np.array(NOMINAL)) / 2)
    slowest = _slope(row["doubling_time_days_hi95"], when_open=-inf)
    fastest = _slope(row["doubling_time_days_lo95"], when_open=inf)
    from_error = [where_from(SLOPE, slope - each, slope + each) for each in reach]
    return np.array([*from_error, where_from(SLOPE, slowest, fastest)])


def _position(law: CrossingDistribution, day: float, nominal: float) -> float:
    ends = [law.quantile((1 - nominal) / 2), law.quantile((1 + nominal) / 2)]
    low, high = (inf if end is None else (end - law.start).days for end in ends)
    return where_from(day, low, high)


def where_from(truth: float, low: float, high: float) -> float:
    """BEFORE, INSIDE or AFTER an interval, whose ends belong to it."""
    if truth < low:
        return BEFORE
    return AFTER if truth > high else INSIDE


def _slope(doubling_days: object, when_open: float) -> float:
    if doubling_days is None:
        return when_open
    return log(2) / float(str(doubling_days)) * DAYS_PER_YEAR
