"""Scores with uncertain release dates, put on days drawn inside their intervals.

For the families whose law is computed from one history: it is computed for each of
the histories drawn. Straight lines are redrawn by the engine (``trends.fits.redraws``).
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.dates import years_since
from trends.fits.links import Floats
from trends.fits.streams import random_stream
from trends.registry.series import Series
from trends.tables import FRONTIER

Days = npt.NDArray[np.datetime64]
Names = npt.NDArray[np.object_]
Places = npt.NDArray[np.intp]

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
    def values_and_best(self) -> Floats:
        """Each score and then the last record, in stored units, shape (n + 1,)."""
        best = self.records.get_column("score")[-1]
        return np.append(self.scores.get_column("score").to_numpy(), best)


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
    earliest, latest = (
        scores.get_column(name).to_numpy()
        for name in ("release_earliest", "release_latest")
    )
    span = (latest - earliest).astype(np.int64)[:, np.newaxis]
    strata = np.argsort(stream.random((scores.height, N_HISTORIES)), axis=1)
    shares = (strata + stream.random(strata.shape)) / N_HISTORIES
    days = np.transpose(
        earliest[:, np.newaxis] + np.floor(shares * (span + 1)).astype("m8[D]")
    )
    drawn = pl.Series(days.ravel())
    redated = pl.concat([scores] * N_HISTORIES).with_columns(
        frontier_date=drawn, release_latest=drawn, release_earliest=drawn
    )
    gains = scores.get_column("score").to_numpy()
    if series.benchmark.direction == "lower":
        gains = -gains
    ids = scores.get_column("observation_id").to_numpy()
    first = range(0, len(redated), scores.height)
    of_each = [
        start + _records(on, gains, ids) for start, on in zip(first, days, strict=True)
    ]
    found = redated[np.concatenate(of_each)][FRONTIER.schema.names()]
    ends = np.cumsum([len(one) for one in of_each])
    return [
        History(
            redated.slice(start, scores.height), found.slice(end - len(one), len(one))
        )
        for start, end, one in zip(first, ends.tolist(), of_each, strict=True)
    ]


def _records(days: Days, gains: Floats, ids: Names) -> Places:
    """Rows that ``select_frontier`` keeps, in order of their day.

    Of several on one day the best comes first, and the others cannot beat it.
    """
    order = np.lexsort((ids, -gains, days))
    best = np.maximum.accumulate(gains[order])
    return order[np.diff(best, prepend=-np.inf) > 0]
