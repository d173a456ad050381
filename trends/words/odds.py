"""Probabilities by a day, read off the published tables."""

from datetime import date

import polars as pl

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
