"""Rows of crossing_summary as people read them: order, sections and words."""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Final

import polars as pl

from trends.tables import (
    AUTOMATION,
    CROSSING_SUMMARY,
    HEADLINE,
    QUARANTINE,
    REFERENCE_FORECASTS,
    TRIPWIRES,
)
from trends.words.answer import answer_sentences
from trends.words.labels import HELD, falls_short
from trends.words.notes import alarm_lines, lines_about, run_influence_lines
from trends.words.numbers import percent
from trends.words.views import SUPERSEDED, VIEW

CAVEAT: Final = (
    "A bar is a statement about one benchmark. None of these rows says that AI R&D "
    "is automated."
)

_SHOWN: Final = (2027, 2028)
"""Years whose probability stands in the table of a run's README."""

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
    """A Markdown table, rows of superseded series last and under their heading.

    Args:
        headings: of the columns.
        rows: CROSSING_SUMMARY rows as ``in_order`` gives them, each with its cells.
    """
    lines = [headings, ["---"] * len(headings)]
    for section, part in groupby(rows, key=lambda pair: pair[0]["section"]):
        if section == SUPERSEDED:
            lines.append(_heading(SUPERSEDED, headings))
        for row, (name, *cells) in part:
            lines.append([_named(name, row["below"]), *map(escape_markdown, cells)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _heading(words: str, headings: list[str]) -> list[str]:
    return [f"**{escape_markdown(words)}**", *[""] * (len(headings) - 1)]


def _named(name: str, view_of: object) -> str:
    """A row's name in a cell, which says so of a view that stands below another."""
    return f"{VIEW if view_of else ''}{escape_markdown(name)}"


def headline_markdown(
    tables: Mapping[str, pl.DataFrame],
    *,
    backtest: str | None,
    refreshes: Iterable[str] = (),
) -> str:
    """What opens the README of a run: answer, headline table, and what to know of it.

    Args:
        tables: published tables by name.
        backtest: id of the backtest among the run's inputs, if it carries one.
        refreshes: what publishers' own files showed, a line each.
    """
    summary = tables[CROSSING_SUMMARY.name]
    rows = summary.filter("is_headline").to_dicts()
    answer = answer_sentences(tables[AUTOMATION.name], tables[REFERENCE_FORECASTS.name])
    notes = [HELD] if any(map(falls_short, rows)) else []
    notes += run_influence_lines(rows)
    notes += alarm_lines(tables[TRIPWIRES.name].filter("alarm").to_dicts())
    notes += lines_about(summary, quarantine=tables[QUARANTINE.name])
    notes += refreshes
    if backtest is not None:
        notes.append(f"Inputs of this run: backtest {backtest}, carried.")
    parts = [" ".join(map(escape_markdown, answer))] if answer else []
    parts += [CAVEAT, _in_sections(tables[HEADLINE.name])]
    return "\n\n".join([*parts, *map(escape_markdown, notes)])


def _in_sections(headline: pl.DataFrame) -> str:
    """HEADLINE rows as a Markdown table, each section under its heading."""
    headings = ["bar", "median", "80% interval", *(f"by end of {y}" for y in _SHOWN)]
    lines = [headings, ["---"] * len(headings)]
    for section, rows in groupby(headline.to_dicts(), key=itemgetter("section")):
        lines.append(_heading(section, headings))
        lines += [
            [
                _named(row["bar"], row["view_of"]),
                *(escape_markdown(row[name]) for name in ("median", "interval80")),
                *(percent(row[f"p_by_end_{year}"]) for year in _SHOWN),
            ]
            for row in rows
        ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
