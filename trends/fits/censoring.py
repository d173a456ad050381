"""Straight lines where some levels are only known to be at least so high."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from trends.fits.compiled import record_kernels
from trends.fits.links import Floats
from trends.fits.regression import LineFit, fit_line, scatter

Flags = npt.NDArray[np.bool_]

_MAX_STEPS: Final = 500


def fit_censored_line(
    x: Floats, y: Floats, known_variance: Floats, is_lower_bound: Flags
) -> LineFit:
    """As ``fit_line``, where some y are lower bounds.

    A bound enters with the mean it has given the line and that it is exceeded; line
    and means are found in turn, which for the line is the EM algorithm of the censored
    normal likelihood (Tobin 1958, Econometrica 26:24; Dempster, Laird and Rubin 1977).
    tau2 solves the equation of Paule and Mandel with the squares that are expected.
    The covariance has the information that a bound leaves of an observation (Louis
    1982, JRSS B 44:226).

    Args:
        x: shape (n,).
        y: shape (n,), observations and bounds.
        known_variance: shape (n,).
        is_lower_bound: shape (n,).

    Raises:
        ValueError: fewer than three observations that are no bounds.
    """
    if not is_lower_bound.any():
        return fit_line(x, y, known_variance)
    design = np.column_stack([np.ones_like(x), x])
    seen = ~is_lower_bound
    start = fit_line(x[seen], y[seen], known_variance[seen])
    line: Floats = np.array([start.intercept, start.slope])
    tau2 = start.tau2
    for _ in range(_MAX_STEPS):
        before = line
        # scatter of 0 would take a bound above the line for impossible
        variance = known_variance + max(tau2, 1e-9)
        mean, spread, information = _beyond(design @ line, y, variance, is_lower_bound)
        weighted = design / variance[:, np.newaxis]
        line = np.linalg.solve(weighted.T @ design, weighted.T @ mean).astype(float)
        squares: Floats = np.square(mean - design @ line) + spread
        tau2 = scatter(squares, known_variance, len(x) - 2)
        if np.max(np.abs(line - before)) <= 1e-12 * np.max(np.abs(line)):
            break
    left = weighted * information[:, np.newaxis]
    covariance = np.asarray(np.linalg.inv(left.T @ design), np.float64)
    return LineFit(
        intercept=float(line[0]),
        slope=float(line[1]),
        covariance=covariance,
        df=len(x) - 2,
        tau2=tau2,
    )


def censored_line_at(
    where: Floats, x: Floats, y: Floats, known_variance: Floats, is_lower_bound: Flags
) -> Floats:
    """The line of ``fit_censored_line`` at each of ``where``, without its errors."""
    if is_lower_bound.any():
        return fit_censored_line(x, y, known_variance, is_lower_bound).at(where)
    intercept, slope, _ = record_kernels().line_with_scatter(x, y, known_variance)
    return np.asarray(intercept + slope * where)


def _beyond(
    fitted: Floats, y: Floats, variance: Floats, is_lower_bound: Flags
) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of each level, and the share of information it carries.

    A normal beyond z standard deviations has mean h and variance 1 - h (h - z), with
    h = phi(z) / (1 - Phi(z)); that it is beyond has the information h (h - z).
    """
    error = np.sqrt(variance)
    z = (y - fitted) / error
    hazard = np.exp(-(z**2) / 2 - np.log(2 * np.pi) / 2 - log_ndtr(-z))
    known = hazard * (hazard - z)
    return (
        np.where(is_lower_bound, fitted + error * hazard, y),
        np.where(is_lower_bound, variance * (1 - known), 0.0),
        np.where(is_lower_bound, known, 1.0),
    )
