"""Complete labels: what a reader must know of a date stands beside it, made here once."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from trends.tables import (
    AUTOMATION,
    CHANGES,
    CROSSING_SUMMARY,
    HEADLINE,
    HISTORY,
    HISTORY_BARS,
)
from trends.tables.slices import Frame
from trends.words.numbers import percent

NOMINAL: Final = 0.8

HELD: Final = (
    "held n%: in the backtest the 80% intervals of this benchmark's family, or of all "
    "such scores where its own are few, held only n% of the dates. Where nothing is said "
    "they held 80% or more, or it cannot be told: status_reason in crossing_summary says "
    "which."
)
"""Explains the mark of ``falls_short`` below a table that has one."""

WITHHELD: Final = "withheld"
"""Interval of a row whose ``withheld`` says why its labels hold no date."""

_OF_COVERAGE: Final = ("withheld", "coverage80_backtest", "coverage80_at_most")

DRAFT_MARK: Final = " (DRAFT)"
"""End of every median's label in a run that is not to be published."""

_MEDIANS: Final = {
    HEADLINE.name: ("median", "if_ever"),
    CROSSING_SUMMARY.name: ("median_label", "if_ever_label"),
    AUTOMATION.name: ("median_label",),
    CHANGES.name: ("label_after",),
}


def with_labels(summary: pl.DataFrame) -> pl.DataFrame:
    """CROSSING_SUMMARY rows with every mark in the labels of medians and intervals.

    Args:
        summary: rows whose labels have none of these marks yet.
    """
    contested = pl.when("contested").then(pl.lit(" (contested)")).otherwise(pl.lit(""))
    held = [
        f" ({held_words(row)})" if falls_short(row) else ""
        for row in summary.select(_OF_COVERAGE).iter_rows(named=True)
    ]
    return summary.with_columns(
        *(
            pl.coalesce("withheld", pl.col(name) + contested).alias(name)
            for name in _MEDIANS[CROSSING_SUMMARY.name]
        ),
        interval80_label=pl.when(pl.col("withheld").is_not_null())
        .then(pl.lit(WITHHELD))
        .otherwise(pl.col("interval80_label") + pl.Series(held, dtype=pl.String)),
    )


def falls_short(row: Mapping[str, object]) -> bool:
    """Whether the interval of a CROSSING_SUMMARY row bears the mark ``HELD`` explains."""
    held = row["coverage80_at_most"]
    return row["withheld"] is None and isinstance(held, float) and held < NOMINAL


def held_words(row: Mapping[str, object]) -> str:
    """Of a row that ``falls_short``, what such intervals held: "held at most 41%"."""
    at_most = "" if row["coverage80_backtest"] is not None else "at most "
    return f"held {at_most}{row['coverage80_at_most']:.0%}"


def shown_percent(row: Mapping[str, object], name: str) -> str:
    """A probability of a CROSSING_SUMMARY row for people; none of what is withheld."""
    return "" if row["withheld"] is not None else percent(row[name])


def as_draft(tables: Mapping[str, Frame]) -> dict[str, Frame]:
    """Published tables by name, with ``DRAFT_MARK`` after every median of this run."""
    marked = {
        name: frame.with_columns(pl.col(*_MEDIANS[name]) + DRAFT_MARK)
        if name in _MEDIANS
        else frame
        for name, frame in tables.items()
    }
    ours = pl.when(pl.col("kind") == "this_run").then(pl.lit(DRAFT_MARK))
    for name in {HISTORY.name, HISTORY_BARS.name} & set(marked):
        marked[name] = marked[name].with_columns(
            pl.col("median_label", "when_label") + ours.otherwise(pl.lit(""))
        )
    return marked
