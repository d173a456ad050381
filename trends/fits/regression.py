"""Weighted least squares with between-study variance; statsmodels does the last fit.

The only module that imports statsmodels, which is not typed and takes 85 MiB: it is
imported when the first fit is asked for, not before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from trends.fits.compiled import record_kernels
from trends.fits.links import Floats


@dataclass(frozen=True)
class LineFit:
    """A straight line y = intercept + slope x with its uncertainty.

    Attributes:
        intercept: level at x = 0.
        slope: change of y per unit of x.
        covariance: 2 x 2, of (intercept, slope).
        df: degrees of freedom of their t distribution.
        tau2: variance of y around the line beyond the known variances.
    """

    intercept: float
    slope: float
    covariance: Floats
    df: int
    tau2: float

    def at(self, x: Floats) -> Floats:
        """The line at each x."""
        return self.intercept + self.slope * x


@dataclass(frozen=True)
class MeanFit:
    """A common mean of heterogeneous estimates, with its uncertainty."""

    mean: float
    variance: float
    tau2: float


def fit_line(x: Floats, y: Floats, known_variance: Floats) -> LineFit:
    """Fit y = a + b x + u + e by weighted least squares.

    e has the known variances; u is scatter between releases with variance tau2,
    estimated by Paule and Mandel (1982), so that weights are 1/(v + tau2). The
    covariance takes these weights as known (scale 1), inference is t with n - 2
    degrees of freedom.

    Args:
        x: shape (n,), at least three different values.
        y: shape (n,).
        known_variance: shape (n,), zero where no error is published.

    Raises:
        ValueError: fewer than three points, or all at one x, which fix no line
            with an error.
    """
    if len(x) < 3 or np.ptp(x) == 0:
        raise ValueError(f"{len(x)} points at {len(np.unique(x))} dates fix no line")
    design = np.column_stack([np.ones_like(x), x])
    tau2 = paule_mandel(y, design, known_variance)
    result = _wls(y, design, known_variance + tau2)
    return LineFit(
        intercept=float(result.params[0]),
        slope=float(result.params[1]),
        covariance=np.asarray(result.cov_params(), dtype=np.float64),
        df=len(x) - 2,
        tau2=tau2,
    )


def fit_mean(y: Floats, known_variance: Floats) -> MeanFit:
    """Random-effects mean of y: weights 1/(v + tau2), tau2 by Paule and Mandel.

    With a single estimate tau2 cannot be told and is 0.
    """
    about_mean = record_kernels().scatter_about_mean
    tau2 = float(about_mean(y, known_variance)) if len(y) > 1 else 0.0
    weights = 1 / (known_variance + tau2)
    variance = 1 / float(np.sum(weights))
    return MeanFit(float(np.sum(weights * y)) * variance, variance, tau2)


def paule_mandel(y: Floats, design: Floats, known_variance: Floats) -> float:
    """Between-study variance that makes weighted residuals as large as expected.

    Solves Q = sum (y - fit)^2 / (v + tau2) = n - p for tau2, 0 where even tau2 = 0
    leaves less than n - p (Paule and Mandel 1982, J. Res. NBS 87:377).

    The weighted fit need not be repeated: on the principal axes of the known variances
    within the residual space, Q = sum u_k^2 / (lambda_k + tau2).

    Args:
        y: shape (n,).
        design: shape (n, p), n > p.
        known_variance: shape (n,), non-negative.
    """
    free: int = len(y) - design.shape[1]
    residual_space = np.linalg.qr(design, mode="complete")[0][:, design.shape[1] :]
    spread, axes = np.linalg.eigh(residual_space.T * known_variance @ residual_space)
    spread = np.maximum(spread, 0.0)
    squares = np.square((residual_space @ axes).T @ y)
    # a perfect fit leaves rounding noise, which is no scatter
    noise = len(y) * np.finfo(np.float64).eps * float(y @ y)
    return 0.0 if np.sum(squares) <= noise else scatter(squares, spread, free)


def scatter(squares: Floats, variance: Floats, free: int) -> float:
    """tau2 at which sum squares / (variance + tau2) = free; 0 where it is less at 0.

    The sum's reciprocal is a harmonic mean, rising and concave in tau2, so that
    Newton's method from the left climbs to the root without passing it.
    """

    def sums(tau2: float) -> tuple[float, float]:
        weights = 1 / (variance + tau2)
        return float(np.sum(squares * weights)), float(np.sum(squares * weights**2))

    return _climb(sums, 1e-12 * float(np.sum(squares)) / free, free)


def _climb(
    sums: Callable[[float], tuple[float, float]], tau2: float, free: int
) -> float:
    """From ``tau2`` up to where Q = free; 0 where Q is less there already.

    Args:
        sums: Q at some tau2, and minus its derivative.
        tau2: as good as 0.
        free: degrees of freedom.
    """

    def step_from(tau2: float) -> float:
        q, fall = sums(tau2)
        return q * (q / free - 1) / fall

    if step_from(tau2) <= 0:
        return 0.0
    while (step := step_from(tau2)) > 1e-15 * tau2:
        tau2 += step
    return tau2


def _wls(y: Floats, design: Floats, variance: Floats) -> Any:
    # points on one line with no known error would weigh infinitely
    smallest = np.finfo(np.float64).tiny ** 0.25
    weights = 1 / np.maximum(variance, smallest)
    return _linear_models().WLS(y, design, weights=weights).fit(cov_type="fixed scale")


@cache
def _linear_models() -> Any:
    return import_module("statsmodels.regression.linear_model")
