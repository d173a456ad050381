"""Whatever rounding does, what is published as a probability is one.

Laws of every kind and scale: their masses sum to 1, their curves do not fall, their
quantiles agree with them, and what is no law at all is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.figures import benchmark, positive, scores, series
from trends.automation.dependence import joint_probability
from trends.automation.gap import delayed
from trends.crossings.answers import Estimated
from trends.crossings.distribution import CrossingDistribution, mixture
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.levels import LevelLaw, Standing, level_laws, pool_levels
from trends.crossings.line_crossing import line_distributions
from trends.crossings.looks import Looks
from trends.crossings.rows import QUANTILE_LEVELS
from trends.registry.models import TrendFamily
from trends.registry.scenarios import TranslationGap
from trends.tables import TREND_FITS

START = date(2026, 1, 1)
END = date(2050, 12, 31)
DAYS = (END - START).days
RECORD = 0.4
ULP = 2.0**-53
EXAMPLES = settings(max_examples=60, deadline=None)
GAP = TranslationGap(q10_months=3, q90_months=36, reason="made up")


def _scale(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of every order of magnitude between two."""
    return st.floats(np.log(low), np.log(high)).map(lambda x: float(np.exp(x)))


@st.composite
def grids(draw: st.DrawFn) -> list[tuple[float | None, float]]:
    """One to twenty ceilings; in floats their weights sum to 1 or to its neighbours."""
    n = draw(st.integers(1, 20))
    shares = np.array(draw(st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)))
    noise = draw(st.lists(st.integers(-2, 2), min_size=n, max_size=n))
    weights = shares / shares.sum() * (1 + 2 * ULP * np.array(noise))
    ceilings = np.linspace(0.5, 1.0, n + 1)[1:]
    return list(zip(ceilings.tolist(), weights.tolist(), strict=True))


@st.composite
def drifts(
    draw: st.DrawFn, *, ceilings: Sequence[tuple[float | None, float]]
) -> pl.DataFrame:
    """Fitted drift rows of any pace, scatter, silence and prior, one a ceiling."""
    silent = draw(st.sampled_from([0.0, 0.01, 1.0, 5.0]))
    exposure = silent + draw(_scale(0.01, 20.0))
    walk: dict[str, Any] = {
        "series_id": "test",
        "benchmark_id": "test",
        "trend": "drift",
        "fit_status": "fitted",
        "status_reason": "made up",
        "own_slope_per_year": draw(_scale(1e-4, 50.0)),
        "exposure_years": exposure,
        "silent_years": silent,
        "n_looks": draw(st.integers(3, 400)),
        "n_silent_looks": 2 if silent else 0,
        "sigma2_per_year": draw(_scale(1e-4, 100.0)),
        "pool": draw(st.sampled_from(["known", None])),
        "pool_slope_per_year": draw(st.floats(-10.0, 10.0)),
        "pool_drift_sd": draw(_scale(1e-3, 20.0)),
        "epoch_date": START,
    }
    record = draw(st.floats(-6.0, 6.0))
    return TREND_FITS.frame(
        [
            walk | {"ceiling": ceiling, "ceiling_weight": weight, "intercept": record}
            for ceiling, weight in ceilings
        ]
    )


def _ladder(bars: Sequence[float], *, is_bounded: bool) -> Ladder:
    only = scores([(date(2025, 6, 1), RECORD)])
    return Ladder(
        Looks(series(entry=benchmark() if is_bounded else positive()), only, only),
        bars=[OpenBar(bar) for bar in bars],
        start=START,
        projection_end=END,
    )


def _is_a_law(law: CrossingDistribution) -> None:
    """Masses, curve and quantiles of one law, and the same after a gap."""
    answer = Estimated(law, "")
    for one in (answer, delayed(answer, GAP, projection_end=END)):
        masses = one.masses(START + timedelta(days=200))
        by_end, after, never = (
            masses.p_crossed_by_projection_end,
            masses.p_after_projection_end,
            masses.p_never,
        )
        assert by_end is not None
        assert after is not None
        assert never is not None
        assert min(by_end, after, never) >= 0
        assert max(by_end, after, never) <= 1
        assert by_end + after + never == pytest.approx(1.0, abs=1e-11)
        assert masses.p_crossed_by_as_of is not None
        assert 0 <= masses.p_crossed_by_as_of <= by_end
        assert one.distribution is not None
        _is_read_both_ways(one.distribution)


def _is_read_both_ways(law: CrossingDistribution) -> None:
    assert np.all(np.diff(law.cdf) >= 0)
    days = [law.quantile(level) for level in QUANTILE_LEVELS]
    dated = [day for day in days if day is not None]
    assert days[: len(dated)] == dated  # no date after a gap
    assert dated == sorted(dated)
    for level, day in zip(QUANTILE_LEVELS, dated, strict=False):
        assert law.p_by(day) >= level - 1e-12
        if day > law.start:
            assert law.p_by(day - timedelta(days=1)) < level


@EXAMPLES
@given(data=st.data())
def test_a_bar_on_a_grid_of_ceilings_has_a_law(data: st.DataObject) -> None:
    """Weights that sum to 1 + 2e-16 once gave a probability above 1."""
    fits = data.draw(drifts(ceilings=data.draw(grids())))
    bars = sorted(data.draw(st.lists(st.floats(0.41, 0.999), min_size=1, max_size=3)))
    outcomes = _ladder(bars, is_bounded=True).ask(fits, Draws(1, 100))
    laws = [one.answer.distribution for one in outcomes]
    for law in laws:
        assert law is not None
        _is_a_law(law)
    for easier, harder in pairwise(laws):
        assert easier is not None
        assert harder is not None
        assert np.all(harder.cdf <= easier.cdf + 1e-9)


@EXAMPLES
@given(data=st.data())
def test_a_bar_of_an_unbounded_score_has_a_law(data: st.DataObject) -> None:
    fits = data.draw(drifts(ceilings=[(None, 1.0)]))
    bar = data.draw(_scale(0.5, 1e9))
    (outcome,) = _ladder([bar], is_bounded=False).ask(fits, Draws(1, 100))
    assert outcome.answer.distribution is not None
    _is_a_law(outcome.answer.distribution)


@EXAMPLES
@given(
    days=st.lists(
        st.one_of(st.just(np.inf), st.integers(1, 2 * DAYS).map(float)),
        min_size=1,
        max_size=200,
    )
)
def test_counted_draws_are_a_law(days: list[float]) -> None:
    (law,) = line_distributions(
        [np.array(days)], [0.0], start=START, projection_end=END
    )
    assert law is not None
    assert law.n_draws == len(days)
    _is_a_law(law)


@EXAMPLES
@given(
    weights=st.lists(st.floats(0.001, 1.0), min_size=2, max_size=20),
    noise=st.integers(-2, 2),
)
def test_a_pool_of_certain_laws_is_certain(weights: list[float], noise: int) -> None:
    """In floats the weights of the pool sum to 1 or to its neighbours."""
    shares = np.array(weights) / sum(weights) * (1 + noise * 2 * ULP)
    sure = CrossingDistribution.exact(START, np.ones(DAYS + 1), p_never=0.0)
    never = CrossingDistribution.exact(START, np.zeros(DAYS + 1), p_never=1.0)
    for one in (sure, never):
        pooled = mixture([(one, float(share)) for share in shares])
        _is_a_law(pooled)
        assert pooled.p_never == pytest.approx(one.p_never, abs=1e-12)


NEAR_CERTAIN = st.sampled_from(
    [0.0, -ULP, -2e-16, 1e-300, 1e-16, 0.5, 1 - 1e-12, 1 - ULP, 1.0, 1 + 2 * ULP]
)


@EXAMPLES
@given(
    gates=st.lists(NEAR_CERTAIN, min_size=1, max_size=9),
    needed=st.integers(1, 9),
    rho=st.one_of(st.just(0.0), st.floats(0.001, 0.999)),
)
def test_gates_that_are_as_good_as_certain_have_a_joint_probability(
    gates: list[float], needed: int, rho: float
) -> None:
    """The normal quantile of 1 + 2e-16 is NaN, and was the whole scenario's."""
    crossed = np.array(gates)[:, np.newaxis]
    needed = min(needed, len(gates))
    (found,) = joint_probability([(needed, crossed)], rho)
    assert 0 <= found <= 1
    certain = np.clip(np.rint(crossed / ULP) * ULP, 0.0, 1.0)
    (as_clipped,) = joint_probability([(needed, certain)], rho)
    assert found == pytest.approx(as_clipped, abs=1e-9)


def test_certain_gates_are_crossed_for_certain() -> None:
    """Nine of nine, whatever the sum of the factor's weights rounds to."""
    above = np.full((9, 1), 1 + 2 * ULP)
    for rho in np.linspace(0.0, 0.99, 100):
        (found,) = joint_probability([(9, above), (2, above)], float(rho))
        assert 1 - 1e-12 < found <= 1


@EXAMPLES
@given(data=st.data())
def test_levels_ahead_are_laws_that_only_rise(data: st.DataObject) -> None:
    grid = data.draw(grids())
    fits = data.draw(drifts(ceilings=grid))
    entry = benchmark(
        ceiling={
            "values": [ceiling for ceiling, _ in grid],
            "weights": [min(weight, 1.0) for _, weight in grid],
            "reason": "made up",
        }
    )
    only = scores([(date(2025, 6, 1), RECORD)])
    standing = Standing(Looks(series(entry=entry), only, only), START)
    laws = level_laws(standing, fits, Draws(1, 100), days=[30, 91, 365, 3000])
    assert laws is not None
    still = [replace(law, cdf=np.ones_like(law.cdf)) for law in laws]
    weights = {TrendFamily.DRIFT: 0.3, TrendFamily.LOGISTIC: 0.7}
    pools = [
        pool_levels({TrendFamily.DRIFT: law, TrendFamily.LOGISTIC: other}, weights)
        for law, other in zip(laws, still, strict=True)
    ]
    for ahead in (laws, pools):
        _are_laws_of_levels(ahead)


def _are_laws_of_levels(laws: Sequence[LevelLaw]) -> None:
    for law in laws:
        assert law.cdf[0] >= 0
        assert law.cdf[-1] == 1
        assert np.all(np.diff(law.cdf) >= 0)
        quantiles = law.score_quantile(np.array(QUANTILE_LEVELS))
        assert np.all(np.diff(quantiles) >= -1e-9)
    for sooner, later in pairwise(laws):
        assert np.all(later.cdf <= sooner.cdf)


def test_a_line_that_falls_lets_no_frontier_fall() -> None:
    """Its law a year ahead once stood behind that of a month ahead: no law."""
    points = [(date(2025, 1 + k, 1), 0.5 - 0.02 * k) for k in range(6)]
    figures = scores(points)
    entry = benchmark(trends=["drift", "quantile"])
    falling = TREND_FITS.frame(
        [
            {
                "series_id": "test",
                "trend": "logistic",
                "fit_status": "fitted",
                "ceiling": 1.0,
                "ceiling_weight": 1.0,
                "epoch_date": date(2025, 4, 1),
                "intercept": -0.2,
                "intercept_se": 0.1,
                "slope_per_year": -1.0,
                "slope_per_year_se": 0.2,
                "intercept_slope_cov": 0.0,
                "df": 4.0,
            }
        ]
    )
    standing = Standing(Looks(series(entry=entry), figures, figures.head(1)), START)
    laws = level_laws(standing, falling, Draws(1, 100), days=[30, 365, 1000])
    assert laws is not None
    _are_laws_of_levels(laws)


@pytest.mark.parametrize(
    ("cdf", "p_never"),
    [
        ([0.1, 0.6, 0.5], 0.0),
        ([0.1, 0.6, 1.01], 0.0),
        ([-0.01, 0.6, 0.9], 0.0),
        ([0.1, 0.6, 0.9], 0.2),
        ([0.1, 0.6, 0.9], -0.01),
        ([0.1, np.nan, 0.9], 0.0),
        ([0.1, 0.6, 0.9], np.nan),
    ],
    ids=[
        "falls",
        "above 1",
        "below 0",
        "sums above 1",
        "never < 0",
        "NaN",
        "NaN never",
    ],
)
def test_what_is_no_law_is_refused(cdf: list[float], p_never: float) -> None:
    with pytest.raises(ValueError, match=r"no law of a date|no probabilities"):
        CrossingDistribution.exact(START, np.array(cdf), p_never=p_never)


def test_what_is_no_probability_is_refused_by_the_copula() -> None:
    for wrong in (1.001, -0.001, np.nan):
        with pytest.raises(ValueError, match="no probabilities"):
            joint_probability([(1, np.array([[0.5], [wrong]]))], 0.3)
