"""Compiled kernels of the law of records against numpy and scipy."""

import numpy as np
import pytest
from scipy.special import gammaln

from trends.fits.links import Floats
from trends.fits.record_kernels import (
    are_among_best,
    learn_weights,
    likeliest_rates,
    pool_lines,
    posterior_means,
    run_filter,
    scatter_about_mean,
    score_log_likelihood,
)
from trends.fits.regression import fit_mean, paule_mandel

YEARS = np.array([0.0, 0.3, 0.3, 1.1, 2.7])
SCATTER = np.array([0.02, 0.3, 1.7])
WANDER = np.array([0.0, 0.4, 2.0])
N, PAIRS = len(YEARS), len(WANDER)


def filter_by_matrices(
    levels: Floats, scatter: Floats, wander: float, slope: float, variance: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Surprises, their variances, and the last state, by Kalman's own formulas."""
    mean = np.array([levels[0], slope])
    known = np.diag([scatter[0], variance])
    look = np.array([1.0, 0.0])
    surprises, spreads = [], []
    for i, gap in enumerate(np.diff(YEARS), start=1):
        step = np.array([[1.0, gap], [0.0, 1.0]])
        noise = wander * np.array([[gap**3 / 3, gap**2 / 2], [gap**2 / 2, gap]])
        mean, known = step @ mean, step @ known @ step.T + noise
        surprises.append(levels[i] - look @ mean)
        spreads.append(look @ known @ look + scatter[i])
        gain = known @ look / spreads[-1]
        mean, known = mean + gain * surprises[-1], known - np.outer(gain, look @ known)
    return np.array(surprises), np.array(spreads), mean, known


def test_the_filter_is_kalmans_under_every_pair_of_variances() -> None:
    draw = np.random.default_rng(3)
    curves = draw.normal(size=(N, 2)) + 0.7
    scatter = SCATTER * draw.uniform(0.5, 2.0, (N, 1))
    slopes, after = np.array([0.9, -0.2]), 0.8
    products, logs, means, variances = run_filter(
        YEARS, curves, scatter, WANDER, slopes, 1.3, after
    )
    step = np.array([[1.0, after], [0.0, 1.0]])
    for k, wander in enumerate(WANDER):
        one, two = (
            filter_by_matrices(curves[:, c], scatter[:, k], wander, slopes[c], 1.3)
            for c in range(2)
        )
        spreads = one[1]
        expected = [
            [(a[0] * b[0] / spreads).sum() for b in (one, two)] for a in (one, two)
        ]
        assert products[k] == pytest.approx(np.array(expected), rel=1e-9)
        assert logs[k] == pytest.approx(np.log(spreads).sum(), rel=1e-9)
        for c, of in enumerate((one, two)):
            assert means[k, :, c] == pytest.approx(step @ of[2], rel=1e-9)
        noise = [[after**3 / 3, after**2 / 2], [after**2 / 2, after]]
        known = step @ one[3] @ step.T + wander * np.array(noise)
        assert variances[k] == pytest.approx(known[[0, 0, 1], [0, 1, 1]], rel=1e-9)


def test_a_score_scatters_by_the_error_it_would_have_where_it_is_expected() -> None:
    levels = np.array([[0.4, 0.9, 0.5, 1.6, 2.2], [0.2, 0.6, 0.3, 1.1, 1.5]])
    errors, rooms, error = np.array([0.02, 0.03, 0.01, 0.02, 0.05]), [0.7, 0.9], 0.02
    told = (-2.0, 1.9)

    def steepness(level: float, room: float) -> float:
        hazard = np.exp(-np.clip(level, *told))
        left = -np.expm1(room / error * np.expm1(-hazard))
        return float(left * np.exp(hazard) / (room * hazard))

    found = score_log_likelihood(
        YEARS,
        levels,
        errors**2,
        SCATTER,
        WANDER,
        0.1,
        9.0,
        np.array(rooms),
        error,
        told,
    )
    for row, room in enumerate(rooms):
        for k, wander in enumerate(WANDER):
            # each point's error needs the state before it: one more point at a time
            scatter = np.full(N, SCATTER[k])
            scatter[0] += (errors[0] * steepness(levels[row, 0], room)) ** 2
            for i in range(1, N):
                off, *_ = filter_by_matrices(levels[row], scatter, wander, 0.1, 9.0)
                expected_at = levels[row, i] - off[i - 1]
                scatter[i] += (errors[i] * steepness(expected_at, room)) ** 2
            off, spreads, *_ = filter_by_matrices(
                levels[row], scatter, wander, 0.1, 9.0
            )
            logs = -(np.log(spreads) + off**2 / spreads).sum() / 2
            assert found[row, k] == pytest.approx(logs, rel=1e-9)


def test_variances_are_averaged_over_their_posterior() -> None:
    logs, likely = np.array([-700.0, -701.0, -703.5]), np.array([0.2, 0.5, 0.3])
    weights = likely * np.exp(logs + 700)
    weights /= weights.sum()
    found = posterior_means(logs, likely, SCATTER, WANDER)
    assert found == pytest.approx((weights @ SCATTER, weights @ WANDER), rel=1e-12)


def test_the_distribution_of_variances_is_that_of_em_by_matrices() -> None:
    logs = np.random.default_rng(5).normal(-400.0, 3.0, (6, 4))
    even = np.array([0.1, 0.2, 0.3, 0.4])
    likely, relative = even, np.exp(logs - logs.max(axis=1, keepdims=True))
    for _ in range(20):
        weights = relative * likely
        weights /= weights.sum(axis=1, keepdims=True)
        likely = (weights.sum(axis=0) + even) / (len(logs) + 1)
    # whatever likelihoods of a family are taken over
    relative *= np.array([[1.0], [3.0], [0.2], [7.0], [1.5], [40.0]])
    assert learn_weights(relative, even, 20) == pytest.approx(likely, rel=1e-12)
    assert learn_weights(relative[:0], even, 20) == pytest.approx(even, rel=1e-15)


def test_scatter_about_a_mean_is_that_of_paule_and_mandel() -> None:
    draw = np.random.default_rng(8)
    known = draw.uniform(0.1, 2.0, 9)
    for spread in (0.2, 1.5, 6.0):
        y = 3.0 + draw.normal(0, np.sqrt(known + spread))
        expected = paule_mandel(y, np.ones((9, 1)), known)
        assert scatter_about_mean(y, known) == pytest.approx(expected, rel=1e-9)
    assert scatter_about_mean(3.0 + known / 9, known) == 0.0
    assert scatter_about_mean(np.full(9, 0.1), known) == 0.0


def test_among_the_best_are_those_above_the_third_best_before() -> None:
    levels = np.random.default_rng(2).integers(0, 12, 60) / 4.0
    before = [sorted([-np.inf] * 3 + levels[:i].tolist()) for i in range(60)]
    # what does not enter may tie the third best, and is none of them
    expected = [level > best[-3] for level, best in zip(levels, before, strict=True)]
    assert are_among_best(levels, 3).tolist() == expected


def test_lines_are_pooled_as_a_mean_with_random_effects() -> None:
    draw = np.random.default_rng(12)
    slopes, squares = draw.normal(1.0, 0.8, 7), draw.uniform(0.3, 4.0, 7)
    residuals, degrees = draw.uniform(0.1, 2.0, 7), draw.integers(1, 9, 7) * 1.0
    kept = draw.random((3, 7)) < 0.7
    found = pool_lines(kept, slopes, squares, residuals, degrees, 0.003)
    for row, there in zip(found, kept, strict=True):
        scatter = residuals[there].sum() / degrees[there].sum()
        fit = fit_mean(slopes[there], scatter / squares[there])
        assert row == pytest.approx((fit.mean, fit.variance, fit.tau2), rel=1e-12)
    assert np.isnan(
        pool_lines(kept, slopes, squares, residuals, 0 * degrees, 1.0)
    ).all()


def test_the_likeliest_rate_makes_the_negative_binomial_likelihood_highest() -> None:
    n, dispersions = np.array([0.0, 2.0, 5.0]), np.array([0.3, 1.5])
    exposures = np.array([[0.7, 0.9], [1.1, 1.6], [1.9, 2.2]])
    kept = np.array([[True, True, True], [False, True, True]])
    rates, of_two = likeliest_rates(kept, n, exposures, dispersions)
    alone = likeliest_rates(kept[1:, 1:], n[1:], exposures[1:], dispersions)
    assert of_two == pytest.approx(alone[0], rel=1e-12)

    def log_likelihood(rate: Floats) -> Floats:
        shape = 1 / dispersions
        of_each = gammaln(shape + n[:, np.newaxis]) + shape * np.log(shape / rate)
        of_each -= (shape + n[:, np.newaxis]) * np.log(shape / rate + exposures)
        total: Floats = of_each.sum(axis=0)
        return total

    best = log_likelihood(rates)
    for factor in (0.999, 1.001):
        assert (log_likelihood(rates * factor) < best).all()
