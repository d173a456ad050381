"""What must hold of the figures and the registry that ship with the project.

The files are read here with the csv module and a YAML parser, not with the project's
own readers, so that a fault of a reader cannot hide a fault of the data.
"""

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from trends.registry import load_registry
from trends.registry.models import Alias, Benchmark, Correction, Model, Source
from trends.registry.publishers import with_publishers

DATA = Path(__file__).parent.parent / "data"
SHARED = DATA.parent.parent / "shared"
NEWER = "figures_2026_11"
HEADER = [
    "model_name_published",
    "developer",
    "release_date",
    "score",
    "standard_error",
    "ci_low",
    "ci_high",
    "harness",
    "reported_on",
    "reporter",
    "source_url",
    "note",
]
Row = dict[str, str]


def read_yaml(name: str) -> Any:
    """One registry file as plain dicts and lists; a repeated key is an error."""
    return YAML(typ="safe").load(DATA / "registry" / name)


BENCHMARKS = {
    key: Benchmark.model_validate(entry)
    for key, entry in read_yaml("benchmarks.yaml").items()
}
FORECAST = {key: one for key, one in BENCHMARKS.items() if one.role == "forecast"}
"""The others are in tests/test_calibration_series.py."""
MODELS = {
    key: Model.model_validate(entry) for key, entry in read_yaml("models.yaml").items()
}
ALIASES = {
    key: Alias.model_validate(entry)
    for key, entry in read_yaml("model_aliases.yaml").items()
}
CORRECTIONS = [Correction.model_validate(one) for one in read_yaml("corrections.yaml")]
SOURCES = {
    key: Source.model_validate(entry)
    for key, entry in read_yaml("sources.yaml").items()
}
IDS_BY_NAME = {model.name: key for key, model in MODELS.items()}


def published_rows(benchmark_id: str) -> list[Row]:
    """The rows of one file, as published."""
    path = DATA / "observations" / f"{benchmark_id}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def matches(correction: Correction, row: Row) -> bool:
    """Whether a correction speaks of this row."""
    return all(row[column] == cell for column, cell in correction.match.items())


def corrected_rows(benchmark_id: str) -> list[Row]:
    """The rows of one file with the corrections of the registry applied."""
    rows = published_rows(benchmark_id)
    for correction in CORRECTIONS:
        if correction.benchmark != benchmark_id:
            continue
        for row in rows:
            if matches(correction, row):
                row |= {column: cell or "" for column, cell in correction.set.items()}
    return rows


def release_of(benchmark_id: str, row: Row) -> date | None:
    """When a row's model was released; of a period, the day that dates it."""
    if BENCHMARKS[benchmark_id].measured_by == "period":
        return day(row["release_date"])
    return MODELS[str(model_id(row))].release_date


def model_id(row: Row) -> str | None:
    """The model that a row's published spelling names."""
    name = row["model_name_published"]
    return ALIASES[name].model if name in ALIASES else IDS_BY_NAME.get(name)


def day(cell: str) -> date | None:
    """A date cell; empty means not known."""
    return date.fromisoformat(cell) if cell else None


OPTIONAL = ("scoring_rule", "retrieved_on")
REVISED = {
    "apex_agents": 14,
    "metr_time_horizon_p50": 20 + 23 + 3,
    "metr_time_horizon_p80": 20 + 23,
    "swe_atlas": 0,
    "terminal_bench_4_vals": 2,
}
"""Rows that other copies or scoring rules add: 20 horizons changed in March 2026, 23 are
the first of their model in a copy before, and three read GPT-5.6 Sol by three rules."""

every_benchmark = pytest.mark.parametrize("benchmark_id", sorted(BENCHMARKS))
BY_MODEL = sorted(key for key, one in BENCHMARKS.items() if one.measured_by == "model")


def test_every_benchmark_has_a_file_and_says_how_many_rows() -> None:
    files = {path.stem for path in (DATA / "observations").glob("*.csv")}
    assert files == set(BENCHMARKS)
    counted = {key: one.n_rows for key, one in BENCHMARKS.items()}
    assert counted == {key: len(published_rows(key)) for key in BENCHMARKS}


def test_data_readme_lists_every_publisher_with_its_rows() -> None:
    """After a change: `python -m trends.registry.publishers`."""
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert readme == with_publishers(readme, load_registry(DATA / "registry"))
    assert f"\n{len(BENCHMARKS)} series, " in readme


def test_each_benchmark_belongs_to_exactly_one_publisher() -> None:
    listed = Counter(one for source in SOURCES.values() for one in source.benchmarks)
    assert set(listed.values()) == {1}
    for source_id, source in SOURCES.items():
        for benchmark_id in source.benchmarks:
            assert BENCHMARKS[benchmark_id].source == source_id


@every_benchmark
def test_every_row_has_the_same_columns_a_score_and_an_address(
    benchmark_id: str,
) -> None:
    text = (DATA / "observations" / f"{benchmark_id}.csv").read_bytes().decode("utf-8")
    header = text.split("\n", 1)[0].split(",")
    assert header == [*HEADER, *(name for name in OPTIONAL if name in header)]
    assert "\r" not in text
    for row in published_rows(benchmark_id):
        assert list(row) == header
        may_be_a_loss = BENCHMARKS[benchmark_id].unit.may_be_a_loss
        assert float(row["score"]) >= 0 or may_be_a_loss
        assert re.match(r"(https?://)?[\w.-]+\.\w+", row["source_url"]), row


@pytest.mark.parametrize("benchmark_id", BY_MODEL)
def test_every_published_spelling_names_a_model(benchmark_id: str) -> None:
    unknown = [
        row["model_name_published"]
        for row in corrected_rows(benchmark_id)
        if model_id(row) is None
    ]
    assert unknown == []


def test_one_model_has_one_release_date_in_every_file() -> None:
    stated: dict[str, set[date]] = defaultdict(set)
    for benchmark_id in BY_MODEL:
        for row in corrected_rows(benchmark_id):
            released = day(row["release_date"])
            if released is not None:
                stated[str(model_id(row))].add(released)
    conflicts = {
        key: days for key, days in stated.items() if days != {MODELS[key].release_date}
    }
    assert conflicts == {}


@every_benchmark
def test_no_figure_is_later_than_the_end_of_its_series(benchmark_id: str) -> None:
    end = BENCHMARKS[benchmark_id].observed_through
    for row in corrected_rows(benchmark_id):
        reported = day(row["reported_on"])
        released = release_of(benchmark_id, row)
        assert reported is None or reported <= end, row
        assert released is None or released <= end, row


@every_benchmark
def test_no_score_is_public_before_its_model(benchmark_id: str) -> None:
    for row in corrected_rows(benchmark_id):
        reported = day(row["reported_on"])
        released = release_of(benchmark_id, row)
        if row.get("scoring_rule", "").startswith("cheating runs"):
            continue  # METR on a preview of GPT-5.6 Sol, in no fit
        assert reported is None or released is None or released <= reported, row


@every_benchmark
def test_every_reporter_of_a_file_is_in_its_registry_entry(benchmark_id: str) -> None:
    found = {row["reporter"] for row in published_rows(benchmark_id)}
    assert found == {one.value for one in BENCHMARKS[benchmark_id].reporters}


@pytest.mark.parametrize(
    "benchmark_id",
    sorted(key for key, one in BENCHMARKS.items() if one.unit.is_bounded),
)
def test_every_bounded_series_has_an_uncertain_ceiling_that_may_be_1(
    benchmark_id: str,
) -> None:
    ceiling = BENCHMARKS[benchmark_id].ceiling
    assert ceiling is not None
    assert min(ceiling.values) < max(ceiling.values) == 1
    assert max(float(row["score"]) for row in published_rows(benchmark_id)) <= 100


def test_every_correction_changes_a_cell_that_is_printed_as_expected() -> None:
    for correction in CORRECTIONS:
        rows = [
            row
            for row in published_rows(correction.benchmark)
            if matches(correction, row)
        ]
        assert rows, correction.id
        for row in rows:
            assert correction.expect.items() <= row.items(), correction.id
            assert not correction.set or any(
                row[column] != (cell or "") for column, cell in correction.set.items()
            ), correction.id


def test_correction_ids_and_model_names_are_given_once() -> None:
    assert len({one.id for one in CORRECTIONS}) == len(CORRECTIONS)
    assert len(IDS_BY_NAME) == len(MODELS)


def test_every_alias_is_used_and_says_more_than_the_name() -> None:
    printed = {
        row["model_name_published"]
        for benchmark_id in BENCHMARKS
        for row in corrected_rows(benchmark_id)
    }
    assert set(ALIASES) <= printed
    for spelling, alias in ALIASES.items():
        repeats_name = spelling == MODELS[alias.model].name and alias.setting is None
        assert not repeats_name, spelling


def test_aliases_stand_in_order() -> None:
    spellings = list(read_yaml("model_aliases.yaml"))
    assert spellings == sorted(spellings, key=lambda s: (s.lower(), s))


def test_a_system_is_as_new_as_its_latest_component() -> None:
    with_components = [model for model in MODELS.values() if model.components]
    assert len(with_components) == 28
    for system in with_components:
        days = [MODELS[component].release_date for component in system.components]
        assert system.release_date == max(one for one in days if one is not None)
        assert None not in days


def test_every_dated_model_says_where_its_date_was_read() -> None:
    for key, model in MODELS.items():
        if model.release_date or model.earliest or model.latest:
            assert model.source, key


def test_effort_and_budget_of_a_run_are_kept_beside_the_model() -> None:
    assert ALIASES["Claude 4 Opus"] == Alias(model="claude_opus_4")
    assert ALIASES["claude-opus-4-20250514 (32k thinking)"] == Alias(
        model="claude_opus_4", setting="32k thinking"
    )
    assert ALIASES["gpt-5-2025-08-07_high"] == Alias(model="gpt_5", setting="high")


def test_checkpoints_released_on_different_days_are_different_models() -> None:
    days = [
        MODELS[ALIASES[spelling].model].release_date
        for spelling in ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "deepseek-r1-0528")
    ]
    assert days == [date(2024, 5, 13), date(2024, 8, 6), date(2025, 5, 28)]


def test_dates_that_the_files_print_in_conflict_are_settled_as_documented() -> None:
    assert MODELS["claude_opus_4_5"].release_date == date(2025, 11, 24)
    assert MODELS["deepseek_v2_5"].release_date == date(2024, 9, 6)
    assert MODELS["openhands_lm_32b_v0_1"].release_date is None


def test_record_21_of_the_speedrun_has_one_entry_for_each_of_its_three_timings() -> (
    None
):
    names = [
        row["model_name_published"]
        for benchmark_id in ("nanogpt_speedrun_first_rules", "nanogpt_speedrun")
        for row in corrected_rows(benchmark_id)
        if row["model_name_published"].startswith("record 21")
    ]
    assert names == [
        "record 21",
        "record 21 (re-timed 2025-02-01)",
        "record 21 (re-timed 2025-05-24)",
    ]


def test_views_and_versions_of_one_benchmark_share_a_family() -> None:
    families: dict[str, set[str]] = defaultdict(set)
    for key, benchmark in FORECAST.items():
        families[benchmark.family_id].add(key)
    assert len(families["swe_bench"]) == 6
    assert families["swe_bench_pro"] == {
        "swe_bench_pro",
        "swe_bench_pro_v2",
        "swe_bench_pro_developer_reported",
    }
    assert families["terminal_bench"] == {
        "terminal_bench_1",
        "terminal_bench_2",
        "terminal_bench_2_1",
        "frontier_bench_0_1",
        "terminal_bench_4",
        "terminal_bench_4_vals",
    }
    assert families["osworld_2"] == {
        "osworld_2",
        "osworld_2_strict_developer_reported",
        "osworld_2_partial_developer_reported",
    }
    assert families["metr_time_horizon"] == {
        "metr_time_horizon_p50",
        "metr_time_horizon_p80",
    }


def test_series_whose_figures_came_late_and_all_at_once_are_marked() -> None:
    late = {key for key, benchmark in FORECAST.items() if benchmark.final_vintage}
    assert late == {
        "metr_time_horizon_p50",
        "metr_time_horizon_p80",
        "posttrainbench_1_0",
        "posttrainbench_1_2",
        "llm_training_speedup",
        "apex_agents",
        "swe_bench_verified_epoch",
        "apex_agents_1_1",
        "swe_bench_pro_v2",
        "swe_atlas",
        "frontier_bench_0_1",
        "terminal_bench_4_vals",
        "frontierswe_v2",
        "mirrorcode",
        "osworld_2",
        "lmca",
        "mle_bench_revised",
        "posttrainbench_1_1",
    }


@pytest.mark.parametrize("benchmark_id", BENCHMARKS)
def test_every_benchmark_says_since_when_it_is_public_and_where_that_is_stated(
    benchmark_id: str,
) -> None:
    one = BENCHMARKS[benchmark_id]
    assert one.first_public_on is not None
    assert one.first_public_source is not None
    assert one.first_public_on <= one.observed_through


def test_older_items_and_older_models_are_exceptions() -> None:
    """A subset or new edition of public items; METR's retrospective measurements."""
    assert {key for key, one in FORECAST.items() if one.items_public_on} == {
        "swe_bench_lite",
        "swe_bench_verified",
        "swe_bench_verified_mini_agent",
        "swe_bench_verified_epoch",
        "swe_bench_verified_developer_reported",
        "tau2_bench_retail",
        "core_bench_hard_regraded",
        "paperbench_10",
    }
    assert {key for key, one in FORECAST.items() if one.oldest_release_on} == {
        "metr_time_horizon_p50",
        "metr_time_horizon_p80",
        "lmca",
    }


@pytest.mark.parametrize("version", ["p50", "p80"])
def test_metr_values_are_excluded_beyond_16_hours(version: str) -> None:
    reach = BENCHMARKS[f"metr_time_horizon_{version}"].measurable_range
    assert reach is not None
    assert (reach.high, reach.beyond) == (16 * 60, "exclude")


@pytest.mark.parametrize(
    ("benchmark_id", "items", "low", "high"),
    [
        ("swe_bench_verified_epoch", 484, 0.98, 1.03),
        ("swe_bench_pro", 731, 0.85, 1.15),
        ("mirrorcode", 30, 1.0, 1.3),
        ("terminal_bench_1", 80, 0.0, 0.5),
        ("mle_bench", 75, 0.0, 0.5),
    ],
)
def test_published_errors_are_of_the_kind_the_registry_says(
    benchmark_id: str, items: int, low: float, high: float
) -> None:
    """The median ratio to sqrt(p(1-p)/n) is 1 for items and far less for runs."""
    ratios = []
    for row in published_rows(benchmark_id):
        if row["standard_error"]:
            share = float(row["score"]) / 100
            sampling_error = (share * (1 - share) / items) ** 0.5
            ratios.append(float(row["standard_error"]) / 100 / sampling_error)
    median = sorted(ratios)[len(ratios) // 2]
    assert low < median < high
    assert BENCHMARKS[benchmark_id].n_items == items
    assert BENCHMARKS[benchmark_id].se_kind == ("items" if low > 0.5 else "runs")


def test_posttrainbench_errors_are_already_divided_by_the_root_of_the_runs() -> None:
    folder = SHARED / "published" / "posttrainbench"
    if not folder.exists():
        pytest.skip("the publisher's file is not part of the project")
    (path,) = folder.glob("*.csv")
    with path.open(encoding="utf-8", newline="") as file:
        published = {row["agent"]: row for row in csv.DictReader(file)}
    for row in published_rows("posttrainbench_1_2"):
        spread = published[row["model_name_published"]]
        expected = 100 * float(spread["std"]) / float(spread["n"]) ** 0.5
        assert float(row["standard_error"]) == pytest.approx(expected, abs=0.01)


def test_cells_are_the_published_ones_and_only_the_first_column_is_renamed() -> None:
    """Newer rows stand after the older ones; what repeats a score only is left out.

    Columns of this project's own stand last.
    """
    older, newer = (SHARED / name / "observations" for name in ("figures", NEWER))
    if not older.exists():
        pytest.skip("the figures as handed over are not part of the project")
    repeated = {"GPT-6 Sol", "GPT-6.1 Sol"}
    for benchmark_id in FORECAST:
        paths = [folder / f"{benchmark_id}.csv" for folder in (older, newer)]
        there = [path.read_bytes().decode() for path in paths if path.exists()]
        if not there:
            continue
        rows = [row for text in there for row in text.splitlines(keepends=True)[1:]]
        if benchmark_id == "openai_research_debugging":
            rows = [
                row
                for row in rows
                if row.split(",")[0] not in repeated or "read in a digest" not in row
            ]
        path = DATA / "observations" / f"{benchmark_id}.csv"
        if benchmark_id in REVISED:
            carried = [list(row.values())[:12] for row in published_rows(benchmark_id)]
            handed_over = list(csv.reader(rows))
            assert [row for row in carried if row in handed_over] == handed_over
            assert len(carried) == len(handed_over) + REVISED[benchmark_id]
            continue
        assert path.read_bytes().decode() == "".join([",".join(HEADER) + "\n", *rows])


WITHOUT_A_BENCHMARK = {
    "BioLP-bench",
    "Blueprint-Bench 2",
    "CSQA2",
    "GPQA Diamond Biology",
    "GPQA Diamond Chemistry",
    "GPQA Main Biology",
    "GPQA Main Chemistry",
    "LAB-Bench Cloning",
    "LAB-Bench LitQA2",
    "LAB-Bench Protocol",
    "LAB-Bench SeqQA",
    "MMLU Biology",
    "MMLU Chemistry",
    "PRBench",
    "SuperGLUE",
    "VISTA",
    "WMDP Biology",
    "WMDP Chemistry",
}
"""Tests that are not carried, and so their scores of people."""

ELSEWHERE = {"OSWorld", "ForecastBench baseline"}
"""Carried before, in other words."""


def test_every_score_of_people_is_carried_or_of_a_test_that_is_not() -> None:
    path = SHARED / NEWER / "human_baselines.csv"
    if not path.exists():
        pytest.skip("the figures as handed over are not part of the project")
    carried = {
        (baseline.label, baseline.source)
        for benchmark in BENCHMARKS.values()
        for baseline in benchmark.baselines
    }
    with path.open(encoding="utf-8", newline="") as file:
        missing = {
            row["benchmark"]
            for row in csv.DictReader(file)
            if row["benchmark"] not in ELSEWHERE
            and (f"{row['group']}: {row['who']}", row["source_url"]) not in carried
        }
    assert missing == WITHOUT_A_BENCHMARK


def test_scores_of_people_stand_on_the_scale_of_their_benchmark() -> None:
    """Where scores are the share of the way from chance to all, so are people's."""
    chance = {"gpqa_diamond": 0.25, "piqa": 0.5, "simple_bench": 1 / 6}
    published = {"gpqa_diamond": 0.697, "piqa": 0.949, "simple_bench": 0.837}
    for benchmark_id, level in chance.items():
        first = BENCHMARKS[benchmark_id].baselines[0].score
        expected = (published[benchmark_id] - level) / (1 - level)
        assert first == pytest.approx(expected, abs=5e-5)
    below = BENCHMARKS["gpqa_diamond"].baselines[1]
    assert (below.score, "below chance" in (below.note or "")) == (0.0, True)
