"""The drift family: what one series shows, what the pool says, who votes."""

from dataclasses import replace
from datetime import date, timedelta
from math import log

import numpy as np
import polars as pl
import pytest

from tests.conftest import CHECKOUT
from tests.figures import benchmark, positive, scores, series
from trends.fits.drift import (
    DriftFits,
    fit_drifts,
    laws_of_rows,
    observe_walk,
    row_law,
)
from trends.fits.lines import Row
from trends.fits.pools import Pool
from trends.fits.regression import MeanFit
from trends.fits.walks import ObservedWalk
from trends.frontier import select_frontier
from trends.registry import load_registry
from trends.registry.series import Series
from trends.registry.weights import Weights

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


def _walk(
    name: Series, records: pl.DataFrame, as_of: date, *, days: list[date] | None = None
) -> ObservedWalk:
    """What the records show; looked at on their own days unless said otherwise."""
    days = days or records["frontier_date"].to_list()
    end = name.observed_through(as_of)
    return observe_walk(name, records, days, None, end).observed


def test_silence_until_the_figures_end_counts_as_exposure() -> None:
    """ln 2 gained in the first year, nothing in the second: a rate of ln 2 / 2."""
    records = scores([(START, 10.0), (_day(1), 20.0)])
    walk = _walk(_minutes("test"), records, AS_OF)
    assert walk.slope == pytest.approx(log(2) / (730 / 365.25), rel=1e-12)
    assert walk.level == pytest.approx(log(20))


def test_silence_after_the_figures_end_does_not_count() -> None:
    records = scores([(START, 10.0), (_day(1), 20.0)])
    now = _walk(_minutes("test"), records, date(2026, 1, 31))
    later = _walk(_minutes("test"), records, date(2030, 1, 31))
    assert now == later


def test_a_closed_benchmark_is_not_watched_after_its_end() -> None:
    assert _minutes("test", closed_on=_day(1)).observed_through(AS_OF) == _day(1)


def test_a_past_as_of_ends_the_exposure_earlier() -> None:
    records = scores([(START, 10.0)])
    walk = _walk(_minutes("test"), records, _day(0.5))
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
        walk = _walk(one, scores(points), AS_OF)
        squares += walk.squares
        spread += walk.spread_years
    # 5 degrees of freedom a walk: relative error sqrt(2 / 10,000) = 1.4%
    assert squares / spread == pytest.approx(0.4, rel=0.05)


def test_days_with_a_score_are_looks_and_the_last_day_observed_is_one() -> None:
    """Scores on day 0, 100 and 300, the last two no records; figures end on day 730."""
    records = scores([(START, 10.0)])
    days = [START, START + timedelta(days=100), START + timedelta(days=300)]
    walk = _walk(_minutes("test"), records, AS_OF, days=days)
    assert walk.n_looks == 3
    assert walk.n_silent_looks == 3
    assert walk.silent_years == walk.exposure_years == pytest.approx(730 / 365.25)


def test_the_prior_is_a_family_outside_the_pool_known_from_few_families() -> None:
    """Student's t with 3 degrees of freedom has its 95% quantile at 2.353."""
    prior = Pool("x", 4, MeanFit(mean=1.2, variance=0.04, tau2=0.3)).prior
    assert prior.mean == 1.2
    assert prior.variance == pytest.approx(0.34 * (2.35336 / 1.644854) ** 2, rel=1e-5)


def _slopes(everything: list[Series], frontier: pl.DataFrame, name: str) -> float:
    rows = fit_drifts(everything, frontier, frontier, wanted=[name], as_of=AS_OF)[name]
    return float(str(rows[0]["pool_slope_per_year"]))


def _noisy(name: str, per_year: float) -> pl.DataFrame:
    points = [
        (_day(0), 1.0),
        (_day(0.9), np.exp(per_year)),
        (_day(2), np.exp(2 * per_year)),
    ]
    return scores(points, name=name)


def test_the_own_family_never_votes_in_the_pool() -> None:
    """The twin, first of its family by name, grows far faster; its vote must not count."""
    everything = [
        _minutes("target", family="ours"),
        _minutes("a_twin", family="ours"),
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
    without = pl.concat([*others, _noisy("a_twin", 1.0)])
    with_twin = pl.concat([*others, _noisy("a_twin", 3.0)])
    first = _slopes(everything, without, "target")
    assert 1.4 < first < 1.8
    # only the common variance, not the mean of two equal-length votes, may move
    assert _slopes(everything, with_twin, "target") == pytest.approx(first, rel=1e-6)


def test_a_view_has_no_vote_even_where_it_is_alone_in_its_family() -> None:
    names = ("target", "a", "b", "c")
    whole = _minutes("d")
    view = replace(whole, series_id="d__agent")
    rows = [_noisy(name, 1 + k / 9) for k, name in enumerate(names)]
    frontier = pl.concat([*rows, _noisy("d__agent", 9.0)])
    series = [*map(_minutes, names), view]
    (row,) = fit_drifts(series, frontier, frontier, wanted=["target"], as_of=AS_OF)[
        "target"
    ]
    assert row["pool_n_families"] == 3


def test_the_vote_of_a_family_is_that_of_its_longest_series() -> None:
    one = [_minutes(name) for name in ("target", "slow", "slower", "fast")]
    paces = (1.0, 0.5, 0.3, 1.5)
    few = pl.concat(
        [_noisy(name.series_id, pace) for name, pace in zip(one, paces, strict=True)]
    )
    short = [(_day(1.5), 1.0), (_day(1.8), 20.0), (_day(2), 90.0)]
    many = pl.concat([few, scores(short, name="a_fast")])
    twins = [*one, _minutes("a_fast", family="fast")]
    assert _slopes(twins, many, "target") == pytest.approx(_slopes(one, few, "target"))


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


@pytest.mark.parametrize("mover", [{"moved_by": "people"}, {"measured_by": "period"}])
def test_what_people_or_a_company_move_neither_votes_nor_learns(
    mover: dict[str, str],
) -> None:
    people = _minutes("speedrun", **mover)
    everything = [people, *(_minutes(name) for name in "abcd")]
    frontier = pl.concat(
        [_noisy("speedrun", 9.0)]
        + [_noisy(name, 1.0 + k / 9) for k, name in enumerate("abcd")]
    )
    fits = fit_drifts(
        everything, frontier, frontier, wanted=["speedrun", "a"], as_of=AS_OF
    )
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
    fits = fit_drifts(everything, frontier, frontier, wanted=["p", "a"], as_of=AS_OF)
    assert "logit" in str(fits["p"][0]["pool"])
    assert fits["p"][0]["pool_n_families"] == 3
    assert fits["a"][0]["pool_n_families"] == 3


def test_each_scale_has_a_variance_of_its_own() -> None:
    bounded = [
        series(name, benchmark(family_id=name, observed_through=_day(2)))
        for name in "pqrs"
    ]
    shares = [
        scores([(_day(0), 0.1), (_day(1), share), (_day(2), 0.6)], name=name)
        for name, share in zip("pqrs", (0.3, 0.4, 0.5, 0.45), strict=True)
    ]
    alone = pl.concat(shares)
    both = pl.concat([alone, *(_noisy(name, 1.0) for name in "abcd")])
    without, with_minutes = (
        fit_drifts(everything, rows, rows, wanted=["p"], as_of=AS_OF)["p"][0]
        for everything, rows in (
            (bounded, alone),
            ([*bounded, *map(_minutes, "abcd")], both),
        )
    )
    assert without["sigma2_per_year"] == with_minutes["sigma2_per_year"]


def test_a_domain_with_five_other_families_is_pooled_by_itself() -> None:
    coders = [_minutes(f"coder_{k}") for k in range(6)]
    others = [_minutes(f"other_{k}", domain="paper_replication") for k in range(3)]
    frontier = pl.concat(
        [_noisy(one.series_id, 1.0) for one in coders]
        + [_noisy(one.series_id, 5.0) for one in others]
    )
    names = ["coder_0", "other_0"]
    fits = fit_drifts([*coders, *others], frontier, frontier, wanted=names, as_of=AS_OF)
    assert fits["coder_0"][0]["pool_n_families"] == 5
    assert fits["coder_0"][0]["pool_slope_per_year"] == pytest.approx(1.0, rel=0.01)
    assert fits["other_0"][0]["pool_n_families"] == 8


def test_a_thin_series_says_that_the_pool_carries_it() -> None:
    names = ("thin", "a", "b", "c")
    everything = [_minutes(name) for name in names]
    frontier = pl.concat([_noisy(name, 1.0 + k / 9) for k, name in enumerate(names)])
    reason = fit_drifts(everything, frontier, frontier, wanted=["thin"], as_of=AS_OF)[
        "thin"
    ][0]
    assert "the pooled drift carries it" in str(reason["status_reason"])


def test_a_row_carries_the_law_it_was_made_of() -> None:
    names = ("target", "a", "b", "c")
    everything = [_minutes(name) for name in names]
    frontier = pl.concat([_noisy(name, 1.0 + k / 9) for k, name in enumerate(names)])
    (row,) = fit_drifts(
        everything, frontier, frontier, wanted=["target"], as_of=_day(2.5)
    )["target"]
    law = row_law(row)
    assert law.drift == pytest.approx(float(str(row["slope_per_year"])))
    assert law.drift_se == pytest.approx(float(str(row["slope_per_year_se"])))


def test_a_row_without_words_makes_the_same_law(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is worked out for it but its pool: the law is asked for later."""
    names = ("target", "a", "b", "c")
    everything = [_minutes(name) for name in names]
    frontier = pl.concat([_noisy(name, 1.0 + k / 9) for k, name in enumerate(names)])
    fits = DriftFits(everything, frontier, frontier, as_of=_day(2.5))
    told = [row for name in names for row in fits.rows(name)]
    monkeypatch.setattr("trends.fits.drift.walk_law", None)
    bare = [row for name in names for row in fits.bare_rows(name)]
    assert {None} == {row["status_reason"] for row in bare}
    for row, law in zip(told, laws_of_rows(bare), strict=True):
        alone = row_law(row)
        for name in ("depths", "weights", "drifts"):
            assert (getattr(law, name) == getattr(alone, name)).all()


def test_drifts_of_simulated_families_are_recovered() -> None:
    """60 families, drift 3 with SD 0.5 between them, sigma 0.6, two years each.

    Walks are looked at every 20 days and only records are kept.
    """
    generator = np.random.default_rng(5)
    names = [f"family_{k}" for k in range(60)]
    frames = []
    for name in names:
        slope = generator.normal(3.0, 0.5)
        steps = generator.normal(slope * 20 / 365.25, 0.6 * np.sqrt(20 / 365.25), 36)
        levels = np.concatenate([[0.0], np.cumsum(steps)])
        days = [START + timedelta(days=20 * k) for k in range(37)]
        points = zip(days, np.exp(levels).tolist(), strict=True)
        frames.append(scores(list(points), name=name))
    everything = [_minutes(name) for name in names]
    looked_at = pl.concat(frames)
    frontier = select_frontier(looked_at, everything)
    fit = fit_drifts(everything, frontier, looked_at, wanted=names[:1], as_of=AS_OF)[
        names[0]
    ][0]
    error = float(str(fit["pool_slope_per_year_se"]))
    assert float(str(fit["pool_slope_per_year"])) == pytest.approx(3.0, abs=3.5 * error)
    assert float(str(fit["pool_tau2"])) == pytest.approx(0.25, abs=0.15)
    assert float(str(fit["sigma2_per_year"])) == pytest.approx(0.36, rel=0.15)


def test_the_backtests_factor_multiplies_sigma_of_what_models_move() -> None:
    names = ("a", "b", "c", "d")
    people = _minutes("speedrun", moved_by="people")
    everything = [people, *(_minutes(name) for name in names)]
    frontier = pl.concat(
        [_noisy("speedrun", 9.0)]
        + [_noisy(name, 1.0 + k / 9) for k, name in enumerate(names)]
    )
    weights = load_registry(CHECKOUT / "data" / "registry").weights
    assert weights is not None
    factor = weights.sigma_factor("unbounded")

    def rows(taught: Weights | None) -> dict[str, list[Row]]:
        return fit_drifts(
            everything,
            frontier,
            frontier,
            wanted=["speedrun", "a"],
            as_of=AS_OF,
            weights=taught,
        )

    plain, scaled = rows(None), rows(weights)
    assert factor != 1.0
    assert float(str(scaled["a"][0]["sigma2_per_year"])) == pytest.approx(
        float(str(plain["a"][0]["sigma2_per_year"])) * factor**2
    )
    assert scaled["speedrun"][0] == plain["speedrun"][0]
