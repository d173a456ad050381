"""From past forecasts to ``weights.yaml``: weights, coverage, spread, dependence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from trends.backtest.calibration import calibrate, conformity
from trends.backtest.date_calibration import date_coverage, date_interval, rounded
from trends.backtest.dependence import fit_dependence
from trends.backtest.forecasts import LEADS_MONTHS, PastForecast
from trends.backtest.published_width import NOMINAL, measure_width
from trends.backtest.spread import fit_spread
from trends.backtest.stacking import Stack
from trends.registry.models import HEADLINE_TREND, TrendFamily
from trends.registry.weights import (
    DateInterval,
    DriftSpread,
    FamilyWeight,
    LeadDependence,
    LevelBand,
    Scale,
    Weights,
    scale_of,
)

_SCALES: Final = (scale_of(is_bounded=True), scale_of(is_bounded=False))


def draw_lessons(
    past: Sequence[PastForecast],
    forecasts: pl.DataFrame,
    stacks: Mapping[str, Stack],
    *,
    backtest_id: str,
    inputs_sha256: str,
    code_sha256: str,
) -> Weights:
    """What forecasts may use of a backtest.

    Series that people or a company move have no say.

    Args:
        past: the forecasts.
        forecasts: their BACKTEST_FORECASTS rows.
        stacks: weights of the ensemble by link scale.
        backtest_id: which backtest this is.
        inputs_sha256: of the observations it used.
        code_sha256: of the code that made it.
    """
    rows = forecasts.filter(pl.col("moved_by") == "models")
    origins = [one.origin for one in past]
    spread = list(_drift_spread(past))
    return Weights(
        schema_version=1,
        backtest_id=backtest_id,
        inputs_sha256=inputs_sha256,
        code_sha256=code_sha256,
        first_origin=min(origins),
        last_origin=max(origins),
        ensemble=list(_ensemble(stacks)),
        level_bands=list(_level_bands(rows)),
        date_intervals=list(_date_intervals(rows)),
        drift_spread=spread,
        dependence=list(_dependence(rows)),
        published_width=measure_width(
            past,
            {one.scale: one.factor for one in spread},
            backtest_id=backtest_id,
        ),
    )


def _ensemble(stacks: Mapping[str, Stack]) -> Iterator[FamilyWeight]:
    for scale in _SCALES:
        found = stacks[scale]
        last = list(found.weights)[-1]
        # rounded so that what is written sums to 1
        weights = {trend: round(value, 4) for trend, value in found.weights.items()}
        weights[last] = round(1 - sum(weights.values()) + weights[last], 4)
        for trend, weight in weights.items():
            yield FamilyWeight(
                scale=scale,
                trend=trend,
                weight=weight,
                stacked=round(found.stacked[trend], 4),
                n_forecasts=found.n_cases,
                n_families=found.n_families,
            )


def _level_bands(rows: pl.DataFrame) -> Iterator[LevelBand]:
    levels = rows.filter(pl.col("target") == "level")
    for scale, trend, ours in _by_family(levels):
        scores = conformity(
            ours.get_column("p_below").to_numpy(),
            ours.get_column("p_at_most").to_numpy(),
        )
        found = calibrate(
            scores, ours.get_column("family_id").to_list(), nominal=NOMINAL
        )
        yield LevelBand(
            scale=scale,
            trend=trend,
            nominal=NOMINAL,
            central_level=rounded(found.central_level),
            coverage=round(found.coverage, 4),
            coverage_left_out=rounded(found.coverage_left_out),
            n_forecasts=found.n,
            n_families=found.n_families,
        )


def _date_intervals(rows: pl.DataFrame) -> Iterator[DateInterval]:
    crossings = rows.filter(pl.col("target") == "crossing")
    for scale, trend, ours in _by_family(crossings):
        found = date_coverage(
            ours.get_column("p_at_most").to_numpy(),
            ours.get_column("is_crossed").to_list(),
            ours.get_column("family_id").to_list(),
            nominal=NOMINAL,
        )
        yield date_interval(found, scale=scale, trend=trend, nominal=NOMINAL)


def _drift_spread(past: Sequence[PastForecast]) -> Iterator[DriftSpread]:
    for scale in _SCALES:
        found = fit_spread(
            [one for one in past if one.scale == scale and one.is_of_models]
        )
        if found is not None:
            yield DriftSpread(
                scale=scale,
                factor=round(found.factor, 4),
                best=found.best,
                low=found.low,
                high=found.high,
                n_forecasts=found.n_forecasts,
                n_families=found.n_families,
            )


def _dependence(rows: pl.DataFrame) -> Iterator[LeadDependence]:
    headline = rows.filter(
        (pl.col("target") == "level") & (pl.col("forecaster") == HEADLINE_TREND.value)
    )
    for lead in LEADS_MONTHS:
        ours = headline.filter(pl.col("lead_months") == lead)
        found = fit_dependence(
            ours.get_column("pit").to_numpy(),
            ours.get_column("family_id").to_list(),
            ours.get_column("origin_date").to_list(),
            lead_months=lead,
        )
        if found is not None:
            yield LeadDependence(
                lead_months=lead,
                rho=round(found.rho, 4),
                low=round(found.low, 4),
                high=round(found.high, 4),
                n_origins=found.n_origins,
                n_families=found.n_families,
                equally_likely=tuple(round(one, 4) for one in found.equally_likely),
            )


def _by_family(rows: pl.DataFrame) -> Iterator[tuple[Scale, TrendFamily, pl.DataFrame]]:
    """Rows of each link scale and trend family."""
    for scale in _SCALES:
        for trend in TrendFamily:
            ours = rows.filter(
                (pl.col("scale") == scale) & (pl.col("forecaster") == trend.value)
            )
            if ours.height:
                yield scale, trend, ours
