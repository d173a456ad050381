"""From the law of a record to the law of a top-3 score on the same day.

A top-3 score lies somewhat below the record of its day. How far is drawn, on the logit
scale, from all such distances before the cut; and no such score can be below the third
best at the cut.
"""

from typing import Final

import numpy as np
import polars as pl

from trends.contest.panel import Known
from trends.contest.top3 import DEPTH
from trends.fits.links import Floats, Link

N_EACH: Final = 100
"""Equally likely records, and as many distances, that a law is made of."""


def distances_below(known: Known) -> Floats:
    """How far top-3 points lay below the record of their day, in logits, rising.

    Of all benchmarks together; a point that set the record lies 0 below it.
    """
    found = [
        link.of_scores(points["record"].to_numpy())
        - link.of_scores(points["score"].to_numpy())
        for one in known.series
        for link in [Link.of(one.benchmark, 1.0)]
        for points in [known.top3.filter(pl.col("series_id") == one.series_id)]
        if points.height
    ]
    return np.sort(np.concatenate([np.zeros(0), *found]))


def third_best(known: Known, series_id: str) -> float:
    """The score that a new one must beat to be among the best three."""
    points = known.top3.filter(pl.col("series_id") == series_id)["score"]
    return float(points.top_k(DEPTH).min())  # type: ignore[arg-type]


def top3_law(
    records: Floats, link: Link, *, distances: Floats, at_least: float
) -> Floats:
    """Equally likely top-3 scores on a day, rising.

    Args:
        records: equally likely records of that day, rising.
        link: scale on which a distance is taken off.
        distances: from ``distances_below``, at least one.
        at_least: third best score at the cut.
    """
    levels = link.of_scores(thinned(records))
    below = levels[:, np.newaxis] - thinned(distances)
    return np.sort(np.maximum(link.to_scores(below.ravel()), at_least))


def thinned(sample: Floats) -> Floats:
    """``N_EACH`` values that are spread as a rising sample, if it has more."""
    n = len(sample)
    if n <= N_EACH:
        return sample
    places = (np.arange(N_EACH) + 0.5) / N_EACH * n
    return sample[places.astype(np.intp)]
