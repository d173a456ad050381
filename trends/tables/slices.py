"""Large tables a part at a time, so that memory does not grow with them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from trends.tables.crossings import CROSSING_CDF, CROSSING_QUANTILES
from trends.tables.trends import SCORE_FORECAST

# polars reads twice as many row groups ahead as it has threads, which took 140 MiB here
os.environ.setdefault("POLARS_ROW_GROUP_PREFETCH_SIZE", "1")

Frame = pl.DataFrame | pl.LazyFrame
"""Rows in memory, or rows of a file that are read as they are asked for."""

STREAMED: Final = (CROSSING_CDF, CROSSING_QUANTILES, SCORE_FORECAST)
"""Tables with hundreds of rows a bar or series, which nobody holds whole."""

ROWS: Final = 250_000
"""Rows of a part, and of a row group of Parquet, so that no byte of a file depends on
how its rows came; the shipped tables are one each."""


CHECKED_ROWS: Final = 100_000
"""Rows that are looked at together: suites and sorting take several copies of them."""


def held(tables: Mapping[str, Frame]) -> dict[str, pl.DataFrame]:
    """Those of the tables that are in memory."""
    return {
        name: frame for name, frame in tables.items() if isinstance(frame, pl.DataFrame)
    }


def slices(frame: Frame, by: str, *, rows: int = ROWS) -> Iterator[pl.DataFrame]:
    """The rows in their order, about so many at a time.

    Args:
        frame: rows.
        by: a column; rows that have the same in it come together. Where such rows lie
            apart in the frame, all rows come at once.
        rows: how many, at least; the last part has what is left.
    """
    lazy = frame.lazy()
    runs = (
        lazy.select(by, row=pl.int_range(pl.len(), dtype=pl.Int64))
        .group_by(by, maintain_order=True)
        .agg(first=pl.col("row").min(), last=pl.col("row").max(), n=pl.len())
        .collect(engine="streaming")
    )
    together = (runs["last"] - runs["first"] + 1 == runs["n"]).all()
    if not together or runs["n"].sum() <= rows:
        yield lazy.collect()
        return
    start, end = 0, 0
    for last in runs["last"]:
        end = last + 1
        if end - start >= rows:
            yield lazy.slice(start, end - start).collect()
            start = end
    if end > start:
        yield lazy.slice(start, end - start).collect()


def merged(frames: Sequence[pl.LazyFrame], by: str) -> pl.LazyFrame:
    """The rows of several frames in one order, read as they are asked for.

    Only frames whose ranges of ``by`` overlap are in memory together.

    Args:
        frames: at least one, each in order of ``by``; rows that have the same in it
            are all in one of them.
        by: a column of text or days.
    """

    def read(
        columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        _batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        for part in _swept(frames, by):
            rows = part if predicate is None else part.filter(predicate)
            rows = rows if columns is None else rows.select(columns)
            if n_rows is not None:
                rows = rows.head(n_rows)
                n_rows -= rows.height
            yield rows

    return register_io_source(read, schema=frames[0].collect_schema())


def _swept(frames: Sequence[pl.LazyFrame], by: str) -> Iterator[pl.DataFrame]:
    """Frames in order of their first rows; of each what stands before the next."""
    firsts = [frame.select(pl.col(by).first()).collect()[by] for frame in frames]
    ordered = sorted(
        (first[0], number) for number, first in enumerate(firsts) if first.count()
    )
    held = frames[0].clear().collect()
    for place, (_, number) in enumerate(ordered, start=1):
        held = pl.concat([held, frames[number].collect()])
        held = held.sort(by, maintain_order=True)
        n_ready = held.height
        if place < len(ordered):
            n_ready = int(held[by].search_sorted(ordered[place][0], "left"))
        yield held.slice(0, n_ready)
        held = held.slice(n_ready)
