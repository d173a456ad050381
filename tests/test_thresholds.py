"""The thresholds that ship with the project: complete, sourced and honest."""

import re
from collections import Counter
from functools import cache

import pytest

from trends.registry import (
    Bar,
    BarBasis,
    Domain,
    Registry,
    Threshold,
    TrendFamily,
    check,
    load_registry,
    threshold_series_id,
)
from trends.workspace import Workspace

FOLDER = Workspace.find().registry
HOURS = 60
"""Minutes in an hour: METR's bars are stated in hours and stored in minutes."""

SHORT_NAME = 37
"""Columns that a bar's name has beside its dates on a line of 80."""


@cache
def registry() -> Registry:
    return load_registry(FOLDER)


def active() -> list[Threshold]:
    return [one for one in registry().thresholds.values() if one.status == "active"]


def bars(threshold_id: str) -> dict[str, float]:
    return {bar.id: bar.value for bar in registry().thresholds[threshold_id].bars}


def short(threshold: Threshold, bar: Bar) -> str:
    return f"{threshold.short_title}: {bar.in_short}"


@pytest.mark.parametrize(
    "threshold", registry().thresholds.values(), ids=lambda one: one.id
)
def test_every_bar_has_a_name_that_leaves_room_on_a_line(threshold: Threshold) -> None:
    assert threshold.short_title is not None
    for bar in threshold.bars:
        assert len(short(threshold, bar)) <= SHORT_NAME, short(threshold, bar)


def test_short_names_tell_all_bars_apart() -> None:
    names = [
        short(one, bar) for one in registry().thresholds.values() for bar in one.bars
    ]
    assert [name for name, n in Counter(names).items() if n > 1] == []


@pytest.mark.parametrize(
    ("label", "in_short"),
    [
        ("95% of items (declared solved by an author)", "95%"),
        ("72.36% of items", "72.36%"),
        ("1 work-month (167 h), out-of-range values as bounds", "1 work-month"),
        ("ML PhDs, 48 h, best of 3 (41.4%)", "ML PhDs"),
        ("1000x", "1000x"),
    ],
)
def test_a_bar_without_a_short_label_makes_one(label: str, in_short: str) -> None:
    bar = Bar(id="b", value=1, label=label, basis=BarBasis.PROJECT_CHOICE)
    assert bar.in_short == in_short
    assert bar.model_copy(update={"short_label": "mine"}).in_short == "mine"


def headline(threshold_id: str) -> float:
    return registry().thresholds[threshold_id].headline_bar.value


def test_the_shipped_registry_has_no_errors_and_accepts_its_warnings() -> None:
    """METR's suite ends at 16 hours; every longer bar is said to lie beyond it."""
    assert [str(one) for one in check(FOLDER)] == []
    accepted = {
        threshold.id: (one.warning, one.bars)
        for threshold in registry().thresholds.values()
        for one in threshold.accepts
    }
    longer = ["week", "month", "year"]
    assert accepted == {
        "metr_work_month": ("bar_above_measurable", longer),
        "metr_work_month_out_of_range": ("bar_above_measurable", longer),
        "metr_p80_work_year": ("bar_above_measurable", [*longer, "years_125"]),
    }


def test_every_part_of_ai_rd_has_thresholds() -> None:
    domains = Counter(
        registry().benchmarks[one.series.benchmark].domain for one in active()
    )
    assert len(active()) >= 20
    parts = set(Domain) - {Domain.GENERAL}
    assert min(domains[domain] for domain in parts) >= 5


def test_metr_bars_are_working_hours_in_minutes() -> None:
    assert bars("metr_work_month") == {
        "day": 8 * HOURS,
        "week": 40 * HOURS,
        "month": 167 * HOURS,
        "year": 2000 * HOURS,
    }
    assert bars("metr_p80_work_year") == {
        **bars("metr_work_month"),
        "years_125": 125 * 2000 * HOURS,
    }
    assert headline("metr_work_month") == 10_020
    assert headline("metr_p80_work_year") == 120_000


@pytest.mark.parametrize(
    ("threshold_id", "value"),
    [
        ("core_bench_hard", 0.80),
        ("core_bench_hard_regraded", 0.95),
        ("paperbench", 0.414),
        ("posttrainbench_1_0", 0.511),
        ("posttrainbench_1_2", 0.484),
        ("osworld_verified", 0.7236),
        ("llm_training_speedup", 4),
        ("kernel_optimisation_speedup", 300),
        ("vending_bench_2", 63_000),
        ("cobench_2_1", 0.85),
    ],
)
def test_a_bar_set_by_people_or_authors_is_the_headline(
    threshold_id: str, value: float
) -> None:
    bar = registry().thresholds[threshold_id].headline_bar
    assert bar.value == value
    assert bar.basis is not BarBasis.PROJECT_CHOICE


def test_a_bounded_benchmark_carries_the_whole_ladder() -> None:
    for threshold in active():
        benchmark = registry().benchmarks[threshold.series.benchmark]
        if benchmark.unit.is_bounded:
            values = {bar.value for bar in threshold.bars}
            assert {0.20, 0.50, 0.80, 0.95, 0.99} <= values, threshold.id
            assert set(threshold.trends) >= {TrendFamily.DRIFT, TrendFamily.LOGISTIC}
        else:
            assert set(threshold.trends) >= {
                TrendFamily.DRIFT,
                TrendFamily.EXPONENTIAL,
            }


def test_a_headline_that_is_our_own_choice_says_so() -> None:
    for threshold in active():
        if threshold.headline_bar.basis is BarBasis.PROJECT_CHOICE:
            said = "bar is this project's choice"
            assert said in threshold.operationalisation, threshold.id


def test_no_threshold_claims_automation_and_each_says_what_a_crossing_is_not() -> None:
    for threshold in active():
        why = threshold.why_it_matters
        claims = f"{threshold.title} {threshold.operationalisation} {why}"
        assert not re.search(r"R&D|automates|self-improv", claims), threshold.id
        assert re.search(r"\b(not|nothing)\b", why), threshold.id


def test_human_and_developer_bars_are_baselines_of_their_benchmark() -> None:
    measured = {BarBasis.HUMAN_BASELINE, BarBasis.DEVELOPER_LINE}
    for threshold in active():
        baselines = registry().benchmarks[threshold.series.benchmark].baselines
        for bar in threshold.bars:
            if bar.basis in measured:
                assert bar.value in {baseline.score for baseline in baselines}, bar.id


def test_each_series_has_one_threshold_and_is_a_whole_benchmark() -> None:
    """But for METR's values out of range and the vintages of Anthropic's harness."""
    series = [threshold_series_id(one, registry()) for one in active()]
    assert len(set(series)) == len(series)
    assert set(series) - set(registry().benchmarks) == {
        "metr_time_horizon_p50__out_of_range_censored",
        "osworld_2_strict_developer_reported__anthropic_vintage_2026_09_22_updated_harness",
    }


def test_every_threshold_file_tells_editors_its_schema() -> None:
    first = "# yaml-language-server: $schema=../schemas/threshold.schema.json"
    for path in FOLDER.glob("thresholds/*.yaml"):
        assert path.read_text(encoding="utf-8").splitlines()[0] == first, path.name
    assert (FOLDER / "schemas" / "threshold.schema.json").is_file()
