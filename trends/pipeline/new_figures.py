"""The table that somebody published of a benchmark which is not in the registry yet.

What its columns and its cells do not say is asked for, all at once.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from trends.characters import quote
from trends.pipeline.columns import USUAL_NAMES, column_of
from trends.pipeline.errors import RequestError
from trends.registry import SourceFile
from trends.registry.models import ScoreUnit
from trends.sources import SourceError, table
from trends.sources.csv_text import delimiter_of, header
from trends.sources.reading import Dropped, ReadRequest, decode
from trends.sources.shipped_figures import COLUMNS, OPTIONAL_COLUMNS

UNITS: Final = ("percent", *(one.value for one in ScoreUnit))
"""What --unit may say; a fraction is carried in percent, as the files have it."""


@dataclass(frozen=True)
class Published:
    """A published table, and what the person who adds it says of it.

    Attributes:
        path: the file.
        unit: of its scores; one of UNITS.
        columns: cell to column, where the names do not say so.
        page: address of the page where the figures stand.
        reporter: who published them.
        dates: how days are written, as strptime takes it.
    """

    path: Path
    unit: str | None
    columns: Mapping[str, str]
    page: str | None
    reporter: str | None
    dates: str = table.ISO


class NewFigures(NamedTuple):
    """What a published table gives.

    Attributes:
        rows: RAW_SCORES rows.
        dropped: rows of the file that give none.
        unused: columns of the file that nothing was read from.
    """

    rows: pl.DataFrame
    dropped: tuple[Dropped, ...]
    unused: tuple[str, ...]


def read_figures(benchmark_id: str, source_id: str, published: Published) -> NewFigures:
    """Read a table of a benchmark that the registry does not have yet.

    Raises:
        RequestError: the table needs an answer, or one that was given cannot be.
        SourceError: the table cannot be read.
    """
    name = published.path.name
    try:
        content = published.path.read_bytes()
    except OSError as error:
        said = f"{published.path}: cannot be read: {error.strerror}"
        raise SourceError(said, file=name) from error
    decode(content, name)  # before anything is asked about what it says
    delimiter = delimiter_of(content)
    found = _header(content, delimiter)
    columns = _columns(found, published)
    _require_answers(columns, found, published)
    options = {
        "reporter": published.reporter or "unstated",
        "source_url": published.page,
        "columns": columns,
        "delimiter": delimiter,
        "dates": published.dates,
        "factor": 100 if published.unit == "fraction" else 1,
    }
    file = SourceFile.model_validate(
        {
            "id": "table",
            "address": published.page,
            "reader": "table",
            "benchmarks": [benchmark_id],
            "options": options,
        }
    )
    reading = table.read(content, ReadRequest(source_id, file, name))
    _require_unit(reading.rows["score"], published)
    used = set(columns.values())
    unused = tuple(one for one in found if one not in used)
    return NewFigures(reading.rows, reading.dropped, unused)


def _header(content: bytes, delimiter: str) -> list[str]:
    """Columns of CSV, or keys of the first row of JSON."""
    try:
        rows = json.loads(content)
    except ValueError:
        return header(content, delimiter)
    is_table = isinstance(rows, list) and rows and isinstance(rows[0], dict)
    return list(rows[0]) if is_table else []


def _columns(found: list[str], published: Published) -> dict[str, str]:
    for cell, column in published.columns.items():
        if cell not in USUAL_NAMES:
            known = ", ".join(USUAL_NAMES)
            raise RequestError(
                f"no cell {quote(cell)} for --column; there are: {known}"
            )
        if found and column not in found:
            known = ", ".join(quote(one) for one in found)
            raise RequestError(
                f"{published.path.name} has no column {quote(column)}; it has: {known}"
            )
    # a column that somebody has given to a cell is not another's by its name
    left = [one for one in found if one not in published.columns.values()]
    by_name = {cell: column_of(cell, left) for cell in USUAL_NAMES}
    return {cell: column for cell, column in by_name.items() if column} | dict(
        published.columns
    )


def _require_answers(
    columns: Mapping[str, str], found: Sequence[str], published: Published
) -> None:
    """Ask for all that neither the table nor the person has said, at once."""
    questions = [
        f"which column has the {what}? --column {cell}=NAME"
        for cell, what in (("model_name_published", "models"), ("score", "scores"))
        if cell not in columns
    ]
    if questions:
        has = f"it has: {', '.join(map(quote, found))}" if found else "it has none"
        questions[-1] += f" ({has})"
    if published.unit is None:
        questions.append(f"in which unit are the scores? --unit {'|'.join(UNITS)}")
    if published.page is None:
        questions.append("on which page do they stand? --page https://...")
    if published.reporter is None and "reporter" not in columns:
        questions.append(
            "who published them? --reporter benchmark_authors|leaderboard|independent|"
            "developer|unstated"
        )
    if questions:
        raise RequestError(f"{published.path.name}: " + "; ".join(questions))


def _require_unit(scores: pl.Series, published: Published) -> None:
    """Refuse a unit in which the best score cannot be meant.

    Raises:
        RequestError: fractions in percent, or percent called fractions.
    """
    numbers = []
    for cell in scores.drop_nulls():
        try:
            numbers.append(Decimal(cell))
        except InvalidOperation:
            continue  # the gate names the row
    best = max((one for one in numbers if one.is_finite()), default=None)
    if best is None:
        return
    if published.unit == "percent" and 0 < best <= 1:
        raise RequestError(
            f"the best of {len(numbers)} scores would be {best}%: are they fractions? "
            "Then say --unit fraction"
        )
    if published.unit == "fraction" and best > 100:
        raise RequestError(
            f"the best score would be {best}%: no fraction is above 1; say --unit percent"
        )


def as_csv(rows: pl.DataFrame) -> str:
    """RAW_SCORES rows as a file of figures has them."""
    optional = [one for one in OPTIONAL_COLUMNS if rows[one].null_count() < rows.height]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [*COLUMNS, *optional]
    writer.writerows([columns, *rows.select(columns).fill_null("").iter_rows()])
    return text.getvalue()
