"""A pace that may change: a local linear trend through the best scores so far.

Three scores say more of a frontier than one: the points are scores that were among the
three best when they came out. They scatter with variance s^2 about a level whose slope
is itself a random walk with variance q a year (Harvey 1989, section 2.3.2); q = 0 is a
straight line. What is known of s^2 and q before a series is looked at is what the other
families show, as a distribution on a grid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trends.fits.links import Floats
from trends.fits.regression import MeanFit, fit_mean
from trends.fits.walks import Prior

BEST: Final = 3
"""A score counts when no more than so many, itself among them, are as good."""

WIDE: Final = Prior(0.0, 3.0**2)
"""Of a slope about which no other family says anything."""

SCATTERS: Final = np.geomspace(0.003, 3.0, 13)
WANDERS: Final = np.array([0.0, 0.1, 0.3, 1.0, 3.0])
_SCATTER, _WANDER = (
    grid.ravel() for grid in np.meshgrid(SCATTERS, WANDERS, indexing="ij")
)
_EVEN: Final = np.full(len(_SCATTER), 1 / len(_SCATTER))

_ROUNDS: Final = 20
MIN_POINTS: Final = 3
"""Of a line with a residual."""

_MIN_SQUARES: Final = 0.02
"""Of days about their mean, in years squared: below, a slope says next to nothing."""


@dataclass(frozen=True)
class Points:
    """Scores among the best when they came out, by day.

    Attributes:
        years: shape (n,), rising, since any day.
        levels: shape (n,), on the link scale.
    """

    years: Floats
    levels: Floats

    @classmethod
    def among(cls, years: Floats, levels: Floats) -> "Points":
        """Of all scores of a series, in any order; of one day the best come first."""
        by_day = np.lexsort((-levels, years))
        best = [-np.inf] * BEST
        kept = []
        for place in by_day:
            if levels[place] > best[0]:
                best = sorted([*best, float(levels[place])])[1:]
                kept.append(place)
        return cls(years[kept], levels[kept])


@dataclass(frozen=True)
class Hyper:
    """Variances of a local linear trend.

    Attributes:
        scatter: s^2, of points about the level.
        wander: q, of the slope a year.
    """

    scatter: float
    wander: float


@dataclass(frozen=True)
class Trend:
    """Level and slope on one day, jointly normal.

    Attributes:
        level: on the link scale.
        slope: a year.
        level_variance: of the level.
        covariance: of both.
        slope_variance: of the slope.
    """

    level: float
    slope: float
    level_variance: float
    covariance: float
    slope_variance: float


def local_trend(points: Points, hyper: Hyper, prior: Prior, until: float) -> Trend:
    """What the points say of level and slope at a time not before the last of them.

    Args:
        points: at least one.
        hyper: the variances.
        prior: of the slope at the first point.
        until: on the clock of ``points``.
    """
    state, _ = _filter(
        points, np.array([hyper.scatter]), np.array([hyper.wander]), prior
    )
    _forward(state, until - float(points.years[-1]), np.array([hyper.wander]))
    return Trend(*(float(value[0]) for value in state))


def fit_hyper(points: Points, likely: Floats, prior: Prior) -> Hyper:
    """Posterior means of the variances of a series.

    Args:
        points: at least one.
        likely: from ``learn_hypers`` of the other families.
        prior: of the slope.
    """
    weights = likely * _relative(likelihoods(points, prior))
    weights /= weights.sum()
    return Hyper(float(weights @ _SCATTER), float(weights @ _WANDER))


def likelihoods(points: Points, prior: Prior) -> Floats:
    """Log likelihood of the points on the grid of variances."""
    _, found = _filter(points, _SCATTER, _WANDER, prior)
    return found


def learn_hypers(found: Sequence[Floats]) -> Floats:
    """Distribution of the variances between families, on the grid.

    The most likely one (Laird 1978, JASA 73:805) by steps of the EM algorithm, with one
    more family that likes all of the grid alike, so that nothing is ruled out by a few.

    Args:
        found: ``likelihoods`` of each family; may be empty.
    """
    likely = _EVEN
    if not found:
        return likely
    relative = np.array([_relative(one) for one in found])
    for _ in range(_ROUNDS):
        weights = relative * likely
        weights /= weights.sum(axis=1, keepdims=True)
        likely = (weights.sum(axis=0) + _EVEN) / (len(found) + 1)
    return likely


def pool_slopes(points: Sequence[Points]) -> MeanFit | None:
    """Mean slope of straight lines and the variance of slopes between families.

    Scatter about the lines is taken as common to them, which is enough for a prior.

    Returns:
        None where no line is fixed.
    """
    lines = [one for one in map(_line, points) if one is not None]
    degrees = sum(line["degrees"] for line in lines)
    if not degrees:
        return None
    scatter = sum(line["residuals"] for line in lines) / degrees
    slopes = np.array([line["slope"] for line in lines])
    squares = np.array([line["squares"] for line in lines])
    return fit_mean(slopes, max(scatter, float(SCATTERS[0])) / squares)


def _line(points: Points) -> Mapping[str, float] | None:
    away = points.years - points.years.mean()
    squares = float(away @ away)
    if len(away) < MIN_POINTS or squares < _MIN_SQUARES:
        return None
    slope = float(away @ points.levels) / squares
    left = points.levels - points.levels.mean() - slope * away
    return {
        "slope": slope,
        "squares": squares,
        "residuals": float(left @ left),
        "degrees": float(len(away) - 2),
    }


def _relative(logs: Floats) -> Floats:
    found: Floats = np.exp(logs - logs.max())
    return found


def _filter(
    points: Points, scatter: Floats, wander: Floats, prior: Prior
) -> tuple[list[Floats], Floats]:
    """Kalman filter under each pair of variances: state at the last point, fit.

    The level has no prior: the first point is it, with its scatter.

    Returns:
        Level, slope, and their variance, covariance, variance; log likelihood of the
        points after the first; each of the shape of ``scatter``.
    """
    flat = np.zeros_like(scatter)
    state = [
        flat + points.levels[0],
        flat + prior.mean,
        scatter.copy(),
        flat.copy(),
        flat + prior.variance,
    ]
    fit = flat
    for gap, level in zip(np.diff(points.years), points.levels[1:], strict=True):
        if gap > 0:
            _forward(state, float(gap), wander)
        spread = state[2] + scatter
        surprise = level - state[0]
        fit = fit - (np.log(spread) + surprise**2 / spread) / 2
        of_level, of_slope = state[2] / spread, state[3] / spread
        state[0] = state[0] + of_level * surprise
        state[1] = state[1] + of_slope * surprise
        state[4] = state[4] - of_slope * state[3]
        state[3] = state[3] - of_slope * state[2]
        state[2] = state[2] - of_level * state[2]
    return state, fit


def _forward(state: list[Floats], years: float, wander: Floats) -> None:
    """The state so many years later, nothing seen between."""
    state[0] = state[0] + years * state[1]
    state[2] = (
        state[2] + 2 * years * state[3] + years**2 * state[4] + wander * years**3 / 3
    )
    state[3] = state[3] + years * state[4] + wander * years**2 / 2
    state[4] = state[4] + wander * years
