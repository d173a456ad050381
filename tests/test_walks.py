"""Walks seen by their records: depth, drift, variance and the law of the next record."""

from math import inf
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from trends.coverage.worlds import simulate_walk
from trends.crossings.first_passage import first_passage_cdf, record_cdf
from trends.fits.links import Floats
from trends.fits.walks import (
    ObservedWalk,
    Prior,
    estimate_variance,
    fit_drifts_between,
    walk_law,
    walk_laws,
)


def _observed(days: Floats, levels: Floats) -> ObservedWalk:
    """What the records of a walk show, looked at on all of its days (in years)."""
    highest = np.maximum.accumulate(levels)
    is_record = np.append(True, highest[1:] > highest[:-1])
    times = np.append(days[is_record], days[-1])
    steps = np.diff(np.append(levels[is_record], highest[-1]))
    gaps, exposure = np.diff(times), days[-1] - days[0]
    slope = (highest[-1] - levels[0]) / exposure
    return ObservedWalk(
        level=highest[-1],
        gain=highest[-1] - levels[0],
        exposure_years=exposure,
        silent_years=gaps[-1],
        n_looks=len(days) - 1,
        n_silent_looks=int(np.sum(days > times[-2])),
        squares=float(np.sum((steps - slope * gaps) ** 2)),
        spread_years=float(exposure - gaps @ gaps / exposure),
    )


def _silent(years: float, looks: int, *, moving: float = 1.0) -> ObservedWalk:
    return ObservedWalk(
        level=0.0,
        gain=0.8,
        exposure_years=moving + years,
        silent_years=years,
        n_looks=looks + 9,
        n_silent_looks=looks,
        squares=1.0,
        spread_years=1.0,
    )


@pytest.mark.parametrize("looks", [1, 2, 6, 30])
def test_the_depth_is_that_of_walks_which_showed_no_record(looks: int) -> None:
    """Simulated: drift known, half a year looked at, those above 0 thrown away."""
    generator = np.random.default_rng(looks)
    step = 0.5 / looks
    moves = generator.normal(0.4 * step, np.sqrt(1.3 * step), (400_000, looks))
    paths = np.cumsum(moves, axis=1)
    kept = paths[(paths < 0).all(axis=1), -1]
    law = walk_law(_silent(0.5, looks), Prior(0.4, 1e-12), 1.3)
    mean = law.weights @ law.depths
    # 2% of the standard deviation is the price of the correction for looks
    assert mean == pytest.approx(kept.mean(), abs=0.025 * kept.std())
    spread = np.sqrt(law.weights @ (law.depths - mean) ** 2)
    assert spread == pytest.approx(kept.std(), rel=0.02)


def test_walks_asked_for_together_have_the_laws_they_have_alone() -> None:
    walks = [_silent(0.5, 3), _silent(0.0, 0), _silent(1.5, 1), _silent(0.2, 30)]
    prior = Prior(0.4, 0.2)
    for walk, law in zip(walks, walk_laws(walks, prior, 1.3), strict=True):
        alone = walk_law(walk, prior, 1.3)
        for name in ("depths", "weights", "drifts"):
            assert (getattr(law, name) == getattr(alone, name)).all()
        assert (law.drift_variance, law.own_weight) == (
            alone.drift_variance,
            alone.own_weight,
        )


def test_without_silence_the_walk_stands_at_its_record() -> None:
    law = walk_law(_silent(0.0, 0), Prior(1.2, 0.34), 0.5)
    assert set(law.depths) == {0.0}
    precision = 1 / 0.5 + 1 / 0.34
    assert law.drift == pytest.approx((0.8 / 0.5 + 1.2 / 0.34) / precision)
    assert law.drift_se == pytest.approx(precision**-0.5)
    assert law.own_weight == pytest.approx(0.34 / 0.84)


def test_silence_lowers_the_walk_and_its_drift() -> None:
    short = walk_law(_silent(0.1, 3), Prior(1.0, 0.5), 1.0)
    long = walk_law(_silent(1.0, 30), Prior(1.0, 0.5), 1.0)
    assert long.weights @ long.depths < short.weights @ short.depths < 0
    assert long.drift < short.drift


def test_depth_and_drift_are_the_posterior_of_simulated_walks() -> None:
    """Drifts from the prior, a year seen with gain near 0.8, then silence of a year."""
    generator = np.random.default_rng(3)
    n, sigma2 = 2_000_000, 1.0
    drifts = generator.normal(0.5, 0.7, n)
    near = np.abs(generator.normal(drifts, np.sqrt(sigma2)) - 0.8) < 0.05
    drifts = drifts[near]
    paths = np.cumsum(
        generator.normal(
            drifts[:, np.newaxis] / 4, np.sqrt(sigma2 / 4), (len(drifts), 4)
        ),
        axis=1,
    )
    silent = (paths < 0).all(axis=1)
    law = walk_law(_silent(1.0, 4), Prior(0.5, 0.49), sigma2)
    error = 3 / np.sqrt(silent.sum())
    assert law.weights @ law.depths == pytest.approx(
        paths[silent, -1].mean(), abs=error + 0.02
    )
    assert law.drift == pytest.approx(drifts[silent].mean(), abs=error + 0.01)
    assert law.drift_se == pytest.approx(drifts[silent].std(), rel=0.02)


def test_without_a_pool_the_own_drift_decides() -> None:
    law = walk_law(_silent(0.0, 0), Prior(0.0, inf), 0.5)
    assert law.drift == pytest.approx(0.8)
    assert law.drift_se == pytest.approx(np.sqrt(0.5))
    assert law.own_weight == 1.0


def test_a_walk_seen_once_takes_the_drift_of_an_unseen_family() -> None:
    seen_once = ObservedWalk(0.3, 0.0, 0.0, 0.0, 0, 0, 0.0, 0.0)
    law = walk_law(seen_once, Prior(1.2, 0.34), 0.5)
    assert law.own_weight == 0.0
    assert law.drift == pytest.approx(1.2)
    assert law.drift_se == pytest.approx(np.sqrt(0.34))


class World(NamedTuple):
    """Families of walks, looked at on random days; sigma is 1.

    Attributes:
        n_families: one is forecast, the others are its pool.
        looks_per_year: mean rate of looks.
        drift: mean a year.
        drift_sd: between families.
    """

    n_families: int
    looks_per_year: float
    drift: float
    drift_sd: float


class Family(NamedTuple):
    """One simulated family: what is seen of it, and what comes after."""

    observed: ObservedWalk
    days_after: Floats
    rises_after: Floats


def simulate(world: World, generator: np.random.Generator) -> Family:
    walk = simulate_walk(world.looks_per_year, world.drift, world.drift_sd, generator)
    observed = _observed(-walk.years_ago, walk.levels)
    return Family(observed, walk.years_after, walk.levels_after - observed.level)


def test_variance_and_drift_are_recovered_where_the_naive_ones_are_biased() -> None:
    """1,200 families in worlds of 10, drift 1: mean of 120 estimates, 3 errors wide.

    The realised variance alone finds about 0.65 of the truth, and the rise of the
    record is about 1.2 times the drift.
    """
    generator = np.random.default_rng(8)
    variances, drifts, realised, rises = [], [], [], []
    for _ in range(120):
        walks = [
            simulate(World(10, 20, 1.0, 0.5), generator).observed for _ in range(10)
        ]
        variances.append(estimate_variance(walks))
        drifts.append(fit_drifts_between(walks, variances[-1]).mean)
        realised.append(
            sum(walk.squares for walk in walks)
            / sum(walk.spread_years for walk in walks)
        )
        rises.append(np.mean([walk.slope for walk in walks]))
    for found in (variances, drifts):
        error = np.std(found) / np.sqrt(len(found))
        assert np.mean(found) == pytest.approx(1.0, abs=3 * error + 0.02)
    assert np.mean(realised) < 0.75
    assert np.mean(rises) > 1.1


def test_a_walk_of_days_hardly_moves_the_common_variance() -> None:
    """It is a ratio of sums: two records of a fortnight weigh as a fortnight."""

    def walk(years: float, squares: float) -> ObservedWalk:
        return ObservedWalk(0.0, years, years, 0.0, 40, 0, squares, 0.9 * years)

    long = [walk(5.0, 2.25)] * 4
    together = estimate_variance([*long, walk(0.05, 0.45)])
    assert together == pytest.approx(estimate_variance(long), rel=0.3)


def test_a_mean_drift_allows_for_depths_that_nobody_sees() -> None:
    """Walks that fall are silent most of the time: 200 pools of 12, error 5%.

    With expected depths taken as known the standard error would be three quarters.
    """
    generator = np.random.default_rng(12)
    pools = [
        fit_drifts_between(
            [simulate(World(12, 20, -0.7, 0.1), generator).observed for _ in range(12)],
            1.0,
        )
        for _ in range(200)
    ]
    claimed = np.sqrt(np.mean([pool.variance for pool in pools]))
    assert np.std([pool.mean for pool in pools]) == pytest.approx(claimed, rel=0.15)


@pytest.mark.parametrize("sigma2", [0.1, 10.0])
def test_a_pool_in_which_nobody_ever_moved_is_vague_about_its_drift(
    sigma2: float,
) -> None:
    """Its likeliest drift is as low as can be: there is no finite one to be sure of."""
    still = [
        ObservedWalk(0.0, 0.0, years, years, 30, 30, 0.0, 0.0) for years in (1, 2, 3)
    ]
    pool = fit_drifts_between(still, sigma2)
    assert pool.mean < 0
    assert pool.variance >= 9 * sigma2 / sum((1, 2, 3))
    law = walk_law(_silent(0.5, 5), Prior(pool.mean, pool.variance), sigma2)
    assert np.isfinite(law.drift_se)


def passage_ranks(
    world: World, *, rise: float, n_worlds: int, generator: np.random.Generator
) -> Floats:
    """Probability that the forecast gave to a crossing by when it came.

    Uniform if the forecast is calibrated; a crossing beyond 20 years stands at the
    middle of what is left.
    """
    n_days = 20 * 365
    ranks = np.empty(n_worlds)
    for k in range(n_worlds):
        families = [simulate(world, generator) for _ in range(world.n_families)]
        walks = [family.observed for family in families]
        variance = estimate_variance(walks)
        pool = fit_drifts_between(walks[1:], variance)
        widened = (stats.t.ppf(0.95, world.n_families - 2) / stats.norm.ppf(0.95)) ** 2
        prior = Prior(pool.mean, (pool.tau2 + pool.variance) * widened)
        cdf, _ = record_cdf(walk_law(walks[0], prior, variance), rise, n_days=n_days)
        crossed = np.flatnonzero(families[0].rises_after >= rise)
        day = families[0].days_after[crossed[0]] * 365.25 if len(crossed) else inf
        ranks[k] = (
            np.interp(day, np.arange(n_days + 1), cdf)
            if day <= n_days
            else (1 + cdf[-1]) / 2
        )
    return ranks


@pytest.mark.parametrize("rise", [pytest.param(0.7, marks=pytest.mark.slow), 3.0])
def test_intervals_cover_on_records_of_their_own_world(rise: float) -> None:
    """400 worlds: the Monte Carlo error of 90% coverage is 1.5 points.

    docs/coverage.md has more worlds and levels.
    """
    ranks = passage_ranks(
        World(8, 24, 1.5, 0.6),
        rise=rise,
        n_worlds=400,
        generator=np.random.default_rng(int(10 * rise)),
    )
    assert 0.86 <= np.mean(np.abs(ranks - 0.5) <= 0.45) <= 0.94
    # looks come days apart, so that a small rise is seen a little late
    assert np.mean(ranks) == pytest.approx(0.5, abs=0.07 if rise > 1 else 0.12)


def test_a_mixture_of_depths_is_the_average_of_its_walks() -> None:
    law = walk_law(_silent(0.6, 12), Prior(0.9, 0.3), 0.8)
    cdf, never = record_cdf(law, 1.1, n_days=3000)
    for day in (1, 40, 500, 3000):
        expected = sum(
            weight
            * first_passage_cdf(
                np.array([day / 365.25]),
                distance=1.1 - depth,
                drift=drift,
                drift_variance=law.drift_variance,
                variance_per_year=0.8,
            )[0]
            for depth, weight, drift in zip(
                law.depths, law.weights, law.drifts, strict=True
            )
        )
        assert cdf[day] == pytest.approx(expected, abs=2e-5)
    assert np.all(np.diff(cdf) >= 0)
    assert 0 < never < 1 - cdf[-1]
