"""What changed since the last vintage, and in the last week, month and quarter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import polars as pl

from trends.report.grids import Cell, Grid, benchmark_anchor, grid, score_anchor
from trends.words import LEAST_NEVER, percent
from trends.words.moves import days_later, never_likelier

Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

LARGEST: Final = 6
"""Moves of a window that are told with their causes; the others stand in its table."""

LISTED: Final = 200
"""Moves of a window in its table; of more, ``changes.csv`` has the rest."""

CAUSES: Final = 3
"""Causes of a move that are told."""

WINDOWS: Final = {
    "previous_vintage": "Since the previous vintage",
    "days_7": "In the last 7 days",
    "days_30": "In the last 30 days",
    "days_90": "In the last 90 days",
}

COMPARED: Final = {
    "published": "with what was published then",
    "ledger": "with the forecast of record of that day, which keeps no inputs, so that "
    "only figures since are told apart",
    "recomputed": "with the same code and registry on the figures that were public then",
}


@dataclass(frozen=True)
class Move:
    """One headline that moved.

    Attributes:
        bar: the headline, leading to its benchmark.
        words: from when to when, and by how much.
        causes: how much each did, and what it was, leading to its score.
    """

    bar: Cell
    words: str
    causes: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Window:
    """What moved since one day.

    Attributes:
        title: since when, in words.
        verdict: what is compared, and how many moved.
        largest: the moves to be told.
        all_moves: headlines that moved; None where ``largest`` has them all.
    """

    title: str
    verdict: str
    largest: tuple[Move, ...]
    all_moves: Grid | None


def windows(tables: Tables, shown: Tables) -> list[Window]:
    """What moved in each window, in the order of ``WINDOWS``; none without the table.

    Args:
        tables: published tables by name.
        shown: those rows of them that have a place on the page.
    """
    if "changes" not in tables:
        return []
    places = _Places(shown)
    views = frozenset(
        tables["crossing_summary"]
        .filter("is_headline", pl.col("view_of").is_not_null())["threshold_id"]
        .to_list()
    )
    rows = tables["changes"].sort("move_rank", "cause_rank")
    return [
        _window(title, part, places, views)
        for window, title in WINDOWS.items()
        if (part := rows.filter(pl.col("window") == window).to_dicts())
    ]


class _Places:
    """Where headlines and scores stand on the page."""

    def __init__(self, tables: Tables) -> None:
        self._benchmarks = dict(
            tables["thresholds"].select("threshold_id", "benchmark_id").iter_rows()
        )
        shown = pl.col("benchmark_id").is_in(list(set(self._benchmarks.values())))
        self._scores = {
            (file, row): score_anchor(observation)
            for file, row, observation in tables["observations"]
            .filter(shown)
            .select("source_file", "source_row", "observation_id")
            .iter_rows()
        }

    def headline(self, row: Row) -> str:
        benchmark = self._benchmarks.get(row["threshold_id"])
        return f"#{benchmark_anchor(benchmark)}" if benchmark else ""

    def score(self, row: Row) -> str:
        anchor = self._scores.get((row["source_file"], row["source_row"]))
        return f"#{anchor}" if anchor else ""


def _window(
    title: str, rows: Sequence[Row], places: _Places, views: frozenset[str]
) -> Window:
    first = rows[0]
    if first["compared_with"] == "nothing":
        return Window(title, "No earlier vintage is there to compare with.", (), None)
    moves = [
        list(causes) for _, causes in groupby(rows, key=lambda row: row["move_rank"])
    ]
    moved = [causes for causes in moves if _moved(causes[0])]
    n_new = sum(_is_new(causes[0]) for causes in moved)
    new = f", {n_new} are new" if n_new else ""
    verdict = (
        f"Compared with {first['since']}, {COMPARED[first['compared_with']]}: "
        f"{_shares(moves, views)} moved{new}."
    )
    return Window(
        title,
        verdict,
        tuple(_move(causes, places) for causes in moved[:LARGEST]),
        _all(title, moved, places) if len(moved) > LARGEST else None,
    )


def _shares(moves: Sequence[Sequence[Row]], views: frozenset[str]) -> str:
    """How many moved, views of a test apart: "5 of 42 headlines and 2 of 6 views"."""
    counts = {"headlines": [0, 0], "views": [0, 0]}
    for first, *_ in moves:
        count = counts["views" if first["threshold_id"] in views else "headlines"]
        count[0] += _moved(first) and not _is_new(first)
        count[1] += 1
    return " and ".join(
        f"{n_moved} of {n} {what}"
        for what, (n_moved, n) in counts.items()
        if n or what == "headlines"
    )


def _is_new(row: Row) -> bool:
    """Whether nothing was said of the headline before."""
    return row["label_before"] in {None, "none"}


def _moved(row: Row) -> bool:
    """Whether a reader sees a difference: half a day or point, or another label."""
    if row["moved_unit"] == "days" and row["moved_by"] is not None:
        never = row["never_moved_by"]
        return bool(abs(row["moved_by"]) >= 0.5 or abs(never) >= LEAST_NEVER)
    return str(row["label_before"]) != str(row["label_after"])


def _move(causes: Sequence[Row], places: _Places) -> Move:
    first = causes[0]
    return Move(
        Cell(first["threshold_label"], places.headline(first)),
        f"{first['label_before']} → {first['label_after']}{_by(first)}",
        tuple(_causes(causes, places)),
    )


def _causes(causes: Sequence[Row], places: _Places) -> Iterator[tuple[str, Cell]]:
    for row in causes[:CAUSES]:
        yield amount(row, "part", "never_part"), Cell(row["label"], places.score(row))
    if len(causes) > CAUSES:
        more = len(causes) - CAUSES
        noun = "cause" if more == 1 else "causes"
        yield "", Cell(f"and {more} smaller {noun} (changes.csv)")


def _by(row: Row) -> str:
    words = amount(row, "moved_by", "never_moved_by")
    return f": {words}" if words else ""


def amount(row: Row, column: str, of_never: str) -> str:
    """How far a headline moved, in words; empty for none.

    Args:
        row: of CHANGES.
        column: the one in days or in probability.
        of_never: that of never.
    """
    value, never = row[column], row[of_never]
    if value is None:
        return ""
    said = []
    if row["moved_unit"] == "days" and abs(value) >= 0.5:
        said.append(days_later(value))
    if row["moved_unit"] == "probability":
        likelier = "likelier" if value > 0 else "less likely"
        said.append(f"{percent(abs(value))} {likelier} by {row['by_date']}")
    if abs(never) >= LEAST_NEVER:
        said.append(never_likelier(never))
    return ", ".join(said) or "under a day"


def _all(title: str, moved: Sequence[Sequence[Row]], places: _Places) -> Grid:
    which = "every headline that moved"
    if len(moved) > LISTED:
        which = (
            f"the first {LISTED} of {len(moved):,} headlines that moved (changes.csv)"
        )
    return grid(
        f"{title}: {which}",
        ("Bar", "Before", "Now", "Moved", "Largest cause"),
        (
            (
                Cell(first["threshold_label"], places.headline(first)),
                first["label_before"],
                first["label_after"],
                amount(first, "moved_by", "never_moved_by"),
                Cell(first["label"], places.score(first)),
            )
            for first, *_ in moved[:LISTED]
        ),
        wide=(1, 2),
        text=(4,),
    )
