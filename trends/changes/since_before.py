"""How far dates and probabilities of never moved since the previous published vintage."""

from typing import Final

import polars as pl

from trends.tables import CROSSING_SUMMARY, LAW_KEY

_ROUNDING: Final = 1e-9


def compare_with_previous(
    summary: pl.DataFrame, previous: pl.DataFrame
) -> pl.DataFrame:
    """CROSSING_SUMMARY with what changed of each row filled in.

    Args:
        summary: rows of this vintage.
        previous: rows of the previous published vintage; may be empty.

    Returns:
        The same rows. A row that the previous vintage lacks keeps "first_vintage";
        one whose date if ever came or went, or whose status changed, has a cause but
        may have no number of days.
    """
    earlier = previous.select(
        *LAW_KEY,
        pl.lit(value=True).alias("is_known"),
        before="median_if_ever",
        never_before="p_never",
        status_before="crossing_status",
    )
    joined = summary.join(earlier, on=LAW_KEY, how="left")
    now, before = pl.col("median_if_ever"), pl.col("before")
    change_p_never = pl.col("p_never") - pl.col("never_before")
    cause = (
        pl.when(pl.col("is_known").is_null())
        .then(pl.lit("first_vintage"))
        .when(
            now.eq_missing(before)
            & (change_p_never.abs().fill_null(0.0) < _ROUNDING)
            & (pl.col("crossing_status") == pl.col("status_before"))
        )
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("not_attributed"))
    )
    moved = joined.with_columns(
        change_days=(now - before).dt.total_days(),
        change_p_never=change_p_never,
        change_cause=cause,
    )
    return CROSSING_SUMMARY.conform(moved)
