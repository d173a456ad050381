"""Tables as bytes: CSV for people and spreadsheets, Parquet for programs."""

import io
import json
from dataclasses import dataclass
from typing import Final

import polars as pl

from trends.dates import is_quarter_end
from trends.outputs.checks import OutputError
from trends.tables import (
    CARRIED,
    CONTRACT_VERSION,
    CROSSING_CDF,
    HISTORY_BARS,
    QUARANTINE,
    Table,
)

_RUNS_AS_FORMULA: Final = r"^[=+\-@\t\r\n']"
"""Beginnings of a text that a spreadsheet may run, and the apostrophe that stops it.

See OWASP, "CSV Injection". With the apostrophe itself among them, taking one leading
apostrophe off gives back every text as it was.
"""


@dataclass(frozen=True)
class RunFile:
    """Content of one file of a run; ``rows`` only where it is a table."""

    content: bytes
    rows: int | None = None


def file_names(table: Table) -> tuple[str, ...]:
    """Files in which a run publishes this table, CSV first."""
    if table == CROSSING_CDF:
        return (f"{table.name}_quarterly.csv", f"{table.name}.parquet")
    if table == QUARANTINE:
        return (f"{table.name}.csv",)
    if table == HISTORY_BARS or table in CARRIED:
        return (f"{table.name}.parquet",)
    return (f"{table.name}.csv", f"{table.name}.parquet")


def render_table(table: Table, frame: pl.DataFrame) -> dict[str, RunFile]:
    """The files of one table; the CSV of the crossing CDF keeps quarter ends only."""
    files = {}
    for name in file_names(table):
        if name.endswith(".parquet"):
            files[name] = RunFile(_to_parquet(table, frame), len(frame))
        else:
            rows = _quarter_ends(frame) if table == CROSSING_CDF else frame
            files[name] = RunFile(_to_csv(rows), len(rows))
    return files


def render_json(name: str, value: object, *, first: str | None = None) -> RunFile:
    """A JSON file with sorted keys, but that ``first`` opens it where it is a key.

    Raises:
        OutputError: the value holds something JSON has no word for.
    """
    try:
        text = json.dumps(
            value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError) as error:
        raise OutputError(f"{name} cannot be written as JSON: {error}") from error
    if isinstance(value, dict) and first in value:
        content = json.loads(text)
        opened = {first: content.pop(first)} | content
        text = json.dumps(opened, indent=2, ensure_ascii=False)
    return RunFile(f"{text}\n".encode())


def parse_table(table: Table, content: bytes) -> pl.DataFrame:
    """The table as a run published it, from the last of its ``file_names``."""
    *_, name = file_names(table)
    if name.endswith(".parquet"):
        return table.conform(table.filled_up(pl.read_parquet(io.BytesIO(content))))
    frame = pl.read_csv(io.BytesIO(content), schema=table.schema)
    return table.conform(frame.with_columns(pl.col(pl.String).str.strip_prefix("'")))


def _quarter_ends(frame: pl.DataFrame) -> pl.DataFrame:
    days = frame.get_column("by_date").unique()
    return frame.filter(pl.col("by_date").is_in([d for d in days if is_quarter_end(d)]))


def _to_csv(frame: pl.DataFrame) -> bytes:
    guarded = frame.with_columns(
        pl.col(pl.String).str.replace(_RUNS_AS_FORMULA, "'${0}")
    )
    return guarded.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.fZ").encode()


def _to_parquet(table: Table, frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(
        buffer,
        compression="zstd",
        metadata={"table": table.name, "contract_version": CONTRACT_VERSION},
    )
    return buffer.getvalue()
