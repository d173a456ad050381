"""The frontier score on days ahead: the law of crossing dates, read the other way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from trends.crossings.levels import LevelLaw, Standing, level_laws, pool_levels
from trends.crossings.looks import Looks
from trends.crossings.rows import QUANTILE_LEVELS
from trends.crossings.vintage import Vintage
from trends.dates import add_months
from trends.fits.failures import about
from trends.frontier import Parts
from trends.registry.models import TrendFamily
from trends.registry.series import Series
from trends.registry.weights import LevelBand
from trends.tables import CONTRACT_VERSION, SCORE_FORECAST

LEADS_MONTHS: Final = (1, 3, 6, 12, 18, 24, 36)
"""How far ahead; 3, 6, 12 and 18 are the lead times that the backtest scores."""

Row = dict[str, object]
Laws = Mapping[TrendFamily, Sequence[LevelLaw]]


def forecast_scores(
    trend_fits: pl.DataFrame,
    series_scores: pl.DataFrame,
    frontier: pl.DataFrame,
    series: Sequence[Series],
    *,
    vintage: Vintage,
    looks: dict[str, Looks] | None = None,
) -> pl.DataFrame:
    """Quantiles of the published frontier of every series under every fitted family.

    Lead times count from the last day on which a record could have been seen. A family
    with an estimated ceiling has no law of scores.

    Args:
        trend_fits: TREND_FITS rows of the series.
        series_scores: their SERIES_SCORES rows.
        frontier: their FRONTIER rows.
        series: what to forecast; one without a score is left out.
        vintage: cut-off, run id, seed and number of draws.
        looks: at the figures of each series, taken up and added to.

    Returns:
        SCORE_FORECAST rows.

    Raises:
        SeriesError: those of one series cannot be computed.
    """
    rows: list[Row] = []
    fits, scores, records = (
        Parts(one, "series_id") for one in (trend_fits, series_scores, frontier)
    )
    looks = {} if looks is None else looks
    for one in series:
        name = one.series_id
        if records[name].is_empty():
            continue
        figures = looks.setdefault(name, Looks(one, scores[name], records[name]))
        standing = Standing(figures, one.observed_through(vintage.as_of))
        with about(name, "forecast of scores"):
            rows += _Forecast(standing, vintage).rows(fits[name])
    return SCORE_FORECAST.conform(
        SCORE_FORECAST.exploded(rows, "quantile_level", "score", "score_calibrated")
    )


@dataclass(frozen=True)
class _Forecast:
    """One series in one vintage."""

    standing: Standing
    vintage: Vintage

    def rows(self, fits: pl.DataFrame) -> Iterator[Row]:
        """The SCORE_FORECAST rows, those of a family and lead time in one."""
        for trend, laws in self._laws(fits).items():
            band = self.vintage.level_band(self.standing.series, trend)
            for months, law in zip(LEADS_MONTHS, laws, strict=True):
                yield self._quantiles(trend, months, law, band)

    def _laws(self, fits: pl.DataFrame) -> Laws:
        """Of each family with a law, and of the ensemble."""
        start = self.standing.start
        days = [(add_months(start, lead) - start).days for lead in LEADS_MONTHS]
        families: dict[TrendFamily, Sequence[LevelLaw]] = {}
        for trend, ours in Parts(fits, "trend").items():
            laws = level_laws(self.standing, ours, self.vintage.draws, days=days)
            if laws is not None:
                families[TrendFamily(trend)] = laws
        pooled = {trend: laws for trend, laws in families.items() if trend.is_pooled}
        if not pooled:
            return families
        weights = self.vintage.ensemble_weights(self.standing.series)
        ensemble = [
            pool_levels({trend: laws[k] for trend, laws in pooled.items()}, weights)
            for k in range(len(days))
        ]
        return families | {TrendFamily.ENSEMBLE: ensemble}

    def _quantiles(
        self, trend: TrendFamily, months: int, law: LevelLaw, band: LevelBand | None
    ) -> Row:
        series = self.standing.series
        return {
            "as_of": self.vintage.as_of,
            "series_id": series.series_id,
            "benchmark_id": series.benchmark_id,
            "trend": trend.value,
            "lead_months": months,
            "forecast_date": add_months(self.standing.start, months),
            "score_unit": series.benchmark.unit.value,
            "quantile_level": QUANTILE_LEVELS,
            "score": law.score_quantile(np.array(QUANTILE_LEVELS)).tolist(),
            "score_calibrated": _calibrated(law, band),
            "run_id": self.vintage.run_id,
            "contract_version": CONTRACT_VERSION,
        }


def _calibrated(law: LevelLaw, band: LevelBand | None) -> list[float | None]:
    """Ends of the interval that held ``nominal`` of what came, by nominal level."""
    ends: dict[float, float] = {}
    if band is not None and band.usable_level is not None:
        for end in (-1, 1):
            nominal = round((1 + end * band.nominal) / 2, 4)
            level = (1 + end * band.usable_level) / 2
            ends[nominal] = float(law.score_quantile(level))
    return [ends.get(level) for level in QUANTILE_LEVELS]
