"""Records that a later measurement of the same model contradicts are contested."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.conftest import CHECKOUT, PUBLISHED_AT
from tests.figures import benchmark, observations, positive, series
from trends.crossings import mark_contradicted
from trends.crossings.resolution import Resolution, resolve_bar
from trends.frontier import select_frontier, select_series_scores
from trends.outputs import read_table
from trends.pipeline import ForecastRequest, PublishedRun, forecast
from trends.registry import Benchmark
from trends.registry.load import load_registry
from trends.registry.models import CrossingRule, SeriesRule
from trends.registry.series import select_series
from trends.tables import CROSSING_SUMMARY, OBSERVATIONS, TREND_FITS
from trends.workspace import Workspace

OWN = "* simulator=b prompt=own"
TAU = benchmark(n_items=114, standard_harness=OWN)
BY_ALL = benchmark(n_items=114, reporters=["benchmark_authors", "developer"])
FASTER = positive(direction="lower")
FIRST, LATER = date(2025, 9, 29), date(2026, 2, 26)


def rows(*cells: dict[str, Any]) -> pl.DataFrame:
    """OBSERVATIONS rows of one model released on the first day, unless they say so."""
    usual = {"release_date": FIRST, "release_latest": FIRST, "reported_on": FIRST}
    return observations([usual | one for one in cells])


def resolved(
    table: pl.DataFrame, *, of: Benchmark = TAU, bar: float = 0.95
) -> Resolution:
    """What the rows say of one bar."""
    scores = select_series_scores(table, [series(entry=of)])
    return resolve_bar(scores, bar=bar, rule=CrossingRule(), benchmark=of)


def own(score: float, **cells: Any) -> dict[str, Any]:
    """A row that was measured later in the benchmark's own set-up."""
    set_up = "standard effort=high simulator=b prompt=own"
    return {"score": score, "harness": set_up, "reported_on": LATER} | cells


ADDED = {"score": 0.98, "harness": "effort= simulator= prompt=added"}


@pytest.mark.parametrize(
    ("first", "again", "contested"),
    [(0.98, 0.8487, True), (0.98, 0.9101, True), (0.98, 0.95, False)],
)
def test_the_owners_run_contradicts_by_more_than_the_errors(
    first: float, again: float, contested: bool
) -> None:
    """98.0 became 84.87 and 91.01 on 114 items; the bar of 50% is far from both."""
    found = resolved(rows(ADDED | {"score": first}, own(again)), bar=0.999)
    assert found.contested is contested
    assert (found.doubt is not None) is contested


def test_the_doubt_names_both_figures_day_and_row() -> None:
    found = resolved(rows(ADDED, own(0.8487)), bar=0.999)
    assert found.doubt == (
        "98% of Model was 84.9% when it was measured again on 2026-02-26 (test:1)"
    )


@pytest.mark.parametrize(
    ("bar", "contested"), [(0.5, False), (0.9, True)], ids=["passed again", "fell back"]
)
def test_a_crossing_is_contested_where_the_second_run_is_below_the_bar(
    bar: float, contested: bool
) -> None:
    found = resolved(rows(ADDED | {"score": 0.99}, own(0.8)), bar=bar)
    assert found.crossed_on == FIRST
    assert (found.doubt is not None) is contested


@pytest.mark.parametrize(
    "again",
    [
        own(0.8, model_id="other"),
        own(0.8, reported_on=date(2025, 9, 1)),  # measured before
        own(0.8, harness="standard simulator=c prompt=own"),
        own(0.8, harness=None),
    ],
    ids=["another model", "earlier", "another set-up", "set-up not stated"],
)
def test_what_is_no_second_measurement_contests_nothing(again: dict[str, Any]) -> None:
    assert resolved(rows(ADDED, again), bar=0.999).doubt is None


def test_another_agent_is_no_second_measurement() -> None:
    """A custom agent may be better than the benchmark's own."""
    custom = ADDED | {"harness": "custom effort= simulator=c prompt="}
    assert resolved(rows(custom, own(0.8)), bar=0.999).doubt is None


def test_of_several_runs_the_best_decides() -> None:
    """One without reasoning is far below; that with high effort agrees."""
    found = resolved(rows(ADDED, own(0.57), own(0.97)), bar=0.999)
    assert found.doubt is None


@pytest.mark.parametrize(
    ("cells", "contested"),
    [
        ({"harness": "Agent", "setting": "high"}, True),
        ({"harness": "Agent", "setting": "low"}, False),
        ({"harness": "Agent"}, True),  # the setting is not stated
        ({"harness": "Agent 2", "setting": "high"}, False),
    ],
)
def test_the_same_harness_and_setting_measure_again(
    cells: dict[str, Any], contested: bool
) -> None:
    first = {"score": 0.98, "harness": "Agent", "setting": "high"}
    again = {"score": 0.8, "reported_on": LATER} | cells
    found = resolved(rows(first, again), of=benchmark(n_items=114), bar=0.999)
    assert (found.doubt is not None) is contested


@pytest.mark.parametrize(
    ("first", "again", "contested"),
    [
        ("developer", "benchmark_authors", True),
        ("benchmark_authors", "developer", False),
        ("developer", "developer", False),
        ("benchmark_authors", "benchmark_authors", False),
    ],
)
def test_the_authors_measure_what_a_developer_claimed(
    first: str, again: str, contested: bool
) -> None:
    table = rows(
        {"score": 0.98, "harness": "Agent", "reporter": first},
        {"score": 0.8, "harness": None, "reporter": again, "reported_on": LATER},
    )
    assert (resolved(table, of=BY_ALL, bar=0.999).doubt is not None) is contested


@pytest.mark.parametrize(("again", "contested"), [(4.0, True), (2.05, False)])
def test_where_lower_is_better_a_higher_value_contradicts(
    again: float, contested: bool
) -> None:
    table = rows(
        {"score": 2.0, "standard_error": 0.1, "harness": "Agent"},
        {
            "score": again,
            "standard_error": 0.1,
            "harness": "Agent",
            "reported_on": LATER,
        },
    )
    found = resolved(table, of=FASTER, bar=1.0)
    assert (found.doubt is not None) is contested
    if found.doubt:
        assert found.doubt.startswith("2 minutes of Model was 4 minutes")


def test_without_any_error_nothing_can_be_contradicted() -> None:
    table = rows(
        {"score": 2.0, "harness": "Agent"},
        {"score": 9.0, "harness": "Agent", "reported_on": LATER},
    )
    assert resolved(table, of=FASTER, bar=1.0).contested is None


def test_contradicted_records_are_marked_among_the_observations() -> None:
    """A record that is not the standing one, too; what is no record is not."""
    table = rows(
        ADDED,
        own(0.8487),
        ADDED | {"score": 0.97, "model_id": "tied", "release_date": LATER},
        {
            "score": 0.99,
            "model_id": "best",
            "release_date": LATER,
            "release_latest": LATER,
        },
    )
    ours = [series(entry=TAU)]
    scores = select_series_scores(table, ours)
    marked = mark_contradicted(table, scores, select_frontier(scores, ours), ours)
    found = dict(marked.select("observation_id", "contradicted_by").rows())
    assert found == {"test:0": "test:1", "test:1": None, "test:2": None, "test:3": None}


def test_the_shipped_records_that_the_owner_measured_again(
    shipped_run: PublishedRun,
) -> None:
    marked = read_table(shipped_run.path, OBSERVATIONS)
    pairs = marked.filter(pl.col("contradicted_by").is_not_null()).join(
        marked.select("observation_id", again="score"),
        left_on="contradicted_by",
        right_on="observation_id",
    )
    found = pairs.select("benchmark_id", "model_id", "score", "again").sort("score")
    assert found.rows() == [
        ("tau2_bench_retail", "claude_sonnet_4_5", 0.862, 0.7237),
        ("tau2_bench_telecom", "claude_sonnet_4_5", 0.98, 0.8487),
    ]
    summary = read_table(shipped_run.path, CROSSING_SUMMARY).filter("is_headline")
    for name in ("tau2_bench_retail", "tau2_bench_telecom"):
        assert summary.filter(threshold_id=name)["contested"].to_list() == [True]
    [reason] = summary.filter(threshold_id="tau2_bench_retail")["status_reason"]
    assert "86.2% of Claude Sonnet 4.5 was 72.4%" in reason


def test_the_set_up_stands_in_the_harness_cell(shipped_run: PublishedRun) -> None:
    """Simulator and prompt of each row, as the submissions state them."""
    rows = read_table(shipped_run.path, OBSERVATIONS).filter(
        pl.col("benchmark_id") == "tau2_bench_telecom"
    )
    cells = dict(rows.select("model_name_published", "harness").rows())
    expected = {
        "Gemini 3.0 Pro": "simulator=same-as-agent prompt=added",
        "Claude-Sonnet-4.5": "simulator= prompt=added",
        "DeepSeek-V3.2": "simulator=same-as-agent prompt=",
        "Nemotron-Orchestrator-8B": "simulator=gpt-5 prompt=",
        "Claude Sonnet 4.5": "simulator=gpt-5.2 prompt=own",
        "Gemini 3 Pro": "simulator=gpt-5.2 prompt=own",
    }
    ends = {name: " ".join(cells[name].split()[-2:]) for name in expected}
    assert ends == expected


def test_a_draft_threshold_shows_comparable_rows_only(
    shipped_workspace: Workspace,
) -> None:
    name = "tau2_bench_telecom_own_set_up"
    run = forecast(
        ForecastRequest(
            as_of=date(2026, 11, 22), publish=False, thresholds=(name,), draws=200
        ),
        shipped_workspace,
        published_at=PUBLISHED_AT,
    )
    [row] = run.headline
    # of Qwen3.5's 97.81; with all rows GPT-5's 95.83 of 2025-08-07 crosses
    assert row["median_label"] == "crossed 2026-02-16 (contested) (DRAFT)"
    assert (row["n_observations"], row["frontier_score"]) == (8, 0.9781)
    ids = set(read_table(run.path, TREND_FITS)["series_id"])
    assert "tau2_bench_telecom__simulator_gpt_5_2_prompt_own" in ids


def test_a_rule_with_a_star_takes_cells_with_all_its_words() -> None:
    registry = load_registry(CHECKOUT / "data" / "registry")
    rule = SeriesRule(benchmark="tau2_bench_retail", harness=OWN)
    cells = ["x prompt=own simulator=b", "simulator=b", "simulator=bb prompt=own", None]
    table = rows(
        *(
            {"score": 0.5, "benchmark_id": "tau2_bench_retail", "harness": cell}
            for cell in cells
        )
    )
    found = select_series_scores(table, [select_series(rule, registry)])
    assert found["harness"].to_list() == cells[:1]


@pytest.mark.parametrize("rule", ["*", "* ", "*simulator=b"])
def test_a_star_without_words_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="after the star stand a space and the words"):
        SeriesRule(benchmark="x", harness=rule)
