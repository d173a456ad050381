"""Epoch AI's benchmarking hub: a zip archive with one CSV file a benchmark.

Each member has columns of its own, so sources.yaml says which column holds what, and in
which unit. Members that it does not name are not opened. One member alone, as Epoch
offers it for download, is read the same way under its name.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Annotated, Final, Literal

import polars as pl
from pydantic import Field, StringConstraints

from trends.registry import Entry
from trends.registry.models import Identifier, Text
from trends.sources import SourceError, csv_text
from trends.sources.archives import Archive
from trends.sources.csv_text import Record
from trends.sources.origin import Origin
from trends.sources.reading import (
    Dropped,
    Reading,
    ReadRequest,
    Rows,
    cells_of,
    one_line,
    options,
    percent,
    require_benchmarks,
)

MODEL: Final = "Model version"
RELEASED: Final = "Release date"
DEVELOPER: Final = "Organization"

MemberName = Annotated[str, StringConstraints(pattern=r"^[\w./-]+\.csv$")]


class Number(Entry):
    """A column of numbers: fractions, or already in the unit of the series."""

    column: Text
    unit: Literal["fraction", "published"]

    def of(self, record: Record) -> str:
        """The number of one row in the unit of the series, as text."""
        cell = record.cells[self.column]
        return percent(cell) if self.unit == "fraction" else cell.strip()


class Member(Origin):
    """What one member holds.

    Attributes:
        score: its headline.
        standard_error: of the same runs.
        model: column with the model's name.
        reported_on: column with the day or instant of the run.
        address: column with the address of the run; ``source_url`` where it is empty.
    """

    benchmark: Identifier
    score: Number
    standard_error: Number | None = None
    model: Text = MODEL
    reported_on: Text | None = None
    address: Text | None = None

    @property
    def columns(self) -> list[str]:
        """Every column that is read."""
        named = [
            self.model,
            self.score.column,
            self.standard_error.column if self.standard_error else None,
            self.reported_on,
            self.address,
            RELEASED,
            DEVELOPER,
        ]
        return [column for column in named if column is not None]


class Options(Entry):
    """Members by their name in the archive."""

    members: Annotated[dict[MemberName, Member], Field(min_length=1)]


def recognises(content: bytes) -> bool:
    """Whether it is a zip archive, or has the columns of every member."""
    columns = {MODEL, RELEASED, DEVELOPER}
    return content[:2] == b"PK" or columns <= set(csv_text.header(content))


def read(content: bytes, request: ReadRequest) -> Reading:
    """One row a run of each member that is named; members that are not count as one.

    Raises:
        SourceError: no such archive, a named member is missing, or has no score.
    """
    named = options(request, Options).members
    require_benchmarks(request, {member.benchmark for member in named.values()})
    if content[:2] != b"PK":
        member = _member_called(request, named)
        return _read_member(content, named[member], request, request.name)
    archive = Archive(content, request.name)
    readings = [
        _read_member(archive.read(name), member, request, f"{request.name}/{name}")
        for name, member in named.items()
    ]
    unopened = tuple(
        Dropped(number, "a member that sources.yaml does not name", cells_of(name))
        for number, name in enumerate(archive.members, start=1)
        if name not in named
    )
    return Reading(
        pl.concat(reading.rows for reading in readings),
        tuple(one for reading in readings for one in reading.dropped) + unopened,
    )


def _member_called(request: ReadRequest, named: dict[str, Member]) -> str:
    """The member that a file on its own is, by its name or that of its address.

    Columns do not tell: most of Epoch's own benchmarks have the same.
    """
    names = {PurePosixPath(one).name for one in (request.name, request.file.address)}
    for member in named:
        if PurePosixPath(member).name in names:
            return member
    raise SourceError(
        f"{request.name}: is not called as a member that sources.yaml names: if it is "
        f"one, name it {' or '.join(named)}",
        file=request.name,
    )


def _read_member(
    content: bytes, member: Member, request: ReadRequest, name: str
) -> Reading:
    rows = Rows(request, name=name)
    for record in csv_text.records(content, name, required=member.columns):
        if record.wrong:
            rows.fault(record.line, f"a row {record.wrong}", record.cells)
        elif not (model := one_line(record.cells[member.model])):
            rows.drop(record.line, "names no model", record.cells)
        elif not record.cells[member.score.column].strip():
            rows.drop(record.line, "has no score", record.cells)
        else:
            cells = dict(_cells(record, member))
            rows.score(
                record.line,
                member.benchmark,
                record.cells,
                model_name_published=model,
                **cells,
            )
    return rows.reading()


def _cells(record: Record, member: Member) -> Iterator[tuple[str, str | None]]:
    yield from member.cells.items()
    yield "harness", member.harness
    yield "developer", one_line(record.cells[DEVELOPER])
    yield "release_date", _day(record.cells[RELEASED])
    yield "score", member.score.of(record)
    if member.standard_error:
        yield "standard_error", member.standard_error.of(record)
    if member.reported_on:
        yield "reported_on", _day(record.cells[member.reported_on])
    if member.address and (address := record.cells[member.address].strip()):
        yield "source_url", address


def _day(text: str) -> str:
    """The day of an instant (2026-03-06T11:07:43Z), or the text as it is."""
    text = text.strip()
    return text[:10] if text[10:11] in {"T", " "} else text
