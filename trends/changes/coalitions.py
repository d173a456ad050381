"""Inputs of which some are from one vintage and the rest from another."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

import polars as pl

from trends.changes.inputs import Inputs
from trends.frontier import Parts
from trends.registry import Benchmark, Registry
from trends.tables import OBSERVATIONS, SERIES_SCORES

NEW_SCORES: Final = "new_scores"
REVISED_SCORES: Final = "revised_scores"
WATCHED_LONGER: Final = "watched_longer"
THRESHOLD: Final = "threshold"
ROSTER: Final = "roster"
WEIGHTS: Final = "weights"

INPUT_CAUSES: Final = (
    NEW_SCORES,
    REVISED_SCORES,
    WATCHED_LONGER,
    THRESHOLD,
    ROSTER,
    WEIGHTS,
)
"""Inputs that two vintages may differ in, each replaceable without the others."""

SETTINGS: Final = frozenset({THRESHOLD, WEIGHTS})
"""Those that are figures of nobody."""

SAME_ENTRY: Final = (
    "benchmark_id",
    "source_id",
    "model_id",
    "setting",
    "harness",
    "reporter",
    "scoring_rule",
)
"""What a revised score has in common with the one it replaces."""

_FITTED: Final = (
    *(name for name in SERIES_SCORES.schema if name in OBSERVATIONS.schema),
    "release_date",
    "fit_exclusion",
    "revised_on",
)
"""Cells of an observation on which a forecast may depend."""


@dataclass(frozen=True)
class ScoreChanges:
    """Observations of two vintages, sorted by what became of them.

    Attributes:
        kept: rows that say the same in both.
        before: rows of the old vintage that were revised or withdrawn.
        after: rows of the new vintage that revise them.
        added: rows of the new vintage that replace nothing.
    """

    kept: pl.DataFrame
    before: pl.DataFrame
    after: pl.DataFrame
    added: pl.DataFrame

    def of(self, benchmark_id: str) -> "ScoreChanges":
        """Those of one benchmark."""
        return ScoreChanges(*(parts[benchmark_id] for parts in self._parts))

    @cached_property
    def _parts(self) -> list[Parts]:
        tables = (self.kept, self.before, self.after, self.added)
        return [Parts(table, "benchmark_id") for table in tables]


def compare_scores(old: pl.DataFrame, new: pl.DataFrame) -> ScoreChanges:
    """Tell new scores from revised ones.

    A row that both vintages have word for word is kept. Among the rest, an old and a
    new row of the same model, setting, harness, reporter and source on one benchmark
    are one score revised; so are two rows of one id (a date or an exclusion was
    corrected). A score withdrawn is a revision too. What is left over is new.

    Args:
        old: OBSERVATIONS rows of the old vintage.
        new: OBSERVATIONS rows of the new one.
    """
    before = old.join(new, on=_FITTED, how="anti", nulls_equal=True)
    differing = new.join(old, on=_FITTED, how="anti", nulls_equal=True)
    replaces = pl.concat(
        [
            differing.join(before, on=key, how="semi", nulls_equal=True)
            for key in (["observation_id"], list(SAME_ENTRY))
        ]
    ).unique("observation_id")
    return ScoreChanges(
        kept=new.join(old, on=_FITTED, how="semi", nulls_equal=True),
        before=before,
        after=replaces,
        added=differing.join(replaces, on="observation_id", how="anti"),
    )


@dataclass(frozen=True)
class Difference:
    """Two vintages, and what lies between them."""

    old: Inputs
    new: Inputs
    scores: ScoreChanges

    @classmethod
    def between(cls, old: Inputs, new: Inputs) -> "Difference":
        """Compare the inputs of two runs."""
        return cls(old, new, compare_scores(old.observations, new.observations))

    def causes(self) -> tuple[str, ...]:
        """Inputs in which the two differ."""
        old, new = self.old.registry, self.new.registry
        differs = {
            NEW_SCORES: not self.scores.added.is_empty(),
            REVISED_SCORES: not (
                self.scores.before.is_empty() and self.scores.after.is_empty()
            ),
            WATCHED_LONGER: _windows(self.old) != _windows(self.new),
            THRESHOLD: old.thresholds != new.thresholds,
            ROSTER: _roster(old) != _roster(new),
            WEIGHTS: _weights(old) != _weights(new),
        }
        return tuple(cause for cause in INPUT_CAUSES if differs[cause])

    def combine(
        self, causes: Iterable[str], *, benchmarks: Collection[str] | None = None
    ) -> Inputs:
        """The old inputs, with those that ``causes`` names taken from the new.

        A score cannot be seen on a day that was not watched: with new scores but the
        old watch, each benchmark is watched up to its last score.

        Args:
            causes: some of ``INPUT_CAUSES``.
            benchmarks: those whose scores, watch and entry may be taken from the new;
                None for all. Thresholds and weights are nobody's.
        """
        chosen = frozenset(causes)
        every = {*self.old.registry.benchmarks, *self.new.registry.benchmarks}
        taken = frozenset(every if benchmarks is None else every & {*benchmarks})
        theirs = pl.col("benchmark_id").is_in(list(taken))
        revised = theirs if REVISED_SCORES in chosen else pl.lit(value=False)
        added = theirs if NEW_SCORES in chosen else pl.lit(value=False)
        observations = pl.concat(
            [
                self.scores.kept,
                self.scores.before.filter(~revised),
                self.scores.after.filter(revised),
                self.scores.added.filter(added),
            ]
        ).sort("benchmark_id", "observation_id")
        return Inputs(
            observations=observations,
            registry=self._registry(chosen, taken, observations),
            as_of=max(self.old.as_of, self.new.as_of),
            seed=self.new.seed,
            n_draws=self.new.n_draws,
        )

    def _registry(
        self,
        chosen: frozenset[str],
        taken: frozenset[str],
        observations: pl.DataFrame,
    ) -> Registry:
        old, new = self.old.registry, self.new.registry
        thresholds = (new if THRESHOLD in chosen else old).thresholds
        windows = self._windows(chosen, taken, observations)
        newer = taken if ROSTER in chosen else frozenset()
        roster = {
            name: one for name, one in old.benchmarks.items() if name not in newer
        } | {name: one for name, one in new.benchmarks.items() if name in newer}
        # a threshold that came or went brings its benchmark along
        either = old.benchmarks | new.benchmarks | roster
        needed = {*roster, *(one.series.benchmark for one in thresholds.values())}
        weights = _weights(new if WEIGHTS in chosen else old)
        return replace(
            new,
            thresholds=thresholds,
            benchmarks={
                name: _watched_through(benchmark, windows[name])
                for name, benchmark in either.items()
                if name in needed
            },
            **weights,
        )

    def _windows(
        self,
        chosen: frozenset[str],
        taken: frozenset[str],
        observations: pl.DataFrame,
    ) -> dict[str, date]:
        old, new = _windows(self.old), _windows(self.new)
        windows = new | old
        if WATCHED_LONGER in chosen:
            return windows | {name: new[name] for name in taken & set(new)}
        if NEW_SCORES in chosen:
            for name, last in _last_scores(observations).items():
                if name in taken & set(windows):
                    windows[name] = min(max(windows[name], last), new.get(name, last))
        return windows


def settled(inputs: Inputs) -> Inputs:
    """The inputs as ``Difference.combine`` makes them of all that is new."""
    registry, windows = inputs.registry, _windows(inputs)
    watched = {
        name: _watched_through(one, windows[name])
        for name, one in registry.benchmarks.items()
    }
    return replace(
        inputs,
        observations=inputs.observations.sort("benchmark_id", "observation_id"),
        registry=replace(registry, benchmarks=watched),
    )


def _windows(inputs: Inputs) -> dict[str, date]:
    """Last day on which each benchmark could have shown a record."""
    return {
        name: min(
            inputs.as_of,
            benchmark.observed_through,
            benchmark.closed_on or benchmark.observed_through,
        )
        for name, benchmark in inputs.registry.benchmarks.items()
    }


def _watched_through(benchmark: Benchmark, day: date) -> Benchmark:
    return benchmark.model_copy(update={"observed_through": day, "closed_on": None})


def _roster(registry: Registry) -> dict[str, object]:
    """Benchmarks without their windows, which are a cause of their own.

    Models, aliases and corrections act through the observations they make, and count
    as revised scores there; so do the first days of a benchmark, which cut them, and
    the count of its rows, which are the rows.
    """
    window = {"observed_through", "observed_through_basis", "closed_on"}
    first_days = {
        "first_public_on",
        "first_public_source",
        "items_public_on",
        "oldest_release_on",
    }
    aside = {*window, *first_days, "n_rows"}
    return {
        name: benchmark.model_dump(exclude=aside)
        for name, benchmark in registry.benchmarks.items()
    }


def _weights(registry: Registry) -> dict[str, Any]:
    """The registry's fitted weights, where it carries any."""
    names = {field.name for field in fields(registry)}
    return {name: getattr(registry, name) for name in {WEIGHTS} & names}


def _last_scores(observations: pl.DataFrame) -> Mapping[str, date]:
    day = pl.coalesce("release_date", "release_latest")
    last = observations.group_by("benchmark_id").agg(last=day.max())
    return dict(last.drop_nulls().iter_rows())
