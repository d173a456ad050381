"""What others have said: carried over whole, read as curves, set beside ours."""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from trends.automation import CrossingTables, forecast_automation
from trends.automation.beliefs import Belief, Shape, belief_through, distance_years
from trends.automation.cases import Case
from trends.automation.dependence import Rho
from trends.automation.gap import implied_gap_months
from trends.automation.outcomes import brier_score, resolve
from trends.automation.references import (
    comparisons,
    implied_gap_label,
    latest_resolutions,
)
from trends.automation.side_tables import claim_rows, ratio_rows, share_of_labour
from trends.crossings.answers import Answer, Crossed, Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution
from trends.dates import last_day_of_period
from trends.registry import load_registry
from trends.registry.scenarios import ReferenceForecast, Scenario
from trends.tables import (
    AUTOMATION,
    CROSSING_CDF,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
    THRESHOLDS,
)
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parent.parent
SHARED = CHECKOUT.parent / "shared"
REGISTRY = load_registry(Workspace(CHECKOUT).registry)

AS_OF = date(2026, 11, 22)
START = date(2026, 5, 1)
NOTHING_REPLAYED = AUTOMATION.frame([])
CLARK = belief_through(
    "lognormal",
    date(2026, 5, 4),
    (date(2027, 12, 31), 0.30),
    (date(2028, 12, 31), 0.60),
)

needs_shared = pytest.mark.skipif(
    not (SHARED / "figures").is_dir(), reason="the facts to carry over are not here"
)


def facts(name: str, folder: str = "figures") -> list[dict[str, str]]:
    with (SHARED / folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answer(*, never: float = 0.0) -> Estimated:
    """Uniform over 1000 days from START, short of 1 by never; 4000 days long."""
    days = np.arange(4001)
    cdf = (1 - never) * np.clip(days / 1000, 0, 1)
    return Estimated(CrossingDistribution.exact(START, cdf, p_never=never), "made up")


def day(number: int) -> date:
    return date.fromordinal(START.toordinal() + number)


def case(of: Answer) -> Case:
    entry = Scenario.model_validate(
        {
            "title": "Test",
            "statement": "Test",
            "every_headline_bar": True,
            "no_gap_because": "made up",
        }
    )
    return Case("bars", entry, "independent", Rho(0.0), "none", of, (), day(4000))


def reference(**changes: object) -> ReferenceForecast:
    entry: dict[str, object] = {
        "forecaster": "Somebody",
        "date_made": "2026-05",
        "event": "Automated R&D",
        "operationalisation": "All of it.",
        "kind": "probability_by_date",
        "source": "https://example.org/",
        "retrieved_as": "primary",
        "reads_as": {"by": day(600), "probability": 0.25},
        "compared_with": "bars",
    }
    return ReferenceForecast.model_validate(entry | changes)


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


# Scores of what has resolved


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


# How earlier statements stand


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


# Everything is carried over


@needs_shared
def test_every_reference_forecast_is_carried_over_as_stated() -> None:
    def stated(row: dict[str, str]) -> tuple[str, ...]:
        probability = row["probability"] and f"{float(row['probability']):g}"
        return (
            row["forecaster"],
            row["date_made"],
            row["kind"],
            probability,
            row["by_date"],
            row["median_or_point"],
            row["quantiles"],
            row["unit"],
            row["source_url"],
            row["retrieved_as"],
        )

    older = facts("reference_forecasts.csv")
    newer = facts("reference_forecasts_new.csv", "figures_2026_11")
    # "replaces the two rows with a site-level source"
    kept = [row for row in older if row["forecaster"] != "METR on Anthropic"]
    assert len(older) - len(kept) == 2
    # when a state was seen is said in a note, and of one no page is named
    states = [row for row in newer if row["kind"] == "resolution"]
    said = [stated(row) for row in (*kept, *newer) if row["kind"] != "resolution"]
    carried = Counter(
        (
            one.forecaster,
            one.date_made,
            one.kind,
            "" if one.probability is None else f"{one.probability:g}",
            one.by_date or "",
            one.point or "",
            one.quantiles or "",
            one.unit or "",
            one.source,
            one.retrieved_as,
        )
        for one in REGISTRY.reference_forecasts.values()
        if one.kind != "resolution"
    )
    assert carried == Counter(said)
    assert Counter(
        (one.forecaster, one.by_date, one.point, one.retrieved_as)
        for one in REGISTRY.reference_forecasts.values()
        if one.kind == "resolution"
    ) == Counter(
        (
            row["forecaster"],
            row["by_date"],
            row["median_or_point"],
            row["retrieved_as"],
        )
        for row in states
    )


@needs_shared
def test_a_source_that_is_only_a_site_is_said_to_be() -> None:
    site_level = Counter(
        row["source_url"]
        for row in facts("reference_forecasts.csv")
        if "site-level only" in row["notes"]
        and row["forecaster"] != "METR on Anthropic"
    )
    carried = Counter(
        one.source
        for one in REGISTRY.reference_forecasts.values()
        if not one.exact_page
    )
    assert not site_level - carried


def test_a_statement_is_read_with_the_probability_and_day_it_gave() -> None:
    for reference_id, one in REGISTRY.reference_forecasts.items():
        if one.kind != "probability_by_date":
            continue
        assert one.reads_as is not None, reference_id
        assert one.reads_as.probability == one.probability, reference_id
        assert one.reads_as.by.isoformat() == one.by_date, reference_id


def test_medians_are_read_as_one_half() -> None:
    for reference_id, one in REGISTRY.reference_forecasts.items():
        if one.kind == "median_date":
            assert one.reads_as is not None, reference_id
            assert one.reads_as.probability == 0.5, reference_id
            assert str(one.reads_as.by).startswith(str(one.point)[:4]), reference_id


@needs_shared
def test_every_figure_of_the_essay_is_carried_over() -> None:
    def printed(row: dict[str, str]) -> tuple[object, ...]:
        value = float(row["score"]) if row["score"] else None
        names = (row["benchmark"], row["model"], row["score_unit"])
        return (*names, value, row["submission_date"])

    carried = Counter(
        (one.subject, one.model, one.unit, one.value, one.dated)
        for one in REGISTRY.essay_claims.values()
    )
    assert carried == Counter(map(printed, facts("essay_import_ai_455.csv")))


def test_a_period_ends_on_its_last_day() -> None:
    assert last_day_of_period("2024-02") == date(2024, 2, 29)
    assert last_day_of_period("2025") == date(2025, 12, 31)
    assert last_day_of_period("2026-05-04") == date(2026, 5, 4)


# The two side tables


def observation(**cells: object) -> dict[str, object]:
    harness = {"harness": "Claude Code", "source_url": "https://example.org/"}
    return harness | cells


def test_a_claim_has_the_primary_figure_in_its_own_unit_beside_it() -> None:
    claims = {"core": REGISTRY.essay_claims["core_bench_2025"]}
    shared = {"benchmark_id": "core_bench_hard", "model_id": "claude_opus_4_5"}
    observations = OBSERVATIONS.frame(
        [
            observation(**shared, score=0.78),
            observation(**shared, score=0.99, harness="CORE-Agent"),
            observation(**shared | {"model_id": "other"}, score=0.9),
        ]
    )
    [row] = claim_rows(claims, observations)
    assert (row["value"], row["primary_value"]) == (95.5, pytest.approx(78.0))
    assert row["verdict"] == "other_grading"
    [early] = claim_rows(claims, OBSERVATIONS.frame([]))
    assert early["primary_value"] is None


def test_the_share_of_labour_is_one_minus_humans_over_all() -> None:
    assert share_of_labour(3.1, work_per_agent=1.0) == pytest.approx(1 - 1 / (1 + 3.1))
    assert share_of_labour(0.0, work_per_agent=1.0) == 0.0
    tenth = share_of_labour(3.1, work_per_agent=0.1)
    assert tenth == pytest.approx(0.31 / 1.31)
    rows = {str(row["ratio_id"]): row for row in ratio_rows(REGISTRY.labour_ratios)}
    assert rows["one_each"]["share_of_labour"] == 0.5
