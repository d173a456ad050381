"""Scores against values worked out by hand, and whether the true law scores best."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri

from trends.scoring import (
    brier_score,
    covers,
    crps_cdf,
    crps_sample,
    effective_origins,
    integrated_brier,
    interval_over_origins,
    interval_score,
    keyed_uniforms,
    log_score,
    mean_difference,
    pinball_score,
    pit,
    pit_sample,
    weighted_interval_score,
)


def test_crps_of_draws_is_distance_less_half_the_spread() -> None:
    """Draws 1, 2, 6 and 4 came: E|X - 4| = 7/3; six pairs of 1, 5, 4 over 9."""
    assert crps_sample(np.array([6.0, 1.0, 2.0]), 4.0) == pytest.approx(
        (3 + 2 + 2) / 3 - 2 * (1 + 5 + 4) / 9 / 2
    )


def test_crps_of_draws_keeps_the_leading_axes() -> None:
    sample = np.array([[6.0, 1.0, 2.0], [3.0, 3.0, 3.0]])
    assert crps_sample(sample, np.array([4.0, 5.5])) == pytest.approx(
        [7 / 3 - 10 / 9, 2.5]
    )


def test_crps_of_a_uniform_law_is_exact_inside_and_outside_the_grid() -> None:
    """U(0, 2): to the left of y, F^2; to its right, (1 - F)^2; F = x/2."""
    grid, cdf = np.array([0.0, 2.0]), np.array([0.0, 1.0])
    assert crps_cdf(grid, cdf, 0.5) == pytest.approx(0.5**3 / 12 + 1.5**3 / 12)
    assert crps_cdf(grid, cdf, 5.0) == pytest.approx(8 / 12 + 3)
    assert crps_cdf(grid, cdf, -1.0) == pytest.approx(8 / 12 + 1)


def test_crps_counts_an_atom_at_the_first_point() -> None:
    """Half at 1, the rest uniform on (1, 3): F = 1/2 + (x - 1)/4. 2 came."""
    found = crps_cdf(np.array([1.0, 3.0]), np.array([0.5, 1.0]), 2.0)
    left = (0.75**3 - 0.5**3) / 3 / 0.25
    right = 0.25**3 / 3 / 0.25
    assert found == pytest.approx(left + right)


def test_crps_refuses_a_law_with_mass_beyond_its_grid() -> None:
    with pytest.raises(ValueError, match=r"ends at 0\.9, not 1"):
        crps_cdf(np.array([0.0, 1.0]), np.array([0.0, 0.9]), 0.5)


def test_a_cdf_that_falls_is_refused() -> None:
    grid = np.array([0.0, 1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="not a CDF"):
        crps_cdf(grid, np.array([0.0, 0.7, 0.6, 1.0]), 0.5)


def test_all_three_crps_agree_on_the_normal_law() -> None:
    """Gneiting and Raftery (2007) equation 20 at z = 0.7."""
    z = 0.7
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    exact = z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)
    levels = (np.arange(1999) + 1) / 2000
    quantiles = ndtri(levels)
    grid = np.linspace(-9, 9, 6001)
    assert crps_sample(quantiles, z) == pytest.approx(exact, abs=2e-3)
    assert weighted_interval_score(quantiles, levels, z) == pytest.approx(
        exact, abs=2e-3
    )
    cdf = ndtr(grid)
    cdf[-1] = 1.0
    assert crps_cdf(grid, cdf, z) == pytest.approx(exact, abs=1e-5)


def test_pinball_score_weighs_the_two_sides_by_the_level() -> None:
    assert pinball_score(5.0, 0.9, 7.0) == pytest.approx(0.9 * 2)
    assert pinball_score(5.0, 0.9, 2.0) == pytest.approx(0.1 * 3)


def test_weighted_interval_score_of_a_met_median_is_the_formula_s() -> None:
    """Median 3 = observed, 50% interval 2 to 4: (0/2 + 0.5/2 * 2)/1.5, not 1.33."""
    found = weighted_interval_score(
        np.array([2.0, 3.0, 4.0]), np.array([0.25, 0.5, 0.75]), 3.0
    )
    assert found == pytest.approx((0.5 * 0 + 0.5 / 2 * 2) / 1.5)
    assert found == pytest.approx(0.33, abs=0.004)


def test_weighted_interval_score_is_the_weighted_sum_of_interval_scores() -> None:
    quantiles = np.array([1.0, 2.5, 3.0, 4.0, 9.0])
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    observed = 10.5
    by_intervals = (
        abs(observed - 3.0) / 2
        + 0.1 / 2 * interval_score(1.0, 9.0, observed, miss=0.1)
        + 0.5 / 2 * interval_score(2.5, 4.0, observed, miss=0.5)
    ) / 2.5
    assert weighted_interval_score(quantiles, levels, observed) == pytest.approx(
        by_intervals
    )


def test_weighted_interval_score_refuses_levels_without_symmetry() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        weighted_interval_score(np.array([1.0, 2, 3]), np.array([0.1, 0.5, 0.8]), 2.0)


def test_interval_score_is_width_and_a_fine_for_missing() -> None:
    assert interval_score(2.0, 5.0, 4.0, miss=0.2) == pytest.approx(3)
    assert interval_score(2.0, 5.0, 1.5, miss=0.2) == pytest.approx(3 + 10 * 0.5)
    assert interval_score(2.0, 5.0, 7.0, miss=0.1) == pytest.approx(3 + 20 * 2)
    with pytest.raises(ValueError, match="down to"):
        interval_score(5.0, 2.0, 4.0, miss=0.2)


def test_an_interval_covers_its_own_ends() -> None:
    found = covers(2.0, 5.0, np.array([1.9, 2.0, 3.0, 5.0, 5.1]))
    assert found.tolist() == [False, True, True, True, False]


def test_pit_lies_inside_the_atom_that_was_hit() -> None:
    assert pit(0.3, 0.7, 0.25) == pytest.approx(0.3 + 0.25 * 0.4)
    draws = np.array([1.0, 1.0, 1.0, 4.0, 8.0])
    assert pit_sample(draws, 1.0, 0.5) == pytest.approx(0.5 * 3 / 5)
    assert pit_sample(draws, 5.0, 0.9) == pytest.approx(4 / 5)


def test_pit_of_a_true_law_with_an_atom_is_uniform() -> None:
    """Half at 0, half uniform: deciles of 4000 hold 400 each, standard error 19."""
    generator = np.random.default_rng(11)
    moved = generator.random(4000) < 0.5
    y = np.where(moved, generator.random(4000), 0.0)
    uniforms = keyed_uniforms((f"case {k}" for k in range(4000)), seed=3)
    found = pit(np.where(moved, 0.5 + y / 2, 0.0), 0.5 + y / 2, uniforms)
    counts, _ = np.histogram(found, bins=10, range=(0, 1))
    assert np.abs(counts - 400).max() < 4 * 19


def test_keyed_uniforms_do_not_depend_on_their_company() -> None:
    alone = keyed_uniforms(["b"], seed=5)
    assert keyed_uniforms(["a", "b"], seed=5)[1] == alone[0]
    assert keyed_uniforms(["b"], seed=6)[0] != alone[0]


def test_brier_and_log_scores_by_hand() -> None:
    p, happened = np.array([0.7, 0.7]), np.array([True, False])
    assert brier_score(p, happened) == pytest.approx([0.3**2, 0.7**2])
    assert log_score(p, happened, floor=0.001) == pytest.approx(
        [-np.log(0.7), -np.log(0.3)]
    )
    assert log_score(0.0, True, floor=0.001) == pytest.approx(-np.log(0.001))
    with pytest.raises(ValueError, match="between 0 and 1"):
        brier_score(70.0, True)


def test_integrated_brier_by_hand_with_the_crossing_between_two_points() -> None:
    """F rises 0 to 0.6 over 60 days and stays; crossed on day 30; window 100 days."""
    days, cdf = np.array([0.0, 60.0, 100.0]), np.array([0.0, 0.6, 0.6])
    before = 30 * 0.3**2 / 3
    rising = (0.7**3 - 0.4**3) / 3 / 0.01
    flat = 40 * 0.4**2
    found = integrated_brier(days, cdf, crossed_after_days=30)
    assert found == pytest.approx((before + rising + flat) / 100)


def test_integrated_brier_of_a_bar_not_crossed_in_the_window() -> None:
    days, cdf = np.array([0.0, 60.0, 100.0]), np.array([0.0, 0.6, 0.6])
    expected = (60 * 0.6**2 / 3 + 40 * 0.6**2) / 100
    for late in (np.inf, 100.5):
        assert integrated_brier(days, cdf, crossed_after_days=late) == pytest.approx(
            expected
        )


def test_integrated_brier_is_a_mean_over_days() -> None:
    """The same forecast on a daily grid, summed day by day."""
    days = np.arange(101.0)
    cdf = np.interp(days, [0, 60, 100], [0, 0.6, 0.6])
    fine = np.arange(0.0005, 100, 0.001)
    by_sum = np.mean(
        brier_score(np.interp(fine, days, cdf), np.asarray(fine >= 30)),
    )
    assert integrated_brier(days, cdf, crossed_after_days=30) == pytest.approx(
        by_sum, abs=1e-4
    )


@pytest.mark.parametrize("tilt", [0.5, 0.7, 1.4, 2.0])
def test_the_true_law_has_the_best_integrated_brier_under_censoring(
    tilt: float,
) -> None:
    """Exponential waiting times of which a third never come, window 400 days.

    The gain over a wrong rate is at least 4 Monte Carlo standard errors of 4000.
    """
    generator = np.random.default_rng(8)
    times = generator.exponential(300, 4000)
    times[generator.random(4000) < 1 / 3] = np.inf
    days = np.linspace(0, 400, 201)

    def scores(rate: float) -> np.ndarray:
        cdf = (2 / 3) * -np.expm1(-rate * days)
        return np.array(
            [integrated_brier(days, cdf, crossed_after_days=t) for t in times]
        )

    gain = scores(tilt / 300) - scores(1 / 300)
    assert gain.mean() > 4 * gain.std() / np.sqrt(len(gain))


@pytest.mark.parametrize(("shift", "stretch"), [(0.4, 1.0), (0.0, 1.4), (0.0, 0.7)])
def test_the_true_law_scores_best(shift: float, stretch: float) -> None:
    """N(0, 1) forecasts of N(0, 1) against a shifted or stretched one, n = 20 000.

    Each score's gain is at least 4 Monte Carlo standard errors.
    """
    y = np.random.default_rng(5).standard_normal(20_000)
    levels = np.array([0.1, 0.25, 0.5, 0.75, 0.9])
    true = np.broadcast_to(ndtri(levels), (len(y), 5))
    other = shift + stretch * true
    gains = [
        weighted_interval_score(other, levels, y)
        - weighted_interval_score(true, levels, y),
        interval_score(other[:, 0], other[:, 4], y, miss=0.2)
        - interval_score(true[:, 0], true[:, 4], y, miss=0.2),
        crps_sample(shift + stretch * _NORMAL, y) - crps_sample(_NORMAL, y),
    ]
    for gain in gains:
        assert gain.mean() > 4 * gain.std() / np.sqrt(len(gain))


_NORMAL = np.broadcast_to(ndtri((np.arange(99) + 0.5) / 99), (20_000, 99))


def test_mean_difference_weighs_cases_and_resamples_families() -> None:
    """Four families of one case at 0 and one of four at 2: 1, as a mean of cases."""
    y = np.array([0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 2.0])
    found = mean_difference(y, [*"abcd", *"eeee"], key="x", seed=1)
    assert (found.mean, found.n, found.n_families) == (1.0, 8, 5)
    # a widened 95% leaves out e drawn five times, which one resample in 3125 does
    assert (found.low, found.high) == pytest.approx((0.0, 2 * 16 / 17))


def test_a_few_families_have_the_t_interval_of_their_mean() -> None:
    """Equal families: the t interval of their means, 1, 2 and 6."""
    found = mean_difference(
        np.array([1.0, 1.0, 2.0, 2.0, 5.0, 7.0]), [*"aabbcc"], key="x", seed=1
    )
    expected = stats.t.interval(0.95, 2, loc=3.0, scale=np.sqrt(7 / 3))
    assert (found.low, found.high) == pytest.approx(expected)


@pytest.mark.parametrize("sizes", [(5, 5), (5, 5, 5, 5), (2, 4, 6, 12)])
def test_the_interval_of_few_families_covers(sizes: tuple[int, ...]) -> None:
    """2000 worlds: standard error 0.5 points; unequal families cost a point or two.

    Resampling two families would cover half: the interval ends at the outer one.
    """
    generator = np.random.default_rng(6)
    families = [str(k) for k, size in enumerate(sizes) for _ in range(size)]
    hits = 0
    for _ in range(2000):
        shared = np.repeat(generator.standard_normal(len(sizes)), sizes)
        y = shared + generator.standard_normal(len(shared))
        found = mean_difference(y, families, key="x", seed=1)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0 <= found.high
    assert 0.91 <= hits / 2000 <= 0.97


def test_one_family_has_no_interval() -> None:
    found = mean_difference(np.array([1.0, 2.0]), ["a", "a"], key="x", seed=1)
    assert (found.mean, found.low, found.high) == (1.5, None, None)


def test_a_bootstrap_interval_depends_on_its_key_alone() -> None:
    y = np.random.default_rng(2).standard_normal(30)
    families = [f"f{k % 10}" for k in range(30)]
    first = mean_difference(y, families, key="crps 6", seed=1)
    mean_difference(y, families, key="other", seed=1)
    assert mean_difference(y, families, key="crps 6", seed=1) == first
    assert mean_difference(y, families, key="other", seed=1) != first


def test_the_bootstrap_interval_covers_where_cases_are_clustered() -> None:
    """Ten families of five cases that share half their variance, 95% intervals.

    400 worlds: standard error 1.1 points. Resampling cases would cover about 75%.
    """
    generator = np.random.default_rng(4)
    families = [f"f{k // 5}" for k in range(50)]
    hits = 0
    for world in range(400):
        shared = np.repeat(generator.standard_normal(10), 5)
        y = shared + generator.standard_normal(50)
        found = mean_difference(
            y, families, key=f"world {world}", seed=1, n_resamples=1000
        )
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0 <= found.high
    assert 0.91 <= hits / 400 <= 0.98


def test_origins_that_do_not_overlap_have_the_t_interval_of_their_mean() -> None:
    y = np.array([1.0, 4.0, 2.0, 5.0])
    expected = stats.t.interval(0.95, 3, loc=3.0, scale=stats.sem(y))
    assert interval_over_origins(y, overlap=1) == pytest.approx(expected)


def test_origins_that_overlap_have_a_wider_interval_or_none() -> None:
    """Moving sums of 6 of 40 are worth about 6: the interval holds the truth, 0.

    500 worlds, standard error 1 point; as if independent it would hold about half.
    """
    generator = np.random.default_rng(12)
    held = told = 0
    for _ in range(500):
        sums = np.convolve(generator.standard_normal(45), np.ones(6), mode="valid")
        found = interval_over_origins(sums, overlap=6)
        if found is not None:
            told += 1
            held += found[0] <= 0 <= found[1]
    assert told > 450
    assert 0.86 <= held / told <= 0.98
    assert interval_over_origins(np.array([1.0, 2.0, 3.0]), overlap=18) is None


def test_effective_origins_by_hand() -> None:
    """1, 2, 4, 3 about 2.5: lag 1 is (0.75 - 0.75 + 0.75)/5 = 0.15."""
    found = effective_origins(np.array([1.0, 2.0, 4.0, 3.0]), overlap=2)
    assert found == pytest.approx(4 / (1 + 2 * (1 - 1 / 4) * 0.15))


def test_effective_origins_of_overlapping_sums_are_the_separate_ones() -> None:
    """Sums of 6 independent months at 3000 monthly origins are worth 3000/6."""
    months = np.random.default_rng(1).standard_normal(3005)
    sums = np.convolve(months, np.ones(6), mode="valid")
    assert effective_origins(sums, overlap=6) == pytest.approx(500, rel=0.15)


def test_effective_origins_never_claim_more_than_there_are() -> None:
    assert effective_origins(np.array([1.0, -1.0, 1.0, -1.0]), overlap=2) == 2.0
    assert effective_origins(np.array([2.0, 2.0, 2.0]), overlap=6) == 1.0
    assert effective_origins(np.array([1.0, 5.0, 2.0]), overlap=1) == 3.0
