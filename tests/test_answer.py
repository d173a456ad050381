"""The question answered in two sentences, whatever the default scenario comes to."""

from datetime import date

import pytest

from trends.tables import AUTOMATION, REFERENCE_FORECASTS
from trends.words import NOT_IN_RUN, answer_sentences, default_scenario

Row = dict[str, object]

AS_OF = date(2026, 11, 26)


def scenario(**cells: object) -> Row:
    """One AUTOMATION row of three bars, without a gap, with made-up answers."""
    shares = {2026: 0.02, 2027: 0.31, 2028: 0.62, 2030: 0.9}
    return {
        "as_of": AS_OF,
        "scenario_id": "bars",
        "scenario_title": "Three bars",
        "dependence": "fitted",
        "rho": 0.1,
        "gap": "none",
        "gap_label": "none (benchmark-implied)",
        "scenario_status": "expected",
        "median_label": "2028-05",
        "median_date": date(2028, 5, 10),
        "interval80_label": "2027-04 to 2031-02",
        "n_gates": 3,
        "n_gates_crossed": 1,
        "n_gates_not_estimated": 0,
        "status_reason": "1 of 3 gates are crossed",
        "default_because": "It is a test.",
        **{f"p_by_end_{year}": p for year, p in shares.items()},
        **cells,
    }


def with_gap(**cells: object) -> Row:
    later = {
        "gap": "prior",
        "gap_label": "3 to 36 months (80%)",
        "median_label": "2029-08",
        "median_date": date(2029, 8, 10),
        "interval80_label": "2027-12 to never",
        "p_by_end_2027": 0.004,
        "p_by_end_2028": 0.28,
        "p_by_end_2030": 0.71,
    }
    return scenario(**{**later, **cells})


def statement(who: str, what: str, **cells: object) -> Row:
    return {
        "reference_id": f"{who}_{cells}",
        "brief_who": who,
        "brief_what": what,
        "kind": "probability_by_date",
        "date_made": "2026-05-04",
        "read_bound": "about",
        "outcome_state": "open",
        **cells,
    }


def answer(*rows: Row, statements: tuple[Row, ...] = ()) -> list[str]:
    return answer_sentences(
        AUTOMATION.frame(list(rows)), REFERENCE_FORECASTS.frame(list(statements))
    )


def test_a_date_of_bars_is_never_called_one_of_automated_rd() -> None:
    (sentence,) = answer(scenario(), with_gap())
    assert sentence == (
        "Three bars (1 of 3 bars crossed) has a median of 2028-05 (80% interval "
        "2027-04 to 2031-02; 31% by the end of 2027, 62% of 2028, 90% of 2030), which "
        "is benchmark-implied and not automated R&D; with a gap of 3 to 36 months (80%) "
        "between the two, a judgement and no measurement, automated R&D has a median of "
        "2029-08 (80% interval 2027-12 to never; <1% by the end of 2027, 28% of 2028, "
        "71% of 2030)."
    )


def test_where_no_gap_is_stated_no_date_of_automated_rd_is_named() -> None:
    (sentence,) = answer(scenario())
    assert sentence.endswith("not automated R&D; no gap between the two is stated.")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            {
                "scenario_status": "never",
                "median_label": "never (62% probability)",
                "median_date": None,
                "interval80_label": "2027-04 to never",
            },
            "has no median date (never (62% probability); 80% interval 2027-04 to never",
        ),
        (
            {
                "scenario_status": "after_projection_end",
                "median_label": "after 2050",
                "median_date": None,
            },
            "has a median after 2050 (80% interval",
        ),
        (
            {
                "scenario_status": "already_crossed",
                "median_label": "crossed 2026-04-16",
                "median_date": date(2026, 4, 16),
            },
            "is met (crossed 2026-04-16), which is benchmark-implied and not",
        ),
        ({"n_gates_not_estimated": 1}, "(1 of 3 bars crossed, 1 not estimated) has a"),
    ],
)
def test_there_is_a_median_only_where_there_is_one(
    cells: dict[str, object], words: str
) -> None:
    (sentence,) = answer(scenario(**cells), with_gap())
    assert words in sentence


def test_without_an_estimate_there_is_the_reason_and_no_number() -> None:
    missing: dict[str, object] = {
        "scenario_status": "not_estimated",
        "median_label": "not estimated",
        "median_date": None,
        "status_reason": "one bar has too few records",
        "p_by_end_2027": None,
        "p_by_end_2028": None,
        "p_by_end_2030": None,
    }
    assert answer(scenario(**missing), with_gap(**missing)) == [
        "Three bars (1 of 3 bars crossed) is not estimated: one bar has too few records."
    ]


def test_years_that_are_over_are_left_out() -> None:
    (sentence,) = answer(scenario(as_of=date(2028, 6, 30)))
    assert "(80% interval 2027-04 to 2031-02; 62% by the end of 2028, 90% of 2030)" in (
        sentence
    )
    (past,) = answer(scenario(as_of=date(2031, 6, 30)))
    assert "(80% interval 2027-04 to 2031-02), which" in past


def test_without_a_default_there_is_no_answer() -> None:
    assert answer(scenario(default_because=None)) == []
    assert answer() == []


def test_a_run_that_leaves_bars_out_has_no_answer() -> None:
    """It would say "0 of 3 bars crossed" of bars that nobody looked at."""
    left_out = {
        "scenario_status": "not_estimated",
        "n_gates_crossed": 0,
        "status_reason": f"quiz.pct80: {NOT_IN_RUN}; exam.pct80: {NOT_IN_RUN}",
    }
    assert answer(scenario(**left_out)) == []


def test_correlation_is_that_of_past_errors_where_it_is_fitted() -> None:
    independent = scenario(dependence="independent", rho=0.0, median_label="2028-06")
    strong = scenario(dependence="strong", rho=0.9, median_label="2027-12")
    unfitted = scenario(rho=None, median_label="not fitted yet")
    other = scenario(scenario_id="other", default_because=None)
    known = AUTOMATION.frame([independent, strong, scenario(), other])
    unknown = AUTOMATION.frame([independent, strong, unfitted, other])
    assert default_scenario(known)["median_label"].to_list() == ["2028-05"]
    assert default_scenario(unknown)["median_label"].to_list() == ["2028-06"]


def test_others_are_cited_by_what_they_speak_of() -> None:
    by_2028 = {"read_date": date(2028, 12, 31), "read_probability": 0.3}
    said = (
        statement(
            "Clark", "all of it", read_date=date(2027, 12, 31), read_probability=0.3
        ),
        statement("Clark", "all of it", **by_2028 | {"read_bound": "at_least"}),
        statement("Greene", "all of it", **by_2028 | {"read_bound": "below"}),
        statement("Greene", "all of it", kind="median_date", point="2030 to 2031"),
        statement(
            "Lab",
            "an intern",
            kind="company_goal_date",
            point=None,
            read_date=date(2026, 9, 30),
            outcome_state="claimed_met_by_forecaster",
        ),
        {**statement("Nobody", "x", **by_2028), "brief_who": None, "brief_what": None},
    )
    assert answer(scenario(), statements=said)[1] == (
        "Others, who speak of events of their own, say: of all of it, Clark 30% by the "
        "end of 2027 and at least 30% by the end of 2028 and Greene below 30% by the end "
        "of 2028 and a median of 2030 to 2031; of an intern, Lab a goal of 2026-09 "
        "(claimed met by the forecaster)."
    )


def test_the_newer_of_two_statements_of_one_kind_counts() -> None:
    said = [
        statement(
            "Lab",
            "a coder",
            kind="median_date",
            date_made=made,
            point=point,
            read_date=date.fromisoformat(f"{point}-15"),
        )
        for made, point in (("2026-08-16", "2028-05"), ("2025-12-31", "2031-07"))
    ]
    assert answer(scenario(), statements=tuple(said))[1].endswith(
        "say: of a coder, Lab a median of 2028-05."
    )
