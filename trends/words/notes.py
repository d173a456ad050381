"""Notes below a table of dates: what a reader of a run has to know beside it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

import polars as pl

from trends.words.brief import LEAST_NEVER
from trends.words.moves import DAYS_OF_NEVER, days_later, move_size, never_likelier
from trends.words.numbers import percent

LARGE_DAYS: Final = 60
"""What other families move by up to here, as ``move_size`` has it, has no line."""

Row = Mapping[str, Any]


def alarm_lines(alarms: Iterable[Mapping[str, object]]) -> list[str]:
    """One line a benchmark whose forecasts are broken."""
    return [f"Tripwire: {row['benchmark_id']}: {row['label']}" for row in alarms]


def leans(row: Row) -> bool:
    """Whether the date if ever, or never, of a CROSSING_SUMMARY row hangs on one family."""
    if row["pool_influence_if_ever_family"] is None:
        return False
    return row["pool_influence_if_ever_days"] is None or _influence(row) > LARGE_DAYS


def influence_lines(rows: Iterable[Row]) -> Iterator[str]:
    """One line a CROSSING_SUMMARY row that leans on one other family."""
    for row in filter(leans, rows):
        family = row["pool_influence_if_ever_family"]
        yield f"Pool: {row['threshold_label']}: without {family} {influence_words(row)}"


def leaning(rows: Iterable[Row]) -> list[Row]:
    """Those of a run's headlines that lean; superseded series are none any more."""
    return [row for row in rows if row["superseded_by"] is None and leans(row)]


def run_influence_lines(rows: Iterable[Row]) -> list[str]:
    """The same of the headlines of a run; where none leans so far, which does most.

    Args:
        rows: CROSSING_SUMMARY rows, one a threshold.
    """
    rows = list(rows)
    if lines := list(influence_lines(leaning(rows))):
        return lines
    felt = [
        row
        for row in rows
        if row["superseded_by"] is None
        and row["pool_influence_if_ever_family"] is not None
    ]
    if not felt:
        return []
    most = max(felt, key=_influence)
    family = most["pool_influence_if_ever_family"]
    return [
        (
            f"Pool: no other family of benchmarks, left out, moves the date if ever of a "
            f"headline by more than {LARGE_DAYS} days, or never by more than "
            f"{100 * LARGE_DAYS / DAYS_OF_NEVER:.0f} points. What moves most: "
            f"{most['threshold_label']}: without {family} {influence_words(most)}"
        )
    ]


def influence_words(row: Row) -> str:
    """What becomes of a row without the family that moves it most, of when and never.

    Args:
        row: a CROSSING_SUMMARY row that names one.
    """
    days, never = row["pool_influence_if_ever_days"], row["pool_influence_p_never"]
    if days is None:
        there_is = "a" if row["median_if_ever"] is None else "no"
        return f"there is {there_is} date if ever"
    when = f"is {days_later(days)}" if days else "stays"
    if never is None or abs(never) < LEAST_NEVER:
        return f"the date if ever {when}, never stays {percent(row['p_never'])}"
    return f"the date if ever {when}, {never_likelier(never)}"


def _influence(row: Row) -> float:
    return move_size(row["pool_influence_if_ever_days"], row["pool_influence_p_never"])


def lines_about(summary: pl.DataFrame, *, quarantine: pl.DataFrame) -> list[str]:
    """One line a rejected row that is better than a record: where, of what, and why.

    Args:
        summary: CROSSING_SUMMARY rows.
        quarantine: QUARANTINE rows.
    """
    labels: dict[str, list[str]] = {}
    waits = pl.col("quarantined_rows").is_not_null()
    for row in summary.filter("is_headline", waits).iter_rows(named=True):
        for place in row["quarantined_rows"].split("; "):
            labels.setdefault(place, []).append(row["threshold_label"])
    reasons = {
        f"{row['source_file']}:{row['source_row']}: {row['expectation']}": row["reason"]
        for row in quarantine.iter_rows(named=True)
    }
    return [
        f"Better score in quarantine: {place}: {reasons[place]} "
        f"(better than the record of {'; '.join(labels[place])})"
        for place in reasons
        if place in labels
    ]


def rejected_row(row: Mapping[str, object]) -> str:
    """A QUARANTINE row in one line: where it stands, what it broke, and how."""
    place = f"{row['source_file']}:{row['source_row']}: "
    reason = str(row["reason"]).removeprefix(place)
    return f"{place}{row['expectation']}: {reason}"


def refresh_lines(
    seen_through: Mapping[str, date], refused: Mapping[str, str]
) -> list[str]:
    """Until when publishers' files were seen, and those that are not in use.

    Args:
        seen_through: by benchmark, the last day on which its publisher's own file
            showed what is carried, as far as the vintage can know.
        refused: files whose content is not in use, each with the reason.
    """
    by_day = sorted((day, name) for name, day in seen_through.items())
    lines = [
        f"Read at its publisher up to {day}, and nothing newer is there: "
        f"{', '.join(name for _, name in group)}."
        for day, group in groupby(by_day, key=lambda pair: pair[0])
    ]
    return lines + [f"Not refreshed: {file}: {why}" for file, why in refused.items()]
