"""Weighted least squares with between-study variance; statsmodels does the algebra.

The only module that imports statsmodels, which is not typed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from statsmodels.regression.linear_model import WLS, RegressionResults

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
    tau2 = paule_mandel(y, np.ones((len(y), 1)), known_variance) if len(y) > 1 else 0.0
    weights = 1 / (known_variance + tau2)
    variance = 1 / float(np.sum(weights))
    return MeanFit(float(np.sum(weights * y)) * variance, variance, tau2)


def paule_mandel(y: Floats, design: Floats, known_variance: Floats) -> float:
    """Between-study variance that makes weighted residuals as large as expected.

    Solves sum (y - fit)^2 / (v + tau2) = n - p for tau2, 0 where even tau2 = 0
    leaves less than n - p (Paule and Mandel 1982, J. Res. NBS 87:377).

    Args:
        y: shape (n,).
        design: shape (n, p), n > p.
        known_variance: shape (n,), non-negative.
    """
    free: int = len(y) - design.shape[1]
    ordinary = _wls(y, design, np.ones_like(y))
    squares = float(ordinary.resid @ ordinary.resid)
    # a perfect fit leaves rounding noise, which is no scatter
    if squares <= len(y) * np.finfo(np.float64).eps * float(y @ y):
        return 0.0

    def excess(tau2: float) -> float:
        # at scale 1 this is sum of weights times squared residuals
        wresid = np.asarray(_wls(y, design, known_variance + tau2).wresid)
        return float(wresid @ wresid) - free

    smallest = 1e-12 * squares / free
    if excess(smallest) <= 0:
        return 0.0
    # at tau2 = RSS_ols / free the sum is at most free: that fit minimises it
    largest = squares / free * (1 + 1e-9)
    tau2: float = brentq(excess, smallest, largest, xtol=1e-15, rtol=1e-14)
    return tau2


def _wls(y: Floats, design: Floats, variance: Floats) -> RegressionResults:
    # points on one line with no known error would weigh infinitely
    smallest = np.finfo(np.float64).tiny ** 0.25
    weights = 1 / np.maximum(variance, smallest)
    return WLS(y, design, weights=weights).fit(cov_type="fixed scale")
