"""Bars crossed together, what others have said, and evidence against us."""

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
    AUTOMATION_YEARS,
    BENCHMARK,
    CONTRACT,
    CROSSING_STATUSES,
    DEPENDENCES,
    GAPS,
    RUN_ID,
    SERIES,
    UNIT,
)

_REFERENCE = text(
    "reference_id", "Statement, as in data/registry/reference_forecasts.yaml."
)
_SCENARIO = text("scenario_id", "Scenario, as in data/registry/scenarios.yaml.")
_DEPENDENCE = text(
    "dependence",
    "Correlation between benchmarks: none, that of past forecast errors, or 0.9.",
    enum=DEPENDENCES,
)
_GAP = text(
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
        AS_OF,
        _SCENARIO,
        text("scenario_title", "The scenario in few words."),
        text("scenario_statement", "What holds when it has come about."),
        _DEPENDENCE,
        _GAP,
        text("gap_label", "The gap in words."),
        number(
            "rho",
            "Correlation of the common factor, empty while not fitted; where it was, the "
            "median of what it may be, over which the row is averaged.",
        ),
        number("rho_low", "Lower end of its interval, where it was fitted."),
        number("rho_high", "Upper end of its interval, where it was fitted."),
        number("rho_lead_time_months", "Lead time at which it was taken.", "months"),
        text("scenario_status", "As crossing_status of a bar.", enum=CROSSING_STATUSES),
        text("median_label", "The median in words; never empty."),
        text("interval80_label", "The 80% interval in words; never empty."),
        probability("p_by_as_of", "Probability by as_of."),
        probability("p_by_projection_end", "Probability by projection_end."),
        probability("p_after_projection_end", "Probability of a later date."),
        probability("p_never", "Probability that it never comes about."),
        date_or_null("q10_date", "10% quantile; empty when beyond the mass."),
        date_or_null("q25_date", "25% quantile."),
        date_or_null("median_date", "Median."),
        date_or_null("q75_date", "75% quantile."),
        date_or_null("q90_date", "90% quantile."),
        *(
            probability(f"p_by_end_{year}", f"Probability by {year}-12-31.")
            for year in AUTOMATION_YEARS
        ),
        Column("projection_end", "date", "Last date extrapolated to.", nullable=False),
        number("mc_error_days", "Monte Carlo error of the median, at most.", "days"),
        count("n_gates", "Bars of the scenario."),
        count("n_gates_crossed", "Bars among them that are crossed."),
        count("n_gates_not_estimated", "Bars among them without a law."),
        text("gates", "Bars by part of AI R&D, and how many are needed if not all."),
        text_or_null("slowest_gate", "Open bar least likely by the median."),
        text("status_reason", "What the row rests on, or why there is no date."),
        RUN_ID,
        CONTRACT,
        text_or_null(
            "default_because",
            "Why this scenario is shown where none is asked for; empty for others.",
        ),
    ),
)

REFERENCE_FORECASTS: Final = Table(
    "reference_forecasts",
    "What others have said, as stated, how good our copy is, and how it came out.",
    ("reference_id",),
    (
        AS_OF,
        _REFERENCE,
        text("forecaster", "Who said it."),
        text("date_made", "Year, month or day on which it was said."),
        text("event", "What it is about, in our words."),
        text("operationalisation", "What exactly would count, in our words."),
        text("kind", "Kind of statement."),
        probability("probability", "Probability as stated."),
        text_or_null("by_date", "Date as stated."),
        text_or_null("point", "Median, point or date as stated."),
        text_or_null("quantiles", "Interval or quantiles as stated."),
        text_or_null("unit", "Unit of the point and the quantiles."),
        text("source", "Where it was said."),
        text("retrieved_as", "How reliable our copy is."),
        Column(
            "exact_page",
            "boolean",
            "Whether the source is the page itself, not only its site.",
            nullable=False,
        ),
        text_or_null("note", "What else to know."),
        probability("read_probability", "Probability that we read from it."),
        date_or_null("read_date", "Day by which we read it."),
        text_or_null(
            "read_bound",
            "Whether the probability is about that, at least or below.",
            enum=("about", "at_least", "below"),
        ),
        text_or_null("compared_with", "Scenario it is set beside."),
        text_or_null("not_compared_because", "Why there is none."),
        date_or_null(
            "belief_q10_date", "10% of the lognormal through its probabilities."
        ),
        date_or_null("belief_median_date", "Its median."),
        date_or_null("belief_q90_date", "Its 90% quantile."),
        date_or_null(
            "belief_q90_weibull_date", "90% quantile of a Weibull through the same."
        ),
        text("outcome_label", "How it came out, in words; never empty."),
        number("their_score", "Their score, lower is better."),
        number("our_score", "Ours, of the vintage of that time."),
        text("score_label", "Which score it is, or why there is none."),
        RUN_ID,
        CONTRACT,
        text_or_null(
            "outcome_state",
            "How it came out; what its own forecaster calls met is a claim. Of a "
            "resolution, the state that it gives; empty where no yes or no was asked.",
            enum=(
                "met",
                "not_met",
                "claimed_met_by_forecaster",
                "open",
                "not_measurable",
            ),
        ),
        text_or_null(
            "resolves",
            "Of a resolution, the statement that it is about; empty where that one is "
            "not among these.",
        ),
        text_or_null(
            "brief_who",
            "Who said it, in a word, where the answer in two sentences cites it.",
        ),
        text_or_null("brief_what", "What it is about, in the words of that answer."),
    ),
)

REFERENCE_COMPARISONS: Final = Table(
    "reference_comparisons",
    "Our probability at the day of a reference forecast, and the gap at which we agree.",
    ("reference_id", "dependence", "gap"),
    (
        AS_OF,
        _REFERENCE,
        _SCENARIO,
        _DEPENDENCE,
        _GAP,
        date_or_null("read_date", "Day by which the statement is read."),
        probability("their_probability", "Their probability by that day."),
        probability("our_probability", "Ours; empty where nothing is estimated."),
        number(
            "implied_gap_months",
            "The constant gap at which our probability is theirs.",
            "months",
        ),
        text("implied_gap_label", "That gap in words, or why there is none."),
        number(
            "distance_years",
            "Integral of the difference between the two curves over ten years from "
            "as_of.",
            "years",
        ),
        RUN_ID,
        CONTRACT,
    ),
)

ESSAY_CLAIMS: Final = Table(
    "essay_claims",
    "Figures of the essay in Import AI 455 beside the primary ones.",
    ("claim_id",),
    (
        AS_OF,
        text("claim_id", "Figure, as in data/registry/essay_claims.yaml."),
        text("subject", "Benchmark as the essay speaks of it."),
        text("model_name_printed", "Model as the essay speaks of it."),
        text("dated", "When the figure is from."),
        number("value", "Figure as the essay prints it.", "value_unit"),
        text("value_unit", "Its unit."),
        text(
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
        number("primary_value", "Primary figure in the same unit.", "value_unit"),
        text_or_null("benchmark_id", "Benchmark of the primary figure."),
        text_or_null("model_id", "Model of the primary figure."),
        text_or_null("source_url", "Where the primary figure was published."),
        text("comment", "What differs."),
        RUN_ID,
        CONTRACT,
    ),
)

LABOUR_RATIO: Final = Table(
    "labour_ratio",
    "Share of R&D labour done by agents under an assumed ratio; arithmetic, no forecast.",
    ("ratio_id",),
    (
        AS_OF,
        text("ratio_id", "Case, as in data/registry/labour_ratios.yaml."),
        text("label", "The case in words."),
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
        text_or_null("source", "Where the ratio was stated."),
        text("comment", "What to know."),
        RUN_ID,
        CONTRACT,
    ),
)

TRIPWIRES: Final = Table(
    "tripwires",
    "Evidence that new figures break the bands published before them, by benchmark.",
    ("series_id",),
    (
        AS_OF,
        SERIES,
        BENCHMARK,
        UNIT,
        date_or_null(
            "previous_as_of", "Vintage whose forecast was tested; empty if none was."
        ),
        date_or_null("observed_from", "Last day that it had observed."),
        date_or_null("observed_through", "Last day observed now."),
        number("record_before", "Record that it knew.", "score_unit"),
        number(
            "q10_score",
            "Slow end of its 80% band for the record on observed_through: the record "
            "was to get there or further with probability 0.9.",
            "score_unit",
        ),
        number("median_score", "The same with probability 0.5.", "score_unit"),
        number("q90_score", "The same with probability 0.1.", "score_unit"),
        number(
            "record_found",
            "Best of record_before and of scores known after observed_from; revised "
            "old scores are no news.",
            "score_unit",
        ),
        probability("p_no_record", "Probability it gave to no new record."),
        probability(
            "rank_low",
            "P(record no better than the one found), uniform if the forecast is right; "
            "0 without a new record, when it lies between here and rank_high.",
        ),
        probability("rank_high", "Upper end; the same where there is a new record."),
        number(
            "e_value_slower",
            "What one unit bet on slower records than forecast has become.",
            "factor",
        ),
        number("e_value_faster", "The same for faster records.", "factor"),
        number("e_process_slower", "Product of the first over vintages.", "factor"),
        number("e_process_faster", "Product of the second.", "factor"),
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
            "Whether the forecasts are broken: e-BH over all rows, on average at most 5% "
            "false alarms among those that stand.",
            nullable=False,
        ),
        date_or_null("alarm_since", "First vintage of the alarm that stands."),
        text("label", "All of it in words; never empty."),
        RUN_ID,
        CONTRACT,
        date_or_null(
            "evidence_since",
            "Vintage of the first forecast among those that the evidence is against; "
            "empty while none was tested.",
        ),
    ),
)
