"""What goes with the tables of a run: README.md and datapackage.json."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import JsonValue

from trends.outputs.formats import RunFile, file_names
from trends.tables import (
    CARRIED,
    CONTRACT_VERSION,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    HEADLINE,
    PUBLISHED,
    QUARANTINE,
    THRESHOLDS,
    Column,
    Table,
)

_DRAFT: Final = "DRAFT "

_OF_BARS: Final = (HEADLINE, CROSSING_SUMMARY, CROSSING_QUANTILES, CROSSING_CDF)
"""Tables whose rows are of bars in ``thresholds`` of the same run."""

CONVENTIONS: Final = """\
- Scores of bounded benchmarks and probabilities are fractions from 0 to 1, never
  percent.
- A date that does not exist is empty, never a far-future stand-in. The same row says
  why in a status and a label that are never empty ("after 2050", "never (62%: the bar may
  lie above the ceiling)", "not estimated: too few records"), and its probabilities add up.
  Averaging dates while skipping the empty ones leaves out the late and the never.
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
# {draft}benchmark-trends, vintage {as_of}
{not_published}
{headline}

A benchmark that crosses a bar is not automated R&D. Each row speaks of one published
benchmark, one bar and one trend, on what was public by {as_of}.

## Files

{report}{bars}| file | rows | what a row is |
|---|---:|---|
{files}

`manifest.json` has the SHA-256 of every file and what the run was made from;
`datapackage.json` the type, unit and meaning of every column; `quality.json` what was
checked and what was found.

## How to read them

Each table is a CSV for people and spreadsheets and a Parquet file for programs.
`headline` stands on its own. Where there is no date the cell is empty, and the words
and probabilities of the same row say why: do not average dates without them.
Probabilities are from 0 to 1.

```python
import pandas as pd
headline = pd.read_csv("headline.csv", parse_dates=["as_of", "median_date"])
```

```sql
-- DuckDB
SELECT bar, median, interval80, p_by_end_2028 FROM 'headline.parquet' ORDER BY rank;
```

A spreadsheet opens `headline.csv` as UTF-8. CSV text that it could take for a formula
has an apostrophe before it.

## Citation and licence

> {draft}benchmark-trends, vintage {as_of}, run {run_id}, output contract {contract_version}.

The tables are under the Apache License 2.0. Scores are figures that others published:
`source_url` in `observations` says where, and data/README.md of the project how to cite
each source and under which terms its own files may be reused.
"""

_NOT_PUBLISHED: Final = """
**DRAFT: nobody published this run. Do not cite it.**
"""

_REPORT: Final = "`report.html` shows all of it, in any browser and offline.\n\n"

_BARS: Final = (
    "`bars/index.json` lists one address a bar, a page for programs and a card to embed; "
    "`feed.json` and `feed.xml` tell what changed.\n\n"
)


def readme(
    headline: str,
    *,
    files: Mapping[str, RunFile],
    as_of: date,
    run_id: str,
    draft: bool = False,
) -> bytes:
    """README.md of a run.

    Args:
        headline: Markdown that opens it.
        files: all other files of the run.
        as_of: of the run.
        run_id: of the run.
        draft: whether it says that it is one.
    """
    said: dict[tuple[int | None, str], list[str]] = {}
    for table in (*PUBLISHED, *CARRIED):
        for name in filter(files.__contains__, file_names(table)):
            said.setdefault((files[name].rows, file_meaning(table, name)), []).append(
                name
            )
    lines = [
        f"| {', '.join(names)} | {rows} | {meaning} |"
        for (rows, meaning), names in said.items()
    ]
    text = _README.format(
        headline=headline.strip(),
        files="\n".join(lines),
        report=_REPORT if "report.html" in files else "",
        bars=_BARS if "bars/index.json" in files else "",
        as_of=as_of,
        run_id=run_id,
        contract_version=CONTRACT_VERSION,
        draft=_DRAFT if draft else "",
        not_published=_NOT_PUBLISHED if draft else "",
    )
    return text.encode()


def file_meaning(table: Table, file_name: str) -> str:
    """What a row of one of a table's files is."""
    if table == CROSSING_CDF and file_name.endswith(".csv"):
        return (
            "Probability that a bar has been crossed by the end of each quarter: the "
            f"rows of {table.name}.parquet, which has every month, at quarter ends."
        )
    return table.meaning


def data_package(
    files: Mapping[str, RunFile], *, as_of: date, run_id: str, draft: bool = False
) -> dict[str, JsonValue]:
    """Descriptor of every table file, after https://datapackage.org/ version 2.0.

    Args:
        files: of the run, its tables among them.
        as_of: of the run.
        run_id: of the run.
        draft: whether it says that it is one.
    """
    title = "When published AI benchmarks cross the bars that matter"
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "benchmark-trends",
        "title": f"{_DRAFT}{title}" if draft else title,
        "description": CONVENTIONS,
        "licenses": [dict(_LICENCE)],
        "as_of": as_of.isoformat(),
        "run_id": run_id,
        "contract_version": CONTRACT_VERSION,
        "draft": draft,
        "resources": [
            _resource(table, name, files[name])
            for table in (*PUBLISHED, *CARRIED)
            for name in file_names(table)
            if name in files
        ],
    }


def _resource(table: Table, file_name: str, file: RunFile) -> dict[str, JsonValue]:
    resource: dict[str, JsonValue] = {
        "name": file_name,
        "path": file_name,
        "description": file_meaning(table, file_name),
    }
    if file_name.endswith(".csv"):
        return resource | {
            "type": "table",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": file.n_bytes,
            "hash": f"sha256:{file.sha256}",
            "dialect": {"lineTerminator": "\n"},
            "schema": table_schema(table),
        }
    return resource | {
        "type": "table",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": _parquet_schema(table),
    }


def table_schema(table: Table) -> dict[str, JsonValue]:
    """Table Schema of one table.

    The standard forbids empty cells in a primary key; a key with a nullable column is
    stated as a unique key.
    """
    key: list[JsonValue] = [*table.key]
    nullable = {column.name for column in table.columns if column.nullable}
    schema: dict[str, JsonValue] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
    }
    if table != QUARANTINE:  # a row may be rejected twice
        schema |= (
            {"uniqueKeys": [key]} if nullable & set(table.key) else {"primaryKey": key}
        )
    if table in _OF_BARS:
        schema["foreignKeys"] = [_to_thresholds()]
    return schema


def _to_thresholds() -> JsonValue:
    bar: list[JsonValue] = ["threshold_id", "bar_id"]
    resource = file_names(THRESHOLDS)[0]
    return {"fields": bar, "reference": {"resource": resource, "fields": bar}}


def _parquet_schema(table: Table) -> dict[str, JsonValue]:
    """Table Schema for readers that go through pandas, which has no empty integer."""
    schema = table_schema(table)
    schema["fields"] = [
        _field(column) | {"type": "any"}
        if column.type == "integer" and column.nullable
        else _field(column)
        for column in table.columns
    ]
    return schema


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
