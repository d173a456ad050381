"""Temporary columns that expectations compare a row with.

Great Expectations compares a cell with a constant or with another cell of its row.
What the rows around it and the registry say is brought into the row here, and gone
again after the check.
"""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Final

import polars as pl

from trends.plausibility import unit_slips
from trends.registry import Registry
from trends.registry.models import Benchmark, TrendFamily
from trends.registry.series import every_series
from trends.tables import (
    AUTOMATION,
    AUTOMATION_YEARS,
    CHANGES,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    FRONTIER,
    HEADLINE,
    HEADLINE_YEARS,
    HISTORY,
    HISTORY_BARS,
    LAW_KEY,
    MASSES,
    OBSERVATIONS,
    REFERENCE_FORECASTS,
    SCORE_FORECAST,
    SERIES_SCORES,
    THRESHOLDS,
    TRACK_RECORD,
    TREND_FITS,
    TRIPWIRES,
    WITHOUT_LAW,
    Table,
)

_SAME_SCORE: Final = (
    "benchmark_id",
    "model_id",
    "setting",
    "harness",
    "reported_on",
    "score",
    "reporter",
    "scoring_rule",
    "retrieved_at",
)
_SUMMARY_DATES: Final = ("q10_date", "q25_date", "median_date", "q75_date", "q90_date")


def add_context(frame: pl.DataFrame, table: Table, registry: Registry) -> pl.DataFrame:
    """The rows of ``table`` in their order, with the columns its suite may name.

    Every table gains ``copy_number``, 1 for the first row of each key.
    """
    copy_number = pl.int_range(1, pl.len() + 1).over(table.key)
    if frame[list(table.key)].is_unique().all():  # ten times as fast
        copy_number = pl.lit(1, pl.Int64)
    frame = frame.with_columns(copy_number=copy_number)
    add = _CONTEXTS.get(table)
    return frame if add is None else add(frame, registry)


def _observations(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """What the benchmark allows, and where the same score stood before."""
    is_fraction = pl.col("score_unit") == "fraction"
    ends = pl.col("ci_low", "ci_high")
    lead_time = pl.col("release_date") - pl.col("reported_on")
    released = pl.coalesce("release_date", "release_latest")
    unit_slip = pl.Series("unit_slip", unit_slips(frame, registry), pl.String)
    return _with_benchmarks(frame, registry).with_columns(
        unit_slip,
        n_unit_slips=unit_slip.is_not_null().cast(pl.Int64),
        n_errors_dropped=pl.col("uncertainty_dropped").is_not_null().cast(pl.Int64),
        lowest_fraction=pl.when(is_fraction).then(0.0),
        highest_fraction=pl.when(is_fraction).then(1.0),
        highest_fraction_error=pl.when(is_fraction).then(0.5),
        n_interval_ends=pl.when(pl.any_horizontal(ends.is_not_null())).then(
            pl.sum_horizontal(ends.is_not_null())
        ),
        no_logarithm_at=pl.when(
            ~is_fraction & pl.col("fit_exclusion").ne_missing("no_logarithm")
        ).then(0.0),
        best_fraction=pl.when(is_fraction).then(
            pl.col("score").max().over("benchmark_id")
        ),
        same_score_copy=pl.int_range(1, pl.len() + 1).over(
            _SAME_SCORE, order_by="source_row"
        ),
        same_score_row=pl.col("source_row").min().over(_SAME_SCORE),
        days_before_release=lead_time.dt.total_days(),
        days_before_range_was_passed=pl.when(
            pl.col("fit_exclusion") == "out_of_range"
        ).then((pl.col("range_passed_on") - released).dt.total_days()),
    )


def _series_scores(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """The last day observed, and the gain over the row before in the series."""
    sign = pl.when(pl.col("direction") == "lower").then(-1.0).otherwise(1.0)
    previous = pl.col("score").shift(1).over("series_id", order_by="frontier_date")
    step = pl.col("score") - previous
    return _with_benchmarks(frame, registry).with_columns(gain=sign * step)


def _trend_fits(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    parameters = ("epoch_date", "intercept", "slope_per_year")
    curve = ("series_id", "trend")
    # dates under logistic3 are profiled; a slope on its bound has no standard error
    error_missing = pl.col("slope_per_year_se").is_null() & (
        pl.col("trend") != TrendFamily.LOGISTIC3.value
    )
    return frame.with_columns(
        n_parameters_missing=pl.when(pl.col("fit_status") == "fitted").then(
            pl.sum_horizontal(pl.col(parameters).is_null(), error_missing)
        ),
        ceiling_weights_sum=pl.when(pl.col("ceiling_weight").is_not_null()).then(
            pl.col("ceiling_weight").sum().over(curve)
        ),
    )


def _headline(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    """By how much a probability falls from one day to a later one, and what is left."""
    rising = [f"p_by_end_{year}" for year in HEADLINE_YEARS]
    falls = [pl.col(one) - pl.col(two) for one, two in pairwise(rising)]
    since_now = [
        pl.when(pl.col("as_of") <= date(year, 12, 31)).then(
            pl.col("p_by_now") - pl.col(f"p_by_end_{year}")
        )
        for year in HEADLINE_YEARS
    ]
    return frame.with_columns(
        largest_fall=pl.max_horizontal(*falls, *since_now),
        crossed_or_never=pl.col(rising[-1]) + pl.col("p_never"),
    )


def _crossing_summary(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    is_estimated = pl.col("crossing_status") != "not_estimated"
    has_median = pl.col("crossing_status").is_in(["already_crossed", "expected"])
    frame = _with_influence(frame, registry)
    return frame.with_columns(
        n_masses_missing=pl.sum_horizontal(pl.col(MASSES).is_null()),
        n_masses_due_missing=pl.when(is_estimated).then(0).otherwise(len(MASSES)),
        masses_sum=pl.when(is_estimated).then(pl.sum_horizontal(MASSES)),
        last_date=pl.max_horizontal(_SUMMARY_DATES),
        has_median=pl.col("median_date").is_not_null(),
        has_median_by_status=has_median,
        n_headlines=pl.col("is_headline").sum().over("threshold_id"),
    )


def _with_influence(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """What the influence of other families contradicts, and the median without one."""
    families = {
        key: registry.benchmarks[one.series.benchmark].family_id
        for key, one in registry.thresholds.items()
        if one.series.benchmark in registry.benchmarks
    }
    every = {one.family_id for one in registry.benchmarks.values()}
    own = pl.col("threshold_id").replace_strict(
        families, default=None, return_dtype=pl.String
    )
    days, family = pl.col("pool_influence_days"), pl.col("pool_influence_family")
    days_if_ever, family_if_ever, never = (
        pl.col(f"pool_influence_{one}")
        for one in ("if_ever_days", "if_ever_family", "p_never")
    )
    named = [family, family_if_ever]
    is_open = ~pl.col("crossing_status").is_in(WITHOUT_LAW)
    return frame.with_columns(
        n_influences_not_due=pl.when(pl.col("is_headline") & is_open)
        .then(0)
        .otherwise(
            pl.sum_horizontal(
                one.is_not_null() for one in (*named, days, days_if_ever, never)
            )
        ),
        moves_without_a_name=pl.any_horizontal(
            (days != 0) & family.is_null(),
            ((days_if_ever != 0) | (never != 0)) & family_if_ever.is_null(),
        ),
        names_who_does_not_move=pl.any_horizontal(
            (days == 0) & family.is_not_null(),
            (days_if_ever == 0) & (never == 0) & family_if_ever.is_not_null(),
        ),
        influence_is_of_no_other_family=pl.any_horizontal(
            (~one.is_in(every) | (one == own)).fill_null(value=False) for one in named
        ),
        median_without_family=pl.max_horizontal(
            pl.col("median_date") + pl.duration(days=days.fill_null(0)),
            pl.col("median_if_ever") + pl.duration(days=days_if_ever.fill_null(0)),
        ),
    ).with_columns(
        pl.col(
            "moves_without_a_name",
            "names_who_does_not_move",
            "influence_is_of_no_other_family",
        )
        .fill_null(value=False)
        .cast(pl.Int64)
    )


def _crossing_quantiles(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    previous = pl.col("crossing_date").shift(1).over(LAW_KEY, order_by="quantile_level")
    is_first = pl.col("quantile_level") == pl.col("quantile_level").min().over(LAW_KEY)
    return _with_projection_end(frame, registry).with_columns(
        previous_date=previous,
        follows_a_gap=~is_first
        & previous.is_null()
        & pl.col("crossing_date").is_not_null(),
    )


def _score_forecast(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """How much further than the level below, and than the same level a lead before.

    As a share of scores above 1, so that digits of dollars are not taken for steps.
    """
    observed = {
        one.series_id: one.observed_through(date.max)
        for one in every_series(registry, with_drafts=True)
    }
    lower = [
        name for name, one in registry.benchmarks.items() if one.direction == "lower"
    ]
    sign = pl.when(pl.col("benchmark_id").is_in(lower)).then(-1.0).otherwise(1.0)
    score = pl.col("score")
    below = score.shift(1).over(
        "series_id", "trend", "lead_months", order_by="quantile_level"
    )
    before = score.shift(1).over(
        "series_id", "trend", "quantile_level", order_by="lead_months"
    )
    size = pl.max_horizontal(score.abs(), 1.0)
    return frame.with_columns(
        progress=sign * (score - below) / size,
        progress_since_last_lead=sign * (score - before) / size,
        observed_through=pl.min_horizontal(
            "as_of",
            pl.col("series_id").replace_strict(observed, return_dtype=pl.Date),
        ),
    )


def _crossing_cdf(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    previous = pl.col("p_crossed").shift(1).over(LAW_KEY, order_by="by_date")
    return _with_projection_end(frame, registry).with_columns(
        step=pl.col("p_crossed") - previous,
        month_end=pl.col("by_date").dt.month_end(),
    )


def _automation(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    """Masses as of a bar, and what neither time nor a gap may do."""
    by_year = [f"p_by_end_{year}" for year in AUTOMATION_YEARS]
    is_estimated = pl.col("scenario_status") != "not_estimated"
    masses = ("p_by_projection_end", "p_after_projection_end", "p_never")
    steps = [pl.col(later) - pl.col(year) for year, later in pairwise(by_year)]
    without = pl.col("p_by_end_2030").filter(pl.col("gap") == "none").first()
    falls = [
        pl.when(pl.col(later).is_not_null())
        .then(pl.col(date).is_null() | (pl.col(date) > pl.col(later)))
        .otherwise(False)
        for date, later in pairwise(_SUMMARY_DATES)
    ]
    return frame.with_columns(
        n_masses_missing=pl.sum_horizontal(pl.col(masses).is_null()),
        n_masses_due_missing=pl.when(is_estimated).then(0).otherwise(len(masses)),
        masses_sum=pl.when(is_estimated).then(pl.sum_horizontal(masses)),
        smallest_step=pl.min_horizontal(steps),
        p_gained_by_the_gap=pl.col("p_by_end_2030")
        - without.over("scenario_id", "dependence"),
        has_median=pl.col("median_date").is_not_null(),
        has_median_by_status=pl.col("scenario_status").is_in(
            ["already_crossed", "expected"]
        ),
        dates_fall=pl.any_horizontal(falls),
        last_date=pl.max_horizontal(_SUMMARY_DATES),
    )


def _reference_forecasts(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    ways = pl.col("compared_with", "not_compared_because")
    return frame.with_columns(n_ways_to_compare=pl.sum_horizontal(ways.is_not_null()))


def _tripwires(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    evidence = [name for name in frame.columns if name.startswith("e_")]
    return frame.with_columns(
        least_evidence=pl.min_horizontal(evidence),
        has_alarm_since=pl.col("alarm_since").is_not_null(),
    )


def _history(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    standing = pl.col("stands").sum().over("threshold_id", "as_of")
    return frame.with_columns(n_standing=standing)


def _history_bars(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    standing = pl.col("stands").sum().over("threshold_id", "bar_id", "as_of")
    return frame.with_columns(n_standing=standing)


def _track_record(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    # dates have no share: their score says how they did
    of_date = pl.col("measure") == "date"
    return frame.with_columns(
        is_known=pl.col("came").is_not_null() | of_date,
        has_due=(pl.col("n_due") > 0) | of_date,
    )


def _changes(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    move = ("window", "threshold_id")
    return frame.with_columns(
        unexplained=pl.col("moved_by") - pl.col("part").sum().over(move),
        never_unexplained=pl.col("never_moved_by")
        - pl.col("never_part").sum().over(move),
        names_a_score=pl.col("model_name").is_not_null(),
        names_its_row=pl.col("source_file").is_not_null()
        & pl.col("source_row").is_not_null(),
    )


def _thresholds(frame: pl.DataFrame, _: Registry) -> pl.DataFrame:
    sign = pl.when(pl.col("direction") == "lower").then(-1.0).otherwise(1.0)
    previous = pl.col("bar_value").shift(1).over("threshold_id", order_by="bar_rank")
    return frame.with_columns(
        harder_by=sign * (pl.col("bar_value") - previous),
        highest_fraction=pl.when(pl.col("score_unit") == "fraction").then(1.0),
        n_headlines=pl.col("is_headline").sum().over("threshold_id"),
    )


def _with_benchmarks(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Adds facts of each row's benchmark; ranges that were never passed, at the end."""
    facts = [
        {
            "benchmark_id": benchmark_id,
            "observed_through": benchmark.observed_through,
            "direction": benchmark.direction,
            "range_passed_on": _range_passed_on(benchmark),
        }
        for benchmark_id, benchmark in registry.benchmarks.items()
    ]
    schema = {
        "benchmark_id": pl.String,
        "observed_through": pl.Date,
        "direction": pl.String,
        "range_passed_on": pl.Date,
    }
    return frame.join(
        pl.DataFrame(facts, schema=schema),
        on="benchmark_id",
        how="left",
        maintain_order="left",
    )


def _range_passed_on(benchmark: Benchmark) -> date:
    limit = benchmark.measurable_range
    return (limit and limit.passed_on) or date.max


def _with_projection_end(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Adds ``projection_end`` of each row's threshold."""
    ends = {key: one.projection_end for key, one in registry.thresholds.items()}
    return frame.with_columns(
        projection_end=pl.col("threshold_id").replace_strict(
            ends, default=None, return_dtype=pl.Date
        )
    )


_CONTEXTS: Final[dict[Table, Callable[[pl.DataFrame, Registry], pl.DataFrame]]] = {
    OBSERVATIONS: _observations,
    SERIES_SCORES: _series_scores,
    FRONTIER: _series_scores,
    TREND_FITS: _trend_fits,
    CHANGES: _changes,
    HEADLINE: _headline,
    CROSSING_SUMMARY: _crossing_summary,
    CROSSING_QUANTILES: _crossing_quantiles,
    CROSSING_CDF: _crossing_cdf,
    SCORE_FORECAST: _score_forecast,
    AUTOMATION: _automation,
    REFERENCE_FORECASTS: _reference_forecasts,
    TRIPWIRES: _tripwires,
    HISTORY: _history,
    HISTORY_BARS: _history_bars,
    TRACK_RECORD: _track_record,
    THRESHOLDS: _thresholds,
}
