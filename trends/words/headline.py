"""Rows of crossing_summary as people read them: order, sections and words."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from trends.words.labels import HELD, falls_short
from trends.words.notes import alarm_lines, influence_lines, lines_about

DOMAIN_TITLES: Final = {
    "coding": "Coding",
    "long_horizon_agent": "Long-horizon agents",
    "paper_replication": "Paper replication",
    "ai_research_engineering": "AI research engineering",
    "rd_automation": "R&D automation, as companies measure themselves",
    "general": "General",
}

CAVEAT: Final = (
    "A bar is a statement about one benchmark. None of these rows says that AI R&D "
    "is automated."
)

SUPERSEDED: Final = "Superseded series"
"""Heading under which rows of superseded benchmarks stand, after all others."""

_MEANS_SOMETHING: Final = re.compile(
    r"[\\|`*\[\]]|(?<!\w)_|_(?!\w)|~~|<(?=[A-Za-z/!?])|&(?=#?\w+;)"
)
"""What Markdown would take for a cell's end, a style, a link, a tag or a character."""


def stands_apart(row: Mapping[str, object]) -> bool:
    """Whether the row's benchmark was superseded, so that others come first."""
    return row["superseded_by"] is not None


def escape_markdown(text: str) -> str:
    """Text on one line that Markdown shows as it is, in a cell of a table too."""
    return _MEANS_SOMETHING.sub(r"\\\g<0>", " ".join(text.split("\n")))


def markdown_table(
    headings: list[str], rows: Iterable[tuple[Mapping[str, object], list[str]]]
) -> str:
    """A Markdown table, rows of superseded benchmarks last and under their heading.

    Args:
        headings: of the columns.
        rows: CROSSING_SUMMARY rows, each with its cells.
    """
    ours: list[list[str]] = []
    apart: list[list[str]] = []
    for row, texts in rows:
        cells = [escape_markdown(text) for text in texts]
        (apart if stands_apart(row) else ours).append(cells)
    if apart:
        apart.insert(0, [f"**{SUPERSEDED}**", *[""] * (len(headings) - 1)])
    lines = [headings, ["---"] * len(headings), *ours, *apart]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def headline_markdown(
    summary: pl.DataFrame,
    *,
    alarms: Iterable[Mapping[str, object]],
    quarantine: pl.DataFrame,
    backtest: str | None,
    refreshes: Iterable[str] = (),
) -> str:
    """What opens the README of a run: its headline table, and what to know of it.

    Args:
        summary: CROSSING_SUMMARY rows.
        alarms: TRIPWIRES rows with an alarm.
        quarantine: QUARANTINE rows.
        backtest: id of the backtest among the run's inputs, if it carries one.
        refreshes: what publishers' own files showed, a line each.
    """
    rows = summary.filter("is_headline").to_dicts()
    table = markdown_table(
        ["bar", "median", "80% interval"], ((row, _cells(row)) for row in rows)
    )
    notes = [HELD] if any(map(falls_short, rows)) else []
    notes += [*influence_lines(rows), *alarm_lines(alarms)]
    notes += lines_about(summary, quarantine=quarantine)
    notes += refreshes
    if backtest is not None:
        notes.append(f"Inputs of this run: backtest {backtest}, carried.")
    return "\n".join([table, *(f"\n{escape_markdown(line)}" for line in notes)])


def _cells(row: Mapping[str, object]) -> list[str]:
    names = ("threshold_label", "median_label", "interval80_label")
    return [str(row[name]) for name in names]
