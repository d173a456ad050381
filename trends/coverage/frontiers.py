"""Simulated frontiers: a trend whose pace wanders, and scores about it.

In one world records come as ``trends.fits.waiting`` has them, whatever the trend does;
in another models come out, and whether one is a record follows from what it scores.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.integrate import cumulative_trapezoid
from scipy.special import log_ndtr, ndtri

from trends.coverage.tables import score_rows, simulated_series
from trends.coverage.worlds import (
    FUTURE_YEARS,
    LEADS_YEARS,
    SLOPE,
    SLOPE_SD,
    Later,
    Sample,
    TrueBar,
)
from trends.dates import DAYS_PER_YEAR
from trends.fits.ceilings import BEFORE
from trends.fits.links import Floats
from trends.fits.record_law import ABOVE, ABOVE_VARIANCE, RETURN_YEARS
from trends.registry.series import Series

RATE: Final = 5.0
POWER: Final = 1.2
DISPERSION: Final = 0.2
"""Of the hazard of a record: its mean, its power, and the square of its coefficient of
variation between families. About those of the shipped benchmarks."""

LOWER_PER_RECORD: Final = 2.0
RELEASES_PER_YEAR: Final = 15.0

SCATTER_SDS: Final = (0.15, 0.45)
"""Between which scores of a family scatter about the trend."""

FIRST_LEVEL: Final = -1.0
"""Of the trend on the Gompertz scale: a share of 7%."""

CEILING_BARS: Final = (0.8, 0.9, 0.95)

_WATCHED_YEARS: Final = (1.0, 3.0)
_ITEMS: Final = 10_000
"""So many that a score says what it is."""

_N_STEPS: Final = 2001
"""At which a rate that changes is integrated."""

_FAR: Final = 8.0
"""Deviations beyond which the tail of a normal is an exponential's."""


@dataclass(frozen=True)
class Path:
    """The scores of one family, before END and after it.

    Attributes:
        years: from END, rising, shape (n,).
        levels: on the Gompertz scale of its ceiling, of the same shape.
        ceiling: highest reachable score.
    """

    years: Floats
    levels: Floats
    ceiling: float

    @property
    def scores(self) -> Floats:
        """In stored units."""
        return np.asarray(self.ceiling * np.exp(-np.exp(-self.levels)))


@dataclass(frozen=True)
class Frontiers(ABC):
    """Families of benchmarks, each with a trend of its own.

    Attributes:
        n_families: one is forecast, the others are its crowd.
        wander: variance of a trend's slope a year.
    """

    n_families: int
    wander: float

    def simulate(self, generator: np.random.Generator) -> Sample:
        """One vintage."""
        paths = [self._path(generator) for _ in range(self.n_families)]
        names = ["target", *(f"other_{k}" for k in range(1, self.n_families))]
        target, *others = map(self._published, names, paths)
        to_come = paths[0].years > 0
        later = Later(paths[0].years[to_come], paths[0].scores[to_come])
        bars = self._bars(float(str(target[1]["score"].max())), paths[0].ceiling)
        return Sample(
            *target,
            {
                "record": [
                    TrueBar(place, value, later.first_day(value), value > reachable)
                    for place, (value, reachable) in enumerate(bars)
                ]
            },
            others,
            later,
        )

    @property
    def judged(self) -> float:
        """Mean of what is known of ceilings beforehand."""
        return 1.0

    def _published(self, name: str, path: Path) -> tuple[Series, pl.DataFrame]:
        seen = path.years <= 0
        ago = np.rint(-path.years[seen] * DAYS_PER_YEAR)
        series = simulated_series(name, _ITEMS, self.judged)
        return series, score_rows(name, ago, path.scores[seen])

    def _bars(self, best: float, ceiling: float) -> list[tuple[float, float]]:
        """Each bar with the highest score there can be."""
        level = -np.log(-np.log(best)) + SLOPE * np.array(LEADS_YEARS)
        return [(float(bar), ceiling) for bar in np.exp(-np.exp(-level))]

    @abstractmethod
    def _path(self, generator: np.random.Generator) -> Path:
        """The scores of one family."""

    def _trend(
        self, years: Floats, watched: float, generator: np.random.Generator
    ) -> Floats:
        """Levels of the trend, whose slope is a random walk, so long after the start."""
        gaps = np.diff(years)
        kicks = generator.normal(0, np.sqrt(self.wander * gaps))
        slopes = generator.normal(SLOPE, SLOPE_SD) + np.cumsum(kicks) - kicks
        bends = generator.normal(0, np.sqrt(self.wander * gaps**3 / 12))
        rises = gaps * (slopes + kicks / 2) + bends
        return FIRST_LEVEL + np.concatenate([[0.0], np.cumsum(rises)])

    def _ceiling(self, generator: np.random.Generator) -> float:
        return 1.0


@dataclass(frozen=True)
class Records(Frontiers):
    """Records that come whatever the trend does, as the law has it.

    A record of age t is beaten with the hazard lambda k t^(k-1), lambda a gamma between
    families. The next one stands where the frontier does in ``trends.fits.record_law``,
    given that it is above: about the best of three scores of its day, some of the
    distance from there kept since the record before. Between records come single scores
    about the trend that are none.
    """

    def _path(self, generator: np.random.Generator) -> Path:
        watched = generator.uniform(*_WATCHED_YEARS)
        beaten = self._record_years(watched, generator)
        n_lower = generator.poisson(LOWER_PER_RECORD * np.sum(beaten < watched))
        lower = generator.uniform(0, watched, n_lower)
        years = np.concatenate([[0.0], beaten, lower])
        order = np.argsort(years)
        is_record = (np.arange(len(years)) <= len(beaten))[order]
        trend = self._trend(years[order], watched, generator)
        levels = _scores_about(trend, years[order], is_record, generator)
        return Path(years[order] - watched, levels, self._ceiling(generator))

    def _record_years(self, watched: float, generator: np.random.Generator) -> Floats:
        """On which a record is beaten, since the first."""
        rate = generator.gamma(1 / DISPERSION, RATE * DISPERSION)
        span = watched + FUTURE_YEARS
        n = int(2 * span * max(rate, 1.0)) + 20
        waits = (generator.exponential(size=n) / rate) ** (1 / POWER)
        years = np.cumsum(waits)
        return years[years < span]


@dataclass(frozen=True)
class Models(Frontiers):
    """The same trends, about which models score whenever one comes out.

    They come out on days of a Poisson process, whose rate is a gamma between families:
    how long a record stands follows from how high it was, and from the trend.
    """

    def _path(self, generator: np.random.Generator) -> Path:
        watched = generator.uniform(*_WATCHED_YEARS)
        rate = generator.gamma(1 / DISPERSION, RELEASES_PER_YEAR * DISPERSION)
        years = np.concatenate([[0.0], self._released(rate, watched, generator)])
        trend = self._trend(years, watched, generator)
        sd = generator.uniform(*SCATTER_SDS)
        levels = trend + generator.normal(0, sd, len(years))
        return Path(years - watched, levels, self._ceiling(generator))

    def _released(
        self, rate: float, watched: float, generator: np.random.Generator
    ) -> Floats:
        """When models come out after the first, in years since that."""
        span = watched + FUTURE_YEARS
        return np.sort(generator.uniform(0, span, generator.poisson(rate * span)))


@dataclass(frozen=True)
class Rush(Models):
    """Models of which twice as many come out each year, until a year after END."""

    def _released(
        self, rate: float, watched: float, generator: np.random.Generator
    ) -> Floats:
        years = np.linspace(0, watched + FUTURE_YEARS, _N_STEPS)
        rates = rate * 2 ** np.minimum(years - watched, 1.0)
        until = cumulative_trapezoid(rates, years, initial=0.0)
        n = generator.poisson(until[-1])
        return np.sort(np.interp(generator.uniform(0, until[-1], n), until, years))


@dataclass(frozen=True)
class Kinks(Models):
    """Models of which all of a family go twice as fast from a day of the last year on."""

    def _trend(
        self, years: Floats, watched: float, generator: np.random.Generator
    ) -> Floats:
        fast = super()._trend(years, watched, generator)
        bend = watched - generator.uniform(0, 1)
        before = np.interp(np.minimum(years, bend), years, fast) - FIRST_LEVEL
        return np.asarray(fast - before / 2)


@dataclass(frozen=True)
class Ceilings(Frontiers):
    """A frontier under a ceiling drawn from what is known of it beforehand.

    Attributes:
        mean: of that beta distribution, whose precision is that of the method.
    """

    mean: float

    @property
    def judged(self) -> float:
        """Mean of what is known of ceilings beforehand."""
        return self.mean

    def _ceiling(self, generator: np.random.Generator) -> float:
        precision = BEFORE.precision
        return float(generator.beta(precision * self.mean, precision * (1 - self.mean)))

    def _bars(self, best: float, ceiling: float) -> list[tuple[float, float]]:
        return [(bar, ceiling) for bar in CEILING_BARS]


@dataclass(frozen=True)
class RecordsUnderCeilings(Ceilings, Records):
    """Records as in the law, each family under a ceiling."""


@dataclass(frozen=True)
class ModelsUnderCeilings(Ceilings, Models):
    """Models about a trend, each family under a ceiling."""


def _scores_about(
    trend: Floats,
    years: Floats,
    is_record: npt.NDArray[np.bool_],
    generator: np.random.Generator,
) -> Floats:
    """Scores about a trend, each above the best so far or not, as it is told."""
    sd = generator.uniform(*SCATTER_SDS)
    best, away, since = -np.inf, 0.0, -np.inf
    levels = []
    for level, year, beats in zip(trend, years, is_record, strict=True):
        if beats:
            kept = np.exp((since - year) / RETURN_YEARS)
            middle = level + ABOVE * sd + kept * away
            spread = sd * np.sqrt(ABOVE_VARIANCE * (1 - kept**2))
            best = middle + spread * normal_above((best - middle) / spread, generator)
            away, since = best - level - ABOVE * sd, year
            levels.append(best)
        else:
            below = generator.uniform() * np.exp(log_ndtr((best - level) / sd))
            levels.append(level + sd * ndtri(below))
    return np.array(levels)


def normal_above(low: float, generator: np.random.Generator) -> float:
    """A standard normal, given that it is above a value."""
    if low > _FAR:
        return float(low + generator.exponential() / low)
    return float(-ndtri(generator.uniform() * np.exp(log_ndtr(-low))))
