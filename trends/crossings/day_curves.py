"""Monotone curves from day to day through probabilities at some of the days."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.fits.compiled import level_kernels
from trends.fits.links import Floats

Places = npt.NDArray[np.intp]

_N_KNOTS: Final = 240
_NIL: Final = 1e-15


@lru_cache(maxsize=64)
def day_knots(n_days: int) -> Floats:
    """Days from 0 to ``n_days`` at which a law is computed.

    It is smooth in time, so that their distance may double again and again.

    Raises:
        ValueError: there is no day ahead, and so no law of one.
    """
    if n_days < 1:
        raise ValueError(f"no day to come: the last is {n_days} days from the first")
    return np.unique(np.rint(np.geomspace(1, n_days + 1, _N_KNOTS) - 1))


@dataclass(frozen=True)
class DayCurves:
    """Curves that do not fall (Fritsch and Butland 1984), for laws of dates.

    They are linear in their values and slopes at the knots, so that an average of many
    is followed from day to day as one curve.

    Attributes:
        n_days: last day.
        values: by the end of ``day_knots(n_days)``, shape (..., knots).
        slopes: a day there, of the same shape.
    """

    n_days: int
    values: Floats
    slopes: Floats

    @classmethod
    def through(cls, n_days: int, cdfs: Floats) -> "DayCurves":
        """Through probabilities that do not fall, shape (..., knots)."""
        # a slope between denormal probabilities would overflow
        values = np.where(cdfs < _NIL, 0.0, cdfs)
        slopes = level_kernels().monotone_slopes(
            np.diff(day_knots(n_days)), values.reshape(-1, values.shape[-1])
        )
        return cls(n_days, values, slopes.reshape(values.shape))

    def averaged(self, weights: Floats) -> "DayCurves":
        """Over the first axis of the curves, by weights of its shape."""
        return DayCurves(
            self.n_days,
            np.tensordot(weights, self.values, axes=1),
            np.tensordot(weights, self.slopes, axes=1),
        )

    def mean(self) -> "DayCurves":
        """Over the last axis of the curves, which becomes 1 long."""
        values, slopes = (
            one.mean(axis=-2, keepdims=True) for one in (self.values, self.slopes)
        )
        return DayCurves(self.n_days, values, slopes)

    def each_day(self) -> Floats:
        """Probabilities by the end of day 0, 1, ... n_days, shape (..., n_days + 1)."""
        rows = (
            np.ascontiguousarray(one).reshape(-1, one.shape[-1])
            for one in (self.values, self.slopes)
        )
        daily: Floats = level_kernels().follow_days(*rows, *_between(self.n_days))
        return daily.reshape(*self.values.shape[:-1], -1)


@lru_cache(maxsize=64)
def _between(n_days: int) -> tuple[Places, Floats, Floats, Floats]:
    """Of each day the knot before it, and what there the rise to the next knot counts.

    Then what the slopes at both knots count: Hermite's cubic.
    """
    knots, days = day_knots(n_days), np.arange(n_days + 1)
    before = np.clip(np.searchsorted(knots, days, "right") - 1, 0, len(knots) - 2)
    gaps = np.diff(knots)[before]
    on = (days - knots[before]) / gaps
    return (
        before,
        on**2 * (3 - 2 * on),
        gaps * on * (1 - on) ** 2,
        -gaps * on**2 * (1 - on),
    )
