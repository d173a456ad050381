"""Weighted lines and means with between-study variance, against statsmodels."""

import subprocess
import sys

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from tests.conftest import CHECKOUT
from trends.fits.regression import fit_line, fit_mean, paule_mandel

X = np.array([-1.1, -0.6, -0.1, 0.3, 0.5, 1.2])
Y = np.array([0.2, 0.9, 0.4, 1.9, 1.1, 3.0])
KNOWN = np.array([0.01, 0.05, 0.02, 0.08, 0.03, 0.04])


def test_the_line_is_that_of_statsmodels_with_the_same_weights() -> None:
    fit = fit_line(X, Y, KNOWN)
    design = sm.add_constant(X)
    reference = sm.WLS(Y, design, weights=1 / (KNOWN + fit.tau2)).fit()
    assert fit.tau2 > 0.05
    assert [fit.intercept, fit.slope] == pytest.approx(reference.params, rel=1e-12)
    # where tau2 > 0 the estimated scale is 1 by construction
    assert reference.scale == pytest.approx(1.0, rel=1e-9)
    assert fit.covariance == pytest.approx(reference.cov_params(), rel=1e-8)
    assert fit.df == 4


def test_without_known_errors_it_is_ordinary_least_squares() -> None:
    fit = fit_line(X, Y, np.zeros(6))
    reference = sm.OLS(Y, sm.add_constant(X)).fit()
    assert fit.slope == pytest.approx(reference.params[1], rel=1e-12)
    assert fit.tau2 == pytest.approx(reference.scale, rel=1e-9)
    assert fit.covariance == pytest.approx(reference.cov_params(), rel=1e-8)


def test_tau2_solves_the_equation_of_paule_and_mandel() -> None:
    design = sm.add_constant(X)
    tau2 = paule_mandel(Y, design, KNOWN)
    residuals = sm.WLS(Y, design, weights=1 / (KNOWN + tau2)).fit().resid
    assert np.sum(residuals**2 / (KNOWN + tau2)) == pytest.approx(6 - 2, rel=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_tau2_is_the_root_that_brentq_finds_with_statsmodels(seed: int) -> None:
    """Known variances over several orders of magnitude, some of them 0."""
    generator = np.random.default_rng(seed)
    n = int(generator.integers(4, 30))
    design = sm.add_constant(np.sort(generator.normal(size=n)))
    known = np.exp(generator.normal(-2, 1.5, n)) * (generator.random(n) < 0.8)
    y = design @ [1.0, 2.0] + generator.normal(0, np.sqrt(known + 0.5))

    def excess(tau2: float) -> float:
        residuals = sm.WLS(y, design, weights=1 / (known + tau2)).fit().wresid
        return float(residuals @ residuals) - (n - 2)

    smallest, largest = 1e-9, float(np.ptp(y) ** 2 * n)
    expected = 0.0
    if excess(smallest) > 0:
        expected = optimize.brentq(excess, smallest, largest, xtol=1e-15, rtol=1e-14)
    assert paule_mandel(y, design, known) == pytest.approx(expected, rel=1e-10)


def test_tau2_is_zero_where_known_errors_explain_the_scatter() -> None:
    assert paule_mandel(Y, sm.add_constant(X), 100 * np.ones(6)) == 0.0


def test_points_on_a_line_leave_no_scatter() -> None:
    fit = fit_line(X, 2 + 3 * X, np.zeros(6))
    assert fit.tau2 == 0.0
    assert fit.slope == pytest.approx(3.0)


@pytest.mark.parametrize("x", [np.array([1.0, 2.0]), np.array([1.0, 1.0, 1.0])])
def test_too_little_to_fix_a_line_is_refused(x: np.ndarray) -> None:
    with pytest.raises(ValueError, match="fix no line"):
        fit_line(x, x.copy(), np.zeros_like(x))


def test_the_mean_weighs_by_total_variance() -> None:
    slopes = np.array([1.0, 2.0, 4.0, 3.5])
    known = np.array([0.1, 0.2, 0.1, 0.4])
    fit = fit_mean(slopes, known)
    weights = 1 / (known + fit.tau2)
    assert fit.mean == pytest.approx(weights @ slopes / weights.sum(), rel=1e-12)
    assert fit.variance == pytest.approx(1 / weights.sum(), rel=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_the_scatter_about_a_mean_is_that_of_paule_and_mandel(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = int(generator.integers(2, 40))
    known = np.exp(generator.normal(-1, 1.5, n))
    y = generator.normal(1.7, np.sqrt(known + 0.3 * (seed % 3)))
    expected = paule_mandel(y, np.ones((n, 1)), known)
    assert fit_mean(y, known).tau2 == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_equal_estimates_have_no_scatter() -> None:
    assert fit_mean(np.array([1.3, 1.3, 1.3]), np.array([1e-30, 0.1, 0.2])).tau2 == 0.0


@given(shift=st.floats(-5, 5), factor=st.floats(0.1, 10))
def test_the_slope_follows_a_change_of_units(shift: float, factor: float) -> None:
    fit = fit_line(X, Y, KNOWN)
    moved = fit_line(X * factor + shift, Y, KNOWN)
    assert moved.slope * factor == pytest.approx(fit.slope, rel=1e-6)


def test_simulated_lines_are_recovered_and_covered() -> None:
    """True slope 2, between-release variance 0.25, known errors 0.01 to 0.09.

    Coverage of the nominal 90% t interval over 1,500 simulations of 8 points has a
    Monte Carlo error of 0.8 points; 86 to 94% is asked for.
    """
    generator = np.random.default_rng(20261122)
    x = np.linspace(-1, 1, 8)
    known = np.linspace(0.1, 0.3, 8) ** 2
    quantile = stats.t.ppf(0.95, 6)
    slopes, covered = [], 0
    for _ in range(1500):
        y = 1 + 2 * x + generator.normal(0, np.sqrt(0.25 + known))
        fit = fit_line(x, y, known)
        slopes.append(fit.slope)
        covered += abs(fit.slope - 2) <= quantile * np.sqrt(fit.covariance[1, 1])
    error = np.std(slopes) / np.sqrt(len(slopes))
    assert np.mean(slopes) == pytest.approx(2.0, abs=4 * error)
    assert 0.86 <= covered / 1500 <= 0.94


def test_the_engine_is_imported_without_the_libraries_of_the_last_fit() -> None:
    """They take more memory than 5 million fits."""
    code = (
        "import sys, trends.bench.scale, trends.fits.kernels;"
        "heavy = {'statsmodels', 'pandas', 'scipy.stats', 'scipy.optimize'};"
        "sys.exit(', '.join(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, check=False, capture_output=True
    )
    assert done.stderr.decode().strip() == ""
