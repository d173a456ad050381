"""Entries of benchmarks.yaml."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from trends.registry.faults import Fault
from trends.registry.harness import HarnessRule
from trends.registry.models.fields import (
    FIRST_DAY,
    LATEST_TEST,
    Acceptance,
    Entry,
    Identifier,
    PublicDay,
    Text,
    Url,
)
from trends.registry.models.trends import TrendFamily
from trends.registry.problems import found


class Domain(StrEnum):
    """Part of AI R&D that a benchmark speaks about; ``general`` ones, of none."""

    CODING = "coding"
    LONG_HORIZON_AGENT = "long_horizon_agent"
    PAPER_REPLICATION = "paper_replication"
    AI_RESEARCH_ENGINEERING = "ai_research_engineering"
    RD_AUTOMATION = "rd_automation"
    GENERAL = "general"


class ScoreUnit(StrEnum):
    """Unit in which a score is stored."""

    FRACTION = "fraction"
    MINUTES = "minutes"
    USD = "usd"
    X_SPEEDUP = "x_speedup"
    X_2025_MEAN = "x_2025_mean"
    RATIO = "ratio"

    @property
    def is_bounded(self) -> bool:
        """Whether scores lie between a floor and a ceiling (the logit scale)."""
        return self is ScoreUnit.FRACTION

    @property
    def may_be_a_loss(self) -> bool:
        """Whether 0 or less is a true score (money lost), though it has no logarithm."""
        return self is ScoreUnit.USD


class Reporter(StrEnum):
    """Who published a score."""

    BENCHMARK_AUTHORS = "benchmark_authors"
    LEADERBOARD = "leaderboard"
    INDEPENDENT = "independent"
    DEVELOPER = "developer"
    UNSTATED = "unstated"


class Ceiling(Entry):
    """What is known of the highest reachable score of a bounded benchmark.

    Fits take the mean of the values as that of a beta distribution, which the scores
    then change: ``trends.fits.ceilings``.
    """

    values: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]
    """Possible values of it, rising: fractions up to 1."""
    weights: list[Annotated[float, Field(gt=0, le=1)]]
    """How likely each value is; they sum to 1."""
    reason: Text
    """Why these: known wrong labels, disputed items, what experts reach."""

    @property
    def mean(self) -> float:
        """Of the values."""
        return sum(
            value * weight
            for value, weight in zip(self.values, self.weights, strict=True)
        )

    def faults(self) -> Iterator[Fault]:
        """A weight for each value, of 1 together; values rise."""
        if len(self.weights) != len(self.values):
            n, of = len(self.weights), len(self.values)
            yield ("weights",), f"{n} weights for {of} values"
        elif abs(sum(self.weights) - 1) > 1e-9:
            yield ("weights",), f"weights sum to {sum(self.weights):g}, not 1"
        if sorted(set(self.values)) != self.values:
            yield ("values",), "ceiling values must rise, each once"


class MeasurableRange(Entry):
    """Scores that can be measured, in stored units, and what lies beyond.

    A score below ``low`` cannot be told from none, so that it starts no record: a 0
    that is printed for "under 1%" has no logit. ``beyond`` is about scores above
    ``high``; ``passed_on`` is the release of the first model beyond: since then the suite shows
    no record, and that no score inside beats the last one says nothing.
    """

    low: Annotated[float, Field(gt=0)] | None = None
    high: Annotated[float, Field(gt=0)] | None = None
    beyond: Literal["exclude", "keep"] = "exclude"
    passed_on: date | None = None
    reason: Text
    source: Url

    def faults(self) -> Iterator[Fault]:
        """An end at least, and both in order."""
        if self.low is None and self.high is None:
            yield (), "write low, high or both: the ends of what is measured"
        if self.low is not None and self.high is not None and self.low >= self.high:
            yield ("low",), f"low {self.low:g} should be below high {self.high:g}"
        if self.passed_on is not None and self.high is None:
            yield ("passed_on",), "passed_on needs high, the end that was passed"

    def is_above(self, score: float) -> bool:
        """Whether a score lies above what can be measured."""
        return self.high is not None and score > self.high

    def is_below(self, score: float) -> bool:
        """Whether a score cannot be told from none."""
        return self.low is not None and score < self.low


class Baseline(Entry):
    """Score of something that is not an AI model (people, a base model)."""

    label: Text
    score: float
    source: Url
    note: Text | None = None


class BenchmarkAcceptance(Acceptance):
    """A standing warning about a benchmark that somebody has looked at."""

    warning: Literal["first_day_unknown", "last_period_unknown"]
    """Code of the warning, as `trends check` prints it."""


Mover = Literal["models", "people", "company"]
"""Whose work the records of a benchmark are; each has a pace of its own."""


class Benchmark(Entry):
    """One benchmark version; scores of two versions are never mixed."""

    title: Text
    """Name and version, as tables print it."""
    role: Literal["forecast", "calibration"] = "forecast"
    """A ``calibration`` benchmark is carried so that drift, variance, coverage and
    dependence are learned from more families: it takes part in pools and backtests as
    a whole, and has no threshold.
    """
    domain: Domain
    """Part of AI R&D that it speaks about."""
    unit: ScoreUnit
    """Unit in which scores are stored: percent are stored as fractions."""
    published_unit: Literal[
        "percent", "minutes", "usd", "x_speedup", "x_2025_mean", "ratio"
    ]
    """Unit of the cells of its file: as the publisher prints them."""
    direction: Literal["higher", "lower"]
    """Whether a higher or a lower score is better."""
    floor: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Score of guessing, a fraction; for fractions only."""
    ceiling: Ceiling | None = None
    """Highest reachable score, as far as it is known; for fractions only."""
    n_items: Annotated[int, Field(gt=0)] | None = None
    """How many items (tasks, questions) a score is a share of."""
    items_source: Url | None = None
    """Address that says how many."""
    items_are_bernoulli: bool = True
    """Whether each item is passed or failed, so that their number says how sure a
    score is.
    """
    se_kind: Literal["items", "runs", "none"]
    """What a published standard error is over: the items, repeated runs, or nothing
    where none is published.
    """
    interval_level: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """Level of its published intervals."""
    family_id: Identifier
    """Series that measure the same thing share one, and have one vote between them.
    """
    measured_by: Literal["model", "period"] = "model"
    """``period`` is a measure of a company by month or week: a row is a period, dated
    by its last day (a week by its first) and known from its report, and no release
    date comes into it.
    """
    measured_through: date | None = None
    """Dates the last period in the same way: nothing was looked at between that day
    and the report.
    """
    moved_by: Literal["models", "people"] = "models"
    """Whether its records are the work of models or of people who use them."""
    final_vintage: bool = False
    """Whether all rows carry the day of one late copy, so that the release dates
    them.
    """
    n_rows: Annotated[int, Field(gt=0)] | None = None
    """Rows of its file: with fewer of them the source is stopped."""
    first_public_on: PublicDay | None = None
    """Day from which anybody could know of it: no forecast of an earlier day uses its
    scores. Of a month, the first.
    """
    first_public_source: Url | None = None
    """Address that says so."""
    items_public_on: PublicDay | None = None
    """Set where its items were public before it (a subset, a new edition), so that a
    run on them may be dated before it.
    """
    oldest_release_on: PublicDay | None = None
    """Set where it tests models that were two years old or more by then."""
    observed_through: date
    """Last day on which the series could have shown a record: up to it nothing newer
    is known to exist. Never later than the evidence.
    """
    observed_through_basis: Text
    """How that is known."""
    closed_on: date | None = None
    """Where nobody adds scores any more, the last day on which one would have been
    added: silence after it is not stagnation.
    """
    closed_because: Text | None = None
    """How that is known."""
    measurable_range: MeasurableRange | None = None
    """Scores that can be measured, where some cannot."""
    baselines: list[Baseline] = Field(default=[])
    """Scores of people or of a base model, for comparison."""
    scoring_rule: Text | None = None
    """The one rule that its series takes: what counts as solved where a publisher
    scores in several ways. A row that states another is in no fit.
    """
    harness_rule: Literal["any", "single"]
    """Whether all scores are of one harness (scaffold, agent) or of any."""
    harness_note: Text | None = None
    """Which, or what to know of them."""
    standard_harness: HarnessRule | None = None
    """Harness cells of its own set-up, where a list has others beside it."""
    reporters: Annotated[list[Reporter], Field(min_length=1)]
    """Who publishes its scores: the values of the column ``reporter``."""
    trends: Annotated[list[TrendFamily], Field(min_length=1)]
    """Curve families that are fitted to it."""
    status: Literal["active", "closed", "superseded"]
    """For readers: a ``superseded`` one says by which, and its rows stand apart."""
    superseded_by: Identifier | None = None
    """The benchmark that took its place."""
    supersedes: list[Identifier] = Field(default=[])
    """Benchmarks whose place it took; each names it in ``superseded_by``."""
    view_of: Identifier | None = None
    """Where another board or reporter has scores of the same items by the same rule,
    the one of them that leads: whose headline is that of the test.
    """
    source: Identifier
    """Publisher, as in sources.yaml."""
    publisher_url: Url
    """Page of the publisher where the scores stand."""
    citation: Text
    """How to cite it."""
    licence: Text
    """Licence of the publisher's file, or that none is stated."""
    note: Text | None = None
    """What else a reader of its dates must know."""
    accepts: list[BenchmarkAcceptance] = Field(default=[])
    """Warnings that stand, each with the reason."""

    @property
    def published_per_stored(self) -> int:
        """What a stored score is multiplied by to stand as its files have it."""
        return 100 if self.published_unit == "percent" else 1

    @property
    def reports_from(self) -> date:
        """First day on which a score of its items can have been reported."""
        return self.items_public_on or self.first_public_on or FIRST_DAY

    @property
    def releases_from(self) -> date:
        """First day on which a model that it tests can have been released.

        What is measured by period may look back as far as the company's records do.
        """
        if self.measured_by == "period":
            return FIRST_DAY
        return self.oldest_release_on or max(FIRST_DAY, self.reports_from - LATEST_TEST)

    @property
    def mover(self) -> Mover:
        """Whose work its records are: models, people, or a company in a period."""
        return "company" if self.measured_by == "period" else self.moved_by

    def faults(self) -> Iterator[Fault]:
        """What is said of a period, of bounds and of trends, against its unit."""
        yield from self._period_faults()
        yield from self._unit_faults()
        yield from self._trend_faults()

    def _period_faults(self) -> Iterator[Fault]:
        if self.measured_by == "model":
            if self.measured_through is not None:
                message = (
                    "measured_through dates the last period of what is measured by "
                    "period, not by model"
                )
                yield ("measured_through",), message
            return
        for name, is_said in (
            ("final_vintage", self.final_vintage),
            ("items_public_on", self.items_public_on is not None),
            ("oldest_release_on", self.oldest_release_on is not None),
            ("moved_by", self.moved_by == "people"),
        ):
            if is_said:
                message = (
                    f"{name} is about models and their releases: leave it out of what "
                    "is measured by period"
                )
                yield (name,), message

    def _unit_faults(self) -> Iterator[Fault]:
        if self.unit.is_bounded:
            for name in ("floor", "ceiling"):
                if getattr(self, name) is None:
                    message = f"a benchmark scored in fractions needs a {name}: add it"
                    yield ("unit",), message
            if self.direction == "lower":
                message = "write a fraction so that higher is better: 1 - error"
                yield ("direction",), message
        else:
            for name in ("floor", "ceiling"):
                if getattr(self, name) is not None:
                    message = f"does not apply to {self.unit} scores: delete it"
                    yield (name,), message
        if self.unit.is_bounded != (self.published_unit == "percent"):
            message = f"unit {self.unit} cannot be published in {self.published_unit}"
            yield ("published_unit",), message
        if self.floor is not None and self.ceiling is not None:
            lowest = min(self.ceiling.values)
            if self.floor >= lowest:
                message = f"should be below the lowest ceiling, {lowest:g}"
                yield ("floor",), found(message, self.floor)

    def _trend_faults(self) -> Iterator[Fault]:
        for i, trend in enumerate(self.trends):
            if trend is TrendFamily.EXPONENTIAL and self.unit.is_bounded:
                message = "a bounded score cannot grow exponentially for long"
            elif trend is TrendFamily.ENSEMBLE:
                message = "the ensemble is fitted to nothing: name it in thresholds"
            elif trend.needs_bounded_scores and not self.unit.is_bounded:
                message = f"a {trend} trend needs a bounded score"
            else:
                continue
            yield ("trends", i), message
