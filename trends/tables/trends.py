"""Trends fitted to series, and the scores that they lead to."""

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
    BENCHMARK,
    CONTRACT,
    RUN_ID,
    SERIES,
    TREND,
    UNIT,
)

SCORE_FORECAST: Final = Table(
    "score_forecast",
    "Published frontier score of every series on days ahead, at 23 quantile levels.",
    ("series_id", "trend", "lead_months", "quantile_level"),
    (
        AS_OF,
        SERIES,
        BENCHMARK,
        TREND,
        Column(
            "lead_months",
            "integer",
            "Months after the last day on which a record could have been seen.",
            "month",
            nullable=False,
        ),
        date_given("forecast_date", "The day so many months later."),
        Column(
            "quantile_level",
            "number",
            "Probability that the frontier is no further than the score on that day.",
            "probability",
            nullable=False,
        ),
        Column("score", "number", "The score.", "score_unit", nullable=False),
        number(
            "score_calibrated",
            "At levels 0.1 and 0.9: end of the interval that held 80% of what came in "
            "the backtest; empty at other levels, where it has too few families, and "
            "where the rescaled interval did not hold 75 to 85% of families left out.",
            "score_unit",
        ),
        UNIT,
        RUN_ID,
        CONTRACT,
    ),
)

TREND_FITS: Final = Table(
    "trend_fits",
    "One curve fitted to one series under one ceiling, or why there is none.",
    ("series_id", "trend", "ceiling"),
    (
        AS_OF,
        SERIES,
        BENCHMARK,
        TREND,
        text(
            "link",
            "Scale on which the curve is straight: logit of (s - floor)/(ceiling - "
            "floor), ln s, or -ln s where lower is better; gompertz is -log(-log p) of "
            "the p that the logit is of.",
            enum=("logit", "gompertz", "ln", "minus_ln"),
        ),
        UNIT,
        number("floor", "Score of random guessing, for the logit link.", "score_unit"),
        number(
            "ceiling",
            "Highest reachable score assumed here: the mean of those from ceiling_low "
            "to ceiling_high.",
            "score_unit",
        ),
        probability(
            "ceiling_weight", "How likely those ceilings are, given the scores."
        ),
        text("fit_status", "Whether there is a fit.", enum=("fitted", "not_estimated")),
        text("status_reason", "In words, what the fit rests on or why it is missing."),
        count("n_observations", "Scores of the series that fits may use."),
        count("n_records", "Records among them that enter the fit."),
        date_or_null("first_record_date", "Date of the first record."),
        date_or_null("last_record_date", "Date of the last record."),
        date_or_null(
            "observed_through", "Last day on which a record could have been seen."
        ),
        date_or_null("epoch_date", "Day at which time is zero in the fit."),
        number("intercept", "Link-scale level at epoch_date."),
        number("intercept_se", "Its standard error."),
        number("slope_per_year", "Link-scale growth a year.", "1/year"),
        number("slope_per_year_se", "Its standard error.", "1/year"),
        number("intercept_slope_cov", "Covariance of the two."),
        number("df", "Degrees of freedom of their t distribution; empty if normal."),
        number("tau2", "Between-release variance on the link scale."),
        number(
            "break_sup_f",
            "Largest F for a second line from some record on, searched over the "
            "central 70% of the records; empty under 8 records. It chooses nothing.",
        ),
        probability(
            "break_p_value",
            "How often records of releases about one line look as broken: of 499 "
            "simulated series with these days, scatter and walk, records selected in "
            "each. Of series without a break 2 to 7% have 0.05 or less. Empty where "
            "most have under 8 records.",
        ),
        date_or_null("break_date", "First record of the second line that fits best."),
        number(
            "sigma2_per_year",
            "Variance a year of the random walk, its sigma multiplied by sigma_factor.",
            "1/year",
        ),
        number("sigma_factor", "Factor of sigma that the backtest found best."),
        number("exposure_years", "First record to observed_through.", "years"),
        number("silent_years", "Last record to observed_through.", "years"),
        Column("n_looks", "integer", "Days with a score after the first.", "count"),
        Column("n_silent_looks", "integer", "Those after the last record.", "count"),
        number("own_slope_per_year", "Rise of this series' record.", "1/year"),
        probability(
            "own_slope_weight",
            "Its share in slope_per_year; of the drift, where a pool has the rest.",
        ),
        text_or_null(
            "pool", "Families whose slopes were pooled as prior of its own, in words."
        ),
        number(
            "pool_slope_per_year",
            "Mean slope of the pool; of records without one 0, with 3 as pool_drift_sd.",
            "1/year",
        ),
        number("pool_slope_per_year_se", "Its standard error.", "1/year"),
        number("pool_tau2", "Variance of slopes between families in the pool."),
        number(
            "pool_drift_sd",
            "Standard deviation of the slope of a family outside the pool.",
            "1/year",
        ),
        Column("pool_n_families", "integer", "Families in the pool.", "count"),
        number("growth_factor_per_year", "Exponential growth a year, as a factor."),
        number("doubling_time_days", "ln 2 / slope; empty when not growing.", "days"),
        number("doubling_time_days_lo95", "Lower end of its 95% interval.", "days"),
        number(
            "doubling_time_days_hi95",
            "Upper end of its 95% interval; empty when no growth cannot be ruled out.",
            "days",
        ),
        number("ceiling_estimate", "Highest score as estimated.", "score_unit"),
        number(
            "ceiling_estimate_se",
            "Its standard error; empty where the estimate sits on its bound.",
            "score_unit",
        ),
        probability(
            "ceiling_at_bound_share",
            "Share of resamples in which the estimated ceiling sits on its bound of 1, "
            "so that the scores do not show it.",
        ),
        number("record_level", "Today's record on the link scale."),
        number("scatter_variance", "Variance of top scores about the trend's level."),
        number(
            "wander_variance", "Variance a year of the slope's random walk.", "1/year^3"
        ),
        number("record_shape", "Shape of the gamma law of the rate of records."),
        number(
            "record_exposure",
            "Its other parameter: years to the power record_power.",
        ),
        number(
            "record_power",
            "Power of age in the integrated hazard of a record; 1 is a Poisson process.",
        ),
        Column(
            "record_n_families",
            "integer",
            "Other families whose waiting times it was learned from.",
            "count",
        ),
        text_or_null(
            "views",
            "Other views of its test that share its trend: scores among the best of their "
            "day, and how far each stands above it on the link scale (standard error). "
            "Then epoch_date is the last look at any of them.",
        ),
        number("ceiling_low", "Lowest of the ceilings assumed here.", "score_unit"),
        number("ceiling_high", "Highest of them.", "score_unit"),
        probability(
            "ceiling_prior_weight",
            "How likely those ceilings were before their likelihood was looked at, given "
            "only that the record does not lie above them.",
        ),
        probability(
            "ceiling_weight_if_lower",
            "How likely those ceilings are if their mean is judged .01 lower.",
        ),
        probability(
            "ceiling_weight_if_higher",
            "How likely those ceilings are if their mean is judged .01 higher.",
        ),
        RUN_ID,
        CONTRACT,
    ),
)
