"""How statements came out: by a published series, by what somebody saw, or not yet."""

from datetime import date

import pytest
from pydantic import ValidationError

from tests.statements import NOTHING_REPLAYED, REGISTRY, answer, day, reference
from trends.automation.outcomes import brier_score, resolve
from trends.automation.references import latest_resolutions
from trends.crossings.answers import Crossed
from trends.registry.scenarios import ReferenceForecast
from trends.tables import AUTOMATION


def test_a_probability_that_resolved_has_its_brier_score_and_ours_of_that_time() -> (
    None
):
    by = date(2026, 12, 31)
    stated = reference(
        resolved_by_scenario=True, reads_as={"by": by, "probability": 0.2}
    )
    vintages = [
        {"as_of": date(2026, 5, 20), "p_by_end_2026": 0.7},
        {"as_of": date(2026, 5, 2), "p_by_end_2026": 0.1},
        {"as_of": date(2026, 6, 20), "p_by_end_2026": 1.0},
        {"as_of": date(2026, 1, 20), "p_by_end_2026": 1.0},
    ]
    plainest = {"scenario_id": "bars", "dependence": "independent", "gap": "none"}
    replayed = AUTOMATION.frame([plainest | one for one in vintages])
    found = resolve(stated, Crossed(day(200)), replayed)
    assert found.outcome == f"crossed {day(200)}, by 2026-12-31"
    assert found.theirs == pytest.approx(0.8**2)
    assert found.ours == pytest.approx(0.3**2)
    alone = resolve(stated, Crossed(day(200)), NOTHING_REPLAYED)
    assert alone.ours is None
    assert alone.label.endswith("no vintage of ours from that time is at hand")


def test_a_median_that_resolved_is_scored_in_days() -> None:
    stated = reference(kind="median_date", resolved_by_scenario=True)
    found = resolve(stated, Crossed(day(450)), NOTHING_REPLAYED)
    assert found.theirs == 150.0
    assert resolve(stated, answer(), NOTHING_REPLAYED).outcome.startswith("open")


def test_bars_that_are_crossed_do_not_resolve_a_forecast_of_another_event() -> None:
    """Crossing our bar is not automated R&D, whatever a forecaster said of that."""
    found = resolve(reference(), Crossed(day(200)), NOTHING_REPLAYED)
    assert (found.outcome, found.theirs) == ("open", None)
    others = REGISTRY.reference_forecasts.values()
    resolvable = [one for one in others if one.resolved_by_scenario]
    assert resolvable
    assert {one.compared_with for one in resolvable} <= {
        f"metr_p50_work_{unit}" for unit in ("day", "week", "month", "year")
    }


def test_a_survey_answer_is_scored_against_what_the_survey_found() -> None:
    swe_bench = REGISTRY.reference_forecasts["ai_digest_swe_bench_verified"]
    found = resolve(swe_bench, None, NOTHING_REPLAYED)
    assert found.theirs == pytest.approx(87 - 80.9)
    assert found.outcome.startswith("resolved: 80.9")


def test_a_brier_score_is_a_squared_distance() -> None:
    assert brier_score(0.3, happened=True) == pytest.approx(0.49)
    assert brier_score(0.3, happened=False) == pytest.approx(0.09)


def resolution(**changes: object) -> ReferenceForecast:
    return reference(
        **{
            "kind": "resolution",
            "resolves": "statement",
            "state": "met",
            "date_made": "2026-10-01",
            "reads_as": None,
            "compared_with": None,
            "not_compared_because": "a state",
            "note": "Seen.",
        }
        | changes
    )


def test_what_the_forecaster_calls_met_is_a_claim_and_scores_nothing() -> None:
    claim = resolution(state="claimed_met_by_forecaster")
    found = resolve(reference(), None, NOTHING_REPLAYED, resolution=claim)
    assert found.state == "claimed_met_by_forecaster"
    assert found.outcome == "claimed met by the forecaster, 2026-10-01: Seen."
    assert found.theirs is None


@pytest.mark.parametrize(("state", "score"), [("met", 0.75**2), ("not_met", 0.25**2)])
def test_what_somebody_else_saw_is_scored(state: str, score: float) -> None:
    found = resolve(
        reference(), None, NOTHING_REPLAYED, resolution=resolution(state=state)
    )
    assert found.state == state
    assert found.theirs == pytest.approx(score)


@pytest.mark.parametrize("state", ["open", "not_measurable"])
def test_what_cannot_be_told_is_no_outcome(state: str) -> None:
    found = resolve(
        reference(), None, NOTHING_REPLAYED, resolution=resolution(state=state)
    )
    assert (found.state, found.label, found.theirs) == (state, "not resolved", None)


def test_a_published_series_decides_before_anybodys_word() -> None:
    stated = reference(resolved_by_scenario=True)
    word = resolution(state="claimed_met_by_forecaster")
    found = resolve(stated, Crossed(day(700)), NOTHING_REPLAYED, resolution=word)
    assert found.state == "not_met"
    open_still = resolve(stated, answer(), NOTHING_REPLAYED, resolution=word)
    assert open_still.state == "claimed_met_by_forecaster"


def test_a_resolution_is_itself_no_forecast() -> None:
    found = resolve(resolution(), None, NOTHING_REPLAYED)
    assert (found.state, found.label) == ("met", "a state, no forecast")


def test_the_newest_word_on_a_statement_counts() -> None:
    earlier = resolution(state="open", date_made="2026-09")
    found = latest_resolutions({"late": resolution(), "early": earlier})
    assert found["statement"].state == "met"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": None}, "state goes with kind: resolution"),
        ({"kind": "bet"}, "state goes with kind: resolution"),
        ({"kind": "bet", "state": None}, "resolves goes with kind: resolution"),
        ({"probability": 0.5}, "a resolution foretells nothing"),
        ({"reads_as": {"by": day(1)}}, "a resolution foretells nothing"),
    ],
)
def test_a_resolution_has_a_state_and_foretells_nothing(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        resolution(**changes)


def test_openais_goal_for_2026_is_claimed_met_and_not_met() -> None:
    word = latest_resolutions(REGISTRY.reference_forecasts)["openai_intern"]
    goal = REGISTRY.reference_forecasts["openai_intern"]
    found = resolve(goal, None, NOTHING_REPLAYED, resolution=word)
    assert found.state == "claimed_met_by_forecaster"
    assert found.outcome.startswith("claimed met by the forecaster, 2026-09-06")
