"""Bars, and the date on which each is crossed."""

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
    BENCHMARK,
    CHANGE_CAUSES,
    CONTRACT,
    CROSSING_STATUSES,
    RUN_ID,
    SERIES,
    THRESHOLD,
    TREND,
    TRENDS,
    UNIT,
)

CROSSING_SUMMARY: Final = Table(
    "crossing_summary",
    "When one bar is crossed under one trend: every bar, with all that is known of it.",
    ("threshold_id", "sort_rank"),
    (
        AS_OF,
        THRESHOLD,
        BAR,
        text("threshold_label", "Benchmark and bar in words."),
        TREND,
        Column(
            "is_headline",
            "boolean",
            "The one row that stands for its threshold.",
            nullable=False,
        ),
        text(
            "crossing_status",
            "already_crossed; expected (median by projection_end); "
            "after_projection_end; never (probability of never at least 0.5); "
            "not_estimated.",
            enum=CROSSING_STATUSES,
        ),
        text(
            "median_label",
            "The median in words, with every mark: not seen, contested, DRAFT, a better "
            "score in quarantine, withheld; never empty.",
        ),
        text(
            "interval80_label",
            "The 80% interval in words, with held n% where such intervals held fewer "
            "than 80% of past dates; never empty.",
        ),
        probability("p_crossed_by_as_of", "Probability of a crossing by as_of."),
        probability(
            "p_crossed_by_projection_end",
            "Probability of a crossing by projection_end (includes by as_of).",
        ),
        probability("p_after_projection_end", "Probability of a later crossing."),
        probability("p_never", "Probability that it is never crossed."),
        date_or_null(
            "median_date", "Median crossing date; empty when beyond the mass."
        ),
        date_or_null("q10_date", "10% quantile of the crossing date."),
        date_or_null("q25_date", "25% quantile of the crossing date."),
        date_or_null("q75_date", "75% quantile of the crossing date."),
        date_or_null("q90_date", "90% quantile of the crossing date."),
        date_or_null("date_lo", "Last day known to be below the bar (exclusive)."),
        date_or_null("date_hi", "First day known to be at or above it (inclusive)."),
        Column(
            "contested",
            "boolean",
            "Whether measurement error leaves open on which side of the bar the "
            "standing record is, or a later measurement of the same model contradicts "
            "the score that decides (the standing record, or the one that crossed); "
            "empty where no error is published.",
        ),
        probability(
            "coverage80_backtest",
            "Share of past dates that 80% intervals of this trend held in the backtest "
            "(Kaplan-Meier: dates still to come count as later): of records and of the "
            "drift as wide as they are published, of the benchmark's own family where it "
            "has 20 dates, else of this kind of score. Empty where no bar was watched to the end of "
            "its interval.",
        ),
        Column("n_backtest", "integer", "Past forecasts of dates behind it.", "count"),
        Column("projection_end", "date", "Last date extrapolated to.", nullable=False),
        count("sort_rank", "Order within the threshold: bars easy to hard."),
        number("frontier_score", "Standing record as of the vintage.", "score_unit"),
        Column("bar_value", "number", "The bar.", "score_unit", nullable=False),
        UNIT,
        text_or_null("frontier_model_name", "Model that holds the record."),
        date_or_null("frontier_date", "Date of the record."),
        count("n_observations", "Scores of the series that fits may use."),
        count("n_records", "Records among them."),
        Column(
            "change_days",
            "integer",
            "Days median_if_ever moved since the previous published vintage.",
            "days",
        ),
        text(
            "change_cause",
            "What made more than half of the movement; mixed if nothing did, "
            "not_attributed where it was not split (rows that are no headline); "
            "first_vintage where no earlier run is published beside this one: `changes` "
            "compares with the newest forecast of record then.",
            enum=CHANGE_CAUSES,
        ),
        text("status_reason", "What the row rests on, or why there is no date."),
        count(
            "n_draws",
            "Draws behind the row, of parameters or of release days; 0 where exact.",
        ),
        count("n_draws_failed", "Draws that could not be evaluated."),
        number("mc_error_days", "Monte Carlo error of the median.", "days"),
        date_or_null(
            "observed_through", "Last day on which a record could have been seen."
        ),
        text(
            "estimand",
            "trend_line: the fitted line reaches the bar; first_record: a published "
            "score does.",
            enum=("trend_line", "first_record"),
        ),
        count("threshold_version", "Version of the threshold file."),
        RUN_ID,
        CONTRACT,
        probability(
            "p_line_already_past",
            "Probability that the fitted curve is past this bar already although no "
            "score is. A bar that it is past with more than a half is not estimated; "
            "lines are conditioned on being below the easiest of the other open bars "
            "of the threshold, so that listing an easier bar can move a date.",
        ),
        date_or_null(
            "lo80_calibrated_date",
            "Lower end of the 80% interval after calibration on other benchmark "
            "families: a tenth of past dates came before such a day; empty where the "
            "backtest has too few families to say. There is no upper end: no bar was "
            "watched as far as to a day after which a tenth came.",
        ),
        text_or_null(
            "superseded_by",
            "Benchmark that took the place of this one; empty where none did. The row "
            "goes on, and stands apart in tables for people.",
        ),
        Column(
            "pool_influence_days",
            "integer",
            "Days the median moves (later is positive) when the one other family of "
            "benchmarks that moves it most is left out of all that its trend learns from "
            "others; 0 where none moves it. Empty in rows that are no headline, are "
            "crossed or not estimated, or of a trend that learns from none; where the "
            "median comes or goes with the family; and where there is none with or "
            "without any.",
            "days",
        ),
        text_or_null(
            "pool_influence_family",
            "That family; beside empty days, one without which a median comes or goes.",
        ),
        number(
            "quarantined_score",
            "Best score in quarantine that is better than the record, one in another "
            "unit as what it seems to be; empty if none.",
            "score_unit",
        ),
        text_or_null(
            "quarantined_rows",
            "The rows in quarantine that are better than the record, the best first, as "
            "file:line: expectation, separated by '; '.",
        ),
        text_or_null(
            "series_ended",
            "Last day on which a new score would have been added to the series, and "
            "how it is known that nobody adds any; empty while somebody does.",
        ),
        text_or_null(
            "short_title",
            "The benchmark in a few words, for one line a bar; empty in older runs only.",
        ),
        text_or_null(
            "short_label",
            "The bar in a word or two, for one line a bar; empty in older runs only.",
        ),
        text_or_null(
            "withheld",
            "Why the labels hold no date, though the row has its numbers: intervals of "
            "this kind held too little in the backtest, by the rule in "
            "data/registry/withholding.yaml. Empty where they do hold one.",
        ),
        probability(
            "coverage80_at_most",
            "coverage80_backtest or, where no bar was watched to the end of its "
            "interval, what it cannot exceed: 1 less the share of dates that came "
            "before theirs. Empty where neither is known.",
        ),
        probability(
            "p_above_ceiling",
            "Part of p_never: the bar may lie above the highest reachable score.",
        ),
        probability("p_progress_stops", "The rest of it: progress may stop before."),
        text_or_null(
            "view_of",
            "Benchmark that leads among the views of its test, which are the same items "
            "as several boards or harnesses report them; empty where this one leads, or "
            "is alone. To count tests, count rows in which it is empty.",
        ),
        date_or_null(
            "median_if_ceiling_lower",
            "median_date if the benchmark's ceiling is judged .01 lower on average (or halfway "
            "to 0); of records, drift and an ensemble of the drift alone. Empty without a "
            "ceiling, and beyond the mass.",
        ),
        date_or_null(
            "median_if_ceiling_higher", "If it is judged .01 higher, or halfway to 1."
        ),
        probability("p_never_if_ceiling_lower", "p_never with the first of the two."),
        probability("p_never_if_ceiling_higher", "p_never with the second."),
        date_or_null(
            "median_if_ever",
            "Median date given that the bar is ever crossed: half of what is not p_never "
            "lies before it. With p_never beside it, it hangs far less on how a ceiling "
            "is judged than median_date does. Empty beyond projection_end, and as "
            "median_date where p_never is above .98.",
        ),
        text_or_null(
            "if_ever_label",
            "The same in words, with all that median_label says beside a date; empty in "
            "older runs only.",
        ),
        date_or_null(
            "median_if_ever_if_ceiling_lower",
            "median_if_ever with the first of the two judgements.",
        ),
        date_or_null("median_if_ever_if_ceiling_higher", "With the second."),
        Column(
            "pool_influence_if_ever_days",
            "integer",
            "As pool_influence_days, of median_if_ever without "
            "pool_influence_if_ever_family.",
            "days",
        ),
        number(
            "change_p_never", "By how much p_never rose since the previous vintage."
        ),
        text_or_null(
            "pool_influence_if_ever_family",
            "The family whose absence moves median_if_ever and p_never most, by the "
            "larger of the two, of which .05 of p_never are as much as 30 days; beside "
            "empty days, one without which the date comes or goes.",
        ),
        number(
            "pool_influence_p_never",
            "By how much p_never rises without it; 0 where none moves either. Empty where "
            "there is no such date with or without any, and where nothing is estimated "
            "without the family.",
        ),
    ),
)

CROSSING_QUANTILES: Final = Table(
    "crossing_quantiles",
    "Crossing dates at 23 quantile levels.",
    ("threshold_id", "bar_id", "trend", "quantile_level"),
    (
        AS_OF,
        THRESHOLD,
        BAR,
        TREND,
        Column("quantile_level", "number", "Level.", "probability", nullable=False),
        date_or_null(
            "crossing_date", "Date; empty when beyond the mass or projection_end."
        ),
        text(
            "crossing_label",
            "The date in words, no finer than its Monte Carlo error, a percentage point "
            "of the law and a ceiling judged .01 lower or higher can tell; never empty.",
        ),
        text("crossing_status", "As in crossing_summary.", enum=CROSSING_STATUSES),
        number("mc_error_days", "Monte Carlo error of the date.", "days"),
        RUN_ID,
        CONTRACT,
    ),
)

CROSSING_CDF: Final = Table(
    "crossing_cdf",
    "Probability that a bar has been crossed by the end of each month.",
    ("threshold_id", "bar_id", "trend", "by_date"),
    (
        AS_OF,
        THRESHOLD,
        BAR,
        TREND,
        Column("by_date", "date", "Last day of a month.", nullable=False),
        Column("p_crossed", "number", "Probability.", "probability", nullable=False),
        RUN_ID,
        CONTRACT,
    ),
)

THRESHOLDS: Final = Table(
    "thresholds",
    "The thresholds and bars that the run used.",
    ("threshold_id", "bar_rank"),
    (
        THRESHOLD,
        count("threshold_version", "Version of the threshold file."),
        text(
            "status", "draft, active or retired.", enum=("draft", "active", "retired")
        ),
        text("title", "Title."),
        text("domain", "Part of AI R&D that the benchmark speaks about."),
        text("owner", "Team that answers for it."),
        BENCHMARK,
        SERIES,
        BAR,
        count("bar_rank", "Place on the ladder, 1 is the easiest."),
        text("bar_label", "The bar in words."),
        Column("bar_value", "number", "The bar.", "score_unit", nullable=False),
        UNIT,
        text("direction", "Which scores are better.", enum=("higher", "lower")),
        text("bar_basis", "Why the bar stands there; project_choice is our own."),
        Column(
            "is_headline", "boolean", "The threshold's headline bar.", nullable=False
        ),
        text("trends", "Families it asks for, separated by ';'."),
        text("headline_trend", "Family of its headline row.", enum=TRENDS),
        Column("projection_end", "date", "Last date extrapolated to.", nullable=False),
        text("counts_if", "Which number must reach the bar."),
        text("date_used", "Which date is the crossing."),
        text("operationalisation", "What exactly counts."),
        text("why_it_matters", "Why anybody should care."),
        text_or_null("source_citation", "Source of the bar."),
        text_or_null("source_url", "Its address."),
    ),
)
