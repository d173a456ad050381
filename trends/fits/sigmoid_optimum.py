"""Three-parameter logistic of one sample: the lowest minimum and its errors."""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from trends.dates import DAYS_PER_YEAR
from trends.fits.compiled import kernels
from trends.fits.links import Floats
from trends.fits.samples import Points

SLOPE_LOW: Final = 0.05
SLOPE_HIGH: Final = 6.0
"""Logits a year between which a three-parameter logistic is searched for.

Steeper curves step between two dates, and every gap has such a minimum.
"""

MIDPOINT_REACH_YEARS: Final = 20.0
"""How far outside the dates a midpoint may lie."""


@dataclass(frozen=True)
class SigmoidFit:
    """Three-parameter logistic of one sample.

    Attributes:
        height: ceiling less the floor.
        midpoint_years: where half the height is reached, since the epoch.
        slope_per_year: on the logit scale.
        rss: sum of squared residuals.
        df: points less three.
        covariance: of (height, midpoint, slope), s^2 (J'J)^-1 with s^2 = rss / df, as
            R's nls and NIST print it; NaN without degrees of freedom. It means nothing
            for a parameter on its bound.
        is_converged: whether the solver met its tolerance.
    """

    height: float
    midpoint_years: float
    slope_per_year: float
    rss: float
    df: int
    covariance: Floats = field(repr=False)
    is_converged: bool

    def at(self, years: Floats) -> Floats:
        """Fitted score above the floor."""
        return unit_sigmoid(years, self.midpoint_years, self.slope_per_year) * (
            self.height
        )


def fit_sigmoid(
    points: Points, *, max_height: float, starts: Floats | None = None
) -> SigmoidFit:
    """Lowest sum of squares over a grid of starts, with standard errors.

    Args:
        points: scores above their floor.
        max_height: largest ceiling less the floor. Infinite lifts every bound, for
            data that are no benchmark; then ``starts`` are needed.
        starts: shape (2, k), midpoints and slopes; None for the grid.
    """
    if starts is None:
        if np.isinf(max_height):
            raise ValueError("an unbounded logistic needs starts: no grid covers it")
        found = optimum(points, max_height=max_height)
    else:
        found = kernels().best_sigmoid(
            points.sample, box(points, max_height), np.asarray(starts, np.float64)
        )
    height, midpoint, slope, rss, converged = found
    unit = unit_sigmoid(points.years, midpoint, slope)
    bend = height * unit * (1 - unit)
    jacobian = np.column_stack([unit, -slope * bend, (points.years - midpoint) * bend])
    df = len(points.levels) - 3
    return SigmoidFit(
        height=height,
        midpoint_years=midpoint,
        slope_per_year=slope,
        rss=rss,
        df=df,
        covariance=_covariance(jacobian, rss, df),
        is_converged=converged,
    )


def optimum(
    points: Points, *, max_height: float
) -> tuple[float, float, float, float, bool]:
    """Height, midpoint, slope, sum of squares of the best fit; whether it converged."""
    found: tuple[float, float, float, float, bool] = kernels().sigmoid_optimum(
        points.sample, box(points, max_height)
    )
    return found


def unit_sigmoid(years: Floats, midpoint: float, slope: float) -> Floats:
    """Curve of height 1."""
    logits = np.clip(slope * (years - midpoint), -700, 700)
    unit: Floats = 1 / (1 + np.exp(-logits))
    return unit


def _covariance(jacobian: Floats, rss: float, df: int) -> Floats:
    """s^2 (J'J)^-1 through a QR decomposition of the scaled columns."""
    if df <= 0:
        return np.full((3, 3), np.nan)
    length = np.linalg.norm(jacobian, axis=0)
    if not np.all(length > 0):
        return np.full((3, 3), np.nan)
    root = np.linalg.qr(jacobian / length, mode="r")
    if np.min(np.abs(np.diag(root))) <= len(jacobian) * np.finfo(np.float64).eps:
        return np.full((3, 3), np.nan)
    inverse = np.linalg.inv(root) / length[:, np.newaxis]
    covariance: Floats = rss / df * inverse @ inverse.T
    return covariance


def box(points: Points, max_height: float) -> Any:
    """Bounds of the search, as the kernels take them."""
    if np.isinf(max_height):
        return kernels().Box(np.inf, 1e-300, np.inf, -np.inf, np.inf)
    return kernels().Box(
        float(max_height),
        SLOPE_LOW,
        SLOPE_HIGH,
        points.first_days.min() / DAYS_PER_YEAR - MIDPOINT_REACH_YEARS,
        points.last_days.max() / DAYS_PER_YEAR + MIDPOINT_REACH_YEARS,
    )
