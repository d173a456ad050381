"""People open the files with the tool at hand and its defaults: it must just work."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.output_runs import empty_where_allowed, row, tables_of, write
from trends.outputs.formats import file_names
from trends.tables import (
    CROSSING_SUMMARY,
    PUBLISHED,
    QUARANTINE,
    Column,
    Table,
)

AWKWARD = [
    "=HYPERLINK(A1)",
    "+model",
    "-model",
    "@model",
    "'quoted",
    'He said "fast", twice',
    "two\nlines",
    "two\r\nlines",
    "Модель 模型 🚀 é",
    " spaces ",
    "1,234",
    "2027-03",
]
PARQUET_TABLES = [table for table in PUBLISHED if table != QUARANTINE]
CSV_TABLES = [table for table in PUBLISHED if file_names(table)[0].endswith(".csv")]
each_csv = pytest.mark.parametrize("table", CSV_TABLES, ids=lambda table: table.name)
each_parquet = pytest.mark.parametrize(
    "table", PARQUET_TABLES, ids=lambda table: table.name
)


def awkward_rows(table: Table) -> list[dict[str, object]]:
    """A row of each awkward text, and one with every cell empty that may be."""
    if table == QUARANTINE:
        return []
    full = [
        row(table, text=text, **_key(table, place))
        for place, text in enumerate(AWKWARD)
    ]
    return [*full, empty_where_allowed(table, **_key(table, len(AWKWARD)))]


def _key(table: Table, place: int) -> dict[str, object]:
    """A cell of the key by which rows stand at such a place."""
    of = {column.name: column for column in table.columns}
    free = [one for one in map(of.__getitem__, table.key) if not one.enum]
    column = next((one for one in free if one.type in ("string", "integer")), free[0])
    cells = {"integer": place, "date": date(2026, 1, 1) + timedelta(days=place)}
    return {column.name: cells.get(column.type, f"a{place:02}")}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("results")
    rows = {table.name: awkward_rows(table) for table in PUBLISHED}
    return write(results, tables=tables_of(rows))


def csv_path(run: Path, table: Table) -> Path:
    return run / file_names(table)[0]


def written(table: Table) -> pl.DataFrame:
    return table.conform(table.frame(awkward_rows(table)))


def columns_of(table: Table, *kinds: str) -> list[str]:
    return [column.name for column in table.columns if column.type in kinds]


def unguarded(text: str) -> str:
    return text.removeprefix("'")


def texts(cells: pl.Series) -> list[str | None]:
    """Cells as text; a contract_version such as 1.0 is read as a number by guessers."""
    return [None if cell is None else unguarded(str(cell)) for cell in cells]


def parsed(column: Column, cell: str) -> object:
    """The value that the dictionary promises a CSV cell to mean."""
    if cell == "":
        return None
    match column.type:
        case "string":
            return unguarded(cell)
        case "date":
            return date.fromisoformat(cell)
        case "instant":
            return datetime.fromisoformat(cell)
        case "boolean":
            return {"true": True, "false": False}[cell]
        case _:
            return float(cell)


@each_csv
def test_the_csv_module_reads_every_cell(run: Path, table: Table) -> None:
    with csv_path(run, table).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == table.schema.names()
    found = [
        tuple(parsed(*pair) for pair in zip(table.columns, cells, strict=True))
        for cells in rows
    ]
    assert found == written(table).rows()


@each_csv
def test_pandas_reads_csv_with_its_defaults(run: Path, table: Table) -> None:
    dates = columns_of(table, "date")
    frame = pd.read_csv(csv_path(run, table), parse_dates=dates)
    expected = written(table)
    assert list(frame.columns) == expected.columns
    assert len(frame) == len(expected)
    if len(frame) == 0:
        return
    for name in expected.columns:
        assert frame[name].isna().sum() == expected[name].null_count(), name
    for name in dates:
        assert pd.api.types.is_datetime64_any_dtype(frame[name]), name
    for name in columns_of(table, "integer", "number"):
        assert frame[name].sum() == pytest.approx(expected[name].sum()), name


@each_csv
def test_polars_reads_csv_with_its_defaults(run: Path, table: Table) -> None:
    frame = pl.read_csv(csv_path(run, table), try_parse_dates=True)
    expected = written(table)
    assert frame.columns == expected.columns
    assert len(frame) == len(expected)
    for name in columns_of(table, "date", "integer", "number", "boolean"):
        assert frame[name].to_list() == expected[name].to_list(), name
    for name in columns_of(table, "string"):
        assert texts(frame[name]) == expected[name].to_list(), name


@each_csv
def test_duckdb_reads_csv_with_its_defaults(run: Path, table: Table) -> None:
    frame = duckdb.read_csv(str(csv_path(run, table))).pl()
    expected = written(table)
    assert frame.columns == expected.columns
    assert len(frame) == len(expected)
    for name in columns_of(table, "date", "integer", "number", "boolean"):
        assert frame[name].to_list() == expected[name].to_list(), name
    for name in columns_of(table, "string"):
        assert texts(frame[name]) == expected[name].to_list(), name


@each_parquet
def test_pyarrow_finds_plain_types_in_parquet(run: Path, table: Table) -> None:
    plain = {
        "string": (pa.string(), pa.large_string()),
        "date": (pa.date32(),),
        "instant": (pa.timestamp("us", "UTC"),),
        "integer": (pa.int64(),),
        "number": (pa.float64(),),
        "boolean": (pa.bool_(),),
    }
    found = pq.read_table(run / f"{table.name}.parquet")
    for column in table.columns:
        assert found.schema.field(column.name).type in plain[column.type], column.name
    assert found.to_pylist() == written(table).to_dicts()


@each_parquet
def test_pandas_and_duckdb_read_parquet_as_it_was(run: Path, table: Table) -> None:
    path = run / f"{table.name}.parquet"
    expected = written(table)
    assert duckdb.read_parquet(str(path)).pl().rows() == expected.rows()
    frame = pd.read_parquet(path)
    assert list(frame.columns) == expected.columns
    for name in expected.columns:
        assert frame[name].isna().sum() == expected[name].null_count(), name


def test_a_row_without_dates_says_why_and_keeps_its_masses(tmp_path: Path) -> None:
    summary = empty_where_allowed(
        CROSSING_SUMMARY,
        crossing_status="never",
        median_label="never (62% of draws)",
        p_crossed_by_projection_end=0.25,
        p_after_projection_end=0.13,
        p_never=0.62,
    )
    run = write(tmp_path, tables=tables_of({"crossing_summary": [summary]}))
    frame = pd.read_csv(run / "crossing_summary.csv", parse_dates=["median_date"])
    assert frame["median_date"].isna().all()
    assert frame["median_label"].tolist() == ["never (62% of draws)"]
    masses = ["p_crossed_by_projection_end", "p_after_projection_end", "p_never"]
    assert frame[masses].sum(axis=1).tolist() == [0.25 + 0.13 + 0.62]
