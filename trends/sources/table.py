"""Any table in CSV or JSON, by what sources.yaml says of its columns.

A new leaderboard needs no code: ``columns`` says which column, or which path in a JSON
row, holds which cell of RAW_SCORES; ``constants`` give cells that all rows share;
``where`` keeps rows by what a column says; ``factor`` goes from the file's unit to the
series'; ``benchmark`` tells the rows of several benchmarks apart.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from trends.characters import quote
from trends.registry import Entry
from trends.registry.models import Identifier, Text
from trends.sources import SourceError
from trends.sources.csv_text import records
from trends.sources.json_text import Object, lines_of, parse_json
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    decode,
    one_line,
    only_benchmark,
    options,
    require_benchmarks,
    scaled,
)
from trends.sources.templates import fields_of, fill
from trends.tables import RAW_SCORES

CELLS: Final = tuple(
    column.name
    for column in RAW_SCORES.columns
    if column.name not in {"source_id", "benchmark_id", "source_file", "source_row"}
)
NEEDED: Final = ("model_name_published", "score")
NUMBERS: Final = ("score", "standard_error", "ci_low", "ci_high")
DAYS: Final = ("release_date", "reported_on")
ISO: Final = "%Y-%m-%d"
NO_SCORE: Final = ("", "-", "ERR", "N/A")


def _known_cell(name: str) -> str:
    if name not in CELLS:
        raise ValueError(f"no such cell; there are {', '.join(CELLS)}")
    return name


CellName = Annotated[str, AfterValidator(_known_cell)]


class BenchmarkColumn(Entry):
    """Which column says of which benchmark a row is, and which name is which."""

    column: Text
    names: Annotated[dict[Text, Identifier], Field(min_length=1)]


class TableOptions(Origin):
    """What sources.yaml says of the file.

    Attributes:
        columns: column, path (``metrics.accuracy``) or words with fields
            (``{agent}[ ({effort})]``) by the cell that they fill.
        constants: cells of every row; a column goes before them.
        rows: path of the list of rows in JSON; the file itself where it is not given.
        delimiter: what stands between cells of CSV.
        where: values that a column may have; other rows give no score.
        no_score: cells that say that a row has no score.
        benchmark: where rows are of several benchmarks.
        factor: from the file's unit to the published unit of the series.
        plus_minus: the score cell reads ``41.2 ± 0.5``, the latter a standard error.
        dates: how days are written, as strptime takes it.
    """

    columns: dict[CellName, Text]
    constants: Annotated[dict[CellName, Text], Field(default_factory=dict)]
    rows: Text | None = None
    delimiter: Literal[",", ";", "\t", "|"] = ","
    where: Annotated[dict[Text, list[str]], Field(default_factory=dict)]
    no_score: Annotated[list[str], Field(default_factory=lambda: list(NO_SCORE))]
    benchmark: BenchmarkColumn | None = None
    factor: Annotated[Decimal, Field(gt=0, le=1_000_000)] = Decimal(1)
    plus_minus: bool = False
    dates: Text = ISO

    @model_validator(mode="after")
    def _say_where_the_score_is(self) -> Self:
        filled = {*self.columns, *self.constants}
        if missing := [name for name in NEEDED if name not in filled]:
            raise ValueError(f"columns does not say where {missing} is")
        return self

    @property
    def fields(self) -> list[str]:
        """Every column or path that the options name."""
        asked = [
            name
            for wanted in self.columns.values()
            for name in (fields_of(wanted) or [wanted])
        ]
        told_apart = [self.benchmark.column] if self.benchmark else []
        return list(dict.fromkeys([*asked, *self.where, *told_apart]))


class _Row(NamedTuple):
    line: int
    value_of: Callable[[str], str | None]
    shown: object
    wrong: str | None


def recognises(content: bytes) -> bool:
    """Whether the file looks like a table in JSON or CSV: other readers go first."""
    start = content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in {b"[", b"{"} or any(
        mark in start.partition(b"\n")[0] for mark in (b",", b";", b"\t", b"|")
    )


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every row of the table.

    Raises:
        SourceError: neither JSON nor CSV, no rows, or without a column that is named.
    """
    chosen = options(request, TableOptions)
    if chosen.benchmark:
        require_benchmarks(request, set(chosen.benchmark.names.values()))
    rows = Rows(request)
    for row in _rows(content, request.name, chosen):
        if row.wrong:
            rows.fault(row.line, row.wrong, row.shown)
        elif reason := _why_left_out(row, chosen):
            rows.drop(row.line, reason, row.shown)
        else:
            benchmark_id = _benchmark(row, request, chosen)
            rows.score(row.line, benchmark_id, row.shown, **_cells(row, chosen))
    return rows.reading()


def _rows(content: bytes, name: str, chosen: TableOptions) -> Iterator[_Row]:
    text = decode(content, name)
    if text.lstrip()[:1] in {"[", "{"}:
        yield from _json_rows(content, name, chosen)
        return
    read_as = records(content, name, required=chosen.fields, delimiter=chosen.delimiter)
    for line, cells, wrong in read_as:
        yield _Row(line, cells.get, cells, wrong)


def _json_rows(content: bytes, name: str, chosen: TableOptions) -> Iterator[_Row]:
    value = parse_json(content, name)
    entries = _at(value, chosen.rows) if chosen.rows else value
    if not isinstance(entries, list):
        where = f"at {chosen.rows!r}" if chosen.rows else "at the top"
        raise SourceError(
            f"{name}: no list of rows {where}: say in `rows` where it is", file=name
        )
    for line, entry in zip(lines_of(entries), entries, strict=True):
        missing = [one for one in chosen.fields if not _is_there(entry, one)]
        wrong = f"no field {', '.join(map(repr, missing))}" if missing else None
        yield _Row(line, _texts_of(entry), entry, wrong)


def _texts_of(entry: Any) -> Callable[[str], str | None]:
    def value_of(path: str) -> str | None:
        value = _at(entry, path)
        if isinstance(value, bool):
            return str(value).lower()
        return value if isinstance(value, str) else None

    return value_of


def _at(value: Any, path: str) -> Any:
    """What stands at a path; a key may have dots in it itself."""
    if isinstance(value, list):
        value = Object((str(place), one) for place, one in enumerate(value))
    if not isinstance(value, Object):
        return None
    if path in value:
        return value[path]
    for dot in re.finditer(r"\.", path):
        if (step := path[: dot.start()]) in value:
            return _at(value[step], path[dot.end() :])
    return None


def _is_there(entry: Any, path: str) -> bool:
    """A field that stands there may be null; one inside of a null may be missing."""
    if not isinstance(entry, Object):
        return False
    return path in entry or path.partition(".")[0] in entry


def _why_left_out(row: _Row, chosen: TableOptions) -> str | None:
    for column, kept in chosen.where.items():
        if (value := row.value_of(column) or "") not in kept:
            return f"{column} is {quote(value)}"
    if told := chosen.benchmark:
        name = row.value_of(told.column) or ""
        if name not in told.names:
            return f"{told.column} is {quote(name)}, not carried"
    if "score" in chosen.columns:
        score = (_cell(row, chosen.columns["score"]) or "").strip()
        if score in chosen.no_score:
            return f"{chosen.columns['score']} is {score or 'empty'}: no score"
    return None


def _benchmark(row: _Row, request: ReadRequest, chosen: TableOptions) -> str:
    if chosen.benchmark is None:
        return only_benchmark(request)
    return chosen.benchmark.names[row.value_of(chosen.benchmark.column) or ""]


def _cells(row: _Row, chosen: TableOptions) -> dict[str, str | None]:
    cells: dict[str, str | None] = chosen.cells | {"harness": chosen.harness}
    cells |= chosen.constants
    for name, wanted in chosen.columns.items():
        cells[name] = one_line(_cell(row, wanted)) or cells.get(name)
    if chosen.plus_minus:
        score, _, error = (cells["score"] or "").partition("±")
        cells |= {"score": score.strip(), "standard_error": error.strip() or None}
    for name in NUMBERS:
        if (number := cells.get(name)) is not None:
            cells[name] = _number(number, chosen.factor)
    for name in DAYS:
        if (day := cells.get(name)) is not None:
            cells[name] = _day(day, chosen.dates)
    return cells


def _cell(row: _Row, wanted: str) -> str | None:
    return fill(wanted, row.value_of) if fields_of(wanted) else row.value_of(wanted)


def _number(cell: str, factor: Decimal) -> str:
    number = cell.removesuffix("%").rstrip()
    return number if factor == 1 else scaled(number, factor)


def _day(cell: str, pattern: str) -> str:
    """In ISO where the cell is such a day; what is none is left for the gate."""
    if pattern == ISO:
        return cell[:10] if cell[10:11] in {"T", " "} else cell
    try:
        return datetime.strptime(cell, pattern).date().isoformat()  # noqa: DTZ007
    except ValueError:
        return cell
