"""What moved headlines, from CHANGES rows: in full for one, a few lines for many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

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


DAYS_OF_NEVER: Final = 600
"""Days that weigh as much as certainty of never, where the two are compared: five
points of probability are as large a move as a month."""

LEAST_MOVED: Final = 0.0005
"""A smaller move of the probability of never, a twentieth of a point, is not told."""


def moved_words(value: float | None, unit: str) -> str:
    """Days of a date if ever, or percentage points of a probability: "-12 days"."""
    if value is None:
        return "new"
    if unit == "probability":
        return f"{100 * value:+.1f} points"
    days = f"{value:+.1f}".removesuffix(".0")
    return "0 days" if days in {"+0", "-0"} else f"{days} days"


def move_size(days: float | None, never: float | None) -> float:
    """How large a move is, either way, in days: the larger of the two."""
    return max(abs(days or 0.0), DAYS_OF_NEVER * abs(never or 0.0))


def never_moved_words(value: float | None) -> str:
    """By how much never is likelier: "never +12.0 points"; empty where it stays."""
    if value is None or abs(value) < LEAST_MOVED:
        return ""
    return f"never {100 * value:+.1f} points"


def days_later(days: float) -> str:
    """A move in whole days: "12 days later", "1 day earlier"."""
    whole = round(abs(days))
    return f"{whole} day{'s' * (whole != 1)} {'later' if days > 0 else 'earlier'}"


def never_likelier(value: float) -> str:
    """The same in full: "never 12 points likelier"."""
    points = max(1, round(100 * abs(value)))
    return (
        f"never {points} point{'s' * (points != 1)} "
        f"{'likelier' if value > 0 else 'less likely'}"
    )


def moved_in_all(row: Row) -> str:
    """Both moves of a CHANGES row: "+20 days, never +12.0 points"."""
    never = never_moved_words(row["never_moved_by"])
    return ", ".join(
        filter(None, [moved_words(row["moved_by"], row["moved_unit"]), never])
    )


def has_moved(row: Row) -> bool:
    """Whether the headline of a CHANGES row is new, or moved."""
    moved, never = row["moved_by"], row["never_moved_by"]
    return moved is None or moved != 0 or abs(never) >= LEAST_MOVED


class Moved(NamedTuple):
    """What something did: to the date or probability, to never, and what it is."""

    value: float
    never: float
    words: str


def part_lines(parts: Iterable[Moved], unit: str) -> Iterator[str]:
    """A line a part: by how much, and what it is."""
    for one in parts:
        never = never_moved_words(one.never)
        words = f"{never}: {one.words}" if never else one.words
        yield f"  {moved_words(one.value, unit):>12}  {words}"


def scale_words(unit: str, by_date: object) -> str:
    """What the numbers of parts count."""
    if unit == "days":
        return (
            "the median date if ever moved, in days (+ is later), and the probability "
            "of never, in points:"
        )
    return (
        "a date if ever is missing before, after or on the way, so this is of the "
        f"probability of a crossing by {by_date}:"
    )


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
    parts = [Moved(row["part"], row["never_part"], row["label"]) for row in rows]
    parts.append(Moved(first["moved_by"], first["never_moved_by"], "in all"))
    unit = first["moved_unit"]
    return [*lines, scale_words(unit, first["by_date"]), *part_lines(parts, unit)]


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
    moved = [one for one in moves if has_moved(one[0])]
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
    by = f" (P by {first['by_date']})" if first["by_date"] else ""
    yield (
        f"{moved_in_all(first)}{by}  {first['threshold_label']}: "
        f"{first['label_before']} -> {first['label_after']} [{first['threshold_id']}]"
    )
    for row in rows[:CAUSES_SHOWN]:
        part = ""
        if row["part"] is not None:
            of_date = moved_words(row["part"], first["moved_unit"])
            of_never = never_moved_words(row["never_part"])
            part = f"{', '.join(filter(None, [of_date, of_never]))}: "
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
