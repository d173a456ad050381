"""What a table must satisfy, beyond its columns and types, to be published."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import polars as pl

from trends.tables import CONTRACT_VERSION, QUARANTINE, Column, Table
from trends.tables.shared import AS_OF, CONTRACT, RUN_ID

_FIRST_DAY: Final = date(1971, 1, 1)
_LAST_DAY: Final = date(2199, 12, 31)
"""Outside these lie only stand-ins for "no date": 1900, the Unix epoch, 9999."""


class OutputError(ValueError):
    """A run cannot be written, read or published as the contract promises."""


class NotCarriedError(OutputError):
    """A run is whole, but has no such file: an older version wrote it."""


def publishable(
    table: Table, frame: pl.DataFrame, *, as_of: date, run_id: str
) -> pl.DataFrame:
    """The frame in the table's columns and order, if every cell may be published.

    Raises:
        TableError: columns, types or never-null cells are not the table's.
        OutputError: a cell would mislead a reader: not finite, a sentinel date,
            an empty text, a value outside its enumeration, the stamp of another
            run, or a key that stands twice.
    """
    frame = table.conform(frame)
    stamps: dict[Column, date | str] = {
        AS_OF: as_of,
        RUN_ID: run_id,
        CONTRACT: CONTRACT_VERSION,
    }
    objections = [
        (column.name, is_wrong, harm)
        for column in table.columns
        for is_wrong, harm in _objections(column, stamps.get(column))
    ]
    counts = frame.select(
        is_wrong.sum().alias(str(i)) for i, (_, is_wrong, _) in enumerate(objections)
    ).row(0)
    for (name, is_wrong, harm), n_wrong in zip(objections, counts, strict=True):
        if n_wrong:
            first = frame.filter(is_wrong)[name][0]
            raise OutputError(
                f"{table.name}.{name} holds {first!r} "
                f"({n_wrong} of {len(frame)} rows): {harm}"
            )
    _require_unique_key(table, frame)
    return frame


def _objections(
    column: Column, stamp: date | str | None
) -> Iterator[tuple[pl.Expr, str]]:
    """Masks of cells that may not be published, each with the harm they would do."""
    cells = pl.col(column.name)
    if column.type == "number":
        yield ~cells.is_finite(), "not a number; publish null and say why in a label"
    if column.type == "date":
        is_date = cells.is_between(_FIRST_DAY, _LAST_DAY)
        yield ~is_date, "a sentinel is read as a date; publish null and say why"
    if column.type == "string":
        yield cells == "", "readers take an empty text for a missing one; publish null"
    if column.enum:
        unknown = ~cells.is_in(column.enum)
        yield unknown, f"the contract knows only {', '.join(column.enum)}"
    if stamp is not None:
        yield cells != stamp, f"the run is {stamp}; tables of two runs are mixed"


def _require_unique_key(table: Table, frame: pl.DataFrame) -> None:
    # A rejected row may break one expectation in two cells, so that log has no key.
    if table == QUARANTINE:
        return
    keys = frame[list(table.key)]
    if not keys.is_unique().all():
        repeated = keys.filter(keys.is_duplicated())
        raise OutputError(
            f"{table.name} has {len(repeated)} rows that share their key with another, "
            f"first {repeated.row(0, named=True)}; a join would count them twice"
        )
