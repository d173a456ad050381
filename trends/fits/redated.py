"""Scores with uncertain release dates, put on days drawn inside their intervals.

For the families whose law is computed from one history: it is computed for each of
the histories drawn. Straight lines are redrawn by the engine (``trends.fits.redraws``).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.fits.streams import random_stream
from trends.frontier import select_frontier
from trends.registry.series import Series

N_HISTORIES: Final = 16
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

    A day is uniform over its interval, and stratified: each sixteenth of an interval
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
    return [_redated(series, scores, earliest, one) for one in lags.T]


def _redated(
    series: Series,
    scores: pl.DataFrame,
    earliest: pl.Series,
    lags: npt.NDArray[np.int64],
) -> History:
    drawn = pl.Series(
        day + timedelta(days=lag)
        for day, lag in zip(earliest, lags.tolist(), strict=True)
    )
    redated = scores.with_columns(
        drawn.alias(name)
        for name in ("frontier_date", "release_earliest", "release_latest")
    )
    return History(redated, select_frontier(redated, [series]))
