"""The engine's point fits on every shipped series, against statsmodels and scipy."""

import warnings
from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy import optimize

from tests.conftest import AS_OF
from trends.fits.ceilings import ceilings_of
from trends.fits.engine import Line, QuantileLine, fit_once
from trends.fits.links import Floats, Link
from trends.fits.samples import Points
from trends.fits.sigmoid_optimum import (
    MIDPOINT_REACH_YEARS,
    SLOPE_HIGH,
    SLOPE_LOW,
    fit_sigmoid,
)
from trends.frontier import known_as_of, select_frontier, select_series_scores
from trends.pipeline.ingest import latest_ingest
from trends.registry import load_registry
from trends.registry.series import Series, every_series
from trends.workspace import Workspace

EPOCH = date(2025, 1, 1)
QUANTILE = 0.9

Shipped = tuple[Series, pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def shipped(shipped_workspace: Workspace) -> list[Shipped]:
    """Every series with its scores and its records, as the forecast sees them."""
    registry = load_registry(shipped_workspace.registry)
    everything = every_series(registry)
    known = known_as_of(
        pl.read_parquet(latest_ingest(shipped_workspace) / "observations.parquet"),
        AS_OF,
    )
    scores = select_series_scores(known, everything)
    frontier = select_frontier(scores, everything)
    found = [
        (
            one,
            scores.filter(pl.col("series_id") == one.series_id),
            frontier.filter(pl.col("series_id") == one.series_id),
        )
        for one in everything
    ]
    assert len(found) > len(registry.benchmarks)
    return found


def points_of(rows: pl.DataFrame, levels: Floats, variances: Floats) -> Points:
    days = (
        rows.select((pl.col("frontier_date") - EPOCH).dt.total_days().cast(pl.Float64))
        .to_series()
        .to_numpy()
    )
    return Points(
        first_days=days,
        last_days=days,
        levels=levels,
        errors=np.sqrt(variances),
        variances=variances,
        developers=["nobody is drawn here"] * rows.height,
    )


def on_link(series: Series, rows: pl.DataFrame) -> Iterator[Points]:
    for under in ceilings_of(series, rows):
        link = Link.of(series.benchmark, under.ceiling)
        levels = link.of_scores(rows.get_column("score").to_numpy())
        yield points_of(rows, levels, link.sampling_variance(rows))


def test_lines_are_those_of_statsmodels_with_the_variance_of_paule_and_mandel(
    shipped: list[Shipped],
) -> None:
    compared = 0
    for series, _, records in shipped:
        if records.height < 3:
            continue
        for points in on_link(series, records):
            expected = [*_statsmodels_line(points), records.height]
            found = fit_once(Line(), points)
            assert found == pytest.approx(expected, rel=1e-8, abs=1e-12), series
            compared += 1
    assert compared > 80


def _statsmodels_line(points: Points) -> list[float]:
    """Intercept, slope, their three covariance terms and tau2."""
    y, known, free = points.levels, points.variances, len(points.levels) - 2
    design = sm.add_constant(points.years)

    def fit(tau2: float) -> sm.regression.linear_model.RegressionResults:
        return sm.WLS(y, design, weights=1 / (known + tau2)).fit(cov_type="fixed scale")

    def excess(tau2: float) -> float:
        return float(fit(tau2).wresid @ fit(tau2).wresid) - free

    largest = sm.OLS(y, design).fit().scale * (1 + 1e-9)
    tau2 = 0.0
    if excess(1e-9 * largest) > 0:
        tau2 = optimize.brentq(excess, 1e-9 * largest, largest, xtol=1e-15, rtol=1e-14)
    best = fit(tau2)
    return [*best.params, *best.cov_params()[np.triu_indices(2)], tau2]


def test_quantile_lines_lose_no_more_than_those_of_statsmodels(
    shipped: list[Shipped],
) -> None:
    compared = 0
    for series, scores, _ in shipped:
        if scores.height < 6:
            continue
        for points in on_link(series, scores):
            loss = fit_once(QuantileLine(QUANTILE), points)[2]
            theirs = _statsmodels_loss(points)
            assert loss <= theirs * (1 + 1e-12) + 1e-12, series
            # interior points stop short of the corner where the minimum is
            assert loss == pytest.approx(theirs, rel=1e-2, abs=1e-6), series
            compared += 1
    assert compared > 80


def _statsmodels_loss(points: Points) -> float:
    asked = sm.QuantReg(points.levels, sm.add_constant(points.years))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        # what it says of its standard errors and its iterations is no matter here
        warnings.simplefilter("ignore")
        intercept, slope = asked.fit(q=QUANTILE, max_iter=5000, p_tol=1e-9).params
    above = points.levels - intercept - slope * points.years
    return float(np.sum(above * np.where(above > 0, QUANTILE, QUANTILE - 1)))


def test_logistics_with_a_free_ceiling_are_not_above_those_of_scipy(
    shipped: list[Shipped],
) -> None:
    compared = 0
    for series, scores, _ in shipped:
        benchmark = series.benchmark
        if not benchmark.unit.is_bounded or scores.height < 6:
            continue
        floor = benchmark.floor or 0.0
        levels = scores.get_column("score").to_numpy() - floor
        points = points_of(scores, levels, np.zeros(scores.height))
        for under in ceilings_of(series, scores):
            ceiling = under.ceiling
            assert ceiling is not None
            fit = fit_sigmoid(points, max_height=ceiling - floor)
            assert fit.is_converged
            assert fit.rss <= _scipy_rss(points, ceiling - floor) * (1 + 1e-8), series
            compared += 1
    assert compared > 75


def _scipy_rss(points: Points, max_height: float) -> float:
    """Lowest of least_squares' bounded minima from nine starts."""
    x, y = points.years, points.levels
    reach = MIDPOINT_REACH_YEARS
    box = (
        (0, x.min() - reach, SLOPE_LOW),
        (max_height, x.max() + reach, SLOPE_HIGH),
    )

    def residuals(beta: Floats) -> Floats:
        fall = np.exp(-np.clip(beta[2] * (x - beta[1]), -700, 700))
        return np.asarray(beta[0] / (1 + fall) - y)

    starts = [
        (0.7 * max_height, midpoint, slope)
        for midpoint in (x.min(), x.mean(), x.max())
        for slope in (0.5, 1.5, 4.0)
    ]
    fits = [
        optimize.least_squares(residuals, start, bounds=box, x_scale=(1, 1, 1))
        for start in starts
    ]
    return min(2 * float(fit.cost) for fit in fits)
