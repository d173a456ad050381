"""Scores: as read, as observed, by series, and those that were rejected."""

from typing import Final

from trends.tables.columns import (
    Column,
    Table,
    count,
    date_given,
    date_or_null,
    number,
    text,
    text_or_null,
)
from trends.tables.shared import BENCHMARK, INTERVAL, REPORTERS, SERIES, UNIT

RAW_SCORES: Final = Table(
    "raw_scores",
    "Rows as a source prints them, every cell as text, in the published unit.",
    ("source_file", "source_row"),
    (
        text("source_id", "Publisher, as in data/registry/sources.yaml."),
        BENCHMARK,
        text("source_file", "File the row was read from."),
        count("source_row", "Line of that file; the header is line 1."),
        text_or_null("model_name_published", "Name exactly as the source prints it."),
        text_or_null("developer", "Who made the model."),
        text_or_null("release_date", "Day the model became public."),
        text_or_null("score", "The score in the published unit."),
        text_or_null("standard_error", "Published standard error."),
        text_or_null("ci_low", f"Lower end of the published {INTERVAL}."),
        text_or_null("ci_high", f"Upper end of the published {INTERVAL}."),
        text_or_null("harness", "Scaffold the model ran in."),
        text_or_null("reported_on", "Day the score became public."),
        text_or_null("reporter", "Who published the score."),
        text_or_null("source_url", "Address at which the figure was published."),
        text_or_null("note", "The source's remarks."),
        text_or_null("scoring_rule", "Rule of scoring, where the row states one."),
        text_or_null("retrieved_on", "Day of the copy that the row was read in."),
    ),
)

OBSERVATIONS: Final = Table(
    "observations",
    "One score of one model on one benchmark from one source.",
    ("benchmark_id", "observation_id"),
    (
        text("observation_id", "Stable id made of the row's content."),
        BENCHMARK,
        text("source_id", "Publisher, as in data/registry/sources.yaml."),
        text("source_file", "File the row was read from."),
        count("source_row", "Line of that file; the header is line 1."),
        text(
            "model_id",
            "AI model, as in data/registry/models.yaml; of a benchmark measured by "
            "period, the period.",
        ),
        text("model_name", "Name of that model or period."),
        text("model_name_published", "Name exactly as the source prints it."),
        text(
            "entrant_kind",
            "A model, a system of several models or an agent product, a record set by "
            "people, or a period of a company's work.",
            enum=("model", "system", "record", "period"),
        ),
        text_or_null("developer", "Who made the model; empty when not stated."),
        text_or_null("setting", "Effort, token budget or variant of the model."),
        text_or_null("harness", "Scaffold the model ran in."),
        date_or_null(
            "release_date",
            "Day the model became public; of a period, its last day, or the first day "
            "of a week; empty when not known.",
        ),
        text(
            "release_date_basis",
            "Where the release date comes from: the model registry, the first and "
            "last day it may be, the period measured, or nowhere.",
            enum=("models_registry", "interval", "period", "unknown"),
        ),
        date_or_null("release_date_published", "Release date as the source prints it."),
        date_or_null("release_earliest", "First day the model may have become public."),
        date_or_null("release_latest", "Last day the model may have become public."),
        date_or_null(
            "reported_on", "Day the score became public; empty when not known."
        ),
        date_or_null(
            "known_on",
            "Day from which an as_of can see the row, once its benchmark is public "
            "(first_public_on in data/registry/benchmarks.yaml).",
        ),
        text(
            "known_on_basis",
            "Which date known_on is; release_date is a fallback that may be too early, "
            "retrieved_on the day of the copy that shows a revised score.",
            enum=("reported_on", "release_date", "unknown", "retrieved_on"),
        ),
        Column(
            "retrieved_at", "instant", "When we downloaded it; empty if unrecorded."
        ),
        Column("score", "number", "The score.", "score_unit", nullable=False),
        number("standard_error", "Published standard error.", "score_unit"),
        number("ci_low", f"Lower end of the published {INTERVAL}.", "score_unit"),
        number("ci_high", f"Upper end of the published {INTERVAL}.", "score_unit"),
        UNIT,
        text("reporter", "Who published the score.", enum=REPORTERS),
        text("source_url", "Address at which the figure was published."),
        text_or_null("note", "The source's remarks."),
        text_or_null("correction_ids", "Corrections applied, separated by ';'."),
        text_or_null(
            "fit_exclusion",
            "Why the row is left out of fits; empty when it is used. One out_of_range is a "
            "lower bound in series of thresholds that say so.",
            enum=(
                "no_date",
                "out_of_range",
                "below_range",
                "baseline",
                "scoring_rule",
                "no_logarithm",
            ),
        ),
        Column(
            "is_record",
            "boolean",
            "Whether it beat every earlier release on its benchmark as of the vintage; "
            "empty until a vintage is cut.",
        ),
        text_or_null(
            "contradicted_by",
            "Of a record: the later observation of the same model that is worse by more "
            "than both errors, in the same harness or in the benchmark's own set-up.",
        ),
        text_or_null(
            "uncertainty_dropped",
            "Published error or interval that cannot be used, why, and what takes its "
            "place in fits; empty where none was dropped.",
        ),
        text_or_null(
            "scoring_rule",
            "Rule under which the answers were scored, where the row states one; empty "
            "for that of the benchmark (scoring_rule in data/registry/benchmarks.yaml).",
        ),
        date_or_null(
            "revised_on",
            "Day from which a later revision of the same score stands in its place; "
            "empty where the row stands. A row that was replaced is in no fit.",
        ),
        text_or_null(
            "entry_id",
            "Stable id of what was scored, the same in every revision: made of model, "
            "setting, harness, rule of scoring and reporter, not of the score.",
        ),
    ),
)

_SERIES_SCORE_COLUMNS: Final = (
    SERIES,
    BENCHMARK,
    Column(
        "frontier_date",
        "date",
        "Release date, or the last day it can have been where it is not known.",
        nullable=False,
    ),
    text(
        "frontier_date_basis",
        "Which of the two it is; release_latest is an upper bound.",
        enum=("release_date", "release_latest"),
    ),
    text("observation_id", "The observation."),
    date_given("release_earliest", "First day the release can have been."),
    date_given("release_latest", "Last day the release can have been."),
    text("model_id", "Model that scored."),
    text("model_name", "Name of that model or period."),
    text_or_null("developer", "Who made it; empty when not stated."),
    text_or_null("setting", "Effort, token budget or variant of the model."),
    text_or_null("harness", "Scaffold the model ran in, and the set-up."),
    text_or_null("reporter", "Who published the score."),
    Column("score", "number", "The score.", "score_unit", nullable=False),
    number("standard_error", "Published standard error.", "score_unit"),
    number("ci_low", f"Lower end of the published {INTERVAL}.", "score_unit"),
    number("ci_high", f"Upper end of the published {INTERVAL}.", "score_unit"),
    date_or_null("reported_on", "Day the score became public."),
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

QUARANTINE: Final = Table(
    "quarantine",
    "Rejected rows, each with the expectation it broke.",
    ("source_id", "source_file", "source_row", "expectation"),
    (
        text("source_id", "Publisher."),
        text_or_null("benchmark_id", "Benchmark, when it could be told."),
        text("source_file", "File the row was read from."),
        count("source_row", "Line of that file."),
        text("table", "Table whose suite rejected the row."),
        text("expectation", "Expectation that it broke."),
        text("reason", "What is wrong, with the value found."),
        text("row_json", "The whole row as it was read."),
    ),
)
