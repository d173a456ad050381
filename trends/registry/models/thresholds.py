"""A file of thresholds/: an operationalisation and its ladder of bars."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from trends.registry.faults import Fault
from trends.registry.harness import HarnessRule
from trends.registry.models.benchmarks import Reporter
from trends.registry.models.fields import (
    Acceptance,
    Citation,
    Entry,
    Identifier,
    Owner,
    Text,
)
from trends.registry.models.trends import TrendFamily
from trends.registry.problems import found


class BarBasis(StrEnum):
    """Why a bar stands where it stands."""

    HUMAN_BASELINE = "human_baseline"
    AUTHOR_DECLARED = "author_declared"
    DEVELOPER_LINE = "developer_line"
    FORECASTER_REQUIREMENT = "forecaster_requirement"
    ROUND_WORK_UNIT = "round_work_unit"
    PROJECT_CHOICE = "project_choice"


ShortTitle = Annotated[str, StringConstraints(min_length=1, max_length=32)]
ShortLabel = Annotated[str, StringConstraints(min_length=1, max_length=16)]


class Bar(Entry):
    """One rung of a threshold's ladder; the value is in the benchmark's stored unit."""

    id: Identifier
    """Permanent name within the threshold, such as pct80."""
    value: float
    """Score of the bar in the benchmark's stored unit: 0.80, not 80."""
    label: Text
    """The bar in words, as tables print it."""
    short_label: ShortLabel | None = None
    """The bar where one line has to do; made from ``label`` where it is left out."""
    basis: BarBasis
    """Why it stands there; all but ``project_choice`` name a source."""
    headline: bool = False
    """Whether it stands for the threshold in one-line summaries; one bar does."""
    source: Identifier | None = None
    """Key of one of the sources below."""
    note: Text | None = None
    """What else to know of it."""

    @property
    def in_short(self) -> str:
        """The bar as one line has room for it: "95%" of "95% of items"."""
        if self.short_label is not None:
            return self.short_label
        percentage = re.match(r"\d+(\.\d+)?%", self.label)
        if percentage is not None:
            return percentage.group()
        return re.split(r" \(|, ", self.label, maxsplit=1)[0]


class SeriesRule(Entry):
    """Which of a benchmark's observations count towards a threshold."""

    benchmark: Identifier
    """Id of the benchmark."""
    harness: HarnessRule = "any"
    """``any``, one cell word for word, or a star and words that a cell must hold: ``*
    simulator=gpt-5.2 prompt=own``.
    """
    reporters: Annotated[list[Reporter], Field(min_length=1)] | None = None
    """Only scores that these published; all where it is left out."""
    out_of_range: Literal["excluded", "censored"] = "excluded"
    """Scores above what the suite measures: left out, or known only to be at least
    the most that it measures.
    """


class CrossingRule(Entry):
    """When a score counts as at the bar, and which of its dates is the crossing."""

    counts_if: Literal["point_estimate", "ci_lower_95"] = "point_estimate"
    """Whether the score itself or the lower end of its interval must reach the bar.
    """
    date_used: Literal["release_date", "reported_on"] = "release_date"
    """Whether the model's release or the score's report is the day of a crossing that
    came; without a day of report it is the release, as for those still to come.
    """


class ThresholdSource(Citation):
    """A source that bars refer to by ``key``."""

    key: Identifier
    """Short name that bars refer to."""


class BarAcceptance(Acceptance):
    """A standing warning about bars that somebody has looked at."""

    warning: Literal["bar_above_ceiling", "bar_above_measurable"]
    """Code of the warning, as `trends check` prints it."""
    bars: Annotated[list[Identifier], Field(min_length=1)]
    """Ids of the bars: a warning about another one is seen."""

    @property
    def subjects(self) -> list[str]:
        """Ids of the bars."""
        return self.bars


class Change(Entry):
    """One line of a threshold's history."""

    version: Annotated[int, Field(ge=1)]
    """Version that it made."""
    date: date
    """Day of the change."""
    why: Text
    """What changed, and why."""


class Threshold(Entry):
    """An operationalisation and its ladder of bars, easy to hard."""

    FILLED_IN = frozenset({"headline_trend"})

    schema_version: Literal[1]
    """Always 1."""
    id: Identifier
    """Name of the file."""
    version: Annotated[int, Field(ge=1)]
    """Raised whenever series, bars or meaning change."""
    title: Text
    """What is crossed, in a few words."""
    short_title: ShortTitle | None = None
    """The benchmark where one line has to do, without the bar; the benchmark's own
    title where it is left out.
    """
    status: Literal["draft", "active", "retired"]
    """A ``draft`` is in no published table; ``trends run --draft --threshold ID``
    shows it.
    """
    owner: Owner
    """Who is asked about changes."""
    series: SeriesRule
    """Which scores count."""
    operationalisation: Text
    """When exactly a bar counts as crossed, and whose choice the bars are."""
    crossing_rule: CrossingRule = CrossingRule()
    """When a score counts as at the bar, and which of its dates is the crossing."""
    why_it_matters: Text
    """What a crossing would mean for automated R&D, and what it would not."""
    bars: Annotated[list[Bar], Field(min_length=1)]
    """The ladder, easy to hard."""
    trends: Annotated[list[TrendFamily], Field(min_length=1)]
    """Curve families that date it: the benchmark's, and the ensemble."""
    headline_trend: TrendFamily
    """The family whose date stands in one-line summaries; that of ``headline.yaml``
    where it is left out.
    """
    projection_end: date
    """Last day up to which dates are projected."""
    sources: list[ThresholdSource] = Field(default=[])
    """Where bars were read."""
    changelog: Annotated[list[Change], Field(min_length=1)]
    """One line a version."""
    accepts: list[BarAcceptance] = Field(default=[])
    """Warnings that stand, each with the reason."""

    def faults(self) -> Iterator[Fault]:
        """One headline in a named trend, ids that differ, sources, and the version."""
        yield from self._headline_faults()
        for i, trend in enumerate(self.trends):
            if trend in self.trends[:i]:
                yield ("trends", i), found("stands here twice: delete one", trend.value)
        yield from _repeated(("bars", "id"), [bar.id for bar in self.bars])
        yield from _repeated(("sources", "key"), [one.key for one in self.sources])
        keys = [source.key for source in self.sources]
        for i, bar in enumerate(self.bars):
            if bar.source is not None and bar.source not in keys:
                message = found(
                    "is not the key of one of the sources", bar.source, keys
                )
                yield ("bars", i, "source"), message
            if bar.basis is not BarBasis.PROJECT_CHOICE and bar.source is None:
                message = (
                    f"a {bar.basis} names where it is stated: add `source:` with the key "
                    "of one of the sources"
                )
                yield ("bars", i, "basis"), message
        yield from self._version_faults()

    def _headline_faults(self) -> Iterator[Fault]:
        headlines = [i for i, bar in enumerate(self.bars) if bar.headline]
        if not headlines:
            yield ("bars",), "no bar is the headline: add `headline: true` to one"
        for i in headlines[1:]:
            first = self.bars[headlines[0]].id
            message = f"bar {first!r} is the headline already: delete one of the two"
            yield ("bars", i, "headline"), message
        if self.headline_trend not in self.trends:
            message = found("is not one of the trends", self.headline_trend.value)
            yield ("headline_trend",), f"{message}: take one, or add it there"

    def _version_faults(self) -> Iterator[Fault]:
        versions = [change.version for change in self.changelog]
        if self.version not in versions:
            message = (
                "the changelog has no line for it: add "
                f"`{{version: {self.version}, date: YYYY-MM-DD, why: ...}}`"
            )
            yield ("version",), found(message, self.version)
        for i, version in enumerate(versions):
            if version > self.version:
                message = f"is later than the threshold's version {self.version}"
                yield ("changelog", i, "version"), found(message, version)
        yield from _repeated(("changelog", "version"), versions)

    @property
    def headline_bar(self) -> Bar:
        """The bar that stands for this threshold in one-line summaries."""
        return next(bar for bar in self.bars if bar.headline)


def _repeated(at: tuple[str, str], names: Sequence[object]) -> Iterator[Fault]:
    """Items of a list that say the same as an earlier one in a key that tells them apart."""
    key, inside = at
    for i, name in enumerate(names):
        if name in names[:i]:
            message = f"{key}[{names.index(name)}] has it already: write another"
            yield (key, i, inside), found(message, name)
