"""One side of an edit: the entries and figures that a forecast is made from."""

from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Final

import polars as pl

from trends import defaults
from trends.frontier import (
    parted,
    public_as_of,
    select_frontier,
    select_series_scores,
)
from trends.pipeline.ingested import Ingest
from trends.pipeline.shards import why_missing
from trends.registry import Benchmark, Registry, Threshold
from trends.registry.looks import with_looks
from trends.registry.series import Series, every_series, select_series
from trends.tables import OBSERVATIONS

_WORDS: Final = frozenset(
    {
        "title",
        "domain",
        "items_source",
        "n_rows",
        "first_public_source",
        "observed_through_basis",
        "closed_because",
        "baselines",
        "harness_note",
        "status",
        "superseded_by",
        "supersedes",
        "source",
        "publisher_url",
        "citation",
        "licence",
        "note",
    }
)
"""Fields of a benchmark that no fit reads."""

_OF_SOME_BARS: Final = frozenset(
    {
        "benchmarks",
        "models",
        "aliases",
        "corrections",
        "sources",
        "thresholds",
        "scenarios",
        "reference_forecasts",
        "essay_claims",
        "labour_ratios",
    }
)
"""Parts of the registry that are compared bar by bar, or act through the figures."""

Views = dict[str, pl.DataFrame]
"""Rows of a table by series."""


@dataclass(frozen=True)
class Settings:
    """What both sides have in common.

    Attributes:
        as_of: information cut-off.
        seed: of the parameter draws.
        n_draws: how many.
    """

    as_of: date
    seed: int = defaults.SEED
    n_draws: int = defaults.DRAWS


@dataclass(frozen=True)
class Side:
    """A registry with its figures.

    Attributes:
        registry: with what looks at publishers add to it.
        figures: OBSERVATIONS rows known as of the vintage.
        quarantine: QUARANTINE rows of sources that passed.
        stopped: sources without figures, each with the reason.
        settings: cut-off and draws.
    """

    registry: Registry
    figures: pl.DataFrame
    quarantine: pl.DataFrame
    stopped: dict[str, str]
    settings: Settings

    @classmethod
    def of(cls, registry: Registry, ingest: Ingest, settings: Settings) -> "Side":
        """The side that a run of this registry on these figures would start from."""
        known = public_as_of(
            OBSERVATIONS.filled_up(ingest.observations),
            settings.as_of,
            registry.benchmarks,
        )
        in_use = ~pl.col("source_id").is_in(list(ingest.stopped))
        return cls(
            registry=with_looks(registry, ingest.looks, as_of=settings.as_of),
            figures=known,
            quarantine=ingest.quarantine.filter(in_use),
            stopped=ingest.stopped,
            settings=settings,
        )

    @property
    def common(self) -> list[object]:
        """What the registry says of all bars alike: weights, when a date is withheld."""
        return [
            getattr(self.registry, one.name)
            for one in fields(Registry)
            if one.name not in _OF_SOME_BARS
        ]

    @cached_property
    def series(self) -> list[Series]:
        """Every series that is fitted, or that others are compared with."""
        return every_series(self.registry)

    @cached_property
    def thresholds(self) -> list[tuple[Threshold, Series]]:
        """Active thresholds with their series."""
        return [
            (threshold, select_series(threshold.series, self.registry))
            for threshold in self.registry.thresholds.values()
            if threshold.status == "active"
        ]

    @cached_property
    def scores(self) -> pl.DataFrame:
        """SERIES_SCORES rows of every series."""
        return select_series_scores(self.figures, self.series)

    @cached_property
    def frontier(self) -> pl.DataFrame:
        """FRONTIER rows of every series."""
        return select_frontier(self.scores, self.series)

    @property
    def missing(self) -> dict[str, str]:
        """Why series of stopped sources have no figures."""
        return why_missing(self.series, self.registry, self.stopped)

    def refitted(self, other: "Side") -> set[str]:
        """Series whose own fits may differ from those of the other side."""
        moved = {
            name
            for name, entry in self._entries.items()
            if other._entries.get(name) != entry
        }
        for ours, others in zip(self._views, other._views, strict=True):
            moved |= differing(ours, others) & self._entries.keys()
        return moved

    @cached_property
    def _entries(self) -> dict[str, object]:
        """What fits can read of the entry of each series."""
        return {one.series_id: _fitted(one) for one in self.series}

    @cached_property
    def _views(self) -> list[Views]:
        """Scores and records by series."""
        return [by_series(self.scores), by_series(self.frontier)]

    def is_fitted_as(self, other: "Side") -> bool:
        """Whether no fit can differ, of the pool neither: it is in no order of series."""
        ours, theirs = (
            {one.series_id for one in side.series} for side in (self, other)
        )
        same_weights = self.registry.weights == other.registry.weights
        return ours == theirs and same_weights and not self.refitted(other)

    def is_as(self, other: "Side") -> bool:
        """Whether nothing differs at all."""
        return (
            self.registry == other.registry
            and self.settings == other.settings
            and self.stopped == other.stopped
            and self.figures.equals(other.figures, null_equal=True)
            and self.quarantine.equals(other.quarantine, null_equal=True)
        )


def by_series(table: pl.DataFrame) -> Views:
    """Rows of a table by ``series_id``, in their order."""
    return parted(table, "series_id")


def differing(ours: Views, theirs: Views) -> set[str]:
    """Names under which the rows differ, or stand on one side only."""
    return {
        name
        for name in {*ours, *theirs}
        if name not in ours
        or name not in theirs
        or not ours[name].equals(theirs[name], null_equal=True)
    }


def fitted_entry(benchmark: Benchmark) -> dict[str, object]:
    """What fits can read of a benchmark."""
    return benchmark.model_dump(mode="json", exclude=set(_WORDS))


def _fitted(series: Series) -> object:
    return (
        fitted_entry(series.benchmark),
        series.harness,
        series.reporters,
        series.censors_out_of_range,
    )
