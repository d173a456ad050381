"""The scores that a contest is played on, and what was known of them before a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import polars as pl

from trends.contest.top3 import top3_points
from trends.frontier import select_frontier
from trends.registry.series import OLD_FIGURES, Series


@dataclass(frozen=True)
class Panel:
    """Bounded benchmarks and the scores of models on them.

    Attributes:
        series: one a benchmark; its ``family_id`` says which share their fate.
        scores: SERIES_SCORES rows of all of them.
        public_on: first day on which anybody could know a benchmark; those for which
            no day is known are absent.
    """

    series: Sequence[Series]
    scores: pl.DataFrame
    public_on: Mapping[str, date]

    @cached_property
    def top3(self) -> pl.DataFrame:
        """Scores that were among the best three by their day: ``top3_points``."""
        return top3_points(self.scores)

    def before(self, cut: date) -> "Known":
        """What was known before a day: scores of models released until then, and no more.

        A benchmark with no score in the last half year is taken to be watched no
        longer than to its last one: its silence is not stagnation. What its registry
        entry, or a later score, says of that is not asked, so that nothing after the
        cut can reach a forecast.
        """
        scores = self.scores.filter(pl.col("frontier_date") < cut)
        ends = dict(
            scores.group_by("series_id").agg(pl.col("frontier_date").max()).iter_rows()
        )
        series = [
            _observed_through(one, cut if cut - end <= OLD_FIGURES else end)
            for one in self.series
            if (end := ends.get(one.series_id)) is not None
        ]
        return Known(cut=cut, series=series, scores=scores)


@dataclass(frozen=True)
class Known:
    """All that a forecaster is given.

    Attributes:
        cut: day from which on nothing is known.
        series: benchmarks with a score before it.
        scores: their SERIES_SCORES rows, all of days before the cut.
    """

    cut: date
    series: Sequence[Series]
    scores: pl.DataFrame

    @cached_property
    def frontier(self) -> pl.DataFrame:
        """FRONTIER rows."""
        return select_frontier(self.scores, self.series)

    @cached_property
    def top3(self) -> pl.DataFrame:
        """Scores that were among the best three by their day: ``top3_points``."""
        return top3_points(self.scores)

    @cached_property
    def by_id(self) -> Mapping[str, Series]:
        """Series by their id, which is that of the benchmark."""
        return {one.series_id: one for one in self.series}

    @cached_property
    def records(self) -> Mapping[str, float]:
        """The best score of each benchmark."""
        best = self.scores.group_by("series_id").agg(pl.col("score").max())
        return dict(best.iter_rows())


def _observed_through(series: Series, day: date) -> Series:
    benchmark = series.benchmark.model_copy(update={"observed_through": day})
    return replace(series, benchmark=benchmark)
