"""One bar whose law leans on other benchmarks, as a function of the rows that lean.

The records and the drift lean on other families of benchmarks. With their rows taken as
an argument, the same bar can be asked again with some of them left out, or as they were
before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from trends.crossings.answers import Answer, Crossed, NotEstimated
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.families import Ladder, OpenBar
from trends.crossings.looks import FitRow, Looks
from trends.crossings.outcomes import Outcome, pool_outcomes
from trends.crossings.rows import open_ladder
from trends.crossings.vintage import Vintage
from trends.registry.models import Threshold, TrendFamily


@dataclass(frozen=True)
class LeaningBar:
    """A bar still open, and what is said of it given the rows that lean on others.

    Attributes:
        ladder: the open bars of its threshold.
        bar: this one.
        family: of these rows: the records, or the drift.
        outcome: from its TREND_FITS rows, one a ceiling.
    """

    ladder: Ladder
    bar: OpenBar
    family: TrendFamily
    outcome: Callable[[Sequence[FitRow]], Outcome]

    @property
    def series_id(self) -> str:
        """Its series."""
        return self.ladder.series.series_id

    def is_as(self, other: "LeaningBar") -> bool:
        """Whether rows that are equal make equal laws of both."""
        ours, theirs = self.ladder, other.ladder
        return self is other or (
            (self.bar, self.family, ours.start, ours.projection_end, ours.series)
            == (
                other.bar,
                other.family,
                theirs.start,
                theirs.projection_end,
                theirs.series,
            )
            and ours.figures.scores.equals(theirs.figures.scores)
            and ours.figures.records.equals(theirs.figures.records)
        )

    def chance(self, rows: Sequence[FitRow], *, years: float) -> float:
        """``Ladder.chance`` of it; 0 where these rows have no law."""
        if rows[0]["fit_status"] != "fitted":
            return 0.0
        return self.ladder.chance(rows, self.bar, years=years)

    def answer(self, rows: Sequence[FitRow]) -> Answer:
        """The law, or why there is none."""
        return self.outcome(rows).answer

    def law(self, rows: Sequence[FitRow]) -> CrossingDistribution | None:
        """The law; None where there is none."""
        return self.answer(rows).distribution


def open_bar(
    threshold: Threshold,
    figures: Looks,
    *,
    bar_id: str,
    trend: TrendFamily,
    fits: pl.DataFrame,
    vintage: Vintage,
) -> LeaningBar | Answer:
    """One bar under a trend that leans on other benchmarks.

    Args:
        threshold: the threshold.
        figures: of its series.
        bar_id: one of its bars.
        trend: records, drift, or ensemble, in which the drift has a part.
        fits: TREND_FITS rows of the series; for an ensemble only.
        vintage: cut-off, seed, number of draws and weights.

    Returns:
        The bar; or the answer, where nothing leans in it.
    """
    series = figures.series
    family = trend if trend.leans else TrendFamily.DRIFT
    if family not in series.benchmark.trends:
        return NotEstimated(f"its benchmark names no {family}")
    if figures.records.is_empty():
        return NotEstimated("no dated score")
    rungs, ladder = open_ladder(threshold, figures, vintage.as_of)
    (crossed_on,) = (known.crossed_on for bar, known in rungs if bar.id == bar_id)
    if crossed_on is not None:
        return Crossed(crossed_on)
    still_open = [bar.id for bar, known in rungs if known.crossed_on is None]
    place = still_open.index(bar_id)
    bar = ladder.bars[place]
    alone = replace(ladder, bars=[bar])
    if trend.leans:
        return LeaningBar(ladder, bar, family, lambda rows: alone.lean(rows)[0])
    members = {
        one: None
        if one is family
        else _alone(
            ladder.ask(fits.filter(pl.col("trend") == one.value), vintage.draws),
            place,
        )
        for one in series.benchmark.trends
        if one.is_pooled
    }

    def pooled(rows: Sequence[FitRow]) -> Outcome:
        outcomes = {
            one: alone.lean(rows) if answers is None else answers
            for one, answers in members.items()
        }
        return pool_outcomes(outcomes, vintage.ensemble_weights(series))[0]

    return LeaningBar(ladder, bar, family, pooled)


def _alone(outcomes: Sequence[Outcome], place: int) -> list[Outcome]:
    """Of one bar; who is silent on the easiest is silent on all."""
    easiest = outcomes[0]
    return [easiest if easiest.answer.distribution is None else outcomes[place]]
