"""How long a record stands, in words."""

import math
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from trends.words.numbers import percent

Row = Mapping[str, Any]

LEADS_MONTHS: Final = (3, 6, 12)
"""Months ahead for which it is said."""

CUT_ON: Final = {"reported_on": "day of report", "release_date": "day of release"}
"""When a score is taken to be known."""


def no_record_line(forecast: pl.DataFrame, summary: Row) -> str:
    """How likely no new record is within months, as far as quantiles tell.

    As "No new record within 3 months of 2026-11-20, where the figures end: 35 to 40%;
    within 6: 15 to 20%; within 12: under 5%". Quantiles that are the standing record
    are those up to the probability that it stands, so that it lies between the last of
    them and the next.

    Args:
        forecast: SCORE_FORECAST rows of a series.
        summary: CROSSING_SUMMARY row of its headline, whose trend is told.

    Returns:
        Empty where the trend has no law of scores.
    """
    ours = forecast.filter(pl.col("trend") == summary["trend"]).sort("quantile_level")
    parts = []
    for lead in LEADS_MONTHS:
        rows = ours.filter(pl.col("lead_months") == lead).to_dicts()
        if rows and summary["frontier_score"] is not None:
            parts.append((lead, _between(rows, summary["frontier_score"])))
    if not parts:
        return ""
    (first, chance), *rest = parts
    others = "".join(f"; within {lead}: {said}" for lead, said in rest)
    return (
        f"No new record within {first} months of {summary['observed_through']}, where "
        f"the figures end: {chance}{others}"
    )


def stood_sentence(records_stood: pl.DataFrame) -> str:
    """What the backtest had said of records, and how many stood; empty without rows.

    As "Records that stood in the backtest, shares of 0 to 100%: 3 months: 32% said and
    37% did by day of report (17 families), ...".

    Args:
        records_stood: RECORDS_STOOD rows.
    """
    rows = records_stood.filter(pl.col("scale") == "bounded").sort(
        "lead_months", "cut_on", descending=[False, True]
    )
    parts: dict[int, list[str]] = {}
    for row in rows.iter_rows(named=True):
        parts.setdefault(row["lead_months"], []).append(
            f"{percent(row['said'])} said and {percent(row['stood'])} did by "
            f"{CUT_ON[row['cut_on']]} ({row['n_families']} families)"
        )
    if not parts:
        return ""
    said = "; ".join(
        f"{lead} months: {', '.join(those)}" for lead, those in parts.items()
    )
    return f"Records that stood in the backtest, shares of 0 to 100%: {said}."


def _between(rows: list[dict[str, Any]], record: float) -> str:
    """The levels between which the standing record is left behind."""
    stand = [math.isclose(row["score"], record, rel_tol=1e-9) for row in rows]
    levels = [row["quantile_level"] for row in rows]
    n = stand.index(False) if False in stand else len(levels)
    if n == 0:
        return f"under {percent(levels[0])}"
    if n == len(levels):
        return f"over {percent(levels[-1])}"
    return f"{percent(levels[n - 1]).removesuffix('%')} to {percent(levels[n])}"
