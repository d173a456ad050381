"""Probabilities by a day, read off the published tables."""

from datetime import date

import polars as pl

from trends.tables import AUTOMATION_YEARS
from trends.tables.slices import Frame

_ROW = ("threshold_id", "bar_id", "trend")


def probability_by(summary: pl.DataFrame, cdf: pl.DataFrame, by: date) -> pl.DataFrame:
    """The summary with ``p_crossed_by_date``: P(crossed) by a month's end.

    Args:
        summary: CROSSING_SUMMARY rows.
        cdf: CROSSING_CDF rows of the same run.
        by: last day of a month.

    Returns:
        The same rows and order. A crossed bar has no distribution: it was crossed by
        that day, or it was not yet. Before its figures end an open bar is known not
        to be crossed. Null where nothing is estimated.
    """
    last = (
        cdf.filter(pl.col("by_date") <= by)
        .sort("by_date")
        .group_by(_ROW)
        .last()
        .select(*_ROW, p_crossed_by_date="p_crossed")
    )
    status = pl.col("crossing_status")
    return summary.join(last, on=_ROW, how="left", maintain_order="left").with_columns(
        p_crossed_by_date=pl.when(status == "already_crossed")
        .then((pl.col("date_hi") <= by).cast(pl.Float64))
        .when(status == "not_estimated")
        .then(None)
        .otherwise(pl.col("p_crossed_by_date").fill_null(0.0))
    )


def by_year_ends(summary: pl.DataFrame, cdf: Frame) -> list[dict[str, float | None]]:
    """P(crossed) by the ends of years from as_of to projection_end, a row each.

    Args:
        summary: CROSSING_SUMMARY rows.
        cdf: CROSSING_CDF rows of the same run; of others too, where they are read as
            they are asked for.

    Returns:
        By year, for each row of the summary in its order; None where nothing is
        estimated.
    """
    # other months are not read: no year is told that does not end within the projection
    ends = (
        cdf.lazy()
        .filter(pl.col("by_date").dt.month() == 12)
        .select(*_ROW, "by_date", "p_crossed")
        .join(summary.lazy().select(_ROW), on=_ROW, how="semi")
        .collect(engine="streaming")
    )
    columns = {
        year: probability_by(summary, ends, date(year, 12, 31))["p_crossed_by_date"]
        for year in AUTOMATION_YEARS
    }
    return [
        {
            str(year): unit_interval(column[number])
            for year, column in columns.items()
            if row["as_of"] <= date(year, 12, 31) <= row["projection_end"]
        }
        for number, row in enumerate(summary.iter_rows(named=True))
    ]


def unit_interval(p: float | None) -> float | None:
    """A probability without what rounding leaves below 0 or above 1."""
    return None if p is None else min(1.0, max(0.0, p))
