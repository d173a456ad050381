"""Lines through lower bounds, and the two views of METR's values out of range."""

from datetime import date

import numpy as np
import pytest
from scipy import optimize, stats

from tests.figures import observations, positive
from trends.fits.censoring import censored_line_at, fit_censored_line
from trends.fits.links import Floats
from trends.fits.regression import fit_line
from trends.frontier import select_series_scores
from trends.registry.series import Series

X = np.array([-2.0, -1.4, -0.9, -0.3, 0.2, 0.8, 1.3, 1.9])
Y = np.array([-2.1, -1.2, -1.1, 0.2, 0.1, 1.1, 1.4, 1.5])
V = np.array([0.02, 0.1, 0.05, 0.02, 0.2, 0.04, 0.03, 0.06])
BOUND = np.array([False] * 6 + [True, True])


def test_without_bounds_it_is_the_ordinary_line() -> None:
    nothing = np.zeros_like(BOUND)
    assert repr(fit_censored_line(X, Y, V, nothing)) == repr(fit_line(X, Y, V))


@pytest.mark.parametrize("seed", range(40))
def test_a_line_without_its_errors_is_the_same(seed: int) -> None:
    """Known variances over several orders of magnitude, some or all of them 0."""
    generator = np.random.default_rng(seed)
    n = int(generator.integers(4, 30))
    x = np.sort(generator.normal(size=n))
    known = np.exp(generator.normal(-2, 1.5, n)) * (generator.random(n) < seed % 5 / 4)
    y = 1 + 2 * x + generator.normal(0, np.sqrt(known + 0.3 * (seed % 3)))
    where = np.array([-3.1, 0.0, 2.7])
    found = censored_line_at(where, x, y, known, np.zeros(n, np.bool_))
    expected = fit_line(x, y, known).at(where)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_line_through_bounds_without_its_errors_is_the_same() -> None:
    found = censored_line_at(X, X, Y, V, BOUND)
    assert found == pytest.approx(fit_censored_line(X, Y, V, BOUND).at(X), rel=1e-12)


def _log_likelihood(line: Floats, tau2: float) -> float:
    z = (Y - line[0] - line[1] * X) / np.sqrt(V + tau2)
    return float(np.sum(np.where(BOUND, stats.norm.logsf(z), stats.norm.logpdf(z))))


def test_the_line_has_the_largest_censored_likelihood() -> None:
    """Searched by Nelder and Mead at the same tau2; curvature by differences."""
    fit = fit_censored_line(X, Y, V, BOUND)
    best = optimize.minimize(
        lambda line: -_log_likelihood(line, fit.tau2),
        x0=[0.0, 1.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13},
    ).x
    assert [fit.intercept, fit.slope] == pytest.approx(best, abs=1e-6)
    step = 1e-4
    shifts = step * np.eye(2)
    curvature = np.array(
        [
            [
                -(
                    _log_likelihood(best + a + b, fit.tau2)
                    - _log_likelihood(best + a - b, fit.tau2)
                    - _log_likelihood(best - a + b, fit.tau2)
                    + _log_likelihood(best - a - b, fit.tau2)
                )
                / (4 * step**2)
                for b in shifts
            ]
            for a in shifts
        ]
    )
    assert fit.covariance == pytest.approx(np.linalg.inv(curvature), rel=1e-4)


def test_scatter_takes_its_expected_squares() -> None:
    """Twenty bounds that say next to nothing change the scatter next to nothing."""
    fit = fit_censored_line(X, Y, V, np.zeros_like(BOUND))
    idle = np.zeros(20)
    x, y = np.append(X, idle), np.append(Y, idle - 30)
    v = np.append(V, np.full(20, 0.1))
    many = fit_censored_line(x, y, v, y < -20)
    assert many.slope == pytest.approx(fit.slope, abs=1e-3)
    assert many.tau2 == pytest.approx(fit.tau2, abs=0.02)
    assert many.covariance[1, 1] == pytest.approx(fit.covariance[1, 1], rel=0.25)


def test_slopes_are_unbiased_where_dropping_or_keeping_bounds_is_not() -> None:
    """500 lines of slope 1, scatter 0.5, seen up to 1.0: error of the mean 0.005."""
    generator = np.random.default_rng(4)
    x = np.linspace(-2, 2, 20)
    censored, dropped, kept = [], [], []
    for _ in range(500):
        y = x + generator.normal(0, 0.5, 20)
        bound = y > 1.0
        y = np.minimum(y, 1.0)
        none = np.zeros(20)
        censored.append(fit_censored_line(x, y, none, bound).slope)
        dropped.append(fit_line(x[~bound], y[~bound], none[~bound]).slope)
        kept.append(fit_line(x, y, none).slope)
    assert np.mean(censored) == pytest.approx(1.0, abs=0.02)
    assert np.mean(dropped) < 0.95
    assert np.mean(kept) < 0.9


def test_a_value_out_of_range_is_left_out_or_a_bound_as_the_view_says() -> None:
    entry = positive(
        measurable_range={
            "high": 960.0,
            "beyond": "exclude",
            "passed_on": date(2026, 4, 7),
            "reason": "x",
            "source": "https://example.org/",
        }
    )
    rows = observations(
        [
            {
                "release_date": day,
                "release_latest": day,
                "score": score,
                "standard_error": 30.0,
                "fit_exclusion": exclusion,
                "score_unit": "minutes",
            }
            for day, score, exclusion in (
                (date(2026, 1, 5), 700.0, None),
                (date(2026, 4, 7), 1045.0, "out_of_range"),
                (date(2026, 5, 1), 800.0, "baseline"),
            )
        ]
    )
    whole = Series("test", "test", entry, None, tuple(entry.reporters))
    view = Series("view", "test", entry, None, tuple(entry.reporters), True)
    assert select_series_scores(rows, [whole])["score"].to_list() == [700.0]
    found = select_series_scores(rows, [view])
    assert found["score"].to_list() == [700.0, 960.0]
    assert found["is_lower_bound"].to_list() == [False, True]
    assert found["standard_error"].to_list() == [30.0, None]
    assert whole.observed_through(date(2026, 3, 1)) == date(2026, 3, 1)
    assert whole.observed_through(date(2026, 9, 1)) == date(2026, 4, 6)
    assert view.observed_through(date(2026, 9, 1)) == date(2026, 4, 7)
