"""The rows of ``headline``: every headline bar as the table for people has it."""

from datetime import date

import polars as pl

from trends.tables import HEADLINE, HEADLINE_YEARS
from trends.words.brief import others_go_on
from trends.words.numbers import score_words
from trends.words.odds import probability_by
from trends.words.views import in_order

_NUMBERS = (
    "p_by_now",
    *(f"p_by_end_{year}" for year in HEADLINE_YEARS),
    "p_never",
    "median_date",
    "median_if_ever",
)


def headline_rows(
    summary: pl.DataFrame, cdf: pl.DataFrame, thresholds: pl.DataFrame
) -> pl.DataFrame:
    """HEADLINE rows: by part of AI R&D, views below the one that leads their test.

    A withheld headline has its words and no numbers.

    Args:
        summary: CROSSING_SUMMARY rows with complete labels.
        cdf: CROSSING_CDF rows of the same run.
        thresholds: THRESHOLDS rows of the same run.
    """
    bars = thresholds.select(
        "threshold_id", "bar_id", "benchmark_id", "domain", "bar_basis"
    )
    rows = summary.filter("is_headline").join(bars, on=["threshold_id", "bar_id"])
    for year in HEADLINE_YEARS:
        rows = probability_by(rows, cdf, date(year, 12, 31)).rename(
            {"p_crossed_by_date": f"p_by_end_{year}"}
        )
    rows = in_order(rows)
    shown = rows.with_columns(
        bar="threshold_label",
        median="median_label",
        if_ever="if_ever_label",
        interval80="interval80_label",
        p_by_now="p_crossed_by_as_of",
        note=pl.Series([_note(row) for row in rows.to_dicts()], dtype=pl.String),
        view_of=pl.when(pl.col("below").is_not_null()).then("view_of"),
    ).with_columns(
        pl.when(pl.col("withheld").is_null()).then(pl.col(name)).alias(name)
        for name in _NUMBERS
    )
    ranked = shown.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    return HEADLINE.conform(ranked)


def _note(row: dict[str, object]) -> str:
    """Standing record, end of the figures, and whose choice the bar is."""
    score = row["frontier_score"]
    if isinstance(score, float):
        record = score_words(score, str(row["score_unit"]))
        by = f"{row['frontier_model_name']}, {row['frontier_date']}"
        words = [f"record {record} ({by})"]
    else:
        words = ["no record"]
    if row["observed_through"] is not None:
        words.append(f"figures end {row['observed_through']}")
    words += others_go_on(row, "those of another view go on")
    if row["bar_basis"] == "project_choice":
        words.append("the bar is this project's choice")
    return "; ".join(words)
