"""Scores that were among the best three when their model came out.

The definition of the GPAI Policy Lab's benchmark-forecasting, read from its code: of the
entries of one model family on one day the best counts; a score is a top-3 point where
its rank among all so far is at most three, a tie counting against it.
"""

import re
from typing import Final

import polars as pl

DEPTH: Final = 3
"""How many of the best scores so far count."""

_STAMPS: Final = re.compile(r"[-_ ]?20\d\d-?\d\d-?\d\d(?!\d)")
_SOURCE: Final = re.compile(r"[-_ ](?:preview|pre-?release)(?![a-z0-9])")
_SIZE: Final = re.compile(
    r"[-_ ]?\(?\b\d+(?:\.\d+)?b(?:[-_ /]?a?\d+(?:\.\d+)?[be])?\b\)?"
    r"|[-_ ](?:small|large)(?![a-z0-9])"
)
_EFFORT: Final = re.compile(
    r"(?:[-_ ]|\()+(?:(?:non|no)?-?(?:reasoning|thinking)|adaptive|instant|default"
    r"|unknown|none|minimal|low|med|medium|high|x-?high|promax|(?<!-)max"
    r"|(?:budget|effort)[ =]*\w+|\d+k)\)?$"
)


def model_family(name: str) -> str:
    """A model's name without effort, thinking mode, size and date stamp.

    Tiers that are products of their own (pro, mini, flash, ``-max``) stay.
    """
    text = _STAMPS.sub("", name.lower().strip())
    text = _SIZE.sub("", _SOURCE.sub("", text))
    while (shorter := _EFFORT.sub("", text).strip(" -_")) != text:
        text = shorter
    return re.sub(r"[^a-z0-9.]", "", text)


def top3_points(scores: pl.DataFrame) -> pl.DataFrame:
    """The top-3 points of each series, by day and, on one day, from the best down.

    Args:
        scores: SERIES_SCORES rows; higher is better.

    Returns:
        Columns series_id, day, score, record (the best score by then, its own among
        them).
    """
    entries = (
        scores.select(
            "series_id",
            "score",
            day="frontier_date",
            family=pl.col("model_name").map_elements(
                model_family, return_dtype=pl.String
            ),
        )
        .group_by("series_id", "day", "family")
        .agg(pl.col("score").max())
        .sort("series_id", "day", -pl.col("score"), "family")
    )
    found: list[dict[str, object]] = []
    for series_id, rows in entries.group_by("series_id", maintain_order=True):
        best: list[float] = []
        for day, score in rows.select("day", "score").iter_rows():
            if len(best) == DEPTH and score <= best[-1]:
                continue
            best = sorted([*best, score], reverse=True)[:DEPTH]
            found.append(
                {
                    "series_id": series_id[0],
                    "day": day,
                    "score": score,
                    "record": best[0],
                }
            )
    return pl.DataFrame(
        found,
        schema={
            "series_id": pl.String,
            "day": pl.Date,
            "score": pl.Float64,
            "record": pl.Float64,
        },
        orient="row",
    )
