"""Rows of thresholds and bars, as several charts read them."""

from datetime import date
from typing import Any, Final

import polars as pl

from trends.report.charts.chart import Row, Tables
from trends.tables import (
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    HISTORY,
    LAW_KEY,
    OBSERVATIONS,
    SCORE_FORECAST,
    THRESHOLDS,
)
from trends.words import ordered_headlines, percent

WINDOW_YEARS: Final = 10
"""How many years after the vintage an axis of dates ends; what comes later is counted
in a box beside it."""

_SHOWN: Final = (
    "benchmark_id",
    "model_name",
    "score",
    "score_unit",
    "reporter",
    "fit_exclusion",
    "is_record",
)


class Bars:
    """Published tables, taken apart once by what a chart asks them for.

    Of a threshold the bars are those of its headline's trend.

    Attributes:
        headlines: as ``ordered_headlines`` gives them.
        bars: THRESHOLDS rows by threshold, easy to hard.
        summary: CROSSING_SUMMARY rows by threshold, easy to hard, with the bar's label.
        observations: what charts show of OBSERVATIONS rows that stand, by benchmark, by
            ``day``: of release, or the last that it may be.
        history: HISTORY rows that stand and are estimated by threshold, oldest first.
    """

    def __init__(self, tables: Tables) -> None:
        """Take apart the published tables by name; ``history`` may be missing."""
        thresholds = tables[THRESHOLDS.name].sort("threshold_id", "bar_rank")
        summary = tables[CROSSING_SUMMARY.name]
        self.headlines = ordered_headlines(summary, thresholds)
        self.bars = rows_by(thresholds, "threshold_id")
        labels = thresholds.select("threshold_id", "bar_id", "bar_label")
        trends = summary.filter("is_headline").select("threshold_id", "trend")
        ours = summary.join(trends, on=["threshold_id", "trend"], how="semi")
        self.summary = rows_by(
            ours.join(labels, on=["threshold_id", "bar_id"], how="left").sort(
                "threshold_id", "sort_rank"
            ),
            "threshold_id",
        )
        self._curves = _laws(tables[CROSSING_CDF.name], ours, "by_date", "p_crossed")
        self._quantiles = _laws(
            tables[CROSSING_QUANTILES.name], ours, "quantile_level", "crossing_date"
        )
        standing = tables[OBSERVATIONS.name].filter(pl.col("revised_on").is_null())
        day = pl.coalesce("release_date", "release_latest")
        self.observations = rows_by(
            standing.select(*_SHOWN, "observation_id", day=day).sort(
                "day", "observation_id"
            ),
            "benchmark_id",
        )
        self._forecasts = _forecasts(
            tables[SCORE_FORECAST.name],
            trends.join(
                thresholds.select("threshold_id", "series_id"), on="threshold_id"
            ),
        )
        said = tables.get(HISTORY.name, HISTORY.frame([])).filter(
            "stands", pl.col("crossing_status") != "not_estimated"
        )
        self.history = rows_by(said.sort("as_of"), "threshold_id")

    def thresholds_of(self, benchmark_id: str) -> list[str]:
        """Thresholds of a benchmark, that of the whole benchmark before its views."""
        ours = [
            (bars[0]["series_id"] != benchmark_id, threshold_id)
            for threshold_id, bars in self.bars.items()
            if bars[0]["benchmark_id"] == benchmark_id
        ]
        return [threshold_id for _, threshold_id in sorted(ours)]

    def headline_of(self, threshold_id: str) -> Row | None:
        """The headline row of a threshold in CROSSING_SUMMARY; None if it has none."""
        rows = self.summary.get(threshold_id, [])
        return next((row for row in rows if row["is_headline"]), None)

    def chances(self, row: Row) -> list[tuple[date, float]]:
        """Probability of a crossing by each month's end of one CROSSING_SUMMARY row."""
        return self._curves.get(_law(row), [])

    def quantile_dates(self, row: Row) -> dict[float, date | None]:
        """Crossing dates of one CROSSING_SUMMARY row by quantile level."""
        return dict(self._quantiles.get(_law(row), []))

    def forecast(self, series_id: str, trend: str) -> list[tuple[date, float, float]]:
        """SCORE_FORECAST of a series in its headline's trend: day, level and score."""
        return self._forecasts.get((series_id, trend), [])


def window_end(as_of: date) -> date:
    """Last day of an axis of dates; what comes later is counted beside it."""
    return date(as_of.year + WINDOW_YEARS, 12, 31)


def subject(row: Row) -> str:
    """The benchmark as a CROSSING_SUMMARY row calls it, without its bar."""
    return str(row["threshold_label"]).removesuffix(f": {row['bar_label']}")


def headline_words(row: Row) -> str:
    """What a CROSSING_SUMMARY row says, in one sentence with its numbers."""
    if row["p_never"] is None or row["crossing_status"] == "already_crossed":
        return f"{row['threshold_label']}: {row['median_label']}."
    return (
        f"{row['threshold_label']}: if ever, {row['if_ever_label']}, 80% interval "
        f"{row['interval80_label']}, probability {percent(row['p_crossed_by_as_of'])} "
        f"by {row['as_of']}, {percent(row['p_never'])} never."
    )


def rows_by(frame: pl.DataFrame, column: str) -> dict[str, list[Row]]:
    """Rows by what stands in one column, in order."""
    parts: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        parts.setdefault(row[column], []).append(row)
    return parts


def _law(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in LAW_KEY)


def _laws(
    frame: pl.DataFrame, summary: pl.DataFrame, x: str, y: str
) -> dict[tuple[str, ...], list[tuple[Any, Any]]]:
    """Two columns of the rows of each law in ``summary``, in order of the first."""
    ours = frame.join(summary, on=LAW_KEY, how="semi").sort(x)
    laws = ours.group_by(LAW_KEY).agg(x, y)
    return {
        tuple(key): list(zip(xs, ys, strict=True)) for *key, xs, ys in laws.iter_rows()
    }


def _forecasts(
    frame: pl.DataFrame, series: pl.DataFrame
) -> dict[tuple[str, str], list[tuple[date, float, float]]]:
    """Day, level and score of each ``series_id`` and ``trend``."""
    key = ("series_id", "trend")
    ahead = frame.join(series, on=key, how="semi").group_by(key)
    columns = ahead.agg("forecast_date", "quantile_level", "score")
    return {
        (series_id, trend): list(zip(*ahead, strict=True))
        for series_id, trend, *ahead in columns.iter_rows()
    }
