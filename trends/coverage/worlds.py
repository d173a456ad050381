"""Simulated series with the dates at which their bars are truly reached.

Three worlds: releases that scatter about a straight line on the logit scale or on the
ln scale, and Brownian walks of which only looks on random days are seen. Those of records
are in ``trends.coverage.frontiers``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import inf
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit, logit
from scipy.stats import binom

from trends.coverage.tables import score_rows, simulated_series
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats, Link
from trends.registry.series import Series

LEADS_YEARS: Final = (0.3, 0.75, 1.5)
"""How long after END the true line reaches the three bars."""

SLOPE: Final = 1.5
"""Rise of every true line, and mean drift of every walk, a year on the link scale."""

SLOPE_SD: Final = 0.6
"""Between families."""

_SPAN_YEARS: Final = 2.0
FUTURE_YEARS: Final = 20.0
_LONGEST_NOISE: Final = (0.15, 0.45)
_HERMITE = np.polynomial.hermite_e.hermegauss(40)

Estimand = Literal["line", "mean", "quantile", "record"]
"""Which event is dated: the true line reaches the bar, the mean or the 0.9 quantile of
the scores published on one day does, or a published score does."""


@dataclass(frozen=True)
class TrueBar:
    """A bar, and when it is truly reached.

    Attributes:
        place: among the bars of its world, easy to hard; of all but ceilings that in
            ``LEADS_YEARS``.
        value: in stored units.
        day: first whole day after END on which it is reached; infinite for not in
            the simulated future.
        is_above_ceiling: whether no score can reach it.
    """

    place: int
    value: float
    day: float
    is_above_ceiling: bool = False


@dataclass(frozen=True)
class Later:
    """What is published of a series after END.

    Attributes:
        years: since END, rising, shape (n,).
        scores: in stored units, of the same shape.
    """

    years: Floats
    scores: Floats

    def first_day(self, bar: float) -> float:
        """Day of the first score that reaches a bar; infinite where none does."""
        return first_day(self.years, self.scores >= bar)

    def best_by(self, years: float) -> float:
        """The best score so many years after END; -inf where there is none."""
        return float(self.scores[self.years <= years].max(initial=-inf))


@dataclass(frozen=True)
class Sample:
    """What one simulated series shows until END, and what nobody knows yet.

    Attributes:
        series: the series.
        scores: its SERIES_SCORES rows.
        bars: for each estimand of its world, easy to hard.
        others: other families on the same scale, with their SERIES_SCORES rows.
        later: what is published after END, in worlds that say so.
    """

    series: Series
    scores: pl.DataFrame
    bars: Mapping[Estimand, Sequence[TrueBar]]
    others: Sequence[tuple[Series, pl.DataFrame]] = ()
    later: Later | None = None

    def open_bars(self, estimand: Estimand) -> list[TrueBar]:
        """Bars that no score has reached: the others have no date to forecast."""
        best = self.scores.get_column("score").max()
        return [bar for bar in self.bars[estimand] if bar.value > float(str(best))]


@dataclass(frozen=True)
class Releases:
    """Releases at logit SLOPE * t + N(0, sd) of the ceiling, t years after END.

    Attributes:
        n: releases on different days of the two years before END; they go on at the
            same rate.
        items: Bernoulli trials behind each score.
        sd: between releases.
        ceiling: highest reachable score.
        n_families: with more than one, the others have slopes of their own.
    """

    n: int
    items: int
    sd: float
    ceiling: float = 1.0
    n_families: int = 1

    def simulate(self, generator: np.random.Generator) -> Sample:
        """One vintage."""
        series, scores = self._family(generator, "target", 0.0, SLOPE)
        gaps = generator.exponential(
            _SPAN_YEARS / self.n, round(FUTURE_YEARS * self.n / _SPAN_YEARS)
        )
        days = np.cumsum(gaps)
        later = Later(days, self._published(generator, SLOPE * days))
        reached = [self.ceiling * expit(SLOPE * lead) for lead in LEADS_YEARS]
        return Sample(
            series,
            scores,
            {
                "line": [
                    TrueBar(place, value, whole_day(LEADS_YEARS[place]))
                    for place, value in enumerate(reached)
                ],
                "record": [
                    TrueBar(place, value, later.first_day(value))
                    for place, value in enumerate(reached)
                ],
                "mean": mean_bars(self),
                "quantile": quantile_bars(self),
            },
            [
                self._family(
                    generator,
                    f"other_{k}",
                    generator.normal(0, 1),
                    max(0.3, generator.normal(SLOPE, SLOPE_SD)),
                )
                for k in range(1, self.n_families)
            ],
            later,
        )

    def _family(
        self, generator: np.random.Generator, name: str, level: float, slope: float
    ) -> tuple[Series, pl.DataFrame]:
        ago = release_days(self.n, generator)
        published = self._published(generator, level - slope * ago / DAYS_PER_YEAR)
        return simulated_series(name, self.items), score_rows(name, ago, published)

    def _published(self, generator: np.random.Generator, line: Floats) -> Floats:
        return self._scored(generator, line + generator.normal(0, self.sd, len(line)))

    def _scored(self, generator: np.random.Generator, levels: Floats) -> Floats:
        share = self.ceiling * expit(levels)
        return np.asarray(generator.binomial(self.items, share) / self.items)


@dataclass(frozen=True)
class DevelopersReleases(Releases):
    """Releases whose scatter is partly that of the developers who made them.

    Bars are those of developers without number, of whom these few were seen.

    Attributes:
        n_developers: each release is of one of them, all equally likely.
        developer_sd: the part of ``sd`` that all releases of a developer share.
    """

    n_developers: int = 8
    developer_sd: float = 0.3

    def _family(
        self, generator: np.random.Generator, name: str, level: float, slope: float
    ) -> tuple[Series, pl.DataFrame]:
        ago = release_days(self.n, generator)
        maker = generator.integers(0, self.n_developers, self.n)
        shared = generator.normal(0, self.developer_sd, self.n_developers)[maker]
        own = generator.normal(0, np.sqrt(self.sd**2 - self.developer_sd**2), self.n)
        line = level - slope * ago / DAYS_PER_YEAR
        scores = score_rows(name, ago, self._scored(generator, line + shared + own))
        makers = pl.Series("developer", [f"developer_{k}" for k in maker])
        return simulated_series(name, self.items), scores.with_columns(makers)


@dataclass(frozen=True)
class Growth:
    """Releases at ln score SLOPE * t + N(0, sd), measured with noise in the ln.

    Attributes:
        n: releases on different days of the two years before END.
        sd: between releases.
        noisy: each with its own standard deviation of 0.15 to 0.45, published as a
            95% interval; else no error is made and none is published.
    """

    n: int
    sd: float
    noisy: bool

    def simulate(self, generator: np.random.Generator) -> Sample:
        """One vintage."""
        ago = release_days(self.n, generator)
        errors = generator.uniform(*_LONGEST_NOISE, self.n) * self.noisy
        scatter = generator.normal(0, np.sqrt(self.sd**2 + errors**2))
        scores = np.exp(scatter - SLOPE * ago / DAYS_PER_YEAR)
        bars = [
            TrueBar(place, float(np.exp(SLOPE * lead)), whole_day(lead))
            for place, lead in enumerate(LEADS_YEARS)
        ]
        frame = score_rows("target", ago, scores, errors if self.noisy else None)
        return Sample(simulated_series("target", None), frame, {"line": bars})


@dataclass(frozen=True)
class Walk:
    """A walk from 0, its looks until END, and those to come.

    Attributes:
        years_ago: of each look, from END; falling.
        levels: at these looks.
        years_after: of later looks, from END.
        levels_after: at these.
    """

    years_ago: Floats
    levels: Floats
    years_after: Floats
    levels_after: Floats


@dataclass(frozen=True)
class Walks:
    """Families of Brownian walks with sigma 1, looked at on random days.

    Attributes:
        n: mean number of looks in two years; a family is watched for 1 to 3.
        n_families: one is forecast, the others are its pool.
        items: Bernoulli trials behind each look, the walk being on the logit scale;
            None for a walk in ln score that is seen without error.
    """

    n: int
    n_families: int
    items: int | None = None

    def simulate(self, generator: np.random.Generator) -> Sample:
        """One vintage; a bar is reached when a look shows it."""
        walks = [self._walk(generator) for _ in range(self.n_families)]
        seen = [self._published(generator, walk.levels) for walk in walks]
        later = Later(
            walks[0].years_after, self._published(generator, walks[0].levels_after)
        )
        families = [
            (
                simulated_series(name, self.items),
                score_rows(name, np.rint(walk.years_ago * DAYS_PER_YEAR), scores),
            )
            for name, walk, scores in zip(self._names(), walks, seen, strict=True)
        ]
        values = self._values(families[0][0], seen[0].max())
        bars = [
            TrueBar(place, value, later.first_day(value))
            for place, value in enumerate(values)
        ]
        return Sample(*families[0], {"record": bars}, families[1:], later)

    def _walk(self, generator: np.random.Generator) -> Walk:
        return simulate_walk(self.n / _SPAN_YEARS, SLOPE, SLOPE_SD, generator)

    def _names(self) -> list[str]:
        return ["target", *(f"other_{k}" for k in range(1, self.n_families))]

    def _published(self, generator: np.random.Generator, levels: Floats) -> Floats:
        if self.items is None:
            return np.asarray(np.exp(levels))
        share = expit(levels - SLOPE * _SPAN_YEARS)
        return np.asarray(generator.binomial(self.items, share) / self.items)

    def _values(self, series: Series, best: float) -> list[float]:
        """Scores that stand SLOPE times each lead above the record."""
        link = Link.of(series.benchmark, 1.0)
        levels = link.of_scores(np.array([best])) + SLOPE * np.array(LEADS_YEARS)
        if self.items is None:
            return [float(value) for value in np.exp(levels)]
        return [_unshrunk(level, self.items) for level in levels]


@dataclass(frozen=True)
class UnseenWalks(Walks):
    """Walks that nobody looks at on the last day, although they are watched to it."""

    def _walk(self, generator: np.random.Generator) -> Walk:
        walk = super()._walk(generator)
        return replace(walk, years_ago=walk.years_ago[:-1], levels=walk.levels[:-1])


def simulate_walk(
    looks_per_year: float,
    drift: float,
    drift_sd: float,
    generator: np.random.Generator,
) -> Walk:
    """A walk with sigma 1 of 1 to 3 years, and its looks in the 20 years after.

    It is looked at on its first and last day, and between on days of a Poisson process.
    """
    exposure = generator.uniform(1, 3)
    own_drift = generator.normal(drift, drift_sd)
    n_before = generator.poisson(looks_per_year * exposure)
    before = np.sort(generator.uniform(0, exposure, n_before))
    gaps = generator.exponential(1 / looks_per_year, int(FUTURE_YEARS * looks_per_year))
    days = np.concatenate([[0.0], before, [exposure], exposure + np.cumsum(gaps)])
    steps = np.diff(days, prepend=0.0)
    levels = np.cumsum(generator.normal(own_drift * steps, np.sqrt(steps)))
    seen = days <= exposure
    return Walk(
        years_ago=exposure - days[seen],
        levels=levels[seen],
        years_after=days[~seen] - exposure,
        levels_after=levels[~seen],
    )


def mean_bars(world: Releases) -> list[TrueBar]:
    """Bars that the mean of published scores reaches after each lead.

    It is what least squares on the score scale follow; scatter on the logit scale
    keeps it nearer to half of the ceiling than the line.
    """
    nodes, weights = _HERMITE
    return [
        TrueBar(
            place,
            world.ceiling
            * float(
                np.average(expit(SLOPE * lead + world.sd * nodes), weights=weights)
            ),
            whole_day(lead),
        )
        for place, lead in enumerate(LEADS_YEARS)
    ]


@cache
def quantile_bars(world: Releases) -> tuple[TrueBar, ...]:
    """Bars that the 0.9 quantile of published scores reaches after each lead.

    Counts are discrete: a count stands at the middle of its probability, and quantiles
    between counts are interpolated on the logit scale, as is done with the half-count.
    A quantile above that of the highest count is no bar.
    """
    counts = np.arange(world.items + 1)
    levels = logit((counts + 0.5) / (world.items + 1))
    nodes, weights = _HERMITE
    bars = []
    for place, lead in enumerate(LEADS_YEARS):
        shares = world.ceiling * expit(SLOPE * lead + world.sd * nodes)
        mass = binom.pmf(counts[:, np.newaxis], world.items, shares) @ weights
        mass /= weights.sum()
        middle = np.cumsum(mass) - mass / 2
        if middle[-1] > 0.9:
            # equal probabilities, of counts that never come, would break the order
            first = np.searchsorted(middle, 0.9)
            level = np.interp(
                0.9, middle[first - 1 : first + 1], levels[first - 1 : first + 1]
            )
            value = _unshrunk(float(level), world.items)
            bars.append(TrueBar(place, value, whole_day(lead)))
    return tuple(bars)


def release_days(n: int, generator: np.random.Generator) -> Floats:
    """Different days of the two years before END, as days ago, falling."""
    n_days = round(_SPAN_YEARS * DAYS_PER_YEAR)
    days = generator.choice(n_days + 1, n, replace=False).astype(np.float64)
    return np.sort(days)[::-1]


def first_day(years: Floats, reached: npt.NDArray[np.bool_]) -> float:
    """Day of the first look that shows the bar; infinite where none does."""
    shown = np.flatnonzero(reached)
    return whole_day(float(years[shown[0]])) if len(shown) else inf


def whole_day(years: float) -> float:
    """The day in which a moment lies, counted from END, which is day 0."""
    return float(np.ceil(years * DAYS_PER_YEAR - 1e-9))


def _unshrunk(level: float, items: int) -> float:
    """The share of items whose half-count stands at this logit."""
    return float(((items + 1) * expit(level) - 0.5) / items)
