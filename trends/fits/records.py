"""Records: how long one stands is a law of its own, how far the next one rises another.

The wait is that of ``trends.fits.waiting``, the rise that of the local linear trend in
``trends.fits.pace``. Both take what a series shows of itself together with what other
families show, always without its own family.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.special import log_ndtr

from trends.dates import years_since
from trends.fits.failures import about
from trends.fits.lines import Row, link_columns, not_estimated
from trends.fits.links import GOMPERTZ, Floats, Link, ceilings_above, gompertz
from trends.fits.one_a_family import one_vote_a_family
from trends.fits.pace import (
    BEST,
    MIN_POINTS,
    WIDE,
    Hyper,
    Points,
    Trend,
    fit_hyper,
    learn_hypers,
    likelihoods,
    local_trend,
    pool_slopes,
)
from trends.fits.panels import MIN_POOL_FAMILIES, few
from trends.fits.redated import History
from trends.fits.regression import MeanFit
from trends.fits.waiting import Stands, WaitingLaw, WaitingPrior, fit_waiting
from trends.fits.walks import Prior
from trends.registry.models import Mover, TrendFamily
from trends.registry.series import Series

ABOVE: Final = 1.5 / np.sqrt(np.pi)
"""How far the highest of three normals stands above their mean, in deviations."""

ABOVE_VARIANCE: Final = 1 + np.sqrt(3) / (2 * np.pi) - ABOVE**2
"""Variance of the highest of three over that of each: 0.56 (Jones 1948)."""

RETURN_YEARS: Final = 0.5
"""Time constant with which a record's distance from the trend is forgotten.

Between 0.2 and 0.9 years the backtest's CRPS changes by a hundredth of itself.
"""


_SOON: Final = 1 / 365.25
_N_TIMES: Final = 33
"""Times from a day to the last one asked for at which the chance so far is looked up,
so that what is said of one time does not depend on which others are asked for."""


@dataclass(frozen=True)
class Seen:
    """What a series shows of its records under one ceiling.

    Attributes:
        series: the series.
        scale: on which it is compared with others.
        points: its top scores; years since the first score.
        stands: how long its records stood.
        record: today's, on the link scale.
        until: the last look, in years since the first score.
    """

    series: Series
    scale: str
    points: Points
    stands: Stands
    record: float
    until: float

    @property
    def family_id(self) -> str:
        """Of its benchmark."""
        return self.series.benchmark.family_id

    @property
    def mover(self) -> Mover:
        """Of its benchmark."""
        return self.series.benchmark.mover

    @property
    def exposure_years(self) -> float:
        """From the first score to the last look."""
        return self.until


@dataclass(frozen=True)
class RecordLaw:
    """What is known of a series' next records.

    Attributes:
        record: today's, on the link scale.
        trend: level and slope on the day from which is counted.
        hyper: the trend's variances.
        waiting: the time until the record is beaten.
    """

    record: float
    trend: Trend
    hyper: Hyper
    waiting: WaitingLaw

    def exceedance(self, levels: Floats, years: Floats) -> Floats:
        """P(the frontier reaches a level within so many years).

        A record comes with the law of waiting times; given one, the frontier is where
        the trend and its scatter put it, given that this is above today's record. It
        does not fall: the chance at a time is the highest so far.

        Args:
            levels: not below today's record, shape (n,); may be infinite.
            years: above 0 and rising, shape (k,).

        Returns:
            Probabilities of shape (k, n).
        """
        times = np.union1d(years, np.geomspace(_SOON, years[-1], _N_TIMES))
        middle, spread = self._frontier(times)
        reached = _log_above(levels, middle, spread)
        beaten = _log_above(np.array([self.record]), middle, spread)
        given = np.exp(np.minimum(reached - beaten, 0.0))
        found = self.waiting.p_record(times)[:, np.newaxis] * given
        so_far = np.maximum.accumulate(found, axis=0)
        return so_far[np.searchsorted(times, years)]

    def _frontier(self, years: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the frontier, were no record in its way.

        It stands where the best of three scores stood when the last record was set.
        Today's distance from there is forgotten as an autoregression of order one.
        """
        kept = np.exp(-years / RETURN_YEARS)
        trend, hyper = self.trend, self.hyper
        age, age_variance = self.waiting.age
        above = ABOVE * np.sqrt(hyper.scatter) - trend.slope * age
        middle = (
            (1 - kept) * (trend.level + above)
            + trend.slope * years
            + kept * self.record
        )
        variance = (
            (1 - kept) ** 2 * trend.level_variance
            + 2 * (1 - kept) * years * trend.covariance
            + years**2 * trend.slope_variance
            + hyper.wander * years**3 / 3
            + (1 - kept**2)
            * (ABOVE_VARIANCE * hyper.scatter + trend.slope**2 * age_variance)
        )
        return middle, np.sqrt(variance)


class RecordFits:
    """The records family's rows of any series of a vintage."""

    def __init__(
        self,
        series: Iterable[Series],
        frontier: pl.DataFrame,
        series_scores: pl.DataFrame,
        *,
        as_of: date,
    ) -> None:
        """Of all series of the vintage.

        Args:
            series: every series; the others are what one is compared with.
            frontier: FRONTIER rows of all of them.
            series_scores: SERIES_SCORES rows of all of them.
            as_of: information cut-off.
        """
        self._series = {one.series_id: one for one in series}
        self._scores = _by_series(series_scores)
        self._records = _by_series(frontier)
        self._as_of = as_of
        self._votes = one_vote_a_family(
            self._see(name, None) for name in self._records if name in self._series
        )
        self._learned: dict[tuple[str, str, str], _Learned] = {}

    def rows(self, series_id: str) -> list[Row]:
        """The part of a series' TREND_FITS rows that this family decides."""
        series = self._series[series_id]
        if series_id not in self._records:
            return [not_estimated(series, TrendFamily.RECORDS, "no dated score")]
        rows: list[Row] = []
        records = self._records[series_id]
        for ceiling, weight in ceilings_above(series.benchmark, records):
            seen = self._see(series_id, ceiling)
            learned = self._learn(seen)
            if learned.waiting is None or not learned.tells(seen):
                reason = _too_little(seen, learned)
                return [not_estimated(series, TrendFamily.RECORDS, reason)]
            link = Link.of(series.benchmark, ceiling)
            waiting = learned.waiting.given(seen.stands)
            rows.append(
                link_columns(series, link, ceiling, weight)
                | {
                    "link": seen.scale if link.name == "logit" else link.name,
                    "epoch_date": series.observed_through(self._as_of),
                }
                | _columns(seen, learned, waiting, records.height)
            )
        return rows

    def _see(self, series_id: str, ceiling: float | None) -> Seen:
        series = self._series[series_id]
        with about(series_id, "records fit"):
            return see_records(
                series,
                self._records[series_id],
                self._scores[series_id],
                ceiling,
                series.observed_through(self._as_of),
            )

    def _learn(self, seen: Seen) -> "_Learned":
        """From other families; of slopes and variances from those of a like unit."""
        like = _like(seen)
        key = (seen.family_id, seen.scale, like)
        if key not in self._learned:
            others = [one for one in self._votes if one.family_id != seen.family_id]
            on_scale = [one for one in others if one.scale == seen.scale]
            self._learned[key] = _Learned.of(
                others,
                on_scale,
                [one.points for one in on_scale if _like(one) == like],
            )
        return self._learned[key]


@dataclass(frozen=True)
class _Learned:
    """What other families say before a series is looked at.

    Attributes:
        waiting: of waiting times; None where too few families say anything.
        n_watched: families behind it.
        likely: of the trend's variances, on their grid.
        slopes: of slopes; None where too few families say anything.
        n_slopes: families behind it.
    """

    waiting: WaitingPrior | None
    n_watched: int
    likely: Floats
    slopes: MeanFit | None
    n_slopes: int

    @classmethod
    def of(
        cls, others: Sequence[Seen], on_scale: Sequence[Seen], like: Sequence[Points]
    ) -> "_Learned":
        watched = [one.stands for one in others if one.exposure_years > 0]
        enough = len(watched) >= MIN_POOL_FAMILIES
        lines = [one for one in like if len(one.years) > 1]
        slopes = pool_slopes(lines) if len(lines) >= MIN_POOL_FAMILIES else None
        prior = _prior(slopes, len(lines))
        return cls(
            waiting=fit_waiting(watched) if enough else None,
            n_watched=len(watched),
            likely=learn_hypers([likelihoods(one.points, prior) for one in on_scale]),
            slopes=slopes,
            n_slopes=len(lines),
        )

    @property
    def prior(self) -> Prior:
        return _prior(self.slopes, self.n_slopes)

    def tells(self, seen: Seen) -> bool:
        return self.slopes is not None or len(seen.points.years) >= MIN_POINTS


def see_records(
    series: Series,
    records: pl.DataFrame,
    scores: pl.DataFrame,
    ceiling: float | None,
    observed_through: date,
) -> Seen:
    """What one series shows of its records under one ceiling.

    Args:
        series: the series.
        records: its FRONTIER rows.
        scores: its SERIES_SCORES rows.
        ceiling: one of its prior; None takes the largest.
        observed_through: last day on which a record could have been seen.
    """
    if ceiling is None and series.benchmark.ceiling is not None:
        ceiling = series.benchmark.ceiling.values[-1]
    link = Link.of(series.benchmark, ceiling)
    set_on = records.get_column("frontier_date").to_list()
    end = max(observed_through, set_on[-1])
    times = years_since(set_on[0], [*set_on, end])
    days = years_since(set_on[0], scores.get_column("frontier_date").to_list())
    levels = on_scale(link, link.of_scores(scores.get_column("score").to_numpy()))
    best = on_scale(link, link.of_scores(records.get_column("score").to_numpy()[-1:]))
    return Seen(
        series=series,
        scale=_scale_name(link),
        points=Points.among(days, levels),
        stands=Stands.of(times[:-1], float(times[-1])),
        record=float(best[0]),
        until=float(times[-1]),
    )


def on_scale(link: Link, levels: Floats) -> Floats:
    """Levels of a link on the scale of this family: of bounded scores Gompertz'."""
    return gompertz(levels) if link.name == "logit" else levels


def record_laws(
    fit: Mapping[str, Any], series: Series, histories: Sequence[History]
) -> list[RecordLaw]:
    """Equally likely laws of the records, one a history of the series.

    Variances and what others say are those of the row.

    Args:
        fit: a fitted TREND_FITS row of this family.
        series: its series.
        histories: from ``drawn_histories``.
    """
    hyper = Hyper(fit["scatter_variance"], fit["wander_variance"])
    waiting = WaitingLaw(
        shape=fit["record_shape"],
        exposure=fit["record_exposure"],
        power=fit["record_power"],
        silent_years=fit["silent_years"],
    )
    if len(histories) == 1:
        trends = [_row_trend(fit)]
    else:
        prior = Prior(fit["pool_slope_per_year"], fit["pool_drift_sd"] ** 2)
        seen = [
            see_records(
                series,
                history.records,
                history.scores,
                fit["ceiling"],
                fit["epoch_date"],
            )
            for history in histories
        ]
        trends = [local_trend(one.points, hyper, prior, one.until) for one in seen]
    return [RecordLaw(fit["record_level"], one, hyper, waiting) for one in trends]


def _row_trend(fit: Mapping[str, Any]) -> Trend:
    return Trend(
        level=fit["intercept"],
        slope=fit["slope_per_year"],
        level_variance=fit["intercept_se"] ** 2,
        covariance=fit["intercept_slope_cov"],
        slope_variance=fit["slope_per_year_se"] ** 2,
    )


def _columns(seen: Seen, learned: _Learned, waiting: WaitingLaw, n_records: int) -> Row:
    prior = learned.prior
    hyper = fit_hyper(seen.points, learned.likely, prior)
    trend = local_trend(seen.points, hyper, prior, seen.until)
    slopes = learned.slopes
    return {
        "trend": TrendFamily.RECORDS.value,
        "fit_status": "fitted",
        "status_reason": _what_carries_it(seen, learned, n_records),
        "intercept": trend.level,
        "intercept_se": float(np.sqrt(trend.level_variance)),
        "slope_per_year": trend.slope,
        "slope_per_year_se": float(np.sqrt(trend.slope_variance)),
        "intercept_slope_cov": trend.covariance,
        "exposure_years": seen.until,
        "silent_years": waiting.silent_years,
        "pool": _pool(seen, learned),
        "pool_slope_per_year": prior.mean,
        "pool_slope_per_year_se": slopes and float(np.sqrt(slopes.variance)),
        "pool_tau2": slopes and slopes.tau2,
        "pool_drift_sd": float(np.sqrt(prior.variance)),
        "pool_n_families": learned.n_slopes if slopes else None,
        "record_level": seen.record,
        "scatter_variance": hyper.scatter,
        "wander_variance": hyper.wander,
        "record_shape": waiting.shape,
        "record_exposure": waiting.exposure,
        "record_power": waiting.power,
        "record_n_families": learned.n_watched,
    }


def _too_little(seen: Seen, learned: _Learned) -> str:
    if learned.waiting is None:
        return "too few other families show how long a record stands"
    return (
        f"{len(seen.points.years)} top scores, and no other families of its kind to "
        "lean on"
    )


def _what_carries_it(seen: Seen, learned: _Learned, n_records: int) -> str:
    return (
        f"{n_records} records over {seen.until:.1f} years observed, "
        f"{len(seen.points.years)} scores among the best {BEST} of their day; a record's "
        f"wait learned from {learned.n_watched} other families"
    )


def _pool(seen: Seen, learned: _Learned) -> str | None:
    if learned.slopes is None:
        return None
    return f"{learned.n_slopes} other families ({_like(seen)})"


def _prior(slopes: MeanFit | None, n_families: int) -> Prior:
    """Of the slope of a family outside the pool, as that of a walk's drift."""
    if slopes is None:
        return WIDE
    variance = slopes.tau2 + slopes.variance
    return Prior(slopes.mean, variance * few(n_families) ** 2)


def _like(seen: Seen) -> str:
    """Whose slopes are comparable: bounded scores, or scores in the same unit."""
    if seen.scale == GOMPERTZ:
        return f"{GOMPERTZ} scale"
    return seen.series.benchmark.unit.value


def _scale_name(link: Link) -> str:
    return GOMPERTZ if link.name == "logit" else "ln"


def _by_series(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    found = rows.partition_by("series_id", as_dict=True, maintain_order=True)
    return {str(series_id): ours for (series_id,), ours in found.items()}


def _log_above(levels: Floats, middle: Floats, spread: Floats) -> Floats:
    """Logarithm of P(a normal is above each level), shape (k, n)."""
    away = (middle[:, np.newaxis] - levels) / spread[:, np.newaxis]
    found: Floats = log_ndtr(away)
    return found
