"""Drift: Brownian motion with drift on the link scale, seen by its records.

The drift of one series is known poorly, so drifts are pooled over families of
benchmarks: ``trends.fits.pools``. What a single walk says of itself is in
``trends.fits.walks``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl

from trends.dates import years_since
from trends.fits.failures import about
from trends.fits.lines import Row, link_columns, not_estimated
from trends.fits.links import Link, LinkName
from trends.fits.pools import Drifts, NearlyWithout, Pool, SeriesWalk
from trends.fits.redated import History
from trends.fits.vintage_ceilings import VintageCeilings
from trends.fits.walks import ObservedWalk, Prior, WalkLaw, walk_law, walk_laws
from trends.frontier import Parts
from trends.registry.models import Mover, TrendFamily
from trends.registry.series import Series
from trends.registry.weights import Weights
from trends.tables import TREND_FITS
from trends.words import number_of

_WHOSE: Final[Mapping[Mover, str]] = {
    "models": "AI models",
    "people": "people",
    "company": "one company",
}

WELL_OBSERVED_RECORDS: Final = 8
WELL_OBSERVED_YEARS: Final = 1.0

_LEANS_ON: Final = ("pool", "pool_slope_per_year", "pool_drift_sd", "sigma2_per_year")
"""Columns that say on what others a walk leans, and how much it varies."""

_EMPTY: Final = dict.fromkeys(column.name for column in TREND_FITS.columns)


def fit_drifts(
    series: Iterable[Series],
    frontier: pl.DataFrame,
    series_scores: pl.DataFrame,
    *,
    wanted: Iterable[str],
    as_of: date,
    weights: Weights | None = None,
    drifts: Drifts | None = None,
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
        drifts: as for ``DriftFits``.

    Returns:
        For each wanted series the part of its TREND_FITS rows that this family
        decides, one row a ceiling.
    """
    fits = DriftFits(
        series,
        frontier,
        series_scores,
        as_of=as_of,
        weights=weights,
        drifts=drifts,
    )
    return {series_id: fits.rows(series_id) for series_id in wanted}


class DriftFits:
    """The drift family's rows of any series, with all other families or less one.

    Walks are observed once, and pools are those of ``Drifts``.

    Attributes:
        drifts: what the walks of all series say of each other.
    """

    def __init__(
        self,
        series: Iterable[Series],
        frontier: pl.DataFrame,
        series_scores: pl.DataFrame,
        *,
        as_of: date,
        weights: Weights | None = None,
        drifts: Drifts | None = None,
        ceilings: VintageCeilings | None = None,
    ) -> None:
        """As for ``fit_drifts``.

        Args:
            series: every series of the vintage.
            frontier: FRONTIER rows of all of them.
            series_scores: SERIES_SCORES rows of all of them.
            as_of: information cut-off.
            weights: what the backtest taught of sigma.
            drifts: what the walks of all series say of each other, where that is known
                already; the rows may then be those of some series only.
            ceilings: of all series, where they are known already.
        """
        self._series = {one.series_id: one for one in series}
        self._scores, self._records = (
            Parts(table, "series_id") for table in (series_scores, frontier)
        )
        self._as_of = as_of
        self._walks: dict[tuple[str, float | None], SeriesWalk] = {}
        self._ceilings = ceilings or VintageCeilings(
            self._series.values(), self._scores, as_of=as_of
        )
        self.drifts = drifts or Drifts(
            [self._observe(name, None) for name in self._records], weights
        )

    def rows(
        self,
        series_id: str,
        *,
        without: str | None = None,
        among: Drifts | None = None,
        told: bool = True,
    ) -> list[Row]:
        """The part of a series' TREND_FITS rows that this family decides.

        Args:
            series_id: the series.
            without: family that is left out of what its walk is compared with.
            among: other walks to compare it with, in the place of this vintage's.
            told: whether a fitted row says in words and as a drift what comes of it;
                a law is made from the rest.
        """
        series = self._series[series_id]
        if series_id not in self._records:
            return [not_estimated(series, TrendFamily.DRIFT, "no dated score")]
        drifts = self.drifts if among is None else among
        if without is not None:
            drifts = drifts.without(without)
        rows: list[Row] = []
        records = self._records[series_id]
        factor = drifts.sigma_factor(series)
        for under in self._ceilings.of(series_id):
            walk = self._observe(series_id, under.ceiling)
            variance = drifts.variance_per_year(walk)
            if not variance:
                reason = _no_variance(walk)
                return [not_estimated(series, TrendFamily.DRIFT, reason)]
            pool = drifts.pool_for(walk, variance)
            if pool is None and not walk.observed.gain:
                reason = (
                    "nothing observed after the first score, and no pool to lean on"
                )
                return [not_estimated(series, TrendFamily.DRIFT, reason)]
            rows.append(
                link_columns(series, Link.of(series.benchmark, under.ceiling), under)
                | {
                    "epoch_date": series.observed_through(self._as_of),
                    "sigma_factor": factor,
                }
                | _walk_columns(walk, pool, variance * factor**2)
            )
            if told:
                rows[-1] |= _told(walk, pool, variance * factor**2, records.height)
        return rows

    def bare_rows(
        self,
        series_id: str,
        *,
        without: str | None = None,
        among: Drifts | None = None,
    ) -> list[Row]:
        """``rows`` with every column of TREND_FITS, of which only laws are made."""
        found = self.rows(series_id, without=without, among=among, told=False)
        return [_EMPTY | row for row in found]

    @property
    def votes(self) -> list[SeriesWalk]:
        """The one walk of each family and scale that others are compared with."""
        return self.drifts.votes

    def walk(self, series_id: str) -> SeriesWalk | None:
        """What a series shows of its walk; None where it has no record."""
        return self._observe(series_id, None) if series_id in self._records else None

    def nearly_without(self, series_id: str) -> NearlyWithout:
        """About what leaving out each other family would change for a series."""
        return self.drifts.nearly_without(self._observe(series_id, None))

    def _observe(self, series_id: str, ceiling: float | None) -> SeriesWalk:
        key = series_id, ceiling
        if key not in self._walks:
            series = self._series[series_id]
            with about(series_id, "drift fit"):
                self._walks[key] = observe_walk(
                    series,
                    self._records[series_id],
                    self._scores[series_id].get_column("frontier_date"),
                    ceiling,
                    series.observed_through(self._as_of),
                )
        return self._walks[key]


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
    return _posteriors(fit, [_row_walk(fit)])[0]


def laws_of_rows(fits: Sequence[Mapping[str, Any]]) -> list[WalkLaw]:
    """``row_law`` of each; those that lean on one pool are found together."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for number, fit in enumerate(fits):
        alike.setdefault(tuple(fit[name] for name in _LEANS_ON), []).append(number)
    found: dict[int, WalkLaw] = {}
    for numbers in alike.values():
        walks = [_row_walk(fits[number]) for number in numbers]
        laws = _posteriors(fits[numbers[0]], walks)
        found |= dict(zip(numbers, laws, strict=True))
    return [found[number] for number in range(len(fits))]


def see_walk(
    series: Series, history: History, ceiling: float | None, observed_through: date
) -> ObservedWalk:
    """What one history of a series shows of its walk, as ``observe_walk``."""
    days = history.scores.get_column("frontier_date")
    return observe_walk(
        series, history.records, days, ceiling, observed_through
    ).observed


def laws_of_walks(
    fit: Mapping[str, Any], walks: Sequence[ObservedWalk]
) -> list[WalkLaw]:
    """Equally likely laws of what histories show; histories alike share one.

    The pool and the variance are those of the row. Without histories the law is the
    row's, which has each uncertain release on its last possible day.

    Args:
        fit: a fitted TREND_FITS row of this family.
        walks: from ``see_walk``.
    """
    # without a pool a single record says nothing of the drift
    told = [walk for walk in walks if fit["pool"] is not None or walk.gain]
    if not told:
        return [row_law(fit)]
    distinct = list(dict.fromkeys(told))
    laws = dict(zip(distinct, _posteriors(fit, distinct), strict=True))
    return [laws[walk] for walk in told]


def _row_walk(fit: Mapping[str, Any]) -> ObservedWalk:
    return ObservedWalk(
        level=fit["intercept"],
        gain=fit["own_slope_per_year"] * fit["exposure_years"],
        exposure_years=fit["exposure_years"],
        silent_years=fit["silent_years"],
        n_looks=fit["n_looks"],
        n_silent_looks=fit["n_silent_looks"],
        squares=0.0,
        spread_years=0.0,
    )


def _posteriors(fit: Mapping[str, Any], walks: Sequence[ObservedWalk]) -> list[WalkLaw]:
    prior = (
        Prior(0.0, np.inf)
        if fit["pool"] is None
        else Prior(fit["pool_slope_per_year"], fit["pool_drift_sd"] ** 2)
    )
    return walk_laws(walks, prior, fit["sigma2_per_year"])


def _told(
    of: SeriesWalk, pool: Pool | None, variance_per_year: float, n_records: int
) -> Row:
    """What comes of a walk and its pool, for readers."""
    walk = of.observed
    prior = Prior(0.0, np.inf) if pool is None else pool.prior
    law = walk_law(walk, prior, variance_per_year)
    return {
        "status_reason": _what_carries_it(walk, n_records, pool, law, of.mover),
        "slope_per_year": law.drift,
        "slope_per_year_se": law.drift_se,
        "own_slope_weight": law.own_weight,
    }


def _walk_columns(of: SeriesWalk, pool: Pool | None, variance_per_year: float) -> Row:
    """What a law is made from."""
    walk = of.observed
    return {
        "trend": TrendFamily.DRIFT.value,
        "fit_status": "fitted",
        "intercept": walk.level,
        "sigma2_per_year": variance_per_year,
        "exposure_years": walk.exposure_years,
        "silent_years": walk.silent_years,
        "n_looks": walk.n_looks,
        "n_silent_looks": walk.n_silent_looks,
        "own_slope_per_year": walk.slope,
    } | _pool_columns(pool)


def _no_variance(walk: SeriesWalk) -> str:
    if walk.mover == "models":
        return f"no {walk.scale} series shows how much its record varies"
    return (
        "too few figures to show how much it varies: its pace is that of "
        f"{_WHOSE[walk.mover]}, and no other series lends it one"
    )


def _what_carries_it(
    walk: ObservedWalk, n_records: int, pool: Pool | None, law: WalkLaw, mover: Mover
) -> str:
    records = number_of(n_records, "record")
    facts = f"{records} over {walk.exposure_years:.1f} years observed"
    if pool is None:
        if mover == "models":
            return f"{facts}; its own drift only"
        return f"{facts}; its own drift and variance only, those of {_WHOSE[mover]}"
    thin = (
        n_records < WELL_OBSERVED_RECORDS or walk.exposure_years < WELL_OBSERVED_YEARS
    )
    carries = ": the pooled drift carries it" if thin else ""
    return (
        f"{facts}{carries}; its own drift has {law.own_weight:.0%} of the weight, "
        f"the rest is that of {pool.description}"
    )


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
