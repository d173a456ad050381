"""Scores with uncertain release dates, put on days drawn inside their intervals.

For the families whose law is computed from one history: it is computed for each of
the histories drawn. Straight lines are redrawn by the engine (``trends.fits.redraws``).
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from trends.dates import years_since
from trends.fits.links import Floats
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

    @cached_property
    def set_on(self) -> list[date]:
        """Days on which a record was set, rising."""
        return self.records.get_column("frontier_date").to_list()

    @cached_property
    def years(self) -> Floats:
        """From the first record to each score, shape (n,)."""
        return years_since(self.set_on[0], self.scores["frontier_date"].to_list())

    @cached_property
    def values(self) -> Floats:
        """Of each score, in stored units, shape (n,)."""
        return self.scores.get_column("score").to_numpy()

    @property
    def best(self) -> Floats:
        """The last record, in stored units, shape (1,)."""
        return self.records.get_column("score").to_numpy()[-1:]


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
    lag = pl.duration(days=pl.lit(pl.Series(lags.ravel(order="F"))))
    drawn = pl.col("release_earliest") + lag
    redated = pl.concat([scores] * N_HISTORIES).with_columns(
        pl.Series("series_id", np.repeat(names, scores.height)),
        frontier_date=drawn,
        release_latest=drawn,
        release_earliest=drawn,
    )
    selected = select_frontier(redated, [replace(series, series_id=n) for n in names])
    by_name = selected.partition_by("series_id", as_dict=True)
    return [
        History(redated.slice(k * scores.height, scores.height), by_name[name,])
        for k, name in enumerate(names)
    ]
