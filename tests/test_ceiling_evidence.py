"""What scores say of a ceiling: their likelihood, and how often the truth is in it."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import logsumexp, ndtr
from scipy.stats import chi2, norm

from tests.ceiling_histories import (
    below,
    bins_of,
    judged,
    level_of,
    rising,
    simulated,
    slope_of,
    told,
)
from trends.fits.ceiling_evidence import Evidence
from trends.fits.ceilings import Before, weigh
from trends.fits.links import Floats
from trends.fits.pace import SCATTERS, WANDERS, WIDE


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


def _joint(evidence: Evidence, ceiling: float) -> float:
    """Of differences to the first point, averaged over the grid of variances."""
    t = np.array(evidence.years)
    slopes = slope_of(np.array(evidence.scores[1:]), ceiling, evidence)
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
    levels = level_of(np.array(evidence.scores), ceiling, evidence)
    rises = levels - levels[0]

    def noise_at(place: int, score: float) -> float:
        error = evidence.errors[place] * float(slope_of(score, ceiling, evidence))
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
            lambda at, to=levels[0] + mean: level_of(at, ceiling, evidence) - to,
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
    slope = float(slope_of(0.4, ceiling, evidence(0.4)))
    variances = [
        2 * scatter
        + (0.03**2 + 0.05**2) * slope**2
        + wander * gap**3 / 3
        + WIDE.variance * gap**2
        for scatter in SCATTERS
        for wander in WANDERS
    ]
    rise = level_of(start, ceiling, evidence(0.4)) - level_of(
        0.4, ceiling, evidence(0.4)
    )
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
        ceiling, evidence = simulated(generator)
        if ceiling is None or evidence is None:
            continue
        edges, _, after = weigh(0.7, evidence, Before(4.0, power))
        mass = np.append(0.0, np.cumsum(after) / after.sum())
        found.append(float(np.interp(ceiling, edges, mass)))
    return np.array(found)


def _chi_square(ranks: Floats) -> float:
    counts = np.histogram(ranks, _RANKS, (0, 1))[0]
    even = len(ranks) / _RANKS
    return float(np.square(counts - even).sum() / even)
