"""Drift: Brownian motion with drift on the link scale, started at the record.

The frontier at y0 moves as a random walk with drift b and variance sigma^2 a year.
The drift of one series is known poorly, so drifts are pooled by empirical Bayes over
families of benchmarks that share a link scale, always without the series' own family.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from trends.dates import years_since
from trends.fits.lines import Row, link_columns, not_estimated
from trends.fits.links import Floats, Link, LinkName, ceilings_above
from trends.fits.regression import MeanFit, fit_mean
from trends.registry.models import Domain, TrendFamily
from trends.registry.series import Series

MIN_DOMAIN_FAMILIES: Final = 5
"""Other families a domain needs before it is pooled by itself."""

MIN_POOL_FAMILIES: Final = 3
"""Other families below which the variance between them cannot be told."""

WELL_OBSERVED_RECORDS: Final = 8
WELL_OBSERVED_YEARS: Final = 1.0


@dataclass(frozen=True)
class Walk:
    """One series as a random walk on its link scale, as observed.

    Attributes:
        series: the series.
        scale: logit, or ln for both directions of positive scores.
        level: current record y0.
        slope: own drift (y0 - y_first) / exposure, per year.
        exposure_years: first record to the last day observed; silence counts.
        squares: sum over steps of (dz - slope dt)^2.
        spread_years: exposure less sum dt^2 / exposure, the divisor that makes
            squares / spread_years unbiased for sigma^2 with the slope estimated.
    """

    series: Series
    scale: str
    level: float
    slope: float
    exposure_years: float
    squares: float
    spread_years: float


@dataclass(frozen=True)
class Pool:
    """Drift of the families that a series is pooled with."""

    description: str
    n_families: int
    slope: MeanFit


@dataclass(frozen=True)
class PooledSlope:
    """Drift of one series after pooling: normal with this mean and variance.

    Attributes:
        mean: per year.
        variance: of the mean.
        own_weight: share of the series' own drift in the mean.
    """

    mean: float
    variance: float
    own_weight: float


def fit_drifts(
    series: Iterable[Series],
    frontier: pl.DataFrame,
    *,
    wanted: Iterable[str],
    as_of: date,
) -> dict[str, list[Row]]:
    """Fit the drift family to the wanted series, pooling over all of them.

    Args:
        series: every series of the vintage; the pool is drawn from it.
        frontier: FRONTIER rows of all of them.
        wanted: ids of the series to report on.
        as_of: information cut-off.

    Returns:
        For each wanted series the part of its TREND_FITS rows that this family
        decides, one row a ceiling.
    """
    by_id = {one.series_id: one for one in series}
    records = {
        str(series_id): rows
        for (series_id,), rows in frontier.group_by("series_id", maintain_order=True)
    }
    observed = {
        series_id: observe_walk(by_id[series_id], rows, None, as_of)
        for series_id, rows in records.items()
    }
    votes = _one_vote_a_family(observed.values())
    return {
        series_id: _fit_one(by_id[series_id], records[series_id], votes, as_of)
        if series_id in records
        else [not_estimated(by_id[series_id], TrendFamily.DRIFT, "no dated score")]
        for series_id in wanted
    }


def observe_walk(
    series: Series, records: pl.DataFrame, ceiling: float | None, as_of: date
) -> Walk:
    """What one series shows of its drift and variance under one ceiling.

    Without a ceiling given, the largest of its prior is taken.
    """
    if ceiling is None and series.benchmark.ceiling is not None:
        ceiling = series.benchmark.ceiling.values[-1]
    link = Link.of(series.benchmark, ceiling)
    levels = link.of_scores(records.get_column("score").to_numpy())
    dates = records.get_column("frontier_date").to_list()
    end = max(series.observed_through(as_of), dates[-1])
    times = years_since(dates[0], [*dates, end])
    exposure = float(times[-1])
    slope = float(levels[-1] - levels[0]) / exposure if exposure else 0.0
    steps = np.diff(np.append(levels, levels[-1]))
    gaps = np.diff(times)
    return Walk(
        series=series,
        scale=_scale(link.name),
        level=float(levels[-1]),
        slope=slope,
        exposure_years=exposure,
        squares=float(np.sum((steps - slope * gaps) ** 2)),
        spread_years=exposure - float(gaps @ gaps) / exposure if exposure else 0.0,
    )


def pool_slopes(own: float, own_variance: float, pool: MeanFit) -> PooledSlope:
    """Empirical-Bayes drift of one series given families that do not include it.

    The pool's mean mu has variance Var(mu), drifts between families tau_b^2, so a
    family outside the pool is drawn from N(mu, P), P = tau_b^2 + Var(mu). With own
    drift b of variance V the posterior has weight w = P/(V + P) on b, mean
    w b + (1 - w) mu and variance V P/(V + P). Formulas that shrink with tau_b^2 alone
    (Morris 1983) are for a mean that the family took part in: here they would give a
    family that is watched for years no say wherever tau_b^2 is estimated as 0.

    Args:
        own: drift of the series alone.
        own_variance: its variance V; infinite when nothing was observed.
        pool: mean, variance of the mean and tau_b^2 of the pool.
    """
    prior = pool.tau2 + pool.variance
    if np.isinf(own_variance):
        return PooledSlope(pool.mean, prior, own_weight=0.0)
    weight = prior / (own_variance + prior)
    return PooledSlope(
        mean=weight * own + (1 - weight) * pool.mean,
        variance=weight * own_variance,
        own_weight=weight,
    )


def _fit_one(
    series: Series,
    records: pl.DataFrame,
    votes: list[Walk],
    as_of: date,
) -> list[Row]:
    rows: list[Row] = []
    for ceiling, weight in ceilings_above(series.benchmark, records.tail(1)):
        walk = observe_walk(series, records, ceiling, as_of)
        # what people move has a pace of its own
        by_people = series.benchmark.moved_by == "people"
        votes_for_variance = [walk] if by_people else votes
        variance_per_year = _variance_per_year(votes_for_variance, walk.scale)
        if not variance_per_year:
            reason = f"no {walk.scale} series shows how much its record varies"
            return [not_estimated(series, TrendFamily.DRIFT, reason)]
        pool = _pool_for(series, walk.scale, votes, variance_per_year)
        own_variance = _slope_variance(walk, variance_per_year)
        if pool is None and np.isinf(own_variance):
            reason = "nothing observed after the first score, and no pool to lean on"
            return [not_estimated(series, TrendFamily.DRIFT, reason)]
        slope = (
            PooledSlope(walk.slope, own_variance, own_weight=1.0)
            if pool is None
            else pool_slopes(walk.slope, own_variance, pool.slope)
        )
        link = Link.of(series.benchmark, ceiling)
        rows.append(
            link_columns(series, link, ceiling, weight)
            | {
                "trend": TrendFamily.DRIFT.value,
                "fit_status": "fitted",
                "status_reason": _what_carries_it(walk, records.height, pool, slope),
                "epoch_date": series.observed_through(as_of),
                "intercept": walk.level,
                "slope_per_year": slope.mean,
                "slope_per_year_se": float(np.sqrt(slope.variance)),
                "sigma2_per_year": variance_per_year,
                "own_slope_per_year": walk.slope,
                "own_slope_weight": slope.own_weight,
            }
            | _pool_columns(pool)
        )
    return rows


def _one_vote_a_family(walks: Iterable[Walk]) -> list[Walk]:
    """The longest-observed whole benchmark of each family that AI models move.

    Views and versions of one benchmark share their news; counting each would sell
    one family's luck as agreement.
    """
    longest: dict[tuple[str, str], Walk] = {}
    for walk in sorted(walks, key=lambda one: one.series.series_id):
        series = walk.series
        if not series.is_whole_benchmark or series.benchmark.moved_by != "models":
            continue
        key = (walk.scale, series.benchmark.family_id)
        standing = longest.get(key)
        if standing is None or walk.exposure_years > standing.exposure_years:
            longest[key] = walk
    return [longest[key] for key in sorted(longest)]


def _variance_per_year(votes: list[Walk], scale: str) -> float:
    """Realised variance of the walks of one scale around their own drifts.

    sum (dz - b dt)^2 over sum (D - sum dt^2 / D). The mean of (dz - b dt)^2 / dt
    would be ruled by records days apart.
    """
    voting = [walk for walk in votes if walk.scale == scale and walk.spread_years > 0]
    spread = sum(walk.spread_years for walk in voting)
    return sum(walk.squares for walk in voting) / spread if spread else 0.0


def _pool_for(
    series: Series, scale: str, votes: list[Walk], variance_per_year: float
) -> Pool | None:
    """Other families on this scale: of the same domain if enough, else of all.

    A series that people move learns nothing from AI models, nor they from it.
    """
    if series.benchmark.moved_by != "models":
        return None
    others = [
        walk
        for walk in votes
        if walk.scale == scale
        and walk.exposure_years > 0
        and walk.series.benchmark.family_id != series.benchmark.family_id
    ]
    domain = series.benchmark.domain
    same_domain = [w for w in others if w.series.benchmark.domain == domain]
    by_domain = len(same_domain) >= MIN_DOMAIN_FAMILIES
    pooled = same_domain if by_domain else others
    if len(pooled) < MIN_POOL_FAMILIES:
        return None
    slopes: Floats = np.array([walk.slope for walk in pooled])
    variances: Floats = np.array(
        [_slope_variance(walk, variance_per_year) for walk in pooled]
    )
    return Pool(
        description=_describe(scale, domain if by_domain else None, len(pooled)),
        n_families=len(pooled),
        slope=fit_mean(slopes, variances),
    )


def _slope_variance(walk: Walk, variance_per_year: float) -> float:
    if walk.exposure_years == 0:
        return float("inf")
    return variance_per_year / walk.exposure_years


def _what_carries_it(
    walk: Walk, n_records: int, pool: Pool | None, slope: PooledSlope
) -> str:
    facts = f"{n_records} records over {walk.exposure_years:.1f} years observed"
    if pool is None:
        return f"{facts}; its own drift only"
    thin = (
        n_records < WELL_OBSERVED_RECORDS or walk.exposure_years < WELL_OBSERVED_YEARS
    )
    carries = ": the pooled drift carries it" if thin else ""
    return (
        f"{facts}{carries}; its own drift has {slope.own_weight:.0%} of the weight, "
        f"the rest is that of {pool.description}"
    )


def _describe(scale: str, domain: Domain | None, n_families: int) -> str:
    where = f"{scale} scale" if domain is None else f"{scale} scale, {domain}"
    return f"{n_families} other families ({where})"


def _pool_columns(pool: Pool | None) -> Row:
    if pool is None:
        return {}
    return {
        "pool": pool.description,
        "pool_slope_per_year": pool.slope.mean,
        "pool_slope_per_year_se": float(np.sqrt(pool.slope.variance)),
        "pool_tau2": pool.slope.tau2,
        "pool_n_families": pool.n_families,
    }


def _scale(link: LinkName) -> str:
    return "logit" if link == "logit" else "ln"
