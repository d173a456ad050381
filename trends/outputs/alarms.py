"""Forecasts that new figures broke, as a run says it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from trends.outputs.runs import read_manifest, read_table
from trends.tables import TRIPWIRES


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


def alarm_lines(alarms: Iterable[Mapping[str, object]]) -> list[str]:
    """One line a benchmark whose forecasts are broken."""
    return [f"Tripwire: {row['benchmark_id']}: {row['label']}" for row in alarms]
