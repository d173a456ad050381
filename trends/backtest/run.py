"""The whole backtest: replay, stack, score, compare, calibrate."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from trends.backtest.comparison import compare
from trends.backtest.forecasts import (
    LEADS_MONTHS,
    PastForecast,
    Weights,
    forecast_series,
)
from trends.backtest.rows import forecast_rows
from trends.backtest.stacking import Stack, leave_one_out, pool_cases, stack
from trends.backtest.vintages import histories, past_vintage
from trends.crossings.families import Draws
from trends.dates import add_months
from trends.registry.models import Threshold
from trends.registry.series import Series
from trends.registry.weights import POOLED_FAMILIES
from trends.tables import BACKTEST_FORECASTS


@dataclass(frozen=True)
class Backtest:
    """What came of the past forecasts.

    Attributes:
        forecasts: BACKTEST_FORECASTS rows.
        scores: BACKTEST_SCORES rows.
        stacks: for each link scale the ensemble's weights from all families.
        past: the forecasts themselves.
    """

    forecasts: pl.DataFrame
    scores: pl.DataFrame
    stacks: Mapping[str, Stack]
    past: Sequence[PastForecast]


def run_backtest(
    observations: pl.DataFrame,
    thresholds: Sequence[tuple[Threshold, Series]],
    series: Sequence[Series],
    *,
    first_origin: date,
    draws: Draws,
    backtest_id: str,
    progress: Callable[[date, int], None],
) -> Backtest:
    """Forecast every series from the first of each month, and score what came.

    At each origin the pipeline runs again from the cut of the observations to the
    laws, so that nothing reported later can reach it. The ensemble's weights for a
    benchmark are stacked on the forecasts of other families, of all origins.

    Args:
        observations: OBSERVATIONS rows, whole.
        thresholds: each with its series; their bars are the crossings scored.
        series: every series.
        first_origin: first day of a month.
        draws: for families that draw, and the seed of every random number.
        backtest_id: carried into the rows.
        progress: told of each origin that is done, and how many there are.
    """
    past: list[PastForecast] = []
    known = histories(observations, series)
    origins = list(
        _origins(first_origin, max((one.end for one in known), default=first_origin))
    )
    by_series: dict[str, list[Threshold]] = {}
    for threshold, its_series in thresholds:
        by_series.setdefault(its_series.series_id, []).append(threshold)
    for origin in origins:
        shortest = add_months(origin, min(LEADS_MONTHS))
        due = [one for one in known if shortest <= one.end]
        wanted = [one.series.series_id for one in due]
        vintage = past_vintage(observations, series, wanted=wanted, origin=origin)
        made = (
            forecast_series(
                one, vintage, by_series.get(one.series.series_id, []), draws
            )
            for one in due
        )
        past += [one for one in made if one is not None]
        progress(origin, len(origins))
    stacks, left_out = _stacks(past)
    frame = BACKTEST_FORECASTS.frame(
        [
            row | {"backtest_id": backtest_id}
            for one in past
            for row in forecast_rows(
                one,
                left_out.get((one.scale, one.family_id), stacks[one.scale].weights),
                draws.seed,
            )
        ]
    )
    forecasts = BACKTEST_FORECASTS.conform(frame)
    scores = compare(forecasts, seed=draws.seed, backtest_id=backtest_id)
    return Backtest(forecasts, scores, stacks, past)


def _origins(first: date, end: date) -> Iterable[date]:
    """The first of each month from which the shortest lead time can be scored."""
    origin = first
    while add_months(origin, min(LEADS_MONTHS)) <= end:
        yield origin
        origin = add_months(origin, 1)


def _stacks(
    past: Sequence[PastForecast],
) -> tuple[dict[str, Stack], dict[tuple[str, str], Weights]]:
    """Weights by link scale; and by scale and family, without that family.

    Series that people or a company move have a pace of their own and no say.
    """
    stacks: dict[str, Stack] = {}
    left_out: dict[tuple[str, str], Weights] = {}
    for scale, trends in POOLED_FAMILIES.items():
        ours = [one for one in past if one.scale == scale and one.is_of_models]
        cases = pool_cases(ours, trends)
        stacks[scale] = stack(cases, trends)
        for family, without in leave_one_out(cases, trends).items():
            left_out[scale, family] = without.weights
    return stacks, left_out
