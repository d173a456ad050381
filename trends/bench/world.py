"""Invented series that look like the shipped ones, any number of them."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from trends.fits.links import Floats
from trends.fits.samples import Points, Resampling

SEED = 20261122


@dataclass(frozen=True)
class InventedSeries:
    """One series on the two scales that families are fitted on.

    Attributes:
        series_id: names its stream of random numbers.
        on_logit: levels on the logit scale with the sampling variance of its items.
        on_score: the same scores as fractions.
    """

    series_id: str
    on_logit: Points
    on_score: Points


def invent(index: int, *, n_points: int | None = None) -> InventedSeries:
    """Series number ``index``: a logistic with a ceiling, scatter and binomial items.

    The number of scores has the median (26) and range (7 to 188) of the shipped
    series, developers hold a few scores each, and between-model scatter is 0.5 logit.

    Args:
        index: the series; each has numbers of its own.
        n_points: keep the first so many, as an origin of the backtest does.
    """
    generator = np.random.default_rng([SEED, index])
    n = int(np.clip(np.exp(generator.normal(np.log(26), 0.75)), 7, 188))
    days = np.sort(generator.integers(0, generator.integers(400, 1200), n)).astype(
        np.float64
    )
    midpoint, slope = generator.uniform(100, 1100), generator.uniform(0.5, 3.0)
    ceiling = generator.uniform(0.6, 1.0)
    logits = slope * (days - midpoint) / 365.25 + generator.normal(0, 0.5, n)
    items = int(generator.choice([20, 100, 500]))
    passed = generator.binomial(items, ceiling * expit(logits))
    score = (passed + 0.5) / (items + 1)
    n_developers = int(np.clip(n // 3, 2, 18))
    developers = [f"d{k}" for k in generator.integers(0, n_developers, n)]
    error = np.sqrt(score * (1 - score) / items)
    keep = slice(None, n_points)
    return InventedSeries(
        series_id=f"invented-{index}",
        on_logit=_points(
            days[keep], logit(score)[keep], (error / score / (1 - score))[keep],
            developers[keep],
        ),
        on_score=_points(days[keep], score[keep], error[keep], developers[keep]),
    )  # fmt: skip


def developers_redrawn(
    series: InventedSeries, count: int, *, vintage: int = 0
) -> Resampling:
    """Resamples of developers with replacement, nothing else drawn."""
    return Resampling(
        seed=SEED,
        series_id=series.series_id,
        vintage=vintage,
        count=count,
        clusters="resampled",
        noise=False,
        dates=False,
        records=False,
    )


def without_variance(points: Points) -> Points:
    """The same scores with no sampling error known, as for a time horizon."""
    zeros = np.zeros_like(points.variances)
    return Points(
        points.first_days,
        points.last_days,
        points.levels,
        zeros,
        zeros,
        points.developers,
    )


def _points(
    days: Floats, levels: Floats, errors: Floats, developers: list[str]
) -> Points:
    return Points(
        first_days=days,
        last_days=days,
        levels=np.asarray(levels, dtype=np.float64),
        errors=np.asarray(errors, dtype=np.float64),
        variances=np.square(errors),
        developers=developers,
    )
