"""Headline dates on a screen: the answer, one line a bar, and where to read on."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.text import Text

from trends.cli.screens.console import (
    WIDTH,
    Column,
    Grid,
    plain_console,
    print_lines,
    print_paragraph,
    print_path,
)
from trends.cli.screens.notes import carried, count_line
from trends.cli.screens.withdrawals import withdrawn_lines
from trends.dates import last_month_end
from trends.outputs import (
    read_manifest,
    read_table,
)
from trends.pipeline import RequestError, published_run
from trends.tables import (
    AUTOMATION,
    COMMON_PACE,
    CROSSING_CDF,
    CROSSING_SUMMARY,
    QUARANTINE,
    REFERENCE_FORECASTS,
    THRESHOLDS,
)
from trends.words import (
    CAVEAT,
    DOMAIN_TITLES,
    DRAFT_MARK,
    answer_sentences,
    in_order,
    indented_names,
    legend,
    markdown_table,
    marks,
    pace_line,
    probability_by,
    rejected_row,
    short_if_ever,
    short_interval,
    short_name,
    shown_percent,
    stands_apart,
)
from trends.workspace import Workspace

Row = Mapping[str, object]

WIDE = 110
"""From this many columns on, marks are words."""

IF_EVER = "If ever: the median date, given that the bar is crossed at all."

NEVER = "Never: the probability that it is not."

COUNTS_NEVER = "The interval counts never among its cases."

NOW = "Now"

COLUMNS_MORE = 8
"""With so many columns over 80 there is room for the probability by now."""


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
    latest = published_run(workspace, say=say)
    if ahead := latest.ahead_of(today):
        say(ahead)
    return latest.path


def domains_named(said: Sequence[str]) -> list[str]:
    """Domains by id or by the beginning of their title.

    Raises:
        RequestError: there is none such.
    """
    return [_domain(one) for one in said]


def _domain(said: str) -> str:
    wanted = said.lower().replace("-", " ").replace("_", " ")
    for domain, title in DOMAIN_TITLES.items():
        names = (domain, title.lower())
        if any(
            one.replace("-", " ").replace("_", " ").startswith(wanted) for one in names
        ):
            return domain
    raise RequestError(f"no field {said!r}; there are {', '.join(DOMAIN_TITLES)}")


def table_rows(
    run: Path,
    *,
    by: date | None,
    headlines_only: bool,
    ids: Sequence[str] | None = None,
    domains: Sequence[str] = (),
    statuses: Sequence[str] = (),
) -> list[dict[str, object]]:
    """Rows to show, as ``in_order`` gives them.

    Args:
        run: folder of a run.
        by: add the probability of a crossing by the last month's end up to this day,
            which ``by_date`` names.
        headlines_only: one row a threshold.
        ids: only these thresholds.
        domains: only these parts of AI R&D; all where none is given.
        statuses: only bars with such a ``crossing_status``; all where none is given.

    Raises:
        RequestError: the run's distributions do not cover ``by``.
    """
    thresholds = read_table(run, THRESHOLDS)
    known = thresholds.select(
        "threshold_id", "benchmark_id", "domain", "status"
    ).unique()
    summary = read_table(run, CROSSING_SUMMARY)
    for column, wanted in (
        ("threshold_id", ids),
        ("crossing_status", statuses or None),
    ):
        if wanted is not None:
            summary = summary.filter(pl.col(column).is_in(wanted))
    if domains:
        known = known.filter(pl.col("domain").is_in(domains))
    if headlines_only:
        summary = summary.filter("is_headline")
    if by is not None:
        cdf = read_table(run, CROSSING_CDF)
        by = _month_end_within(cdf, by)
        summary = probability_by(summary, cdf, by).with_columns(by_date=pl.lit(by))
    return in_order(summary.join(known, on="threshold_id")).to_dicts()


def overview_rows(run: Path) -> list[dict[str, object]]:
    """Headlines of a run; all bars of a draft of trends in which it has no headline."""
    headlines = table_rows(run, by=None, headlines_only=True)
    return headlines or table_rows(run, by=None, headlines_only=False)


def _month_end_within(cdf: pl.DataFrame, by: date) -> date:
    """The last month's end up to ``by``, which the distributions must reach."""
    last = cdf["by_date"].max()
    if isinstance(last, date) and by > last:
        raise RequestError(f"the run's probabilities end on {last}, before {by}")
    try:
        return last_month_end(by)
    except OverflowError:
        raise RequestError(f"no month has ended by {by}") from None


def answer_of(run: Path) -> list[str]:
    """The answer in two sentences, as far as the run has a default scenario."""
    return answer_sentences(
        read_table(run, AUTOMATION), read_table(run, REFERENCE_FORECASTS)
    )


def vintage_line(rows: Sequence[Row], *, today: date) -> str:
    """The day of the vintage, and how old its figures are.

    Args:
        rows: CROSSING_SUMMARY rows that are shown.
        today: UTC day.
    """
    as_of = rows[0]["as_of"]
    if not isinstance(as_of, date):
        raise TypeError(f"as_of is {as_of!r}")
    days = (today - as_of).days
    ago = f", {days} {'day' if days == 1 else 'days'} ago" if days > 0 else ""
    is_draft = any(str(row["median_label"]).endswith(DRAFT_MARK) for row in rows)
    line = f"{'DRAFT, not published: as' if is_draft else 'As'} of {as_of}{ago}."
    ends = sorted(day for row in rows if isinstance(day := _observed(row), date))
    if not ends:
        return line
    middle = ends[(len(ends) - 1) // 2]
    age = f"{middle}, {(as_of - middle).days} days before"
    if len(ends) == 1 or ends[0] == ends[-1]:
        return f"{line} Figures end {age}."
    return (
        f"{line} Figures end {age}, at the middle bar; the oldest {ends[0]}, the newest "
        f"{ends[-1]}."
    )


def _observed(row: Row) -> object:
    """Last day observed, of what still counts."""
    return None if stands_apart(row) else row["observed_through"]


def print_table(rows: Sequence[Row], console: Console | None = None) -> None:
    """Print one line a row, by part of AI R&D, and what its marks mean.

    With rows that are no headlines it is by threshold, and names the trends.
    """
    console = console or plain_console()
    chances = _chances(rows, console)
    has_trends = any(not row["is_headline"] for row in rows)
    grid = Grid(
        Column("Bar and trend" if has_trends else "Bar"),
        Column("If ever"),
        Column("Never", "right"),
        Column("80% interval"),
        *(Column(heading, "right") for heading in chances.values()),
        Column("Note"),
    )
    section = None
    for row, name in zip(rows, indented_names(rows), strict=True):
        here = _threshold(row) if has_trends else str(row["section"])
        if here != section:
            section = here
            grid.add_section(section)
        grid.add(
            f"  {_bar(row) if has_trends else name}",
            *dates_of(row),
            *(shown_percent(row, name) for name in chances),
            print_marks(row, console),
        )
    print_lines(console, grid.lines(console.width))
    console.print()
    print_paragraph(console, _columns_mean(rows[0], chances.values()))
    print_legend(console, rows)
    for line in _not_estimated(rows):
        print_paragraph(console, line, hang=3)


def _not_estimated(rows: Iterable[Row]) -> Iterator[str]:
    """Why headlines have no date, a line a reason."""
    names: dict[object, list[str]] = {}
    for row in rows:
        if row["is_headline"] and row["crossing_status"] == "not_estimated":
            names.setdefault(row["status_reason"], []).append(short_name(row))
    for reason, of_reason in names.items():
        yield f"not estimated ({', '.join(of_reason)}): {reason}"


def dates_of(row: Row) -> tuple[str, str, str]:
    """The date if ever, how likely never is and the 80% interval; or when it crossed.

    With ">2050" for "after 2050", so that a row fits into 80 columns.
    """
    never = shown_percent(row, "p_never")
    if row["crossing_status"] == "already_crossed" and row["withheld"] is None:
        return "crossed", never, str(row["date_hi"])
    when, interval = short_if_ever(row), short_interval(row)
    return when.replace("after ", ">"), never, interval.replace("after ", ">")


def print_marks(row: Row, console: Console) -> str:
    """The marks of a row: words on a wide screen, letters on others."""
    if console.width >= WIDE:
        return ", ".join(mark.words for mark in marks(row))
    return "".join(mark.letter for mark in marks(row))


def print_legend(console: Console, rows: Sequence[Row]) -> None:
    """Print what the marks of a table mean."""
    if console.width >= WIDE:
        for mark in legend(rows):
            print_paragraph(console, mark.words, hang=3)
        return
    grid = Grid(Column(""), Column(""))
    for mark in legend(rows):
        grid.add(mark.letter, mark.words)
    print_lines(console, grid.lines(console.width)[1:])


def _bar(row: Row) -> str:
    return f"{row['short_label'] or row['bar_id']}, {row['trend']}"


def _threshold(row: Row) -> str:
    return str(row["short_title"] or row["threshold_id"])


def _has_by(rows: Sequence[Row]) -> bool:
    return bool(rows) and "by_date" in rows[0]


def _chances(rows: Sequence[Row], console: Console) -> dict[str, str]:
    """Headings of the probabilities of a crossing for which there is room, by name."""
    found = {}
    if _has_by(rows):
        found["p_crossed_by_date"] = _by_heading(rows[0]["by_date"])
    if console.width >= WIDTH + COLUMNS_MORE:
        found["p_crossed_by_as_of"] = NOW
    return found


def _columns_mean(row: Row, headings: Iterable[str]) -> str:
    chances = [
        f"{one}: that it is by {row['as_of' if one == NOW else 'by_date']}."
        for one in headings
    ]
    return " ".join([IF_EVER, NEVER, *chances, COUNTS_NEVER])


def _by_heading(day: object) -> str:
    """The year, or "By" where its end is not meant: the lines below say the day."""
    year = str(day).removesuffix("-12-31")
    return year if len(year) == len("2027") else "By"


def print_overview(
    run: Path, rows: Sequence[Row], *, today: date, answer: Sequence[str] = ()
) -> None:
    """Print the vintage, the answer, the table and the caveat.

    Args:
        run: folder of the run.
        rows: as ``table_rows`` gives them.
        today: UTC day.
        answer: sentences that open it.
    """
    console = plain_console()
    for line in (vintage_line(rows, today=today), *answer):
        print_paragraph(console, line)
        console.print()
    print_table(rows, console)
    console.print()
    print_paragraph(console, CAVEAT)
    if answer:
        if pace := pace_line(carried(run, COMMON_PACE)):
            print_paragraph(console, pace)
        if counts := count_line(run):
            print_paragraph(console, counts)
    backtest = read_manifest(run).provenance.get("backtest")
    if backtest is not None:
        print_paragraph(console, f"inputs: backtest {backtest}, which the run carries")


def print_withdrawn(workspace: Workspace) -> None:
    """Print a line for each run that was taken back."""
    console = plain_console()
    for line in withdrawn_lines(workspace):
        print_paragraph(console, line)


def print_next_steps(
    run: Path, steps: Iterable[tuple[str, str]], *, files: Path | None = None
) -> None:
    """Print commands that go deeper, and where the report and the files are."""
    console = plain_console()
    steps = list(steps)
    size = max(len(command) for command, _ in steps)
    console.print()
    for command, what in steps:
        print_lines(console, [Text(f"{command:{size}}  {what}")])
    folder = files or run
    report = folder / "report.html"
    if report.is_file():
        print_path(console, "report:", report)
    print_path(console, "files:", folder)


def as_markdown(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table."""
    by = [f"P by {rows[0]['by_date']}"] if _has_by(rows) else []
    return markdown_table(
        ["Bar", "Trend", "If ever", "Never", "80% interval", "P by now", *by],
        ((row, _markdown_cells(row)) for row in rows),
    )


def quarantine_lines(run: Path) -> Iterator[str]:
    """One line a rejected row: where it stands, and why."""
    quarantined = read_table(run, QUARANTINE)
    if quarantined.is_empty():
        yield "no row was rejected"
    for row in quarantined.iter_rows(named=True):
        yield rejected_row(row)


def _markdown_cells(row: Row) -> list[str]:
    cells = [
        str(row["threshold_label"]),
        str(row["trend"]),
        str(row["if_ever_label"] or row["median_label"]),
        shown_percent(row, "p_never"),
        str(row["interval80_label"]),
        shown_percent(row, "p_crossed_by_as_of"),
    ]
    if "by_date" in row:
        cells.append(shown_percent(row, "p_crossed_by_date"))
    return cells
