"""METR, aider and SWE-bench: what their files give, and when they are refused."""

import json
from typing import Any

import pytest

from tests.publisher_files import (
    AIDER,
    AIDER_RUNS,
    METR,
    METR_1_1,
    SWE_BENCH,
    cells,
    entry,
    leaderboards,
    read,
    submission,
)
from trends.sources import SourceError
from trends.sources.readers import formats_of

BOARDS: dict[str, list[Any]] = {
    "bash-only": [submission(**{"mini-swe-agent_version": "1.16.0"})],
    "Verified": [submission()],
    "Multimodal": [submission()],
}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (METR_1_1, "metr"),
        (METR_1_1.replace("v1.1", "v1"), "metr"),
        (AIDER_RUNS, "aider"),
        (leaderboards(BOARDS), "swe_bench"),
        ("\ufeff" + json.dumps(json.loads(leaderboards(BOARDS))), "swe_bench"),
    ],
)
def test_the_format_is_found_from_the_file(content: str, name: str) -> None:
    assert formats_of(content.encode())[0] == name


def test_metr_gives_both_horizons_at_their_lines_in_minutes() -> None:
    reading = read(METR_1_1, METR)

    assert cells(
        reading, "benchmark_id", "source_row", "model_name_published", "score"
    ) == [
        ("long_p50", 13, "tern_2_inspect", "11.3950"),
        ("long_p80", 17, "tern_2_inspect", "1.671757"),
        ("long_p50", 30, "tern_1", "0.1"),
        ("long_p80", 34, "tern_1", "0.01"),
    ]
    assert reading.dropped == ()
    [first, _, old, _] = reading.rows.rows(named=True)
    assert (first["ci_low"], first["ci_high"]) == ("5.489734", "22.384214")
    assert first["release_date"] == "2024-06-20"
    assert (first["harness"], first["reporter"]) == ("METR", "benchmark_authors")
    assert first["source_url"] == "https://example.org/horizons"
    assert (first["note"], first["scoring_rule"]) == (None, None)
    # the file of suite 1.1 carries it in the series of suite 1.1, and says so
    assert (old["note"], old["scoring_rule"]) == ("measured on suite 1.0", None)
    assert old["ci_low"] == "0.00005"


def test_a_file_of_another_suite_is_read_under_a_rule_that_no_series_takes() -> None:
    reading = read(METR_1_1.replace("METR-Horizon-v1.1", "METR-Horizon-v1", 1), METR)

    assert set(reading.rows["scoring_rule"]) == {"suite 1.0"}


def test_a_new_suite_asks_for_a_new_series() -> None:
    with pytest.raises(SourceError, match=r"'METR-Horizon-v2'.*open a new series"):
        read(METR_1_1.replace("METR-Horizon-v1.1", "METR-Horizon-v2", 1), METR)


def test_a_horizon_that_is_missing_is_named_and_costs_its_row() -> None:
    without = METR_1_1.replace(
        "      p80_horizon_length:\n        ci_high: 0.02\n", "      p80:\n"
    )
    [dropped] = read(without, METR).dropped

    assert dropped.reason == "'tern_1' has no field 'metrics.p80_horizon_length'"
    assert dropped.row == 24


def test_a_metr_field_that_was_renamed_everywhere_refuses_the_file() -> None:
    renamed = METR_1_1.replace("estimate:", "value:")

    with pytest.raises(SourceError, match=r"board\.txt:13: .*horizon_length\.estimate"):
        read(renamed, METR)
    with pytest.raises(SourceError, match="no mapping 'results'"):
        read(METR_1_1.replace("results:", "rows:"), METR)


def test_a_figure_that_is_none_stays_for_the_gate() -> None:
    reading = read(METR_1_1.replace("estimate: 0.01", "estimate: .nan"), METR)

    assert reading.rows["score"].to_list()[-1] == ".nan"


def test_options_of_metr_may_name_benchmarks_of_the_file_only() -> None:
    stray = entry("metr", ["long_p50"], **METR.options)

    with pytest.raises(SourceError, match=r"name \['long_p80'\]"):
        read(METR_1_1, stray)


def test_aider_gives_the_second_rate_with_version_and_format_as_harness() -> None:
    reading = read(AIDER_RUNS, AIDER)

    assert cells(reading, "source_row", "model_name_published", "score") == [
        (1, "Tern 2 exp-02-05 (high)", "35.0"),
        (15, "gull-4o-mini-2024-07-18", "3.6"),
    ]
    assert cells(reading, "harness", "reported_on", "reporter") == [
        ("aider 0.75 (whole)", "2025-02-25", "benchmark_authors"),
        ("aider 0.75.2.dev (diff)", "2025-03-01", "benchmark_authors"),
    ]


def test_a_run_of_aider_without_its_rate_costs_the_run() -> None:
    [dropped] = read(AIDER_RUNS.replace("pass_rate_2: 3.6", ""), AIDER).dropped

    assert (dropped.row, dropped.reason) == (15, "run 2 has no field 'pass_rate_2'")


def test_aider_in_another_shape_is_refused() -> None:
    with pytest.raises(SourceError, match="is not a list of runs"):
        read("runs:\n" + AIDER_RUNS, AIDER)
    with pytest.raises(SourceError, match=r"board\.txt:1: run 1 has no field 'model'"):
        read(AIDER_RUNS.replace("model:", "name:"), AIDER)
    with pytest.raises(SourceError, match="names 2 benchmarks, and reader 'aider' fe"):
        read(AIDER_RUNS, entry("aider", ["a", "b"], **AIDER.options))


def test_each_board_of_swe_bench_feeds_its_benchmark() -> None:
    reading = read(leaderboards(BOARDS), SWE_BENCH)

    assert cells(reading, "benchmark_id", "harness", "score", "reported_on") == [
        ("issues_mini_agent", "mini-SWE-agent 1.16.0", "70.6", "2025-09-28"),
        ("issues", "Nest + Tern 2", "70.6", "2025-09-28"),
    ]
    [dropped] = reading.dropped
    assert dropped.reason == "its board is not named in sources.yaml"
    assert "resolved" not in dropped.cells


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"tags": ["Model: tern-2", "Model: gull-1"]}, "model", "tern-2 + gull-1"),
        ({"tags": ["Org: Nest"]}, "model", "Nest + Tern 2"),
        (
            {"tags": ["Model: https://example.org/tern"]},
            "model",
            "https://example.org/tern",
        ),
        ({"tags": ["Model: ", 3, None]}, "model", "Nest + Tern 2"),
        ({"checked": True}, "reporter", "leaderboard"),
        ({"checked": False}, "reporter", "developer"),
        ({"checked": None}, "reporter", "developer"),
        ({"checked": "false (See README.md)"}, "reporter", "developer"),
        ({"site": None}, "source_url", "https://example.org/swe"),
        (
            {"site": ["", "https://a.org/", "https://b.org"]},
            "source_url",
            "https://a.org/",
        ),
        ({"site": "https://a.org/x (https://b.org)"}, "source_url", "https://a.org/x"),
        ({"site": "see the paper"}, "source_url", "https://example.org/swe"),
        ({"warning": "not\nyet checked"}, "note", "not yet checked"),
    ],
)
def test_fields_of_a_submission_come_in_many_shapes(
    changes: dict[str, Any], column: str, expected: str
) -> None:
    boards = BOARDS | {"Verified": [submission(**changes)]}
    reading = read(leaderboards(boards), SWE_BENCH)
    column = "model_name_published" if column == "model" else column

    assert cells(reading, column)[1] == (expected,)


def test_a_submission_without_a_field_costs_itself() -> None:
    bad = submission()
    del bad["resolved"]
    boards = BOARDS | {"Verified": [bad, submission(), "?", submission(resolved="x")]}
    reading = read(leaderboards(boards), SWE_BENCH)

    assert reading.rows.height == 2
    assert [one.reason for one in reading.dropped] == [
        "a submission has no field 'resolved'",
        "a submission is not an object",
        "a submission has no field 'resolved'",
        "its board is not named in sources.yaml",
    ]


def test_a_score_that_is_not_a_number_of_json_stays_for_the_gate() -> None:
    boards = BOARDS | {"Verified": [submission(resolved=float("nan"))]}

    assert read(leaderboards(boards), SWE_BENCH).rows["score"].to_list()[1] == "NaN"


def test_a_submission_that_stands_twice_on_a_board_counts_once() -> None:
    boards = BOARDS | {"Verified": [submission(), submission()]}
    reading = read(leaderboards(boards), SWE_BENCH)

    assert reading.rows.height == 2
    assert "word for word" in reading.dropped[0].reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (leaderboards({"Verified": [submission()]}), "has no board 'bash-only'; there"),
        ('{"leaderboards": {}}', "no list 'leaderboards'"),
        (
            '{"leaderboards":\n [{"name": "Verified"}]}',
            "board.txt:2: a board has no fi",
        ),
        (
            leaderboards(BOARDS | {"Verified": [submission()] * 9}).replace(
                '"resolved"', '"score"'
            ),
            "a submission has no field 'resolved'; so do ",
        ),
        (leaderboards(BOARDS)[:300], "is the file cut off?"),
    ],
)
def test_leaderboards_of_another_structure_are_refused(content: str, said: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(content, SWE_BENCH)

    assert said in str(caught.value)
