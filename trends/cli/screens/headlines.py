"""Headline dates on a screen."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
from rich.table import Table as RichTable

from trends.cli.screens.console import bold, plain_console
from trends.dates import last_month_end
from trends.outputs import (
    read_latest,
    read_manifest,
    read_table,
    standing_alarms,
    waiting_lines,
)
from trends.pipeline import RequestError
from trends.tables import CROSSING_CDF, CROSSING_SUMMARY, QUARANTINE, THRESHOLDS
from trends.words import (
    CAVEAT,
    DOMAIN_TITLES,
    HELD,
    SUPERSEDED,
    alarm_lines,
    falls_short,
    influence_lines,
    markdown_table,
    percent,
    probability_by,
    rejected_row,
    stands_apart,
)
from trends.workspace import Workspace

Row = dict[str, object]


def latest_run(
    workspace: Workspace, *, today: date, say: Callable[[str], None]
) -> Path:
    """Folder of the latest published run.

    Args:
        workspace: the checkout.
        today: UTC day.
        say: told where latest.json does not count, or leads to a day still to come.

    Raises:
        RequestError: nothing has been published yet.
    """
    latest = read_latest(workspace.results, say=say)
    if latest is None:
        raise RequestError("nothing is published yet: run `make run` or `trends run`")
    if ahead := latest.ahead_of(today):
        say(ahead)
    return latest.path


def table_rows(run: Path, *, by: date | None, headlines_only: bool) -> list[Row]:
    """Rows to show, by domain and title; those of superseded benchmarks last.

    Args:
        run: folder of a run.
        by: add the probability of a crossing by the last month's end up to this day,
            which ``by_date`` names.
        headlines_only: one row a threshold.

    Raises:
        RequestError: the run's distributions do not cover ``by``.
    """
    domains = read_table(run, THRESHOLDS).select("threshold_id", "domain").unique()
    summary = read_table(run, CROSSING_SUMMARY)
    if headlines_only:
        summary = summary.filter("is_headline")
    if by is not None:
        cdf = read_table(run, CROSSING_CDF)
        by = _month_end_within(cdf, by)
        summary = probability_by(summary, cdf, by).with_columns(by_date=pl.lit(by))
    order = pl.col("domain").replace_strict(
        list(DOMAIN_TITLES), range(len(DOMAIN_TITLES)), return_dtype=pl.Int64
    )
    apart = pl.col("superseded_by").is_not_null()
    joined = summary.join(domains, on="threshold_id").sort(
        apart, order, "threshold_id", "sort_rank"
    )
    return joined.to_dicts()


def _month_end_within(cdf: pl.DataFrame, by: date) -> date:
    """The last month's end up to ``by``, which the distributions must reach."""
    last = cdf["by_date"].max()
    if isinstance(last, date) and by > last:
        raise RequestError(f"the run's probabilities end on {last}, before {by}")
    try:
        return last_month_end(by)
    except OverflowError:
        raise RequestError(f"no month has ended by {by}") from None


def print_table(rows: list[Row]) -> None:
    """Print rows for people."""
    console = plain_console()
    table = RichTable(box=None, pad_edge=False, title_justify="left")
    headings = _headings(rows)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    section = None
    for row in rows:
        if (here := _section(row)) != section:
            section = here
            table.add_row(bold(section))
        table.add_row(*_cells(row))
    console.print(table)
    if any(map(falls_short, rows)):
        console.print(f"\n{HELD}")
    console.print(f"\n{CAVEAT}")


def print_alarms(run: Path) -> None:
    """Print a line for each benchmark whose forecasts new figures broke."""
    for line in alarm_lines(standing_alarms(run)):
        print(f"\n{line}")


def print_influence(run: Path) -> None:
    """Print a line for each headline whose median leans on one other family."""
    headlines = read_table(run, CROSSING_SUMMARY).filter("is_headline")
    lines = list(influence_lines(headlines.iter_rows(named=True)))
    if lines:
        print("", *lines, sep="\n")


def print_waiting(run: Path) -> None:
    """Print a line for each better score that waits in quarantine."""
    for line in waiting_lines(run):
        print(f"\n{line}")


def print_backtest(run: Path) -> None:
    """Print which backtest is among the run's inputs, if one is."""
    backtest = read_manifest(run).provenance.get("backtest")
    if backtest is not None:
        print(f"\ninputs: backtest {backtest}, which the run carries")


def as_markdown(rows: list[Row]) -> str:
    """Rows as a Markdown table."""
    return markdown_table(_headings(rows), ((row, _cells(row)) for row in rows))


def quarantine_lines(run: Path) -> Iterator[str]:
    """One line a rejected row: where it stands, and why."""
    quarantined = read_table(run, QUARANTINE)
    if quarantined.is_empty():
        yield "no row was rejected"
    for row in quarantined.iter_rows(named=True):
        yield rejected_row(row)


def _section(row: Row) -> str:
    """Heading under which the row stands on a screen."""
    return SUPERSEDED if stands_apart(row) else DOMAIN_TITLES[str(row["domain"])]


def _headings(rows: list[Row]) -> list[str]:
    by = [f"P by {rows[0]['by_date']}"] if rows and "by_date" in rows[0] else []
    return ["Bar", "Trend", "Median", "80% interval", "P by now", *by]


def _cells(row: Row) -> list[str]:
    cells = [
        str(row["threshold_label"]),
        str(row["trend"]),
        str(row["median_label"]),
        str(row["interval80_label"]),
        percent(row["p_crossed_by_as_of"]),
    ]
    if "by_date" in row:
        cells.append(percent(row["p_crossed_by_date"]))
    return cells
