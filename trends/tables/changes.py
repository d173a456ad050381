"""What moved each headline, and why."""

from typing import Final

from trends.tables.columns import (
    Column,
    Table,
    count,
    date_or_null,
    number,
    probability,
    text,
    text_or_null,
)
from trends.tables.shared import (
    AS_OF,
    BAR,
    CONTRACT,
    CROSSING_STATUSES,
    RUN_ID,
    SCORE_UNITS,
    THRESHOLD,
    TREND,
)

WINDOWS: Final = ("previous_vintage", "days_7", "days_30", "days_90")

EARLIER_KINDS: Final = ("published", "ledger", "recomputed", "nothing")

MOVE_CAUSES: Final = (
    "new_benchmark",
    "new_record",
    "new_scores",
    "revised_scores",
    "watched_longer",
    "benchmark_entry",
    "several_families",
    "thresholds_and_weights",
    "code",
    "code_registry_and_corrections",
    "together",
    "first_estimate",
    "no_longer_estimated",
    "unchanged",
    "not_attributed",
)

MOVE_THROUGH: Final = ("own", "pool", "other")

CHANGES: Final = Table(
    "changes",
    "What moved each headline since the previous vintage and in the last 7, 30 and 90 "
    "days: a row a headline and cause, the largest first.",
    ("window", "move_rank", "cause_rank"),
    (
        AS_OF,
        text(
            "window",
            "Since when: the previous vintage, or so many days before as_of.",
            enum=WINDOWS,
        ),
        date_or_null("since", "The earlier day; empty where no vintage is earlier."),
        text(
            "compared_with",
            "What the earlier numbers are: published then; a forecast of record, which "
            "has no inputs; recomputed with this run's code and registry on figures "
            "public on that day; or nothing, where no vintage is earlier.",
            enum=EARLIER_KINDS,
        ),
        text_or_null("earlier_run_id", "The earlier run, where one is compared with."),
        Column(
            "move_rank",
            "integer",
            "Place of the headline in its window, 1 for the largest move: dates that "
            "came or went, then days (five points of never count as a month), then "
            "other probabilities, then first estimates, then what did not move.",
            nullable=False,
        ),
        THRESHOLD,
        BAR,
        TREND,
        text("threshold_label", "Series and bar in words."),
        text_or_null(
            "status_before",
            "Status on the earlier day; empty where that vintage lacks the headline.",
            enum=CROSSING_STATUSES,
        ),
        text("status_after", "Status now.", enum=CROSSING_STATUSES),
        date_or_null(
            "if_ever_before",
            "Median date given that the bar is ever crossed, as of that day; of a "
            "forecast of record up to 2026-11-28 to within days.",
        ),
        date_or_null("if_ever_after", "The same now."),
        probability("p_never_before", "Probability of never on that day."),
        probability("p_never_after", "Probability of never now."),
        text(
            "label_before",
            "When, if ever, and how likely never was, in words; never empty.",
        ),
        text("label_after", "The same now; never empty."),
        text(
            "moved_unit",
            "What moved_by and part count: days of the date if ever; the probability by "
            "by_date where such a date is missing; nothing where no number can be told.",
            enum=("days", "probability", "nothing"),
        ),
        date_or_null("by_date", "Day of the probabilities."),
        number(
            "moved_by",
            "The date now less the earlier one, or the probabilities. The parts of a "
            "headline sum to it.",
            "moved_unit",
        ),
        number(
            "never_moved_by",
            "The probability of never now less the earlier one. The never_parts of a "
            "headline sum to it.",
        ),
        Column(
            "cause_rank",
            "integer",
            "Place of the cause, 1 for the largest part.",
            nullable=False,
        ),
        text("cause", "What did it.", enum=MOVE_CAUSES),
        text(
            "through",
            "own: its own benchmark's news; pool: other benchmarks, from which its "
            "trend learns pace, scatter and waits; other: neither.",
            enum=MOVE_THROUGH,
        ),
        number("part", "By how much it moved the headline.", "moved_unit"),
        number("never_part", "By how much it moved the probability of never."),
        text_or_null("family_id", "Family of benchmarks whose news it is."),
        text_or_null("benchmark_id", "The benchmark whose score stands beside."),
        count("n_scores", "Scores of the cause that are new, revised or withdrawn."),
        text_or_null(
            "score_change",
            "What became of the score that stands beside, the most telling of them.",
            enum=("new_record", "new", "revised", "withdrawn"),
        ),
        text_or_null("model_name", "Its model."),
        number(
            "score", "The score; the last one, where it was withdrawn.", "score_unit"
        ),
        text_or_null("score_unit", "Its unit.", enum=SCORE_UNITS),
        date_or_null(
            "score_date", "Day on which the model was released, or at latest."
        ),
        date_or_null("score_known_on", "Day from which it was known."),
        number("score_before", "What it was before it was revised.", "score_unit"),
        text_or_null("source_file", "File in which it stands."),
        Column("source_row", "integer", "Line of that file."),
        text("label", "The cause in words, with up to three scores; never empty."),
        RUN_ID,
        CONTRACT,
    ),
)
