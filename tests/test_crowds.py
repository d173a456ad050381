"""Pools of very many families: each without one is a small step from that of all."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from tests.figures import benchmark, series
from trends.fits import crowds, panels, regression, walks
from trends.fits.links import Floats
from trends.fits.panels import MANY_FAMILIES, NextTo, Panel
from trends.fits.pools import Drifts, SeriesWalk
from trends.fits.walks import ObservedWalk, fit_drifts_between, fit_variance

WORLDS = {
    "drifts that differ": (0.8, 0.5),
    "one drift": (0.8, 0.0),
    "drifts that hardly differ": (0.3, 0.05),
    "drifts that differ much": (0.0, 2.0),
    "falling": (-0.5, 0.2),
}
"""Mean drift a year and its standard deviation between families; sigma is 0.5."""


def _observed(generator: np.random.Generator, mean: float, sd: float) -> ObservedWalk:
    """A walk that is looked at on some days, as its records show it."""
    years = float(generator.uniform(0.2, 3))
    times = np.append(
        np.sort(generator.uniform(0, years, generator.integers(4, 80))), years
    )
    gaps = np.diff(times, prepend=0.0)
    steps = generator.normal(generator.normal(mean, sd) * gaps, 0.5 * np.sqrt(gaps))
    highest = np.maximum.accumulate(np.maximum(np.cumsum(steps), 0.0))
    is_record = np.diff(highest, prepend=0.0) > 0
    days: Floats = np.concatenate([[0.0], times[is_record], [years]])
    levels = np.concatenate([[0.0], highest[is_record], highest[-1:]])
    silences, rise = np.diff(days), highest[-1] / years
    return ObservedWalk(
        level=float(levels[-1]),
        gain=float(levels[-1]),
        exposure_years=years,
        silent_years=float(silences[-1]),
        n_looks=len(times),
        n_silent_looks=int(np.sum(times > days[-2])),
        squares=float(np.sum((np.diff(levels) - rise * silences) ** 2)),
        spread_years=float(years - silences @ silences / years),
    )


def _votes(
    n: int, world: str, *, domains: tuple[str, ...] = ("coding",)
) -> list[SeriesWalk]:
    generator = np.random.default_rng(len(world))
    mean, sd = WORLDS[world]
    return [
        SeriesWalk(
            series(name, benchmark(family_id=name, domain=domains[i % len(domains)])),
            "logit",
            _observed(generator, mean, sd),
        )
        for i, name in enumerate(f"family_{i:04}" for i in range(n))
    ]


def _some(votes: list[SeriesWalk]) -> list[SeriesWalk]:
    """A few, and those whose records say most."""
    loudest = sorted(votes, key=lambda one: one.observed.squares)[-3:]
    return [*votes[::23], *loudest]


@pytest.mark.parametrize("world", WORLDS)
def test_the_pool_without_one_of_many_is_that_of_a_fit_without_it(world: str) -> None:
    """Within a fiftieth of its standard error, where one family moves it by a half."""
    votes = _votes(MANY_FAMILIES + 2, world)
    panel = Panel({one.family_id: one for one in votes})
    variance = panel.variance_per_year
    assert variance is not None
    error = np.sqrt(panel.crowd(None).fit.variance)
    for one in _some(votes):
        found = panel.slope(one.family_id, None, variance)
        others = [other.observed for other in votes if other is not one]
        exact = fit_drifts_between(others, variance)
        assert found.mean == pytest.approx(exact.mean, abs=0.02 * error)
        widths = [np.sqrt(fit.tau2 + fit.variance) for fit in (found, exact)]
        assert widths[0] == pytest.approx(widths[1], rel=0.03)


@pytest.mark.parametrize("world", WORLDS)
def test_sigma_without_one_of_many_is_that_of_a_fit_without_it(world: str) -> None:
    """Within 0.5% of sigma^2, which fits are iterated to 0.3% of; else a quarter."""
    votes = _votes(MANY_FAMILIES + 2, world)
    drifts = Drifts(votes, None)
    before = drifts.variance_per_year(votes[0])
    assert before is not None
    for one in _some(votes)[-4:]:
        found = drifts.without(one.family_id).variance_per_year(votes[0])
        others = [
            w.observed for w in votes if w is not one and w.observed.spread_years > 0
        ]
        exact = fit_variance(others).per_year
        assert found == pytest.approx(
            exact, abs=max(5e-3 * exact, abs(exact - before) / 4)
        )


def test_an_exchanged_vote_counts_as_if_it_had_been_there_from_the_start() -> None:
    votes = _votes(MANY_FAMILIES + 2, "drifts that differ")
    other = SeriesWalk(
        votes[5].series, "logit", _observed(np.random.default_rng(9), 3.0, 0.1)
    )
    stepped = Drifts(votes, None).exchanged({other.family_id}, [other])
    fresh = Drifts([*votes[:5], other, *votes[6:]], None)
    assert [one.observed for one in stepped.votes] == [
        one.observed for one in fresh.votes
    ]
    variances = [one.variance_per_year(votes[0]) for one in (stepped, fresh)]
    assert variances[0] == pytest.approx(variances[1], rel=8e-3)
    pools = [one.pool_for(votes[0], variances[1]) for one in (stepped, fresh)]  # type: ignore[arg-type]
    assert pools[0] is not None
    assert pools[1] is not None
    assert pools[0].description == pools[1].description
    error = np.sqrt(pools[1].slope.variance)
    assert pools[0].slope.mean == pytest.approx(pools[1].slope.mean, abs=0.03 * error)
    assert pools[0].prior.variance == pytest.approx(pools[1].prior.variance, rel=0.03)


def test_few_families_are_fitted_anew() -> None:
    votes = {one.family_id: one for one in _votes(MANY_FAMILIES, "one drift")}
    assert isinstance(Panel(votes).exchanged({"family_0001"}, {}), Panel)
    more = {one.family_id: one for one in _votes(MANY_FAMILIES + 1, "one drift")}
    assert isinstance(Panel(more).exchanged({"family_0001"}, {}), NextTo)


def test_a_small_domain_of_many_families_is_pooled_by_itself() -> None:
    """Also where other families are put in its place."""
    votes = _votes(
        MANY_FAMILIES + 30,
        "drifts that differ",
        domains=("coding",) * 20 + ("general",),
    )
    drifts = Drifts(votes, None)
    small = [one for one in votes if one.series.benchmark.domain == "general"]
    leaning, out = small[0], small[1]
    variance = drifts.variance_per_year(leaning)
    assert variance is not None
    pool = drifts.pool_for(leaning, variance)
    assert pool is not None
    assert pool.n_families == len(small) - 1
    fewer = drifts.without(out.family_id)
    regrouped = fewer.pool_for(leaning, variance)
    assert regrouped is not None
    expected = (
        fit_drifts_between([one.observed for one in small[2:]], variance)
        if len(small) - 2 >= panels.MIN_DOMAIN_FAMILIES
        else None
    )
    if expected is None:
        assert regrouped.n_families == len(votes) - 2
    else:
        assert regrouped.slope == expected


class Counted:
    """How many walks were fitted, or simulated, by whoever asked."""

    def __init__(self) -> None:
        self.n_walks = 0


@contextmanager
def _counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    counted = Counted()
    fit = regression.fit_mean

    def fit_mean(y: Floats, known: Floats) -> regression.MeanFit:
        counted.n_walks += len(y)
        return fit(y, known)

    with monkeypatch.context() as patch:
        for module in (walks, crowds):
            patch.setattr(module, "fit_mean", fit_mean)
        yield counted


def _work(n: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Walks that go into means while each family is asked for, and without another."""
    votes = _votes(n, "drifts that differ")
    with _counting(monkeypatch) as counted:
        drifts = Drifts(votes, None)
        for one, other in zip(votes, [*votes[1:], votes[0]], strict=True):
            for among in (drifts, drifts.without(other.family_id)):
                variance = among.variance_per_year(one)
                assert variance is not None
                assert among.pool_for(one, variance) is not None
            drifts.nearly_without(one)
    return counted.n_walks


def test_twice_the_families_are_twice_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    n = MANY_FAMILIES + 20
    assert _work(2 * n, monkeypatch) < 2.5 * _work(n, monkeypatch)
