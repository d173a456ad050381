"""What stands against a run: forecasts that broke, better scores that wait."""

from pathlib import Path

import polars as pl

from trends.outputs.runs import read_manifest, read_table
from trends.tables import CROSSING_SUMMARY, QUARANTINE, TRIPWIRES
from trends.words import lines_about


def read_tripwires(run: Path) -> pl.DataFrame:
    """TRIPWIRES of a run; no rows where an older version wrote it without.

    Raises:
        OutputError: the run is damaged.
    """
    if f"{TRIPWIRES.name}.parquet" not in read_manifest(run).files:
        return TRIPWIRES.frame([])
    return read_table(run, TRIPWIRES)


def standing_alarms(run: Path) -> list[dict[str, object]]:
    """Rows of ``tripwires`` with an alarm; none where an older version wrote it."""
    return read_tripwires(run).filter("alarm").to_dicts()


def waiting_lines(run: Path) -> list[str]:
    """One line a rejected row that is better than a record: where, of what, and why.

    Raises:
        OutputError: the run is damaged.
    """
    return lines_about(
        read_table(run, CROSSING_SUMMARY), quarantine=read_table(run, QUARANTINE)
    )
