"""How date intervals of headlines did at the width that forecasts publish.

The backtest forecasts with sigma of the drift as it is fitted; forecasts multiply it by
the factor in ``weights.yaml``, and theirs are the intervals that readers see. The law of
records is published as the backtest forecasts it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import polars as pl

from trends.backtest.date_calibration import date_coverage, date_interval
from trends.backtest.forecasts import BarTarget, PastForecast, drift_crossings
from trends.backtest.high_bars import measure_high_bars
from trends.backtest.records_stood import measure_stood
from trends.fits.links import Floats
from trends.registry.models import TrendFamily
from trends.registry.weights import (
    POOLED_FAMILIES,
    DateInterval,
    PublishedWidth,
    Scale,
)

NOMINAL: Final = 0.8

OWN_DATES: Final = 20
"""A benchmark family with as many dates has a row of its own."""


class _Kind(NamedTuple):
    """Intervals that are published alike."""

    scale: Scale
    trend: TrendFamily
    sigma_factor: float


@dataclass(frozen=True)
class _Said:
    """Probability that a forecast gave to a crossing by the day on which it came.

    Or by the end of the figures, where it has not come.
    """

    family: str
    origin: date
    by_then: float
    came: bool


def measure_width(
    past: Sequence[PastForecast],
    sigma_factors: Mapping[Scale, float],
    *,
    backtest_id: str,
) -> PublishedWidth:
    """Coverage of 80% date intervals of records and drift, of all and single families.

    And how long records stood, and how often high bars were reached, against what the
    headline's trend had said.

    Series that people or a company move have no say.

    Args:
        past: the forecasts.
        sigma_factors: by which forecasts multiply sigma of the drift, by link scale; 1
            where none is given.
        backtest_id: which backtest they are of.
    """
    origins = [one.origin for one in past]
    rows: list[DateInterval] = []
    for scale in POOLED_FAMILIES:
        ours = [one for one in past if one.scale == scale and one.is_of_models]
        widths = {
            TrendFamily.RECORDS: 1.0,
            TrendFamily.DRIFT: sigma_factors.get(scale, 1.0),
        }
        for trend, factor in widths.items():
            said = [found for one in ours for found in _said(one, trend, factor)]
            if said:
                rows += _rows(said, _Kind(scale, trend, factor))
    return PublishedWidth(
        backtest_id=backtest_id,
        first_origin=min(origins),
        last_origin=max(origins),
        date_intervals=rows,
        records_stood=tuple(measure_stood(past)),
        high_bars=tuple(measure_high_bars(past)),
    )


def _said(past: PastForecast, trend: TrendFamily, factor: float) -> Iterator[_Said]:
    laws = _laws(past, trend, factor)
    for law, target in zip(laws, past.bar_targets, strict=True):
        if law is not None:
            yield _Said(
                family=past.family_id,
                origin=past.origin,
                by_then=min(1.0, float(law[_last_day(target)])),
                came=target.reached_on is not None,
            )


def _laws(
    past: PastForecast, trend: TrendFamily, factor: float
) -> Sequence[Floats | None]:
    """P(reached) on day 0, 1, ... of each bar, as forecasts would publish it."""
    if trend is not TrendFamily.DRIFT:
        return past.crossings.get(trend.value, [None] * len(past.bar_targets))
    scaled = past.drift_fits.with_columns(
        sigma2_per_year=pl.col("sigma2_per_year") * factor**2
    )
    return drift_crossings(past.standing, scaled, past.bar_targets)


def _last_day(target: BarTarget) -> int:
    return int(min(target.reached_after_days, target.window_days))


def _rows(said: Sequence[_Said], kind: _Kind) -> Iterator[DateInterval]:
    """The row of all families, and one of each that has enough dates."""
    yield _row(said, kind, family=None)
    for family in sorted({one.family for one in said}):
        own = [one for one in said if one.family == family]
        if sum(one.came for one in own) >= OWN_DATES:
            yield _row(own, kind, family=family)


def _row(said: Sequence[_Said], kind: _Kind, *, family: str | None) -> DateInterval:
    found = date_coverage(
        pl.Series([one.by_then for one in said], dtype=pl.Float64).to_numpy(),
        [one.came for one in said],
        [one.family for one in said],
        nominal=NOMINAL,
    )
    row = date_interval(found, scale=kind.scale, trend=kind.trend, nominal=NOMINAL)
    n_origins = len({one.origin for one in said if one.came})
    return row.model_copy(
        update={
            "family": family,
            "sigma_factor": kind.sigma_factor,
            "n_origins": n_origins,
        }
    )
