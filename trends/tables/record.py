"""What was forecast before, and how it came out."""

from typing import Final

from trends.tables.columns import (
    Column,
    Table,
    count,
    date_given,
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
    THRESHOLD,
    TREND,
    UNIT,
)

RECORD_KINDS: Final = ("live", "replayed")
HISTORY_KINDS: Final = (*RECORD_KINDS, "published", "this_run")
MEASURES: Final = ("crossed_by", "date", "interval", "calibration_bin")

RECORDS_STOOD: Final = Table(
    "records_stood",
    "How many records stood for so many months in the backtest, against what was said.",
    ("scale", "trend", "cut_on", "lead_months"),
    (
        AS_OF,
        text(
            "scale",
            "Scores that are shares of 0 to 100%, or scores without bound.",
            enum=("bounded", "unbounded"),
        ),
        TREND,
        text(
            "cut_on",
            "Day on which a score enters past forecasts: when it was reported; or when "
            "its model was released, where rows were reported late or revised.",
            enum=("reported_on", "release_date"),
        ),
        Column("lead_months", "integer", "How far ahead.", "month", nullable=False),
        probability(
            "said",
            "Mean probability of no new record, each benchmark family counted once.",
        ),
        probability("stood", "Share of records to which none came, counted alike."),
        number(
            "said_less_stood_lo95",
            "Lower end of the 95% interval of the first less the second over benchmark "
            "families; empty under five.",
        ),
        number("said_less_stood_hi95", "Upper end."),
        count("n_forecasts", "Past forecasts of which it is known."),
        count("n_families", "Benchmark families of those."),
        text("backtest_id", "Backtest that measured it: of the registry's weights."),
        RUN_ID,
        CONTRACT,
    ),
)

HIGH_BARS: Final = Table(
    "high_bars",
    "How often bars of 90% and 95% were reached in the backtest, against what was said.",
    ("trend", "lead_months", "said_from"),
    (
        AS_OF,
        TREND,
        Column("lead_months", "integer", "How far ahead.", "month", nullable=False),
        probability("said_from", "Of forecasts that gave the bar at least this much;"),
        probability("said_to", "and less than this, or as much where it is 1."),
        probability(
            "said",
            "Their mean probability that the frontier would be at or above the bar; of "
            "whole bounded benchmarks whose record was below it, those carried for "
            "calibration among them.",
        ),
        probability("reached", "Share of them that came true."),
        number(
            "said_less_reached_lo95",
            "Lower end of the 95% interval of the first less the second over benchmark "
            "families; empty under five.",
        ),
        number("said_less_reached_hi95", "Upper end."),
        count("n_forecasts", "Such forecasts: one a bar, benchmark and past day."),
        count("n_families", "Benchmark families of those."),
        count("n_families_reached", "Families of which one came true."),
        text("backtest_id", "Backtest that measured it: of the registry's weights."),
        RUN_ID,
        CONTRACT,
    ),
)

CONTEST: Final = Table(
    "contest",
    "How forecasters did in the last `trends contest` on each panel, cuts of 2025-26.",
    ("panel", "target", "forecaster"),
    (
        AS_OF,
        text("panel", "What was played on: a file, or the project's own benchmarks."),
        text(
            "target",
            "record: the record on the first of each month; top3: scores among the "
            "best three, each on its day.",
            enum=("record", "top3"),
        ),
        text("forecaster", "headline is ours, peer_* are those of the best peer."),
        text("label", "The forecaster in words; never empty."),
        number("crps", "Mean CRPS in shares of 1; lower is better."),
        number("rmse", "Root mean square error of its mean, in shares of 1."),
        probability("held80", "Share of what came in its central 80% intervals."),
        probability(
            "claimed80",
            "What its own laws give these: more than 80% where one begins at a record.",
        ),
        count("n_cases", "Cases that it answered."),
        count("n_families", "Benchmark families of those."),
        number(
            "less_headline",
            "Its CRPS less the headline's on the cases that both answered, above 0 where "
            "the headline is better; empty for the headline.",
        ),
        number("less_headline_lo90", "Lower end of its 90% interval over families."),
        number("less_headline_hi90", "Upper end."),
        text("headline_trend", "Trend that headlines had when it was played."),
        text("verdict", "Who is ahead, in a sentence; of the whole panel."),
        text_or_null("peers_left_out", "Why the peer's models did not play."),
        text("code_sha256", "Hash of the code that played it, not of this run's."),
        RUN_ID,
        CONTRACT,
    ),
)

HISTORY: Final = Table(
    "history",
    "What each earlier vintage and this one said of every headline bar of its day.",
    ("threshold_id", "as_of", "kind"),
    (
        date_given(
            "as_of", "Information cut-off of the forecast in the row, not of this run."
        ),
        text(
            "kind",
            "live: of the ledger, recorded when it was made; replayed: of the ledger, "
            "made later with the figures of the time but later code, registry and "
            "choices; published: a run that was published and stands; this_run: the "
            "run that has this table.",
            enum=HISTORY_KINDS,
        ),
        Column(
            "stands",
            "boolean",
            "Whether the row speaks for its vintage, one a vintage and threshold: the "
            "live one, else that of a run, else the replayed one.",
            nullable=False,
        ),
        THRESHOLD,
        BAR,
        text(
            "threshold_label", "Benchmark and bar in words, as that vintage had them."
        ),
        TREND,
        text("crossing_status", "As in crossing_summary.", enum=CROSSING_STATUSES),
        text("median_label", "The median in words; never empty."),
        text(
            "when_label",
            "When, if ever, and how likely never is, in words; never empty.",
        ),
        text("interval80_label", "The 80% interval in words; never empty."),
        date_or_null(
            "median_date",
            "Median crossing date; of a crossed bar its day, where the row has it.",
        ),
        date_or_null(
            "median_if_ever",
            "Median date given that the bar is ever crossed; of entries of the ledger up "
            "to 2026-11-28 to within days, straight between what they keep.",
        ),
        date_or_null("q10_date", "10% quantile of the crossing date."),
        date_or_null("q90_date", "90% quantile of the crossing date."),
        probability(
            "p_crossed_by_as_of", "Probability it gave to a crossing by its own as_of."
        ),
        probability(
            "p_crossed_by_now",
            "Probability it gave to a crossing by the as_of of this run; empty where "
            "nothing was estimated, and where that is over 36 months later.",
        ),
        probability(
            "p_crossed_by_projection_end", "Probability of one by projection_end."
        ),
        probability("p_after_projection_end", "Probability of a later crossing."),
        probability("p_never", "Probability that it is never crossed."),
        Column("bar_value", "number", "The bar.", "score_unit", nullable=False),
        UNIT,
        count("threshold_version", "Version of the threshold file."),
        date_or_null(
            "observed_through", "Last day on which a record could have been seen."
        ),
        date_given("projection_end", "Last date extrapolated to."),
        date_or_null(
            "made_on",
            "Day on which an entry of the ledger was recorded; of a replayed one long "
            "after as_of.",
        ),
        text("recorded_in", "Where the forecast stands: file of the ledger, or run."),
        text_or_null("code_sha256", "Hash of the code that made it."),
        text("run_id", "Run that made the forecast in the row."),
        CONTRACT,
    ),
)

HISTORY_BARS: Final = Table(
    "history_bars",
    "The same of every other bar, under its threshold's headline trend.",
    ("threshold_id", "bar_id", "as_of", "kind"),
    HISTORY.columns,
)

TRACK_RECORD: Final = Table(
    "track_record",
    "How forecasts of record of earlier vintages did, where they are due by as_of.",
    ("kind", "cut_on", "measure", "lead_months", "level", "bin_low"),
    (
        AS_OF,
        text(
            "kind",
            "live: recorded when they were made; replayed: made later, with the "
            "figures of the time but later code, registry and choices.",
            enum=RECORD_KINDS,
        ),
        text(
            "cut_on",
            "Day on which a score counts: when it was reported; or when its model was "
            "released, in replays of series whose rows were reported late or revised.",
            enum=("reported_on", "release_date"),
        ),
        text(
            "measure",
            "crossed_by: is a bar crossed so many months ahead, all open bars; "
            "calibration_bin: those of them with a probability from bin_low to "
            "bin_high; interval: does a central interval of the date hold it, headline "
            "bars; date: the law of the date over the window so far, headline bars.",
            enum=MEASURES,
        ),
        Column(
            "lead_months",
            "integer",
            "How far ahead; empty for dates and intervals, and for bins of all leads.",
            "month",
        ),
        probability("level", "Probability that the interval was to hold the date."),
        probability("bin_low", "Lower end of the bin, inclusive."),
        probability("bin_high", "Upper end, exclusive, but of the last."),
        text("label", "All of it in words; never empty."),
        count("n_due", "Forecasts whose date the figures have reached."),
        count("n_not_due", "Forecasts whose date they have not reached yet."),
        Column("n_vintages", "integer", "Vintages of those due.", "count"),
        Column("n_families", "integer", "Benchmark families of those due.", "count"),
        probability("said", "Mean probability of those due; of an interval its level."),
        probability("came", "Share of those due that came, or that was held."),
        probability(
            "came_lo95",
            "Lower end of a 95% interval of that share over benchmark families; empty "
            "under two.",
        ),
        probability("came_hi95", "Upper end."),
        number(
            "brier",
            "Mean Brier score of those due, lower is better; of dates the integrated "
            "Brier score over the window.",
        ),
        number("brier_no_change", 'The same of "nothing will cross".'),
        number("minus_no_change", "The first less the second; negative is better."),
        number("minus_no_change_lo95", "Lower end of its 95% interval over families."),
        number("minus_no_change_hi95", "Upper end."),
        number("log_score_nats", "Mean logarithmic score, lower is better.", "nats"),
        number("mean_window_days", "Mean days watched, for dates.", "days"),
        RUN_ID,
        CONTRACT,
    ),
)
