"""Tables of one bar, and of what vintages said of it."""

from datetime import date
from typing import Any

import polars as pl

from tests.output_runs import row as plausible_row
from tests.output_runs import tables_of
from trends.tables import CROSSING_SUMMARY, HISTORY, THRESHOLDS

Cells = dict[str, Any]


def one_bar(said: tuple[Cells, ...] = (), **summary: object) -> dict[str, pl.DataFrame]:
    """Tables of one headline bar, 80%, with the rows of its history."""
    bar: Cells = {"threshold_id": "t", "bar_id": "b", "bar_value": 0.8}
    cells: Cells = {
        "trend": "drift",
        "crossing_status": "expected",
        "score_unit": "fraction",
        "is_headline": True,
        "withheld": None,
        "p_crossed_by_as_of": 0.25,
        "p_crossed_by_projection_end": 0.5,
        "p_after_projection_end": 0.125,
        "p_never": 0.375,
        "frontier_score": 0.7,
        "coverage80_backtest": 0.75,
        "coverage80_at_most": 0.75,
    }
    usual: Cells = {
        "p_crossed_by_now": 0.5,
        "stands": True,
        "trend": "drift",
        "crossing_status": "expected",
        "score_unit": "fraction",
        "kind": "live",
        "threshold_label": "Test: 80%",
        "interval80_label": "2027-01 to 2028-01",
    }
    return tables_of(
        {
            "crossing_summary": [
                plausible_row(CROSSING_SUMMARY, **(bar | cells | summary))
            ],
            "thresholds": [
                plausible_row(
                    THRESHOLDS, **bar, score_unit="fraction", headline_trend="drift"
                )
            ],
            "history": [plausible_row(HISTORY, **(bar | usual | one)) for one in said],
        }
    )


def vintage(as_of: str, **cells: object) -> Cells:
    return {"as_of": date.fromisoformat(as_of), **cells}


CROSSED = {
    "crossing_status": "already_crossed",
    "median_label": "crossed 2026-06-09",
    "interval80_label": "crossed 2026-06-09",
}

SAID_CROSSED = CROSSED | {"when_label": "crossed 2026-06-09"}
