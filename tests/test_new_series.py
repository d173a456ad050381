"""The series of May to October 2026: rules, counts of items and successions."""

import csv
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from trends.registry.models import Benchmark

DATA = Path(__file__).parent.parent / "data"
BENCHMARKS = {
    key: Benchmark.model_validate(entry)
    for key, entry in YAML(typ="safe")
    .load(DATA / "registry" / "benchmarks.yaml")
    .items()
}


def published_rows(benchmark_id: str) -> list[dict[str, str]]:
    """The rows of one file, as published."""
    path = DATA / "observations" / f"{benchmark_id}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_figures_read_in_a_note_are_in_that_note() -> None:
    """Two models' scores under the other rule stand in the note of every row."""
    *rows, fable, opus = published_rows("terminal_bench_4_vals")
    assert {row["scoring_rule"] for row in rows} == {"fallback answers counted"}
    for row, name in ((fable, "Fable 5.1"), (opus, "Opus 5.5")):
        assert row["scoring_rule"] == "fallback answers counted as failures"
        assert f"{name} {row['score']}" in rows[0]["note"]


def test_a_mean_of_fewer_boards_is_under_another_rule() -> None:
    rule = BENCHMARKS["swe_atlas"].scoring_rule
    rows = published_rows("swe_atlas")
    assert sum(row["scoring_rule"] == rule for row in rows) == 16
    for row in rows:
        of_three = row["note"].startswith("mean of three boards")
        assert of_three == (row["scoring_rule"] == rule)


@pytest.mark.parametrize(
    ("benchmark_id", "parts"),
    [
        ("swe_bench_pro_v2", 51),
        ("tau_bench_banking_knowledge", 4 * 97),
    ],
)
def test_counts_of_items_that_were_inferred_fit_every_score(
    benchmark_id: str, parts: int
) -> None:
    """Each score is a whole number of parts, to the digits that are printed."""
    for row in published_rows(benchmark_id):
        if row["model_name_published"].startswith("Distyl"):
            continue
        digits = len(row["score"].partition(".")[2])
        whole = float(row["score"]) * parts / 100
        slack = 0.5 * 10**-digits * parts / 100
        assert abs(whole - round(whole)) <= slack + 0.02, row


def test_every_newer_edition_and_the_one_before_name_each_other() -> None:
    """Both directions, as `trends check` demands; here the lines themselves."""
    after = {key: one.superseded_by for key, one in BENCHMARKS.items()}
    expected = {
        "swe_bench_pro": "swe_bench_pro_v2",
        "terminal_bench_1": "terminal_bench_2",
        "terminal_bench_2": "terminal_bench_2_1",
        "terminal_bench_2_1": "terminal_bench_4",
        "frontier_bench_0_1": "terminal_bench_4",
        "apex_agents": "apex_agents_1_1",
        "posttrainbench_1_0": "posttrainbench_1_1",
        "posttrainbench_1_1": "posttrainbench_1_2",
        "nanogpt_speedrun_first_rules": "nanogpt_speedrun",
    }
    assert expected.items() <= after.items()
    for older, newer in after.items():
        if newer:
            assert BENCHMARKS[older].family_id == BENCHMARKS[newer].family_id
