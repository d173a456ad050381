"""What moved every headline since several earlier days, as CHANGES rows."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

from trends.changes.causes import Account, Earlier, Later, account_of
from trends.changes.inputs import Inputs
from trends.changes.moves import Move
from trends.changes.said import RowKey, Said, SaidIn
from trends.crossings import Crossings
from trends.tables import CHANGES, CONTRACT_VERSION
from trends.words import when_words

Row = dict[str, Any]

IS_HEADLINE: Final = pl.col("is_headline")

WINDOW_DAYS: Final = {"days_7": 7, "days_30": 30, "days_90": 90}
"""Windows whose earlier day is so many days before as_of."""


def changes_table(
    new: Inputs,
    crossings: Crossings,
    earlier: Iterable[Earlier],
    *,
    run_id: str,
    asked: pl.Expr = IS_HEADLINE,
) -> pl.DataFrame:
    """CHANGES rows of a run.

    Args:
        new: what it is made from.
        crossings: its tables about single bars, with the labels that it publishes.
        earlier: what it is compared with.
        run_id: its id.
        asked: which CROSSING_SUMMARY rows are explained.
    """
    shown = {
        (row["threshold_id"], row["bar_id"], row["trend"]): row
        for row in crossings.summary.filter(asked).iter_rows(named=True)
    }
    tables = SaidIn(crossings, shown)
    after = {key: said for key in shown if (said := tables.get(key)) is not None}
    later = Later(new, after)
    rows = []
    for one in earlier:
        same = {
            "as_of": new.as_of,
            "window": one.window,
            "since": one.since,
            "compared_with": one.kind,
            "earlier_run_id": one.run_id,
            "run_id": run_id,
            "contract_version": CONTRACT_VERSION,
        }
        # its states are large, and gone before those of the next window are made
        told = _rows(account_of(one, later), shown)
        rows += [same | cells for cells in told]
    return CHANGES.conform(CHANGES.frame(rows))


def _rows(account: Account, published: Mapping[RowKey, Row]) -> list[Row]:
    """Rows of one window, without what is the same for all of them."""
    rows: list[Row] = []
    for rank, move in enumerate(sorted(account.moves, key=_order), start=1):
        shown, before = published[move.key], move.before
        same = {
            "move_rank": rank,
            "threshold_id": move.key[0],
            "bar_id": move.key[1],
            "trend": move.key[2],
            "threshold_label": shown["threshold_label"],
            "status_before": before and before.status,
            "status_after": shown["crossing_status"],
            "if_ever_before": before and before.if_ever,
            "if_ever_after": shown["median_if_ever"],
            "p_never_before": before and before.p_never,
            "p_never_after": shown["p_never"],
            "label_before": _label_before(before, shown),
            "label_after": when_words(shown),
            "moved_unit": move.unit,
            "by_date": move.by_date,
            "moved_by": None if move.total is None else float(move.total.value),
            "never_moved_by": None if move.total is None else float(move.total.never),
        }
        rows += [
            same | {"cause_rank": place} | cells
            for place, cells in enumerate(account.causes(move), start=1)
        ]
    return rows


def _label_before(before: Said | None, shown: Row) -> str:
    """When it was, in words, unless those of today's are withheld."""
    if before is None:
        return "none"
    withheld: str | None = shown.get("withheld")
    return before.label if withheld is None else withheld


def _order(move: Move) -> tuple[int, float, RowKey]:
    """Dates that came or went, days, other probabilities, first estimates, the rest."""
    if move.total is None:
        return (3, 0.0, move.key)
    if not move.total:
        return (4, 0.0, move.key)
    came_or_went = move.before is not None and (
        (move.before.if_ever is None) != (move.after.if_ever is None)
    )
    place = 1 if move.by_date is None else 0 if came_or_went else 2
    return (place, -float(move.size), move.key)
