"""Ceilings: the bins that fits are made in, what they allow and what they rule out."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betainc

from tests.ceiling_histories import Points, below, bins_of, judged, rising, told
from tests.figures import benchmark, positive, scores, series
from trends.crossings.reach import reach
from trends.fits.ceiling_evidence import Evidence, evidence_of
from trends.fits.ceilings import (
    BEFORE,
    JUDGED_WITHIN,
    N_BINS,
    CeilingBin,
    ceilings_of,
    weigh,
)
from trends.fits.links import Floats, Link

# ------------------------------------------------------------------------ bins

HISTORIES: Mapping[str, tuple[float, Points]] = {
    "steady": (0.9, rising(0.1, 0.2, 0.35, 0.5, 0.62)),
    "early": (0.95, rising(0.05, 0.09, 0.16)),
    "plateau": (0.9, rising(0.3, 0.5, 0.62, 0.66, 0.67, 0.675)),
    "near the top": (0.97, rising(0.5, 0.8, 0.9, 0.93)),
    "judged nearly perfect": (0.99, rising(0.2, 0.4, 0.6)),
    "judged low": (0.6, rising(0.2, 0.3, 0.4)),
    "one score": (0.9, rising(0.5)),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_bins_say_what_is_known_of_the_ceiling(name: str) -> None:
    mean, points = HISTORIES[name]
    bins = bins_of(judged(mean), points)
    assert 2 <= len(bins) <= N_BINS
    assert sum(one.weight for one in bins) == pytest.approx(1.0)
    assert sum(one.prior_weight for one in bins) == pytest.approx(1.0)
    for lower, higher in pairwise(bins):
        assert lower.high == higher.low
    evidence = evidence_of(series(entry=judged(mean)), scores(points))
    edges, after = _fine(mean, evidence)
    middles = (edges[1:] + edges[:-1]) / 2
    found = sum(one.weight * (one.ceiling or np.nan) for one in bins)
    assert found == pytest.approx(float(after @ middles), abs=0.002)
    bars = np.arange(0.01, 0.9901, 0.005)
    true = np.interp(bars, edges, np.append(0.0, np.cumsum(after)))
    assert below(bins, bars) == pytest.approx(true, abs=0.025)


@pytest.mark.parametrize("name", ["steady", "plateau"])
def test_bins_are_weighed_as_if_judged_otherwise_too(name: str) -> None:
    """At each cut as much lies below as in the posterior of the other judgement."""
    mean, points = HISTORIES[name]
    bins = bins_of(judged(mean), points)
    evidence = evidence_of(series(entry=judged(mean)), scores(points))
    cuts = np.array([one.high for one in bins], dtype=float)
    for place, other in enumerate((mean, mean - JUDGED_WITHIN, mean + JUDGED_WITHIN)):
        edges, _, after = weigh(other, evidence)
        true = np.interp(cuts, edges[1:], np.cumsum(after) / after.sum())
        found = np.cumsum([one.weights[place] for one in bins])
        assert found == pytest.approx(true, abs=1e-9)


def test_a_judgement_near_an_end_moves_at_most_halfway_there() -> None:
    bins = bins_of(judged(0.996), rising(0.2, 0.4, 0.6))
    assert sum(one.weight_if_higher for one in bins) == pytest.approx(1.0)
    assert bins[-1].weight < bins[-1].weight_if_higher


def _fine(mean: float, evidence: Evidence) -> tuple[Floats, Floats]:
    """The posterior in cells of which each has a likelihood of its own."""
    edges = evidence.lowest + (1 - evidence.lowest) * np.linspace(0, 1, 3001) ** 2
    a, b = BEFORE.precision * mean, BEFORE.precision * (1 - mean)
    logs = evidence.log_likelihood((edges[1:] + edges[:-1]) / 2)
    power = BEFORE.power * min(1.0, (1 - max(evidence.scores)) / BEFORE.fade)
    masses = np.diff(betainc(a, b, edges)) * np.exp(power * (logs - logs.max()))
    return edges, masses / masses.sum()


def test_what_is_known_before_has_the_judgement_as_its_mean() -> None:
    evidence = told([0.0], [0.1], lowest=0.0)
    edges, before, after = weigh(0.83, evidence)
    assert before.sum() == pytest.approx(1.0)
    assert before == pytest.approx(after)
    middles = (edges[1:] + edges[:-1]) / 2
    assert float(before @ middles) == pytest.approx(0.83, abs=1e-3)
    variance = float(before @ middles**2) - 0.83**2
    assert variance == pytest.approx(0.83 * 0.17 / (BEFORE.precision + 1), abs=1e-3)


@pytest.mark.parametrize("name", HISTORIES)
def test_no_bar_stands_on_an_atom(name: str) -> None:
    mean, points = HISTORIES[name]
    bins = bins_of(judged(mean), points)
    bars = np.append(np.arange(0.05, 1.0, 0.05), [0.98, 0.99, mean])
    moved = below(bins, bars + 1e-6) - below(bins, bars - 1e-6)
    assert np.all(moved >= 0)
    assert np.all(moved < 0.005)


@pytest.mark.parametrize("name", HISTORIES)
def test_never_moves_smoothly_with_the_judgement(name: str) -> None:
    """By as much as is known moves, but for a little where a bin comes or goes."""
    mean, points = HISTORIES[name]
    means = mean + np.linspace(-0.01, 0.01, 21) * min(1.0, (1 - mean) / 0.02)
    bars = np.array([0.7, 0.8, 0.9, 0.95, 0.98])
    evidence = evidence_of(series(entry=judged(mean)), scores(points))
    said = np.array([below(bins_of(judged(one), points), bars) for one in means])
    known = []
    for one in means:
        edges, after = _fine(one, evidence)
        known.append(np.interp(bars, edges, np.append(0.0, np.cumsum(after))))
    extra = np.abs(np.diff(said, axis=0)) - np.abs(np.diff(known, axis=0))
    assert extra.max() < 0.01


@given(
    low=st.floats(0.05, 0.9),
    width=st.floats(0.005, 1.0),
    middle=st.floats(0.0, 1.0),
)
@settings(deadline=None, max_examples=150)
def test_what_lies_above_a_bar_falls_from_all_to_nothing(
    low: float, width: float, middle: float
) -> None:
    high = min(low + width, 1.0)
    one = CeilingBin(min(low + middle * (high - low), high), low, high)
    bars = np.linspace(0.0, 1.0, 401)
    shares, tops = one.above(bars)
    assert np.all(np.diff(shares) <= 1e-12)
    assert np.all(shares[bars <= low] == 1.0)
    assert np.all(shares[bars >= high] == 0.0)
    assert np.all(np.diff(tops[bars < high]) >= -1e-9)
    inside = (bars > low) & (bars < high)
    assert np.all(tops[inside] >= bars[inside])
    assert np.all(tops <= high)
    # a mean so close to an end that it is a point has a step there
    if 0.02 < middle < 0.98:
        ends, _ = one.above(np.array([low + 1e-9, high - 1e-9]))
        assert ends == pytest.approx([1.0, 0.0], abs=1e-4)


@given(middle=st.floats(0.05, 0.95))
@settings(deadline=None, max_examples=40)
def test_a_bin_has_its_mean_and_what_is_left_of_it_above_a_bar(middle: float) -> None:
    """Integrated from the shares: E[c | c > bar] = bar + int P(c > x) dx / P(c > bar)."""
    one = CeilingBin(0.4 + 0.5 * middle, 0.4, 0.9)
    for bar in (0.4, 0.55, 0.8):
        area = quad(lambda x: one.above(np.array([x]))[0][0], bar, 0.9, limit=200)[0]
        share, top = (float(found[0]) for found in one.above(np.array([bar])))
        if share > 1e-6:
            assert top == pytest.approx(bar + area / share, abs=1e-5)


# ----------------------------------------------------- what the record rules out


def test_a_ceiling_below_the_best_scores_lower_bound_is_ruled_out() -> None:
    """0.9 of 200 items: the lower 95% bound is 0.9 - 1.96 x 0.0211 = 0.859."""
    bins = bins_of(judged(0.8), rising(0.3, 0.6, 0.9))
    assert bins[0].low == pytest.approx(0.859, abs=0.001)
    assert below(bins, np.array([0.858])) == pytest.approx(0.0, abs=1e-12)


def test_a_ceiling_just_below_the_best_score_may_be_noise_and_stays() -> None:
    """Of 200 items 0.82 has the lower 95% bound 0.766."""
    bins = bins_of(judged(0.8), rising(0.3, 0.6, 0.82))
    assert 0.001 < below(bins, np.array([0.82]))[0] < 0.5


def test_where_the_record_rules_out_every_ceiling_what_is_left_is_one() -> None:
    perfect = scores([*rising(0.5), (date(2024, 6, 1), 1.0)])
    entry = judged(0.3, n_items=None)
    assert ceilings_of(series(entry=entry), perfect) == [CeilingBin(1.0, 1.0, 1.0)]


@pytest.mark.parametrize("n_items", [500, None])
def test_an_interval_without_width_rules_out_no_ceiling(n_items: int | None) -> None:
    """97% of 500 items, or of the 100 trials that the others are worth, may be 96%."""
    day, later = date(2024, 1, 1), date(2024, 6, 1)
    rows = pl.concat(
        [
            scores([(day, 0.2)], columns={"standard_error": 0.04}),
            scores([(later, 0.97)], columns={"ci_low": 0.97, "ci_high": 0.97}),
        ]
    )
    bins = ceilings_of(series(entry=judged(0.97, n_items=n_items)), rows)
    assert (bins[0].low or 1.0) < 0.957


def test_a_judgement_of_one_leaves_nothing_to_find_out() -> None:
    plateau = rising(0.3, 0.6, 0.66, 0.67, 0.67)
    assert bins_of(judged(1.0), plateau) == [CeilingBin(1.0, 1.0, 1.0)]


def test_scores_without_a_bound_have_one_bin_without_a_ceiling() -> None:
    (only,) = bins_of(positive(), rising(5.0, 20.0, 90.0))
    assert (only.ceiling, only.low, only.high, only.weight) == (None, None, None, 1.0)
    assert only.above(np.array([1e9]))[0] == 1.0


# --------------------------------------------------------------- what scores say


def test_a_plateau_speaks_for_a_ceiling_and_a_steady_rise_against_it() -> None:
    """By 1,000 items: of a hundred, seven scores leave both open."""
    levels = -np.log(-np.log(0.1)) + 0.3 * np.arange(7)
    steady = np.exp(-np.exp(-levels))
    plateau = [*steady[:4], *(steady[3] + 0.012 * np.arange(1, 4))]
    bar, moved = 0.8, {}
    for name, values in (("steady", steady), ("plateau", plateau)):
        of = series(entry=judged(0.85, n_items=1000))
        edges, before, after = weigh(0.85, evidence_of(of, scores(rising(*values))))
        said = [
            np.interp(bar, edges[1:], np.cumsum(one) / one.sum())
            for one in (before, after)
        ]
        moved[name] = said[1] - said[0]
        assert below(ceilings_of(of, scores(rising(*values))), np.array([bar])) == (
            pytest.approx(said[1], abs=0.02)
        )
    assert moved["plateau"] > 0.05
    assert moved["steady"] < -0.05


def test_scores_after_the_closing_day_say_nothing() -> None:
    closed = {"observed_through": date(2024, 1, 1)}
    seen = rising(0.2, 0.35, 0.5)
    late = [(date(2024, 2 + i, 1), 0.5 + 0.002 * i) for i in range(6)]
    bars = np.array([0.6, 0.8, 0.9])
    alone = below(bins_of(judged(0.9, **closed), seen), bars)
    both = below(bins_of(judged(0.9, **closed), [*seen, *late]), bars)
    # but for the lowest ceiling, which a score rules out whenever it came
    assert both == pytest.approx(alone, abs=0.02)
    watched = below(bins_of(judged(0.9), [*seen, *late]), bars)
    assert np.all(watched > both + 0.04)
    only_late = bins_of(judged(0.9, **closed), late)
    assert [one.weight for one in only_late] == pytest.approx(
        [one.prior_weight for one in only_late]
    )


def test_a_day_to_which_scores_are_looked_at_hides_what_comes_later() -> None:
    points = rising(0.2, 0.3, 0.4, 0.5)
    of = series(entry=judged(0.9))
    until = evidence_of(of, scores(points), until=points[1][0])
    assert until.scores == (0.2, 0.3)


# ----------------------------------------------------------------------- reach


def _bin(low: float, mean: float, high: float) -> CeilingBin:
    return CeilingBin(mean, low, high, weight=0.5, prior_weight=0.5)


@given(
    low=st.floats(0.3, 0.9),
    width=st.floats(0.01, 0.5),
    middle=st.floats(0.02, 0.98),
    record=st.floats(0.02, 0.98),
    n_items=st.sampled_from([None, 40, 2000]),
)
@settings(deadline=None, max_examples=150)
def test_a_harder_bar_is_never_nearer_nor_easier_to_allow(
    low: float, width: float, middle: float, record: float, n_items: int | None
) -> None:
    high = min(low + width, 1.0)
    under = _bin(low, low + middle * (high - low), high)
    record *= high
    bars = np.unique(np.append(np.linspace(record, 1.0, 300), max(low, record)))
    levels, shares = reach(benchmark(n_items=n_items), under, bars, record)
    assert not np.isnan(levels).any()
    assert np.all(np.diff(levels[np.isfinite(levels)]) >= -1e-9)
    assert np.all(np.diff(shares) <= 1e-12)
    assert np.array_equal(np.isinf(levels), bars >= high)
    assert np.all(shares[bars >= high] == 0.0)


def test_a_bar_that_enters_the_ceilings_of_a_fit_does_not_leap() -> None:
    under = _bin(0.7, 0.8, 0.95)
    bars = np.array([0.7 - 1e-8, 0.7, 0.7 + 1e-8])
    levels, shares = reach(benchmark(n_items=None), under, bars, 0.5)
    assert np.ptp(levels) < 1e-5
    assert np.ptp(shares) < 1e-5


def test_a_row_of_an_earlier_run_has_a_single_ceiling() -> None:
    old = {"ceiling": 0.8, "ceiling_weight": 0.4}
    entry = benchmark(n_items=None)
    bars = np.array([0.6, 0.79, 0.8, 0.9])
    levels, shares = reach(entry, CeilingBin.of_row(old), bars, 0.5)
    assert shares.tolist() == [1.0, 1.0, 1.0, 0.0]
    single = Link.of(entry, 0.8).of_bars(bars)
    assert levels[:3] == pytest.approx(single[:3])
    assert np.isinf(levels[3])
    assert CeilingBin.of_row(old).weight == 0.4
