"""How past forecasts did, in one sentence."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from trends.registry.models import HEADLINE_TREND
from trends.words.numbers import percent

Row = Mapping[str, object]

KINDS: Final = {
    "live": "live forecasts (recorded when they were made)",
    "replayed": "replayed forecasts (made later, with the figures of the time but later "
    "code, registry and choice of benchmarks)",
}
"""Kinds of forecasts of record; they are never averaged together."""


def record_verdict(kind: str, probabilities: Sequence[Row]) -> str:
    """What became of the probabilities of one kind of forecasts.

    Args:
        kind: live or replayed.
        probabilities: rows of ``trends.ledger.table.Record.probabilities``.
    """
    ours = [row for row in probabilities if row["kind"] == kind]
    what = KINDS[kind]
    if not ours:
        return f"No {what} are in the ledger yet."
    due = [row for row in ours if _number(row["n_due"])]
    n_all = sum(_number(row["n_due"]) + _number(row["n_not_due"]) for row in ours)
    if not due:
        days = sorted(str(row["next_by_date"]) for row in ours)
        return (
            f"Of {n_all:.0f} probabilities of {what} none is due yet; the first are "
            f"about {days[0]}."
        )
    n_due = sum(_number(row["n_due"]) for row in due)
    brier, no_change = (_mean(due, name) for name in ("brier", "brier_no_change"))
    words = "less" if brier < no_change else "more"
    return (
        f"Of {n_all:.0f} probabilities of {what} {n_due:.0f} came due: on average they "
        f"said {percent(_mean(due, 'mean_p_crossed'))}, and "
        f"{percent(_mean(due, 'share_crossed'))} came; their Brier score is "
        f"{100 * brier:.1f} in 1/100, {100 * abs(brier - no_change):.1f} {words} than "
        f"that of no change, {_beyond_chance(due)}."
    )


def _beyond_chance(due: Sequence[Row]) -> str:
    """Of how many groups the interval over families leaves out no difference."""
    apart = [
        row
        for row in due
        if row["minus_no_change_lo95"] is not None
        and _number(row["minus_no_change_lo95"]) * _number(row["minus_no_change_hi95"])
        > 0
    ]
    return f"more than chance explains in {len(apart)} of {len(due)} groups below"


def backtest_verdict(scores: pl.DataFrame) -> str:
    """How our headline did out of sample against no change, and what it held.

    Args:
        scores: BACKTEST_SCORES rows.
    """
    ours = scores.filter(
        pl.col("forecaster") == HEADLINE_TREND.value,
        pl.col("scale") == "bounded",
        pl.col("cut_on") == "reported_on",
        pl.col("moved_by") == "models",
        pl.col("target") == "level",
        pl.col("lead_months").is_not_null(),
    ).sort("lead_months")
    against = ours.filter(
        pl.col("metric") == "crps_score", pl.col("compared_with") == "no_change"
    )
    if against.is_empty():
        return f"Nothing came due out of sample: no verdict on {HEADLINE_TREND}."
    row = against.row(0, named=True)
    points, lead = 100 * row["difference"], row["lead_months"]
    interval = (
        "its interval is unbounded"
        if row["difference_low"] is None
        else f"95% interval {100 * row['difference_low']:+.1f} to "
        f"{100 * row['difference_high']:+.1f}"
    )
    held = ours.filter(
        pl.col("metric") == "covered80",
        pl.col("compared_with").is_null(),
        pl.col("lead_months") == lead,
    )["family_mean_score"].to_list()
    coverage = f"; its 80% intervals held {percent(held[0])}" if held else ""
    return (
        f"{lead} months ahead, out of sample, the error of {HEADLINE_TREND} on bounded "
        f"scores (CRPS) is {100 * row['mean_score']:.1f} points, {abs(points):.1f} "
        f"{'less' if points < 0 else 'more'} than that of no change ({interval}; "
        f"{row['n_families']} families){coverage}."
    )


def _mean(rows: Sequence[Row], name: str) -> float:
    """Mean over what is due, of means over groups."""
    weights = [_number(row["n_due"]) for row in rows]
    values = [_number(row[name]) for row in rows]
    total = sum(one * weight for one, weight in zip(values, weights, strict=True))
    return total / sum(weights)


def _number(value: object) -> float:
    return float(str(value))
