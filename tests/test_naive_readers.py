"""Who opens a table in a hurry, with any tool and its defaults, is not misled.

Each rule is a question that a naive reader asks; each tool answers it in its own way,
and the answers must be those of somebody who read the data dictionary.
"""

import csv
import shutil
import statistics
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
import polars as pl
import pytest

from tests.output_runs import empty_where_allowed, plausible_tables, write
from tests.test_readers import CSV_TABLES, awkward_rows
from trends.outputs.formats import file_names
from trends.tables import HEADLINE, QUARANTINE, Table

Rows = list[dict[str, Any]]

_P: Final = ("p_by_now", "p_by_end_2027", "p_by_end_2028", "p_by_end_2030", "p_never")


def headline_row(
    name: str, median: str, day: date | None, *shares: float
) -> dict[str, object]:
    return empty_where_allowed(
        HEADLINE,
        rank=len(name),
        threshold_id=name,
        median=median,
        interval80=median,
        median_date=day,
        **dict(zip(_P, shares, strict=False)),
    )


ROWS: Final = [
    headline_row("a", "crossed 2025-11-24", date(2025, 11, 24), 1, 1, 1, 1, 0.0),
    headline_row("bb", "2027-03", date(2027, 3, 9), 0.1, 0.7, 0.8, 0.9, 0.01),
    headline_row(
        "ccc", "2031-05 (contested)", date(2031, 5, 2), 0, 0.1, 0.2, 0.45, 0.1
    ),
    headline_row("dddd", "after 2050", None, 0.0, 0.01, 0.02, 0.03, 0.3),
    headline_row("eeeee", "never (70% probability)", None, 0.0, 0.1, 0.2, 0.25, 0.7),
    headline_row("ffffff", "not estimated: too few records", None),
    headline_row("ggggggg", "withheld: intervals of this kind held 31% of 80", None),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = plausible_tables() | {HEADLINE.name: HEADLINE.frame(ROWS)}
    return write(tmp_path_factory.mktemp("results"), tables=tables)


# The tools, each with its defaults: rows as its user has them in hand


def with_pandas(run: Path) -> Rows:
    frame = pd.read_csv(run / "headline.csv", parse_dates=["as_of", "median_date"])
    return [
        {
            str(name): None
            if pd.isna(cell)
            else cell.date()
            if isinstance(cell, pd.Timestamp)
            else cell
            for name, cell in row.items()
        }
        for row in frame.to_dict("records")
    ]


def with_pandas_parquet(run: Path) -> Rows:
    frame = pd.read_parquet(run / "headline.parquet")
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]


def with_polars(run: Path) -> Rows:
    return pl.read_csv(run / "headline.csv", try_parse_dates=True).to_dicts()


def with_polars_parquet(run: Path) -> Rows:
    rows: Rows = pl.read_parquet(run / "headline.parquet").to_dicts()
    return rows


def with_duckdb(run: Path) -> Rows:
    rows: Rows = duckdb.read_csv(str(run / "headline.csv")).pl().to_dicts()
    return rows


def with_duckdb_parquet(run: Path) -> Rows:
    rows: Rows = duckdb.read_parquet(str(run / "headline.parquet")).pl().to_dicts()
    return rows


def with_the_csv_module(run: Path) -> Rows:
    with (run / "headline.csv").open(encoding="utf-8", newline="") as file:
        return [
            {
                name: None
                if cell == ""
                else float(cell)
                if name.startswith("p_")
                else date.fromisoformat(cell)
                if name in ("as_of", "median_date")
                else cell
                for name, cell in row.items()
            }
            for row in csv.DictReader(file)
        ]


TOOLS: Final = [
    with_pandas,
    with_pandas_parquet,
    with_polars,
    with_polars_parquet,
    with_duckdb,
    with_duckdb_parquet,
    with_the_csv_module,
]


# The rules: what is asked, and what every tool must answer


def unlikely_by_2028(rows: Rows) -> list[str]:
    """A missing probability is no small one."""
    shares = [(row["threshold_id"], row["p_by_end_2028"]) for row in rows]
    return [name for name, p in shares if p is not None and p < 0.5]


def words_of_rows_without_a_date(rows: Rows) -> list[str]:
    """Where a date is missing, words stand in the same row."""
    return [row["median"].split(":")[0] for row in rows if row["median_date"] is None]


def weight_of_what_a_mean_date_leaves_out(rows: Rows) -> list[float]:
    """The probabilities of a row without a date stand in it, unless none is known."""
    left = [row for row in rows if row["median_date"] is None]
    return [row["p_never"] for row in left if row["p_never"] is not None]


def first_and_last_date(rows: Rows) -> tuple[date, date]:
    """No date stands in for another: neither 1970 nor 9999 is among them."""
    days = [row["median_date"] for row in rows if row["median_date"] is not None]
    return min(days), max(days)


def largest_share(rows: Rows) -> float:
    """Probabilities are from 0 to 1 everywhere, never percent."""
    cells = chain.from_iterable(row.items() for row in rows)
    return max(
        float(cell)
        for name, cell in cells
        if name.startswith("p_") and cell is not None
    )


def labels_as_they_are(rows: Rows) -> list[str]:
    """No tool takes a label for a date or a number."""
    return [row["median"] for row in rows[:3]]


def is_in_the_order_of_the_table(rows: Rows) -> bool:
    """Rows need no sorting."""
    ranks = [int(row["rank"]) for row in rows]
    return ranks == sorted(ranks)


def typical_share(rows: Rows) -> float:
    """A median over rows skips those for which nothing is stated."""
    shares = [row["p_by_end_2030"] for row in rows if row["p_by_end_2030"] is not None]
    return float(statistics.median(shares))


RULES: Final[list[tuple[Callable[[Rows], object], object]]] = [
    (unlikely_by_2028, ["ccc", "dddd", "eeeee"]),
    (
        words_of_rows_without_a_date,
        ["after 2050", "never (70% probability)", "not estimated", "withheld"],
    ),
    (weight_of_what_a_mean_date_leaves_out, [0.3, 0.7]),
    (first_and_last_date, (date(2025, 11, 24), date(2031, 5, 2))),
    (largest_share, 1.0),
    (labels_as_they_are, ["crossed 2025-11-24", "2027-03", "2031-05 (contested)"]),
    (is_in_the_order_of_the_table, True),
    (typical_share, 0.45),
]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    ("rule", "answer"), RULES, ids=[rule.__name__ for rule, _ in RULES]
)
def test_a_naive_reader_is_not_misled(
    run: Path,
    tool: Callable[[Path], Rows],
    rule: Callable[[Rows], object],
    answer: object,
) -> None:
    assert rule(tool(run)) == answer


def test_a_missing_probability_is_loud_where_text_is_taken_for_a_number(
    run: Path,
) -> None:
    with (run / "headline.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["p_by_end_2028"] for row in csv.DictReader(file)]
    with pytest.raises(ValueError, match="could not convert string to float"):
        [float(cell) for cell in cells]


def test_r_finds_the_same_in_what_read_csv_does_by_default(run: Path) -> None:
    """R's read.csv takes "NA" and empty numbers for missing, and "" of text for text.

    So no text may be "NA", and no text column that is never empty may be empty.
    """
    with (run / "headline.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert not [cell for row in rows for cell in row.values() if cell == "NA"]
    assert all(row["median"] and row["interval80"] for row in rows)


# A spreadsheet


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Rows]:
    """Cells as LibreOffice Calc has them, formulas evaluated where there are any."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here")
    profile = tmp_path_factory.mktemp("office")
    # comma, quote, UTF-8, from line 1; special numbers detected, formulas evaluated
    options = "CSV:44,34,76,1,,0,false,true,false,false,false,0,true"

    def opened(path: Path) -> Rows:
        subprocess.run(
            [
                office,
                f"-env:UserInstallation=file://{profile}/profile",
                "--headless",
                "--convert-to",
                "fods",
                f"--infilter={options}",
                "--outdir",
                str(profile),
                str(path),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return list(_cells(profile / f"{path.stem}.fods"))

    return opened


_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def _cells(sheet: Path) -> Iterator[dict[str, Any]]:
    """Rows of a flat OpenDocument sheet: kind, date and formula of every cell."""
    root = ET.parse(sheet).getroot()  # noqa: S314  our own file
    header: list[str] | None = None
    for line in root.iter(f"{_TABLE}table-row"):
        cells = [
            {
                "kind": cell.get(f"{_OFFICE}value-type"),
                "date": cell.get(f"{_OFFICE}date-value"),
                "formula": cell.get(f"{_TABLE}formula"),
                "text": "".join(cell.itertext()).strip(),
            }
            for cell in line.iter(f"{_TABLE}table-cell")
            for _ in range(int(cell.get(f"{_TABLE}number-columns-repeated", "1")))
        ]
        if header is None:
            header = [str(cell["text"]) for cell in cells]
        else:
            yield dict(zip(header, cells, strict=False))


def test_a_spreadsheet_shows_dates_as_dates(
    run: Path, sheets: Callable[[Path], Rows]
) -> None:
    rows = sheets(run / "headline.csv")[: len(ROWS)]

    assert [row["as_of"]["kind"] for row in rows] == ["date"] * len(ROWS)
    assert [row["median_date"]["date"] for row in rows[:4]] == [
        "2025-11-24",
        "2027-03-09",
        "2031-05-02",
        None,
    ]
    assert [row["median"]["text"] for row in rows] == [one["median"] for one in ROWS]
    assert {row["median"]["kind"] for row in rows} == {"string"}


@pytest.mark.parametrize(
    "table", [t for t in CSV_TABLES if t != QUARANTINE], ids=lambda table: table.name
)
def test_a_spreadsheet_runs_no_formula_in_any_table(
    table: Table, tmp_path: Path, sheets: Callable[[Path], Rows]
) -> None:
    awkward = awkward_rows(table)
    tables = plausible_tables() | {table.name: table.frame(awkward)}
    run = write(tmp_path, tables=tables)
    rows = sheets(run / file_names(table)[0])

    cells = [cell for row in rows for cell in row.values()]
    formulas = [c for row in awkward for c in row.values() if str(c).startswith("=")]
    told = [cell for cell in cells if cell["text"].startswith("'=")]
    assert bool(told) == bool(formulas)
    assert not [cell for cell in cells if cell["formula"] is not None]


def test_a_spreadsheet_would_run_a_formula_that_is_not_guarded(
    tmp_path: Path, sheets: Callable[[Path], Rows]
) -> None:
    """So that the test above can fail."""
    bad = tmp_path / "bad.csv"
    bad.write_text("label\n=1+1\n")

    assert sheets(bad)[0]["label"]["formula"] is not None
