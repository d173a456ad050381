"""Several benchmarks at once: what scenarios say of the bars that gate them."""

from datetime import date
from math import prod

import numpy as np
import pytest
from scipy import stats

from tests.scenario_cases import (
    AS_OF,
    DAY,
    DOMAINS,
    THREE,
    Bars,
    cases,
    law,
    month_index,
    open_bar,
    p_by,
    scenario,
    slope,
)
from trends.automation.dependence import FittedDependence
from trends.automation.rows import automation_row
from trends.crossings.answers import Crossed
from trends.registry.scenarios import Scenario


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
