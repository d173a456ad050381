"""Logistic with an estimated ceiling, by least squares on the score scale.

score = floor + (ceiling - floor) / (1 + exp(-(intercept + slope t))): three parameters,
fitted to the records of a series like the straight lines. Least squares of scores
follow their mean, which scatter keeps nearer to the middle than a line on the logit
scale. Few series show their ceiling, so the share of resamples that leave it on its
bound of 1 is published.
"""

from datetime import date
from typing import Final

import numpy as np
import polars as pl

from trends.dates import years_between
from trends.fits.engine import Job, Sigmoid, refit
from trends.fits.lines import MIN_SPAN_DAYS, Row, not_estimated
from trends.fits.links import Link
from trends.fits.points import developers_of, points_of
from trends.fits.samples import Points, Resampling
from trends.fits.sigmoid_optimum import SigmoidFit, fit_sigmoid
from trends.fits.sigmoid_profile import SigmoidProfile
from trends.registry.models import TrendFamily
from trends.registry.series import Series

MIN_RECORDS: Final = 12
"""Fewest whose intervals were found to hold what they claim (docs/coverage.md).

Of eight records 90% intervals held 83 to 85%.
"""

HIGHEST_CEILING: Final = 1.0

N_RESAMPLES: Final = 400
"""Behind ceiling_at_bound_share, whose Monte Carlo error is then 0.025 at most."""

_SEED: Final = 0
"""The share belongs to the figures, as standard errors do."""

_EPOCH: Final = date(1970, 1, 1)


def fit_logistic3(
    series: Series, records: pl.DataFrame, scores: pl.DataFrame
) -> list[Row]:
    """Fit the three-parameter logistic to the records of one bounded series.

    Args:
        series: the series.
        records: FRONTIER rows of this series, by date.
        scores: SERIES_SCORES rows of this series, from which resamples are drawn.

    Returns:
        The part of the one TREND_FITS row that this family decides.
    """
    days = records.get_column("frontier_date").to_list()
    if reason := _too_little(len(days), (days[-1] - days[0]).days if days else 0):
        return [not_estimated(series, TrendFamily.LOGISTIC3, reason)]
    profile = sigmoid_profile(series, records)
    fit = profile.fit
    if fit.height <= 0:
        reason = "no record lies above the floor"
        return [not_estimated(series, TrendFamily.LOGISTIC3, reason)]
    share = ceiling_at_bound_share(series, scores)
    epoch = days[0] + (days[-1] - days[0]) / 2
    return [
        {
            "trend": TrendFamily.LOGISTIC3.value,
            "link": "logit",
            "floor": series.benchmark.floor,
            "fit_status": "fitted",
            "status_reason": f"{len(days)} records over {(days[-1] - days[0]).days} "
            f"days; the ceiling sits on its bound in {share:.0%} of resamples",
            "epoch_date": epoch,
            "ceiling_at_bound_share": share,
            "ceiling_estimate": (series.benchmark.floor or 0.0) + fit.height,
            "df": float(fit.df),
        }
        | _line_columns(profile, years_between(_EPOCH, epoch))
    ]


def sigmoid_profile(series: Series, records: pl.DataFrame) -> SigmoidProfile:
    """The best three-parameter logistic of the records, with the records."""
    points = sigmoid_points(series, records)
    highest = _max_height(series)
    return SigmoidProfile(
        years=points.years,
        levels=points.levels,
        max_height=highest,
        fit=fit_sigmoid(points, max_height=highest),
    )


def sigmoid_points(series: Series, scores: pl.DataFrame) -> Points:
    """Scores above the floor, as the engine takes them.

    Args:
        series: a bounded series.
        scores: SERIES_SCORES rows. A release dated by an interval stands in its
            middle; a model whose developer is unknown is a developer of its own.
    """
    variance = Link.of(series.benchmark, HIGHEST_CEILING).score_variance(scores)
    levels = scores.get_column("score").to_numpy() - (series.benchmark.floor or 0.0)
    return points_of(
        scores,
        levels,
        epoch=_EPOCH,
        clusters=developers_of(scores),
        variances=variance,
    )


def ceiling_at_bound_share(series: Series, scores: pl.DataFrame) -> float:
    """Share of resamples whose records leave the estimated ceiling on its bound.

    Developers, measurement errors and dates are drawn, and records selected anew
    inside each resample; resamples without a fit are left out.
    """
    highest = _max_height(series)
    resampling = Resampling(
        seed=_SEED,
        series_id=series.series_id,
        vintage=0,
        count=N_RESAMPLES,
        clusters="resampled",
        noise=True,
        dates=True,
        records=True,
    )
    job = Job(Sigmoid(highest), sigmoid_points(series, scores), resampling)
    (fits,) = refit([job], workers=1)
    return fits.share_at("height", highest)


def _line_columns(profile: SigmoidProfile, epoch_years: float) -> Row:
    """Ceiling, and the line inside the logistic, with standard errors from J'J."""
    fit: SigmoidFit = profile.fit
    to_line = np.array(
        [
            [0.0, -fit.slope_per_year, epoch_years - fit.midpoint_years],
            [0.0, 0.0, 1.0],
        ]
    )
    covariance = profile.free_covariance()
    of_line = to_line[:, 1:] @ covariance[1:, 1:] @ to_line[:, 1:].T
    return {
        "ceiling_estimate_se": _root(covariance[0, 0]),
        "intercept": fit.slope_per_year * (epoch_years - fit.midpoint_years),
        "intercept_se": _root(of_line[0, 0]),
        "slope_per_year": fit.slope_per_year,
        "slope_per_year_se": _root(of_line[1, 1]),
        "intercept_slope_cov": _number(of_line[0, 1]),
    }


def _root(variance: float) -> float | None:
    return _number(float(np.sqrt(variance)))


def _number(value: float) -> float | None:
    """Unknown is null, never NaN."""
    return float(value) if np.isfinite(value) else None


def _max_height(series: Series) -> float:
    return HIGHEST_CEILING - (series.benchmark.floor or 0.0)


def _too_little(n_records: int, span_days: int) -> str | None:
    if n_records < MIN_RECORDS:
        return (
            f"too few records: {n_records}, a logistic with an estimated ceiling needs "
            f"{MIN_RECORDS}"
        )
    if span_days < MIN_SPAN_DAYS:
        return f"too short a record: {span_days} days, a logistic needs a year"
    return None
