"""Entries of a ledger, small and written by hand."""

from datetime import date
from typing import Any

from trends.ledger import Entry, Forecast, Kind

MADE = date(2025, 1, 31)
BENCHMARK = "swe_bench_verified"


def make_forecast(**changes: Any) -> Forecast:
    """One headline bar at 0.80: P rises by 0.3 in a year, and again in the next."""
    usual = {
        "threshold_id": "one",
        "threshold_version": 1,
        "threshold_label": "One",
        "bar_id": "pct80",
        "trend": "drift",
        "is_headline": True,
        "benchmark_id": BENCHMARK,
        "family_id": "swe",
        "final_vintage": False,
        "harness": None,
        "reporters": ("leaderboard",),
        "direction": "higher",
        "counts_if": "point_estimate",
        "bar_value": 0.8,
        "score_unit": "fraction",
        "crossing_status": "expected",
        "observed_through": MADE,
        "projection_end": date(2050, 12, 31),
        "p_crossed_by_projection_end": 0.9,
        "p_after_projection_end": 0.0,
        "p_never": 0.1,
        "quantiles": {
            0.05: date(2025, 3, 1),
            0.1: date(2025, 6, 1),
            0.25: date(2025, 11, 1),
            0.5: date(2026, 9, 1),
            0.75: date(2028, 1, 1),
            0.9: None,
            0.95: None,
        },
        "p_crossed": {MADE: 0.0, date(2026, 1, 31): 0.3, date(2027, 1, 31): 0.6},
    }
    return Forecast(**(usual | changes))


def make_entry(*forecasts: Forecast, kind: Kind = "live", **changes: Any) -> Entry:
    usual = {
        "kind": kind,
        "caveat": None,
        "as_of": MADE,
        "made_on": MADE,
        "run_id": "0123456789ab",
        "contract_version": "1.0",
        "provenance": {"code": "c", "seed": 1},
        "forecasts": forecasts or (make_forecast(),),
    }
    return Entry(**(usual | changes))
