"""Every expectation of every suite, broken once.

For each table a few rows that pass, and for each of its expectations one change after
which it fails. The registry is the shipped one, so that days and bars are real.
"""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from trends import tables
from trends.observations import build_observations
from trends.registry import Registry, load_registry
from trends.sources import shipped_figures
from trends.tables import Table
from trends.validation import Validated, ValidationError, too_many, validate
from trends.validation.context import add_context
from trends.validation.suites import ROW_COUNT, load_suite
from trends.workspace import Workspace

Cells = dict[str, object]

WORKSPACE = Workspace(Path(__file__).parent.parent)
SUITES = WORKSPACE.expectations
CHECKED = (
    tables.RAW_SCORES,
    tables.OBSERVATIONS,
    tables.SERIES_SCORES,
    tables.FRONTIER,
    tables.TREND_FITS,
    tables.CROSSING_SUMMARY,
    tables.CROSSING_QUANTILES,
    tables.CROSSING_CDF,
    tables.SCORE_FORECAST,
    tables.AUTOMATION,
    tables.REFERENCE_FORECASTS,
    tables.REFERENCE_COMPARISONS,
    tables.ESSAY_CLAIMS,
    tables.LABOUR_RATIO,
    tables.TRIPWIRES,
    tables.THRESHOLDS,
    tables.QUARANTINE,
)
MAY_BE_EMPTY = (
    tables.CROSSING_CDF,
    tables.REFERENCE_FORECASTS,
    tables.REFERENCE_COMPARISONS,
)
THRESHOLD = "swe_bench_verified"
FUTURE = date(2131, 1, 31)


@cache
def registry() -> Registry:
    return load_registry(WORKSPACE.registry)


def last_day(benchmark_id: str) -> date:
    return registry().benchmarks[benchmark_id].observed_through


ORIGIN: Cells = {
    "source_id": "swe_bench",
    "benchmark_id": "swe_bench_verified",
    "source_file": "swe_bench_verified.csv",
    "source_row": 2,
}
OBSERVATION: Cells = ORIGIN | {
    "observation_id": "swe_bench_verified:0",
    "model_id": "model_a",
    "model_name": "Model A",
    "model_name_published": "model-a",
    "entrant_kind": "model",
    "release_date": date(2025, 3, 1),
    "release_date_basis": "models_registry",
    "release_date_published": date(2025, 3, 1),
    "reported_on": date(2025, 3, 9),
    "known_on": date(2025, 3, 9),
    "known_on_basis": "reported_on",
    "score": 0.6,
    "standard_error": 0.02,
    "ci_low": 0.55,
    "ci_high": 0.66,
    "score_unit": "fraction",
    "reporter": "leaderboard",
    "source_url": "https://www.swebench.com/",
}
MINUTES: Cells = OBSERVATION | {
    "observation_id": "metr_time_horizon_p50:0",
    "benchmark_id": "metr_time_horizon_p50",
    "source_row": 3,
    "score": 60.0,
    "standard_error": None,
    "ci_low": 20.0,
    "ci_high": 180.0,
    "score_unit": "minutes",
}
SERIES_SCORE: Cells = {
    "series_id": "swe_bench_verified",
    "benchmark_id": "swe_bench_verified",
    "frontier_date": date(2025, 3, 1),
    "frontier_date_basis": "release_date",
    "observation_id": "swe_bench_verified:0",
    "model_id": "model_a",
    "model_name": "Model A",
    "score": 0.6,
}
LATER_SCORE: Cells = SERIES_SCORE | {
    "frontier_date": date(2025, 4, 1),
    "observation_id": "swe_bench_verified:1",
    "score": 0.7,
}
FIT: Cells = {
    "as_of": date(2026, 11, 1),
    "series_id": "swe_bench_verified",
    "benchmark_id": "swe_bench_verified",
    "trend": "logistic",
    "link": "logit",
    "score_unit": "fraction",
    "floor": 0.0,
    "ceiling": 0.9,
    "ceiling_weight": 0.25,
    "fit_status": "fitted",
    "status_reason": "6 records over 500 days",
    "n_observations": 20,
    "n_records": 6,
    "first_record_date": date(2024, 1, 1),
    "last_record_date": date(2025, 6, 1),
    "observed_through": date(2026, 10, 1),
    "epoch_date": date(2024, 9, 1),
    "intercept": 0.1,
    "intercept_se": 0.2,
    "slope_per_year": 1.2,
    "slope_per_year_se": 0.3,
    "df": 4.0,
    "tau2": 0.1,
    "sigma2_per_year": 0.4,
    "doubling_time_days": 200.0,
    "doubling_time_days_lo95": 150.0,
    "doubling_time_days_hi95": 300.0,
    "run_id": "0123456789ab",
    "contract_version": "1.0",
}
KEY: Cells = {
    "as_of": date(2026, 11, 1),
    "threshold_id": THRESHOLD,
    "bar_id": "bar",
    "trend": "drift",
    "run_id": "0123456789ab",
    "contract_version": "1.0",
}
SUMMARY: Cells = KEY | {
    "threshold_label": "SWE-bench Verified: 95%",
    "is_headline": True,
    "crossing_status": "expected",
    "median_label": "2028-03",
    "interval80_label": "2027-01 to after 2050",
    "p_crossed_by_as_of": 0.1,
    "p_crossed_by_projection_end": 0.7,
    "p_after_projection_end": 0.1,
    "p_never": 0.2,
    "q10_date": date(2027, 1, 5),
    "q25_date": date(2027, 8, 5),
    "median_date": date(2028, 3, 5),
    "q75_date": date(2030, 1, 5),
    "q90_date": None,
    "date_lo": date(2026, 9, 1),
    "projection_end": date(2050, 12, 31),
    "sort_rank": 1,
    "bar_value": 0.95,
    "score_unit": "fraction",
    "n_observations": 20,
    "n_records": 6,
    "change_cause": "first_vintage",
    "status_reason": "6 records",
    "n_draws": 0,
    "n_draws_failed": 0,
    "observed_through": date(2026, 10, 1),
    "estimand": "first_record",
    "threshold_version": 1,
}
NOT_ESTIMATED: Cells = {
    name: cell
    for name, cell in SUMMARY.items()
    if not name.startswith(("p_", "q", "median_date"))
} | {
    "is_headline": False,
    "crossing_status": "not_estimated",
    "median_label": "not estimated: too few records",
    "interval80_label": "not estimated",
    "sort_rank": 2,
}
QUANTILE: Cells = KEY | {
    "quantile_level": 0.25,
    "crossing_date": date(2027, 8, 5),
    "crossing_label": "2027-08",
    "crossing_status": "expected",
}
CDF: Cells = KEY | {"by_date": date(2027, 1, 31), "p_crossed": 0.25}
SCORE: Cells = {
    "as_of": KEY["as_of"],
    "series_id": THRESHOLD,
    "benchmark_id": THRESHOLD,
    "trend": "drift",
    "lead_months": 1,
    "forecast_date": FUTURE,
    "quantile_level": 0.1,
    "score": 0.8,
    "score_unit": "fraction",
    "run_id": KEY["run_id"],
    "contract_version": KEY["contract_version"],
}
STAMPS: Cells = {name: KEY[name] for name in ("as_of", "run_id", "contract_version")}
SCENARIO: Cells = STAMPS | {
    "scenario_id": "mosaic",
    "scenario_title": "A mosaic",
    "scenario_statement": "Every bar is crossed.",
    "gates": "coding: quiz.half",
    "dependence": "independent",
    "gap": "none",
    "gap_label": "none (benchmark-implied)",
    "rho": 0.0,
    "scenario_status": "expected",
    "median_label": "2028-03",
    "interval80_label": "2027-01 to after 2050",
    "p_by_as_of": 0.0,
    "p_by_projection_end": 0.7,
    "p_after_projection_end": 0.1,
    "p_never": 0.2,
    "q10_date": date(2027, 1, 5),
    "q25_date": date(2027, 8, 5),
    "median_date": date(2028, 3, 5),
    "q75_date": date(2030, 1, 5),
    **{
        f"p_by_end_{year}": 0.1 * step
        for step, year in enumerate(tables.AUTOMATION_YEARS)
    },
    "projection_end": date(2050, 12, 31),
    "n_gates": 7,
    "n_gates_crossed": 3,
    "n_gates_not_estimated": 0,
    "status_reason": "3 of 7 gates are crossed",
}
WITHOUT_FITTED_RHO: Cells = {
    name: cell
    for name, cell in SCENARIO.items()
    if not name.startswith(("p_", "q", "median_date", "rho"))
} | {
    "dependence": "fitted",
    "scenario_status": "not_estimated",
    "median_label": "not estimated: not fitted yet",
    "interval80_label": "not estimated",
    "projection_end": date(2050, 12, 31),
}
REFERENCE: Cells = STAMPS | {
    "reference_id": "somebody_2026",
    "forecaster": "Somebody",
    "date_made": "2026-04",
    "event": "Automated R&D",
    "operationalisation": "All of it.",
    "kind": "probability_by_date",
    "probability": 0.3,
    "source": "https://example.org/",
    "retrieved_as": "primary",
    "exact_page": True,
    "compared_with": "mosaic",
    "outcome_label": "open",
    "score_label": "not resolved",
}
COMPARISON: Cells = STAMPS | {
    "reference_id": "somebody_2026",
    "scenario_id": "mosaic",
    "dependence": "independent",
    "gap": "none",
    "their_probability": 0.3,
    "our_probability": 0.4,
    "implied_gap_months": 2.5,
    "implied_gap_label": "2.5 months",
}
CLAIM: Cells = STAMPS | {
    "claim_id": "swe_bench",
    "subject": "SWE-bench",
    "model_name_printed": "Model A",
    "dated": "2026",
    "value": 2.0,
    "value_unit": "percent",
    "verdict": "other_test",
    "comment": "The full test set.",
}
RATIO: Cells = STAMPS | {
    "ratio_id": "one_each",
    "label": "One each",
    "agents_per_human": 1.0,
    "work_per_agent": 1.0,
    "share_of_labour": 0.5,
    "comment": "Half.",
}
TRIPWIRE: Cells = STAMPS | {
    "series_id": "swe_bench_verified",
    "benchmark_id": "swe_bench_verified",
    "score_unit": "fraction",
    "previous_as_of": date(2026, 6, 1),
    "observed_from": date(2026, 5, 1),
    "observed_through": date(2026, 10, 1),
    "p_no_record": 0.2,
    "rank_low": 0.7,
    "rank_high": 0.7,
    "e_value_slower": 0.6,
    "e_value_faster": 1.1,
    "e_process_slower": 0.6,
    "e_process_faster": 1.1,
    "e_process": 0.85,
    "alarm": False,
    "label": "70.0% on 2026-10-01, within the 80% band",
}
BAR: Cells = {
    "threshold_id": THRESHOLD,
    "threshold_version": 1,
    "status": "active",
    "title": "SWE-bench Verified",
    "domain": "coding",
    "owner": "@org/team",
    "benchmark_id": "swe_bench_verified",
    "series_id": "swe_bench_verified",
    "bar_id": "half",
    "bar_rank": 1,
    "bar_label": "50%",
    "bar_value": 0.5,
    "score_unit": "fraction",
    "direction": "higher",
    "bar_basis": "project_choice",
    "is_headline": False,
    "trends": "drift",
    "headline_trend": "drift",
    "projection_end": date(2050, 12, 31),
    "counts_if": "point_estimate",
    "date_used": "release_date",
    "operationalisation": "The first model at the bar.",
    "why_it_matters": "Because.",
}
MINUTES_BAR: Cells = BAR | {
    "threshold_id": "other",
    "score_unit": "minutes",
    "bar_value": 480.0,
    "is_headline": True,
}

PASSING: dict[Table, list[Cells]] = {
    tables.RAW_SCORES: [
        ORIGIN | {"model_name_published": "Qwen³ Größe", "score": "64"},
        ORIGIN | {"source_row": 3},
    ],
    tables.OBSERVATIONS: [OBSERVATION, MINUTES],
    tables.SERIES_SCORES: [SERIES_SCORE, LATER_SCORE],
    tables.FRONTIER: [SERIES_SCORE, LATER_SCORE],
    tables.TREND_FITS: [
        FIT,
        FIT | {"ceiling": 1.0, "ceiling_weight": 0.75},
        {
            name: FIT[name]
            for name in (*list(FIT)[:5], "n_observations", "run_id", "contract_version")
        }
        | {
            "trend": "exponential",
            "fit_status": "not_estimated",
            "status_reason": "too few records: 1",
            "n_records": 1,
        },
    ],
    tables.CROSSING_SUMMARY: [SUMMARY, NOT_ESTIMATED],
    tables.CROSSING_QUANTILES: [
        QUANTILE,
        QUANTILE | {"quantile_level": 0.5, "crossing_date": date(2028, 3, 5)},
        QUANTILE | {"quantile_level": 0.75, "crossing_date": None},
        QUANTILE | {"quantile_level": 0.9, "crossing_date": None},
    ],
    tables.CROSSING_CDF: [
        CDF,
        CDF | {"by_date": date(2027, 2, 28), "p_crossed": 0.25},
        CDF | {"by_date": date(2027, 3, 31), "p_crossed": 0.3},
        CDF | {"trend": "logistic", "p_crossed": 0.1},
    ],
    tables.SCORE_FORECAST: [
        SCORE,
        SCORE | {"quantile_level": 0.9, "score": 0.9},
        SCORE | {"lead_months": 2, "score": 0.85},
    ],
    tables.AUTOMATION: [
        SCENARIO,
        SCENARIO | {"gap": "prior", "p_by_end_2030": 0.35},
        WITHOUT_FITTED_RHO,
    ],
    tables.REFERENCE_FORECASTS: [
        REFERENCE,
        REFERENCE
        | {
            "reference_id": "somebody_else",
            "compared_with": None,
            "not_compared_because": "a parameter",
        },
    ],
    tables.REFERENCE_COMPARISONS: [
        COMPARISON,
        COMPARISON
        | {
            "gap": "prior",
            "implied_gap_months": None,
            "implied_gap_label": "the gap has a prior here",
        },
    ],
    tables.ESSAY_CLAIMS: [CLAIM, CLAIM | {"claim_id": "other", "value": None}],
    tables.LABOUR_RATIO: [RATIO, RATIO | {"ratio_id": "other"}],
    tables.TRIPWIRES: [
        TRIPWIRE,
        TRIPWIRE
        | {
            "series_id": "other",
            "e_process_faster": 999.4,
            "e_process": 500.0,
            "alarm": True,
            "alarm_since": date(2026, 11, 1),
        },
    ],
    tables.THRESHOLDS: [
        BAR,
        BAR | {"bar_id": "most", "bar_rank": 2, "bar_value": 1.0, "is_headline": True},
        MINUTES_BAR,
    ],
    tables.QUARANTINE: [
        ORIGIN
        | {
            "table": "observations",
            "expectation": "score_is_at_most_1",
            "reason": "score 1.3 is above 1",
            "row_json": '{"score": 1.3}',
        }
    ],
}

BREAKING: list[tuple[Table, str, int, Cells]] = [
    (tables.RAW_SCORES, "line_is_read_once", 1, {"source_row": 2}),
    (tables.RAW_SCORES, "line_is_below_the_header", 1, {"source_row": 1}),
    (
        tables.RAW_SCORES,
        "model_name_is_not_garbled",
        1,
        {"model_name_published": "GrÃ¶ÃŸe"},
    ),
    (tables.OBSERVATIONS, "score_is_at_most_1", 0, {"score": 1.3, "ci_high": 1.4}),
    (tables.OBSERVATIONS, "score_is_at_least_0", 0, {"score": -0.1, "ci_low": -0.2}),
    (tables.OBSERVATIONS, "score_has_a_logarithm", 1, {"score": 0.0, "ci_low": None}),
    (tables.OBSERVATIONS, "interval_has_a_logarithm", 1, {"ci_low": 0.0}),
    (tables.OBSERVATIONS, "score_is_in_its_interval_below", 0, {"ci_low": 0.61}),
    (tables.OBSERVATIONS, "score_is_in_its_interval_above", 0, {"ci_high": 0.59}),
    (tables.OBSERVATIONS, "interval_has_two_ends", 0, {"ci_high": None}),
    (
        tables.OBSERVATIONS,
        "standard_error_is_not_negative",
        0,
        {"standard_error": -0.1},
    ),
    (
        tables.OBSERVATIONS,
        "standard_error_is_at_most_a_half",
        0,
        {"standard_error": 2.0},
    ),
    (tables.OBSERVATIONS, "release_date_is_covered", 0, {"release_date": FUTURE}),
    (
        tables.OBSERVATIONS,
        "release_date_published_is_covered",
        0,
        {"release_date_published": FUTURE},
    ),
    (tables.OBSERVATIONS, "reported_on_is_covered", 0, {"reported_on": FUTURE}),
    (
        tables.OBSERVATIONS,
        "out_of_range_since_range_was_passed",
        1,
        {"fit_exclusion": "out_of_range", "release_date": date(2026, 4, 6)},
    ),
    (
        tables.OBSERVATIONS,
        "score_follows_release",
        0,
        {"reported_on": date(2024, 8, 1)},
    ),
    (
        tables.OBSERVATIONS,
        "score_stands_once",
        1,
        OBSERVATION | {"observation_id": "swe_bench_verified:1", "source_row": 9},
    ),
    (
        tables.OBSERVATIONS,
        "observation_id_is_unique",
        1,
        OBSERVATION | {"score": 0.61, "source_row": 9},
    ),
    (
        tables.OBSERVATIONS,
        "score_is_not_reported_early",
        0,
        {"reported_on": date(2025, 2, 28)},
    ),
    (
        tables.OBSERVATIONS,
        "release_dates_agree",
        0,
        {"release_date_published": date(2025, 3, 2)},
    ),
    (tables.OBSERVATIONS, "release_date_is_known", 0, {"release_date": None}),
    (tables.OBSERVATIONS, "reported_on_is_known", 0, {"reported_on": None}),
    (tables.OBSERVATIONS, "standard_error_is_not_zero", 0, {"standard_error": 0.0}),
    (
        tables.OBSERVATIONS,
        "best_fraction_is_above_1_percent",
        0,
        {"score": 0.006, "ci_low": 0.005},
    ),
    (
        tables.SERIES_SCORES,
        "score_stands_once_in_its_series",
        1,
        SERIES_SCORE | {"score": 0.7},
    ),
    (tables.SERIES_SCORES, "score_is_covered", 1, {"frontier_date": FUTURE}),
    (tables.FRONTIER, "one_record_a_day", 1, {"frontier_date": date(2025, 3, 1)}),
    (tables.FRONTIER, "record_beats_the_one_before", 1, {"score": 0.6}),
    (tables.FRONTIER, "record_is_covered", 1, {"frontier_date": FUTURE}),
    (tables.TREND_FITS, "fit_stands_once", 1, {"ceiling": 0.9}),
    (tables.TREND_FITS, "reason_is_given", 2, {"status_reason": " "}),
    (tables.TREND_FITS, "fit_has_its_parameters", 1, {"slope_per_year_se": None}),
    (tables.TREND_FITS, "intercept_error_is_not_negative", 0, {"intercept_se": -0.1}),
    (tables.TREND_FITS, "slope_error_is_not_negative", 0, {"slope_per_year_se": -0.1}),
    (tables.TREND_FITS, "tau2_is_not_negative", 0, {"tau2": -0.1}),
    (tables.TREND_FITS, "random_walk_moves", 0, {"sigma2_per_year": 0.0}),
    (tables.TREND_FITS, "break_p_value_is_a_probability", 0, {"break_p_value": 0.0}),
    (tables.TREND_FITS, "degrees_of_freedom_are_left", 0, {"df": 0.0}),
    (tables.TREND_FITS, "ceiling_weights_sum_to_1", 1, {"ceiling_weight": 0.7}),
    (tables.TREND_FITS, "ceiling_is_above_floor", 0, {"ceiling": 0.2, "floor": 0.2}),
    (tables.TREND_FITS, "records_are_observations", 0, {"n_records": 21}),
    (tables.TREND_FITS, "records_are_in_order", 0, {"first_record_date": FUTURE}),
    (
        tables.TREND_FITS,
        "nothing_is_observed_after_as_of",
        0,
        {"observed_through": FUTURE},
    ),
    (
        tables.TREND_FITS,
        "doubling_time_is_above_its_lower_end",
        0,
        {"doubling_time_days_lo95": 201.0},
    ),
    (
        tables.TREND_FITS,
        "doubling_time_is_below_its_upper_end",
        0,
        {"doubling_time_days_hi95": 199.0},
    ),
    (tables.CROSSING_SUMMARY, "rank_is_taken_once", 1, {"sort_rank": 1}),
    (tables.CROSSING_SUMMARY, "threshold_has_one_headline", 1, {"is_headline": True}),
    (tables.CROSSING_SUMMARY, "status_is_known", 0, {"crossing_status": "likely"}),
    (tables.CROSSING_SUMMARY, "status_is_never_empty", 0, {"crossing_status": None}),
    (tables.CROSSING_SUMMARY, "median_label_is_never_empty", 0, {"median_label": ""}),
    (
        tables.CROSSING_SUMMARY,
        "interval80_label_is_never_empty",
        1,
        {"interval80_label": " "},
    ),
    (tables.CROSSING_SUMMARY, "reason_is_never_empty", 1, {"status_reason": ""}),
    (tables.CROSSING_SUMMARY, "masses_stand_together", 1, {"p_never": 0.0}),
    (tables.CROSSING_SUMMARY, "masses_sum_to_1", 0, {"p_never": 0.21}),
    (
        tables.CROSSING_SUMMARY,
        "p_crossed_by_as_of_is_a_probability",
        0,
        {"p_crossed_by_as_of": -0.1},
    ),
    (
        tables.CROSSING_SUMMARY,
        "p_crossed_by_projection_end_is_a_probability",
        0,
        {"p_crossed_by_projection_end": 1.2, "p_never": -0.3},
    ),
    (
        tables.CROSSING_SUMMARY,
        "p_after_projection_end_is_a_probability",
        0,
        {"p_after_projection_end": -0.1, "p_never": 0.4},
    ),
    (
        tables.CROSSING_SUMMARY,
        "p_never_is_a_probability",
        0,
        {"p_after_projection_end": 0.4, "p_never": -0.1},
    ),
    (
        tables.CROSSING_SUMMARY,
        "probability_does_not_fall",
        0,
        {"p_crossed_by_as_of": 0.8},
    ),
    (
        tables.CROSSING_SUMMARY,
        "median_is_dated_as_the_status_says",
        0,
        {"crossing_status": "never"},
    ),
    (tables.CROSSING_SUMMARY, "q10_is_before_q25", 0, {"q10_date": date(2027, 8, 6)}),
    (
        tables.CROSSING_SUMMARY,
        "q25_is_before_median",
        0,
        {"q25_date": date(2028, 3, 6)},
    ),
    (
        tables.CROSSING_SUMMARY,
        "median_is_before_q75",
        0,
        {"q75_date": date(2028, 3, 4)},
    ),
    (tables.CROSSING_SUMMARY, "q75_is_before_q90", 0, {"q90_date": date(2030, 1, 4)}),
    (
        tables.CROSSING_SUMMARY,
        "no_date_is_after_projection_end",
        0,
        {"q75_date": FUTURE},
    ),
    (
        tables.CROSSING_SUMMARY,
        "crossing_interval_is_in_order",
        0,
        {"date_hi": date(2026, 9, 1)},
    ),
    (
        tables.CROSSING_SUMMARY,
        "nothing_is_known_after_as_of",
        0,
        {"observed_through": FUTURE},
    ),
    (tables.CROSSING_QUANTILES, "level_stands_once", 1, {"quantile_level": 0.25}),
    (tables.CROSSING_QUANTILES, "level_is_inside_0_and_1", 3, {"quantile_level": 1.0}),
    (
        tables.CROSSING_QUANTILES,
        "dates_rise_with_the_level",
        1,
        {"crossing_date": date(2027, 8, 4)},
    ),
    (
        tables.CROSSING_QUANTILES,
        "no_date_follows_a_gap",
        3,
        {"crossing_date": date(2030, 1, 1)},
    ),
    (
        tables.CROSSING_QUANTILES,
        "no_date_is_after_projection_end",
        1,
        {"crossing_date": FUTURE},
    ),
    (tables.CROSSING_QUANTILES, "label_is_never_empty", 2, {"crossing_label": ""}),
    (tables.CROSSING_QUANTILES, "status_is_never_empty", 2, {"crossing_status": None}),
    (tables.CROSSING_CDF, "month_stands_once", 1, {"by_date": date(2027, 1, 31)}),
    (tables.CROSSING_CDF, "p_crossed_is_a_probability", 2, {"p_crossed": 1.1}),
    (tables.CROSSING_CDF, "p_crossed_does_not_fall", 2, {"p_crossed": 0.24}),
    (tables.CROSSING_CDF, "by_date_ends_a_month", 1, {"by_date": date(2027, 2, 27)}),
    (tables.CROSSING_CDF, "no_date_is_after_projection_end", 2, {"by_date": FUTURE}),
    (tables.SCORE_FORECAST, "level_stands_once", 1, {"quantile_level": 0.1}),
    (tables.SCORE_FORECAST, "level_is_inside_0_and_1", 1, {"quantile_level": 1.0}),
    (tables.SCORE_FORECAST, "score_does_not_fall_with_the_level", 1, {"score": 0.7}),
    (tables.SCORE_FORECAST, "score_does_not_fall_with_time", 2, {"score": 0.79}),
    (
        tables.SCORE_FORECAST,
        "day_comes_after_what_was_observed",
        0,
        {"forecast_date": date(2020, 1, 1)},
    ),
    (tables.AUTOMATION, "row_stands_once", 1, {"gap": "none"}),
    (tables.AUTOMATION, "median_label_is_never_empty", 0, {"median_label": ""}),
    (tables.AUTOMATION, "interval80_label_is_never_empty", 0, {"interval80_label": ""}),
    (tables.AUTOMATION, "gap_label_is_never_empty", 0, {"gap_label": " "}),
    (tables.AUTOMATION, "reason_is_never_empty", 2, {"status_reason": ""}),
    (tables.AUTOMATION, "masses_stand_together", 2, {"p_never": 0.0}),
    (tables.AUTOMATION, "masses_sum_to_1", 0, {"p_never": 0.21}),
    (
        tables.AUTOMATION,
        "p_never_is_a_probability",
        0,
        {"p_after_projection_end": 0.4, "p_never": -0.1},
    ),
    (tables.AUTOMATION, "probability_does_not_fall", 0, {"p_by_end_2028": 0.05}),
    (tables.AUTOMATION, "a_gap_only_delays", 1, {"p_by_end_2030": 0.41}),
    (
        tables.AUTOMATION,
        "median_is_dated_as_the_status_says",
        0,
        {"scenario_status": "never"},
    ),
    (tables.AUTOMATION, "quantiles_are_in_order", 0, {"q75_date": date(2028, 3, 4)}),
    (tables.AUTOMATION, "no_date_is_after_projection_end", 0, {"q75_date": FUTURE}),
    (
        tables.REFERENCE_FORECASTS,
        "statement_stands_once",
        1,
        {"reference_id": "somebody_2026"},
    ),
    (tables.REFERENCE_FORECASTS, "source_is_named", 0, {"source": ""}),
    (
        tables.REFERENCE_FORECASTS,
        "quality_of_the_copy_is_stated",
        0,
        {"retrieved_as": ""},
    ),
    (tables.REFERENCE_FORECASTS, "outcome_is_never_empty", 0, {"outcome_label": ""}),
    (
        tables.REFERENCE_FORECASTS,
        "comparison_or_the_reason_for_none",
        0,
        {"compared_with": None},
    ),
    (tables.REFERENCE_COMPARISONS, "comparison_stands_once", 1, {"gap": "none"}),
    (
        tables.REFERENCE_COMPARISONS,
        "our_probability_is_one",
        0,
        {"our_probability": 1.1},
    ),
    (
        tables.REFERENCE_COMPARISONS,
        "implied_gap_is_not_negative",
        0,
        {"implied_gap_months": -1.0},
    ),
    (
        tables.REFERENCE_COMPARISONS,
        "implied_gap_label_is_never_empty",
        0,
        {"implied_gap_label": ""},
    ),
    (tables.ESSAY_CLAIMS, "claim_stands_once", 1, {"claim_id": "swe_bench"}),
    (tables.ESSAY_CLAIMS, "what_differs_is_said", 0, {"comment": ""}),
    (tables.LABOUR_RATIO, "ratio_stands_once", 1, {"ratio_id": "one_each"}),
    (tables.LABOUR_RATIO, "share_is_a_fraction", 0, {"share_of_labour": 1.0}),
    (
        tables.TRIPWIRES,
        "benchmark_stands_once",
        1,
        {"series_id": "swe_bench_verified"},
    ),
    (tables.TRIPWIRES, "evidence_is_not_negative", 0, {"e_process_slower": -0.1}),
    (tables.TRIPWIRES, "no_record_is_a_probability", 0, {"p_no_record": 1.2}),
    (tables.TRIPWIRES, "rank_is_an_interval", 0, {"rank_low": 0.8}),
    (
        tables.TRIPWIRES,
        "only_days_ahead_are_tested",
        0,
        {"observed_through": date(2026, 5, 1)},
    ),
    (tables.TRIPWIRES, "alarm_has_its_first_day", 1, {"alarm_since": None}),
    (tables.TRIPWIRES, "label_is_never_empty", 0, {"label": ""}),
    (tables.THRESHOLDS, "rung_is_taken_once", 1, {"bar_rank": 1}),
    (tables.THRESHOLDS, "bar_is_harder_than_the_one_before", 1, {"bar_value": 0.5}),
    (tables.THRESHOLDS, "bar_is_a_fraction", 1, {"bar_value": 95.0}),
    (tables.THRESHOLDS, "threshold_has_one_headline", 1, {"is_headline": False}),
    (tables.THRESHOLDS, "operationalisation_is_written", 0, {"operationalisation": ""}),
    (tables.QUARANTINE, "expectation_is_named", 0, {"expectation": ""}),
    (tables.QUARANTINE, "reason_is_given", 0, {"reason": ""}),
    (tables.QUARANTINE, "row_can_be_read_again", 0, {"row_json": "{score"}),
]


def check(table: Table, rows: list[Cells]) -> Validated:
    return validate(table.frame(rows), table=table, suites=SUITES, registry=registry())


def failed(table: Table, rows: list[Cells]) -> set[str]:
    """Ids of the expectations that ``rows`` break, whatever that leads to."""
    try:
        report = check(table, rows).report
    except ValidationError as error:
        prefix = f"{table.name}: "
        lines = str(error).splitlines()
        return {line.removeprefix(prefix).split(":")[0] for line in lines}
    lines_of_report = report["expectations"]
    assert isinstance(lines_of_report, list)
    return {line["expectation"] for line in lines_of_report if line["n_failed"]}


@pytest.mark.parametrize("table", CHECKED, ids=lambda table: table.name)
def test_rows_as_they_should_be_pass(table: Table) -> None:
    assert failed(table, PASSING[table]) == set()


@pytest.mark.parametrize(
    ("table", "expectation", "position", "cells"),
    BREAKING,
    ids=[f"{table.name}-{expectation}" for table, expectation, _, _ in BREAKING],
)
def test_a_row_that_breaks_it_fails_it(
    table: Table, expectation: str, position: int, cells: Cells
) -> None:
    from trends.validation.gate import evaluate  # noqa: PLC0415  # five seconds

    rows = [dict(row) for row in PASSING[table]]
    rows[position] |= cells
    suite = load_suite(SUITES, table)
    broken = next(one for one in suite.expectations if one.id == expectation)

    [outcome] = evaluate(add_context(table.frame(rows), table, registry()), [broken])

    assert position in outcome.failing_rows


@pytest.mark.parametrize("table", CHECKED, ids=lambda table: table.name)
def test_every_expectation_is_broken_by_an_example(table: Table) -> None:
    about_rows = {
        expectation.id
        for expectation in load_suite(SUITES, table).expectations
        if expectation.type != ROW_COUNT
    }

    assert about_rows == {name for broken, name, _, _ in BREAKING if broken == table}


@pytest.mark.parametrize(
    "table",
    [t for t in CHECKED if t not in (*MAY_BE_EMPTY, tables.QUARANTINE)],
    ids=lambda table: table.name,
)
def test_an_empty_table_is_stopped(table: Table) -> None:
    with pytest.raises(ValidationError, match=f"{table.name}: .*: found 0, expected"):
        check(table, [])


def test_some_tables_may_be_empty_but_say_so_and_a_quarantine_should_be() -> None:
    for table in MAY_BE_EMPTY:
        assert failed(table, []) == {"table_has_rows"}
    assert failed(tables.QUARANTINE, []) == set()


def test_every_table_between_stages_and_every_published_one_has_a_suite() -> None:
    assert set(tables.PUBLISHED) <= set(CHECKED)
    assert {path.stem for path in SUITES.glob("*.yaml")} == {t.name for t in CHECKED}


def test_enumerations_in_suites_are_those_of_the_tables() -> None:
    for table in CHECKED:
        enums = {column.name: column.enum for column in table.columns}
        for expectation in load_suite(SUITES, table).expectations:
            column = str(expectation.kwargs.get("column"))
            if expectation.type.endswith("_to_be_in_set") and column in enums:
                assert tuple(expectation.kwargs["value_set"]) == enums[column]  # type: ignore[arg-type]


def reason(rows: list[Cells]) -> str:
    quarantine = check(tables.OBSERVATIONS, rows).quarantine
    assert quarantine.height == 1
    return str(quarantine["reason"][0])


def test_a_score_of_130_percent_is_quarantined_in_words() -> None:
    rows = [OBSERVATION | {"score": 1.3, "ci_high": None, "ci_low": None}, MINUTES]

    assert reason(rows).startswith(
        "score 1.3 is above 1. Does the source now publish another unit"
    )


def test_a_release_date_in_2031_is_quarantined_in_words() -> None:
    rows = [OBSERVATION, MINUTES | {"release_date_published": date(2031, 1, 1)}]

    last = last_day("metr_time_horizon_p50")
    assert reason(rows).startswith(
        f"release date 2031-01-01 is after {last}, the last day these figures cover."
    )


def test_a_release_on_the_last_day_covered_is_accepted() -> None:
    last = last_day("swe_bench_verified")
    dated: Cells = {"release_date": last, "release_date_published": last}
    on_it = OBSERVATION | dated | {"reported_on": last}
    day_after = on_it | {"release_date": last + timedelta(days=1)}

    assert failed(tables.OBSERVATIONS, [on_it]) == set()
    assert "release_date_is_covered" in failed(tables.OBSERVATIONS, [day_after])


def test_a_range_that_the_registry_does_not_know_to_be_passed_is_found_out() -> None:
    """METR's is passed on 2026-04-07; the leaderboard has none at all."""
    beyond: Cells = {"fit_exclusion": "out_of_range"}
    on_it = {name: date(2026, 4, 7) for name in ("release_date", "reported_on")}
    passed = MINUTES | beyond | on_it | {"release_date_published": date(2026, 4, 7)}
    expectation = "out_of_range_since_range_was_passed"

    assert expectation not in failed(tables.OBSERVATIONS, [passed])
    assert expectation in failed(tables.OBSERVATIONS, [OBSERVATION | beyond])


def test_of_duplicates_the_first_is_kept_even_where_cells_are_empty() -> None:
    first = OBSERVATION | {"harness": None, "setting": None, "reported_on": None}
    second = first | {"source_row": 7, "observation_id": "swe_bench_verified:7"}
    other_setting = second | {"setting": "high", "observation_id": "x"}

    # in the order of their ids, as a table comes, not of their lines
    result = check(tables.OBSERVATIONS, [second, other_setting, first])

    assert result.quarantine["source_row"].to_list() == [7]
    assert result.quarantine["expectation"].to_list() == ["score_stands_once"]
    assert "in line 2 of swe_bench_verified.csv" in result.quarantine["reason"][0]
    assert result.accepted["observation_id"].to_list() == [
        "x",
        first["observation_id"],
    ]


def test_the_shipped_figures_pass() -> None:
    """All of them, source by source, with the known duplicate taken out."""
    quarantined: dict[tuple[str, int], str] = {}
    for source_id, source in registry().sources.items():
        files = shipped_figures.fetch(source, WORKSPACE.observations)
        raw = pl.concat(
            [shipped_figures.read(source_id, name, c) for name, c in files.items()]
        )
        accepted = validate(
            raw, table=tables.RAW_SCORES, suites=SUITES, registry=registry()
        ).accepted
        built = build_observations(accepted, registry())
        checked = validate(
            built.observations,
            table=tables.OBSERVATIONS,
            suites=SUITES,
            registry=registry(),
        )
        rejected = pl.concat([built.quarantine, checked.quarantine])
        assert not too_many(rejected.height, raw.height)
        assert checked.accepted.height + rejected.height == raw.height
        quarantined |= {
            (row["source_file"], row["source_row"]): row["expectation"]
            for row in rejected.to_dicts()
        }
    assert quarantined == {
        ("swe_bench_verified_developer_reported.csv", 61): "score_stands_once"
    }
