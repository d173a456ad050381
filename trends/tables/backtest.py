"""Past forecasts and their scores."""

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
from trends.tables.shared import BENCHMARK, SERIES, UNIT

FORECASTERS: Final = (
    "no_change",
    "linear",
    "metr_exponential",
    "logistic",
    "exponential",
    "quantile",
    "drift_unpooled",
    "records",
    "drift",
    "equal_pool",
    "ensemble",
)
"""Everything the backtest compares."""

_BACKTEST = text("backtest_id", "First 12 hex digits of the hash of what it used.")
_TARGET = text(
    "target",
    "level: the frontier score lead_months later; crossing: the day a bar that was "
    "open at the origin is reached.",
    enum=("level", "crossing"),
)
_LEAD = Column("lead_months", "integer", "How far ahead; empty for crossings.", "month")
_FORECASTER = text(
    "forecaster",
    "no_change: the record stands; linear: least squares through the records in score "
    "units; metr_exponential: least squares of ln score through all records; "
    "drift_unpooled: the drift without other benchmarks; equal_pool: the ensemble with "
    "equal weights; the others are trend families, the ensemble with weights stacked "
    "on other benchmark families.",
    enum=FORECASTERS,
)
_SCALE = text(
    "scale",
    "Scores that are shares of 0 to 100%, or scores without bound.",
    enum=("bounded", "unbounded"),
)
_CUT_ON = text(
    "cut_on",
    "Day on which a score enters past forecasts: when it was reported; or when its "
    "model was released, where all rows of a benchmark were reported late or revised, "
    "so that its forecasts are not out of sample.",
    enum=("reported_on", "release_date"),
)
_MOVED_BY = text(
    "moved_by", "Who sets the records.", enum=("models", "people", "company")
)

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
        SERIES,
        BENCHMARK,
        text("family_id", "Benchmarks whose news is shared."),
        _SCALE,
        _MOVED_BY,
        _CUT_ON,
        date_given("origin_date", "Day of the forecast; nothing later is in it."),
        date_given("observed_through", "Last day a record could have been seen."),
        Column("frontier_score", "number", "Record on that day.", "score_unit"),
        UNIT,
        _FORECASTER,
        _LEAD,
        date_or_null("target_date", "Day whose frontier is forecast."),
        number("observed_score", "Published frontier on that day.", "score_unit"),
        *(
            number(f"q{level:02d}_score", f"{level}% quantile.", "score_unit")
            for level in (5, 10, 25, 50, 75, 90, 95)
        ),
        text_or_null("threshold_id", "Threshold of the bar; empty for levels."),
        text_or_null("bar_id", "Rung of its ladder; empty for levels."),
        number("bar_value", "The bar.", "score_unit"),
        Column("window_days", "integer", "Days scored: 24 months or the data's end."),
        Column("is_crossed", "boolean", "Whether the bar was reached in the window."),
        date_or_null("crossed_on", "Day on which a score at the bar was public."),
        probability("p_by_12m", "Forecast probability of a crossing in 12 months."),
        probability("p_by_24m", "Forecast probability of a crossing in 24 months."),
        probability("p_below", "Probability given to less than what came."),
        probability(
            "p_at_most",
            "Probability given to no more than what came; for a bar not reached, to a "
            "crossing by the window's end.",
        ),
        probability("pit", "Randomised probability-integral transform."),
        number("crps_link", "CRPS on the link scale."),
        number("crps_score", "CRPS in score units.", "score_unit"),
        number("abs_error_score", "Median less what came, without sign.", "score_unit"),
        number("interval80_link", "Interval score of the 80% interval, link scale."),
        Column("covered50", "boolean", "Whether the 50% interval held what came."),
        Column("covered80", "boolean", "Whether the 80% interval held what came."),
        Column("covered90", "boolean", "Whether the 90% interval held what came."),
        number("brier_12m", "Brier score of a crossing within 12 months."),
        number("brier_24m", "Brier score of a crossing within 24 months."),
        number("integrated_brier", "Mean Brier score of the date over the window."),
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
        text("metric", "Column of backtest_forecasts that is averaged."),
        _LEAD,
        _FORECASTER,
        text_or_null(
            "compared_with",
            "Forecaster it is compared with, on cases that both have; empty for the "
            "mean over its own cases.",
            enum=FORECASTERS,
        ),
        count("n_forecasts", "Forecasts averaged."),
        count("n_series", "Series among them."),
        count("n_families", "Benchmark families among them."),
        count("n_origins", "Days of forecast among them."),
        number(
            "n_effective_origins",
            "Separate origins that as many overlapping ones are worth.",
            "count",
        ),
        Column("mean_score", "number", "Mean over forecasts.", nullable=False),
        number("family_mean_score", "Mean over families of their means."),
        number("mean_score_compared", "Mean of the other on the same cases."),
        number("difference", "mean_score less that; negative is better."),
        number(
            "difference_low",
            "Lower end of its 95% interval; empty where that is unbounded, since origins "
            "of one family are worth less than two.",
        ),
        number("difference_high", "Upper end."),
        text_or_null(
            "interval_over",
            "What the interval speaks of: other benchmark families (resampled; under "
            "five, Student's t), or other origins of the one family there is.",
            enum=("families", "origins"),
        ),
        _BACKTEST,
    ),
)
