"""Large tables a part at a time, so that memory does not grow with them."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from trends.tables.forecasts import CROSSING_CDF, CROSSING_QUANTILES, SCORE_FORECAST

Frame = pl.DataFrame | pl.LazyFrame
"""Rows in memory, or rows of a file that are read as they are asked for."""

STREAMED: Final = (CROSSING_CDF, CROSSING_QUANTILES, SCORE_FORECAST)
"""Tables with hundreds of rows a bar or series, which nobody holds whole."""

ROWS: Final = 250_000
"""Rows of a part; the shipped tables are one each."""


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
