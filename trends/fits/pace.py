"""A pace that may change: a local linear trend through the best scores so far.

Three scores say more of a frontier than one: the points are scores that were among the
three best when they came out. They scatter with variance s^2 about a level whose slope
is itself a random walk with variance q a year (Harvey 1989, section 2.3.2); q = 0 is a
straight line. What is known of s^2 and q before a series is looked at is what the other
families show, as a distribution on a grid.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.fits.compiled import record_kernels
from trends.fits.links import Floats
from trends.fits.walks import Prior

BEST: Final = 3
"""A score counts when no more than so many, itself among them, are as good."""

WIDE: Final = Prior(0.0, 3.0**2)
"""Of a slope about which no other family says anything."""

SCATTERS: Final = np.geomspace(0.003, 3.0, 13)
WANDERS: Final = np.array([0.0, 0.1, 0.3, 1.0, 3.0])
GRID_SCATTER, GRID_WANDER = (
    grid.ravel() for grid in np.meshgrid(SCATTERS, WANDERS, indexing="ij")
)
EVEN: Final = np.full(len(GRID_SCATTER), 1 / len(GRID_SCATTER))

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
        kept = among_the_best(years, levels)
        return cls(years[kept], levels[kept])


def among_the_best(years: Floats, levels: Floats) -> npt.NDArray[np.intp]:
    """Places of the scores that were among the best when they came out, by day."""
    by_day = np.lexsort((-levels, years))
    kept: npt.NDArray[np.intp] = by_day[
        record_kernels().are_among_best(levels[by_day], BEST)
    ]
    return kept


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

    @classmethod
    def averaged(cls, trends: Sequence["Trend"]) -> "Trend":
        """Of equally likely trends the one with their mean and variance."""
        if len(trends) == 1:
            return trends[0]
        known = np.mean([astuple(one) for one in trends], axis=0)
        apart = np.cov([(one.level, one.slope) for one in trends], rowvar=False, ddof=0)
        known[2:] += apart[0, 0], apart[0, 1], apart[1, 1]
        return cls(*known.tolist())


@dataclass(frozen=True)
class Told:
    """What points say of the slope at the first of them, whatever is known before.

    Under each pair of variances their log likelihood, given that slope b, is
    ``fit`` + ``pull`` b - ``precision`` b^2/2 (de Jong 1991, Annals of Statistics 19).

    Attributes:
        fit: shape (..., k), a column a pair of variances of the grid.
        pull: of the same shape.
        precision: of the same shape.
    """

    fit: Floats
    pull: Floats
    precision: Floats

    @classmethod
    def by(cls, points: Points) -> "Told":
        """Of at least one point."""
        rise = points.years - points.years[0]
        curves = np.column_stack([points.levels, rise])
        scatter = np.broadcast_to(GRID_SCATTER, (len(rise), len(EVEN)))
        products, logs, *_ = record_kernels().run_filter(
            points.years, curves, scatter.copy(), GRID_WANDER, np.zeros(2), 0.0, 0.0
        )
        return cls(
            fit=-(logs + products[:, 0, 0]) / 2,
            pull=products[:, 0, 1],
            precision=products[:, 1, 1],
        )

    @classmethod
    def stacked(cls, told: Sequence["Told"]) -> "Told":
        """A row a family; some may have rows already."""
        nobody = np.empty((0, len(EVEN)))
        return cls(
            np.vstack([nobody, *(one.fit for one in told)]),
            np.vstack([nobody, *(one.pull for one in told)]),
            np.vstack([nobody, *(one.precision for one in told)]),
        )

    def of(self, rows: Sequence[int] | npt.NDArray[np.bool_]) -> "Told":
        """Of some families."""
        return Told(self.fit[rows], self.pull[rows], self.precision[rows])

    def under(self, prior: Prior) -> Floats:
        """Log likelihood of the points on the grid, the slope integrated out."""
        return self._under(prior.mean, prior.variance)

    def under_each(self, priors: Sequence[Prior]) -> Floats:
        """``under`` each of some priors, of one family, shape (c, k)."""
        mean, variance = np.transpose([(one.mean, one.variance) for one in priors])
        return self._under(mean[:, np.newaxis], variance[:, np.newaxis])

    def _under(self, mean: Floats | float, variance: Floats | float) -> Floats:
        widened = 1 + variance * self.precision
        inside = (
            self.pull * mean + (variance * self.pull**2 - self.precision * mean**2) / 2
        )
        found: Floats = self.fit + inside / widened - np.log(widened) / 2
        return found


def local_trend(points: Points, hyper: Hyper, prior: Prior, until: float) -> Trend:
    """What the points say of level and slope at a time not before the last of them.

    Args:
        points: at least one.
        hyper: the variances.
        prior: of the slope at the first point.
        until: on the clock of ``points``.
    """
    *_, means, variances = record_kernels().run_filter(
        points.years,
        points.levels[:, np.newaxis],
        np.full((len(points.years), 1), hyper.scatter),
        np.array([hyper.wander]),
        np.array([prior.mean]),
        prior.variance,
        until - points.years[-1],
    )
    return Trend(*means.ravel().tolist(), *variances.ravel().tolist())


def fit_hyper(told: Told, likely: Floats, prior: Prior) -> Hyper:
    """Posterior means of the variances of a series.

    Args:
        told: what its points say.
        likely: from ``learn_hypers`` of the other families.
        prior: of the slope.
    """
    means = record_kernels().posterior_means(
        told.under(prior), likely, GRID_SCATTER, GRID_WANDER
    )
    return Hyper(*means)


def fit_hypers(
    told: Told, likely: Floats, priors: Sequence[Prior]
) -> tuple[Floats, Floats]:
    """``fit_hyper`` given what others say, each time others.

    Args:
        told: what its points say.
        likely: a distribution each time, shape (c, k).
        priors: of the slope each time.

    Returns:
        Scatter and wander, shape (c,) each.
    """
    logs = told.under_each(priors)
    weights = likely * np.exp(logs - logs.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ GRID_SCATTER, weights @ GRID_WANDER


def learn_hypers(found: Floats) -> Floats:
    """Distribution of the variances between families, on the grid.

    The most likely one (Laird 1978, JASA 73:805) by steps of the EM algorithm, with one
    more family that likes all of the grid alike, so that nothing is ruled out by a few.

    Args:
        found: ``Told.under`` of each family, a row each; may be empty.
    """
    likely: Floats = record_kernels().learn_weights(_relatives(found), EVEN, _ROUNDS)
    return likely


class HyperCrowd:
    """``learn_hypers`` of very many families, and with a few of them exchanged.

    Each step of all is kept with its derivative, so that exchanging a few is followed
    from step to step, to first order in what it changes for the others.
    """

    def __init__(self, found: Floats) -> None:
        """Of ``Told.under`` of each family, a row each."""
        self._n = len(found)
        self._steps: list[tuple[Floats, Floats, Floats]] = []
        likely, relative = EVEN, _relatives(found)
        for _ in range(_ROUNDS):
            given = relative / (relative @ likely)[:, np.newaxis]
            weights = given * likely
            total = weights.sum(axis=0)
            slope = np.diag(given.sum(axis=0)) - weights.T @ given
            self._steps.append((likely, total, slope))
            likely = (total + EVEN) / (self._n + 1)

    def exchanged(self, lost: Floats, put: Floats) -> Floats:
        """The distribution without a few families, and with others.

        Args:
            lost: ``Told.under`` of each of the few, a row each; may be empty.
            put: the same of the others.
        """
        likely = EVEN
        relative = np.concatenate([_relatives(lost), _relatives(put)])
        for of_all, total, slope in self._steps:
            weights = relative * likely
            weights /= weights.sum(axis=1, keepdims=True)
            others = total + slope @ (likely - of_all)
            others = others - weights[: len(lost)].sum(axis=0)
            others = others + weights[len(lost) :].sum(axis=0)
            likely = np.maximum(others + EVEN, 0.0)
            likely = likely / likely.sum()
        return likely


@dataclass(frozen=True)
class Line:
    """The straight line through points, or none where they fix no slope.

    Attributes:
        slope: a year.
        squares: of days about their mean, in years squared.
        residuals: sum of their squares.
        degrees: of freedom.
    """

    slope: float
    squares: float
    residuals: float
    degrees: int

    @classmethod
    def through(cls, points: Points) -> "Line | None":
        """By least squares."""
        away = points.years - points.years.mean()
        squares = float(away @ away)
        if len(away) < MIN_POINTS or squares < _MIN_SQUARES:
            return None
        slope = float(away @ points.levels) / squares
        left = points.levels - points.levels.mean() - slope * away
        return cls(slope, squares, float(left @ left), len(away) - 2)


def _relatives(found: Floats) -> Floats:
    relative: Floats = np.exp(found - found.max(axis=1, keepdims=True))
    return relative
