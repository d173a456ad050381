"""Drift: Brownian motion with drift on the link scale, seen by its records.

The drift of one series is known poorly, so drifts are pooled by empirical Bayes over
families of benchmarks that share a link scale, always without the series' own family.
What a single walk says of itself is in ``trends.fits.walks``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.special import stdtrit

from trends.dates import years_since
from trends.fits.lines import Row, link_columns, not_estimated
from trends.fits.links import Link, LinkName, ceilings_above
from trends.fits.redated import History
from trends.fits.regression import MeanFit
from trends.fits.walks import (
    ObservedWalk,
    Prior,
    WalkLaw,
    estimate_variance,
    fit_drifts_between,
    walk_law,
)
from trends.registry.models import Domain, TrendFamily
from trends.registry.series import Series
from trends.registry.weights import Weights, scale_of

MIN_DOMAIN_FAMILIES: Final = 5
"""Other families a domain needs before it is pooled by itself."""

MIN_POOL_FAMILIES: Final = 3
"""Other families below which the variance between them cannot be told."""

WELL_OBSERVED_RECORDS: Final = 8
WELL_OBSERVED_YEARS: Final = 1.0

_Z_90: Final = 1.6448536269514722


@dataclass(frozen=True)
class SeriesWalk:
    """The walk of one series on its link scale."""

    series: Series
    scale: str
    observed: ObservedWalk


@dataclass(frozen=True)
class Pool:
    """Drift of the families that a series is pooled with."""

    description: str
    n_families: int
    slope: MeanFit

    @property
    def prior(self) -> Prior:
        """Drift of a family outside the pool, before it is looked at.

        Its mean mu has variance Var(mu) and drifts vary by tau_b^2 between families,
        so a family outside is drawn from N(mu, P), P = tau_b^2 + Var(mu). tau_b^2 is
        known from few families, so P is widened until the normal has the 90% interval
        of Student's t with one degree of freedom less than there are families.
        Formulas that shrink with tau_b^2 alone (Morris 1983) are for a mean that the
        family took part in: here they would give a family that is watched for years
        no say wherever tau_b^2 is estimated as 0.
        """
        few = float(stdtrit(self.n_families - 1, 0.95)) / _Z_90
        return Prior(self.slope.mean, (self.slope.tau2 + self.slope.variance) * few**2)


def fit_drifts(
    series: Iterable[Series],
    frontier: pl.DataFrame,
    series_scores: pl.DataFrame,
    *,
    wanted: Iterable[str],
    as_of: date,
    weights: Weights | None = None,
) -> dict[str, list[Row]]:
    """Fit the drift family to the wanted series, pooling over all of them.

    Args:
        series: every series of the vintage; the pool is drawn from it.
        frontier: FRONTIER rows of all of them.
        series_scores: SERIES_SCORES rows of all of them; their days are the days on
            which a record could have been seen.
        wanted: ids of the series to report on.
        as_of: information cut-off.
        weights: what the backtest taught of sigma; None leaves it as estimated.

    Returns:
        For each wanted series the part of its TREND_FITS rows that this family
        decides, one row a ceiling.
    """
    by_id = {one.series_id: one for one in series}
    days = dict(
        series_scores.group_by("series_id").agg(pl.col("frontier_date")).iter_rows()
    )
    records = {
        str(series_id): rows
        for (series_id,), rows in frontier.group_by("series_id", maintain_order=True)
    }
    drifts = _Drifts(
        [
            observe_walk(
                by_id[series_id],
                rows,
                days[series_id],
                None,
                by_id[series_id].observed_through(as_of),
            )
            for series_id, rows in records.items()
        ],
        weights,
    )
    return {
        series_id: _fit_one(
            by_id[series_id], records[series_id], days[series_id], drifts, as_of
        )
        if series_id in records
        else [not_estimated(by_id[series_id], TrendFamily.DRIFT, "no dated score")]
        for series_id in wanted
    }


def observe_walk(
    series: Series,
    records: pl.DataFrame,
    days: Iterable[date],
    ceiling: float | None,
    observed_through: date,
) -> SeriesWalk:
    """What one series shows of its walk under one ceiling.

    The last day counts as a look, with or without a score: that a benchmark which is
    watched shows nothing says that nothing better came out. In the backtest a walk
    that moves on unseen from the last score misses bounded frontiers three months
    ahead by 10 points instead of 5.5 (CRPS).

    Args:
        series: the series.
        records: its FRONTIER rows.
        days: dates of all its scores, with or without a record.
        ceiling: one of its prior; None takes the largest.
        observed_through: last day on which a record could have been seen.
    """
    if ceiling is None and series.benchmark.ceiling is not None:
        ceiling = series.benchmark.ceiling.values[-1]
    link = Link.of(series.benchmark, ceiling)
    levels = link.of_scores(records.get_column("score").to_numpy())
    dates = records.get_column("frontier_date").to_list()
    end = max(observed_through, dates[-1])
    times = years_since(dates[0], [*dates, end])
    exposure, gain = float(times[-1]), float(levels[-1] - levels[0])
    gaps = np.diff(times)
    steps = np.diff(np.append(levels, levels[-1]))
    rise = gain / exposure if exposure else 0.0
    looks = {day for day in [*days, end] if dates[0] < day <= end}
    return SeriesWalk(
        series,
        _scale(link.name),
        ObservedWalk(
            level=float(levels[-1]),
            gain=gain,
            exposure_years=exposure,
            silent_years=float(gaps[-1]),
            n_looks=len(looks),
            n_silent_looks=sum(day > dates[-1] for day in looks),
            squares=float(np.sum((steps - rise * gaps) ** 2)),
            spread_years=exposure - float(gaps @ gaps) / exposure if exposure else 0.0,
        ),
    )


def row_law(fit: Mapping[str, Any]) -> WalkLaw:
    """The law of the walk that a fitted TREND_FITS row of this family describes."""
    walk = ObservedWalk(
        level=fit["intercept"],
        gain=fit["own_slope_per_year"] * fit["exposure_years"],
        exposure_years=fit["exposure_years"],
        silent_years=fit["silent_years"],
        n_looks=fit["n_looks"],
        n_silent_looks=fit["n_silent_looks"],
        squares=0.0,
        spread_years=0.0,
    )
    return _posterior(fit, walk)


def row_laws(
    fit: Mapping[str, Any], series: Series, histories: Sequence[History]
) -> list[WalkLaw]:
    """Equally likely laws of the walk, one a history of the series.

    The pool and the variance are those of the row, and so is the walk of a single
    history; the row has each uncertain release on its last possible day.

    Args:
        fit: a fitted TREND_FITS row of this family.
        series: its series.
        histories: from ``drawn_histories``.
    """
    if len(histories) == 1:
        return [row_law(fit)]
    walks = [
        observe_walk(
            series,
            history.records,
            history.scores.get_column("frontier_date"),
            fit["ceiling"],
            fit["epoch_date"],
        ).observed
        for history in histories
    ]
    # without a pool a single record says nothing of the drift
    told = [walk for walk in walks if fit["pool"] is not None or walk.gain]
    return [_posterior(fit, walk) for walk in told] or [row_law(fit)]


def _posterior(fit: Mapping[str, Any], walk: ObservedWalk) -> WalkLaw:
    prior = (
        Prior(0.0, np.inf)
        if fit["pool"] is None
        else Prior(fit["pool_slope_per_year"], fit["pool_drift_sd"] ** 2)
    )
    return walk_law(walk, prior, fit["sigma2_per_year"])


class _Drifts:
    """What the walks of a vintage say of each other; each sum is done once."""

    def __init__(self, walks: list[SeriesWalk], weights: Weights | None) -> None:
        self._votes = _one_vote_a_family(walks)
        self._weights = weights
        self._variance: dict[str, float | None] = {}
        self._slopes: dict[tuple[str, ...], MeanFit] = {}

    def variance_per_year(self, walk: SeriesWalk) -> float | None:
        """Of the walks on the same scale; None where none of them moved.

        What people move has a pace of its own.
        """
        if walk.series.benchmark.moved_by == "people":
            return _variance([walk])
        if walk.scale not in self._variance:
            self._variance[walk.scale] = _variance(
                [one for one in self._votes if one.scale == walk.scale]
            )
        return self._variance[walk.scale]

    def sigma_factor(self, series: Series) -> float:
        """By how much the backtest would have sigma larger; of AI models' walks."""
        if self._weights is None or series.benchmark.moved_by != "models":
            return 1.0
        is_bounded = series.benchmark.unit.is_bounded
        return self._weights.sigma_factor(scale_of(is_bounded=is_bounded))

    def pool_for(self, walk: SeriesWalk, variance_per_year: float) -> Pool | None:
        """Other families on this scale: of the same domain if enough, else of all.

        A series that people move learns nothing from AI models, nor they from it.
        """
        benchmark = walk.series.benchmark
        if benchmark.moved_by != "models":
            return None
        others = [
            one
            for one in self._votes
            if one.scale == walk.scale
            and one.observed.exposure_years > 0
            and one.series.benchmark.family_id != benchmark.family_id
        ]
        same_domain = [
            one for one in others if one.series.benchmark.domain == benchmark.domain
        ]
        by_domain = len(same_domain) >= MIN_DOMAIN_FAMILIES
        pooled = same_domain if by_domain else others
        if len(pooled) < MIN_POOL_FAMILIES:
            return None
        key = tuple(one.series.series_id for one in pooled)
        if key not in self._slopes:
            self._slopes[key] = fit_drifts_between(
                [one.observed for one in pooled], variance_per_year
            )
        domain = benchmark.domain if by_domain else None
        return Pool(
            description=_describe(walk.scale, domain, len(pooled)),
            n_families=len(pooled),
            slope=self._slopes[key],
        )


def _fit_one(
    series: Series,
    records: pl.DataFrame,
    days: list[date],
    drifts: _Drifts,
    as_of: date,
) -> list[Row]:
    rows: list[Row] = []
    factor = drifts.sigma_factor(series)
    end = series.observed_through(as_of)
    for ceiling, weight in ceilings_above(series.benchmark, records.tail(1)):
        walk = observe_walk(series, records, days, ceiling, end)
        variance = drifts.variance_per_year(walk)
        if not variance:
            reason = f"no {walk.scale} series shows how much its record varies"
            return [not_estimated(series, TrendFamily.DRIFT, reason)]
        pool = drifts.pool_for(walk, variance)
        if pool is None and not walk.observed.gain:
            reason = "nothing observed after the first score, and no pool to lean on"
            return [not_estimated(series, TrendFamily.DRIFT, reason)]
        rows.append(
            link_columns(series, Link.of(series.benchmark, ceiling), ceiling, weight)
            | {"epoch_date": end, "sigma_factor": factor}
            | _walk_columns(walk.observed, pool, variance * factor**2, records.height)
        )
    return rows


def _walk_columns(
    walk: ObservedWalk, pool: Pool | None, variance_per_year: float, n_records: int
) -> Row:
    prior = Prior(0.0, np.inf) if pool is None else pool.prior
    law = walk_law(walk, prior, variance_per_year)
    return {
        "trend": TrendFamily.DRIFT.value,
        "fit_status": "fitted",
        "status_reason": _what_carries_it(walk, n_records, pool, law),
        "intercept": walk.level,
        "slope_per_year": law.drift,
        "slope_per_year_se": law.drift_se,
        "sigma2_per_year": variance_per_year,
        "exposure_years": walk.exposure_years,
        "silent_years": walk.silent_years,
        "n_looks": walk.n_looks,
        "n_silent_looks": walk.n_silent_looks,
        "own_slope_per_year": walk.slope,
        "own_slope_weight": law.own_weight,
    } | _pool_columns(pool)


def _one_vote_a_family(walks: Iterable[SeriesWalk]) -> list[SeriesWalk]:
    """The longest-observed whole benchmark of each family that AI models move.

    Views and versions of one benchmark share their news; counting each would sell
    one family's luck as agreement.
    """
    longest: dict[tuple[str, str], SeriesWalk] = {}
    for walk in sorted(walks, key=lambda one: one.series.series_id):
        series = walk.series
        if not series.is_whole_benchmark or series.benchmark.moved_by != "models":
            continue
        key = (walk.scale, series.benchmark.family_id)
        standing = longest.get(key)
        if standing is None or (
            walk.observed.exposure_years > standing.observed.exposure_years
        ):
            longest[key] = walk
    return [longest[key] for key in sorted(longest)]


def _variance(walks: list[SeriesWalk]) -> float | None:
    moved = [one.observed for one in walks if one.observed.spread_years > 0]
    return estimate_variance(moved) if moved else None


def _what_carries_it(
    walk: ObservedWalk, n_records: int, pool: Pool | None, law: WalkLaw
) -> str:
    facts = f"{n_records} records over {walk.exposure_years:.1f} years observed"
    if pool is None:
        return f"{facts}; its own drift only"
    thin = (
        n_records < WELL_OBSERVED_RECORDS or walk.exposure_years < WELL_OBSERVED_YEARS
    )
    carries = ": the pooled drift carries it" if thin else ""
    return (
        f"{facts}{carries}; its own drift has {law.own_weight:.0%} of the weight, "
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
        "pool_drift_sd": float(np.sqrt(pool.prior.variance)),
        "pool_n_families": pool.n_families,
    }


def _scale(link: LinkName) -> str:
    return "logit" if link == "logit" else "ln"
