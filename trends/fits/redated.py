"""Scores with uncertain release dates, put on days drawn inside their intervals.

For the families whose law is computed from one history: it is computed for each of
the histories drawn. Straight lines are redrawn by the engine (``trends.fits.redraws``).
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.fits.streams import random_stream
from trends.frontier import select_frontier
from trends.registry.series import Series

N_HISTORIES: Final = 8
"""Histories drawn where any date is uncertain."""


def has_uncertain_dates(scores: pl.DataFrame) -> bool:
    """Whether the day of any release is not known."""
    return not (scores["release_earliest"] == scores["release_latest"]).all()


@dataclass(frozen=True)
class History:
    """SERIES_SCORES rows of one series, and the FRONTIER rows that they make."""

    scores: pl.DataFrame
    records: pl.DataFrame


def drawn_histories(
    series: Series, scores: pl.DataFrame, records: pl.DataFrame
) -> list[History]:
    """What is known of a series; ``N_HISTORIES`` of them where dates are uncertain.

    A day is uniform over its interval, and stratified: each eighth of an interval
    is drawn from once. The draws belong to the figures, whatever the seed of a run.

    Args:
        series: the series.
        scores: its SERIES_SCORES rows.
        records: its FRONTIER rows.
    """
    if not has_uncertain_dates(scores):
        return [History(scores, records)]
    stream = random_stream("release_dates", series.series_id)
    earliest = scores.get_column("release_earliest")
    days = (scores.get_column("release_latest") - earliest).dt.total_days().to_numpy()
    strata = np.argsort(stream.random((scores.height, N_HISTORIES)), axis=1)
    shares = (strata + stream.random(strata.shape)) / N_HISTORIES
    lags = np.floor(shares * (days[:, np.newaxis] + 1)).astype(np.int64)
    # a series each, so that records are selected of all of them at once
    names = [f"{series.series_id}#{k}" for k in range(N_HISTORIES)]
    redated = pl.concat(
        _redated(scores, name, lag) for name, lag in zip(names, lags.T, strict=True)
    )
    selected = select_frontier(redated, [replace(series, series_id=n) for n in names])
    by_name = selected.partition_by("series_id", as_dict=True)
    return [
        History(drawn, by_name[name,])
        for name, drawn in zip(
            names, redated.partition_by("series_id", maintain_order=True), strict=True
        )
    ]


def _redated(
    scores: pl.DataFrame, name: str, lag_days: npt.NDArray[np.int64]
) -> pl.DataFrame:
    lag = pl.duration(days=pl.lit(pl.Series(lag_days)))
    drawn = pl.col("release_earliest") + lag
    return scores.with_columns(
        pl.lit(name).alias("series_id"),
        drawn.alias("frontier_date"),
        drawn.alias("release_latest"),
        drawn.alias("release_earliest"),
    )
