"""What the reviewed registry says: one Pydantic model per kind of entry.

Only shapes and rules that need no other file live here; rules between files are
in ``trends.registry.rules``. Values are in stored units: fractions, never percent.
"""

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from trends.characters import MAX_LENGTH, why_unfit
from trends.registry.harness import HarnessRule

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=100)
]
"""Permanent snake_case id, also of files and columns."""

_ADDRESS = (
    r"^https?://([A-Za-z0-9-]+\.)+[A-Za-z]{2,}(:[0-9]{1,5})?"
    r"([/?#]([A-Za-z0-9._~:/?#@!$&()*+,;=\[\]-]|%[2-9A-Fa-f][0-9A-Fa-f])*)?$"
)


def _public_address(text: str) -> str:
    if len(text) > MAX_ADDRESS:
        raise ValueError(f"an address has at most {MAX_ADDRESS} characters")
    if re.fullmatch(_ADDRESS, text) is None:
        raise ValueError(
            "should be a public address, https://host.name/path, in ASCII letters, "
            "without user name, quotes or angle brackets"
        )
    return text


def _fit_to_print(text: str) -> str:
    if why := why_unfit(text):
        raise ValueError(why)
    return text


MAX_ADDRESS = 2000
Url = Annotated[
    str,
    AfterValidator(_public_address),
    WithJsonSchema({"type": "string", "pattern": _ADDRESS, "maxLength": MAX_ADDRESS}),
]
"""Address of a page that anybody can open (RFC 3986, without user information)."""

Text = Annotated[
    str,
    StringConstraints(min_length=1, strip_whitespace=True),
    AfterValidator(_fit_to_print),
]
"""Words to print on one line: no unseen character, markup or formula."""

Cell = Annotated[str, StringConstraints(max_length=MAX_LENGTH)]
"""A cell of a file of figures as it is printed there, right or wrong."""

FIRST_DAY: Final = date(2016, 1, 1)
"""No language model that anybody tests, and no benchmark of them, is older.

The oldest benchmark carried is LAMBADA, of June 2016."""

LATEST_TEST: Final = timedelta(days=730)
"""How long after its release a model is tested at most, where nothing else is said.

The longest among the shipped figures is 496 days, but for METR's retrospective runs.
"""

PublicDay = Annotated[date, Field(ge=FIRST_DAY)]

HostName = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253
    ),
]
"""A host by its public name, in small letters: no address, port or path."""


class Entry(BaseModel):
    """Base of every registry entry: unknown keys are errors, entries are frozen.

    What a field means stands below it, and from there in the schemas that editors read
    and in the files that ``trends new`` writes.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


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


class TrendFamily(StrEnum):
    """Curve families that can be fitted to a series."""

    DRIFT = "drift"
    LOGISTIC = "logistic"
    LOGISTIC3 = "logistic3"
    EXPONENTIAL = "exponential"
    QUANTILE = "quantile"
    ENSEMBLE = "ensemble"

    @property
    def is_pooled(self) -> bool:
        """Whether the ensemble pools it.

        An estimated ceiling is mostly not identified, so that its "never" is a guess
        about the ceiling; it is published as a family of its own and not pooled.
        """
        return self not in {TrendFamily.ENSEMBLE, TrendFamily.LOGISTIC3}

    @property
    def needs_bounded_scores(self) -> bool:
        """Whether the family has a ceiling."""
        return self in {TrendFamily.LOGISTIC, TrendFamily.LOGISTIC3}


class Citation(Entry):
    """A published source."""

    citation: Text
    """How to cite it."""
    url: Url
    """Its address."""


class Ceiling(Entry):
    """Prior on the highest reachable score of a bounded benchmark.

    A grid of values with weights; fits are averaged over it. Values below the best
    score's lower 95% bound drop out when the fit is made.
    """

    values: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)]
    """Possible values of it, rising: fractions up to 1."""
    weights: list[Annotated[float, Field(gt=0, le=1)]]
    """How likely each value is; they sum to 1."""
    reason: Text
    """Why these: known wrong labels, disputed items, what experts reach."""

    @model_validator(mode="after")
    def _weights_match(self) -> Self:
        if len(self.weights) != len(self.values):
            raise ValueError(
                f"{len(self.weights)} weights for {len(self.values)} values"
            )
        if abs(sum(self.weights) - 1) > 1e-9:
            raise ValueError(f"weights sum to {sum(self.weights):g}, not 1")
        if sorted(set(self.values)) != self.values:
            raise ValueError("ceiling values must rise, each once")
        return self


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

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> Self:
        if self.low is None and self.high is None:
            raise ValueError("write low, high or both: the ends of what is measured")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low {self.low:g} should be below high {self.high:g}")
        if self.passed_on is not None and self.high is None:
            raise ValueError("passed_on needs high, the end that was passed")
        return self

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
    baselines: list[Baseline] = []
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
    supersedes: list[Identifier] = []
    """Benchmarks whose place it took; each names it in ``superseded_by``."""
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

    @model_validator(mode="after")
    def _a_period_is_not_released(self) -> Self:
        if self.measured_by == "model":
            if self.measured_through is not None:
                raise ValueError(
                    "measured_through dates the last period of what is measured by "
                    "period, not by model"
                )
            return self
        for name, value in (
            ("final_vintage", self.final_vintage),
            ("items_public_on", self.items_public_on),
            ("oldest_release_on", self.oldest_release_on),
            ("moved_by: people", self.moved_by == "people"),
        ):
            if value:
                raise ValueError(
                    f"{name} is about models and their releases: leave it out of what "
                    "is measured by period"
                )
        return self

    @model_validator(mode="after")
    def _bounded_scores_have_bounds(self) -> Self:
        if self.unit.is_bounded and (self.floor is None or self.ceiling is None):
            raise ValueError("a benchmark scored in fractions needs floor and ceiling")
        if self.unit.is_bounded and self.direction == "lower":
            raise ValueError("write a fraction so that higher is better: 1 - error")
        if not self.unit.is_bounded and (self.floor is not None or self.ceiling):
            raise ValueError(f"floor and ceiling do not apply to {self.unit} scores")
        if self.unit.is_bounded != (self.published_unit == "percent"):
            raise ValueError(
                f"unit {self.unit} cannot be published in {self.published_unit}"
            )
        if TrendFamily.EXPONENTIAL in self.trends and self.unit.is_bounded:
            raise ValueError("a bounded score cannot grow exponentially for long")
        if TrendFamily.ENSEMBLE in self.trends:
            raise ValueError("the ensemble is fitted to nothing: name it in thresholds")
        if not self.unit.is_bounded:
            for trend in self.trends:
                if trend.needs_bounded_scores:
                    raise ValueError(f"a {trend} trend needs a bounded score")
        return self


class Model(Entry):
    """An AI model, or a system of several, with its one release date.

    ``release_date`` is null when no source states it. A month-only date carries its
    first and last day in ``earliest`` and ``latest``.
    """

    name: Text
    developer: Text | None = None
    kind: Literal["model", "system", "record"] = "model"
    release_date: date | None = None
    earliest: date | None = None
    latest: date | None = None
    components: list[Identifier] = []
    source: Text | None = None
    note: Text | None = None


class Alias(Entry):
    """A published spelling: which model it names, and at which setting."""

    model: Identifier
    setting: Text | None = None


class Correction(Entry):
    """A known error of a source, or a cell that looks like one and is right.

    ``expect`` must still hold, or the entry is stale. ``confirms`` names the columns
    whose expected value is right, however implausible it looks. ``rejected_for`` is the
    expectation for which the row is rightly in quarantine: it stays there, and a check
    of the figures does not count it as a fault.
    """

    id: Identifier
    benchmark: Identifier
    match: dict[str, Cell]
    expect: dict[str, Cell]
    set: dict[str, Cell | None] = {}
    confirms: list[Literal["score"]] = []
    rejected_for: Identifier | None = None
    reason: Text
    source: Text

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.set or self.confirms or self.rejected_for):
            raise ValueError(
                "say what is corrected (set), what is right (confirms) or why the row "
                "is out (rejected_for)"
            )
        for column in self.confirms:
            if column not in self.expect:
                raise ValueError(
                    f"expect must show the {column} that is confirmed, so that the "
                    "confirmation ends when the figure changes"
                )
            if column in self.set:
                raise ValueError(f"{column} is both corrected and confirmed")
        return self


class Reviewed(Entry):
    """A content of a file that somebody looked at after a guard had held it back."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12,64}$")]
    """SHA-256 of the content, or its first 12 digits or more."""
    reason: Text
    """Why it is right although so many rows are gone."""


class SourceFile(Entry):
    """A published file from which benchmarks of a source can be refreshed.

    ``hosts`` are further hosts that a redirect of ``address`` may lead to. ``options``
    are the reader's, which checks them: which published name is which benchmark, and
    what the file does not say of its rows. ``reviewed`` are contents that are right
    although so many rows are gone that they were held back. A file is made ``by_hand``
    where its publisher gives the board at no one address: publishers are not asked for
    it, and a copy is read where copies are.
    """

    id: Identifier
    address: Url
    reader: Literal[
        "metr",
        "epoch_hub",
        "epoch_index",
        "swe_bench",
        "aider",
        "mle_bench",
        "modded_nanogpt",
        "posttrainbench",
        "hal",
        "tau2_bench",
        "terminal_bench",
        "every_eval_ever",
        "table",
    ]
    benchmarks: Annotated[list[Identifier], Field(min_length=1)]
    hosts: list[HostName] = []
    by_hand: bool = False
    reviewed: list[Reviewed] = []
    options: dict[str, Any] = {}


class Source(Entry):
    """A publisher whose scores enter together, and pass or fail together."""

    title: Text
    """Name of the publisher, or of its list."""
    reader: Literal["shipped_figures"]
    """Figures in data/observations are always the base."""
    benchmarks: Annotated[list[Identifier], Field(min_length=1)]
    """Benchmarks whose figures are its own: each has a file."""
    licence: Text
    """Licence of the publisher's files, or ``none stated``."""
    reuse_restricted: bool = False
    """Whether its files may not be copied freely: a restrictive licence, or none
    stated.
    """
    citation: Text
    """How to cite it."""
    url: Url
    """Its page."""
    retrieved_on: date | None = None
    """Day on which its figures were read, where that is evidenced."""
    files: list[SourceFile] = []
    """Published files from which its benchmarks can be refreshed."""
    note: Text | None = None
    """What else to know of it."""


class BarBasis(StrEnum):
    """Why a bar stands where it stands."""

    HUMAN_BASELINE = "human_baseline"
    AUTHOR_DECLARED = "author_declared"
    DEVELOPER_LINE = "developer_line"
    FORECASTER_REQUIREMENT = "forecaster_requirement"
    ROUND_WORK_UNIT = "round_work_unit"
    PROJECT_CHOICE = "project_choice"


class Bar(Entry):
    """One rung of a threshold's ladder; the value is in the benchmark's stored unit."""

    id: Identifier
    """Permanent name within the threshold, such as pct80."""
    value: float
    """Score of the bar in the benchmark's stored unit: 0.80, not 80."""
    label: Text
    """The bar in words, as tables print it."""
    basis: BarBasis
    """Why it stands there; all but ``project_choice`` name a source."""
    headline: bool = False
    """Whether it stands for the threshold in one-line summaries; one bar does."""
    source: Identifier | None = None
    """Key of one of the sources below."""
    note: Text | None = None
    """What else to know of it."""


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
    """Whether the model's release or the score's report is the day of the crossing.
    """


class ThresholdSource(Citation):
    """A source that bars refer to by ``key``."""

    key: Identifier
    """Short name that bars refer to."""


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

    schema_version: Literal[1]
    """Always 1."""
    id: Identifier
    """Name of the file."""
    version: Annotated[int, Field(ge=1)]
    """Raised whenever series, bars or meaning change."""
    title: Text
    """What is crossed, in a few words."""
    status: Literal["draft", "active", "retired"]
    """A ``draft`` is in no published table; ``trends run --draft --threshold ID``
    shows it.
    """
    owner: Annotated[str, StringConstraints(pattern=r"^@[\w.-]+/[\w.-]+$")]
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
    """The family whose date stands in one-line summaries."""
    projection_end: date
    """Last day up to which dates are projected."""
    sources: list[ThresholdSource] = []
    """Where bars were read."""
    changelog: Annotated[list[Change], Field(min_length=1)]
    """One line a version."""

    @model_validator(mode="after")
    def _one_headline_in_a_named_trend(self) -> Self:
        headlines = [bar.id for bar in self.bars if bar.headline]
        if len(headlines) != 1:
            raise ValueError(f"exactly one bar is the headline, not {headlines}")
        if self.headline_trend not in self.trends:
            raise ValueError(f"headline_trend {self.headline_trend} is not in trends")
        repeated = len({bar.id for bar in self.bars}) != len(self.bars)
        if repeated:
            raise ValueError("bar ids must differ")
        return self

    @model_validator(mode="after")
    def _sources_and_versions_hang_together(self) -> Self:
        keys = {source.key for source in self.sources}
        for bar in self.bars:
            if bar.source is not None and bar.source not in keys:
                raise ValueError(f"bar {bar.id} cites {bar.source}, not in sources")
            if bar.basis is not BarBasis.PROJECT_CHOICE and bar.source is None:
                raise ValueError(f"bar {bar.id} ({bar.basis}) names no source")
        if max(change.version for change in self.changelog) != self.version:
            raise ValueError(f"the changelog has no line for version {self.version}")
        return self

    @property
    def headline_bar(self) -> Bar:
        """The bar that stands for this threshold in one-line summaries."""
        return next(bar for bar in self.bars if bar.headline)
