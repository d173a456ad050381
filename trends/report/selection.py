"""Which benchmarks a page shows: all where there are few, else those that matter most.

A page that shows thousands is read by nobody and grows without end: the tables and a
file a bar have the rest.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from trends.tables.slices import Frame

Tables = Mapping[str, pl.DataFrame]

MOST: Final = 60
"""Benchmarks on a page, if they find room there."""

GATE: Final = re.compile(r"(\w+)\.\w+")
"""A bar in ``gates`` of AUTOMATION; the group is its threshold."""

_BY_BENCHMARK: Final = (
    "thresholds",
    "headline",
    "crossing_summary",
    "crossing_quantiles",
    "crossing_cdf",
    "history",
    "history_bars",
    "trend_fits",
    "score_forecast",
    "tripwires",
    "observations",
    "quarantine",
)
"""Tables with rows of benchmarks. Of ``changes`` a page counts all rows."""


def in_order(tables: Tables) -> list[str]:
    """Benchmarks that have a bar, those first that a page shows first.

    Bars of the default scenario, those of the others, headlines by how much they moved
    since the last vintage, and the rest as in the headline table.

    Args:
        tables: published tables by name.
    """
    benchmark_of = dict(
        tables["thresholds"].select("threshold_id", "benchmark_id").iter_rows()
    )
    wanted = [*_gates(tables["automation"]), *_moved(tables)]
    listed = tables["headline"].sort("rank")["threshold_id"].to_list()
    named = dict.fromkeys(
        benchmark_of[one] for one in [*wanted, *listed] if one in benchmark_of
    )
    return list(named | dict.fromkeys(sorted(benchmark_of.values())))


def only(
    tables: Mapping[str, Frame], benchmarks: Iterable[str]
) -> dict[str, pl.DataFrame]:
    """The tables with the rows of some benchmarks, and all of what is about no one.

    Args:
        tables: published tables by name.
        benchmarks: which.
    """
    chosen = sorted(benchmarks)
    of_chosen = pl.col("benchmark_id").is_in(chosen)
    thresholds = tables["thresholds"].lazy().filter(of_chosen).collect()
    bars = thresholds["threshold_id"].unique().sort().to_list()
    of_bars = pl.col("threshold_id").is_in(bars)

    def kept(name: str, rows: pl.LazyFrame) -> pl.LazyFrame:
        if name not in _BY_BENCHMARK:
            return rows
        by_bar = "threshold_id" in rows.collect_schema()
        return rows.filter(of_bars if by_bar else of_chosen)

    return {
        name: kept(name, rows.lazy()).collect(engine="streaming")
        for name, rows in tables.items()
    }


def _gates(automation: pl.DataFrame) -> list[str]:
    default_first = automation.sort("default_because", nulls_last=True)
    gates = default_first["gates"].unique(maintain_order=True)
    return [name for words in gates for name in GATE.findall(words)]


def _moved(tables: Tables) -> list[str]:
    """Thresholds by how much their headline moved since the last vintage."""
    if "changes" not in tables:
        return []
    of_last = tables["changes"].filter(
        pl.col("window") == "previous_vintage", pl.col("moved_by").fill_null(1.0) != 0
    )
    ranked = of_last.sort("move_rank")["threshold_id"].unique(maintain_order=True)
    return ranked.to_list()
