"""What others have said, read as curves and set beside ours."""

import json
from datetime import date

import numpy as np
import pytest

from tests.statements import (
    AS_OF,
    NOTHING_REPLAYED,
    REGISTRY,
    SHARED,
    answer,
    case,
    day,
    needs_shared,
    reference,
)
from trends.automation import CrossingTables, forecast_automation
from trends.automation.beliefs import Belief, Shape, belief_through, distance_years
from trends.automation.gap import implied_gap_months
from trends.automation.references import comparisons, implied_gap_label
from trends.crossings.answers import Answer, Crossed, Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution
from trends.tables import (
    CROSSING_CDF,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
    THRESHOLDS,
)

CLARK = belief_through(
    "lognormal",
    date(2026, 5, 4),
    (date(2027, 12, 31), 0.30),
    (date(2028, 12, 31), 0.60),
)


def gap_words(of: Answer, **reads_as: object) -> str:
    stated = reference(reads_as={"by": day(600)} | reads_as).reads_as
    assert stated is not None
    return implied_gap_label(case(of), stated)


# Beliefs as curves


def test_clarks_two_points_give_the_reference_lognormal() -> None:
    assert CLARK.location == pytest.approx(0.825, abs=0.002)
    assert CLARK.scale == pytest.approx(0.607, abs=0.002)
    assert CLARK.quantile(0.1) == date(2027, 5, 21)
    assert CLARK.quantile(0.5) == date(2028, 8, 14)
    assert CLARK.quantile(0.9) == date(2031, 4, 23)


@needs_shared
def test_the_lognormal_is_that_of_the_reference_results() -> None:
    results = json.loads((SHARED / "reference" / "reference_results.json").read_text())
    [expected] = [one for one in results if one["id"] == "clark.lognormal"]
    found = [CLARK.location, CLARK.scale]
    assert found == pytest.approx(expected["value"], abs=expected["tolerance"])


def test_a_weibull_through_the_same_points_ends_nine_months_earlier() -> None:
    weibull = belief_through(
        "weibull",
        date(2026, 5, 4),
        (date(2028, 12, 31), 0.60),
        (date(2027, 12, 31), 0.30),
    )
    found = [weibull.quantile(level) for level in (0.1, 0.5, 0.9)]
    assert found == [date(2027, 3, 29), date(2028, 8, 26), date(2030, 7, 23)]
    assert 1 / weibull.scale == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("shape", ["lognormal", "weibull"])
def test_a_curve_goes_through_its_points_and_starts_at_zero(shape: Shape) -> None:
    points = ((date(2027, 3, 1), 0.2), (date(2031, 7, 1), 0.7))
    curve = belief_through(shape, date(2026, 1, 1), *points)
    days = np.array([one.toordinal() for one, _ in points], dtype=float)
    assert curve.p_by(days) == pytest.approx([0.2, 0.7])
    before = np.array([date(2026, 1, 1).toordinal(), date(2020, 1, 1).toordinal()])
    assert curve.p_by(before).tolist() == [0.0, 0.0]


def test_points_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="later and more likely"):
        belief_through(
            "lognormal", AS_OF, (date(2028, 1, 1), 0.6), (date(2029, 1, 1), 0.5)
        )


def test_the_distance_of_a_shifted_curve_is_the_shift() -> None:
    """A law and itself half a year later lie half a year apart."""
    belief = Belief("lognormal", AS_OF, np.log(2.0), 0.1)
    days = np.arange(365.25 * 9 + 1)
    for shift in (0, 182.625):
        moved = belief.p_by(AS_OF.toordinal() + days - shift)
        ours = Estimated(
            CrossingDistribution.exact(AS_OF, moved, p_never=0.0), "made up"
        )
        found = distance_years(ours, belief, as_of=AS_OF)
        assert found == pytest.approx(shift / 365.25, abs=0.002)


def test_mass_at_never_counts_for_the_rest_of_the_window() -> None:
    belief = Belief("lognormal", AS_OF, np.log(1.0), 0.001)
    half = np.where(np.arange(365 * 11) >= 365.25, 0.5, 0.0)
    ours = Estimated(CrossingDistribution.exact(AS_OF, half, p_never=0.5), "made up")
    assert distance_years(ours, belief, as_of=AS_OF) == pytest.approx(4.5, abs=0.01)
    assert distance_years(NotEstimated("made up"), belief, as_of=AS_OF) is None


# The implied gap


def test_a_constant_gap_is_recovered_exactly() -> None:
    """A forecaster who sees our law 200 days later says P(T <= d - 200)."""
    theirs = float((600 - 200) / 1000)
    found = implied_gap_months(answer(), by=day(600), probability=theirs)
    assert found == pytest.approx(200 * 12 / 365.25, rel=1e-12)
    between = implied_gap_months(answer(), by=day(600), probability=0.39975)
    assert between == pytest.approx(200.25 * 12 / 365.25, rel=1e-12)
    crossed = implied_gap_months(Crossed(day(100)), by=day(600), probability=0.5)
    assert crossed == pytest.approx(500 * 12 / 365.25, rel=1e-12)


def test_there_is_no_implied_gap_where_we_are_already_later() -> None:
    assert implied_gap_months(answer(), by=day(600), probability=0.61) is None
    assert gap_words(answer(), probability=0.61) == (
        f"none: without any gap we are already later (60% by {day(600)})"
    )
    never = answer(never=0.5)
    assert implied_gap_months(never, by=day(3999), probability=0.6) is None


def test_the_words_of_an_implied_gap_keep_what_was_stated() -> None:
    assert gap_words(answer(), probability=0.4) == "6.6 months"
    floor = gap_words(answer(), probability=0.4, bound="at_least")
    assert floor == "at most 6.6 months"
    below = gap_words(answer(), probability=0.4, bound="below")
    assert below == "more than 6.6 months"
    assert gap_words(answer()) == "no probability was stated"
    unknown = gap_words(NotEstimated("too few records"), probability=0.4)
    assert unknown == "not estimated: too few records"


def test_a_comparison_states_both_probabilities_at_their_day() -> None:
    [row] = comparisons({"r": reference()}, [case(answer())], as_of=AS_OF)
    assert (row["their_probability"], row["our_probability"]) == (0.25, 0.6)
    assert row["implied_gap_months"] == pytest.approx(350 * 12 / 365.25)
    assert row["distance_years"] is None


def test_a_statement_made_after_the_vintage_is_not_in_it() -> None:
    known = CrossingTables(
        THRESHOLDS.frame([]),
        CROSSING_SUMMARY.frame([]),
        CROSSING_CDF.frame([]),
        OBSERVATIONS.frame([]),
    )

    def statements(as_of: date) -> set[str]:
        found = forecast_automation(
            known,
            REGISTRY,
            fitted=None,
            replayed=NOTHING_REPLAYED,
            as_of=as_of,
            run_id="0123456789ab",
        )
        compared = set(found[REFERENCE_COMPARISONS]["reference_id"])
        stated = set(found[REFERENCE_FORECASTS]["reference_id"])
        assert compared <= stated
        return stated

    assert "clark_2027" not in statements(date(2026, 5, 3))
    assert "clark_2027" in statements(date(2026, 5, 4))
    assert statements(AS_OF) == set(REGISTRY.reference_forecasts)
    assert statements(date(2024, 12, 31)) == set()
