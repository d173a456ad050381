"""One bar whose law holds the drift family, as a function of the drift's rows.

A drift leans on other families of benchmarks. With its rows taken as an argument, the
same bar can be asked again with some of them left out, or as they were before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from trends.crossings.answers import Answer, Crossed, Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.families import Ladder, OpenBar, Outcome, pool_outcomes
from trends.crossings.rows import Vintage, open_ladder
from trends.registry.models import Threshold, TrendFamily
from trends.registry.series import Series

LEANING_TRENDS: Final = frozenset({TrendFamily.DRIFT, TrendFamily.ENSEMBLE})
"""Trends in which the drift family has a part."""

FitRow = Mapping[str, Any]


@dataclass(frozen=True)
class LeaningBar:
    """A bar still open, and what is said of it given the drift family's rows.

    Attributes:
        ladder: the open bars of its threshold.
        bar: this one.
        outcome: from TREND_FITS rows of the drift family, one a ceiling.
    """

    ladder: Ladder
    bar: OpenBar
    outcome: Callable[[Sequence[FitRow]], Outcome]

    @property
    def series_id(self) -> str:
        """Its series."""
        return self.ladder.series.series_id

    def answer(self, rows: Sequence[FitRow]) -> Answer:
        """The law, or why there is none."""
        return self.outcome(rows).answer

    def law(self, rows: Sequence[FitRow]) -> CrossingDistribution | None:
        """The law; None where there is none."""
        return self.answer(rows).distribution


def open_bar(
    threshold: Threshold,
    series: Series,
    *,
    bar_id: str,
    trend: TrendFamily,
    fits: pl.DataFrame,
    scores: pl.DataFrame,
    records: pl.DataFrame,
    vintage: Vintage,
) -> LeaningBar | Answer:
    """One bar under a trend in which the drift family has a part.

    Args:
        threshold: the threshold.
        series: its series.
        bar_id: one of its bars.
        trend: drift or ensemble.
        fits: TREND_FITS rows of the series; for an ensemble only.
        scores: its SERIES_SCORES rows.
        records: its FRONTIER rows.
        vintage: cut-off, seed, number of draws and weights.

    Returns:
        The bar; or the answer, where the drift has no part in it.
    """
    if TrendFamily.DRIFT not in series.benchmark.trends:
        return NotEstimated("its benchmark has no drift")
    if records.is_empty():
        return NotEstimated("no dated score")
    rungs, ladder = open_ladder(threshold, series, scores, records, vintage.as_of)
    (crossed_on,) = (known.crossed_on for bar, known in rungs if bar.id == bar_id)
    if crossed_on is not None:
        return Crossed(crossed_on)
    still_open = [bar.id for bar, known in rungs if known.crossed_on is None]
    place = still_open.index(bar_id)
    bar = ladder.bars[place]
    alone = replace(ladder, bars=[bar])
    if trend is TrendFamily.DRIFT:
        return LeaningBar(ladder, bar, lambda rows: _passages(alone, rows)[0])
    members = {
        family: None
        if family is TrendFamily.DRIFT
        else _alone(
            ladder.ask(fits.filter(pl.col("trend") == family.value), vintage.draws),
            place,
        )
        for family in series.benchmark.trends
        if family.is_pooled
    }

    def pooled(rows: Sequence[FitRow]) -> Outcome:
        outcomes = {
            family: _passages(alone, rows) if answers is None else answers
            for family, answers in members.items()
        }
        return pool_outcomes(outcomes, vintage.ensemble_weights(series))[0]

    return LeaningBar(ladder, bar, pooled)


def _alone(outcomes: Sequence[Outcome], place: int) -> list[Outcome]:
    """Of one bar; who is silent on the easiest is silent on all."""
    easiest = outcomes[0]
    return [easiest if easiest.answer.distribution is None else outcomes[place]]


def _passages(ladder: Ladder, rows: Sequence[FitRow]) -> list[Outcome]:
    reason = str(rows[0]["status_reason"])
    if rows[0]["fit_status"] != "fitted":
        return [Outcome(NotEstimated(reason)) for _ in ladder.bars]
    return [Outcome(Estimated(law, reason)) for law in ladder.passages(rows)]
