"""Holistic Agent Leaderboard: the SQLite file of one benchmark (Princeton).

One row of ``parsed_results`` is one run; an agent may have several, and each is read.
Scores are fractions; lists of tasks are Python lists printed into a text cell. The
file is opened as a copy in memory, and nothing that it says is run: views, triggers,
functions and attached files are refused, and work and sizes have limits.
"""

import ast
import sqlite3
import warnings
from collections.abc import Mapping
from contextlib import closing
from typing import Annotated, Final

from pydantic import Field

from trends.characters import quote
from trends.registry import Entry
from trends.registry.models import Identifier, Text
from trends.sources import SourceError
from trends.sources.csv_text import name_missing
from trends.sources.origin import Origin
from trends.sources.reading import (
    MAX_BYTES,
    MAX_ROWS,
    Reading,
    ReadRequest,
    Rows,
    options,
    percent,
    require_benchmarks,
)

TABLE: Final = "parsed_results"
COLUMNS: Final = (
    "benchmark_name",
    "agent_name",
    "date",
    "run_id",
    "model_name",
    "successful_tasks",
    "failed_tasks",
)
MAGIC: Final = b"SQLite format 3\x00"

_MOST_BYTES_OF_A_CELL: Final = 1_000_000
_LONGEST_LIST: Final = 200_000
"""Characters of a printed list; HAL's longest has about 1,000."""
_STEPS: Final = 50_000_000
"""Steps of SQLite's machine after which a file counts as made to hang."""

Cell = str | int | float | bytes | None


class HalBenchmark(Entry):
    """Which benchmark of the project one of HAL's is, and which column is its score."""

    benchmark: Identifier
    score: Text = "accuracy"


class HalOptions(Origin):
    """What sources.yaml says of the file.

    ``benchmarks`` are by the name that the column benchmark_name has for them.
    """

    benchmarks: Annotated[dict[Text, HalBenchmark], Field(min_length=1)]


def recognises(content: bytes) -> bool:
    """Whether a file is SQLite with a table of parsed results."""
    return content.startswith(MAGIC) and TABLE.encode() in content


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every run of the file, fractions as percent.

    Raises:
        SourceError: not SQLite, damaged, or without the table and columns it had.
    """
    chosen = options(request, HalOptions)
    require_benchmarks(request, {each.benchmark for each in chosen.benchmarks.values()})
    extra = {each.score for each in chosen.benchmarks.values()} - set(COLUMNS)
    rows = Rows(request)
    runs = _runs(content, request.name, (*COLUMNS, *sorted(extra)))
    for place, run in enumerate(runs, start=1):
        _take(rows, place, run, chosen)
    return rows.reading()


def _take(rows: Rows, place: int, run: Mapping[str, Cell], chosen: HalOptions) -> None:
    shown = {name: run[name] for name in ("agent_name", "date", "run_id")}
    published = _text(run["benchmark_name"])
    known = chosen.benchmarks.get(published or "")
    model, score = _text(run["model_name"]), known and _text(run[known.score])
    if known is None:
        rows.drop(place, f"benchmark_name is {quote(published)}, not carried", shown)
    elif not model:
        rows.fault(place, "model_name is empty", shown)
    elif not score:
        rows.fault(place, f"{known.score} is empty", shown)
    else:
        agent = _text(run["agent_name"]) or ""
        cells = chosen.cells | {
            "model_name_published": _joined(model),
            "score": percent(score),
            "harness": agent.removesuffix(f"({model})").rstrip() or chosen.harness,
            "reported_on": _text(run["date"]),
            "note": _tasks(run),
        }
        rows.score(place, known.benchmark, shown, **cells)


def _runs(
    content: bytes, name: str, columns: tuple[str, ...]
) -> list[Mapping[str, Cell]]:
    """Rows of the table, in the order of the file."""
    if len(content) > MAX_BYTES:
        raise SourceError(
            f"{name}: {len(content):,} bytes, and {MAX_BYTES:,} are the most", file=name
        )
    if not content.startswith(MAGIC):
        raise SourceError(f"{name}: not a SQLite file", file=name)
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(content)
            _forbid_all_but_reading(database)
            _check_columns(database, name, columns)
            named = ", ".join(f'"{column}"' for column in columns)
            # The names are this module's and the registry's, and were found as columns.
            query = f'SELECT {named} FROM "{TABLE}" LIMIT {MAX_ROWS + 1}'  # noqa: S608
            rows = database.execute(query).fetchall()
    except (sqlite3.Error, MemoryError, OverflowError) as error:
        raise SourceError(
            f"{name}: cannot be read as SQLite ({error}); is the download damaged?",
            file=name,
        ) from error
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _forbid_all_but_reading(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA trusted_schema = OFF")
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES_OF_A_CELL)
    database.text_factory = bytes
    database.set_progress_handler(lambda: True, _STEPS)
    database.set_authorizer(_allow_reading)


def _allow_reading(action: int, first: str | None, *_: str | None) -> int:
    reads = (
        action == sqlite3.SQLITE_SELECT
        or (action == sqlite3.SQLITE_READ and first in {TABLE, "sqlite_master"})
        or (action == sqlite3.SQLITE_PRAGMA and first == "table_info")
    )
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY


def _check_columns(
    database: sqlite3.Connection, name: str, columns: tuple[str, ...]
) -> None:
    kinds = database.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = ?", (TABLE,)
    ).fetchall()
    words = [(kind, (sql or b"").split(None, 2)[:2]) for kind, sql in kinds]
    if words != [(b"table", [b"CREATE", b"TABLE"])]:
        raise SourceError(f"{name}: no table {TABLE!r}", file=name)
    described = database.execute(f'PRAGMA table_info("{TABLE}")').fetchall()
    header = [_text(column[1]) or "" for column in described]
    missing = [name_missing(one, header) for one in columns if one not in header]
    if missing:
        raise SourceError(
            f"{name}: {TABLE}: {'; '.join(missing)}. The publisher has changed the "
            "table: compare the file with its reader",
            file=name,
        )


def _text(cell: Cell) -> str | None:
    if isinstance(cell, bytes):
        return cell.decode(errors="backslashreplace")
    return None if cell is None else repr(cell)


def _joined(model: str) -> str:
    """Several models of one agent are printed as a list."""
    return " + ".join(_printed_list(model) or [model])


def _tasks(run: Mapping[str, Cell]) -> str | None:
    """How many tasks of how many were solved, where the lists can be read."""
    solved = _printed_list(_text(run["successful_tasks"]))
    failed = _printed_list(_text(run["failed_tasks"]))
    if solved is None or failed is None:
        return None
    return f"{len(solved)} of {len(solved) + len(failed)} tasks"


def _printed_list(text: str | None) -> list[str] | None:
    """A Python list of names as Python prints it; nothing else is evaluated."""
    if text is None or len(text) > _LONGEST_LIST or not text.startswith("["):
        return None
    try:
        with warnings.catch_warnings(action="ignore"):  # of "\\d" and the like
            names = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    is_list = isinstance(names, list) and all(isinstance(one, str) for one in names)
    return names if is_list else None
