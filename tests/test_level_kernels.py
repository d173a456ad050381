"""Compiled laws of levels: against scipy's normal law and the formula in logs."""

import numpy as np
import pytest
from scipy.special import ndtr

from trends.crossings.first_passage import first_passage_cdf
from trends.fits.level_kernels import record_chances, shares_above

BARS = np.array([-3.0, -0.2, 0.0, 0.1, 2.5, 30.0, 1e6, np.inf])
RISES = np.array([0.0, 1e-9, 0.01, 0.4, 2.0, 12.0, 50.0, np.inf])
YEARS = np.array([1 / 365.25, 0.25, 1.0, 3.0, 25.0])


@pytest.mark.parametrize("scatter", [1e-6, 0.3, 1.0, 40.0])
def test_levels_with_scatter_reach_bars_as_the_normal_law_says(scatter: float) -> None:
    levels = np.random.default_rng(5).normal(0.3, 2.0, size=300)
    expected = ndtr((levels[:, np.newaxis] - BARS) / scatter).mean(axis=0)
    found = shares_above(levels, BARS, scatter)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("variance", [0.02, 0.5, 5.0])
@pytest.mark.parametrize("drift_variance", [0.0, 1e-4, 0.5, 4.0])
@pytest.mark.parametrize("drift", [-10.0, -0.3, 0.0, 0.7, 6.0])
def test_a_walk_sets_records_as_the_formula_in_logs_says(
    drift: float, drift_variance: float, variance: float
) -> None:
    """Falling fast it may still set one at once; rising fast it may pass them all."""
    depths = np.array([-1.5, -0.3, 0.0])
    weights = np.array([0.2, 0.5, 0.3])
    drifts = drift + 0.2 * depths
    found = record_chances(
        RISES, depths, weights, drifts, drift_variance, variance, YEARS
    )
    expected = [
        weights
        @ first_passage_cdf(
            YEARS,
            distance=(rise - depths)[:, np.newaxis],
            drift=drifts[:, np.newaxis],
            drift_variance=drift_variance,
            variance_per_year=variance,
        )
        for rise in RISES
    ]
    np.testing.assert_allclose(found.T, expected, rtol=0, atol=1e-12)
    assert np.all(np.diff(found, axis=1) <= 0)
