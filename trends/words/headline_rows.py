"""The rows of ``headline``: every headline bar as the table for people has it."""

from datetime import date

import polars as pl

from trends.tables import HEADLINE, HEADLINE_YEARS
from trends.words.headline import DOMAIN_TITLES, SUPERSEDED
from trends.words.numbers import score_words
from trends.words.odds import probability_by

_NUMBERS = (
    "p_by_now",
    *(f"p_by_end_{year}" for year in HEADLINE_YEARS),
    "p_never",
    "median_date",
)


def headline_rows(
    summary: pl.DataFrame, cdf: pl.DataFrame, thresholds: pl.DataFrame
) -> pl.DataFrame:
    """HEADLINE rows: by part of AI R&D, superseded series last.

    A withheld headline has its words and no numbers.

    Args:
        summary: CROSSING_SUMMARY rows with complete labels.
        cdf: CROSSING_CDF rows of the same run.
        thresholds: THRESHOLDS rows of the same run.
    """
    bars = thresholds.select("threshold_id", "bar_id", "domain", "bar_basis")
    rows = summary.filter("is_headline").join(bars, on=["threshold_id", "bar_id"])
    for year in HEADLINE_YEARS:
        rows = probability_by(rows, cdf, date(year, 12, 31)).rename(
            {"p_crossed_by_date": f"p_by_end_{year}"}
        )
    titles = [*DOMAIN_TITLES.values(), SUPERSEDED]
    section = (
        pl.when(pl.col("superseded_by").is_not_null())
        .then(pl.lit(SUPERSEDED))
        .otherwise(pl.col("domain").replace_strict(DOMAIN_TITLES))
    )
    shown = (
        rows.with_columns(
            section=section,
            bar="threshold_label",
            median="median_label",
            interval80="interval80_label",
            p_by_now="p_crossed_by_as_of",
            note=pl.Series([_note(row) for row in rows.to_dicts()], dtype=pl.String),
        )
        .with_columns(
            pl.when(pl.col("withheld").is_null()).then(pl.col(name)).alias(name)
            for name in _NUMBERS
        )
        .sort(
            pl.col("section").replace_strict(
                titles, range(len(titles)), return_dtype=pl.Int64
            ),
            "threshold_id",
        )
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
    if row["bar_basis"] == "project_choice":
        words.append("the bar is this project's choice")
    return "; ".join(words)
