"""What the views of one test say of its trend: the same items, as several boards see them.

One trend runs below all of them. A board stands an offset from the one that is forecast,
since its reporter has scaffolds and settings of its own, and scatters as it does: point i
of board w is f(t_i) + b_w + c_w (t_i - t_n) + e_i, with b = c = 0 for the view that is
forecast; t_n is the last point of any. A board that climbs more slowly than another draws
away from it, so that offsets drift. Both are regression effects: the indicator of each
board, and its years, run through the filter as curves of their own (de Jong 1991, Annals
of Statistics 19:1073), and they are integrated out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trends.fits.links import Floats
from trends.fits.pace import (
    GRID_SCATTER,
    GRID_WANDER,
    Hyper,
    Points,
    Told,
    Trend,
    forward,
    run_filter,
    to_next,
)
from trends.fits.walks import Prior

OFFSET_VARIANCE: Final = 1.0
"""Of a board's offset before its scores are looked at: wide, for pairs of boards are few."""

DRIFT_VARIANCE: Final = 0.3**2
"""Of what it drifts by in a year."""


@dataclass(frozen=True)
class Board:
    """What another view of the test lends.

    Attributes:
        name: id of its series.
        points: its top scores, on the clock and scale of the view that is forecast.
        scatter: their variance about the trend.
    """

    name: str
    points: Points
    scatter: float


@dataclass(frozen=True)
class Views:
    """The points of a view, and those that the other views of its test lend it.

    Attributes:
        own: of the view that is forecast; at least one.
        boards: the other views, each with at least one point.
    """

    own: Points
    boards: Sequence[Board]

    @property
    def told(self) -> Told:
        """What all points say of slope and variances, offsets integrated out."""
        curves = self._curves(self._levels, self._years - self._years[0])
        scatter = np.where(self._is_own, np.nan, self._lent)
        arrays = (self._years, curves, scatter)
        return _told(*(one.tobytes() for one in arrays), curves.shape[1])

    def trend(self, hyper: Hyper, prior: Prior, until: float) -> Trend:
        """What all points say of level and slope, as ``pace.local_trend``.

        Args:
            hyper: the variances.
            prior: of the slope at the first point of any view.
            until: not before the last point, on the clock of ``own``.
        """
        state, effects, known = self._run(hyper, prior)
        gap = max(until - float(self._years[-1]), 0.0)
        forward(state, gap, float(hyper.wander))
        level, slope, level_variance, covariance, slope_variance = state
        level_of, slope_of = level[1:], slope[1:]
        return Trend(
            level=float(level[0] - level_of @ effects)
            + prior.mean * (until - float(self._years[0])),
            slope=float(slope[0] - slope_of @ effects) + prior.mean,
            level_variance=level_variance + float(level_of @ known @ level_of),
            covariance=covariance + float(level_of @ known @ slope_of),
            slope_variance=slope_variance + float(slope_of @ known @ slope_of),
        )

    def offsets(self, hyper: Hyper, prior: Prior) -> tuple[Floats, Floats]:
        """How far each board stands above the view at the last point of any.

        Returns:
            Means and standard errors, shape (b,) each.
        """
        _, effects, known = self._run(hyper, prior)
        n = len(self.boards)
        return effects[:n], np.sqrt(np.diag(known)[:n])

    def _run(self, hyper: Hyper, prior: Prior) -> tuple[list[Any], Floats, Floats]:
        """State at the last point of all curves, effects and their covariance.

        Effects are the offset of each board, then the drift of each.

        The prior's mean slope is taken off the scores, since boards have none.
        """
        rise = self._years - self._years[0]
        curves = self._curves(self._levels - prior.mean * rise)[..., 0]
        scatter = np.where(self._is_own, hyper.scatter, self._lent).tolist()
        wander = float(hyper.wander)
        # of one pair of variances: in numbers of Python, as ``pace.local_trend``
        state: list[Any] = [curves[0], 0 * curves[0]]
        state += [scatter[0], 0.0, float(prior.variance)]
        gaps = np.diff(self._years).tolist()
        found = [
            to_next(state, gap, curve, own, wander)
            for gap, curve, own in zip(gaps, list(curves[1:]), scatter[1:], strict=True)
        ]
        surprises = np.array([one for one, _ in found]).reshape(-1, curves.shape[1])
        spreads = np.array([spread for _, spread in found])
        products = _products(surprises[..., np.newaxis], spreads[:, np.newaxis])[0]
        inner = _with_prior(products[1:, 1:])
        known = np.asarray(np.linalg.inv(inner), dtype=np.float64)
        effects: Floats = known @ products[1:, 0]
        return state, effects, known

    def _curves(self, *curves: Floats) -> Floats:
        """Curves, the indicator of each board and its years, shape (n, c, 1)."""
        boards = np.arange(1, len(self.boards) + 1)
        indicators = self._board[:, np.newaxis] == boards
        years = (self._years - self._years[-1])[:, np.newaxis]
        return np.column_stack([*curves, indicators, indicators * years])[
            :, :, np.newaxis
        ]

    @cached_property
    def _order(self) -> npt.NDArray[np.intp]:
        return np.argsort(self._joined("years"), kind="stable")

    def _joined(self, name: str) -> Floats:
        parts = [self.own, *(board.points for board in self.boards)]
        return np.concatenate([getattr(one, name) for one in parts])

    @cached_property
    def _years(self) -> Floats:
        found: Floats = self._joined("years")[self._order]
        return found

    @cached_property
    def _levels(self) -> Floats:
        found: Floats = self._joined("levels")[self._order]
        return found

    @cached_property
    def _board(self) -> npt.NDArray[np.intp]:
        sizes = [len(self.own.years), *(len(one.points.years) for one in self.boards)]
        found: npt.NDArray[np.intp] = np.repeat(np.arange(len(sizes)), sizes)[
            self._order
        ]
        return found

    @property
    def _is_own(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self._board == 0
        return found

    @cached_property
    def _lent(self) -> Floats:
        """Scatter of each point's board; of the own one any."""
        found: Floats = np.array([1.0, *(one.scatter for one in self.boards)])[
            self._board
        ]
        return found


def _products(surprises: Floats, spreads: Floats) -> Floats:
    """Sums over points of products of curves, by what is known of each: (k, c, c)."""
    found: Floats = np.einsum(
        "nck,ndk->kcd", surprises, surprises / spreads[:, np.newaxis]
    )
    return found


def _with_prior(precision: Floats) -> Floats:
    found: Floats = precision + np.diag(1 / _prior_variances(precision.shape[-1]))
    return found


def _prior_variances(n_effects: int) -> Floats:
    """Of the offsets, then of the drifts of as many boards."""
    found: Floats = np.repeat([OFFSET_VARIANCE, DRIFT_VARIANCE], n_effects // 2)
    return found


@lru_cache(maxsize=256)
def _told(years: bytes, curves: bytes, scatter: bytes, n_curves: int) -> Told:
    """``Views.told``; a run asks for the same in several of its steps.

    Args:
        years: of n points, rising.
        curves: scores, the rise of a slope of 1, boards' indicators and years, (n, c, 1).
        scatter: of each point's board; of the own one not a number.
        n_curves: c.
    """
    at, of_points = np.frombuffer(years), np.frombuffer(scatter)[:, np.newaxis]
    surprises, spreads = run_filter(
        at,
        np.frombuffer(curves).reshape(len(at), n_curves, 1),
        np.where(np.isnan(of_points), GRID_SCATTER, of_points),
        GRID_WANDER,
        Prior(0.0, 0.0),
    )
    products = _products(surprises, spreads)
    inner = _with_prior(products[:, 2:, 2:])
    solved = np.linalg.solve(inner, products[:, 2:, :2])
    left = products[:, :2, :2] - products[:, :2, 2:] @ solved
    widened = np.linalg.slogdet(inner).logabsdet
    widened += np.log(_prior_variances(inner.shape[-1])).sum()
    return Told(
        fit=-(np.log(spreads).sum(axis=0) + widened + left[:, 0, 0]) / 2,
        pull=left[:, 0, 1],
        precision=left[:, 1, 1],
    )
