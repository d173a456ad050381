"""Compiled laws of levels: against scipy's normal law and the formula in logs."""

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator
from scipy.special import log_ndtr as scipy_log_ndtr
from scipy.special import ndtr, ndtri
from scipy.stats import norm

from trends.automation.dependence import at_least
from trends.crossings.first_passage import first_passage_cdf
from trends.fits.level_kernels import (
    depths_below,
    follow_days,
    highest_chances,
    joint_chances,
    log_ndtr,
    mean_and_error,
    monotone_slopes,
    record_chances,
    settled,
    shares_above,
)

BARS = np.array([-3.0, -0.2, 0.0, 0.1, 2.5, 30.0, 1e6, np.inf])
RISES = np.array([0.0, 1e-9, 0.01, 0.4, 2.0, 12.0, 50.0, np.inf])
YEARS = np.array([0.0, 1 / 365.25, 0.25, 1.0, 3.0, 25.0])


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


def test_the_logarithm_of_the_normal_law_is_that_of_scipy() -> None:
    away = np.concatenate([np.linspace(-60.0, 9.0, 700), [-1e5, -36.0, -35.999]])
    found = [log_ndtr(one) for one in away]
    assert found == pytest.approx(scipy_log_ndtr(away), rel=1e-13, abs=1e-300)
    assert log_ndtr(-np.inf) == -np.inf
    assert np.isnan(log_ndtr(np.nan))


def test_a_chance_is_the_highest_so_far_given_that_the_record_is_beaten() -> None:
    """Under either law; the second is never likely to, and then is told from far off."""
    levels = np.array([[1.2, 1.9, 40.0, np.inf], [0.9, 1.2, 1.9, 40.0]])
    record = np.array([1.0, 0.8])
    beaten_by = np.array([[0.1, 0.4, 0.6, 0.7], [0.2, 0.3, 0.4, 0.9]])
    middle = np.array([[1.5, 2.1, 0.2, 1.8], [-0.9, -1.1, -30.0, 0.2]])
    spread = np.array([[0.3, 0.5, 0.4, 0.6], [0.2, 0.3, 0.4, 0.6]])
    reached = scipy_log_ndtr(
        (middle[..., np.newaxis] - levels[:, np.newaxis]) / spread[..., np.newaxis]
    )
    beaten = scipy_log_ndtr((middle - record[:, np.newaxis]) / spread)[..., np.newaxis]
    chances = beaten_by[..., np.newaxis] * np.exp(np.minimum(reached - beaten, 0.0))
    expected = np.maximum.accumulate(chances, axis=1)[:, [1, 3]]
    # the chance falls when the trend does, so that the highest so far is another
    assert (np.diff(chances[0, :, 0]) < 0).any()
    found = highest_chances(levels, record, beaten_by, middle, spread, np.array([1, 3]))
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_no_number_stays_none() -> None:
    nowhere = highest_chances(
        np.array([[1.2]]),
        np.ones(1),
        np.ones((1, 1)),
        np.full((1, 1), np.nan),
        np.ones((1, 1)),
        np.zeros(1, dtype=np.intp),
    )
    assert np.isnan(nowhere).all()
    assert np.isnan(shares_above(np.array([np.nan]), np.zeros(1), 1.0)).all()
    lost, day = np.full((1, 2), np.nan), np.zeros(1, dtype=np.intp)
    assert np.isnan(follow_days(lost, lost, day, *np.ones((3, 1)))).all()
    one = np.ones(1)
    assert np.isnan(record_chances(one, 0 * one, one, one, np.inf, 1.0, one)).all()


@pytest.mark.parametrize("rho", [0.05, 0.6, 0.97])
def test_groups_have_enough_that_happen_as_the_tails_given_the_factor_say(
    rho: float,
) -> None:
    first = np.array(
        [[0.0, 0.1, 0.4, 1.0], [1e-9, 0.2, 0.5, 0.9], [0.3, 0.3, 0.7, 1.0]]
    )
    second = np.array([[0.2, 0.6, 0.8, 1.0], [0.05, 0.06, 0.07, 0.08]])
    factor = np.linspace(-8.0, 8.0, 81)
    weights = np.exp(-(factor**2) / 2)
    expected = np.zeros(4)
    for weight, z in zip(weights, factor, strict=True):
        given_it = [
            at_least(needed, ndtr((ndtri(p) - np.sqrt(rho) * z) / np.sqrt(1 - rho)))
            for needed, p in ((2, first), (2, second), (1, second))
        ]
        expected += weight * np.prod(given_it, axis=0)
    normals = ndtri(np.concatenate([first, second, second]))
    sizes = np.array([(2, 3), (2, 2), (1, 2)])
    found = joint_chances(normals, sizes, factor, weights, rho)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_curves_are_followed_from_day_to_day_by_what_their_knots_count() -> None:
    """At most 1 and at least 0, whatever a slope would make of them."""
    values = np.array([[0.0, 0.2, 0.9], [0.1, 0.5, 0.6]])
    slopes = np.array([[0.3, 0.1, -2.0], [-3.0, 0.2, 0.4]])
    before = np.array([0, 0, 1, 1, 1])
    rise, slope, next_slope = np.random.default_rng(3).normal(size=(3, 5)) / 3
    expected = (
        values[:, before]
        + np.diff(values)[:, before] * rise
        + slopes[:, before] * slope
        + slopes[:, before + 1] * next_slope
    )
    assert expected.min() < 0
    assert expected.max() > 1
    found = follow_days(values, slopes, before, rise, slope, next_slope)
    np.testing.assert_allclose(found, np.clip(expected, 0, 1), rtol=0, atol=1e-16)


def test_laws_have_a_mean_and_the_error_of_it() -> None:
    laws = np.random.default_rng(4).random((8, 30))
    mean, error = mean_and_error(laws)
    np.testing.assert_allclose(mean, laws.mean(axis=0), rtol=1e-15)
    np.testing.assert_allclose(error, laws.std(axis=0, ddof=1) / np.sqrt(8), rtol=1e-14)


# what a walk shows: gain, years observed, silent years and silent looks
_SHOWN = np.array(
    [
        [1.3, 2.0, 0.4, 5.0],
        [0.2, 1.0, 0.7, 1.0],
        [0.0, 1.5, 1.5, 9.0],
        [0.9, 3.0, 0.0, 0.0],
        [2.4, 0.8, 0.01, 2.0],
    ]
)


@pytest.mark.parametrize(("mean", "variance"), [(0.6, 0.2), (-2.0, 3.0), (0.5, 1e-9)])
def test_depths_are_those_of_the_density_that_silence_leaves(
    mean: float, variance: float
) -> None:
    """A free walk's normal law below 0, times the chance that a bridge stays below."""
    nodes, node_weights = np.polynomial.legendre.leggauss(32)
    sigma2, correction = 0.3, 0.5826
    depths, weights = depths_below(
        _SHOWN, mean, variance, sigma2, correction, nodes, node_weights
    )
    for (gain, exposure, silent, looks), x, found in zip(
        _SHOWN, depths, weights, strict=True
    ):
        if silent == 0:
            assert (x == 0).all()
            assert found == pytest.approx(np.full(32, 1 / 32))
            continue
        moving = exposure - silent
        precision = moving / sigma2 + 1 / variance
        drift = (gain / sigma2 + mean / variance) / precision
        spread = np.sqrt(sigma2 * silent + silent**2 / precision)
        lowest = min(drift * silent, 0.0) - 6 * spread
        np.testing.assert_allclose(x, lowest * (1 - nodes) / 2, rtol=1e-12)
        density = norm.pdf(x, drift * silent, spread) * node_weights
        if looks > 1:
            short = correction * np.sqrt(sigma2 * silent / (looks - 1))
            density *= 1 - np.exp(-2 * short * (short - x) / (sigma2 * silent))
        np.testing.assert_allclose(
            found, density / density.sum(), rtol=1e-7, atol=1e-15
        )


def test_of_a_drift_of_which_nothing_is_known_a_walk_tells_all() -> None:
    rule = np.polynomial.legendre.leggauss(32)
    told = _SHOWN[:2]
    unknown = depths_below(told, 0.0, np.inf, 0.3, 0.5826, *rule)
    nearly = depths_below(told, 0.0, 1e14, 0.3, 0.5826, *rule)
    np.testing.assert_allclose(unknown, nearly, rtol=1e-9)


@pytest.mark.parametrize("n_knots", [2, 3, 40])
def test_slopes_are_those_of_monotone_curves(n_knots: int) -> None:
    generator = np.random.default_rng(n_knots)
    knots = np.cumsum(generator.integers(1, 30, n_knots)).astype(np.float64)
    steps = generator.gamma(0.1, size=(6, n_knots))
    steps[:2, ::2] = 0.0
    values = np.cumsum(steps, axis=1)
    expected = PchipInterpolator(knots, values, axis=1).derivative()(knots)
    found = monotone_slopes(np.diff(knots), values)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_a_law_is_made_to_rise_and_what_is_more_than_rounding_is_told() -> None:
    given = np.array([-1e-9, 0.2, 0.2 - 1e-8, 0.7, 1 + 1e-9])
    found, raised, within = settled(given, 1e-6)
    expected = np.maximum.accumulate(np.clip(given, 0.0, 1.0))
    np.testing.assert_array_equal(found, expected)
    assert raised == np.max(expected - given)
    assert within
    for wrong in (-1e-5, 1.1, np.nan):
        assert not settled(np.array([0.1, wrong, 0.3]), 1e-6)[2]
