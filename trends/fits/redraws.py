"""Draws of the straight line that a TREND_FITS row describes.

Of the layers of resampling a line through records takes four: dates inside their
intervals, records selected again, the refit, and its parameters from their t
distribution. Developers redrawn or measurement noise on top would count twice what the
between-release variance of the fit holds already; docs/coverage.md has the coverage that
was measured, also where developers differ. A quantile line has its resampled developers and dates in its covariance;
a line with lower bounds among its records is drawn from the fit alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.special import stdtr

from trends.dates import years_between, years_since
from trends.fits.engine import Job, Line, refit
from trends.fits.lines import MIN_RECORDS
from trends.fits.links import Floats, Link
from trends.fits.points import developers_of, points_of
from trends.fits.redated import has_uncertain_dates
from trends.fits.samples import Resampling
from trends.fits.streams import random_stream
from trends.registry.models import TrendFamily
from trends.registry.series import Series

REDRAWN_FROM: Final = (
    "trend",
    "ceiling",
    "epoch_date",
    "intercept",
    "intercept_se",
    "intercept_slope_cov",
    "slope_per_year",
    "slope_per_year_se",
    "df",
)
"""All that ``redraw_line`` takes of a row."""


@dataclass(frozen=True)
class LineLaw:
    """Bivariate t distributions of (intercept, slope), one or one a draw.

    Attributes:
        means: shape (2,) or (2, n).
        covariances: of intercept, of both, of slope; shape (3,) or (3, n).
        df: degrees of freedom; a number or shape (n,).
    """

    means: Floats
    covariances: Floats
    df: Floats


@dataclass(frozen=True)
class LineDraws:
    """Draws of (intercept, slope) of one straight line.

    Attributes:
        intercept: level at ``epoch``, shape (n,).
        slope: growth a year, shape (n,).
        epoch: day at which time is zero.
        law: what they were drawn from.
        n_failed: draws that fixed no line; they are not among the n.
    """

    intercept: Floats
    slope: Floats
    epoch: date
    law: LineLaw
    n_failed: int = 0

    def probability_above(self, level: float, day: date) -> float:
        """Probability of the law that the line is at or above ``level`` on ``day``.

        A count of the draws would depend on their seed.
        """
        years = years_between(self.epoch, day)
        middle = self.law.means[0] + years * self.law.means[1]
        of_intercept, of_both, of_slope = self.law.covariances
        variance = of_intercept + 2 * years * of_both + years**2 * of_slope
        error = np.sqrt(np.maximum(variance, np.finfo(np.float64).tiny))
        return float(np.mean(stdtr(self.law.df, (middle - level) / error)))


def redraw_line(
    series: Series,
    fit: Mapping[str, Any],
    scores: pl.DataFrame,
    *,
    seed: int,
    n_draws: int,
    place: int = 0,
) -> LineDraws:
    """Draw the line of a fitted logistic, exponential or quantile row.

    Args:
        series: the series.
        fit: its TREND_FITS row under one ceiling.
        scores: SERIES_SCORES rows of the series.
        seed: of the run.
        n_draws: draws asked for.
        place: of the row among those of other ceilings; it decides what is drawn, so
            that a ceiling that moves draws the same.
    """
    law, n_failed = _of_the_fit(fit), 0
    is_of_records = fit["trend"] != TrendFamily.QUANTILE.value
    has_bounds = scores.get_column("is_lower_bound").any()
    if is_of_records and has_uncertain_dates(scores) and not has_bounds:
        law, n_failed = _of_refits(series, fit, scores, seed=seed, n_draws=n_draws)
    stream = random_stream(seed, series.series_id, fit["trend"], place)
    intercept, slope = draw_lines(stream, law, n_draws=n_draws - n_failed)
    return LineDraws(intercept, slope, fit["epoch_date"], law, n_failed)


def line_at(fit: Mapping[str, Any], days: list[date]) -> Floats:
    """Levels of the straight line of a fitted TREND_FITS row on these days."""
    years = years_since(fit["epoch_date"], days)
    return np.asarray(fit["intercept"] + fit["slope_per_year"] * years)


def draw_lines(
    generator: np.random.Generator, law: LineLaw, *, n_draws: int
) -> tuple[Floats, Floats]:
    """Draw intercepts and slopes; lines that do not rise are kept."""
    intercept_variance, between, slope_variance = law.covariances
    root = np.sqrt(intercept_variance)
    # points on one line leave no covariance at all
    lower = between / np.where(root > 0, root, 1.0)
    rest = np.sqrt(np.maximum(slope_variance - lower**2, 0.0))
    first, second = generator.standard_normal((2, n_draws))
    scale = np.sqrt(law.df / generator.chisquare(law.df, n_draws))
    return (
        law.means[0] + scale * root * first,
        law.means[1] + scale * (lower * first + rest * second),
    )


def _of_the_fit(fit: Mapping[str, Any]) -> LineLaw:
    return LineLaw(
        means=np.array([fit["intercept"], fit["slope_per_year"]]),
        covariances=np.array(
            [
                fit["intercept_se"] ** 2,
                fit["intercept_slope_cov"],
                fit["slope_per_year_se"] ** 2,
            ]
        ),
        df=np.array(fit["df"]),
    )


def _of_refits(
    series: Series,
    fit: Mapping[str, Any],
    scores: pl.DataFrame,
    *,
    seed: int,
    n_draws: int,
) -> tuple[LineLaw, int]:
    """A law a resample of dates and records, and how many had too few records."""
    link = Link.of(series.benchmark, fit["ceiling"])
    resampling = Resampling(
        seed=seed,
        series_id=series.series_id,
        vintage=0,
        count=n_draws,
        clusters="off",
        noise=False,
        dates=True,
        records=True,
    )
    points = points_of(
        scores,
        link.of_scores(scores.get_column("score").to_numpy()),
        epoch=fit["epoch_date"],
        clusters=developers_of(scores),
        variances=link.sampling_variance(
            scores, line_at(fit, scores.get_column("frontier_date").to_list())
        ),
    )
    (fits,) = refit([Job(Line(), points, resampling)], workers=1)
    enough = fits.column("n_points") >= MIN_RECORDS
    kept = fits.values[enough].T
    law = LineLaw(kept[:2], kept[2:5], kept[6] - 2)
    return law, int(n_draws - enough.sum())
