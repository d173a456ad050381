"""The loops that the engine replaces, each as its users write it."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import brentq, curve_fit
from scipy.special import expit

from trends.fits.links import Floats
from trends.fits.regression import fit_line
from trends.fits.sigmoid_optimum import MIDPOINT_REACH_YEARS, SLOPE_HIGH, SLOPE_LOW


@dataclass(frozen=True)
class Rows:
    """The points of one resample, repeated as often as they were drawn.

    Attributes:
        x: years.
        y: levels.
        v: known sampling variances of the levels.
    """

    x: Floats
    y: Floats
    v: Floats

    @property
    def design(self) -> Floats:
        """A column of ones beside x."""
        return np.column_stack([np.ones_like(self.x), self.x])


Fit = Callable[[Rows], Floats]

NO_FIT = np.full(3, np.nan)


@dataclass(frozen=True)
class Peer:
    """One loop.

    Attributes:
        name: library and class.
        fit: parameters of one resample, NaN where the library gives up.
        fits_per_series: how many of them are timed in a round.
    """

    name: str
    fit: Fit
    fits_per_series: int


def ordinary_line(rows: Rows) -> Floats:
    """Statsmodels OLS: intercept and slope, no standard errors asked for."""
    return np.asarray(sm.OLS(rows.y, rows.design).fit().params)


def paule_mandel_line(rows: Rows) -> Floats:
    """Statsmodels WLS inside scipy's root finder, which looks for the variance."""
    free = len(rows.y) - 2

    def excess(tau2: float) -> float:
        residuals = sm.WLS(rows.y, rows.design, weights=1 / (rows.v + tau2)).fit()
        return float(np.sum(np.square(residuals.wresid))) - free

    tau2 = 0.0
    if excess(0.0) > 0:
        line = sm.OLS(rows.y, rows.design).fit()
        tau2 = brentq(excess, 0.0, line.ssr / free * (1 + 1e-9), xtol=1e-15, rtol=1e-14)
    fit = sm.WLS(rows.y, rows.design, weights=1 / (rows.v + tau2)).fit()
    return np.asarray(fit.params)


def line_of_ours(rows: Rows) -> Floats:
    """The fit behind the published standard errors: one statsmodels fit at the end."""
    fit = fit_line(rows.x, rows.y, rows.v)
    return np.array([fit.intercept, fit.slope])


def fractional_logit(rows: Rows) -> Floats:
    """Statsmodels GLM of the proportions, weighted by their trials."""
    p = expit(rows.y)
    trials = 1 / (rows.v * p * (1 - p))
    family = sm.families.Binomial()
    glm = sm.GLM(p, rows.design, family=family, var_weights=trials)
    return np.asarray(glm.fit().params)


def bounded_logistic(rows: Rows) -> Floats:
    """Scipy curve_fit in the same box, from the usual start; NaN if it gives up."""
    x, y = rows.x, rows.y
    try:
        found, _ = curve_fit(
            sigmoid,
            x,
            y,
            p0=(min(0.99, float(y.max())), float(np.median(x)), 1.0),
            bounds=(
                (0.0, x.min() - MIDPOINT_REACH_YEARS, SLOPE_LOW),
                (1.0, x.max() + MIDPOINT_REACH_YEARS, SLOPE_HIGH),
            ),
        )
    except RuntimeError:
        return NO_FIT
    return np.asarray(found)


def quantile_line(rows: Rows) -> Floats:
    """Statsmodels QuantReg at 0.9."""
    return np.asarray(sm.QuantReg(rows.y, rows.design).fit(q=0.9).params)


def sigmoid(x: Floats, height: float, midpoint: float, slope: float) -> Floats:
    """Three-parameter logistic."""
    return np.asarray(height * expit(slope * (x - midpoint)))


def optional_peers() -> dict[str, list[Peer]]:
    """Peers of the optional dependency group ``bench``, where it is installed."""
    peers: dict[str, list[Peer]] = {}
    if find_spec("sklearn") is not None:
        peers["logistic"] = [_sklearn()]
    if find_spec("prophet") is not None:
        peers["logistic3"] = [_prophet()]
    return peers


@contextmanager
def silence() -> Iterator[None]:
    """No warnings: of iteration limits, separation and division by zero."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _sklearn() -> Peer:
    """As METR fits a time horizon: successes and failures as weighted rows.

    (github.com/METR/eval-analysis-public, src/horizon/utils/logistic.py; at C = 1e5
    hardly any penalty is left.)
    """
    regression = import_module("sklearn.linear_model").LogisticRegression

    def fit(rows: Rows) -> Floats:
        p = expit(rows.y)
        trials = 1 / (rows.v * p * (1 - p))
        found = regression(C=1e5).fit(
            np.concatenate([rows.x, rows.x])[:, np.newaxis],
            np.repeat([1, 0], len(p)),
            sample_weight=np.concatenate([p * trials, (1 - p) * trials]),
        )
        return np.array([found.intercept_[0], found.coef_[0, 0]])

    return Peer("sklearn LogisticRegression", fit, 20)


def _prophet() -> Peer:
    """Prophet's logistic growth to a cap of 1, no seasonality."""
    prophet = import_module("prophet").Prophet
    for talker in ("cmdstanpy", "prophet"):
        logging.getLogger(talker).disabled = True

    def fit(rows: Rows) -> Floats:
        days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rows.x * 365.25, unit="D")
        trend = prophet(
            growth="logistic",
            n_changepoints=0,
            yearly_seasonality=False,
            weekly_seasonality=False,
            daily_seasonality=False,
            uncertainty_samples=0,
        ).fit(pd.DataFrame({"ds": days, "y": rows.y, "cap": 1.0}))
        return np.array([1.0, trend.params["m"][0, 0], trend.params["k"][0, 0]])

    return Peer("Prophet, logistic growth", fit, 1)


PEERS: dict[str, list[Peer]] = {
    "exponential": [Peer("statsmodels OLS", ordinary_line, 40)],
    "logistic": [
        Peer("statsmodels WLS with Paule-Mandel", paule_mandel_line, 6),
        Peer("statsmodels GLM, fractional logit", fractional_logit, 12),
        Peer("trends.fits.regression", line_of_ours, 12),
    ],
    "logistic3": [Peer("scipy curve_fit with bounds", bounded_logistic, 6)],
    "quantile": [Peer("statsmodels QuantReg", quantile_line, 6)],
}
