"""Every table of the project: its columns, types, units and meaning, in one place.

The schemas here are the interface between stages, the contract of the published
files and the text of the data dictionary. A published table may gain a column at
its end (minor version); any other change is a new major version.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

CONTRACT_VERSION: Final = "1.0"

_TYPES: Final[dict[str, pl.DataType]] = {
    "string": pl.String(),
    "date": pl.Date(),
    "instant": pl.Datetime("us", "UTC"),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
}


class TableError(ValueError):
    """A frame does not have the columns or types that its table promises."""


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit, and whether it may be empty."""

    name: str
    type: str
    meaning: str
    unit: str | None = None
    nullable: bool = True
    enum: tuple[str, ...] | None = None

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of this column."""
        return _TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table: name (also of its file, suite and asset), key and columns."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pl.Schema:
        """Column names and polars types, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def frame(self, rows: list[dict[str, object]]) -> pl.DataFrame:
        """Rows as a frame of exactly this table's columns and types.

        Raises:
            TableError: a row has a column that the table does not know.
        """
        known = self.schema.names()
        for row in rows:
            if unknown := set(row) - set(known):
                raise TableError(f"{self.name} has no column {sorted(unknown)}")
        return pl.DataFrame(rows, schema=self.schema, orient="row")

    def filled_up(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A frame written before some columns existed, with them empty.

        Only columns that may be empty are added to a table within one contract.
        """
        return frame.with_columns(
            pl.lit(None, column.dtype).alias(column.name)
            for column in self.columns
            if column.nullable and column.name not in frame.columns
        )

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with this table's columns in order, ordered by the key.

        Raises:
            TableError: a column is missing, has another type, or holds a null
                where the contract says never null.
        """
        if missing := [c.name for c in self.columns if c.name not in frame.columns]:
            raise TableError(f"{self.name} lacks {missing}")
        frame = frame.select(self.schema.names())
        for column in self.columns:
            found = frame.schema[column.name]
            if found != column.dtype:
                raise TableError(
                    f"{self.name}.{column.name} is {found}, not {column.dtype}"
                )
            nulls = frame.get_column(column.name).null_count()
            if nulls and not column.nullable:
                raise TableError(
                    f"{self.name}.{column.name} has {nulls} empty cells; "
                    "readers rely on it being filled"
                )
        return frame.sort(self.key, maintain_order=True)


def _text(name: str, meaning: str, *, enum: tuple[str, ...] | None = None) -> Column:
    return Column(name, "string", meaning, nullable=False, enum=enum)


def _text_or_null(
    name: str, meaning: str, *, enum: tuple[str, ...] | None = None
) -> Column:
    return Column(name, "string", meaning, enum=enum)


def _date(name: str, meaning: str) -> Column:
    return Column(name, "date", meaning)


def _date_given(name: str, meaning: str) -> Column:
    return Column(name, "date", meaning, nullable=False)


def _number(name: str, meaning: str, unit: str | None = None) -> Column:
    return Column(name, "number", meaning, unit)


def _probability(name: str, meaning: str) -> Column:
    return Column(name, "number", meaning, "probability")


def _count(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning, "count", nullable=False)


TRENDS: Final = (
    "drift",
    "logistic",
    "logistic3",
    "exponential",
    "quantile",
    "ensemble",
)
SCORE_UNITS: Final = ("fraction", "minutes", "usd", "x_speedup")
REPORTERS: Final = (
    "benchmark_authors",
    "leaderboard",
    "independent",
    "developer",
    "unstated",
)
CROSSING_STATUSES: Final = (
    "already_crossed",
    "expected",
    "after_projection_end",
    "never",
    "not_estimated",
)
DEPENDENCES: Final = ("independent", "fitted", "strong")
GAPS: Final = ("none", "prior")
AUTOMATION_YEARS: Final = (*range(2026, 2031), 2035, 2040, 2050)
"""Years by whose end ``automation`` states a probability."""

CHANGE_CAUSES: Final = (
    "first_vintage",
    "unchanged",
    "new_scores",
    "revised_scores",
    "watched_longer",
    "threshold",
    "roster",
    "weights",
    "code",
    "mixed",
    "not_attributed",
)

_AS_OF = Column("as_of", "date", "Information cut-off of this vintage.", nullable=False)
_RUN_ID = _text("run_id", "First 12 hex digits of the hash of everything the run used.")
_CONTRACT = _text("contract_version", "Version of the output contract.")
_BENCHMARK = _text("benchmark_id", "Benchmark, as in data/registry/benchmarks.yaml.")
_SERIES = _text(
    "series_id", "Benchmark, or a view of it (one harness, some reporters only)."
)
_THRESHOLD = _text("threshold_id", "Threshold, as in data/registry/thresholds/.")
_BAR = _text("bar_id", "Rung of the threshold's ladder.")
_TREND = _text("trend", "Curve family.", enum=TRENDS)
_UNIT = _text("score_unit", "Unit of scores and bars.", enum=SCORE_UNITS)

RAW_SCORES: Final = Table(
    "raw_scores",
    "Rows as a source prints them, every cell as text, in the published unit.",
    ("source_file", "source_row"),
    (
        _text("source_id", "Publisher, as in data/registry/sources.yaml."),
        _BENCHMARK,
        _text("source_file", "File the row was read from."),
        _count("source_row", "Line of that file; the header is line 1."),
        _text_or_null("model_name_published", "Name exactly as the source prints it."),
        _text_or_null("developer", "Who made the model."),
        _text_or_null("release_date", "Day the model became public."),
        _text_or_null("score", "The score in the published unit."),
        _text_or_null("standard_error", "Published standard error."),
        _text_or_null("ci_low", "Lower end of the published 95% interval."),
        _text_or_null("ci_high", "Upper end of the published 95% interval."),
        _text_or_null("harness", "Scaffold the model ran in."),
        _text_or_null("reported_on", "Day the score became public."),
        _text_or_null("reporter", "Who published the score."),
        _text_or_null("source_url", "Address at which the figure was published."),
        _text_or_null("note", "The source's remarks."),
    ),
)

OBSERVATIONS: Final = Table(
    "observations",
    "One score of one model on one benchmark from one source.",
    ("benchmark_id", "observation_id"),
    (
        _text("observation_id", "Stable id made of the row's content."),
        _BENCHMARK,
        _text("source_id", "Publisher, as in data/registry/sources.yaml."),
        _text("source_file", "File the row was read from."),
        _count("source_row", "Line of that file; the header is line 1."),
        _text("model_id", "AI model, as in data/registry/models.yaml."),
        _text("model_name", "Name of that model."),
        _text("model_name_published", "Name exactly as the source prints it."),
        _text(
            "entrant_kind",
            "A model, a system of several models or an agent product, or a record "
            "set by people.",
            enum=("model", "system", "record"),
        ),
        _text_or_null("developer", "Who made the model; empty when not stated."),
        _text_or_null("setting", "Effort, token budget or variant of the model."),
        _text_or_null("harness", "Scaffold the model ran in."),
        _date("release_date", "Day the model became public; empty when not known."),
        _text(
            "release_date_basis",
            "Where the release date comes from: the model registry, the first and "
            "last day it may be, or nowhere.",
            enum=("models_registry", "interval", "unknown"),
        ),
        _date("release_date_published", "Release date as the source prints it."),
        _date("release_earliest", "First day the model may have become public."),
        _date("release_latest", "Last day the model may have become public."),
        _date("reported_on", "Day the score became public; empty when not known."),
        _date("known_on", "Day from which an as_of can see the row."),
        _text(
            "known_on_basis",
            "Which date known_on is; release_date is a fallback that may be too early.",
            enum=("reported_on", "release_date", "unknown"),
        ),
        Column(
            "retrieved_at", "instant", "When we downloaded it; empty if unrecorded."
        ),
        Column("score", "number", "The score.", "score_unit", nullable=False),
        _number("standard_error", "Published standard error.", "score_unit"),
        _number("ci_low", "Lower end of the published 95% interval.", "score_unit"),
        _number("ci_high", "Upper end of the published 95% interval.", "score_unit"),
        _UNIT,
        _text("reporter", "Who published the score.", enum=REPORTERS),
        _text("source_url", "Address at which the figure was published."),
        _text_or_null("note", "The source's remarks."),
        _text_or_null("correction_ids", "Corrections applied, separated by ';'."),
        _text_or_null(
            "fit_exclusion",
            "Why the row is left out of fits; empty when it is used.",
            enum=("no_date", "out_of_range", "baseline"),
        ),
        Column(
            "is_record",
            "boolean",
            "Whether it beat every earlier release on its benchmark as of the vintage; "
            "empty until a vintage is cut.",
        ),
    ),
)

_SERIES_SCORE_COLUMNS: Final = (
    _SERIES,
    _BENCHMARK,
    Column(
        "frontier_date",
        "date",
        "Release date, or the last day it can have been where it is not known.",
        nullable=False,
    ),
    _text(
        "frontier_date_basis",
        "Which of the two it is; release_latest is an upper bound.",
        enum=("release_date", "release_latest"),
    ),
    _text("observation_id", "The observation."),
    _date_given("release_earliest", "First day the release can have been."),
    _date_given("release_latest", "Last day the release can have been."),
    _text("model_id", "Model that scored."),
    _text("model_name", "Name of that model."),
    _text_or_null("developer", "Who made it; empty when not stated."),
    Column("score", "number", "The score.", "score_unit", nullable=False),
    _number("standard_error", "Published standard error.", "score_unit"),
    _number("ci_low", "Lower end of the published 95% interval.", "score_unit"),
    _number("ci_high", "Upper end of the published 95% interval.", "score_unit"),
    _date("reported_on", "Day the score became public."),
    Column(
        "is_lower_bound",
        "boolean",
        "Whether the score is the most that the suite measures, and the published one "
        "was above it.",
        nullable=False,
    ),
)

SERIES_SCORES: Final = Table(
    "series_scores",
    "Scores of one series known as of the vintage, in order of date.",
    ("series_id", "frontier_date", "observation_id"),
    _SERIES_SCORE_COLUMNS,
)

FRONTIER: Final = Table(
    "frontier",
    "Scores that beat every earlier one of their series: the records.",
    ("series_id", "frontier_date"),
    _SERIES_SCORE_COLUMNS,
)

SCORE_FORECAST: Final = Table(
    "score_forecast",
    "Published frontier score of every series on days ahead, at 23 quantile levels.",
    ("series_id", "trend", "lead_months", "quantile_level"),
    (
        _AS_OF,
        _SERIES,
        _BENCHMARK,
        _TREND,
        Column(
            "lead_months",
            "integer",
            "Months after the last day on which a record could have been seen.",
            "month",
            nullable=False,
        ),
        _date_given("forecast_date", "The day so many months later."),
        Column(
            "quantile_level",
            "number",
            "Probability that the frontier is no further than the score on that day.",
            "probability",
            nullable=False,
        ),
        Column("score", "number", "The score.", "score_unit", nullable=False),
        _number(
            "score_calibrated",
            "At levels 0.1 and 0.9: end of the interval that held 80% of what came in "
            "the backtest; empty at other levels, where it has too few families, and "
            "where the rescaled interval did not hold 75 to 85% of families left out.",
            "score_unit",
        ),
        _UNIT,
        _RUN_ID,
        _CONTRACT,
    ),
)

TREND_FITS: Final = Table(
    "trend_fits",
    "One curve fitted to one series under one ceiling, or why there is none.",
    ("series_id", "trend", "ceiling"),
    (
        _AS_OF,
        _SERIES,
        _BENCHMARK,
        _TREND,
        _text(
            "link",
            "Scale on which the curve is straight: logit of (s - floor)/(ceiling - "
            "floor), ln s, or -ln s where lower is better.",
            enum=("logit", "ln", "minus_ln"),
        ),
        _UNIT,
        _number("floor", "Score of random guessing, for the logit link.", "score_unit"),
        _number("ceiling", "Highest reachable score assumed here.", "score_unit"),
        _probability("ceiling_weight", "Prior weight of that ceiling."),
        _text(
            "fit_status", "Whether there is a fit.", enum=("fitted", "not_estimated")
        ),
        _text("status_reason", "In words, what the fit rests on or why it is missing."),
        _count("n_observations", "Scores of the series that fits may use."),
        _count("n_records", "Records among them that enter the fit."),
        _date("first_record_date", "Date of the first record."),
        _date("last_record_date", "Date of the last record."),
        _date("observed_through", "Last day on which a record could have been seen."),
        _date("epoch_date", "Day at which time is zero in the fit."),
        _number("intercept", "Link-scale level at epoch_date."),
        _number("intercept_se", "Its standard error."),
        _number("slope_per_year", "Link-scale growth a year.", "1/year"),
        _number("slope_per_year_se", "Its standard error.", "1/year"),
        _number("intercept_slope_cov", "Covariance of the two."),
        _number("df", "Degrees of freedom of their t distribution; empty if normal."),
        _number("tau2", "Between-release variance on the link scale."),
        _number(
            "break_sup_f",
            "Largest F for a second line from some record on, searched over the "
            "central 70% of the records; empty under 8 records. It chooses nothing.",
        ),
        _probability(
            "break_p_value",
            "How often one line with independent scatter gives so large an F, by wild "
            "bootstrap (4,999 resamples). Records follow each other, so it is too "
            "small: of series of 12 records without a break, a third have 0.05 or less "
            "where releases scatter about a line, half where they walk.",
        ),
        _date("break_date", "First record of the second line that fits best."),
        _number(
            "sigma2_per_year",
            "Variance a year of the random walk, its sigma multiplied by sigma_factor.",
            "1/year",
        ),
        _number("sigma_factor", "Factor of sigma that the backtest found best."),
        _number("exposure_years", "First record to observed_through.", "years"),
        _number("silent_years", "Last record to observed_through.", "years"),
        Column("n_looks", "integer", "Days with a score after the first.", "count"),
        Column("n_silent_looks", "integer", "Those after the last record.", "count"),
        _number("own_slope_per_year", "Rise of this series' record.", "1/year"),
        _probability("own_slope_weight", "Its share in slope_per_year."),
        _text_or_null("pool", "Series whose drifts were pooled with it."),
        _number("pool_slope_per_year", "Mean drift of the pool.", "1/year"),
        _number("pool_slope_per_year_se", "Its standard error.", "1/year"),
        _number("pool_tau2", "Variance of drifts between families in the pool."),
        _number(
            "pool_drift_sd",
            "Standard deviation of the drift of a family outside the pool.",
            "1/year",
        ),
        Column("pool_n_families", "integer", "Families in the pool.", "count"),
        _number("growth_factor_per_year", "Exponential growth a year, as a factor."),
        _number("doubling_time_days", "ln 2 / slope; empty when not growing.", "days"),
        _number("doubling_time_days_lo95", "Lower end of its 95% interval.", "days"),
        _number(
            "doubling_time_days_hi95",
            "Upper end of its 95% interval; empty when no growth cannot be ruled out.",
            "days",
        ),
        _number("ceiling_estimate", "Highest score as estimated.", "score_unit"),
        _number(
            "ceiling_estimate_se",
            "Its standard error; empty where the estimate sits on its bound.",
            "score_unit",
        ),
        _probability(
            "ceiling_at_bound_share",
            "Share of resamples in which the estimated ceiling sits on its bound of 1, "
            "so that the scores do not show it.",
        ),
        _RUN_ID,
        _CONTRACT,
    ),
)

CROSSING_SUMMARY: Final = Table(
    "crossing_summary",
    "When one bar is crossed under one trend: the file to open first.",
    ("threshold_id", "sort_rank"),
    (
        _AS_OF,
        _THRESHOLD,
        _BAR,
        _text("threshold_label", "Benchmark and bar in words."),
        _TREND,
        Column(
            "is_headline",
            "boolean",
            "The one row that stands for its threshold.",
            nullable=False,
        ),
        _text(
            "crossing_status",
            "already_crossed; expected (median by projection_end); "
            "after_projection_end; never (probability of never at least 0.5); "
            "not_estimated.",
            enum=CROSSING_STATUSES,
        ),
        _text("median_label", "The median in words; never empty."),
        _text("interval80_label", "The 80% interval in words; never empty."),
        _probability("p_crossed_by_as_of", "Probability of a crossing by as_of."),
        _probability(
            "p_crossed_by_projection_end",
            "Probability of a crossing by projection_end (includes by as_of).",
        ),
        _probability("p_after_projection_end", "Probability of a later crossing."),
        _probability("p_never", "Probability that it is never crossed."),
        _date("median_date", "Median crossing date; empty when beyond the mass."),
        _date("q10_date", "10% quantile of the crossing date."),
        _date("q25_date", "25% quantile of the crossing date."),
        _date("q75_date", "75% quantile of the crossing date."),
        _date("q90_date", "90% quantile of the crossing date."),
        _date("date_lo", "Last day known to be below the bar (exclusive)."),
        _date("date_hi", "First day known to be at or above it (inclusive)."),
        Column(
            "contested",
            "boolean",
            "Whether measurement error leaves open on which side of the bar the "
            "standing record is; empty where no error is published.",
        ),
        _probability(
            "coverage80_backtest",
            "Share of past dates that 80% intervals of this trend and kind of score "
            "held in the backtest (Kaplan-Meier: dates still to come count as later); "
            "empty where no bar was watched to the end of its interval.",
        ),
        Column("n_backtest", "integer", "Past forecasts of dates behind it.", "count"),
        Column("projection_end", "date", "Last date extrapolated to.", nullable=False),
        _count("sort_rank", "Order within the threshold: bars easy to hard."),
        _number("frontier_score", "Standing record as of the vintage.", "score_unit"),
        Column("bar_value", "number", "The bar.", "score_unit", nullable=False),
        _UNIT,
        _text_or_null("frontier_model_name", "Model that holds the record."),
        _date("frontier_date", "Date of the record."),
        _count("n_observations", "Scores of the series that fits may use."),
        _count("n_records", "Records among them."),
        Column(
            "change_days",
            "integer",
            "Days the median moved since the previous published vintage.",
            "days",
        ),
        _text(
            "change_cause",
            "What made more than half of the movement; mixed if nothing did, "
            "not_attributed where it was not split (rows that are no headline).",
            enum=CHANGE_CAUSES,
        ),
        _text("status_reason", "What the row rests on, or why there is no date."),
        _count("n_draws", "Parameter draws behind the row; 0 where exact."),
        _count("n_draws_failed", "Draws that could not be evaluated."),
        _number("mc_error_days", "Monte Carlo error of the median.", "days"),
        _date("observed_through", "Last day on which a record could have been seen."),
        _text(
            "estimand",
            "trend_line: the fitted line reaches the bar; first_record: a published "
            "score does.",
            enum=("trend_line", "first_record"),
        ),
        _count("threshold_version", "Version of the threshold file."),
        _RUN_ID,
        _CONTRACT,
        _probability(
            "p_line_already_past",
            "Probability that the fitted curve is past this bar already although no "
            "score is. A bar that it is past with more than a half is not estimated; "
            "lines are conditioned on being below the easiest of the other open bars "
            "of the threshold, so that listing an easier bar can move a date.",
        ),
        _date(
            "lo80_calibrated_date",
            "Lower end of the 80% interval after calibration on other benchmark "
            "families: a tenth of past dates came before such a day; empty where the "
            "backtest has too few families to say.",
        ),
        _date(
            "hi80_calibrated_date",
            "Upper end of the same: a tenth came after; empty also where no bar was "
            "watched to such a day.",
        ),
    ),
)

CROSSING_QUANTILES: Final = Table(
    "crossing_quantiles",
    "Crossing dates at 23 quantile levels.",
    ("threshold_id", "bar_id", "trend", "quantile_level"),
    (
        _AS_OF,
        _THRESHOLD,
        _BAR,
        _TREND,
        Column("quantile_level", "number", "Level.", "probability", nullable=False),
        _date("crossing_date", "Date; empty when beyond the mass or projection_end."),
        _text(
            "crossing_label",
            "The date in words, no finer than its Monte Carlo error; never empty.",
        ),
        _text("crossing_status", "As in crossing_summary.", enum=CROSSING_STATUSES),
        _number("mc_error_days", "Monte Carlo error of the date.", "days"),
        _RUN_ID,
        _CONTRACT,
    ),
)

CROSSING_CDF: Final = Table(
    "crossing_cdf",
    "Probability that a bar has been crossed by the end of each month.",
    ("threshold_id", "bar_id", "trend", "by_date"),
    (
        _AS_OF,
        _THRESHOLD,
        _BAR,
        _TREND,
        Column("by_date", "date", "Last day of a month.", nullable=False),
        Column("p_crossed", "number", "Probability.", "probability", nullable=False),
        _RUN_ID,
        _CONTRACT,
    ),
)

THRESHOLDS: Final = Table(
    "thresholds",
    "The thresholds and bars that the run used.",
    ("threshold_id", "bar_rank"),
    (
        _THRESHOLD,
        _count("threshold_version", "Version of the threshold file."),
        _text(
            "status", "draft, active or retired.", enum=("draft", "active", "retired")
        ),
        _text("title", "Title."),
        _text("domain", "Part of AI R&D that the benchmark speaks about."),
        _text("owner", "Team that answers for it."),
        _BENCHMARK,
        _SERIES,
        _BAR,
        _count("bar_rank", "Place on the ladder, 1 is the easiest."),
        _text("bar_label", "The bar in words."),
        Column("bar_value", "number", "The bar.", "score_unit", nullable=False),
        _UNIT,
        _text("direction", "Which scores are better.", enum=("higher", "lower")),
        _text("bar_basis", "Why the bar stands there; project_choice is our own."),
        Column(
            "is_headline", "boolean", "The threshold's headline bar.", nullable=False
        ),
        _text("trends", "Families it asks for, separated by ';'."),
        _text("headline_trend", "Family of its headline row.", enum=TRENDS),
        Column("projection_end", "date", "Last date extrapolated to.", nullable=False),
        _text("counts_if", "Which number must reach the bar."),
        _text("date_used", "Which date is the crossing."),
        _text("operationalisation", "What exactly counts."),
        _text("why_it_matters", "Why anybody should care."),
        _text_or_null("source_citation", "Source of the bar."),
        _text_or_null("source_url", "Its address."),
    ),
)

QUARANTINE: Final = Table(
    "quarantine",
    "Rejected rows, each with the expectation it broke.",
    ("source_id", "source_file", "source_row", "expectation"),
    (
        _text("source_id", "Publisher."),
        _text_or_null("benchmark_id", "Benchmark, when it could be told."),
        _text("source_file", "File the row was read from."),
        _count("source_row", "Line of that file."),
        _text("table", "Table whose suite rejected the row."),
        _text("expectation", "Expectation that it broke."),
        _text("reason", "What is wrong, with the value found."),
        _text("row_json", "The whole row as it was read."),
    ),
)

_REFERENCE = _text(
    "reference_id", "Statement, as in data/registry/reference_forecasts.yaml."
)
_SCENARIO = _text("scenario_id", "Scenario, as in data/registry/scenarios.yaml.")
_DEPENDENCE = _text(
    "dependence",
    "Correlation between benchmarks: none, that of past forecast errors, or 0.9.",
    enum=DEPENDENCES,
)
_GAP = _text(
    "gap",
    "Whether the prior on the time from the bars to automated R&D is added; none is "
    "what the benchmarks imply, not automated R&D.",
    enum=GAPS,
)

AUTOMATION: Final = Table(
    "automation",
    "When enough bars of a scenario are crossed, and with its prior gap when R&D would "
    "be automated; without the gap a date is benchmark-implied only.",
    ("scenario_id", "dependence", "gap"),
    (
        _AS_OF,
        _SCENARIO,
        _text("scenario_title", "The scenario in few words."),
        _text("scenario_statement", "What holds when it has come about."),
        _DEPENDENCE,
        _GAP,
        _text("gap_label", "The gap in words."),
        _number("rho", "Correlation of the common factor; empty while not fitted."),
        _number("rho_low", "Lower end of its interval, where it was fitted."),
        _number("rho_high", "Upper end of its interval, where it was fitted."),
        _number("rho_lead_time_months", "Lead time at which it was taken.", "months"),
        _text(
            "scenario_status", "As crossing_status of a bar.", enum=CROSSING_STATUSES
        ),
        _text("median_label", "The median in words; never empty."),
        _text("interval80_label", "The 80% interval in words; never empty."),
        _probability("p_by_as_of", "Probability by as_of."),
        _probability("p_by_projection_end", "Probability by projection_end."),
        _probability("p_after_projection_end", "Probability of a later date."),
        _probability("p_never", "Probability that it never comes about."),
        _date("q10_date", "10% quantile; empty when beyond the mass."),
        _date("q25_date", "25% quantile."),
        _date("median_date", "Median."),
        _date("q75_date", "75% quantile."),
        _date("q90_date", "90% quantile."),
        *(
            _probability(f"p_by_end_{year}", f"Probability by {year}-12-31.")
            for year in AUTOMATION_YEARS
        ),
        Column("projection_end", "date", "Last date extrapolated to.", nullable=False),
        _number("mc_error_days", "Monte Carlo error of the median, at most.", "days"),
        _count("n_gates", "Bars of the scenario."),
        _count("n_gates_crossed", "Bars among them that are crossed."),
        _count("n_gates_not_estimated", "Bars among them without a law."),
        _text("gates", "Bars by part of AI R&D, and how many are needed if not all."),
        _text_or_null("slowest_gate", "Open bar least likely by the median."),
        _text("status_reason", "What the row rests on, or why there is no date."),
        _RUN_ID,
        _CONTRACT,
    ),
)

REFERENCE_FORECASTS: Final = Table(
    "reference_forecasts",
    "What others have said, as stated, how good our copy is, and how it came out.",
    ("reference_id",),
    (
        _AS_OF,
        _REFERENCE,
        _text("forecaster", "Who said it."),
        _text("date_made", "Year, month or day on which it was said."),
        _text("event", "What it is about, in our words."),
        _text("operationalisation", "What exactly would count, in our words."),
        _text("kind", "Kind of statement."),
        _probability("probability", "Probability as stated."),
        _text_or_null("by_date", "Date as stated."),
        _text_or_null("point", "Median, point or date as stated."),
        _text_or_null("quantiles", "Interval or quantiles as stated."),
        _text_or_null("unit", "Unit of the point and the quantiles."),
        _text("source", "Where it was said."),
        _text("retrieved_as", "How reliable our copy is."),
        Column(
            "exact_page",
            "boolean",
            "Whether the source is the page itself, not only its site.",
            nullable=False,
        ),
        _text_or_null("note", "What else to know."),
        _probability("read_probability", "Probability that we read from it."),
        _date("read_date", "Day by which we read it."),
        _text_or_null(
            "read_bound",
            "Whether the probability is about that, at least or below.",
            enum=("about", "at_least", "below"),
        ),
        _text_or_null("compared_with", "Scenario it is set beside."),
        _text_or_null("not_compared_because", "Why there is none."),
        _date("belief_q10_date", "10% of the lognormal through its probabilities."),
        _date("belief_median_date", "Its median."),
        _date("belief_q90_date", "Its 90% quantile."),
        _date("belief_q90_weibull_date", "90% quantile of a Weibull through the same."),
        _text("outcome_label", "How it came out, in words; never empty."),
        _number("their_score", "Their score, lower is better."),
        _number("our_score", "Ours, of the vintage of that time."),
        _text("score_label", "Which score it is, or why there is none."),
        _RUN_ID,
        _CONTRACT,
    ),
)

REFERENCE_COMPARISONS: Final = Table(
    "reference_comparisons",
    "Our probability at the day of a reference forecast, and the gap at which we agree.",
    ("reference_id", "dependence", "gap"),
    (
        _AS_OF,
        _REFERENCE,
        _SCENARIO,
        _DEPENDENCE,
        _GAP,
        _date("read_date", "Day by which the statement is read."),
        _probability("their_probability", "Their probability by that day."),
        _probability("our_probability", "Ours; empty where nothing is estimated."),
        _number(
            "implied_gap_months",
            "The constant gap at which our probability is theirs.",
            "months",
        ),
        _text("implied_gap_label", "That gap in words, or why there is none."),
        _number(
            "distance_years",
            "Integral of the difference between the two curves over ten years from "
            "as_of.",
            "years",
        ),
        _RUN_ID,
        _CONTRACT,
    ),
)

ESSAY_CLAIMS: Final = Table(
    "essay_claims",
    "Figures of the essay in Import AI 455 beside the primary ones.",
    ("claim_id",),
    (
        _AS_OF,
        _text("claim_id", "Figure, as in data/registry/essay_claims.yaml."),
        _text("subject", "Benchmark as the essay speaks of it."),
        _text("model_name_printed", "Model as the essay speaks of it."),
        _text("dated", "When the figure is from."),
        _number("value", "Figure as the essay prints it.", "value_unit"),
        _text("value_unit", "Its unit."),
        _text(
            "verdict",
            "What the primary figure says of it.",
            enum=(
                "agrees",
                "restated",
                "other_test",
                "other_grading",
                "not_found",
                "no_series",
                "not_a_measurement",
            ),
        ),
        _number("primary_value", "Primary figure in the same unit.", "value_unit"),
        _text_or_null("benchmark_id", "Benchmark of the primary figure."),
        _text_or_null("model_id", "Model of the primary figure."),
        _text_or_null("source_url", "Where the primary figure was published."),
        _text("comment", "What differs."),
        _RUN_ID,
        _CONTRACT,
    ),
)

LABOUR_RATIO: Final = Table(
    "labour_ratio",
    "Share of R&D labour done by agents under an assumed ratio; arithmetic, no forecast.",
    ("ratio_id",),
    (
        _AS_OF,
        _text("ratio_id", "Case, as in data/registry/labour_ratios.yaml."),
        _text("label", "The case in words."),
        Column(
            "agents_per_human", "number", "Agent workdays a human workday.", "ratio"
        ),
        Column("work_per_agent", "number", "Human workdays an agent workday.", "ratio"),
        Column(
            "share_of_labour",
            "number",
            "1 - humans/(humans + agents), agents weighted.",
            "fraction",
            nullable=False,
        ),
        _text_or_null("source", "Where the ratio was stated."),
        _text("comment", "What to know."),
        _RUN_ID,
        _CONTRACT,
    ),
)

TRIPWIRES: Final = Table(
    "tripwires",
    "Evidence that new figures break the bands published before them, by benchmark.",
    ("series_id",),
    (
        _AS_OF,
        _SERIES,
        _BENCHMARK,
        _UNIT,
        _date(
            "previous_as_of", "Vintage whose forecast was tested; empty if none was."
        ),
        _date("observed_from", "Last day that it had observed."),
        _date("observed_through", "Last day observed now."),
        _number("record_before", "Record that it knew.", "score_unit"),
        _number(
            "q10_score",
            "Slow end of its 80% band for the record on observed_through: the record "
            "was to get there or further with probability 0.9.",
            "score_unit",
        ),
        _number("median_score", "The same with probability 0.5.", "score_unit"),
        _number("q90_score", "The same with probability 0.1.", "score_unit"),
        _number(
            "record_found",
            "Best of record_before and of scores known after observed_from; revised "
            "old scores are no news.",
            "score_unit",
        ),
        _probability("p_no_record", "Probability it gave to no new record."),
        _probability(
            "rank_low",
            "P(record no better than the one found), uniform if the forecast is right; "
            "0 without a new record, when it lies between here and rank_high.",
        ),
        _probability("rank_high", "Upper end; the same where there is a new record."),
        _number(
            "e_value_slower",
            "What one unit bet on slower records than forecast has become.",
            "factor",
        ),
        _number("e_value_faster", "The same for faster records.", "factor"),
        _number("e_process_slower", "Product of the first over vintages.", "factor"),
        _number("e_process_faster", "Product of the second.", "factor"),
        Column(
            "e_process",
            "number",
            "Mean of the two: evidence against the forecasts, 1 for none.",
            "factor",
            nullable=False,
        ),
        Column(
            "alarm",
            "boolean",
            "Whether the forecasts are broken: e-BH over all rows, at most 5% false "
            "alarms among those that stand.",
            nullable=False,
        ),
        _date("alarm_since", "First vintage of the alarm that stands."),
        _text("label", "All of it in words; never empty."),
        _RUN_ID,
        _CONTRACT,
    ),
)

FORECASTERS: Final = (
    "no_change",
    "linear",
    "metr_exponential",
    "logistic",
    "exponential",
    "quantile",
    "drift_unpooled",
    "drift",
    "equal_pool",
    "ensemble",
)
"""Everything the backtest compares."""

_BACKTEST = _text("backtest_id", "First 12 hex digits of the hash of what it used.")
_TARGET = _text(
    "target",
    "level: the frontier score lead_months later; crossing: the day a bar that was "
    "open at the origin is reached.",
    enum=("level", "crossing"),
)
_LEAD = Column("lead_months", "integer", "How far ahead; empty for crossings.", "month")
_FORECASTER = _text(
    "forecaster",
    "no_change: the record stands; linear: least squares through the records in score "
    "units; metr_exponential: least squares of ln score through all records; "
    "drift_unpooled: the drift without other benchmarks; equal_pool: the ensemble with "
    "equal weights; the others are trend families, the ensemble with weights stacked "
    "on other benchmark families.",
    enum=FORECASTERS,
)
_SCALE = _text(
    "scale", "Bounded scores (logit) or not (ln).", enum=("bounded", "unbounded")
)
_CUT_ON = _text(
    "cut_on",
    "Day on which a score enters past forecasts: when it was reported; or when its "
    "model was released, where all rows of a benchmark were reported late or revised, "
    "so that its forecasts are not out of sample.",
    enum=("reported_on", "release_date"),
)
_MOVED_BY = _text("moved_by", "Who sets the records.", enum=("models", "people"))

BACKTEST_FORECASTS: Final = Table(
    "backtest_forecasts",
    "One forecast that would have been made at a past origin, what came, its scores.",
    (
        "target",
        "series_id",
        "origin_date",
        "threshold_id",
        "bar_id",
        "lead_months",
        "forecaster",
    ),
    (
        _TARGET,
        _SERIES,
        _BENCHMARK,
        _text("family_id", "Benchmarks whose news is shared."),
        _SCALE,
        _MOVED_BY,
        _CUT_ON,
        _date_given("origin_date", "Day of the forecast; nothing later is in it."),
        _date_given("observed_through", "Last day a record could have been seen."),
        Column("frontier_score", "number", "Record on that day.", "score_unit"),
        _UNIT,
        _FORECASTER,
        _LEAD,
        _date("target_date", "Day whose frontier is forecast."),
        _number("observed_score", "Published frontier on that day.", "score_unit"),
        *(
            _number(f"q{level:02d}_score", f"{level}% quantile.", "score_unit")
            for level in (5, 10, 25, 50, 75, 90, 95)
        ),
        _text_or_null("threshold_id", "Threshold of the bar; empty for levels."),
        _text_or_null("bar_id", "Rung of its ladder; empty for levels."),
        _number("bar_value", "The bar.", "score_unit"),
        Column("window_days", "integer", "Days scored: 24 months or the data's end."),
        Column("is_crossed", "boolean", "Whether the bar was reached in the window."),
        _date("crossed_on", "Day on which a score at the bar was public."),
        _probability("p_by_12m", "Forecast probability of a crossing in 12 months."),
        _probability("p_by_24m", "Forecast probability of a crossing in 24 months."),
        _probability("p_below", "Probability given to less than what came."),
        _probability(
            "p_at_most",
            "Probability given to no more than what came; for a bar not reached, to a "
            "crossing by the window's end.",
        ),
        _probability("pit", "Randomised probability-integral transform."),
        _number("crps_link", "CRPS on the link scale."),
        _number("crps_score", "CRPS in score units.", "score_unit"),
        _number(
            "abs_error_score", "Median less what came, without sign.", "score_unit"
        ),
        _number("interval80_link", "Interval score of the 80% interval, link scale."),
        Column("covered50", "boolean", "Whether the 50% interval held what came."),
        Column("covered80", "boolean", "Whether the 80% interval held what came."),
        Column("covered90", "boolean", "Whether the 90% interval held what came."),
        _number("brier_12m", "Brier score of a crossing within 12 months."),
        _number("brier_24m", "Brier score of a crossing within 24 months."),
        _number("integrated_brier", "Mean Brier score of the date over the window."),
        _BACKTEST,
    ),
)

BACKTEST_SCORES: Final = Table(
    "backtest_scores",
    "Mean score of a forecaster, or its difference from another on the same cases.",
    (
        "target",
        "cut_on",
        "scale",
        "moved_by",
        "metric",
        "lead_months",
        "forecaster",
        "compared_with",
    ),
    (
        _TARGET,
        _CUT_ON,
        _SCALE,
        _MOVED_BY,
        _text("metric", "Column of backtest_forecasts that is averaged."),
        _LEAD,
        _FORECASTER,
        _text_or_null(
            "compared_with",
            "Forecaster it is compared with, on cases that both have; empty for the "
            "mean over its own cases.",
            enum=FORECASTERS,
        ),
        _count("n_forecasts", "Forecasts averaged."),
        _count("n_series", "Series among them."),
        _count("n_families", "Benchmark families among them."),
        _count("n_origins", "Days of forecast among them."),
        _number(
            "n_effective_origins",
            "Separate origins that as many overlapping ones are worth.",
            "count",
        ),
        Column("mean_score", "number", "Mean over forecasts.", nullable=False),
        _number("family_mean_score", "Mean over families of their means."),
        _number("mean_score_compared", "Mean of the other on the same cases."),
        _number("difference", "mean_score less that; negative is better."),
        _number(
            "difference_low",
            "Lower end of its 95% interval; empty where that is unbounded, since origins "
            "of one family are worth less than two.",
        ),
        _number("difference_high", "Upper end."),
        _text_or_null(
            "interval_over",
            "What the interval speaks of: other benchmark families (resampled; under "
            "five, Student's t), or other origins of the one family there is.",
            enum=("families", "origins"),
        ),
        _BACKTEST,
    ),
)

PUBLISHED: Final = (
    CROSSING_SUMMARY,
    CROSSING_QUANTILES,
    CROSSING_CDF,
    SCORE_FORECAST,
    AUTOMATION,
    REFERENCE_FORECASTS,
    REFERENCE_COMPARISONS,
    ESSAY_CLAIMS,
    LABOUR_RATIO,
    TRIPWIRES,
    TREND_FITS,
    OBSERVATIONS,
    THRESHOLDS,
    QUARANTINE,
)
"""Tables that a run publishes; FRONTIER stays inside."""

CARRIED: Final = (BACKTEST_SCORES, BACKTEST_FORECASTS)
"""Tables that a run carries where a backtest of the same figures and code is there."""
