"""The gap between a scenario of bars and automated R&D."""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from tests.scenario_cases import (
    AS_OF,
    END,
    GAP,
    START,
    THREE,
    Bars,
    cases,
    estimated,
    open_bar,
    scenario,
)
from trends.automation.gap import delayed, lognormal_parameters
from trends.automation.rows import automation_row
from trends.crossings.answers import Crossed


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
