"""Ceilings: what is known before, what scores say, and the bins that fits are made in."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import betainc, logsumexp, ndtr
from scipy.stats import beta, chi2, norm

from tests.figures import benchmark, positive, scores, series
from tests.small_world import small_world, trends
from trends.backtest.ceilings import (
    FADES,
    POWERS,
    PRECISIONS,
    CeilingLessons,
    PastCeiling,
    Resampled,
    by_pair_and_fade,
    learn_ceilings,
    past_ceilings,
)
from trends.crossings.reach import reach
from trends.fits.ceiling_evidence import Evidence, evidence_of
from trends.fits.ceilings import (
    BEFORE,
    JUDGED_WITHIN,
    N_BINS,
    Before,
    CeilingBin,
    ceilings_of,
    cell_logs,
    weigh,
)
from trends.fits.links import Floats, Link
from trends.fits.pace import SCATTERS, WANDERS, WIDE
from trends.registry import Benchmark

Points = list[tuple[date, float]]


def judged(mean: float, **changes: object) -> Benchmark:
    ceiling = {"values": [mean], "weights": [1.0], "reason": "test"}
    return benchmark(**({"ceiling": ceiling} | changes))


def rising(*values: float, days: int = 120) -> Points:
    """Scores so many days apart."""
    first = date(2023, 1, 1)
    return [(first + timedelta(days * i), value) for i, value in enumerate(values)]


def bins_of(entry: Benchmark, points: Points) -> list[CeilingBin]:
    return ceilings_of(series(entry=entry), scores(points))


def below(bins: list[CeilingBin], bars: Floats) -> Floats:
    """P(ceiling < bar), as crossings use it."""
    return np.asarray(1 - sum(one.weight * one.above(bars)[0] for one in bins))


def told(
    years: list[float],
    values: list[float],
    errors: list[float] | None = None,
    **changes: Any,
) -> Evidence:
    of: dict[str, Any] = {"floor": 0.0, "error": 0.02, "least": 0.002, "lowest": 0.05}
    of |= changes
    own = [of["error"]] * len(values) if errors is None else errors
    return Evidence(years=tuple(years), scores=tuple(values), errors=tuple(own), **of)


# ---------------------------------------------------------------- likelihood


def test_the_likelihood_is_that_of_joint_normals_and_the_slope_of_the_map() -> None:
    """Each point given all before it at once; the slope by differences."""
    years = [0.0, 0.3, 0.3, 0.9, 1.7, 2.0]
    evidence = told(
        years,
        [0.3, 0.42, 0.4, 0.55, 0.63, 0.66],
        errors=[0.05, 0.02, 0.06, 0.04, 0.05, 0.03],
        floor=0.1,
        error=0.03,
    )
    ceilings = np.array([0.6, 0.64, 0.66, 0.7, 0.85, 1.0])
    expected = [_joint(evidence, ceiling) for ceiling in ceilings]
    found = evidence.log_likelihood(ceilings)
    # the constant of the normal density is left out
    found -= (len(years) - 1) * np.log(2 * np.pi) / 2
    assert found == pytest.approx(expected, rel=0, abs=1e-7)


def _level(score: Floats | float, ceiling: float, evidence: Evidence) -> Floats:
    room = ceiling - evidence.floor
    left = evidence.error / room * np.logaddexp(0, (ceiling - score) / evidence.error)
    return np.asarray(-np.log(-np.log1p(-left)))


def _slope(score: Floats | float, ceiling: float, evidence: Evidence) -> Floats:
    """By five points, so that what is left is of order 4."""
    step = 1e-4
    one, two = (
        _level(score + far, ceiling, evidence) - _level(score - far, ceiling, evidence)
        for far in (step, 2 * step)
    )
    return np.asarray((8 * one - two) / (12 * step))


def _joint(evidence: Evidence, ceiling: float) -> float:
    """Of differences to the first point, averaged over the grid of variances."""
    t = np.array(evidence.years)
    slopes = _slope(np.array(evidence.scores[1:]), ceiling, evidence)
    early, late = np.minimum.outer(t, t), np.maximum.outer(t, t)
    walked = early**2 * (late / 2 - early / 6)  # of a slope that is a random walk
    logs = []
    for scatter in SCATTERS:
        for wander in WANDERS:
            drawn = walked * wander + WIDE.variance * np.outer(t, t)
            logs.append(_in_turn(evidence, ceiling, scatter, drawn))
    return float(logsumexp(logs) + np.log(np.abs(slopes)).sum())


def _in_turn(
    evidence: Evidence, ceiling: float, scatter: float, drawn: Floats
) -> float:
    """Each rise from the first point given the rises before, from their covariance."""
    levels = _level(np.array(evidence.scores), ceiling, evidence)
    rises = levels - levels[0]

    def noise_at(place: int, score: float) -> float:
        error = evidence.errors[place] * float(_slope(score, ceiling, evidence))
        return scatter + error**2

    noise = [noise_at(0, evidence.scores[0])]
    total = 0.0
    for place in range(1, len(levels)):
        before = slice(1, place)
        known = drawn[before, before] + noise[0] + np.diag(noise[1:])
        shared = drawn[place, before] + noise[0]
        weights = np.linalg.solve(known, shared) if place > 1 else shared
        mean = float(weights @ rises[before])
        variance = drawn[place, place] + noise[0] - weights @ shared
        expected = brentq(
            lambda at, to=levels[0] + mean: _level(at, ceiling, evidence) - to,
            0.1001,
            4,
        )
        noise.append(noise_at(place, expected))
        spread = np.sqrt(variance + noise[place])
        total += float(norm(mean, spread).logpdf(rises[place]))
    return total


@pytest.mark.parametrize("ceiling", [0.35, 0.41, 0.6, 1.0])
@pytest.mark.parametrize("gap", [0.1, 1.5])
def test_it_is_a_density_of_scores_also_where_the_ceiling_is_below(
    ceiling: float, gap: float
) -> None:
    """Above the share that is told from 0, whose mass stands for all below it."""
    start = 1e-4 * ceiling

    def evidence(score: float) -> Evidence:
        return told([0.0, gap], [0.4, score], errors=[0.03, 0.05], least=1e-12)

    def density(score: float) -> float:
        return float(np.exp(evidence(score).log_likelihood(np.array([ceiling]))[0]))

    ends = [start, 0.1, ceiling, ceiling + 0.2, 4.0]
    parts = [quad(density, *two, limit=400, epsabs=1e-7)[0] for two in pairwise(ends)]
    area = sum(parts) / np.sqrt(2 * np.pi) / (len(SCATTERS) * len(WANDERS))
    slope = float(_slope(0.4, ceiling, evidence(0.4)))
    variances = [
        2 * scatter
        + (0.03**2 + 0.05**2) * slope**2
        + wander * gap**3 / 3
        + WIDE.variance * gap**2
        for scatter in SCATTERS
        for wander in WANDERS
    ]
    rise = _level(start, ceiling, evidence(0.4)) - _level(0.4, ceiling, evidence(0.4))
    beyond = np.mean(ndtr(rise / np.sqrt(variances)))
    assert area + beyond == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.01])
def test_scores_smoother_than_their_errors_are_no_ceiling(noise: float) -> None:
    """Of 100 items each, on a curve to 1: errors of .05 that are hardly there."""
    random = np.random.default_rng(1)
    levels = np.linspace(-np.log(-np.log(0.05)), -np.log(-np.log(0.64)), 29)
    curve = np.exp(-np.exp(-levels))
    scattered = curve + noise * random.standard_normal(29)
    bins = bins_of(judged(0.95), rising(*scattered, days=30))
    assert below(bins, np.array([0.8]))[0] < 0.2


def test_a_single_score_says_nothing() -> None:
    bins = bins_of(judged(0.8), rising(0.4))
    assert [one.weight for one in bins] == pytest.approx(
        [one.prior_weight for one in bins]
    )


# --------------------------------------------------- simulation-based calibration

_SIMULATIONS = 400
_RANKS = 10


def test_the_truth_lies_anywhere_in_what_follows_of_it() -> None:
    """Simulation-based calibration (Talts et al. 2018): ranks of the truth are even.

    400 simulations in 10 ranks: chi-square with 9 degrees of freedom, which a right
    posterior passes with probability 0.999; the Monte Carlo error of a rank's share is
    1.5 points. A posterior of half the evidence, or of scores without the slope of the
    map, fails it.
    """
    found = _ranks(power=1.0)
    assert len(found) == _SIMULATIONS
    assert _chi_square(found) < chi2.ppf(0.999, _RANKS - 1)
    assert abs(found.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(found))


def test_ranks_show_evidence_that_is_not_believed() -> None:
    """The check can fail: a likelihood counted three times is too sure of itself."""
    assert _chi_square(_ranks(power=3.0)) > chi2.ppf(0.999, _RANKS - 1)


@cache
def _ranks(power: float) -> Floats:
    """Probability below the truth, as the posterior has it, of each simulation."""
    generator = np.random.default_rng(5)
    found: list[float] = []
    while len(found) < _SIMULATIONS:
        ceiling, evidence = _simulated(generator)
        if ceiling is None or evidence is None:
            continue
        edges, _, after = weigh(0.7, evidence, Before(4.0, power))
        mass = np.append(0.0, np.cumsum(after) / after.sum())
        found.append(float(np.interp(ceiling, edges, mass)))
    return np.array(found)


def _simulated(
    generator: np.random.Generator, mean: float = 0.7, precision: float = 4.0
) -> tuple[float | None, Evidence | None]:
    """A ceiling from the prior, and scores about the trend, each with its error.

    Scores that no ceiling tells from 0 are drawn again: what is left out depends on the
    scores alone, and so changes nothing of what follows of them.
    """
    lowest, error, least = 0.2, 0.01, 1e-6
    ceiling = generator.beta(precision * mean, precision * (1 - mean))
    if ceiling < lowest:
        return None, None
    years = np.sort(np.append(0.0, generator.uniform(0.0, 0.8, 7)))
    first = generator.uniform(0.1, 0.6)
    of_first = told([0.0], [first], error=error, least=least, lowest=lowest)
    scatter, wander = generator.choice(SCATTERS), generator.choice(WANDERS)

    def spread(score: float) -> float:
        slope = float(_slope(score, ceiling, of_first))
        return float(np.hypot(np.sqrt(scatter), error * slope))

    level = float(_level(first, ceiling, of_first)) + generator.normal(0, spread(first))
    slope, values = generator.normal(0, 3.0), [first]
    for gap in np.diff(years):
        kick = generator.multivariate_normal(
            [0, 0],
            wander * np.array([[gap**3 / 3, gap**2 / 2], [gap**2 / 2, gap]]),
            check_valid="ignore",
        )
        level, slope = level + gap * slope + kick[0], slope + kick[1]
        expected = _score(level, ceiling, error)
        seen = level + generator.normal(0, spread(max(expected, 0.001)))
        values.append(_score(seen, ceiling, error))
    if min(values) < 2 * least:
        return None, None
    evidence = told(years.tolist(), values, error=error, least=least, lowest=lowest)
    return float(ceiling), evidence


def _score(level: float, ceiling: float, error: float) -> float:
    """The score at a level, guessing at 0."""
    # log(1 - exp(-exp(-level))), which is what is left
    log_left = -level if level > 30 else np.log(-np.expm1(-np.exp(-level)))
    x = log_left + np.log(ceiling / error)
    distance = x if x < -30 else np.exp(x) + np.log(-np.expm1(-np.exp(x)))
    return float(ceiling - error * distance)


def _chi_square(ranks: Floats) -> float:
    counts = np.histogram(ranks, _RANKS, (0, 1))[0]
    even = len(ranks) / _RANKS
    return float(np.square(counts - even).sum() / even)


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


# ------------------------------------------------------- learning from other families


def _families(
    n: int, *, precision: float, seed: int, planted: float | None = None
) -> list[PastCeiling]:
    """Four scores known and four to come, of ceilings about their judgement.

    With ``planted`` the judgement is that, whatever the truth.
    """
    generator = np.random.default_rng(seed)
    found: list[PastCeiling] = []
    while len(found) < n:
        mean = generator.uniform(0.5, 0.9)
        ceiling, both = _simulated(generator, mean, precision)
        if ceiling is None or both is None:
            continue
        past = replace(
            both, years=both.years[:4], scores=both.scores[:4], errors=both.errors[:4]
        )
        said = by_pair_and_fade(
            planted or mean,
            *(cell_logs(one, both.lowest) for one in (past, both)),
            lowest=both.lowest,
            record=0.0,
        )
        name = f"family_{len(found)}"
        found.append(PastCeiling(name, name, date(2024, 1, 1), past.scores[-1], *said))
    return found


def test_the_precision_of_judgements_is_found_again() -> None:
    """120 families whose evidence is all that it claims to be, under two precisions."""
    for precision in (4.0, 25.0):
        found = learn_ceilings(_families(120, precision=precision, seed=3), seed=1)
        lesson = found.of_all
        assert lesson.precision.holds(precision), precision
        assert lesson.power.holds(1.0), precision
        assert lesson.n_families == lesson.n_forecasts == 120


def test_wrong_judgements_foretell_worse_and_are_trusted_less() -> None:
    right = _families(60, precision=25.0, seed=4)
    wrong = _families(60, precision=25.0, seed=4, planted=0.3)
    lost = np.mean([a.scores - b.scores for a, b in zip(right, wrong, strict=True)], 0)
    sure = PRECISIONS.index(25.0)
    assert np.all(lost[sure] > 0.05)
    trusted = learn_ceilings(wrong, seed=1).of_all.best.precision
    assert trusted < learn_ceilings(right, seed=1).of_all.best.precision


def test_a_family_counts_once_and_one_left_out_is_told() -> None:
    past = _families(12, precision=8.0, seed=6)
    alone = learn_ceilings(past, seed=1).of_all
    twice = [*past, *(replace(past[0], series_id=f"view_{i}") for i in range(5))]
    again = learn_ceilings(twice, seed=1).of_all
    assert again.gains == pytest.approx(alone.gains)
    assert (again.n_families, again.n_forecasts) == (12, 17)
    used = PRECISIONS.index(BEFORE.precision), POWERS.index(BEFORE.power)
    none = used[0], POWERS.index(0.0)
    gains = sorted(one.scores[used] - one.scores[none] for one in past)
    assert alone.gain.middle == pytest.approx(np.mean(gains))
    assert alone.least_gain == pytest.approx(np.mean(gains[:-1]))
    lowest, highest = alone.left_out
    pairs = []
    for one in past:
        left = learn_ceilings([other for other in past if other is not one], seed=1)
        pairs.append(left.of_all.best)
    assert lowest.precision == min(pair.precision for pair in pairs)
    assert highest.power == max(pair.power for pair in pairs)


def test_past_days_know_nothing_of_what_came_after_their_year() -> None:
    of = series(entry=judged(0.85))
    points = rising(0.1, 0.15, 0.22, 0.3, 0.36, 0.42, 0.5, 0.6, 0.66)
    found = {one.origin: one for one in past_ceilings(of, scores(points))}
    # the fourth score came on 2023-12-27, the last on 2025-08-18
    assert list(found) == [
        date(2024, 1, 1), date(2024, 7, 1), date(2025, 1, 1), date(2025, 7, 1),
    ]  # fmt: skip
    assert found[date(2024, 1, 1)].record == 0.3
    # new scores have the error that was known on the day, so that it is one density
    past = evidence_of(of, scores(points[:4]))
    later = evidence_of(of, scores(points[:7]))
    errors = (*past.errors, *later.errors[4:])
    both = replace(past, years=later.years, scores=later.scores, errors=errors)
    logs = (cell_logs(one, past.lowest) for one in (past, both))
    assert found[date(2024, 1, 1)].scores == pytest.approx(
        by_pair_and_fade(0.85, *logs, lowest=past.lowest, record=0.3)[0]
    )
    cut = [one for one in points if one[0] < date(2025, 1, 1)]
    earlier = {one.origin: one for one in past_ceilings(of, scores(cut))}
    first = date(2024, 1, 1)
    assert np.array_equal(found[first].scores, earlier[first].scores)
    assert not np.array_equal(
        found[date(2024, 7, 1)].scores, earlier[date(2024, 7, 1)].scores
    )
    assert past_ceilings(series(entry=judged(1.0)), scores(points)) == []
    assert past_ceilings(series(entry=positive()), scores(points)) == []


def test_what_was_foretold_is_the_density_of_the_new_scores_given_the_old() -> None:
    """By integrating over ceilings directly, without cells."""
    past = told([0.0, 0.4, 0.9], [0.2, 0.3, 0.36], lowest=0.3)
    both = told([0.0, 0.4, 0.9, 1.3], [0.2, 0.3, 0.36, 0.45], lowest=0.3)
    logs = [cell_logs(one, 0.3) for one in (past, both)]
    pairs, fades = by_pair_and_fade(0.8, *logs, lowest=0.3, record=0.85)
    ceilings = 0.3 + 0.7 * (np.arange(4000) + 0.5) / 4000
    one, two = (of.log_likelihood(ceilings) for of in (past, both))

    def expected(precision: float, power: float) -> float:
        prior = beta.logpdf(ceilings, precision * 0.8, precision * 0.2)
        weights = prior + power * one
        return float(logsumexp(weights + two - one) - logsumexp(weights))

    left = 0.15 / BEFORE.fade
    for i, precision in ((0, PRECISIONS[0]), (-1, PRECISIONS[-1])):
        for j, power in ((0, 0.0), (-1, left)):
            assert pairs[i, j] == pytest.approx(expected(precision, power), abs=0.01)
    for fade, said in zip(FADES, fades, strict=True):
        power = BEFORE.power * (min(1.0, 0.15 / fade) if fade else 1.0)
        assert said == pytest.approx(expected(BEFORE.precision, power), abs=0.01)


def test_near_the_top_a_plateau_says_less_and_at_it_nothing() -> None:
    before = Before(6.0, 0.8, fade=0.4)
    said = [before.power_at(one) for one in (0.1, 0.6, 0.8, 0.9, 1.0, 1.01)]
    assert said == pytest.approx([0.8, 0.8, 0.4, 0.2, 0.0, 0.0])
    assert Before(6.0, 0.8).power_at(0.99) == 0.8
    years, values = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.5, 0.7, 0.8, 0.81, 0.812, 0.814]
    plateau = told(years, values, lowest=0.78)
    moved = []
    for fade in (0.0, 0.3, 0.9):
        edges, prior, after = weigh(0.9, plateau, Before(6.0, 0.7, fade))
        low, known = (
            np.interp(0.85, edges[1:], np.cumsum(of) / of.sum())
            for of in (after, prior)
        )
        moved.append(low - known)
    assert moved[0] > moved[1] > moved[2] > 0.0


def test_the_verdict_says_when_forecasts_use_what_families_speak_against() -> None:
    within = Resampled(6.0, 4.0, 12.0)
    few = learn_ceilings(_families(5, precision=8.0, seed=6), seed=1)
    assert few.verdict.startswith("Too few families to tell, 5 where 10 can")
    lesson = replace(few.of_all, n_families=10)
    right = replace(
        lesson,
        precision=within,
        power=Resampled(0.7, 0.3, 1.0),
        fade=Resampled(0.3, 0.1, 0.5),
    )
    fine = CeilingLessons({"all": right})
    assert fine.verdict.endswith("which these families do not speak against.")
    for name in ("precision", "power", "fade"):
        off = replace(right, **{name: Resampled(30, 25, 50)})  # type: ignore[arg-type]
        assert "WHICH IS OUTSIDE" in CeilingLessons({"all": off}).verdict


def test_the_command_prints_tables_and_json(tmp_path: Path) -> None:
    workspace = small_world(tmp_path)
    done = trends(workspace, "ceilings", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert next(iter(said)) == "verdict"
    every = said["by_height"]["all"]
    assert every["n_families"] == 1
    assert np.array(every["gains"]).shape == (len(PRECISIONS), len(POWERS))
    assert said["used"] == vars(BEFORE)
    text = trends(workspace, "ceilings", COLUMNS="80").stdout
    assert " ".join(text.split()).startswith(said["verdict"])
    assert said["verdict"].startswith("Too few families to tell, 1 where 10 can")
    assert max(map(len, text.splitlines())) <= 80
    registry = workspace.registry / "benchmarks.yaml"
    certain = "{values: [1.0], weights: [1.0]"
    doubted = "{values: [0.9, 0.97], weights: [0.5, 0.5]"
    registry.write_text(registry.read_text().replace(doubted, certain))
    nothing = trends(workspace, "ceilings")
    assert nothing.returncode == 6, nothing.stdout
    assert "ceiling is in doubt" in nothing.stderr
