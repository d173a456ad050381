"""The scores of one benchmark on a scale on which a wrong unit is a step.

Levels are logarithms of positive scores and logits of shares, whichever way is better.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.registry import Registry
from trends.registry.models import Benchmark

Floats = npt.NDArray[np.float64]

_COUNTS_WHERE_UNKNOWN: Final = 1000
"""Resolution of a share that is no count of items: printed to a tenth of a percent."""


class Series(NamedTuple):
    """The scores of one benchmark, shape (n,) each; levels of no use are NaN."""

    benchmark: Benchmark
    scores: Floats
    levels: Floats
    years: Floats
    models: list[str]


def by_benchmark(
    observations: pl.DataFrame, registry: Registry
) -> tuple[dict[str, list[int]], dict[str, Series]]:
    """Places in the frame and rows of each registered benchmark.

    Rows under another rule than their series takes are in no fit, and no measure of
    those that are: what a rule allows may be ten times as much.
    """
    years = pl.coalesce("release_date", "release_latest").dt.epoch("d") / 365.25
    other_rule = (pl.col("fit_exclusion") == "scoring_rule").fill_null(value=False)
    frame = (
        observations.select(
            "benchmark_id",
            "model_id",
            "score",
            years=years.cast(pl.Float64),
            place=pl.int_range(pl.len(), dtype=pl.Int64),
            other_rule=other_rule,
        )
        .filter(~pl.col("other_rule"))
        .drop("other_rule")
    )
    places: dict[str, list[int]] = {}
    series: dict[str, Series] = {}
    for rows in frame.partition_by("benchmark_id", maintain_order=True):
        name = str(rows.item(0, "benchmark_id"))
        benchmark = registry.benchmarks.get(name)
        if benchmark is None:
            continue
        scores = rows.get_column("score").to_numpy()
        places[name] = rows.get_column("place").to_list()
        series[name] = Series(
            benchmark=benchmark,
            scores=scores,
            levels=levels_of(scores, benchmark),
            years=rows.get_column("years").to_numpy(),
            models=rows.get_column("model_id").to_list(),
        )
    return places, series


def levels_of(scores: Floats, benchmark: Benchmark) -> Floats:
    """Scores as logarithms, or as logits of shares half a count off the bounds.

    Floor and ceiling are left out: a fraction in a file of percentages is below both.
    """
    if not benchmark.unit.is_bounded:
        return np.log(np.where(scores > 0, scores, np.nan))
    n = _COUNTS_WHERE_UNKNOWN
    if benchmark.n_items and benchmark.items_are_bernoulli:
        n = benchmark.n_items
    possible = np.where((scores >= 0) & (scores <= 1), scores, np.nan)
    share = (n * possible + 0.5) / (n + 1)
    return np.asarray(np.log(share) - np.log1p(-share))
