"""What a reader could have known on a past day, and what came after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import polars as pl

from trends.fits import fit_trends
from trends.frontier import known_as_of, select_frontier, select_series_scores
from trends.registry.models import TrendFamily
from trends.registry.series import Series

NOT_SCORED: Final = TrendFamily.LOGISTIC3
"""An estimated ceiling costs most of the time and is in no comparison."""


@dataclass(frozen=True)
class PastVintage:
    """The pipeline up to its fits, run on what was public on one day.

    Attributes:
        origin: the day; nothing reported later is in here.
        scores: SERIES_SCORES rows.
        frontier: FRONTIER rows.
        fits: TREND_FITS rows of the wanted series.
    """

    origin: date
    scores: pl.DataFrame
    frontier: pl.DataFrame
    fits: pl.DataFrame


def past_vintage(
    observations: pl.DataFrame,
    series: Sequence[Series],
    *,
    wanted: Sequence[str],
    origin: date,
) -> PastVintage:
    """Cut the observations at ``origin`` and fit the wanted series again.

    Args:
        observations: OBSERVATIONS rows, whole.
        series: all series; the drift pool is drawn from them.
        wanted: ids of those to fit.
        origin: the cut, on ``known_on``: the day of the report, or of the release
            where a benchmark has one late report for all of its rows.
    """
    series = [_without_estimated_ceiling(one) for one in series]
    scores = select_series_scores(known_as_of(observations, origin), series)
    frontier = select_frontier(scores, series)
    fits = fit_trends(
        frontier,
        scores,
        series,
        wanted=wanted,
        as_of=origin,
        run_id="backtest",
        missing={},
    )
    return PastVintage(origin, scores, frontier, fits)


@dataclass(frozen=True)
class History:
    """All that was ever published of one series, as it became public.

    Attributes:
        series: the series.
        days: day on which each score was both released and reported, in order.
        scores: the scores, in stored units.
    """

    series: Series
    days: list[date]
    scores: list[float]

    @property
    def end(self) -> date:
        """Last day that the figures say anything of."""
        return self.series.observed_through(date.max)

    def best_by(self, day: date) -> float | None:
        """The published frontier on ``day``; None before the first score."""
        known = [
            score for on, score in zip(self.days, self.scores, strict=True) if on <= day
        ]
        return self._best(known) if known else None

    def reached_on(self, bar: float) -> date | None:
        """First day with a published score at or above the bar."""
        return next(
            (
                day
                for day, score in zip(self.days, self.scores, strict=True)
                if self._best([score, bar]) == score
            ),
            None,
        )

    def _best(self, scores: list[float]) -> float:
        higher = self.series.benchmark.direction == "higher"
        return max(scores) if higher else min(scores)


def histories(observations: pl.DataFrame, series: Sequence[Series]) -> list[History]:
    """What came of each series, from all observations.

    A score counts from the later of its release and of the day on which its first
    revision was known; what it counts as is its last revision.
    """
    entry = pl.coalesce("entry_id", "observation_id")
    known = observations.select("observation_id", pl.col("known_on").min().over(entry))
    scores = (
        select_series_scores(observations, series)
        .join(known, on="observation_id", validate="m:1")
        .with_columns(day=pl.max_horizontal("frontier_date", "known_on"))
        .sort("day", "observation_id")
    )
    return [
        History(one, rows.get_column("day").to_list(), rows["score"].to_list())
        for one in series
        if (rows := scores.filter(pl.col("series_id") == one.series_id)).height
    ]


def _without_estimated_ceiling(series: Series) -> Series:
    trends = [trend for trend in series.benchmark.trends if trend is not NOT_SCORED]
    return replace(
        series, benchmark=series.benchmark.model_copy(update={"trends": trends})
    )
