"""Better scores that wait in quarantine, as a run says it."""

from pathlib import Path

import polars as pl

from trends.outputs.runs import read_table
from trends.tables import CROSSING_SUMMARY, QUARANTINE


def waiting_lines(run: Path) -> list[str]:
    """One line a rejected row that is better than a record: where, of what, and why.

    Raises:
        OutputError: the run is damaged.
    """
    return lines_about(
        read_table(run, CROSSING_SUMMARY), quarantine=read_table(run, QUARANTINE)
    )


def lines_about(summary: pl.DataFrame, *, quarantine: pl.DataFrame) -> list[str]:
    """As ``waiting_lines``, from CROSSING_SUMMARY and QUARANTINE rows."""
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
