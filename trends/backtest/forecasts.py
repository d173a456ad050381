"""Every forecaster's laws for one series at one origin, beside what came."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from trends.backtest.baselines import PlainLine, no_change, plain_line
from trends.backtest.vintages import History, PastVintage
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.levels import LevelLaw, Standing, level_laws, pool_levels
from trends.crossings.looks import Looks
from trends.crossings.outcomes import Outcome, pool_outcomes
from trends.dates import add_months
from trends.fits.links import Floats
from trends.registry.models import Threshold, TrendFamily
from trends.registry.weights import CutOn, Scale, scale_of

LEADS_MONTHS: Final = (3, 6, 12, 18)
"""How far ahead frontier scores are forecast."""

WINDOW_MONTHS: Final = 24
"""How far ahead crossings are scored, or to the end of the data."""

MIN_WINDOW_MONTHS: Final = 3
"""Shorter windows hold too little to score."""

UNPOOLED: Final = "drift_unpooled"
EQUAL: Final = "equal_pool"
STACKED: Final = TrendFamily.ENSEMBLE.value

_NO_DRAWS: Final = Draws(seed=0, count=0)

Weights = Mapping[TrendFamily, float]


@dataclass(frozen=True)
class LevelTarget:
    """The frontier score on one later day, and what it was."""

    lead_months: int
    day: date
    observed: float


@dataclass(frozen=True)
class BarTarget:
    """The day on which an open bar was reached, if it was within the window.

    Attributes:
        threshold_id: whose bar.
        bar_id: which.
        value: in stored units.
        window_days: days scored.
        reached_on: None if not reached by the window's end.
        reached_after_days: since the figures ended; infinite if not reached.
    """

    threshold_id: str
    bar_id: str
    value: float
    window_days: int
    reached_on: date | None
    reached_after_days: float


@dataclass(frozen=True)
class PastForecast:
    """What every forecaster would have said of one series at one origin.

    Attributes:
        origin: day of the forecast.
        standing: what was known of the series.
        level_targets: later frontier scores.
        bar_targets: bars open at the origin, easy to hard.
        levels: for each forecaster its law of each level target.
        crossings: for each forecaster P(reached) on day 0, 1, ... of each bar target;
            None where it has no law.
        level_members: laws that an ensemble pools, for each level target.
        bar_members: answers that an ensemble pools, for each bar target.
        drift_fits: TREND_FITS rows of the drift, one a ceiling; may be empty.
    """

    origin: date
    standing: Standing
    level_targets: Sequence[LevelTarget]
    bar_targets: Sequence[BarTarget]
    levels: Mapping[str, Sequence[LevelLaw]]
    crossings: Mapping[str, Sequence[Floats | None]]
    level_members: Sequence[Mapping[TrendFamily, LevelLaw]]
    bar_members: Mapping[TrendFamily, list[Outcome]]
    drift_fits: pl.DataFrame

    @property
    def family_id(self) -> str:
        """Benchmarks of one family are left out together."""
        return self.standing.series.benchmark.family_id

    @property
    def scale(self) -> Scale:
        """Bounded or unbounded scores."""
        return scale_of(is_bounded=self.standing.series.benchmark.unit.is_bounded)

    @property
    def cut_on(self) -> CutOn:
        """The day on which its scores are known."""
        late = self.standing.series.benchmark.final_vintage
        return "release_date" if late else "reported_on"

    @property
    def is_of_models(self) -> bool:
        """Whether AI models set the records, not people or a company's months."""
        return self.standing.series.benchmark.mover == "models"

    def all_levels(self, weights: Weights) -> Iterator[tuple[str, Sequence[LevelLaw]]]:
        """Laws of each forecaster, the ensemble with these weights among them."""
        yield from self.levels.items()
        if self.level_members and self.level_members[0]:
            yield (
                EQUAL,
                [pool_levels(one, None) for one in self.level_members],
            )
            yield (
                STACKED,
                [pool_levels(one, weights) for one in self.level_members],
            )

    def all_crossings(
        self, weights: Weights
    ) -> Iterator[tuple[str, Sequence[Floats | None]]]:
        """Crossing laws of each forecaster, the ensemble's among them."""
        yield from self.crossings.items()
        if self.bar_members:
            yield EQUAL, _cdfs(pool_outcomes(self.bar_members, None))
            yield STACKED, _cdfs(pool_outcomes(self.bar_members, weights))


def forecast_series(
    history: History,
    vintage: PastVintage,
    thresholds: Sequence[Threshold],
    draws: Draws,
) -> PastForecast | None:
    """Forecast one series from one origin; None where nothing can be scored.

    Of a record that cannot be beaten there is nothing to forecast: whoever says so is
    right, and interval and score would say nothing of the forecaster.

    Args:
        history: what became of the series.
        vintage: what was known at the origin, and the fits to it.
        thresholds: those of this series.
        draws: for families that draw.
    """
    ours = pl.col("series_id") == history.series.series_id
    records = vintage.frontier.filter(ours)
    if records.is_empty():
        return None
    standing = Standing(
        Looks(history.series, vintage.scores.filter(ours), records),
        start=history.series.observed_through(vintage.origin),
    )
    if standing.is_at_the_top:
        return None
    level_targets = list(_level_targets(history, standing))
    bar_targets = list(_bar_targets(history, standing, thresholds))
    if not level_targets and not bar_targets:
        return None
    fits = _by_forecaster(vintage.fits.filter(ours))
    days = [(target.day - standing.start).days for target in level_targets]
    levels = dict(_levels(standing, fits, draws, days))
    outcomes = _outcomes(standing, fits, draws, bar_targets)
    return PastForecast(
        origin=vintage.origin,
        standing=standing,
        level_targets=level_targets,
        bar_targets=bar_targets,
        levels=levels,
        crossings=dict(_plain_crossings(standing, bar_targets))
        | {name: _cdfs(answers) for name, answers in outcomes.items()},
        level_members=[
            {trend: levels[trend.value][k] for trend in _pooled(levels)}
            for k in range(len(days))
        ],
        bar_members={trend: outcomes[trend.value] for trend in _pooled(outcomes)},
        drift_fits=fits.get(TrendFamily.DRIFT.value, vintage.fits.clear()),
    )


def _level_targets(history: History, standing: Standing) -> Iterator[LevelTarget]:
    record = standing.records.get_column("score")[-1]
    for months in LEADS_MONTHS:
        day = add_months(standing.start, months)
        if day <= history.end:
            # a score reported before its release is known before it is the frontier
            best = history.best_by(day)
            yield LevelTarget(months, day, record if best is None else best)


def _bar_targets(
    history: History, standing: Standing, thresholds: Sequence[Threshold]
) -> Iterator[BarTarget]:
    end = min(add_months(standing.start, WINDOW_MONTHS), history.end)
    if end < add_months(standing.start, MIN_WINDOW_MONTHS):
        return
    bars = {bar.value: (one, bar) for one in thresholds for bar in one.bars}
    hardest_last = standing.series.benchmark.direction == "higher"
    for value in sorted(bars, reverse=not hardest_last):
        threshold, bar = bars[value]
        reached = history.reached_on(value)
        if reached is None or reached > standing.start:
            within = reached if reached and reached <= end else None
            days = (within - standing.start).days if within else np.inf
            yield BarTarget(
                threshold_id=threshold.id,
                bar_id=bar.id,
                value=value,
                window_days=(end - standing.start).days,
                reached_on=within,
                reached_after_days=float(days),
            )


def _by_forecaster(fits: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """TREND_FITS rows of each fitted family, and the drift without its pool."""
    families = {
        str(trend): rows
        for (trend,), rows in fits.group_by("trend", maintain_order=True)
        if rows.get_column("fit_status")[0] == "fitted"
    }
    drift = families.get(TrendFamily.DRIFT.value)
    if drift is not None and drift.get_column("own_slope_per_year")[0] > 0:
        # without a second record there is nothing to go by
        families[UNPOOLED] = drift.with_columns(pool=pl.lit(None, pl.String))
    return families


def _levels(
    standing: Standing,
    fits: Mapping[str, pl.DataFrame],
    draws: Draws,
    days: Sequence[int],
) -> Iterator[tuple[str, Sequence[LevelLaw]]]:
    if not days:
        return
    yield "no_change", [no_change(standing)] * len(days)
    for name, line in _plain_lines(standing):
        yield name, [line.level_law(ahead) for ahead in days]
    for name, rows in fits.items():
        laws = level_laws(standing, rows, draws, days=days)
        if laws is not None:
            yield name, laws


def _plain_lines(standing: Standing) -> Iterator[tuple[str, PlainLine]]:
    if (line := plain_line(standing, "score")) is not None:
        yield "linear", line
    bounded = standing.series.benchmark.unit.is_bounded
    if not bounded and (line := plain_line(standing, "link")) is not None:
        yield "metr_exponential", line


def _plain_crossings(
    standing: Standing, targets: Sequence[BarTarget]
) -> Iterator[tuple[str, Sequence[Floats]]]:
    yield "no_change", [np.zeros(target.window_days + 1) for target in targets]
    for name, line in _plain_lines(standing):
        yield (
            name,
            [line.crossing_cdf(one.value, one.window_days) for one in targets],
        )


def _outcomes(
    standing: Standing,
    fits: Mapping[str, pl.DataFrame],
    draws: Draws,
    targets: Sequence[BarTarget],
) -> dict[str, list[Outcome]]:
    """What each family says of the open bars, as the pipeline would publish it."""
    if not targets:
        return {}
    ladder = Ladder(
        figures=standing.figures,
        bars=[OpenBar(target.value) for target in targets],
        start=standing.start,
        projection_end=standing.start + timedelta(days=targets[0].window_days),
    )
    return {name: ladder.ask(rows, draws) for name, rows in fits.items()}


def drift_crossings(
    standing: Standing, drift_fits: pl.DataFrame, targets: Sequence[BarTarget]
) -> list[Floats | None]:
    """P(reached) on day 0, 1, ... of each open bar, of other rows of the drift.

    Args:
        standing: what was known of the series.
        drift_fits: TREND_FITS rows of the drift; may be empty.
        targets: bars open at the origin, easy to hard.
    """
    if drift_fits.is_empty() or not targets:
        return [None] * len(targets)
    name = TrendFamily.DRIFT.value
    return _cdfs(_outcomes(standing, {name: drift_fits}, _NO_DRAWS, targets)[name])


def _pooled(by_name: Mapping[str, object]) -> list[TrendFamily]:
    """Families among the names that the ensemble pools."""
    families = [one for one in TrendFamily if one.is_pooled]
    return [one for one in families if one.value in by_name]


def _cdfs(outcomes: Sequence[Outcome]) -> list[Floats | None]:
    laws = [outcome.answer.distribution for outcome in outcomes]
    return [None if law is None else law.cdf for law in laws]
