"""Notes below a table of dates: what a reader of a run has to know beside it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Final

import polars as pl

LARGE_DAYS: Final = 60
"""Moves of a median up to here are not worth a line."""


def alarm_lines(alarms: Iterable[Mapping[str, object]]) -> list[str]:
    """One line a benchmark whose forecasts are broken."""
    return [f"Tripwire: {row['benchmark_id']}: {row['label']}" for row in alarms]


def influence_lines(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """One line a CROSSING_SUMMARY row whose median leans on one other family."""
    for row in rows:
        family, days = row["pool_influence_family"], row["pool_influence_days"]
        if family is None:
            continue
        begins = f"Pool: {row['threshold_label']}: without {family}"
        if isinstance(days, int):
            if abs(days) > LARGE_DAYS:
                when = "later" if days > 0 else "earlier"
                yield f"{begins} the median is {abs(days)} days {when}"
        elif row["median_date"] is None:
            yield f"{begins} there is a median date"
        else:
            yield f"{begins} there is no median date"


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
