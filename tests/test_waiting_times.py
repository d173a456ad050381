"""How long a record stands: the law, what it is learned from, and whether it holds."""

from dataclasses import astuple

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.integrate import quad
from scipy.stats import gamma

from trends.fits.waiting import (
    Stands,
    WaitingLaw,
    Watched,
    fit_waiting,
    likeliest_rates,
)

NOW = 3.0


def _simulate(
    generator: np.random.Generator,
    n_series: int,
    *,
    rate: float,
    dispersion: float,
    power: float,
    years: float = NOW,
) -> list[tuple[float, Stands, float]]:
    """For each series its rate, what it shows by ``years``, and its next record's day."""
    found = []
    for _ in range(n_series):
        own = rate * generator.gamma(1 / dispersion, dispersion)
        times = [0.0]
        while times[-1] <= years:
            times.append(times[-1] + (generator.exponential() / own) ** (1 / power))
        found.append((own, Stands.of(np.array(times[:-1]), years), times[-1]))
    return found


def test_only_recent_time_counts() -> None:
    """Of records at 0, 1 and 2 seen until 3: half a year of the second, all since."""
    stands = Stands.of(np.array([0.0, 1.0, 2.0]), 3.0)
    assert stands.from_age.tolist() == [0.5]
    assert stands.to_age.tolist() == [1.0]
    assert (stands.silent_from, stands.silent_years) == (0.0, 1.0)
    assert stands.exposures(np.array([1.0, 2.0])).tolist() == [1.5, 1.75]


def test_an_old_record_counts_from_where_recent_time_begins() -> None:
    stands = Stands.of(np.array([0.0]), 4.0)
    assert stands.n == 0
    assert (stands.silent_from, stands.silent_years) == (2.5, 4.0)
    assert float(stands.exposures(np.array(1.0))) == 1.5


@pytest.mark.parametrize("power", [0.7, 1.0, 1.6])
@pytest.mark.parametrize("years", [0.1, 1.0, 7.0])
def test_the_law_is_the_hazard_averaged_over_rates(power: float, years: float) -> None:
    """Survival of an old record under each rate, integrated over their gamma law."""
    law = WaitingLaw(shape=3.5, exposure=1.2, power=power, silent_years=0.8)
    more = (0.8 + years) ** power - 0.8**power

    def stands(rate: float) -> float:
        survives = np.exp(-rate * more)
        return float(survives * gamma.pdf(rate, 3.5, scale=1 / 1.2))

    standing, _ = quad(stands, 0, np.inf)
    assert float(law.p_record(np.array(years))) == pytest.approx(1 - standing, rel=1e-8)


def test_a_poisson_process_forgets_how_old_the_record_is() -> None:
    young, old = (WaitingLaw(4.0, 1.0, 1.0, silent) for silent in (0.0, 2.0))
    times = np.array([0.25, 1.0])
    np.testing.assert_allclose(young.p_record(times), old.p_record(times))


@pytest.mark.parametrize("power", [1.0, 1.5])
def test_the_age_of_a_record_is_that_of_a_simulated_one(power: float) -> None:
    """At times spread over 200,000 waits; a Poisson process has age 1/rate."""
    law = WaitingLaw(shape=6.0, exposure=1.5, power=power, silent_years=0.0)
    generator = np.random.default_rng(2)
    waits = (generator.exponential(size=200_000) / 4.0) ** (1 / power)
    ends = np.cumsum(waits)
    times = generator.uniform(0, ends[-1], 200_000)
    places = np.searchsorted(ends, times)
    ages = times - (ends[places] - waits[places])
    mean, variance = law.age
    assert mean == pytest.approx(ages.mean(), rel=0.02)
    assert variance == pytest.approx(ages.var(), rel=0.04)


def test_regular_records_fall_due() -> None:
    young, old = (WaitingLaw(4.0, 1.0, 1.5, silent) for silent in (0.0, 1.0))
    soon = np.array(0.25)
    assert float(old.p_record(soon)) > float(young.p_record(soon))


def test_nothing_is_learned_where_no_record_fell() -> None:
    assert fit_waiting(Watched.of([Stands.of(np.array([0.0]), 2.0)])) == [None]


def test_the_mean_rate_is_that_of_a_negative_binomial_regression() -> None:
    """statsmodels: counts with a known dispersion and the exposure as an offset."""
    n = np.array([0.0, 3.0, 7.0, 2.0, 11.0])
    years = np.array([1.5, 0.4, 1.5, 0.9, 1.2])
    for dispersion in (0.05, 0.8):
        (found,) = likeliest_rates(n, years[:, np.newaxis], np.array([dispersion]))
        family = sm.families.NegativeBinomial(alpha=dispersion)
        model = sm.GLM(n, np.ones((5, 1)), family=family, exposure=years)
        assert np.log(found[0]) == pytest.approx(model.fit(tol=1e-12).params[0])


def test_waits_of_several_sets_are_those_of_each_alone() -> None:
    """One of them without a record."""
    generator = np.random.default_rng(3)
    shown = [
        one
        for _, one, _ in _simulate(generator, 9, rate=3.0, dispersion=0.5, power=1.2)
    ]
    shown.append(Stands.of(np.array([0.0]), 2.0))
    kept = np.ones((3, 10), dtype=bool)
    kept[1, :4], kept[2, :9] = False, False
    *found, nobody = fit_waiting(Watched.of(shown), kept)
    assert nobody is None
    for learned, there in zip(found, kept[:2], strict=True):
        (alone,) = fit_waiting(Watched.of([shown[k] for k in np.flatnonzero(there)]))
        assert learned is not None
        assert alone is not None
        assert astuple(learned) == pytest.approx(astuple(alone), rel=1e-12)
    assert found[0] != found[1]


def test_records_at_even_steps_are_no_poisson_process() -> None:
    (found,) = fit_waiting(Watched.of([Stands.of(np.arange(0, 3.1, 0.25), 3.1)] * 5))
    assert found is not None
    assert found.power > 1.5


def test_what_was_simulated_is_found_again() -> None:
    """From 600 series; standard errors are about 3%, 15% and 2%."""
    generator = np.random.default_rng(20261127)
    world = _simulate(generator, 600, rate=4.0, dispersion=0.4, power=1.3)
    (found,) = fit_waiting(Watched.of([shown for _, shown, _ in world]))
    assert found is not None
    assert found.rate == pytest.approx(4.0, rel=0.12)
    assert found.dispersion == pytest.approx(0.4, rel=0.4)
    assert found.power == pytest.approx(1.3, abs=0.08)


@pytest.mark.parametrize("power", [1.0, 1.4])
@pytest.mark.parametrize("dispersion", [0.05, 1.0])
def test_a_panel_of_the_real_size_says_how_many_records_stand(
    power: float, dispersion: float
) -> None:
    """60 families at a time: shares said and come differ by the Monte Carlo error.

    Its standard error over 20 panels is 1.3 points at most.
    """
    generator = np.random.default_rng(7)
    ahead = np.array([0.25, 0.5, 1.0])
    said, came = [], []
    for _ in range(20):
        world = _simulate(generator, 60, rate=4.0, dispersion=dispersion, power=power)
        (learned,) = fit_waiting(Watched.of([shown for _, shown, _ in world]))
        assert learned is not None
        for _, shown, following in world:
            said.append(learned.given(shown).p_record(ahead))
            came.append(following <= NOW + ahead)
    np.testing.assert_allclose(np.mean(said, axis=0), np.mean(came, axis=0), atol=0.035)
