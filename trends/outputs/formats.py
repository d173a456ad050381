"""Tables as bytes: CSV for people and spreadsheets, Parquet for programs."""

import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from trends.dates import is_quarter_end
from trends.outputs.checks import OutputError, publishable
from trends.outputs.disk import flush, write_file
from trends.tables import (
    CARRIED,
    CONTRACT_VERSION,
    CROSSING_CDF,
    HISTORY_BARS,
    QUARANTINE,
    Table,
)
from trends.tables.slices import CHECKED_ROWS, ROWS, Frame, slices

_RUNS_AS_FORMULA: Final = r"^[=+\-@\t\r\n']"
"""Beginnings of a text that a spreadsheet may run, and the apostrophe that stops it.

See OWASP, "CSV Injection". With the apostrophe itself among them, taking one leading
apostrophe off gives back every text as it was.
"""

_MORE_THAN_A_BUFFER: Final = 1 << 20


@dataclass(frozen=True)
class RunFile:
    """One file of a run as it was written; ``rows`` only where it is a table."""

    sha256: str
    n_bytes: int
    rows: int | None = None


def put(path: Path, content: bytes) -> RunFile:
    """Write one file of a run that is in making."""
    write_file(path, content)
    return RunFile(hashlib.sha256(content).hexdigest(), len(content))


def file_names(table: Table) -> tuple[str, ...]:
    """Files in which a run publishes this table, CSV first."""
    if table == CROSSING_CDF:
        return (f"{table.name}_quarterly.csv", f"{table.name}.parquet")
    if table == QUARANTINE:
        return (f"{table.name}.csv",)
    if table == HISTORY_BARS or table in CARRIED:
        return (f"{table.name}.parquet",)
    return (f"{table.name}.csv", f"{table.name}.parquet")


def put_table(
    folder: Path, table: Table, frame: Frame, *, as_of: date, run_id: str
) -> dict[str, RunFile]:
    """Write the files of one table; the CSV of the crossing CDF has quarter ends only.

    Rows that are not in memory are read, checked and written a part at a time.

    Raises:
        TableError: columns or types are not the table's.
        OutputError: a cell may not be published as it is.
    """
    rows: Frame
    if isinstance(frame, pl.DataFrame):
        rows = publishable(table, frame, as_of=as_of, run_id=run_id).rechunk()
    else:
        rows = frame.select(table.schema.names())
        _require_publishable(table, frame, as_of=as_of, run_id=run_id)
    files = {}
    for name in file_names(table):
        path = folder / name
        with place_named(path):
            if name.endswith(".parquet"):
                written = rows
                _to_parquet(table, written.lazy(), path)
            else:
                written = _quarter_ends(rows) if table == CROSSING_CDF else rows
                _to_csv(written.lazy(), path)
            flush(path)
        files[name] = RunFile(sha256_of(path), path.stat().st_size, _height(written))
    return files


def _height(rows: Frame) -> int:
    if isinstance(rows, pl.DataFrame):
        return rows.height
    n_rows: int = rows.select(pl.len()).collect(engine="streaming").item()
    return n_rows


@contextmanager
def place_named(path: Path) -> Iterator[None]:
    """A full disk does not say where it is, nor polars always that it is one."""
    try:
        yield
    except (OSError, PolarsError) as error:
        if found := re.search(r"\(os error (\d+)\)", str(error)):
            number = int(found[1])
            raise OSError(number, os.strerror(number), str(path)) from error
        if "transport error" in str(error):
            _ask_disk(path)
        raise


def _ask_disk(path: Path) -> None:
    """Let the disk say what it said to polars, which kept it to itself.

    Raises:
        OSError: no more can be written to the file.
    """
    try:
        with path.open("ab") as file:
            file.write(bytes(_MORE_THAN_A_BUFFER))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _require_publishable(
    table: Table, frame: pl.LazyFrame, *, as_of: date, run_id: str
) -> None:
    """Check rows a part at a time; a part of its own has its keys for itself."""
    last: object = None
    first = table.key[0]
    for part in slices(frame, first, rows=CHECKED_ROWS):
        if not publishable(table, part, as_of=as_of, run_id=run_id).equals(
            part.select(table.schema.names())
        ) or (last is not None and part[first][0] < last):
            raise OutputError(f"{table.name} is not in order of {', '.join(table.key)}")
        if not part.is_empty():  # an empty table is one empty part
            last = part[first][-1]


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def render_json(name: str, value: object, *, first: str | None = None) -> bytes:
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
    return f"{text}\n".encode()


def parse_table(table: Table, content: bytes) -> pl.DataFrame:
    """The table as a run published it, from the last of its ``file_names``."""
    *_, name = file_names(table)
    if name.endswith(".parquet"):
        return table.conform(table.filled_up(pl.read_parquet(io.BytesIO(content))))
    frame = pl.read_csv(io.BytesIO(content), schema=table.schema)
    return table.conform(frame.with_columns(pl.col(pl.String).str.strip_prefix("'")))


def _quarter_ends(frame: Frame) -> pl.LazyFrame:
    rows = frame.lazy()
    days = rows.select(pl.col("by_date").unique()).collect(engine="streaming")
    ends = [day for day in days["by_date"] if is_quarter_end(day)]
    return rows.filter(pl.col("by_date").is_in(ends))


def _to_csv(rows: pl.LazyFrame, path: Path) -> None:
    text = pl.col(pl.String)
    runs = text.str.contains(_RUNS_AS_FORMULA)
    # as replacing the beginning, at a fifth of the cost
    guarded = rows.with_columns(pl.when(~runs).then(text).otherwise("'" + text))
    guarded.sink_csv(path, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ", engine="streaming")


def _to_parquet(table: Table, rows: pl.LazyFrame, path: Path) -> None:
    rows.sink_parquet(
        path,
        compression="zstd",
        row_group_size=ROWS,
        metadata={"table": table.name, "contract_version": CONTRACT_VERSION},
        engine="streaming",
    )
