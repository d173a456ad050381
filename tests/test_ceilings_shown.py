"""No published headline is decided by where a prior was cut, nor by a clip."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.conftest import CHECKOUT
from trends.fits.ceilings import CeilingBin
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.registry import load_registry
from trends.tables import CROSSING_SUMMARY, THRESHOLDS, TREND_FITS

COARSE_CLIP = 1e-6
"""A thousand times what bars are clipped by."""

Headline = tuple[dict[str, Any], list[CeilingBin]]


@pytest.fixture(scope="module")
def open_headlines(shipped_run: PublishedRun) -> list[Headline]:
    """Open bars of bounded scores, each with the ceilings of the fit that dates it."""
    fits = read_table(shipped_run.path, TREND_FITS).filter(
        pl.col("ceiling").is_not_null()
    )
    under: dict[tuple[str, str], list[CeilingBin]] = {}
    for fit in fits.iter_rows(named=True):
        key = fit["series_id"], fit["trend"]
        under.setdefault(key, []).append(CeilingBin.of_row(fit))
    of_series = read_table(shipped_run.path, THRESHOLDS).select(
        "threshold_id", "bar_id", "series_id", "benchmark_id"
    )
    rows = (
        read_table(shipped_run.path, CROSSING_SUMMARY)
        .filter("is_headline", pl.col("crossing_status") != "already_crossed")
        .join(of_series, on=("threshold_id", "bar_id"))
    )
    found = [
        (row, under[row["series_id"], row["trend"]])
        for row in rows.iter_rows(named=True)
        if (row["series_id"], row["trend"]) in under
    ]
    assert len(found) > 20
    return found


def _sums(weights: list[float]) -> Iterator[float]:
    """Of some of the weights, and of all."""
    for n in range(1, len(weights) + 1):
        yield from map(sum, combinations(weights, n))


def test_never_is_no_sum_of_prior_weights(open_headlines: list[Headline]) -> None:
    """Scores weigh ceilings, and a bin is cut where the bar is."""
    judged = {
        row["threshold_id"]: min(
            abs(row["p_never"] - one)
            for one in _sums([ceiling.prior_weight for ceiling in under])
        )
        for row, under in open_headlines
        if 0 < row["p_never"] < 1
    }
    assert len(judged) > 20
    assert {name for name, apart in judged.items() if apart < 1e-6} == set()


def test_no_clip_decides_where_a_headline_stands(
    open_headlines: list[Headline],
) -> None:
    """A bar on a ceiling would stand where a clip puts it, and its date with it."""
    benchmarks = load_registry(CHECKOUT / "data" / "registry").benchmarks
    for row, under in open_headlines:
        floor = benchmarks[row["benchmark_id"]].floor or 0.0
        for ceiling in under:
            (share,), (top,) = ceiling.above(np.array([row["bar_value"]]))
            place = (row["bar_value"] - floor) / (top - floor)
            assert place > COARSE_CLIP, row["threshold_id"]
            assert share == 0 or place < 1 - COARSE_CLIP, row["threshold_id"]
