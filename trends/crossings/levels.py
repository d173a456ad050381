"""Law of the published frontier so many days ahead, under each trend family.

A forecast of a score, not of a line. For drift it is the first-passage law read the
other way: P(M(h) >= a) as a function of a. For a straight line it is the higher of
today's record and the line with its parameters drawn, plus the scatter that the
records have shown about that line: a confidence band of the line alone would leave
out what separates one record from the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from trends.crossings.families import Draws, apportion, ceiling_weight
from trends.crossings.first_passage import record_exceedance
from trends.crossings.looks import FitRow, Looks
from trends.crossings.reach import reach
from trends.dates import DAYS_PER_YEAR, years_between
from trends.fits.ceilings import CeilingBin
from trends.fits.compiled import level_kernels
from trends.fits.drift import laws_of_walks, see_walk
from trends.fits.links import Floats, Link, on_scale
from trends.fits.record_law import exceedances
from trends.fits.records import laws_of_seen
from trends.fits.redraws import LineDraws, line_at
from trends.fits.seen import see_records
from trends.registry.models import TrendFamily
from trends.registry.series import Series

N_POINTS: Final = 161
"""Points of a law, closer together near the record."""

REACH: Final = 12.0
"""How far above the record, in ln, a law of unbounded scores goes: 160,000 times.

What lies beyond is counted as there; bounded scores end at their ceiling.
"""

N_LEVELS: Final = 200
"""Of a line's draws on one day, if there are more."""

_SMALLEST_SCATTER: Final = 1e-6


@dataclass(frozen=True)
class LevelLaw:
    """Law of the frontier on one day: it stands still, or is above today's record.

    Attributes:
        levels: link scale under ceiling 1, rising from today's record, shape (n,).
        scores: the same points in stored units.
        cdf: P(frontier <= point); the first is the probability of standing still,
            the last is 1. Straight between points.
    """

    levels: Floats
    scores: Floats
    cdf: Floats

    def quantile(self, p: Floats | float) -> Floats:
        """Levels at these probabilities, on the link scale."""
        return np.asarray(np.interp(p, self.cdf, self.levels))

    def score_quantile(self, p: Floats | float) -> Floats:
        """Scores at these probabilities, in stored units."""
        return np.asarray(np.interp(self.quantile(p), self.levels, self.scores))

    def p_at_most(self, level: float) -> float:
        """P(frontier <= level) for a level not below today's record."""
        return float(np.interp(level, self.levels, self.cdf))

    def p_no_better(self, score: float) -> float:
        """P(frontier no better than a score), the inverse of ``score_quantile``."""
        sign = 1.0 if self.scores[-1] >= self.scores[0] else -1.0
        return self.p_at_most(
            float(np.interp(sign * score, sign * self.scores, self.levels))
        )


@dataclass(frozen=True)
class Standing:
    """What a series has shown by the day its figures end.

    Attributes:
        figures: of the series, with at least one record.
        start: last day on which a record could have been seen.
    """

    figures: Looks
    start: date

    @property
    def series(self) -> Series:
        """The series."""
        return self.figures.series

    @property
    def records(self) -> pl.DataFrame:
        """Its FRONTIER rows."""
        return self.figures.records

    @property
    def is_at_the_top(self) -> bool:
        """Whether its record is the most that can be scored: nothing better can come."""
        link = Link.of(self.series.benchmark, 1.0)
        if link.name != "logit":
            return False
        record = self.records.get_column("score").to_numpy()[-1]
        level, top = link.of_scores(np.array([record, 1.0]))
        return bool(level >= top)

    def grid(self) -> tuple[Floats, Floats]:
        """Levels and scores from today's record upwards, both of shape (n,)."""
        return self._grid

    @cached_property
    def _grid(self) -> tuple[Floats, Floats]:
        benchmark = self.series.benchmark
        link = Link.of(benchmark, 1.0)
        record = self.records.get_column("score").to_numpy()[-1:]
        first = float(link.of_scores(record)[0])
        last = first + REACH
        if link.name == "logit":
            last = max(float(link.of_scores(np.ones(1))[0]), first + 1e-6)
        levels = first + (last - first) * np.linspace(0.0, 1.0, N_POINTS) ** 2
        scores = link.to_scores(levels)
        if link.name == "logit":
            # the level of a score near the top stands for one just below it
            scores = np.maximum(scores, record[0])
        scores[0] = record[0]
        return levels, scores

    def reach(self, fit: FitRow) -> tuple[Floats, Floats]:
        """The grid on the link scale of a fit, and how much of its ceilings lie above.

        Worked out once a ceiling, whatever family has it.
        """
        under = CeilingBin.of_row(fit)
        if under not in self._reached:
            scores = self.grid()[1]
            self._reached[under] = reach(
                self.series.benchmark, under, scores, float(scores[0])
            )
        return self._reached[under]

    @cached_property
    def _reached(self) -> dict[CeilingBin, tuple[Floats, Floats]]:
        return {}

    def law(self, exceedance: Floats) -> LevelLaw:
        """The law with these probabilities of reaching each point of the grid."""
        cdf = np.maximum.accumulate(np.clip(1.0 - exceedance, 0.0, 1.0))
        cdf[-1] = 1.0
        return LevelLaw(*self.grid(), cdf)


def level_laws(
    standing: Standing, fits: pl.DataFrame, draws: Draws, *, days: Sequence[int]
) -> list[LevelLaw] | None:
    """Law of the frontier so many days after the figures end.

    Args:
        standing: the series.
        fits: its TREND_FITS rows of one family, one a ceiling.
        draws: for families that draw.
        days: days ahead, rising, each at least 1.

    Returns:
        A law for each of ``days``, none behind the one before; None where the family
        is not estimated, or estimates its ceiling and has no law of levels.
    """
    rows = fits.to_dicts()
    if not rows or rows[0]["fit_status"] != "fitted":
        return None
    trend = rows[0]["trend"]
    if trend == TrendFamily.LOGISTIC3.value:
        return None
    weights = np.array([ceiling_weight(fit) for fit in rows])
    if trend == TrendFamily.DRIFT.value:
        exceedances = [_of_walks(standing, fit, days) for fit in rows]
    elif trend == TrendFamily.RECORDS.value:
        exceedances = [_of_records(standing, fit, days) for fit in rows]
    else:
        counts = apportion(draws.count, weights)
        exceedances = [
            _of_line(standing, fit, days, seed=draws.seed, n_draws=count, place=place)
            for place, (fit, count) in enumerate(zip(rows, counts, strict=True))
            if count
        ]
        weights = np.array([count for count in counts if count]) / draws.count
    reached = np.einsum("i,ikj->kj", weights, exceedances)
    # a frontier does not fall, though a line may
    return [standing.law(one) for one in np.maximum.accumulate(reached, axis=0)]


def pool_levels(
    laws: Mapping[TrendFamily, LevelLaw], weights: Mapping[TrendFamily, float] | None
) -> LevelLaw:
    """Linear pool of laws on one grid; weights are made to sum to 1 over those given.

    Args:
        laws: at least one, of the same series and day.
        weights: of the families; None for equal weights.
    """
    given = {trend: 1.0 if weights is None else weights[trend] for trend in laws}
    first = next(iter(laws.values()))
    cdf = sum(given[trend] * law.cdf for trend, law in laws.items())
    pooled = np.minimum(np.asarray(cdf) / sum(given.values()), 1.0)
    pooled[-1] = 1.0
    return LevelLaw(first.levels, first.scores, pooled)


def _of_walks(standing: Standing, fit: FitRow, days: Sequence[int]) -> Floats:
    laws = laws_of_walks(fit, standing.figures.shown(fit, see_walk))
    bars, shares = standing.reach(fit)
    rises = np.maximum(bars - fit["intercept"], 0.0)
    years = np.array(days) / DAYS_PER_YEAR
    # histories that do not touch the walk share a law
    of_law = {
        name: record_exceedance(law, rises, years=years)
        for name, law in {id(law): law for law in laws}.items()
    }
    found: Floats = shares * np.mean([of_law[id(law)] for law in laws], axis=0)
    return found


def _of_records(standing: Standing, fit: FitRow, days: Sequence[int]) -> Floats:
    laws = laws_of_seen(fit, standing.figures.shown(fit, see_records))
    link = Link.of(standing.series.benchmark, fit["ceiling"])
    bars, shares = standing.reach(fit)
    levels = np.maximum(on_scale(link, bars), fit["record_level"])
    years = np.array(days) / DAYS_PER_YEAR
    found: Floats = shares * exceedances(laws, levels, years).mean(axis=0)
    return found


def _of_line(
    standing: Standing,
    fit: FitRow,
    days: Sequence[int],
    *,
    seed: int,
    n_draws: int,
    place: int,
) -> Floats:
    lines = standing.figures.lines(fit, seed=seed, n_draws=n_draws, place=place)
    above, scatter = _scatter(standing, fit)
    bars, shares = standing.reach(fit)
    on_days = [standing.start + timedelta(days=ahead) for ahead in days]
    reached = [
        level_kernels().shares_above(_levels_on(lines, day), bars - above, scatter)
        for day in on_days
    ]
    return np.asarray(shares * reached)


def _levels_on(lines: LineDraws, day: date) -> Floats:
    """Where the lines stand; of many at equally likely quantiles of their levels."""
    at = lines.intercept + lines.slope * years_between(lines.epoch, day)
    if len(at) <= N_LEVELS:
        return at
    middle = (np.arange(N_LEVELS) + 0.5) / N_LEVELS * len(at)
    return np.asarray(np.sort(at)[middle.astype(np.intp)])


def _scatter(standing: Standing, fit: FitRow) -> tuple[float, float]:
    """How far records stand above the line on average, and their spread about that.

    Near 0 on average for a line through records; above it for the quantile line,
    which runs through all releases.
    """
    link = Link.of(standing.series.benchmark, fit["ceiling"])
    records = standing.records
    line = line_at(fit, records.get_column("frontier_date").to_list())
    residuals = link.of_scores(records.get_column("score").to_numpy()) - line
    above = float(np.mean(residuals))
    # a line has taken two degrees of freedom from its records
    variance = np.sum(np.square(residuals - above)) / max(len(residuals) - 2, 1)
    return above, max(float(np.sqrt(variance)), _SMALLEST_SCATTER)
