"""How past forecasts did: what was said, and what came."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from trends.report.grids import Grid, chance, grid
from trends.tables import TRACK_RECORD
from trends.words import CUT_ON

Row = dict[str, Any]

KINDS: Final = {
    "live": "Recorded when they were made",
    "replayed": "Replayed later, with the figures of the time",
}


def past(tables: Mapping[str, pl.DataFrame]) -> list[Grid]:
    """Past forecasts against what came, a table a kind; none where nothing is due.

    Args:
        tables: published tables by name.
    """
    due = _due(tables, pl.col("measure") != "calibration_bin")
    return [
        _record(KINDS[kind], due.filter(pl.col("kind") == kind).to_dicts())
        for kind in KINDS
        if not due.filter(pl.col("kind") == kind).is_empty()
    ]


def bins(tables: Mapping[str, pl.DataFrame]) -> Grid | None:
    """Said and came by bins of probability; None where nothing is due.

    Args:
        tables: published tables by name.
    """
    rows = _due(tables, pl.col("measure") == "calibration_bin").to_dicts()
    if not rows:
        return None
    return grid(
        "Probabilities that were said, and how often it came",
        ("Forecasts", "Counted on", "Said", "Came", "95% interval", "Due", "Families"),
        ((row["label"], CUT_ON[row["cut_on"]], *_shares(row)) for row in rows),
        numeric=range(2, 7),
    )


def _due(tables: Mapping[str, pl.DataFrame], which: pl.Expr) -> pl.DataFrame:
    record = tables.get(TRACK_RECORD.name, TRACK_RECORD.frame([]))
    return record.filter((pl.col("n_due") > 0) & which)


def _record(title: str, rows: Sequence[Row]) -> Grid:
    return grid(
        title,
        (
            "Forecasts",
            "Counted on",
            "Said",
            "Came",
            "95% interval",
            "Due",
            "Families",
            "Brier score",
            "of no change",
        ),
        (
            (
                row["label"],
                CUT_ON[row["cut_on"]],
                *_shares(row),
                _score(row["brier"]),
                _score(row["brier_no_change"]),
            )
            for row in rows
        ),
        numeric=range(2, 9),
    )


def _shares(row: Row) -> list[str]:
    low, high = row["came_lo95"], row["came_hi95"]
    return [
        chance(row["said"]),
        chance(row["came"]),
        "-" if low is None or high is None else f"{chance(low)} to {chance(high)}",
        str(row["n_due"]),
        str(row["n_families"] if row["n_families"] is not None else "-"),
    ]


def _score(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-"
