"""What scores say of the ceiling of their benchmark.

The likelihood of the best scores under the trend of ``trends.fits.pace``, as a density of
scores, so that ceilings can be compared.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from scipy.special import logsumexp

from trends.dates import years_since
from trends.fits.compiled import record_kernels
from trends.fits.links import Z_95, Floats, Link
from trends.fits.pace import (
    GRID_SCATTER,
    GRID_WANDER,
    WIDE,
    among_the_best,
)
from trends.registry.series import Series

_CONSTANT_FROM: Final = 300.0
"""Level above which a score is nothing but its error."""


@dataclass(frozen=True)
class Evidence:
    """What the scores of a series say of its ceiling; the same scores, the same.

    Attributes:
        years: of its best scores, since the first.
        scores: those, in stored units.
        errors: standard error of each.
        floor: score of guessing.
        error: standard error of the best of them.
        least: share of the range by which no score is told from its ends.
        lowest: below which no ceiling lies.
    """

    years: tuple[float, ...]
    scores: tuple[float, ...]
    errors: tuple[float, ...]
    floor: float
    error: float
    least: float
    lowest: float

    def log_likelihood(self, ceilings: Floats) -> Floats:
        """Of the scores after the first, under each ceiling, shape (n,).

        Near its ceiling a score is what it is by its error: the distance d that is left
        stands as e log(1 + exp(d/e)), of error e, which is above 0 on both sides. Each
        scatters by its own error beside what the trend leaves open, so that no ceiling
        is likely for being where errors would look small. That is the error that a
        score would have where it is expected, not where it came out, which makes it a
        density of scores.
        """
        if len(self.scores) < 2:
            return np.zeros_like(ceilings)
        room = (ceilings - self.floor)[:, np.newaxis]
        distance = (ceilings[:, np.newaxis] - np.array(self.scores)) / self.error
        log_left = np.log(self.error / room) + _log_softplus(distance)
        log_left = np.minimum(log_left, np.log1p(-self.least))
        left = np.exp(log_left)
        # -log(-log(1 - left)), and its derivative by the score
        levels = -np.where(left < 1e-8, log_left, np.log(-np.log1p(-left)))
        slopes = levels - np.log1p(-left) - np.logaddexp(0.0, -distance) - np.log(room)
        logs = record_kernels().score_log_likelihood(
            np.array(self.years),
            levels,
            np.square(self.errors),
            GRID_SCATTER,
            GRID_WANDER,
            WIDE.mean,
            WIDE.variance,
            room[:, 0],
            self.error,
            (-np.log(-np.log(self.least)), _CONSTANT_FROM),
        )
        found: Floats = logsumexp(logs, axis=-1) + slopes[:, 1:].sum(axis=1)
        return found


def _log_softplus(x: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.where(x < -30, x, np.log(np.logaddexp(0.0, x)))


def evidence_of(
    series: Series, scores: pl.DataFrame, *, until: date = date.max
) -> Evidence:
    """What the scores of a series up to a day say of its ceiling.

    Args:
        series: the series, of bounded scores.
        scores: its SERIES_SCORES rows, at least one.
        until: the last day that is looked at.
    """
    link = Link.of(series.benchmark, 1.0)
    values, days = scores["score"].to_numpy(), scores["frontier_date"].to_list()
    # of scores as good the first
    best = max(range(len(days)), key=lambda i: (values[i], -days[i].toordinal()))
    error = float(np.sqrt(link.score_variance(scores)[best]))
    least, highest = link.least_share, float(values[best])
    last = min(until, series.observed_through(date.max))
    if max(days) > last:
        scores = scores.filter(pl.col("frontier_date") <= last)
        values, days = scores["score"].to_numpy(), scores["frontier_date"].to_list()
    years = years_since(min(days, default=date.max), days)
    kept = among_the_best(years, values)
    errors = np.sqrt(link.score_variance(scores))[kept]
    return Evidence(
        years=tuple(years[kept].tolist()),
        scores=tuple(values[kept].tolist()),
        errors=tuple(np.maximum(errors, least).tolist()),
        floor=link.floor,
        error=max(error, least),
        least=least,
        lowest=max(highest - Z_95 * error, link.floor + 2 * least),
    )
