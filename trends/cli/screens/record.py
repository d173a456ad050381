"""The record of past forecasts for a terminal, live ones apart from replayed ones."""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from rich.console import Console

from trends.cli.screens.console import (
    Column,
    Grid,
    bold,
    italic,
    plain_console,
    print_lines,
    print_paragraph,
)
from trends.words import KINDS, record_verdict

if TYPE_CHECKING:
    from trends.ledger.table import Record

Row = dict[str, object]

CUT_TITLES = {
    "reported_on": "scores that enter when they were reported",
    "release_date": "scores reported late or revised, which enter on their release",
}

CAVEAT = (
    "Less is better, in 1/100; intervals of 95% over benchmark families. A forecast is "
    "due once the figures reach its date, however it turned out."
)


def print_record(record: "Record") -> None:
    """Print how past forecasts did: a sentence for each kind, then what is due."""
    console = plain_console()
    for kind in KINDS:
        print_paragraph(console, record_verdict(kind, record.probabilities))
    for kind, cut_on in product(KINDS, CUT_TITLES):
        probabilities, dates, coverage = (
            [
                row
                for row in rows
                if (row["kind"], row["cut_on"]) == (kind, cut_on) and row["n_due"]
            ]
            for rows in (record.probabilities, record.dates, record.coverage)
        )
        if probabilities:
            console.print("\n", bold(f"{kind}: {CUT_TITLES[cut_on]}"), sep="")
            _print_probabilities(console, probabilities)
            _print_dates(console, dates)
            _print_coverage(console, coverage)
    if any(row["n_due"] for row in record.probabilities):
        console.print()
        print_paragraph(console, CAVEAT)


def _print_probabilities(console: Console, rows: Sequence[Row]) -> None:
    _print(
        console,
        "Is a bar crossed by then? Every open bar",
        ("months", "due (not yet)", "said", "came", "Brier", "less no change"),
        [
            (
                str(row["lead_months"]),
                f"{row['n_due']} ({row['n_not_due']})",
                _percent(row.get("mean_p_crossed")),
                _percent(row.get("share_crossed")),
                _hundredths(row.get("brier")),
                _difference(row),
            )
            for row in rows
        ],
    )


def _print_dates(console: Console, rows: Sequence[Row]) -> None:
    _print(
        console,
        "When is it crossed? Headline bars, as far as figures go",
        ("bars", "days watched", "integrated Brier", "less no change"),
        [
            (
                str(row["n_due"]),
                f"{float(str(row['mean_window_days'])):.0f} on average",
                _hundredths(row["integrated_brier"]),
                _difference(row),
            )
            for row in rows
        ],
    )


def _print_coverage(console: Console, rows: Sequence[Row]) -> None:
    _print(
        console,
        "Intervals of the date, headline bars, once they are past",
        ("interval", "due (not yet)", "held"),
        [
            (
                f"{float(str(row['level'])):.0%}",
                f"{row['n_due']} ({row['n_not_due']})",
                _percent(row["coverage"]),
            )
            for row in rows
        ],
    )


def _print(
    console: Console,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    if not rows:
        return
    grid = Grid(*map(Column, headings))
    for row in rows:
        grid.add(*row)
    console.print()
    print_lines(console, [italic(title), *grid.lines(console.width)])


def _percent(value: object) -> str:
    return "-" if value is None else f"{float(str(value)):.0%}"


def _hundredths(value: object) -> str:
    return "-" if value is None else f"{100 * float(str(value)):.1f}"


def _difference(row: Row) -> str:
    if row.get("minus_no_change") is None:
        return "-"
    middle, low, high = (
        row[name]
        for name in ("minus_no_change", "minus_no_change_lo95", "minus_no_change_hi95")
    )
    text = f"{100 * float(str(middle)):+.1f}"
    families = f"{row['n_families']} families"
    if low is None or high is None:
        return f"{text} ({families})"
    ends = f"[{100 * float(str(low)):+.1f}, {100 * float(str(high)):+.1f}]"
    return f"{text} {ends} ({families})"
