"""Scores that a later measurement of the same model contradicts.

A leaderboard may hold one model twice: as its developer measured it, with a prompt of
its own or another simulator, and as the benchmark's owner measured it again. Where
the two differ by more than their errors, the first is contested.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from trends.fits.links import Z_95, Floats, Link
from trends.frontier import Parts
from trends.registry.harness import in_harness
from trends.registry.models import Benchmark, Reporter
from trends.registry.series import Series
from trends.tables import OBSERVATIONS

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Measurements:
    """What the scores of one series say, worked out once whoever asks.

    Attributes:
        scores: SERIES_SCORES rows of the series.
        benchmark: its benchmark, for errors, direction and its own set-up.
    """

    scores: pl.DataFrame
    benchmark: Benchmark

    @cached_property
    def link(self) -> Link:
        """The link scale on which they are compared."""
        return Link.of(self.benchmark, 1.0)

    @cached_property
    def levels(self) -> Floats:
        """Scores on the link scale, shape (n,)."""
        return self.link.of_scores(self.scores.get_column("score").to_numpy())

    @cached_property
    def errors(self) -> Floats:
        """Their standard errors, shape (n,); 0 where none is known."""
        return np.sqrt(self.link.sampling_variance(self.scores))

    def contradicting(self, row: int) -> int | None:
        """The later measurement that contradicts a score, if one does.

        A measurement is one again if it is of the same model, at the same setting
        where both state one, and in the same harness; or in the benchmark's own set-up
        (``standard_harness``) where the first was not; or by the benchmark's authors
        where the first was by others, in no other harness. Of several the best
        decides, so that a run at lower effort contradicts nothing. The difference must
        exceed the 95% interval of both errors on the link scale; they are taken as
        independent, which is careful, since both runs share their items.

        Args:
            row: index of the score in question.

        Returns:
            Index of the measurement; None where there is none, where it agrees, and
            where no error is known.
        """
        again = self._again(row)
        if not again:
            return None
        levels = self.levels
        best = max(again, key=lambda index: (levels[index], -index))
        error = float(np.hypot(self.errors[row], self.errors[best]))
        contradicts = levels[row] - levels[best] > Z_95 * error
        return best if error > 0 and contradicts else None

    def _again(self, row: int) -> list[int]:
        """Indices of later measurements of the same model."""
        same = self._of_model[self._models[row]]
        if len(same) == 1:
            return []
        first = self._rows[row]
        return [one for one in same if _is_again(self._rows[one], first)]

    @cached_property
    def days(self) -> list[date]:
        """When each score was reported, or released where nobody says, n of them."""
        reported, released = (
            self.scores.get_column(name).to_list()
            for name in ("reported_on", "frontier_date")
        )
        return [one or other for one, other in zip(reported, released, strict=True)]

    @cached_property
    def _models(self) -> list[str]:
        return self.scores.get_column("model_id").to_list()

    @cached_property
    def _of_model(self) -> dict[str, list[int]]:
        """Indices of the scores of each model."""
        found: dict[str, list[int]] = defaultdict(list)
        for index, model in enumerate(self._models):
            found[model].append(index)
        return found

    @cached_property
    def _rows(self) -> Sequence[Row]:
        """What tells one measurement of a model from another, a row a score."""
        own, names = self.benchmark.standard_harness, ("setting", "harness", "reporter")
        standard = [False] * self.scores.height
        if own is not None:
            standard = self.scores.select(in_harness(own)).to_series().to_list()
        columns = [self.scores.get_column(name).to_list() for name in names]
        return [
            dict(zip((*names, "day", "is_standard"), row, strict=True))
            for row in zip(*columns, self.days, standard, strict=True)
        ]


def mark_contradicted(
    observations: pl.DataFrame,
    series_scores: pl.DataFrame,
    frontier: pl.DataFrame,
    series: Iterable[Series],
) -> pl.DataFrame:
    """OBSERVATIONS with ``contradicted_by`` set for records of whole benchmarks.

    Args:
        observations: OBSERVATIONS rows.
        series_scores: SERIES_SCORES rows.
        frontier: FRONTIER rows.
        series: the series; views of a benchmark are passed over.
    """
    scores, records = (Parts(one, "series_id") for one in (series_scores, frontier))
    found: dict[str, str] = {}
    for one in series:
        if one.is_whole_benchmark:
            name = one.series_id
            found |= _contradicted(scores[name], records[name], one.benchmark)
    marks = pl.DataFrame(
        {"observation_id": list(found), "contradicted_by": list(found.values())},
        schema={"observation_id": pl.String, "contradicted_by": pl.String},
    )
    unmarked = observations.drop("contradicted_by")
    return OBSERVATIONS.conform(unmarked.join(marks, on="observation_id", how="left"))


def _contradicted(
    scores: pl.DataFrame, records: pl.DataFrame, benchmark: Benchmark
) -> dict[str, str]:
    """Observation ids of contradicted records, each with that of what contradicts it."""
    measurements = Measurements(scores, benchmark)
    ids = scores.get_column("observation_id").to_list()
    found = {
        one: measurements.contradicting(ids.index(one))
        for one in records.get_column("observation_id").to_list()
    }
    return {one: ids[by] for one, by in found.items() if by is not None}


def _is_again(one: Row, first: Row) -> bool:
    return (
        one["day"] > first["day"]
        and _agree(one["setting"], first["setting"])
        and (
            one["harness"] == first["harness"]
            or _is_in_own_set_up(one, first)
            or _is_by_the_authors(one, first)
        )
    )


def _agree(one: object, other: object) -> bool:
    """Whether two cells say the same, as far as both say anything."""
    return one is None or other is None or one == other


def _is_in_own_set_up(again: Row, first: Row) -> bool:
    """Whether the benchmark's own set-up took the place of another one.

    The agent is the same where the first names none that the second does not: words
    without "=" in the cell.
    """
    agents = [
        {word for word in str(one["harness"] or "").split() if "=" not in word}
        for one in (first, again)
    ]
    other_set_up = again["is_standard"] and not first["is_standard"]
    return bool(other_set_up) and agents[0] <= agents[1]


def _is_by_the_authors(again: Row, first: Row) -> bool:
    """Whether the benchmark's authors measured what somebody else had."""
    authors = Reporter.BENCHMARK_AUTHORS
    return (
        again["reporter"] == authors
        and first["reporter"] != authors
        and _agree(again["harness"], first["harness"])
    )
