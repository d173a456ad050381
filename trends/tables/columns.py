"""Columns and tables: names, types, units, meanings, and how frames conform to them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Final

import numpy as np
import polars as pl

_TYPES: Final[dict[str, pl.DataType]] = {
    "string": pl.String(),
    "date": pl.Date(),
    "instant": pl.Datetime("us", "UTC"),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
}


class TableError(ValueError):
    """A frame does not have the columns or types that its table promises."""


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit, and whether it may be empty."""

    name: str
    type: str
    meaning: str
    unit: str | None = None
    nullable: bool = True
    enum: tuple[str, ...] | None = None

    @property
    def dtype(self) -> pl.DataType:
        """The polars type of this column."""
        return _TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table: name (also of its file, suite and asset), key and columns."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @cached_property
    def schema(self) -> pl.Schema:
        """Column names and polars types, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def frame(self, rows: list[dict[str, object]]) -> pl.DataFrame:
        """Rows as a frame of exactly this table's columns and types.

        Raises:
            TableError: a row has a column that the table does not know.
        """
        known = set(self.schema)
        for row in rows:
            if unknown := row.keys() - known:
                raise TableError(f"{self.name} has no column {sorted(unknown)}")
        return pl.DataFrame(rows, schema=self.schema, orient="row")

    def exploded(self, rows: list[dict[str, Any]], *lists: str) -> pl.DataFrame:
        """As ``frame``, from rows that stand for as many as some of their cells list.

        Args:
            rows: each with as many values in one of those cells as in the next.
            lists: columns of these cells.
        """
        once = self.frame([row | dict.fromkeys(lists) for row in rows])
        counts = [len(row[lists[0]]) for row in rows]
        return once[np.repeat(np.arange(len(rows)), counts)].with_columns(
            pl.Series(name, [*chain(*(row[name] for row in rows))], self.schema[name])
            for name in lists
        )

    def filled_up(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A frame written before some columns existed, with them empty.

        Only columns that may be empty are added to a table within one contract.
        """
        return frame.with_columns(
            pl.lit(None, column.dtype).alias(column.name)
            for column in self.columns
            if column.nullable and column.name not in frame.columns
        )

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with this table's columns in order, ordered by the key.

        Raises:
            TableError: a column is missing, has another type, or holds a null
                where the contract says never null.
        """
        if missing := [c.name for c in self.columns if c.name not in frame.columns]:
            raise TableError(f"{self.name} lacks {missing}")
        frame = frame[self.schema.names()]
        types = frame.schema
        for column in self.columns:
            found = types[column.name]
            if found != column.dtype:
                raise TableError(
                    f"{self.name}.{column.name} is {found}, not {column.dtype}"
                )
            nulls = frame.get_column(column.name).null_count()
            if nulls and not column.nullable:
                raise TableError(
                    f"{self.name}.{column.name} has {nulls} empty cells; "
                    "readers rely on it being filled"
                )
        return frame.sort(self.key, maintain_order=True)


def text(name: str, meaning: str, *, enum: tuple[str, ...] | None = None) -> Column:
    """Text that is never empty."""
    return Column(name, "string", meaning, nullable=False, enum=enum)


def text_or_null(
    name: str, meaning: str, *, enum: tuple[str, ...] | None = None
) -> Column:
    """Text that may be empty."""
    return Column(name, "string", meaning, enum=enum)


def date_or_null(name: str, meaning: str) -> Column:
    """A day that may not be known, or may never come."""
    return Column(name, "date", meaning)


def date_given(name: str, meaning: str) -> Column:
    """A day that is always known."""
    return Column(name, "date", meaning, nullable=False)


def number(name: str, meaning: str, unit: str | None = None) -> Column:
    """A number that may be missing."""
    return Column(name, "number", meaning, unit)


def probability(name: str, meaning: str) -> Column:
    """A probability that may not be estimated."""
    return Column(name, "number", meaning, "probability")


def count(name: str, meaning: str) -> Column:
    """How many of something."""
    return Column(name, "integer", meaning, "count", nullable=False)
