"""What vintages said of a bar, and what the last of them said before its crossing."""

from datetime import date
from typing import Any

import polars as pl

from trends.bars.models import Crossing, Said
from trends.tables import WITHOUT_LAW
from trends.words.odds import unit_interval

Row = dict[str, Any]


class Histories:
    """What vintages said of each bar, oldest first."""

    def __init__(self, history: pl.DataFrame) -> None:
        """Take apart by bar what HISTORY and HISTORY_BARS rows say."""
        key = ("threshold_id", "bar_id")
        self._rows = history.sort(*key, "as_of", "stands", maintain_order=True)
        counts = self._rows.group_by(key, maintain_order=True).len()
        starts = counts.select(*key, pl.col("len").cum_sum() - pl.col("len"), n="len")
        self._places = {(one, bar): (at, n) for one, bar, at, n in starts.iter_rows()}

    def of(self, row: Row) -> list[Said]:
        """What was said of the bar of a CROSSING_SUMMARY row."""
        place = self._places.get((row["threshold_id"], row["bar_id"]))
        if place is None:
            return []
        return [
            _one_said(one) for one in self._rows.slice(*place).iter_rows(named=True)
        ]


def _one_said(row: Row) -> Said:
    return Said.model_validate(
        {name: row[name] for name in Said.model_fields if name in row}
        | {
            "status": row["crossing_status"],
            "p_crossed_by_now": unit_interval(row["p_crossed_by_now"]),
        }
    )


def crossing(row: Row, history: list[Said]) -> Crossing | None:
    """The crossing of the bar of a CROSSING_SUMMARY row; None where it is open."""
    if row["crossing_status"] != "already_crossed":
        return None
    before = said_before(history, bar_value=row["bar_value"])
    return Crossing(
        date=row["date_hi"],
        said_before=before,
        label=f"crossed {row['date_hi']}; {_before_words(before, row['date_hi'])}",
    )


def said_before(history: list[Said], *, bar_value: float) -> Said | None:
    """The last forecast of this very bar before a vintage knew of its crossing."""
    ours = [one for one in history if one.stands and one.bar_value == bar_value]
    known = [one.as_of for one in ours if one.status == "already_crossed"]
    first = min(known, default=date.max)
    told = [one for one in ours if one.as_of < first and one.status not in WITHOUT_LAW]
    return told[-1] if told else None


def _before_words(said: Said | None, crossed_on: date) -> str:
    if said is None:
        return "no forecast of it from before is kept"
    late = ", when that score was not known yet" if said.as_of >= crossed_on else ""
    mark = " (replayed)" if said.kind == "replayed" else ""
    return (
        f"as of {said.as_of}{mark}{late}: if ever, {said.when_label}, 80% interval "
        f"{said.interval80_label}"
    )


def history_label(history: list[Said]) -> str:
    """How many vintages spoke of a bar, since when, and of which kind they are."""
    if not history:
        return "none is kept"
    days = sorted({one.as_of for one in history})
    kinds = ", ".join(
        f"{n} {kind.replace('_', ' ')}"
        for kind in ("live", "replayed", "published", "this_run")
        if (n := sum(one.kind == kind for one in history))
    )
    if len(days) == 1:
        return f"one vintage, {days[0]}: {kinds}"
    return f"{len(days)} vintages from {days[0]} to {days[-1]}: {kinds}"
