"""One row a forecast: what was said, what came, and how it scored."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from trends.backtest.forecasts import (
    BarTarget,
    LevelTarget,
    PastForecast,
    Weights,
)
from trends.crossings.levels import LevelLaw
from trends.dates import add_months
from trends.fits.links import Floats, Link
from trends.scoring import (
    brier_score,
    covers,
    crps_cdf,
    integrated_brier,
    interval_score,
    keyed_uniforms,
    pit,
)

LEVELS: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Quantiles kept of each level forecast."""

BY_MONTHS: Final = (12, 24)
"""Crossings within so many months have a Brier score."""

Row = dict[str, object]


def forecast_rows(forecast: PastForecast, weights: Weights, seed: int) -> Iterator[Row]:
    """BACKTEST_FORECASTS rows of every forecaster and target, without the run's id.

    Args:
        forecast: the laws and what came.
        weights: of the families in the ensemble.
        seed: of the numbers that randomise the PIT of an atom.
    """
    key = _key(forecast)
    for name, laws in forecast.all_levels(weights):
        for law, target in zip(laws, forecast.level_targets, strict=True):
            yield key | {"forecaster": name} | _level(forecast, target, law, name, seed)
    for name, cdfs in forecast.all_crossings(weights):
        for cdf, bar in zip(cdfs, forecast.bar_targets, strict=True):
            if cdf is not None:
                yield key | {"forecaster": name} | _crossing(forecast, bar, cdf)


def _key(forecast: PastForecast) -> Row:
    standing = forecast.standing
    benchmark = standing.series.benchmark
    return {
        "origin_date": forecast.origin,
        "series_id": standing.series.series_id,
        "benchmark_id": standing.series.benchmark_id,
        "family_id": forecast.family_id,
        "scale": forecast.scale,
        "cut_on": forecast.cut_on,
        "moved_by": benchmark.mover,
        "observed_through": standing.start,
        "score_unit": benchmark.unit.value,
        "frontier_score": standing.records.get_column("score")[-1],
    }


def _level(
    forecast: PastForecast, target: LevelTarget, law: LevelLaw, name: str, seed: int
) -> Row:
    benchmark = forecast.standing.series.benchmark
    link = Link.of(benchmark, 1.0)
    observed = max(
        float(link.of_scores(np.array([target.observed]))[0]), float(law.levels[0])
    )
    at_most = law.p_at_most(observed)
    below = 0.0 if observed == law.levels[0] else at_most
    points = law.quantile(np.array(LEVELS))
    shown = law.score_quantile(np.array(LEVELS))
    sign = 1.0 if benchmark.direction == "higher" else -1.0
    case = (
        f"{forecast.origin}|{forecast.standing.series.series_id}|{target.lead_months}"
    )
    uniform = keyed_uniforms([f"{case}|{name}"], seed=seed)[0]
    return {
        "target": "level",
        "lead_months": target.lead_months,
        "target_date": target.day,
        "observed_score": target.observed,
        **{
            f"q{level * 100:02.0f}_score": q
            for level, q in zip(LEVELS, shown, strict=True)
        },
        "p_below": below,
        "p_at_most": at_most,
        "pit": float(pit(below, at_most, uniform)),
        "crps_link": crps_cdf(law.levels, law.cdf, observed),
        "crps_score": crps_cdf(sign * law.scores, law.cdf, sign * target.observed),
        "abs_error_score": abs(float(shown[3]) - target.observed),
        "interval80_link": float(
            interval_score(points[1], points[5], observed, miss=0.2)
        ),
        "covered50": bool(covers(points[2], points[4], observed)),
        "covered80": bool(covers(points[1], points[5], observed)),
        "covered90": bool(covers(points[0], points[6], observed)),
    }


def _crossing(forecast: PastForecast, bar: BarTarget, cdf: Floats) -> Row:
    start = forecast.standing.start
    cdf = np.minimum(cdf[: bar.window_days + 1], 1.0)
    reached = bar.reached_on is not None
    end = int(min(bar.reached_after_days, bar.window_days))
    row: Row = {
        "target": "crossing",
        "threshold_id": bar.threshold_id,
        "bar_id": bar.bar_id,
        "bar_value": bar.value,
        "window_days": bar.window_days,
        "crossed_on": bar.reached_on,
        "is_crossed": reached,
        "p_below": float(cdf[end - 1]) if reached else float(cdf[end]),
        "p_at_most": float(cdf[end]),
        "integrated_brier": integrated_brier(
            np.arange(len(cdf), dtype=np.float64),
            cdf,
            crossed_after_days=bar.reached_after_days,
        ),
    }
    for months in BY_MONTHS:
        day = (add_months(start, months) - start).days
        if day <= bar.window_days:
            happened = bar.reached_after_days <= day
            row[f"p_by_{months}m"] = float(cdf[day])
            row[f"brier_{months}m"] = float(brier_score(float(cdf[day]), happened))
    return row
