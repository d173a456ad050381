"""Statements and claims of the registry are those of the figures they were read from."""

from collections import Counter
from datetime import date

import pytest

from tests.statements import REGISTRY, facts, needs_shared
from trends.automation.side_tables import claim_rows, ratio_rows, share_of_labour
from trends.dates import last_day_of_period
from trends.tables import OBSERVATIONS


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
