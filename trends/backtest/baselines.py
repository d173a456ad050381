"""Forecasters that are not families of the pipeline: standing still, plain lines."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from scipy.special import stdtr

from trends.crossings.levels import LevelLaw, Standing
from trends.dates import years_between, years_since
from trends.fits.lines import MIN_RECORDS
from trends.fits.links import Floats, Link
from trends.fits.regression import LineFit, fit_line


@dataclass(frozen=True)
class PlainLine:
    """Ordinary least squares through the records, with its prediction interval.

    Attributes:
        standing: what the series had shown.
        fit: the line; ``tau2`` is the residual variance.
        scale: what the line is straight in.
    """

    standing: Standing
    fit: LineFit
    scale: Literal["score", "link"]

    def level_law(self, days: int) -> LevelLaw:
        """The higher of the record and the line's t prediction, so many days ahead."""
        ahead = np.array([float(days)])
        return self.standing.law(self._exceeds(self.standing.grid()[1], ahead)[:, 0])

    def crossing_cdf(self, bar: float, n_days: int) -> Floats:
        """P(a score of the line has reached the bar) on day 0, 1, ... n_days."""
        exceeds = self._exceeds(np.array([bar]), np.arange(n_days + 1.0))
        return np.asarray(np.maximum.accumulate(exceeds[0]))

    def _exceeds(self, scores: Floats, days: Floats) -> Floats:
        """P(prediction >= score), shape (scores, days)."""
        first = self.standing.records.get_column("frontier_date")[0]
        years = years_since(
            first, [self.standing.start + timedelta(days=int(one)) for one in days]
        )
        spread = self.fit.covariance
        variance = (
            spread[0, 0]
            + 2 * years * spread[0, 1]
            + years**2 * spread[1, 1]
            + self.fit.tau2
        )
        line = self.fit.intercept + self.fit.slope * years
        gap = line - on_scale(self.standing, scores, self.scale)[:, np.newaxis]
        error = np.sqrt(np.maximum(variance, np.finfo(np.float64).tiny))
        return np.asarray(stdtr(self.fit.df, gap / error))


def plain_line(standing: Standing, scale: Literal["score", "link"]) -> PlainLine | None:
    """The line through all records; None with fewer than four."""
    dates: list[date] = standing.records.get_column("frontier_date").to_list()
    if len(dates) < MIN_RECORDS or years_between(dates[0], dates[-1]) == 0:
        return None
    levels = on_scale(standing, standing.records.get_column("score").to_numpy(), scale)
    # with no known variances the weights are equal, which is ordinary least squares
    fit = fit_line(years_since(dates[0], dates), levels, np.zeros_like(levels))
    return PlainLine(standing, fit, scale)


def on_scale(
    standing: Standing, scores: Floats, scale: Literal["score", "link"]
) -> Floats:
    """Scores so that higher is better: as they are, or on the link scale."""
    benchmark = standing.series.benchmark
    if scale == "link":
        return Link.of(benchmark, 1.0).of_scores(scores)
    return scores if benchmark.direction == "higher" else -scores


def no_change(standing: Standing) -> LevelLaw:
    """The record stands."""
    return standing.law(np.zeros_like(standing.grid()[0]))
