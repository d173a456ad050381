"""Several benchmarks at once: the copula, its marginals, and what it must not do.

Every joint probability is held against arithmetic, enumeration or draws that this file
makes itself.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from math import prod

import numpy as np
import polars as pl
import pytest
from scipy import stats

from trends.automation.cases import Case, scenario_cases
from trends.automation.dependence import (
    FittedDependence,
    at_least,
    joint_probability,
)
from trends.automation.gap import delayed, lognormal_parameters
from trends.automation.gates import BarLaws
from trends.automation.rows import automation_row
from trends.crossings.answers import Crossed, Estimated
from trends.crossings.distribution import CrossingDistribution
from trends.dates import month_ends
from trends.fits.links import Floats
from trends.registry.scenarios import Scenario, TranslationGap
from trends.tables import CROSSING_CDF, CROSSING_SUMMARY, THRESHOLDS

AS_OF = date(2026, 11, 22)
START = date(2026, 10, 15)
END = date(2050, 12, 31)
GAP = TranslationGap(q10_months=3, q90_months=36, reason="made up")
DOMAINS = ("coding", "long_horizon_agent", "paper_replication")

Bars = dict[str, dict[str, object]]


def law(median_years: float, *, p_never: float = 0.0) -> Floats:
    """A lognormal law of unlike spread by month end, short of 1 by p_never."""
    months = month_ends(START, END)
    years = np.array([(day - START).days / 365.25 for day in months])
    reached = stats.lognorm.cdf(years, 0.3 * median_years, 0, median_years)
    return np.asarray((1 - p_never) * reached)


def open_bar(median_years: float, *, p_never: float = 0.0) -> dict[str, object]:
    return {"cdf": law(median_years, p_never=p_never), "p_never": p_never}


def tables(
    bars: Bars, *, domain: str = "coding"
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """THRESHOLDS, CROSSING_SUMMARY and CROSSING_CDF rows of one-bar thresholds."""
    months = month_ends(START, END)
    thresholds, summary, cdf = [], [], []
    for name, bar in bars.items():
        key = {"threshold_id": name, "bar_id": "bar", "trend": "drift"}
        thresholds.append(
            {
                "threshold_id": name,
                "bar_id": "bar",
                "domain": bar.get("domain", domain),
                "headline_trend": "drift",
                "is_headline": bar.get("is_headline", True),
            }
        )
        crossed = bar.get("crossed_on")
        missing = bar.get("missing")
        summary.append(
            key
            | {
                "crossing_status": "not_estimated" if missing else "expected",
                "status_reason": missing or "made up",
                "p_never": bar.get("p_never", 0.0),
                "date_hi": crossed,
                "projection_end": END,
                "observed_through": START,
                "n_draws": bar.get("n_draws", 0),
                "median_date": bar.get("median_date"),
                "mc_error_days": bar.get("mc_error_days"),
            }
        )
        if "cdf" in bar:
            cdf += [
                key | {"by_date": day, "p_crossed": p}
                for day, p in zip(months, bar["cdf"], strict=True)  # type: ignore[call-overload]
            ]
    return (
        THRESHOLDS.frame(thresholds),
        CROSSING_SUMMARY.frame(summary),
        CROSSING_CDF.frame(cdf),
    )


def scenario(
    names: Sequence[str], *, at_least: int | None = None, gap: bool = False
) -> Scenario:
    gates = [{"threshold": name, "bar": "bar"} for name in names]
    part = {"gates": gates} | ({} if at_least is None else {"at_least": at_least})
    prior = {"gap": GAP} if gap else {"no_gap_because": "made up"}
    return Scenario.model_validate(
        {
            "title": "Test",
            "statement": "Made up",
            "dimensions": {"coding": part},
            **prior,
        }
    )


def cases(
    bars: Bars, entry: Scenario, *, fitted: FittedDependence | None = None
) -> dict[tuple[str, str], Case]:
    laws = BarLaws(*tables(bars))
    found = scenario_cases("test", entry, laws, fitted=fitted, as_of=AS_OF)
    return {(case.dependence, case.gap): case for case in found}


def p_by(case: Case, day: date) -> float:
    distribution = case.answer.distribution
    assert distribution is not None
    return distribution.p_by(day)


def month_index(day: date) -> int:
    return month_ends(START, END).index(day)


THREE: Bars = {"a": open_bar(1.0), "b": open_bar(1.7), "c": open_bar(2.6)}
DAY = date(2028, 6, 30)


# The copula


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


# Fitted correlation by lead time

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


# Scenarios


def test_all_of_under_independence_is_the_product_of_the_published_laws() -> None:
    case = cases(THREE, scenario("abc"))["independent", "none"]
    i = month_index(DAY)
    expected = law(1.0)[i] * law(1.7)[i] * law(2.6)[i]
    assert p_by(case, DAY) == pytest.approx(expected, rel=1e-12)


def test_benchmarks_are_not_multiplied_as_if_independent_once_rho_is_fitted() -> None:
    """Trap: at rho 0.6 the product understates the chance that all are crossed."""
    fitted = FittedDependence((12.0,), (0.6,), (0.5,), (0.7,), "0123")
    case = cases(THREE, scenario("abc"), fitted=fitted)["fitted", "none"]
    i = month_index(DAY)
    single = [law(1.0)[i], law(1.7)[i], law(2.6)[i]]
    expected = stats.multivariate_normal(
        cov=0.6 + 0.4 * np.eye(3), seed=1, abseps=1e-6, releps=1e-6
    ).cdf(stats.norm.ppf(single))
    assert p_by(case, DAY) == pytest.approx(expected, abs=1e-5)
    assert p_by(case, DAY) > prod(single) + 0.05


def test_the_median_is_later_than_the_maximum_of_the_medians() -> None:
    """Trap: two equal gates are both crossed by their median in a quarter of cases."""
    twins: Bars = {"a": open_bar(1.7), "b": open_bar(1.7)}
    case = cases(twins, scenario("ab"))["independent", "none"]
    alone = cases(twins, scenario("a"))["independent", "none"]
    median, of_one = case.answer.date_at(0.5), alone.answer.date_at(0.5)
    assert median is not None
    assert of_one is not None
    assert p_by(case, of_one) == pytest.approx(0.25, abs=0.005)
    assert (median - of_one).days > 60


def test_one_of_two_gates_is_earlier_and_a_crossed_gate_is_enough() -> None:
    bars = THREE | {"done": {"crossed_on": date(2026, 2, 5)}}
    either = cases(bars, scenario("ab", at_least=1))["independent", "none"]
    i = month_index(DAY)
    assert p_by(either, DAY) == pytest.approx(1 - (1 - law(1.0)[i]) * (1 - law(1.7)[i]))
    with_crossed = cases(bars, scenario(["a", "done"], at_least=1))
    for case in with_crossed.values():
        assert case.answer == Crossed(date(2026, 2, 5), "enough gates are crossed")


def test_a_scenario_all_of_whose_gates_are_crossed_has_the_day_of_the_last() -> None:
    days = {"a": date(2025, 3, 1), "b": date(2026, 2, 5), "c": date(2024, 8, 9)}
    bars: Bars = {name: {"crossed_on": day} for name, day in days.items()}
    row = automation_row(cases(bars, scenario("abc"))["strong", "none"], AS_OF)
    assert row["median_date"] == date(2026, 2, 5)
    assert row["median_label"] == "crossed 2026-02-05"
    assert (row["p_by_end_2026"], row["p_never"]) == (1.0, 0.0)
    second = cases(bars, scenario("abc", at_least=2))["strong", "none"]
    assert second.answer.date_at(0.5) == date(2025, 3, 1)


def test_the_mass_of_never_is_carried_through() -> None:
    bars = {"a": open_bar(1.0, p_never=0.3), "b": open_bar(1.7, p_never=0.4)}
    both = automation_row(cases(bars, scenario("ab"))["independent", "none"], AS_OF)
    assert both["p_never"] == pytest.approx(1 - 0.7 * 0.6)
    assert both["median_date"] is None
    assert both["scenario_status"] == "never"
    assert both["median_label"] == "never (58% probability)"
    assert both["q10_date"] is not None
    either = cases(bars, scenario("ab", at_least=1))["independent", "none"]
    assert automation_row(either, AS_OF)["p_never"] == pytest.approx(0.3 * 0.4)
    together = automation_row(cases(bars, scenario("ab"))["strong", "none"], AS_OF)
    assert 0.4 < float(str(together["p_never"])) < 0.5


def test_masses_sum_to_1_and_dates_beyond_the_projection_are_words() -> None:
    bars = {"a": open_bar(25.0), "b": open_bar(26.0, p_never=0.1)}
    for case in cases(bars, scenario("ab", gap=True)).values():
        if case.dependence == "fitted":
            continue
        row = automation_row(case, AS_OF)
        masses = [
            row["p_by_projection_end"],
            row["p_after_projection_end"],
            row["p_never"],
        ]
        assert sum(float(str(mass)) for mass in masses) == pytest.approx(1.0)
        assert row["median_date"] is None
        assert row["median_label"] == "after 2050"


def test_a_gate_without_a_law_stops_the_scenario_and_is_named() -> None:
    bars = THREE | {"gone": {"missing": "too few records: 1"}}
    row = automation_row(
        cases(bars, scenario(["a", "gone"]))["independent", "none"], AS_OF
    )
    assert row["median_label"] == "not estimated: gone.bar: too few records: 1"
    assert (row["p_never"], row["n_gates"], row["n_gates_not_estimated"]) == (
        None,
        2,
        1,
    )


def test_a_gate_without_a_law_counts_as_not_crossed_where_others_are_enough() -> None:
    bars = THREE | {"gone": {"missing": "too few records: 1"}}
    entry = scenario(["a", "b", "gone"], at_least=2)
    case = cases(bars, entry)["independent", "none"]
    i = month_index(DAY)
    assert p_by(case, DAY) == pytest.approx(law(1.0)[i] * law(1.7)[i], rel=1e-12)
    assert "counted as not crossed: gone.bar: too few" in case.answer.reason


def test_every_dimension_must_be_met() -> None:
    """The latest dimension sets the day; one without a law stops the scenario."""
    dimensions = {
        domain: {"gates": [{"threshold": name, "bar": "bar"}]}
        for domain, name in zip(DOMAINS, "abc", strict=True)
    }
    entry = scenario("abc").model_dump() | {"dimensions": dimensions}
    days = {"a": date(2025, 3, 1), "b": date(2026, 2, 5), "c": date(2024, 8, 9)}
    crossed: Bars = {name: {"crossed_on": day} for name, day in days.items()}
    three = Scenario.model_validate(entry)
    case = cases(crossed, three)["independent", "none"]
    assert case.answer.date_at(0.5) == date(2026, 2, 5)
    missing = cases(crossed | {"b": {"missing": "too few records"}}, three)
    assert missing["independent", "none"].answer.reason == "b.bar: too few records"


def test_a_gate_that_a_draft_left_out_is_said_to_be() -> None:
    case = cases(THREE, scenario(["a", "elsewhere"]))["independent", "none"]
    assert case.answer.reason == "elsewhere.bar: not part of this run"


def test_every_headline_bar_takes_all_thresholds_of_the_run() -> None:
    bars = {
        name: bar | {"domain": domain}
        for (name, bar), domain in zip(THREE.items(), DOMAINS, strict=True)
    }
    bars["rung"] = open_bar(9.0) | {"is_headline": False}
    entry = Scenario.model_validate(
        {
            "title": "All",
            "statement": "All",
            "every_headline_bar": True,
            "no_gap_because": "made up",
        }
    )
    found = cases(bars, entry)["independent", "none"]
    i = month_index(DAY)
    expected = law(1.0)[i] * law(1.7)[i] * law(2.6)[i]
    assert p_by(found, DAY) == pytest.approx(expected, rel=1e-12)
    assert automation_row(found, AS_OF)["gates"] == (
        "coding: a.bar; long_horizon_agent: b.bar; paper_replication: c.bar"
    )
    assert found.slowest_gate is not None
    assert found.slowest_gate.name == "c.bar"


def test_every_headline_bar_speaks_of_tests_not_of_what_companies_say() -> None:
    """A scenario may name such a gate; none is drawn in by the way."""
    bars = {name: bar | {"domain": "coding"} for name, bar in THREE.items()}
    own = bars | {"own": open_bar(9.0) | {"domain": "rd_automation"}}
    entry = Scenario.model_validate(
        {
            "title": "All",
            "statement": "All",
            "every_headline_bar": True,
            "no_gap_because": "made up",
        }
    )
    named = Scenario.model_validate(
        {
            "title": "Own",
            "statement": "Own",
            "dimensions": {
                "rd_automation": {"gates": [{"threshold": "own", "bar": "bar"}]}
            },
            "no_gap_because": "made up",
        }
    )
    every = cases(own, entry)["independent", "none"]
    assert automation_row(every, AS_OF)["gates"] == "coding: a.bar, b.bar, c.bar"
    gates = automation_row(cases(own, named)["independent", "none"], AS_OF)["gates"]
    assert gates == "rd_automation: own.bar"


def test_adding_a_scenario_or_a_bar_changes_no_other_number() -> None:
    alone = cases(THREE, scenario("ab"))["strong", "none"]
    beside = cases(THREE | {"d": open_bar(3.0)}, scenario("ab"))["strong", "none"]
    assert alone.answer.distribution is not None
    assert beside.answer.distribution is not None
    np.testing.assert_array_equal(
        alone.answer.distribution.cdf, beside.answer.distribution.cdf
    )


def test_monte_carlo_error_of_gates_becomes_that_of_the_median() -> None:
    """By the delta method at the median of two independent gates.

    One gate publishes the error of its median, the other only its 2000 draws; both
    have the standard error of a share of 2000.
    """
    exact = cases(THREE, scenario("bc"))["independent", "none"]
    assert exact.answer.monte_carlo_error_days(0.5) == 0.0
    alone = cases(THREE, scenario("b"))["independent", "none"]
    own_median = alone.answer.date_at(0.5)
    assert own_median is not None
    error_days = np.sqrt(0.25 / 2000) / slope(alone, own_median)
    drawn: Bars = {
        "b": THREE["b"] | {"median_date": own_median, "mc_error_days": error_days},
        "c": THREE["c"] | {"n_draws": 2000},
    }
    case = cases(drawn, scenario("bc"))["independent", "none"]
    median = case.answer.date_at(0.5)
    assert median is not None
    day = np.array([float(median.toordinal())])
    one, other = (float(gate.p_by(day)[0]) for gate in case.laws)
    error = np.hypot(
        other * np.sqrt(one * (1 - one) / 2000),
        one * np.sqrt(other * (1 - other) / 2000),
    )
    found = case.answer.monte_carlo_error_days(0.5)
    assert found == pytest.approx(error / slope(case, median), rel=0.1)


def test_a_date_is_printed_no_finer_than_the_draws_of_its_gates_can_tell() -> None:
    """20 draws leave open the month that the law itself can tell."""
    one: Bars = {"a": THREE["a"]}
    few: Bars = {"a": THREE["a"] | {"n_draws": 20}}
    exact, drawn = (
        cases(bars, scenario("a"))["independent", "none"] for bars in (one, few)
    )
    median = exact.answer.date_at(0.5)
    assert median == drawn.answer.date_at(0.5)
    assert automation_row(exact, AS_OF)["median_label"] == f"{median:%Y-%m}"
    assert automation_row(drawn, AS_OF)["median_label"] == f"{median:%Y}"


def slope(case: Case, day: date) -> float:
    """Probability a day, over two months."""
    month = timedelta(days=30)
    return (p_by(case, day + month) - p_by(case, day - month)) / 60


# The gap


def estimated(values: Floats, start: date = START, p_never: float = 0.0) -> Estimated:
    return Estimated(
        CrossingDistribution.exact(start, values, p_never=p_never), "made up"
    )


def test_the_gaps_quantiles_are_those_of_its_prior() -> None:
    mean, sd = lognormal_parameters(GAP)
    gap = stats.lognorm(sd, scale=np.exp(mean))
    assert gap.ppf([0.1, 0.9]) == pytest.approx([3, 36])
    assert gap.median() == pytest.approx(np.sqrt(3 * 36))


def test_adding_the_gap_is_the_convolution() -> None:
    """Against adaptive quadrature of F(t - g) over the prior of g."""
    days = np.arange((END - START).days + 1)
    law_of_days = stats.norm(700, 150)
    base = estimated(0.8 * law_of_days.cdf(days), p_never=0.2)
    found = delayed(base, GAP, projection_end=END).distribution
    assert found is not None
    mean, sd = lognormal_parameters(GAP)
    gap = stats.lognorm(sd, scale=np.exp(mean) * 365.25 / 12)
    for day in (500, 900, 1500, 4000):
        expected = 0.8 * gap.expect(
            lambda g, day=day: law_of_days.cdf(day - g), limit=500
        )
        assert found.cdf[day] == pytest.approx(expected, abs=2e-5)
    assert found.p_never == 0.2
    assert np.all(np.diff(found.cdf) >= 0)


def test_a_known_day_plus_the_gap_is_the_priors_own_law() -> None:
    crossed = Crossed(date(2026, 2, 5))
    found = delayed(crossed, GAP, projection_end=END)
    median, q90 = found.date_at(0.5), found.date_at(0.9)
    assert median is not None
    assert q90 is not None
    month = 365.25 / 12
    assert (median - crossed.on).days == pytest.approx(np.sqrt(3 * 36) * month, abs=1)
    assert (q90 - crossed.on).days == pytest.approx(36 * month, abs=1)
    assert found.masses(AS_OF).p_never == 0.0


def test_without_a_gap_a_row_is_labelled_benchmark_implied() -> None:
    found = cases(THREE, scenario("abc", gap=True))
    assert automation_row(found["strong", "none"], AS_OF)["gap_label"] == (
        "none (benchmark-implied)"
    )
    assert automation_row(found["strong", "prior"], AS_OF)["gap_label"] == (
        "3 to 36 months (80%)"
    )
    assert ("strong", "prior") not in cases(THREE, scenario("abc"))


def test_a_median_that_has_passed_claims_nothing_that_was_seen() -> None:
    bars: Bars = {"a": open_bar(0.05)}
    row = automation_row(cases(bars, scenario("a"))["independent", "none"], AS_OF)
    assert row["median_label"] == "2026-11 (not seen)"
