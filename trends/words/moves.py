"""What moved headlines, from CHANGES rows: in full for one, a few lines for many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

CAUSES_SHOWN: Final = 3
"""Causes of a headline that have a line in a list; the rest are counted."""

MOVES_SHOWN: Final = 10
"""Headlines in a list that is not asked for all."""

WINDOW_TITLES: Final = {
    "previous_vintage": "since the vintage before",
    "days_7": "in the last 7 days",
    "days_30": "in the last 30 days",
    "days_90": "in the last 90 days",
}

EARLIER_WORDS: Final = {
    "published": "what run {run} published",
    "ledger": "the forecast of record of that day (run {run})",
    "recomputed": "what this code and registry say on the figures public that day",
    "nothing": "no earlier vintage",
}

Row = Mapping[str, Any]


def moved_words(value: float | None, unit: str) -> str:
    """Days of a median, or percentage points of a probability: "-12 days"."""
    if value is None:
        return "new"
    if unit == "probability":
        return f"{100 * value:+.1f} points"
    days = f"{value:+.1f}".removesuffix(".0")
    return "0 days" if days in {"+0", "-0"} else f"{days} days"


def earlier_words(row: Row) -> str:
    """What the earlier numbers of a CHANGES row are."""
    return EARLIER_WORDS[row["compared_with"]].format(run=row["earlier_run_id"])


def move_lines(rows: Sequence[Row]) -> list[str]:
    """One headline in full.

    Args:
        rows: its CHANGES rows of one window, at least one.
    """
    first = rows[0]
    lines = [
        (
            f"{first['threshold_label']} ({first['threshold_id']}, bar {first['bar_id']}, "
            f"trend {first['trend']})"
        ),
        f"from {first['since']}: {first['label_before']} ({earlier_words(first)})",
        f"to   {first['as_of']}: {first['label_after']} (run {first['run_id']})",
    ]
    if first["moved_by"] is None:
        return [*lines, *(row["label"] for row in rows)]
    if first["moved_unit"] == "probability":
        lines.append(
            "a median is missing before, after or on the way, so this is of the "
            f"probability of a crossing by {first['by_date']}:"
        )
    else:
        lines.append("the median moved (+ is later):")
    unit = first["moved_unit"]
    lines += [f"  {moved_words(row['part'], unit):>12}  {row['label']}" for row in rows]
    return [*lines, f"  {moved_words(first['moved_by'], unit):>12}  in all"]


def list_lines(changes: pl.DataFrame, window: str, *, everything: bool) -> list[str]:
    """The largest moves of a window, each with its largest causes.

    Args:
        changes: CHANGES rows of a run.
        window: one of its windows.
        everything: every headline that moved, not the first few only.
    """
    rows = changes.filter(pl.col("window") == window).sort("move_rank", "cause_rank")
    if rows.is_empty():
        return ["the run has no headline"]
    moves = [
        group.to_dicts() for _, group in rows.group_by("move_rank", maintain_order=True)
    ]
    first = moves[0][0]
    if first["compared_with"] == "nothing":
        return [
            (
                "No vintage is earlier than this one, neither published nor in the ledger. "
                "`trends why --days 90` compares with what the figures of then say"
            )
        ]
    moved = [one for one in moves if one[0]["moved_by"] != 0]
    shown = moved if everything else moved[:MOVES_SHOWN]
    lines = [
        (
            f"What moved headlines {WINDOW_TITLES[window]}, from {first['since']} to "
            f"{first['as_of']}, against {earlier_words(first)}:"
        ),
        "",
    ]
    for one in shown:
        lines += _in_list(one)
    lines += _counted(moves, moved, shown)
    return lines


def _in_list(rows: Sequence[Row]) -> Iterator[str]:
    first = rows[0]
    unit = first["moved_unit"]
    by = f" (P by {first['by_date']})" if first["by_date"] else ""
    yield (
        f"{moved_words(first['moved_by'], unit)}{by}  {first['threshold_label']}: "
        f"{first['label_before']} to {first['label_after']} [{first['threshold_id']}]"
    )
    for row in rows[:CAUSES_SHOWN]:
        part = "" if row["part"] is None else f"{moved_words(row['part'], unit)}: "
        yield f"    {part}{_brief(row)}"
    if (more := len(rows) - CAUSES_SHOWN) > 0:
        yield f"    and {more} smaller"


def _brief(row: Row) -> str:
    """The label with its first score only; the others are counted."""
    words = row["label"].split("; ")
    if not row["n_scores"]:
        return "; ".join(words)
    shown = words[: 2 if row["cause"] == "new_benchmark" else 1]
    more = row["n_scores"] - 1
    return "; ".join(shown) + (f"; and {more} more" if more else "")


def _counted(
    moves: Sequence[Sequence[Row]],
    moved: Sequence[Sequence[Row]],
    shown: Sequence[Sequence[Row]],
) -> Iterable[str]:
    same = len(moves) - len(moved)
    if not moved:
        return [f"None of the {same} headlines moved: no figure is newer."]
    left = len(moved) - len(shown)
    lines = [f"{left} others moved less or are new: --all lists them"] if left else []
    lines += [f"{same} did not move"] if same else []
    return [*lines, "`trends why THRESHOLD` has one in full"]
