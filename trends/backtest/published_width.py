"""How date intervals of the drift did at the width that forecasts publish.

The backtest forecasts with sigma as it is fitted; forecasts multiply it by the factor
in ``weights.yaml``, and theirs are the intervals that readers see.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from trends.backtest.date_calibration import date_coverage, date_interval
from trends.backtest.forecasts import BarTarget, PastForecast, drift_crossings
from trends.registry.models import TrendFamily
from trends.registry.weights import DateInterval, PublishedWidth, Scale

NOMINAL: Final = 0.8

OWN_DATES: Final = 20
"""A benchmark family with as many dates has a row of its own."""


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
    """Coverage of the drift's 80% date intervals, of all and of single families.

    Series that people or a company move have no say.

    Args:
        past: the forecasts.
        sigma_factors: by which forecasts multiply sigma, by link scale.
        backtest_id: which backtest they are of.
    """
    origins = [one.origin for one in past]
    rows = []
    for scale, factor in sigma_factors.items():
        ours = [one for one in past if one.scale == scale and one.is_of_models]
        said = [found for one in ours for found in _said(one, factor)]
        if said:
            rows += list(_rows(said, scale, factor))
    return PublishedWidth(
        backtest_id=backtest_id,
        first_origin=min(origins),
        last_origin=max(origins),
        date_intervals=rows,
    )


def _said(past: PastForecast, factor: float) -> Iterator[_Said]:
    scaled = past.drift_fits.with_columns(
        sigma2_per_year=pl.col("sigma2_per_year") * factor**2
    )
    laws = drift_crossings(past.standing, scaled, past.bar_targets)
    for law, target in zip(laws, past.bar_targets, strict=True):
        if law is not None:
            yield _Said(
                family=past.family_id,
                origin=past.origin,
                by_then=min(1.0, float(law[_last_day(target)])),
                came=target.reached_on is not None,
            )


def _last_day(target: BarTarget) -> int:
    return int(min(target.reached_after_days, target.window_days))


def _rows(said: Sequence[_Said], scale: Scale, factor: float) -> Iterator[DateInterval]:
    """The row of all families, and one of each that has enough dates."""
    yield _row(said, scale, factor, family=None)
    for family in sorted({one.family for one in said}):
        own = [one for one in said if one.family == family]
        if sum(one.came for one in own) >= OWN_DATES:
            yield _row(own, scale, factor, family=family)


def _row(
    said: Sequence[_Said], scale: Scale, factor: float, *, family: str | None
) -> DateInterval:
    found = date_coverage(
        pl.Series([one.by_then for one in said], dtype=pl.Float64).to_numpy(),
        [one.came for one in said],
        [one.family for one in said],
        nominal=NOMINAL,
    )
    row = date_interval(found, scale=scale, trend=TrendFamily.DRIFT, nominal=NOMINAL)
    n_origins = len({one.origin for one in said if one.came})
    return row.model_copy(
        update={"family": family, "sigma_factor": factor, "n_origins": n_origins}
    )
