"""Rows of thresholds and bars, as several charts read them."""

from datetime import date
from typing import Final

import polars as pl

from trends.report.charts.chart import Row, Tables
from trends.tables import CROSSING_CDF, CROSSING_QUANTILES, CROSSING_SUMMARY, THRESHOLDS
from trends.words import percent

WINDOW_YEARS: Final = 10
"""How many years after the vintage an axis of dates ends; what comes later is counted
in a box beside it."""


def bars_of(tables: Tables, threshold_id: str) -> list[Row]:
    """THRESHOLDS rows of one threshold, easy to hard."""
    thresholds = tables[THRESHOLDS.name]
    ours = thresholds.filter(pl.col("threshold_id") == threshold_id)
    return ours.sort("bar_rank").to_dicts()


def thresholds_of(tables: Tables, benchmark_id: str) -> list[str]:
    """Thresholds of a benchmark, that of the whole benchmark before its views."""
    ours = tables[THRESHOLDS.name].filter(pl.col("benchmark_id") == benchmark_id)
    view = (pl.col("series_id") != pl.col("benchmark_id")).alias("view")
    order = ours.select(view, "threshold_id").unique().sort("view", "threshold_id")
    return order["threshold_id"].to_list()


def summary_rows(tables: Tables, threshold_id: str) -> list[Row]:
    """CROSSING_SUMMARY rows of a threshold's bars in the trend of its headline.

    Each with the bar's label.
    """
    is_ours = pl.col("threshold_id") == threshold_id
    labels = tables[THRESHOLDS.name].select("threshold_id", "bar_id", "bar_label")
    rows = (
        tables[CROSSING_SUMMARY.name]
        .filter(is_ours)
        .join(labels, on=["threshold_id", "bar_id"], how="left")
    )
    headline = rows.filter("is_headline")
    ours = rows.filter(pl.col("trend").is_in(headline["trend"].implode()))
    return ours.sort("sort_rank").to_dicts()


def headline_of(tables: Tables, threshold_id: str) -> Row | None:
    """The headline row of a threshold in CROSSING_SUMMARY; None if it has none."""
    rows = summary_rows(tables, threshold_id)
    return next((row for row in rows if row["is_headline"]), None)


def window_end(as_of: date) -> date:
    """Last day of an axis of dates; what comes later is counted beside it."""
    return date(as_of.year + WINDOW_YEARS, 12, 31)


def subject(row: Row) -> str:
    """The benchmark as a CROSSING_SUMMARY row calls it, without its bar."""
    return str(row["threshold_label"]).removesuffix(f": {row['bar_label']}")


def headline_words(row: Row) -> str:
    """What a CROSSING_SUMMARY row says, in one sentence with its numbers."""
    words = f"{row['threshold_label']}: {row['median_label']}"
    if row["p_never"] is None or row["crossing_status"] == "already_crossed":
        return f"{words}."
    return (
        f"{row['threshold_label']}: median {row['median_label']}, 80% interval "
        f"{row['interval80_label']}, probability {percent(row['p_crossed_by_as_of'])} "
        f"by {row['as_of']}, {percent(row['p_never'])} never."
    )


def quantile_dates(tables: Tables, row: Row) -> dict[float, date | None]:
    """Crossing dates of one CROSSING_SUMMARY row by quantile level."""
    found = _of_row(tables[CROSSING_QUANTILES.name], row)
    return dict(found.select("quantile_level", "crossing_date").iter_rows())


def chances(tables: Tables, row: Row) -> list[tuple[date, float]]:
    """Probability of a crossing by each month's end of one CROSSING_SUMMARY row."""
    found = _of_row(tables[CROSSING_CDF.name], row).sort("by_date")
    return list(found.select("by_date", "p_crossed").iter_rows())


def _of_row(frame: pl.DataFrame, row: Row) -> pl.DataFrame:
    return frame.filter(
        pl.col("threshold_id") == row["threshold_id"],
        pl.col("bar_id") == row["bar_id"],
        pl.col("trend") == row["trend"],
    )
