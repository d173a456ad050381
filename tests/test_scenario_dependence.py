"""How gates hang together: the copula, and the correlation that was fitted.

Every joint probability is held against arithmetic, enumeration or draws that this file
makes itself.
"""

from itertools import product
from math import prod

import numpy as np
import pytest
from scipy import stats

from tests.scenario_cases import AS_OF, DAY, THREE, cases, p_by, scenario
from trends.automation.dependence import FittedDependence, at_least, joint_probability
from trends.automation.rows import automation_row


@pytest.mark.parametrize("rho", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_the_copula_leaves_every_marginal_as_it_is(rho: float) -> None:
    marginal = np.array([[0.0, 1e-9, 0.01, 0.3, 0.5, 0.97, 1.0]])
    found = joint_probability([(1, marginal)], rho)
    np.testing.assert_allclose(found, marginal[0], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.9])
def test_a_gate_beside_others_that_are_certain_keeps_its_law(rho: float) -> None:
    ours = np.array([0.05, 0.4, 0.8])
    gates = np.array([np.ones(3), ours, np.ones(3)])
    found = joint_probability([(3, gates)], rho)
    np.testing.assert_allclose(found, ours, rtol=1e-9)


def test_without_correlation_all_of_is_the_product() -> None:
    first, second = np.array([[0.3, 0.6], [0.7, 0.9]]), np.array([[0.2, 0.5]])
    found = joint_probability([(2, first), (1, second)], 0.0)
    np.testing.assert_allclose(found, [0.3 * 0.7 * 0.2, 0.6 * 0.9 * 0.5], rtol=1e-15)


def test_towards_correlation_1_all_of_is_the_least_likely_gate() -> None:
    """The maximum of quantile-matched dates is crossed when the slowest is."""
    gates = np.array([[0.3, 0.6, 0.95], [0.7, 0.5, 0.99], [0.4, 0.8, 0.9]])
    found = joint_probability([(3, gates)], 0.9999)
    np.testing.assert_allclose(found, gates.min(axis=0), atol=0.006)


@pytest.mark.parametrize("rho", [0.3, 0.69, 0.9])
def test_two_of_three_in_one_dimension_and_one_more_is_what_draws_give(
    rho: float,
) -> None:
    """400,000 draws: the standard error of a probability is at most 0.0008."""
    gates = np.array([[0.3], [0.55], [0.8]])
    other = np.array([[0.45]])
    rng = np.random.default_rng(20261122)
    n = 400_000
    factor = rng.standard_normal((n, 1))
    normals = np.sqrt(rho) * factor + np.sqrt(1 - rho) * rng.standard_normal((n, 4))
    crossed = normals <= stats.norm.ppf([0.3, 0.55, 0.8, 0.45])
    drawn = np.mean((crossed[:, :3].sum(axis=1) >= 2) & crossed[:, 3])
    found = joint_probability([(2, gates), (1, other)], rho)[0]
    assert found == pytest.approx(drawn, abs=4 * 0.0008)


@pytest.mark.parametrize("rho", [-0.1, 1.0])
def test_a_correlation_that_no_factor_carries_is_refused(rho: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        joint_probability([(1, np.array([[0.5]]))], rho)


FITTED = FittedDependence(
    (6.0, 12.0, 18.0), (0.16, 0.69, 0.6), (0.0, 0.5, 0.3), (0.4, 0.8, 0.9), "0123"
)


def test_rho_is_linear_between_lead_times_and_held_beyond_the_longest() -> None:
    assert FITTED.at(9.0).value == pytest.approx((0.16 + 0.69) / 2)
    assert FITTED.at(2.0).value == 0.16
    longest = FITTED.at(60.0)
    assert (longest.value, longest.low, longest.high) == (0.6, 0.3, 0.9)
    assert longest.lead_time_months == 18.0
    assert FITTED.at(None) == longest


def test_values_that_rho_may_have_are_linear_between_lead_times_too() -> None:
    fitted = FittedDependence(
        (6.0, 12.0), (0.1, 0.3), (0, 0), (1, 1), "0123", ((0.0, 0.2), (0.1, 0.6))
    )
    assert fitted.at(9.0).values == pytest.approx((0.05, 0.4))
    assert fitted.at(60.0).values == (0.1, 0.6)
    assert FITTED.at(60.0).values == (0.6,)


def test_a_scenario_is_averaged_over_what_rho_may_be() -> None:
    """Neither the law at the median nor at the mean of what it may be."""
    likely = (0.0, 0.05, 0.95)
    fitted = FittedDependence((12.0,), (0.05,), (0,), (0.9,), "0123", (likely,))
    found = cases(THREE, scenario("abc"), fitted=fitted)["fitted", "none"]
    each = [
        cases(
            THREE,
            scenario("abc"),
            fitted=FittedDependence((12.0,), (rho,), (0,), (0.99,), "0123"),
        )["fitted", "none"]
        for rho in likely
    ]
    expected = np.mean([p_by(one, DAY) for one in each])
    assert p_by(found, DAY) == pytest.approx(expected, rel=1e-12)
    assert p_by(each[0], DAY) < p_by(found, DAY) < p_by(each[2], DAY)
    assert found.rho is not None
    assert found.rho.value == 0.05


@pytest.mark.parametrize(
    ("likely", "words"),
    [
        (((0.1,), (0.1, 0.2)), "as many"),
        (((0.1,),), "as many"),
        (((0.2, 0.1), (0.1, 0.2)), "do not rise"),
        (((0.1, 1.0), (0.1, 0.2)), "one common factor"),
    ],
)
def test_values_of_rho_that_no_law_has_are_refused(
    likely: tuple[tuple[float, ...], ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        FittedDependence((6.0, 12.0), (0.1, 0.1), (0, 0), (1, 1), "0123", likely)


def test_lead_times_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="do not rise"):
        FittedDependence((12.0, 6.0), (0.1, 0.2), (0, 0), (1, 1), "0123")
    with pytest.raises(ValueError, match="one common factor"):
        FittedDependence((6.0,), (1.0,), (0.9,), (1.0,), "0123")


def test_the_fitted_rho_is_that_at_the_lead_time_of_the_scenarios_median() -> None:
    found = cases(THREE, scenario("a"), fitted=FITTED)
    median = found["independent", "none"].answer.date_at(0.5)
    assert median is not None
    months = (median - AS_OF).days * 12 / 365.25
    assert 6 < months < 18
    assert found["fitted", "none"].rho == FITTED.at(months)


def test_while_rho_is_not_fitted_the_row_says_so() -> None:
    case = cases(THREE, scenario("abc"))["fitted", "none"]
    row = automation_row(case, AS_OF)
    assert row["scenario_status"] == "not_estimated"
    assert row["median_label"] == "not estimated: rho is not fitted yet"
    assert (row["rho"], row["median_date"], row["p_by_end_2028"]) == (None, None, None)


def test_at_least_k_of_n_is_what_enumeration_gives() -> None:
    probabilities = [0.13, 0.42, 0.58, 0.91, 0.27]
    for needed in range(1, 6):
        expected = sum(
            prod(
                p if happens else 1 - p
                for p, happens in zip(probabilities, case, strict=True)
            )
            for case in product([0, 1], repeat=5)
            if sum(case) >= needed
        )
        found = at_least(needed, np.array(probabilities)[:, None])[0]
        assert found == pytest.approx(expected, abs=1e-15)
