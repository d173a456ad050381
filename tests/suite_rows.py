"""For each table a few rows that its suite passes.

The registry is the shipped one, so that days and bars are real.
"""

from datetime import date
from functools import cache
from pathlib import Path

from trends import tables
from trends.registry import Registry, load_registry
from trends.tables import Table
from trends.workspace import Workspace

Cells = dict[str, object]

WORKSPACE = Workspace(Path(__file__).parent.parent)
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
    "if_ever_label": "2027-12",
    "median_if_ever": date(2027, 12, 5),
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
    "pool_influence_days": -98,
    "pool_influence_family": "mle_bench",
    "pool_influence_if_ever_days": -40,
    "pool_influence_if_ever_family": "paperbench",
    "pool_influence_p_never": 0.03,
}
NOT_ESTIMATED: Cells = {
    name: cell
    for name, cell in SUMMARY.items()
    if not name.startswith(("p_", "q", "median_date", "median_if_ever", "pool_"))
} | {
    "is_headline": False,
    "crossing_status": "not_estimated",
    "median_label": "not estimated: too few records",
    "if_ever_label": "not estimated: too few records",
    "interval80_label": "not estimated",
    "sort_rank": 2,
}
HEADLINE: Cells = {
    "as_of": KEY["as_of"],
    "section": "Coding",
    "bar": "SWE-bench Verified: 95%",
    "median": "2028-03",
    "if_ever": "2027-12",
    "median_if_ever": date(2027, 12, 5),
    "interval80": "2027-01 to after 2050",
    "p_by_now": 0.1,
    "p_by_end_2027": 0.2,
    "p_by_end_2028": 0.6,
    "p_by_end_2030": 0.7,
    "p_never": 0.2,
    "median_date": date(2028, 3, 5),
    "note": "no record",
    "rank": 1,
    "threshold_id": THRESHOLD,
    "bar_id": "bar",
    "run_id": KEY["run_id"],
}
WITHHELD: Cells = {
    name: cell
    for name, cell in HEADLINE.items()
    if not name.startswith(("p_", "median_"))
} | {"median": "withheld", "interval80": "withheld", "rank": 2, "threshold_id": "other"}
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
STOOD: Cells = STAMPS | {
    "scale": "bounded",
    "trend": "records",
    "cut_on": "reported_on",
    "lead_months": 3,
    "said": 0.32,
    "stood": 0.37,
    "said_less_stood_lo95": -0.25,
    "said_less_stood_hi95": 0.11,
    "n_forecasts": 236,
    "n_families": 17,
    "backtest_id": "0123456789ab",
}
HIGH_BAR: Cells = STAMPS | {
    "trend": "records",
    "lead_months": 6,
    "said_from": 0.05,
    "said_to": 0.2,
    "said": 0.13,
    "reached": 0.15,
    "said_less_reached_lo95": -0.08,
    "said_less_reached_hi95": 0.05,
    "n_forecasts": 96,
    "n_families": 24,
    "n_families_reached": 8,
    "backtest_id": "0123456789ab",
}
PLAYED: Cells = STAMPS | {
    "panel": "panel.csv",
    "target": "record",
    "forecaster": "headline",
    "label": "headline",
    "crps": 0.047,
    "rmse": 0.1,
    "held80": 0.89,
    "claimed80": 0.88,
    "n_cases": 545,
    "n_families": 32,
    "headline_trend": "records",
    "verdict": "The headline (records) is ahead.",
    "code_sha256": "aa",
}
PACE: Cells = STAMPS | {
    "month": date(2026, 9, 30),
    "pace": 1.2,
    "pace_lo80": 0.8,
    "pace_hi80": 1.7,
    "n_families": 20,
}
CAUSE: Cells = {
    "as_of": date(2026, 11, 1),
    "window": "days_90",
    "since": date(2026, 8, 3),
    "compared_with": "recomputed",
    "move_rank": 1,
    "threshold_id": THRESHOLD,
    "bar_id": "pct95",
    "trend": "drift",
    "threshold_label": "SWE-bench Verified: 95% of items",
    "status_before": "expected",
    "status_after": "expected",
    "if_ever_before": date(2027, 5, 20),
    "if_ever_after": date(2027, 5, 10),
    "p_never_before": 0.3,
    "p_never_after": 0.26,
    "label_before": "2027-05, never 30%",
    "label_after": "2027-05, never 26%",
    "moved_unit": "days",
    "moved_by": -10.0,
    "never_moved_by": -0.04,
    "cause_rank": 1,
    "cause": "new_record",
    "through": "own",
    "part": -7.0,
    "never_part": -0.03,
    "benchmark_id": "swe_bench_verified",
    "n_scores": 1,
    "score_change": "new_record",
    "model_name": "Model A",
    "source_file": "swe_bench_verified.csv",
    "source_row": 2,
    "label": "new record: Model A 60.0% on 2026-10-01",
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
HISTORY: Cells = {
    name: cell
    for name, cell in SUMMARY.items()
    if name in tables.HISTORY.schema.names()
} | {
    "as_of": date(2026, 11, 1),
    "kind": "live",
    "stands": True,
    "p_crossed_by_now": 0.2,
    "recorded_in": "data/ledger/live/2026-11-01_0123456789ab.json",
}
TRACKED: Cells = STAMPS | {
    "kind": "live",
    "cut_on": "reported_on",
    "measure": "crossed_by",
    "lead_months": 3,
    "label": "a bar is crossed 3 months ahead: said 20%, came 25% of 40",
    "n_due": 40,
    "n_not_due": 2,
    "n_vintages": 3,
    "n_families": 7,
    "said": 0.2,
    "came": 0.25,
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
    tables.HEADLINE: [HEADLINE, WITHHELD],
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
    tables.COMMON_PACE: [PACE, PACE | {"month": date(2026, 10, 31), "pace_lo80": 0.0}],
    tables.RECORDS_STOOD: [STOOD, STOOD | {"lead_months": 6}],
    tables.HIGH_BARS: [
        HIGH_BAR,
        HIGH_BAR | {"said_from": 0.2, "said_to": 0.5, "said": 0.32, "reached": 0.24},
    ],
    tables.CONTEST: [
        PLAYED,
        PLAYED
        | {
            "forecaster": "drift",
            "less_headline": 0.014,
            "less_headline_lo90": 0.009,
            "less_headline_hi90": 0.02,
        },
    ],
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
    tables.HISTORY: [
        HISTORY,
        HISTORY | {"kind": "this_run", "stands": False},
        HISTORY | {"as_of": date(2026, 10, 1), "kind": "replayed"},
    ],
    tables.HISTORY_BARS: [
        HISTORY,
        HISTORY | {"kind": "this_run", "stands": False},
        HISTORY | {"bar_id": "other"},
    ],
    tables.TRACK_RECORD: [
        TRACKED,
        TRACKED
        | {
            "measure": "date",
            "lead_months": None,
            "said": None,
            "came": None,
            "label": "dates of headline bars",
        },
        TRACKED | {"lead_months": 6, "n_due": 0, "said": None, "came": None},
    ],
    tables.CHANGES: [
        CAUSE,
        CAUSE | {"cause_rank": 2, "part": -3.0, "never_part": -0.01, "through": "pool"},
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
