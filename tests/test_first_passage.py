"""First passage with uncertain drift: against known laws, integrals and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from trends.crossings import first_passage
from trends.crossings.day_curves import DayCurves, day_knots
from trends.crossings.first_passage import (
    first_passage_cdf,
    never_probability,
    record_cdf,
    record_exceedance,
    walk_cdfs,
)
from trends.fits.links import Floats
from trends.fits.walks import WalkLaw


def _known_drift_cdf(h: float, *, a: float, b: float, sigma2: float) -> float:
    """The inverse Gaussian law with defect, written as in the textbook."""
    root = np.sqrt(sigma2 * h)
    return float(
        stats.norm.cdf((b * h - a) / root)
        + np.exp(2 * a * b / sigma2) * stats.norm.cdf((-b * h - a) / root)
    )


@pytest.mark.parametrize("b", [-0.7, 0.4, 2.1])
def test_with_known_drift_it_is_the_textbook_law(b: float) -> None:
    years = np.array([0.3, 1.0, 4.0])
    found = first_passage_cdf(
        years, distance=1.3, drift=b, drift_variance=0.0, variance_per_year=0.6
    )
    expected = [_known_drift_cdf(h, a=1.3, b=b, sigma2=0.6) for h in years]
    assert found == pytest.approx(expected, rel=1e-12)


def test_with_known_positive_drift_scipy_agrees() -> None:
    """First passage at a with drift b is inverse Gaussian: mean a/b, shape a^2/s^2."""
    a, b, sigma2 = 1.3, 0.9, 0.5
    mean, shape = a / b, a**2 / sigma2
    reference = stats.invgauss(mean / shape, scale=shape)
    years = np.array([0.5, 1.5, 3.0])
    found = first_passage_cdf(
        years, distance=a, drift=b, drift_variance=0.0, variance_per_year=sigma2
    )
    assert found == pytest.approx(reference.cdf(years), rel=1e-10)


@pytest.mark.parametrize("drift", [-0.5, 0.2, 1.8])
def test_uncertain_drift_is_the_average_over_drifts(drift: float) -> None:
    h, a, variance, sigma2 = 2.5, 1.1, 0.36, 0.7
    found = first_passage_cdf(
        np.array([h]),
        distance=a,
        drift=drift,
        drift_variance=variance,
        variance_per_year=sigma2,
    )[0]
    expected, _ = integrate.quad(
        lambda b: (
            _known_drift_cdf(h, a=a, b=b, sigma2=sigma2)
            * stats.norm.pdf(b, drift, np.sqrt(variance))
        ),
        drift - 6,
        drift + 6,
    )
    assert found == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("drift", [-0.8, 0.3])
def test_never_is_the_average_over_falling_drifts(drift: float) -> None:
    a, variance, sigma2 = 0.9, 0.25, 0.7
    law = {
        "distance": a,
        "drift": drift,
        "drift_variance": variance,
        "variance_per_year": sigma2,
    }
    expected, _ = integrate.quad(
        lambda b: -np.expm1(2 * a * b / sigma2) * stats.norm.pdf(b, drift, 0.5), -8, 0
    )
    assert never_probability(**law) == pytest.approx(expected, rel=1e-7)
    at_the_end = first_passage_cdf(np.array([1e9]), **law)[0]
    assert at_the_end + never_probability(**law) == pytest.approx(1.0, abs=1e-6)


def test_never_with_known_drift() -> None:
    assert never_probability(
        distance=0.9, drift=-0.4, drift_variance=0.0, variance_per_year=0.7
    ) == pytest.approx(1 - np.exp(2 * 0.9 * -0.4 / 0.7))
    assert (
        never_probability(
            distance=0.9, drift=0.4, drift_variance=0.0, variance_per_year=0.7
        )
        == 0.0
    )


def test_a_bar_out_of_reach_is_never_crossed() -> None:
    law = {"drift": 2.0, "drift_variance": 0.1, "variance_per_year": 0.5}
    years = np.array([0.0, 5.0, 500.0])
    assert first_passage_cdf(years, distance=np.inf, **law).tolist() == [0, 0, 0]
    assert never_probability(distance=np.inf, **law) == 1.0


def test_a_far_bar_with_much_uncertainty_does_not_overflow() -> None:
    """The naive exponential here is exp(2e4): infinite, times an underflowing Phi."""
    found = first_passage_cdf(
        np.array([1.0, 25.0]),
        distance=12.0,
        drift=2.0,
        drift_variance=1.5,
        variance_per_year=0.15,
    )
    assert np.all(np.isfinite(found))
    assert 0 < found[0] < found[1] < 1


@given(
    distance=st.floats(0.01, 20),
    drift=st.floats(-4, 6),
    drift_variance=st.floats(0, 4),
    variance_per_year=st.floats(0.05, 5),
)
def test_the_law_rises_within_its_mass(
    distance: float, drift: float, drift_variance: float, variance_per_year: float
) -> None:
    law = {
        "distance": distance,
        "drift": drift,
        "drift_variance": drift_variance,
        "variance_per_year": variance_per_year,
    }
    cdf = first_passage_cdf(np.linspace(0, 40, 200), **law)
    never = never_probability(**law)
    assert cdf[0] < 1e-9
    assert np.all(np.diff(cdf) >= 0)
    assert cdf[-1] + never <= 1 + 1e-9


def test_simulated_walks_cross_as_often_as_the_law_says() -> None:
    """20,000 walks on a fine grid; discreteness is corrected after Broadie et al.

    Watching a walk every dt misses crossings between; moving the bar up by
    0.5826 sigma sqrt(dt) makes up for it (Broadie, Glasserman and Kou 1997).
    """
    generator = np.random.default_rng(7)
    n, dt, sigma2 = 20_000, 0.01, 0.8
    drifts = generator.normal(0.6, 0.4, n)
    position = np.zeros(n)
    highest = np.zeros(n)
    for _ in range(200):
        position += drifts * dt + generator.normal(0, np.sqrt(sigma2 * dt), n)
        highest = np.maximum(highest, position)
    reached = float(np.mean(highest >= 1.0 - 0.5826 * np.sqrt(sigma2 * dt)))
    expected = first_passage_cdf(
        np.array([2.0]),
        distance=1.0,
        drift=0.6,
        drift_variance=0.16,
        variance_per_year=sigma2,
    )[0]
    monte_carlo_error = np.sqrt(expected * (1 - expected) / n)
    assert reached == pytest.approx(expected, abs=4 * monte_carlo_error)


def _law(drift: float) -> WalkLaw:
    return WalkLaw(
        depths=np.array([-0.4, -0.1]),
        weights=np.array([0.3, 0.7]),
        drifts=np.array([drift, drift + 0.2]),
        drift_variance=0.2,
        variance_per_year=0.5,
        own_weight=1.0,
    )


def test_walks_that_stand_more_than_once_are_worked_out_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each row is that of its walk alone; no walk reaches a bar above the ceiling."""
    slow, fast = _law(0.1), _law(0.9)
    walks = [(slow, 1.0), (fast, 1.0), (slow, 1.0), (fast, np.inf), (slow, 2.0)]
    alone = [record_cdf(*walk, n_days=900) for walk in walks]
    asked: list[float] = []

    def counted(law: WalkLaw, rises: Floats, *, years: Floats) -> Floats:
        asked.extend(rises)
        return worked_out(law, rises, years=years)

    worked_out = record_exceedance
    monkeypatch.setattr(first_passage, "record_exceedance", counted)
    cdfs, nevers = walk_cdfs(walks, day_knots(900))
    assert asked == [1.0, 1.0, np.inf, 2.0]
    for row, never, (cdf, p_never) in zip(cdfs, nevers, alone, strict=True):
        assert (DayCurves.through(900, row).each_day() == cdf).all()
        assert never == p_never
    assert (cdfs[3] == 0).all()
    assert nevers[3] == pytest.approx(1.0)
