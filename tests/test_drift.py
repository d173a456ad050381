"""The pooled random walk: what one series shows, what the pool says, who votes."""

from datetime import date, timedelta
from math import inf, log

import numpy as np
import polars as pl
import pytest

from tests.figures import benchmark, positive, scores, series
from trends.fits.drift import fit_drifts, observe_walk, pool_slopes
from trends.fits.regression import MeanFit, fit_mean
from trends.frontier import select_frontier
from trends.registry.series import Series

AS_OF = date(2026, 12, 31)
START = date(2024, 1, 1)


def _day(years: float) -> date:
    return START + timedelta(days=round(years * 365.25))


def _minutes(name: str, *, family: str | None = None, **changes: object) -> Series:
    end = {"observed_through": _day(2)}
    return series(name, positive(family_id=family or name, **(end | changes)))


def _doubling(name: str, per_year: float, steps: int = 4) -> pl.DataFrame:
    """Records every half year that grow by exactly ``per_year`` in ln."""
    points = [(_day(k / 2), 10 * np.exp(per_year * k / 2)) for k in range(steps + 1)]
    return scores(points, name=name)


def test_silence_until_the_figures_end_counts_as_exposure() -> None:
    """ln 2 gained in the first year, nothing in the second: a rate of ln 2 / 2."""
    records = scores([(START, 10.0), (_day(1), 20.0)])
    walk = observe_walk(_minutes("test"), records, None, AS_OF)
    assert walk.slope == pytest.approx(log(2) / (730 / 365.25), rel=1e-12)
    assert walk.level == pytest.approx(log(20))


def test_silence_after_the_figures_end_does_not_count() -> None:
    records = scores([(START, 10.0), (_day(1), 20.0)])
    now = observe_walk(_minutes("test"), records, None, date(2026, 1, 31))
    later = observe_walk(_minutes("test"), records, None, date(2030, 1, 31))
    assert now == later


def test_a_past_as_of_ends_the_exposure_earlier() -> None:
    records = scores([(START, 10.0)])
    walk = observe_walk(_minutes("test"), records, None, _day(0.5))
    assert walk.exposure_years == pytest.approx(0.5, abs=0.003)


def test_realised_variance_is_unbiased_for_a_walk_with_unknown_drift() -> None:
    """2,000 simulated walks at uneven days; drift so strong that all are records."""
    generator = np.random.default_rng(11)
    days = [0, 40, 55, 200, 230, 500, 731]
    gaps = np.diff(days) / 365.25
    squares = spread = 0.0
    for _ in range(2000):
        steps = generator.normal(9 * gaps, np.sqrt(0.4 * gaps))
        levels = np.concatenate([[1.0], 1.0 + np.cumsum(steps)])
        points = [
            (START + timedelta(days=d), float(np.exp(z)))
            for d, z in zip(days, levels, strict=True)
        ]
        one = series("test", positive(observed_through=points[-1][0]))
        walk = observe_walk(one, scores(points), None, AS_OF)
        squares += walk.squares
        spread += walk.spread_years
    # 5 degrees of freedom a walk: relative error sqrt(2 / 10,000) = 1.4%
    assert squares / spread == pytest.approx(0.4, rel=0.05)


def test_pooling_weighs_by_the_variance_of_a_family_outside_the_pool() -> None:
    """Prior N(1.2, 0.3 + 0.04), own drift 2.5 with variance 0.5."""
    pooled = pool_slopes(2.5, 0.5, MeanFit(mean=1.2, variance=0.04, tau2=0.3))
    precision = 1 / 0.5 + 1 / 0.34
    assert pooled.mean == pytest.approx((2.5 / 0.5 + 1.2 / 0.34) / precision)
    assert pooled.variance == pytest.approx(1 / precision)
    assert pooled.own_weight == pytest.approx(0.34 / 0.84)


def test_a_well_observed_series_keeps_its_own_drift_though_families_agree() -> None:
    """At tau_b^2 = 0 the pool's mean is still uncertain; years of figures are not."""
    pooled = pool_slopes(1.3, 0.01, MeanFit(mean=2.5, variance=0.25, tau2=0.0))
    assert pooled.mean == pytest.approx(1.3 + 1.2 * 0.01 / 0.26)
    assert pooled.variance < 0.01


def test_a_series_seen_only_once_takes_the_drift_of_an_unseen_family() -> None:
    pooled = pool_slopes(0.0, inf, MeanFit(mean=1.2, variance=0.04, tau2=0.3))
    assert pooled.mean == 1.2
    assert pooled.variance == pytest.approx(0.3 + 0.04)


def test_pooled_drifts_cover_whether_or_not_families_differ() -> None:
    """One family of 7 years beside three of one year, sigma^2 = 0.9, as METR stands.

    1,500 simulations a case: the Monte Carlo error of 80% coverage is 1 point.
    """
    generator = np.random.default_rng(9)
    exposure = np.array([7.2, 0.7, 0.9, 1.2])
    for spread in (0.0, 0.5):
        covered = []
        for _ in range(1500):
            true = generator.normal(2.0, spread, 4)
            found = generator.normal(true, np.sqrt(0.9 / exposure))
            pool = fit_mean(found[1:], 0.9 / exposure[1:])
            pooled = pool_slopes(found[0], 0.9 / exposure[0], pool)
            distance = abs(true[0] - pooled.mean) / np.sqrt(pooled.variance)
            covered.append(distance <= 1.2816)
        assert 0.75 <= np.mean(covered) <= 0.85


def _slopes(everything: list[Series], frontier: pl.DataFrame, name: str) -> float:
    rows = fit_drifts(everything, frontier, wanted=[name], as_of=AS_OF)[name]
    return float(str(rows[0]["pool_slope_per_year"]))


def _noisy(name: str, per_year: float) -> pl.DataFrame:
    points = [
        (_day(0), 1.0),
        (_day(0.9), np.exp(per_year)),
        (_day(2), np.exp(2 * per_year)),
    ]
    return scores(points, name=name)


def test_the_own_family_never_votes_in_the_pool() -> None:
    """The twin of the target grows a hundred times faster; its vote must not count."""
    everything = [
        _minutes("target", family="ours"),
        _minutes("twin", family="ours"),
        _minutes("a"),
        _minutes("b"),
        _minutes("c"),
    ]
    others = [
        _noisy("target", 1.0),
        _noisy("a", 1.5),
        _noisy("b", 1.7),
        _noisy("c", 1.6),
    ]
    without = pl.concat([*others, _noisy("twin", 1.0)])
    with_twin = pl.concat([*others, _noisy("twin", 3.0)])
    first = _slopes(everything, without, "target")
    assert 1.4 < first < 1.8
    # only the common variance, not the mean of two equal-length votes, may move
    assert _slopes(everything, with_twin, "target") == pytest.approx(first, rel=1e-6)


def test_one_family_has_one_vote() -> None:
    """Three copies of a fast benchmark weigh no more than one."""
    one = [_minutes(name) for name in ("target", "slow", "slower", "fast")]
    copies = [
        *one,
        _minutes("fast_2", family="fast"),
        _minutes("fast_3", family="fast"),
    ]
    few = pl.concat(
        [
            _noisy("target", 1.0),
            _noisy("slow", 0.5),
            _noisy("slower", 0.3),
            _noisy("fast", 1.5),
        ]
    )
    many = pl.concat([few, _noisy("fast_2", 1.5), _noisy("fast_3", 1.5)])
    assert _slopes(copies, many, "target") == pytest.approx(_slopes(one, few, "target"))


def test_what_people_move_neither_votes_nor_learns() -> None:
    people = _minutes("speedrun", moved_by="people")
    everything = [people, *(_minutes(name) for name in "abcd")]
    frontier = pl.concat(
        [_noisy("speedrun", 9.0)]
        + [_noisy(name, 1.0 + k / 9) for k, name in enumerate("abcd")]
    )
    fits = fit_drifts(everything, frontier, wanted=["speedrun", "a"], as_of=AS_OF)
    assert fits["speedrun"][0].get("pool_n_families") is None
    assert fits["speedrun"][0]["slope_per_year"] == pytest.approx(9.0, rel=0.01)
    assert fits["a"][0]["pool_n_families"] == 3
    assert fits["speedrun"][0]["sigma2_per_year"] != fits["a"][0]["sigma2_per_year"]


def test_logits_and_logarithms_are_never_pooled() -> None:
    bounded = [
        series(name, benchmark(family_id=name, observed_through=_day(2)))
        for name in ("p", "q", "r", "s")
    ]
    everything = [*bounded, *(_minutes(name) for name in "abcd")]
    shares = [
        scores([(_day(0), 0.1), (_day(1), share), (_day(2), 0.6)], name=name)
        for name, share in (("p", 0.3), ("q", 0.4), ("r", 0.5), ("s", 0.45))
    ]
    frontier = pl.concat([*shares, *(_noisy(name, 1.0) for name in "abcd")])
    fits = fit_drifts(everything, frontier, wanted=["p", "a"], as_of=AS_OF)
    assert "logit" in str(fits["p"][0]["pool"])
    assert fits["p"][0]["pool_n_families"] == 3
    assert fits["a"][0]["pool_n_families"] == 3


def test_a_domain_with_five_other_families_is_pooled_by_itself() -> None:
    coders = [_minutes(f"coder_{k}") for k in range(6)]
    others = [_minutes(f"other_{k}", domain="paper_replication") for k in range(3)]
    frontier = pl.concat(
        [_noisy(one.series_id, 1.0) for one in coders]
        + [_noisy(one.series_id, 5.0) for one in others]
    )
    names = ["coder_0", "other_0"]
    fits = fit_drifts([*coders, *others], frontier, wanted=names, as_of=AS_OF)
    assert fits["coder_0"][0]["pool_n_families"] == 5
    assert fits["coder_0"][0]["pool_slope_per_year"] == pytest.approx(1.0, rel=0.01)
    assert fits["other_0"][0]["pool_n_families"] == 8


def test_a_thin_series_says_that_the_pool_carries_it() -> None:
    names = ("thin", "a", "b", "c")
    everything = [_minutes(name) for name in names]
    frontier = pl.concat([_noisy(name, 1.0 + k / 9) for k, name in enumerate(names)])
    reason = fit_drifts(everything, frontier, wanted=["thin"], as_of=AS_OF)["thin"][0]
    assert "the pooled drift carries it" in str(reason["status_reason"])


def test_drifts_of_simulated_families_are_recovered() -> None:
    """60 families, drift 3 with SD 0.5 between them, sigma 0.3, two years each.

    Strong drift makes every step a record, so the walk is seen whole.
    """
    generator = np.random.default_rng(5)
    names = [f"family_{k}" for k in range(60)]
    frames = []
    for name in names:
        slope = generator.normal(3.0, 0.5)
        steps = generator.normal(slope / 4, 0.3 / 2, 8)
        levels = np.concatenate([[0.0], np.cumsum(steps)])
        points = [(_day(k / 4), float(np.exp(z))) for k, z in enumerate(levels)]
        everything = scores(points, name=name)
        frames.append(select_frontier(everything, [_minutes(name)]))
    fit = fit_drifts(
        [_minutes(name) for name in names],
        pl.concat(frames),
        wanted=names[:1],
        as_of=AS_OF,
    )[names[0]][0]
    error = float(str(fit["pool_slope_per_year_se"]))
    assert float(str(fit["pool_slope_per_year"])) == pytest.approx(3.0, abs=3.5 * error)
    assert float(str(fit["pool_tau2"])) == pytest.approx(0.25, abs=0.15)
    assert float(str(fit["sigma2_per_year"])) == pytest.approx(0.09, rel=0.25)
