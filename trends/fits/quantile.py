"""Quantile trend: the straight line with nine tenths of all releases below it.

Every score of a series enters, not only its records: a regression on records takes
each only because it was high for its date, and is too steep. The quantile is that of
published scores, so that measurement error is part of the scatter and none is added.

The line's law is a bivariate t about the fit, with the covariance of refits to
resamples. Percentiles of the resampled lines themselves are far too narrow: in the
tail of a few dozen scores they hop between the same two or three. Lines are refitted
twice, to models and to whole developers drawn with replacement, and the covariance
with the vaguer level at the last score is taken (as Angrist and Pischke 2009, Mostly
Harmless Econometrics, 8.1, advise for standard errors): developers differ in level,
but few of them show too little of it. A wild bootstrap does not keep a quantile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from trends.fits.ceilings import CeilingBin, ceilings_of
from trends.fits.engine import Fits, QuantileLine, fit_once
from trends.fits.lines import MIN_SPAN_DAYS, Row, link_columns, not_estimated
from trends.fits.links import Floats, Link
from trends.fits.points import developers_of, points_of
from trends.fits.samples import Points, Resampling
from trends.registry.models import TrendFamily
from trends.registry.series import Series

QUANTILE: Final = 0.9
MIN_MODELS: Final = 16
"""Fewest models whose intervals were found to hold what they claim (docs/coverage.md).

At 12 the wider of two errors is too wide: 90% intervals of models that eight
developers made held 93 to 95%. Below ten no score can lie above a 0.9 quantile.
"""

MIN_ITEMS: Final = 200
"""Scores of fewer items spread on the logit scale the more the nearer they are to floor
and ceiling, so that their 0.9 quantile bends: of 100 items 90% intervals held 85%, of
20 items 74%.
"""

N_RESAMPLES: Final = 2048
_SEED: Final = 0
"""Standard errors belong to the figures; a run's own seed draws lines from them."""


def fit_quantile(
    series: Series,
    scores: pl.DataFrame,
    ceilings: Sequence[CeilingBin] | None = None,
) -> list[Row]:
    """Fit the 0.9 quantile line to all scores of one series.

    Args:
        series: the series.
        scores: SERIES_SCORES rows of this series.
        ceilings: where views of one test share them; else those of its scores.

    Returns:
        The part of TREND_FITS rows that this family decides, one a ceiling. Time is
        zero at the last score.
    """
    if reason := _too_little(series, scores):
        return [not_estimated(series, TrendFamily.QUANTILE, reason)]
    epoch = max(scores.get_column("frontier_date").to_list())
    bins = ceilings or ceilings_of(series, scores)
    links = [Link.of(series.benchmark, under.ceiling) for under in bins]
    values, models = scores.get_column("score").to_numpy(), scores["model_id"]
    first = points_of(scores, links[0].of_scores(values), epoch=epoch, clusters=models)
    alike = [replace(first, levels=link.of_scores(values)) for link in links]
    rows: list[Row] = []
    for under, link, points, spread in zip(
        bins, links, alike, _wider_spreads(series, scores, alike), strict=True
    ):
        intercept, slope, _ = fit_once(QuantileLine(QUANTILE), points)
        rows.append(
            link_columns(series, link, under)
            | {
                "trend": TrendFamily.QUANTILE.value,
                "fit_status": "fitted",
                "status_reason": f"{scores.height} scores of {_models(scores)} models "
                f"over {_span_days(scores)} days; {spread.basis}",
                "epoch_date": epoch,
                "intercept": float(intercept),
                "intercept_se": float(np.sqrt(spread.covariance[0, 0])),
                "slope_per_year": float(slope),
                "slope_per_year_se": float(np.sqrt(spread.covariance[1, 1])),
                "intercept_slope_cov": float(spread.covariance[0, 1]),
                "df": float(spread.df),
            }
        )
    return rows


@dataclass(frozen=True)
class _Spread:
    """Sampling error of a line.

    Attributes:
        covariance: of (intercept, slope).
        df: degrees of freedom of their t distribution.
        basis: what was resampled, in words.
    """

    covariance: Floats
    df: int
    basis: str


def _too_little(series: Series, scores: pl.DataFrame) -> str | None:
    benchmark = series.benchmark
    items = benchmark.n_items if benchmark.items_are_bernoulli else None
    if items is not None and items < MIN_ITEMS:
        return f"too few items: {items}, a {QUANTILE} quantile line needs {MIN_ITEMS}"
    if (n := _models(scores)) < MIN_MODELS:
        return f"too few models: {n}, a {QUANTILE} quantile line needs {MIN_MODELS}"
    if (days := _span_days(scores)) < MIN_SPAN_DAYS:
        return f"too short a record: {days} days, a quantile line needs a year"
    return None


def _models(scores: pl.DataFrame) -> int:
    return scores.get_column("model_id").n_unique()


def _span_days(scores: pl.DataFrame) -> int:
    days = scores.get_column("frontier_date").to_list()
    return int((max(days) - min(days)).days)


def _wider_spreads(
    series: Series, scores: pl.DataFrame, alike: Sequence[Points]
) -> list[_Spread]:
    """By model or by developer, whichever leaves the level at the last score vaguer.

    By developer the t has one degree of freedom less than there are developers, as
    for cluster-robust errors. An unnamed developer made one model.

    Args:
        series: the series.
        scores: its SERIES_SCORES rows.
        alike: those under each ceiling.
    """
    developers = developers_of(scores).to_list()
    df, n = _models(scores) - 2, len(set(developers))
    by_model = _resampled(series, alike, "models", df)
    if n == 1:
        return by_model
    by_developer = _resampled(
        series,
        [replace(points, developers=developers) for points in alike],
        f"{n} developers",
        min(n - 1, df),
    )
    return [
        max(both, key=lambda one: float(one.covariance[0, 0]))
        for both in zip(by_model, by_developer, strict=True)
    ]


def _resampled(
    series: Series, alike: Sequence[Points], drawn: str, df: int
) -> list[_Spread]:
    """Covariance of lines refitted to resampled clusters and to dates drawn."""
    resampling = Resampling(
        seed=_SEED,
        series_id=series.series_id,
        vintage=0,
        count=N_RESAMPLES,
        clusters="resampled",
        noise=False,
        dates=True,
        records=False,
    )
    return [
        _spread(fits, drawn, df)
        for fits in QuantileLine(QUANTILE).refit_alike(alike, resampling)
    ]


def _spread(fits: Fits, drawn: str, df: int) -> _Spread:
    lines = fits.values[:, :2]
    lines = lines[np.isfinite(lines).all(axis=1)]
    lost = f", {fits.n_failed} without a line" if fits.n_failed else ""
    return _Spread(
        covariance=np.cov(lines, rowvar=False),
        df=df,
        basis=f"errors from {N_RESAMPLES} resamples of {drawn}{lost}",
    )
