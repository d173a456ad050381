"""What goes with the tables of a run: README.md and datapackage.json."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from pydantic import JsonValue

from trends.outputs.formats import RunFile, file_names
from trends.tables import CARRIED, CONTRACT_VERSION, PUBLISHED, Column, Table

CONVENTIONS: Final = """\
- Scores of bounded benchmarks and probabilities are fractions from 0 to 1, never
  percent.
- A date that does not exist is empty, never a far-future stand-in. The same row says
  why in a status and a label that are never empty ("after 2050", "never (62% of
  draws)", "not estimated: too few records"), and its probabilities add up. Averaging
  dates while skipping the empty ones leaves out the late and the never.
- CSV: UTF-8 without byte order mark, line feeds, comma, ISO dates, `true`/`false`,
  shortest decimals that read back to the same number; an empty cell is a missing value.
- CSV text that begins with `=`, `+`, `-`, `@`, a tab, a line break or an apostrophe has
  one apostrophe put before it, so that no spreadsheet runs it. Take one leading
  apostrophe off text to get the original. Parquet holds the original.
- Read `run_id` and `contract_version` as text; a reader that guesses types may take
  them for numbers.
- `crossing_cdf.parquet` has every month end, `crossing_cdf_quarterly.csv` only quarter
  ends.
- Parquet: dates are DATE, text is plain strings, zstd. The file's metadata names table
  and contract version.
- Rows are ordered by the table's key."""

_LICENCE: Final = {
    "name": "Apache-2.0",
    "path": "https://www.apache.org/licenses/LICENSE-2.0",
    "title": "Apache License 2.0",
}

_README: Final = """\
# benchmark-trends, vintage {as_of}

{headline}

A benchmark that crosses a bar is not automated R&D. Each row speaks of one published
benchmark, one bar and one curve family, on what was public by {as_of}.

## Files

| file | rows | what a row is |
|---|---:|---|
{files}

`manifest.json` has the SHA-256 of every file and what the run was made from;
`datapackage.json` the type, unit and meaning of every column; `quality.json` what was
checked and what was found, with a summary first.

## How to read them

```python
import polars as pl
summary = pl.read_parquet("crossing_summary.parquet").filter("is_headline")
```

```python
import pandas as pd
dates = ["as_of", "median_date", "q10_date", "q90_date"]
summary = pd.read_csv("crossing_summary.csv", parse_dates=dates)
```

```sql
-- DuckDB
SELECT threshold_label, crossing_status, median_label, interval80_label
FROM 'crossing_summary.parquet' WHERE is_headline;
```

In Excel take Data, From Text/CSV, and 65001: Unicode (UTF-8) as the file's origin.

{conventions}

## Citation and licence

> benchmark-trends, vintage {as_of}, run {run_id}, output contract {contract_version}.

The tables are under the Apache License 2.0. Scores are figures that others published:
`source_url` in `observations` says where, and data/README.md of the project how to cite
each source and under which terms its own files may be reused.
"""


def readme(
    headline: str, *, rows: Mapping[str, int | None], as_of: date, run_id: str
) -> RunFile:
    """README.md of a run; ``rows`` counts those of each file."""
    lines = [
        f"| {name} | {rows[name]} | {table.meaning} |"
        for table in (*PUBLISHED, *CARRIED)
        for name in file_names(table)
        if name in rows
    ]
    text = _README.format(
        headline=headline.strip(),
        files="\n".join(lines),
        conventions=CONVENTIONS,
        as_of=as_of,
        run_id=run_id,
        contract_version=CONTRACT_VERSION,
    )
    return RunFile(text.encode())


def data_package(
    *, as_of: date, run_id: str, carried: Collection[str] = ()
) -> dict[str, JsonValue]:
    """Descriptor of every table file, after https://datapackage.org/ version 2.0.

    Args:
        as_of: of the run.
        run_id: of the run.
        carried: names of the tables of a backtest that the run carries.
    """
    tables = [*PUBLISHED, *(table for table in CARRIED if table.name in carried)]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "benchmark-trends",
        "title": "When published AI benchmarks cross the bars that matter",
        "description": CONVENTIONS,
        "licenses": [dict(_LICENCE)],
        "as_of": as_of.isoformat(),
        "run_id": run_id,
        "contract_version": CONTRACT_VERSION,
        "resources": [
            _resource(table, name) for table in tables for name in file_names(table)
        ],
    }


def _resource(table: Table, file_name: str) -> dict[str, JsonValue]:
    resource: dict[str, JsonValue] = {
        "name": file_name,
        "type": "table",
        "path": file_name,
        "description": table.meaning,
        "schema": table_schema(table),
    }
    if file_name.endswith(".parquet"):
        return resource | {
            "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
        }
    return resource | {
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\n"},
    }


def table_schema(table: Table) -> dict[str, JsonValue]:
    """Table Schema of one table.

    The standard forbids empty cells in a primary key; a key with a nullable column is
    stated as a unique key.
    """
    key: list[JsonValue] = [*table.key]
    nullable = {column.name for column in table.columns if column.nullable}
    return {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
        **({"uniqueKeys": [key]} if nullable & set(table.key) else {"primaryKey": key}),
    }


def _field(column: Column) -> dict[str, JsonValue]:
    constraints: dict[str, JsonValue] = {"required": not column.nullable}
    if column.enum:
        constraints["enum"] = [*column.enum]
    field: dict[str, JsonValue] = {
        "name": column.name,
        "type": "datetime" if column.type == "instant" else column.type,
        "description": column.meaning,
        "constraints": constraints,
    }
    return field | {"unit": column.unit} if column.unit else field
