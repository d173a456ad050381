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
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.fits.compiled import record_kernels
from trends.fits.links import Floats
from trends.fits.pace import (
    GRID_SCATTER,
    GRID_WANDER,
    Hyper,
    Points,
    Told,
    Trend,
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

    @cached_property
    def told(self) -> Told:
        """What all points say of slope and variances, offsets integrated out."""
        rise = self._years - self._years[0]
        scatter = np.where(
            self._is_own[:, np.newaxis], GRID_SCATTER, self._lent[:, np.newaxis]
        )
        products, logs, *_ = self._run(
            [self._levels, rise], scatter, GRID_WANDER, 0.0, 0.0
        )
        inner = _with_prior(products[:, 2:, 2:])
        solved = np.linalg.solve(inner, products[:, 2:, :2])
        left = products[:, :2, :2] - products[:, :2, 2:] @ solved
        widened = np.linalg.slogdet(inner).logabsdet
        widened += np.log(_prior_variances(inner.shape[-1])).sum()
        return Told(
            fit=-(logs + widened + left[:, 0, 0]) / 2,
            pull=left[:, 0, 1],
            precision=left[:, 1, 1],
        )

    def trend(self, hyper: Hyper, prior: Prior, until: float) -> Trend:
        """What all points say of level and slope, as ``pace.local_trend``.

        Args:
            hyper: the variances.
            prior: of the slope at the first point of any view.
            until: not before the last point, on the clock of ``own``.
        """
        last, first = float(self._years[-1]), float(self._years[0])
        (level, slope), variances, effects, known = self._state(
            hyper, prior, max(until - last, 0.0)
        )
        level_of, slope_of = level[1:], slope[1:]
        apart = [level_of @ known @ level_of, level_of @ known @ slope_of]
        variances += [*apart, slope_of @ known @ slope_of]
        return Trend(
            level=float(level[0] - level_of @ effects) + prior.mean * (until - first),
            slope=float(slope[0] - slope_of @ effects) + prior.mean,
            level_variance=float(variances[0]),
            covariance=float(variances[1]),
            slope_variance=float(variances[2]),
        )

    def offsets(self, hyper: Hyper, prior: Prior) -> tuple[Floats, Floats]:
        """How far each board stands above the view at the last point of any.

        Returns:
            Means and standard errors, shape (b,) each.
        """
        *_, effects, known = self._state(hyper, prior, 0.0)
        n = len(self.boards)
        return effects[:n], np.sqrt(np.diag(known)[:n])

    def _state(
        self, hyper: Hyper, prior: Prior, after: float
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """State of all curves so long after the last point, and what boards add to it.

        The prior's mean slope is taken off the scores, since boards have none.

        Returns:
            Level and slope of each curve, shape (2, c); the three variances of the
            state; effects, the offset of each board and then the drift of each; and
            their covariance.
        """
        rise = self._years - self._years[0]
        scatter = np.where(self._is_own, hyper.scatter, self._lent)[:, np.newaxis]
        products, _, means, variances = self._run(
            [self._levels - prior.mean * rise],
            scatter,
            np.array([hyper.wander]),
            prior.variance,
            after,
        )
        inner = _with_prior(products[0, 1:, 1:])
        known = np.asarray(np.linalg.inv(inner), dtype=np.float64)
        return means[0], variances[0], known @ products[0, 1:, 0], known

    def _run(
        self,
        curves: Sequence[Floats],
        scatter: Floats,
        wander: Floats,
        slope_variance: float,
        after: float,
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """The filter of these curves and the boards' indicators and years."""
        all_curves = np.column_stack([*curves, self._effects])
        flat = np.zeros(all_curves.shape[1])
        found: tuple[Floats, Floats, Floats, Floats] = record_kernels().run_filter(
            self._years, all_curves, scatter, wander, flat, slope_variance, after
        )
        return found

    @cached_property
    def _effects(self) -> Floats:
        """The indicator of each board, and then its years, shape (n, 2b)."""
        boards = np.arange(1, len(self.boards) + 1)
        indicators = self._board[:, np.newaxis] == boards
        years = (self._years - self._years[-1])[:, np.newaxis]
        return np.column_stack([indicators, indicators * years])

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


def _with_prior(precision: Floats) -> Floats:
    found: Floats = precision + np.diag(1 / _prior_variances(precision.shape[-1]))
    return found


def _prior_variances(n_effects: int) -> Floats:
    """Of the offsets, then of the drifts of as many boards."""
    found: Floats = np.repeat([OFFSET_VARIANCE, DRIFT_VARIANCE], n_effects // 2)
    return found
