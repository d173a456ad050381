"""What ``bars/<threshold>.<bar>.json`` holds: fields, units and meaning.

The JSON Schema is made of these models: ``python -m trends.bars`` prints what is
committed as docs/schemas/bar.schema.json, and each run has a copy beside its bars.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from trends.tables.record import HISTORY_KINDS
from trends.tables.shared import (
    CHANGE_CAUSES,
    CROSSING_STATUSES,
    REPORTERS,
    SCORE_UNITS,
    TRENDS,
)

SCHEMA_FILE: Final = "bar.schema.json"

Day = date
Probability = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Bar(_Part):
    """The bar itself, and whose it is."""

    id: str
    """Rung of the threshold's ladder."""
    label: str
    """The bar in words."""
    value: float
    unit: Literal[SCORE_UNITS]  # type: ignore[valid-type]
    direction: Literal["higher", "lower"]
    """Which scores are better."""
    rank: int
    """Place on the ladder, 1 is the easiest."""
    is_headline: bool
    """Whether it stands for its threshold."""
    counts_if: str
    """Which number must reach the bar."""
    date_used: str
    """Which date is the crossing."""
    basis: str
    """Why the bar stands there; project_choice is this project's own."""
    source_citation: str | None
    source_url: str | None


class Answer(_Part):
    """When the bar is crossed; what does not exist is null, and labels say why."""

    status: Literal[CROSSING_STATUSES]  # type: ignore[valid-type]
    status_reason: str
    """What it rests on, or why there is no date."""
    median_label: str
    """The median in words; complete, with every mark that a reader must see."""
    if_ever_label: str
    """The median given that the bar is ever crossed, as complete; p_never stands beside it."""
    interval80_label: str
    """The 80% interval in words; complete, as the median's."""
    contested: bool | None
    """Whether measurement error leaves open on which side of the bar the record is, or
    a later measurement contradicts it; null where no error is published."""
    withheld: str | None
    """Why no date or probability is shown, though the full tables have them."""
    median_date: date | None
    median_if_ever: date | None
    q10_date: date | None
    q25_date: date | None
    q75_date: date | None
    q90_date: date | None
    date_lo: date | None
    """Last day known to be below the bar (exclusive)."""
    date_hi: date | None
    """First day known to be at or above it (inclusive)."""
    p_crossed_by_as_of: Probability | None
    p_crossed_by_projection_end: Probability | None
    p_after_projection_end: Probability | None
    p_never: Probability | None
    """The last three sum to 1; all null where nothing is estimated."""
    p_above_ceiling: Probability | None
    """Part of never: the bar may lie above the highest reachable score."""
    p_progress_stops: Probability | None
    """The rest of never."""
    p_by_year_end: dict[str, Probability | None]
    """Probability of a crossing by 31 December of the year."""
    projection_end: date
    """Last date extrapolated to."""
    mc_error_days: float | None
    """Monte Carlo error of the median."""
    trend: Literal[TRENDS]  # type: ignore[valid-type]
    """Curve family that the threshold's headline rests on."""
    estimand: Literal["trend_line", "first_record"]
    """Whether the date is of a published score at the bar, or of the fitted line."""


class RecordsStood(_Part):
    """Share of records to which no new one came for so many months."""

    lead_months: int
    cut_on: Literal["reported_on", "release_date"]
    """Day on which a score entered these forecasts."""
    said: Probability
    """Mean probability of it, each benchmark family counted once."""
    stood: Probability
    n_forecasts: int
    n_families: int


class Coverage(_Part):
    """What such intervals held when they were made at past dates."""

    nominal: Probability
    held: Probability | None
    """Share of past dates that 80% intervals held; null where it cannot be told."""
    held_at_most: Probability | None
    """The same or, where no bar was watched to the end of its interval, the most that
    they can have held."""
    n_forecasts: int
    """Past forecasts of dates behind it."""
    label: str
    records_stood: list[RecordsStood]
    """Records that stood in the backtest, against what was said, of all benchmarks of
    this bar's scale under the trend of its headline; empty where it was not measured."""


class Pace(_Part):
    """How fast the records of all benchmarks rise together, against their mean."""

    month: Day
    """Last day of the last month that enough benchmark families were watched in."""
    pace: float
    """Median, in times the mean of the months since ``since``."""
    lo80: float
    hi80: float
    since: Day
    """Last day of the first of those months."""
    n_families: int
    """Benchmark families watched through the month."""
    label: str


class Figures(_Part):
    """How far the figures reach that the answer rests on."""

    observed_through: date | None
    """Last day on which a record could have been seen."""
    age_days: int | None
    """Days from there to as_of."""
    n_observations: int
    n_records: int
    series_ended: str | None
    superseded_by: str | None
    label: str


class View(_Part):
    """The headline of another view of the test: the same items, as others report them."""

    threshold_id: str
    bar_id: str
    threshold_label: str
    """Benchmark and bar in words."""
    median_label: str
    interval80_label: str
    median_date: date | None
    p_crossed_by_as_of: Probability | None
    observed_through: date | None
    """Last day on which it could have shown a record."""


class Score(_Part):
    """A published score, and where it stands."""

    model: str
    score: float
    label: str
    """The score in its unit, in words."""
    date: Day
    """Day on which it counts: of the model's release, as far as it is known."""
    reported_on: Day | None
    reporter: Literal[REPORTERS] | None  # type: ignore[valid-type]
    source_url: str | None
    source_row: str | None
    """File and line that it was read from, as file:line."""
    observation_id: str | None
    """Row of ``observations``; null where several rows could be meant."""


class Said(_Part):
    """What one vintage said of this bar."""

    as_of: date
    kind: Literal[HISTORY_KINDS]  # type: ignore[valid-type]
    """live or replayed entry of the ledger, published run, or this run."""
    stands: bool
    """Whether it speaks for its vintage; others of the same vintage stand beside."""
    run_id: str
    recorded_in: str
    bar_value: float
    threshold_version: int
    trend: Literal[TRENDS]  # type: ignore[valid-type]
    status: Literal[CROSSING_STATUSES]  # type: ignore[valid-type]
    median_label: str
    when_label: str
    """When, if ever, and how likely never is."""
    interval80_label: str
    median_date: date | None
    median_if_ever: date | None
    q10_date: date | None
    q90_date: date | None
    p_crossed_by_now: Probability | None
    """Probability that it gave to a crossing by this run's as_of."""


class Crossing(_Part):
    """The day of the crossing, and what was said before it was known."""

    date: Day
    said_before: Said | None
    """The last forecast of this bar while it was open; null where there is none."""
    label: str


class Change(_Part):
    """What moved since the previous published vintage."""

    days: int | None
    """Days the date if ever moved, later is positive."""
    never: float | None
    """By how much the probability of never rose."""
    cause: Literal[CHANGE_CAUSES]  # type: ignore[valid-type]


class Licence(_Part):
    """Terms of this file."""

    name: str
    path: str
    scores: str
    """What holds for the scores of others."""


class BarPage(_Part):
    """When one bar of one benchmark is crossed, as one vintage of the project says.

    A benchmark that crosses a bar is not automated R&D.
    """

    schema_file: Literal["bar.schema.json"] = Field(SCHEMA_FILE, alias="$schema")
    id: str
    """Threshold and bar, as <threshold>.<bar>."""
    is_draft: bool
    """Whether the run is a draft, which nobody published."""
    question: str
    """The question in plain words."""
    operationalisation: str
    """What exactly counts."""
    why_it_matters: str
    caveat: str
    as_of: date
    """Information cut-off of the vintage."""
    run_id: str
    contract_version: str
    threshold_id: str
    threshold_title: str
    threshold_version: int
    threshold_status: Literal["draft", "active", "retired"]
    threshold_label: str
    """Benchmark and bar in words."""
    short_title: str | None
    """The benchmark in a few words."""
    short_label: str | None
    """The bar in a word or two."""
    domain: str
    """Part of AI R&D that the benchmark speaks about."""
    benchmark_id: str
    series_id: str
    bar: Bar
    answer: Answer
    coverage: Coverage
    figures: Figures
    common_pace: Pace | None
    """The common pace now; null where too few families tell one."""
    view_of: str | None
    """Benchmark that leads among the views of the test; null where this one does, or is
    alone."""
    other_views: list[View]
    """What other boards or harnesses say of the same items, the leading view first."""
    record: Score | None
    """The standing record; null where there is none."""
    crossing: Crossing | None
    change: Change
    history: list[Said]
    """What each vintage said, oldest first."""
    history_label: str
    card: str
    """The picture of this bar, beside this file."""
    citation: str
    licence: Licence
