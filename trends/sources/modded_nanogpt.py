"""modded-nanogpt: the table of world records in its README (KellerJordan).

Rows have no leading pipe; days are MM/DD/YY; times are minutes or hours. A record that
was timed again stands again under its number. Where timing changed, a new series
starts: a row belongs to the latest series that had begun on its day.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from trends.characters import quote
from trends.registry.models import Identifier, Text
from trends.sources import SourceError
from trends.sources.markdown_tables import MarkdownTable, find_tables
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    decode,
    options,
    require_benchmarks,
    scaled,
)

NUMBER: Final = "#"
TIME: Final = "Record time"
DATE: Final = "Date"
_DAY: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{2})")
_TIME: Final = re.compile(r"(\S+) +(minute|hour)s?")


class ModdedNanogptOptions(Origin):
    """What sources.yaml says of the table.

    ``heading`` is that above it; ``starts`` is the first day of each series.
    """

    heading: Text = "World record history"
    starts: Annotated[dict[Identifier, date], Field(min_length=1)]


class _Record(NamedTuple):
    day: date
    cells: dict[str, str | None]


def recognises(content: bytes) -> bool:
    """Whether the file holds a table of record times."""
    return (
        re.search(rb"^\|? *# *\| *Record time *\|", content, re.MULTILINE) is not None
    )


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every row of every table of records; those of other tracks give no score.

    Raises:
        SourceError: not UTF-8, no such table, or one without a column that it had.
    """
    chosen = options(request, ModdedNanogptOptions)
    require_benchmarks(request, set(chosen.starts))
    rows = Rows(request)
    for table in _tables(content, request.name, chosen):
        for line, cells in table.rows:
            row = dict(zip(table.header, cells, strict=False))
            if table.heading != chosen.heading:
                rows.drop(line, f"of another track, {quote(table.heading)}", row)
            elif wrong := table.why_misfit(cells):
                rows.fault(line, wrong, cells)
            else:
                _take(rows, line, row, chosen)
    return rows.reading()


def _tables(
    content: bytes, name: str, chosen: ModdedNanogptOptions
) -> list[MarkdownTable]:
    tables = [
        table
        for table in find_tables(decode(content, name))
        if {NUMBER, TIME} & set(table.header)
    ]
    wanted = [table for table in tables if table.heading == chosen.heading]
    if not wanted:
        headings = [table.heading for table in tables][:5]
        raise SourceError(
            f"{name}: no table of records under the heading {chosen.heading!r}, only "
            f"under {quote(headings)}: it was moved or renamed",
            file=name,
        )
    for table in wanted:
        table.require((NUMBER, TIME, DATE), name)
    return tables


def _take(
    rows: Rows, line: int, row: Mapping[str, str], chosen: ModdedNanogptOptions
) -> None:
    try:
        record = _record(row)
    except ValueError as error:
        rows.fault(line, str(error), row)
        return
    begun = {
        start: benchmark_id
        for benchmark_id, start in chosen.starts.items()
        if start <= record.day
    }
    if not begun:
        rows.drop(line, f"{record.day} is before the first day of any series", row)
        return
    cells = chosen.cells | {"harness": chosen.harness} | record.cells
    rows.score(line, begun[max(begun)], row, **cells)


def _record(row: Mapping[str, str]) -> _Record:
    if not re.fullmatch(r"[0-9]{1,6}", row[NUMBER]):
        raise ValueError(f"{NUMBER} is {quote(row[NUMBER])}, not a record's number")
    day = _day(row[DATE])
    cells: dict[str, str | None] = {
        "model_name_published": f"record {row[NUMBER]}",
        "release_date": day.isoformat(),
        "score": _minutes(row[TIME]),
        "reported_on": day.isoformat(),
    }
    return _Record(day, cells)


def _day(cell: str) -> date:
    try:
        month, day, year = map(int, _DAY.fullmatch(cell).groups())  # type: ignore[union-attr]
        return date(2000 + year, month, day)
    except (AttributeError, ValueError) as error:
        raise ValueError(f"{DATE} is {quote(cell)}, not a day as MM/DD/YY") from error


def _minutes(cell: str) -> str:
    if (found := _TIME.fullmatch(cell)) is None:
        raise ValueError(f"{TIME} is {quote(cell)}, neither minutes nor hours")
    number, unit = found.groups()
    return number if unit == "minute" else scaled(number, Decimal(60))
