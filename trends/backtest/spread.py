"""Is the drift's random walk too wild or too tame? The factor that scores best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from trends.backtest.forecasts import PastForecast
from trends.backtest.stacking import FAMILIES_OF_DOUBT
from trends.crossings.families import Draws
from trends.crossings.levels import level_laws
from trends.fits.links import Floats, Link
from trends.scoring import crps_cdf

FACTORS: Final = np.array(
    [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 2.0, 2.5, 3.0, 4.0]
)
"""Of sigma; the backtest cannot tell finer ones apart."""

_NO_DRAWS: Final = Draws(seed=0, count=0)


@dataclass(frozen=True)
class SpreadFactor:
    """By how much sigma of the drift is multiplied on one link scale.

    Attributes:
        factor: ``best``, shrunk to 1.
        best: that with the lowest mean CRPS on the link scale.
        low: lowest of the best when each family in turn is left out.
        high: highest of them.
        n_forecasts: level forecasts scored.
        n_families: benchmark families among them.
    """

    factor: float
    best: float
    low: float
    high: float
    n_forecasts: int
    n_families: int


def fit_spread(forecasts: Sequence[PastForecast]) -> SpreadFactor | None:
    """The factor of sigma that would have given the lowest CRPS, made cautious.

    Each family and lead time counts once. The logarithm of the best factor is shrunk
    to 0 as the ensemble's weights are to equal ones.

    Args:
        forecasts: of one link scale.

    Returns:
        None where no drift was forecast.
    """
    cells: dict[tuple[str, int], list[Floats]] = {}
    for forecast in forecasts:
        for lead, scores in _scores(forecast):
            cells.setdefault((forecast.family_id, lead), []).append(scores)
    if not cells:
        return None
    families = sorted({family for family, _ in cells})
    left_out = [
        _best(rest)
        for family in families
        if (rest := [v for (one, _), v in cells.items() if one != family])
    ]
    best = _best(list(cells.values()))
    evidence = len(families) / (len(families) + FAMILIES_OF_DOUBT)
    return SpreadFactor(
        factor=float(best**evidence),
        best=best,
        low=min(left_out, default=best),
        high=max(left_out, default=best),
        n_forecasts=sum(len(one) for one in cells.values()),
        n_families=len(families),
    )


def _best(cells: Sequence[Sequence[Floats]]) -> float:
    mean = np.mean([np.mean(one, axis=0) for one in cells], axis=0)
    return float(FACTORS[int(np.argmin(mean))])


def _scores(forecast: PastForecast) -> list[tuple[int, Floats]]:
    """CRPS of each level forecast under every factor."""
    targets = forecast.level_targets
    if not targets or forecast.drift_fits.is_empty():
        return []
    standing = forecast.standing
    link = Link.of(standing.series.benchmark, 1.0)
    days = [(target.day - standing.start).days for target in targets]
    scores = np.empty((len(targets), len(FACTORS)))
    for column, factor in enumerate(FACTORS):
        scaled = forecast.drift_fits.with_columns(
            sigma2_per_year=pl.col("sigma2_per_year") * factor**2
        )
        laws = level_laws(standing, scaled, _NO_DRAWS, days=days) or []
        for row, (law, target) in enumerate(zip(laws, targets, strict=True)):
            observed = float(link.of_scores(np.array([target.observed]))[0])
            scores[row, column] = crps_cdf(
                law.levels, law.cdf, max(observed, float(law.levels[0]))
            )
    return [(one.lead_months, scores[row]) for row, one in enumerate(targets)]
