"""What moved since the previous published vintage."""

import polars as pl

from trends.tables import CROSSING_SUMMARY

_ROW = ("threshold_id", "bar_id", "trend")


def compare_medians(summary: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """CROSSING_SUMMARY with ``change_days`` and ``change_cause`` filled in.

    Args:
        summary: rows of this vintage.
        previous: rows of the previous published vintage; may be empty.

    Returns:
        The same rows. A row that the previous vintage lacks keeps "first_vintage";
        one whose median came or went, or whose status changed, has a cause but may
        have no number of days.
    """
    earlier = previous.select(
        *_ROW,
        pl.lit(value=True).alias("is_known"),
        before="median_date",
        status_before="crossing_status",
    )
    joined = summary.join(earlier, on=_ROW, how="left")
    now, before = pl.col("median_date"), pl.col("before")
    cause = (
        pl.when(pl.col("is_known").is_null())
        .then(pl.lit("first_vintage"))
        .when(
            now.eq_missing(before)
            & (pl.col("crossing_status") == pl.col("status_before"))
        )
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("not_attributed"))
    )
    moved = joined.with_columns(
        change_days=(now - before).dt.total_days(), change_cause=cause
    )
    return CROSSING_SUMMARY.conform(moved)
