"""One threshold in full: every bar and trend, the record, and what they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console

from trends.characters import nearest
from trends.cli.screens.console import (
    Column,
    Grid,
    bold,
    plain_console,
    print_lines,
    print_paragraph,
)
from trends.cli.screens.headlines import (
    COUNTS_NEVER,
    IF_EVER,
    dates_of,
    print_legend,
    print_marks,
    vintage_line,
)
from trends.cli.screens.notes import carried
from trends.outputs import read_table, standing_alarms
from trends.pipeline import RequestError
from trends.tables import (
    COMMON_PACE,
    CROSSING_CDF,
    CROSSING_SUMMARY,
    HEADLINE_YEARS,
    OBSERVATIONS,
    QUARANTINE,
    SCORE_FORECAST,
    THRESHOLDS,
)
from trends.words import (
    CAVEAT,
    DOMAIN_TITLES,
    alarm_lines,
    if_ever_line,
    influence_lines,
    later_view,
    lines_about,
    no_record_line,
    number_of,
    ordered_headlines,
    other_views,
    pace_line,
    probability_by,
    score_words,
    short_name,
    shown_percent,
    without_test,
)

Row = Mapping[str, object]


def threshold_ids(run: Path, name: str) -> list[str]:
    """Thresholds that a name is of: its own, or those of a benchmark or series.

    Raises:
        RequestError: there are none; the text says what is near.
    """
    known = read_table(run, THRESHOLDS).unique("threshold_id").sort("threshold_id")
    for column in ("threshold_id", "benchmark_id", "series_id"):
        found = known.filter(pl.col(column) == name)["threshold_id"].to_list()
        if found:
            return found
    ids = known["threshold_id"].to_list()
    within = [one for one in ids if name.lower().replace("-", "_") in one]
    near = within or nearest(name, ids, most=3)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(ids)}"
    raise RequestError(f"the run has no threshold or benchmark {name!r}; {hint}")


def print_threshold(run: Path, threshold_id: str, *, today: date) -> None:
    """Print all that a run says of one threshold.

    Args:
        run: folder of a run.
        threshold_id: one that the run has.
        today: UTC day.

    Raises:
        OutputError: the run is damaged.
    """
    is_ours = pl.col("threshold_id") == threshold_id
    bars = read_table(run, THRESHOLDS).filter(is_ours).sort("bar_rank").to_dicts()
    summary = read_table(run, CROSSING_SUMMARY).filter(is_ours)
    cdf = read_table(run, CROSSING_CDF).filter(is_ours)
    rows = _with_years(summary.sort("sort_rank"), cdf)
    headlines = ordered_headlines(
        read_table(run, CROSSING_SUMMARY), read_table(run, THRESHOLDS)
    )
    headline = next(row for row in headlines if row["threshold_id"] == threshold_id)
    others = other_views(headlines)[threshold_id]
    paragraphs = [
        _identity(bars[0]),
        vintage_line(rows, today=today),
        *_series(headline, others),
        _record(run, bars[0], headline),
        *filter(None, [if_ever_line(headline)]),
        *_ahead(run, bars[0], headline),
    ]
    about = [
        f"What counts: {bars[0]['operationalisation']}",
        f"Why it matters: {bars[0]['why_it_matters']}",
        *_bases(bars),
    ]
    rests_on = list(_reasons(rows))
    notes = list(_notes(run, bars[0], summary))

    console = plain_console()
    print_lines(console, [bold(str(bars[0]["title"]))])
    for text in paragraphs:
        print_paragraph(console, text, hang=2)
    console.print()
    _print_bars(console, bars, rows)
    _print_views(console, headline, others)
    for heading, texts in (
        ("About the bars", about),
        ("What each date rests on", rests_on),
        ("Notes", notes),
    ):
        if texts:
            console.print()
            print_lines(console, [bold(heading)])
            for text in texts:
                print_paragraph(console, text, hang=2)
    console.print()
    print_paragraph(console, CAVEAT)


def _with_years(summary: pl.DataFrame, cdf: pl.DataFrame) -> list[dict[str, object]]:
    """Rows with the probability by the end of each year that ``headline`` states."""
    for year in HEADLINE_YEARS:
        summary = probability_by(summary, cdf, date(year, 12, 31)).rename(
            {"p_crossed_by_date": f"p_by_end_{year}"}
        )
    return summary.to_dicts()


def _identity(bar: Row) -> str:
    status = "" if bar["status"] == "active" else f", {bar['status']}"
    return (
        f"threshold {bar['threshold_id']} (version {bar['threshold_version']}{status}), "
        f"benchmark {bar['benchmark_id']}, {DOMAIN_TITLES[str(bar['domain'])]}, "
        f"owner {bar['owner']}"
    )


def _series(row: Row, others: Sequence[Row]) -> Iterator[str]:
    """How many scores there are, and whether the series goes on."""
    scores = number_of(row["n_observations"], "score")
    yield f"{scores} that fits may use, {number_of(row['n_records'], 'record')}"
    if row["superseded_by"] is not None:
        yield f"Superseded by {row['superseded_by']}"
    if row["series_ended"] is not None:
        yield f"No new score since {row['series_ended']}"
    if later := later_view(row, others):
        yield later


def _record(run: Path, bar: Row, row: Row) -> str:
    """The standing record, where it was read and where it was published."""
    score = row["frontier_score"]
    if not isinstance(score, float):
        return "Record: none"
    words = score_words(score, str(row["score_unit"]))
    record = f"Record: {words} by {row['frontier_model_name']}, {row['frontier_date']}"
    found = read_table(run, OBSERVATIONS).filter(
        pl.col("benchmark_id") == bar["benchmark_id"],
        pl.col("model_name") == row["frontier_model_name"],
        pl.col("score") == score,
    )
    for one in found.head(1).iter_rows(named=True):
        place = f"{one['source_file']}:{one['source_row']}"
        who = str(one["reporter"]).replace("_", " ")
        return f"{record}, reported by {who} ({place}) {one['source_url']}"
    return record


def _ahead(run: Path, bar: Row, row: Row) -> Iterator[str]:
    """How long the record may stand, and how fast all frontiers move."""
    is_ours = pl.col("series_id") == bar["series_id"]
    forecast = carried(run, SCORE_FORECAST).filter(is_ours)
    yield from filter(
        None, (no_record_line(forecast, row), pace_line(carried(run, COMMON_PACE)))
    )


def _print_bars(console: Console, bars: Sequence[Row], rows: Sequence[Row]) -> None:
    """A section for each bar, in it a line for each trend."""
    grid = Grid(
        Column("Trend"),
        Column("If ever"),
        Column("Never", "right"),
        Column("80% interval"),
        Column("Now", "right"),
        *(Column(str(year), "right") for year in HEADLINE_YEARS),
        Column("Note"),
    )
    for bar in bars:
        mark = " (headline)" if bar["is_headline"] else ""
        grid.add_section(f"{bar['bar_label']}{mark}")
        ours = [row for row in rows if row["bar_id"] == bar["bar_id"]]
        is_crossed = ours[0]["crossing_status"] == "already_crossed"
        for row in ours[:1] if is_crossed else ours:
            grid.add(
                f"  {'every trend' if is_crossed else row['trend']}",
                *dates_of(row),
                shown_percent(row, "p_crossed_by_as_of"),
                *(shown_percent(row, f"p_by_end_{year}") for year in HEADLINE_YEARS),
                print_marks(row, console),
            )
    print_lines(console, grid.lines(console.width))
    console.print()
    by = [f"{rows[0]['as_of']} (Now)", *(f"{y}-12-31 ({y})" for y in HEADLINE_YEARS)]
    print_paragraph(
        console,
        f"{IF_EVER} {COUNTS_NEVER} Percent: probability of never, and of a crossing by "
        f"{', '.join(by)}",
    )
    print_legend(console, rows)


def _print_views(console: Console, headline: Row, others: Sequence[Row]) -> None:
    """What other boards or harnesses say of the same items, a line each."""
    if not others:
        return
    grid = Grid(
        Column("Other views of this test"),
        Column("If ever"),
        Column("Never", "right"),
        Column("80% interval"),
        Column("Now", "right"),
        Column("Figures end"),
    )
    for row in others:
        grid.add(
            f"  {without_test(short_name(row), short_name(headline))}",
            *dates_of(row),
            shown_percent(row, "p_crossed_by_as_of"),
            str(row["observed_through"] or ""),
        )
    console.print()
    print_lines(console, grid.lines(console.width))


def _bases(bars: Sequence[Row]) -> Iterator[str]:
    """Whose choice each bar is, bars of one basis and source together."""
    together: dict[str, list[str]] = {}
    for bar in bars:
        words = str(bar["bar_basis"]).replace("_", " ")
        if bar["source_citation"] is not None:
            words += f", {bar['source_citation']} {bar['source_url']}"
        together.setdefault(words, []).append(str(bar["bar_label"]))
    for words, labels in together.items():
        yield f"{'; '.join(labels)}: {words}"


def _reasons(rows: Sequence[Row]) -> Iterator[str]:
    """What each trend's dates rest on, bars with the same reason together."""
    together: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["crossing_status"] == "already_crossed":
            continue
        key = (str(row["trend"]), str(row["status_reason"]))
        together.setdefault(key, []).append(str(row["bar_id"]))
    for (trend, reason), ids in sorted(together.items()):
        yield f"{trend}, {', '.join(ids)}: {reason}"


def _notes(run: Path, bar: Row, summary: pl.DataFrame) -> Iterator[str]:
    headlines = summary.filter("is_headline")
    yield from influence_lines(headlines.iter_rows(named=True))
    yield from alarm_lines(
        alarm
        for alarm in standing_alarms(run)
        if alarm["benchmark_id"] == bar["benchmark_id"]
    )
    yield from lines_about(summary, quarantine=read_table(run, QUARANTINE))
