"""Order of rows for people: one headline a test, its other views below it.

Views of one test are the same items, as several boards or harnesses report them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

DOMAIN_TITLES: Final = {
    "coding": "Coding",
    "long_horizon_agent": "Long-horizon agents",
    "paper_replication": "Paper replication",
    "ai_research_engineering": "AI research engineering",
    "rd_automation": "R&D automation, as companies measure themselves",
    "general": "General",
}

SUPERSEDED: Final = "Superseded series"
"""Heading under which rows of superseded benchmarks stand, after all others."""

VIEW: Final = "view: "
"""Opens the name of a row that stands below the view that leads, where it is in full."""

Row = dict[str, Any]

_SECTIONS: Final = [*DOMAIN_TITLES.values(), SUPERSEDED]


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as tables for people have them: views below the one that leads.

    By part of AI R&D, superseded series last, then by threshold. A view stands below
    the first threshold of the benchmark that leads, wherever that stands, and alone
    where that has no row.

    Args:
        rows: CROSSING_SUMMARY rows, each with ``domain`` and ``benchmark_id`` of its
            threshold.

    Returns:
        The same rows, with the heading ``section``; ``below``, the threshold that a
        view stands below; and ``others_through``, the last day observed of another view
        of the test where that is later than its own.
    """
    section = (
        pl.when(pl.col("superseded_by").is_not_null())
        .then(pl.lit(SUPERSEDED))
        .otherwise(pl.col("domain").replace_strict(DOMAIN_TITLES))
    )
    rows = rows.with_columns(section=section)
    leads = (
        rows.filter(pl.col("view_of").is_null())
        .sort("threshold_id")
        .unique("benchmark_id", keep="first", maintain_order=True)
        .select(view_of="benchmark_id", below="threshold_id", lead_section="section")
    )
    end, test = pl.col("observed_through"), pl.coalesce("view_of", "benchmark_id")
    furthest = end.max().over(test)
    is_later = furthest > end.max().over("benchmark_id")
    return (
        rows.join(leads, on="view_of", how="left")
        .with_columns(
            section=pl.coalesce("lead_section", "section"),
            others_through=pl.when(is_later).then(furthest),
        )
        .sort(
            pl.col("section").replace_strict(
                _SECTIONS, range(len(_SECTIONS)), return_dtype=pl.Int64
            ),
            pl.coalesce("below", "threshold_id"),
            pl.col("below").is_not_null(),
            "threshold_id",
            "sort_rank",
        )
        .drop("lead_section")
    )


def ordered_headlines(
    summary: pl.DataFrame, thresholds: pl.DataFrame
) -> list[dict[str, Any]]:
    """Headlines as tables for people have them, as ``in_order`` gives them.

    Args:
        summary: CROSSING_SUMMARY rows.
        thresholds: THRESHOLDS rows of the same run.
    """
    of = thresholds.select("threshold_id", "benchmark_id", "domain").unique()
    headlines = summary.filter("is_headline").join(of, on="threshold_id")
    return in_order(headlines).to_dicts()


def other_views(headlines: Iterable[Row]) -> dict[str, list[Row]]:
    """Headlines of the other views of its test, by threshold.

    Args:
        headlines: as ``ordered_headlines`` gives them.
    """
    tests: dict[str, list[Row]] = {}
    for row in headlines:
        tests.setdefault(row["view_of"] or row["benchmark_id"], []).append(row)
    return {
        row["threshold_id"]: [
            other for other in views if other["benchmark_id"] != row["benchmark_id"]
        ]
        for views in tests.values()
        for row in views
    }


def counted(rows: Iterable[Mapping[str, Any]], what: str = "headline") -> str:
    """How many rows there are, views of a test apart: "42 headlines and 6 views".

    Args:
        rows: CROSSING_SUMMARY rows, one a threshold.
        what: name of one that is no view.
    """
    views = [row["view_of"] is not None for row in rows]
    n_views = sum(views)
    n = len(views) - n_views
    words = f"{n} {what}{'' if n == 1 else 's'}"
    return (
        f"{words} and {n_views} view{'' if n_views == 1 else 's'}" if n_views else words
    )
