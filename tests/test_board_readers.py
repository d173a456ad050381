"""Readers of leaderboards: what each takes from a file, and what it leaves out."""

import json
import re
import sqlite3
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests import board_files
from tests.board_files import FILES, changed, request
from tests.conftest import CHECKOUT
from trends.registry import SourceFile
from trends.sources import SourceError, hal
from trends.sources.markdown_tables import find_tables
from trends.sources.readers import READERS, formats_of, read_file
from trends.sources.reading import Reading
from trends.sources.templates import fill

ADD = "ALTER TABLE parsed_results ADD COLUMN"
each_kind = pytest.mark.parametrize("kind", FILES)


def read(kind: str, content: bytes | None = None, **options: Any) -> Reading:
    asked = request(kind, **options)
    return READERS[asked.file.reader].read(
        FILES[kind] if content is None else content, asked
    )


def cells(reading: Reading, *columns: str) -> list[tuple[object, ...]]:
    return reading.rows.select(columns).rows()


def reasons(reading: Reading) -> dict[int, str]:
    return {row.row: row.reason for row in reading.dropped}


@each_kind
def test_a_file_is_known_by_what_is_in_it(kind: str) -> None:
    reader = request(kind).file.reader
    others = {"table"} if kind in {"posttrainbench", "tau2_bench"} else set()
    assert reader in formats_of(FILES[kind])
    assert set(formats_of(FILES[kind])) - {"table"} <= {reader} | others


@each_kind
def test_every_row_is_of_the_publisher_and_has_a_place_of_its_own(kind: str) -> None:
    reading = read(kind)
    places = [*reading.rows["source_row"], *reasons(reading)]
    assert len(places) == len(set(places))
    assert set(reading.rows["source_id"]) == {"publisher"}
    assert set(reading.rows["source_file"]) == {"board"}
    assert set(reading.rows["reporter"]) == {"leaderboard"}


@each_kind
def test_options_that_a_reader_does_not_take_are_refused_by_name(kind: str) -> None:
    with pytest.raises(SourceError, match=r"sources\.yaml: .*'board'.*colour"):
        read(kind, colour="blue")


# MLE-bench


def test_mle_bench_without_links_breaks_and_footnotes() -> None:
    reading = read("mle_bench")
    assert cells(
        reading, "source_row", "model_name_published", "score", "standard_error",
        "harness", "reported_on", "note",
    ) == [
        (3, "Otter-2", "61.33", "0.77", "Plumber (Ponds Ltd)", "2026-01-05",
         "running time 24 hours"),
        (4, "Heron-1", "35.5", None, "Digger", "2024-10-08", "running time 12 hours"),
    ]  # fmt: skip
    assert reasons(reading) == {
        5: "has 4 cells, where the header has 6",
        6: "All (%) is empty",
        12: "set apart by the publisher under 'Additional Leaderboard Submissions': "
        "Peeked",
    }


def test_mle_bench_leaves_out_what_its_older_table_marks_as_leaked() -> None:
    reading = read("mle_bench", board_files.MLE_BENCH_OLDER.encode())
    assert cells(reading, "model_name_published", "score", "harness") == [
        ("Otter-2", "61.33", "Plumber (Ponds Ltd)"),
        ("heron-1", "3.33", "CANAL LOCK+"),
    ]
    assert reasons(reading) == {
        7: "marked by the publisher as using leaked test labels"
    }


def test_a_renamed_column_is_named_with_what_it_may_have_become() -> None:
    content = board_files.MLE_BENCH.replace("All (%)", "All [%]").encode()
    with pytest.raises(SourceError, match=r"board:1: no column 'All \(%\)'.*All \[%\]"):
        read("mle_bench", content)


def test_a_readme_without_its_leaderboard_is_refused() -> None:
    with pytest.raises(SourceError, match="no table with a column 'Agent'"):
        read("mle_bench", b"# A benchmark\n\nSee the site.\n")


# modded-nanogpt


def test_records_are_in_minutes_and_in_the_series_of_their_timing_rules() -> None:
    reading = read("modded_nanogpt")
    assert cells(
        reading, "benchmark_id", "model_name_published", "score", "release_date"
    ) == [
        ("exam", "record 1", "90", "2024-05-28"),
        ("exam", "record 2", "45", "2024-06-06"),
        ("quiz", "record 2", "46.5", "2025-02-01"),
        ("quiz", "record 3", "1", "2025-12-31"),
    ]
    assert set(reading.rows["harness"]) == {"8 GPUs"}
    assert reasons(reading) == {
        9: "Record time is 'soon', neither minutes nor hours",
        15: "of another track, 'Speedrun track 2'",
    }


def test_a_record_before_every_series_gives_no_score() -> None:
    reading = read("modded_nanogpt", starts={"quiz": "2025-02-01"})
    assert reasons(reading)[5] == "2024-05-28 is before the first day of any series"


def test_a_track_that_is_gone_is_refused_with_what_is_there() -> None:
    content = board_files.MODDED_NANOGPT.replace("World record", "Record").encode()
    with pytest.raises(SourceError, match=r"World record history.*Record history"):
        read("modded_nanogpt", content)


# PostTrainBench


def test_posttrainbench_is_percent_and_its_error_that_of_a_mean_of_n_runs() -> None:
    reading = read("posttrainbench")
    assert cells(
        reading, "model_name_published", "score", "standard_error", "harness"
    ) == [
        ("Otter-2 (Max)", "41.655705", f"{0.82 / 3**0.5:.4f}", "Lake CLI"),
        ("Heron-1, low", "7", f"{2 / 2**0.5:.4f}", None),
        ("Newt-0", "50", None, None),
        ("Newt-1", "25", None, None),
    ]
    assert reasons(reading) == {4: "avg is ERR: no score"}


@pytest.mark.parametrize("std", ["0.0.2", ".0.02", "nan", "1e999", "-0.02", "0,02"])
def test_a_deviation_that_is_no_number_is_left_for_the_gate(std: str) -> None:
    content = board_files.POSTTRAINBENCH.replace("0.0082", std).encode()
    [error, *_] = read("posttrainbench", content.replace(b"0,02", b'"0,02"')).rows[
        "standard_error"
    ]
    assert error == {"-0.02": "-2"}.get(std, std)


# HAL


def test_hal_gives_every_run_with_its_agent_and_its_count_of_tasks() -> None:
    reading = read("hal")
    assert cells(
        reading, "source_row", "model_name_published", "score", "harness",
        "reported_on", "note",
    ) == [
        (1, "Otter 2", "66.666667", "Digger", "2025-08-19", "2 of 3 tasks"),
        (2, "Otter 2", "33.333333", "Digger", "2025-09-11", "1 of 3 tasks"),
        (3, "Heron 1", "0", "Digger", "2025-09-12", None),
    ]  # fmt: skip
    assert reasons(reading) == {
        4: "accuracy is empty",
        5: "benchmark_name is 'oral', not carried",
    }


def _hal_after(*statements: str) -> bytes:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(FILES["hal"])
    database.execute("PRAGMA writable_schema = ON")
    for statement in statements:
        database.execute(statement)
    content = database.serialize()
    database.close()
    return content


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["DROP TABLE parsed_results"], "no table 'parsed_results'"),
        (
            ["ALTER TABLE parsed_results RENAME TO runs",
             "CREATE VIEW parsed_results AS SELECT * FROM runs"],
            "no table 'parsed_results'",
        ),
        (
            ["ALTER TABLE parsed_results RENAME COLUMN accuracy TO accurate"],
            "no column 'accuracy', is it now 'accurate'",
        ),
        (
            ["ALTER TABLE parsed_results RENAME COLUMN accuracy TO acc",
             f"{ADD} accuracy AS (hex(zeroblob(400000000)))"],
            "no column 'accuracy'",
        ),
        (
            ["UPDATE sqlite_master SET rootpage = 9999 WHERE type = 'table'"],
            "cannot be read as SQLite",
        ),
    ],
    ids=["gone", "view", "renamed", "computed", "damaged"],
)  # fmt: skip
def test_a_database_that_is_another_or_would_run_something_is_refused(
    statements: list[str], expected: str
) -> None:
    with pytest.raises(SourceError, match=expected):
        read("hal", _hal_after(*statements))


def test_a_query_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hal, "_STEPS", 10)
    with pytest.raises(SourceError, match="interrupted"):
        read("hal")


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("['Otter 2', 'Heron 1']", "Otter 2 + Heron 1"),
        ("[__import__('os')]", "[__import__('os')]"),
        ("[1, 2]", "[1, 2]"),
        ("[" * 100_000, "[" * 100_000),
        (r"['\d']", r"\d"),
        ("Otter 2", "Otter 2"),
    ],
    ids=["several", "a call", "no names", "deep", "escape", "one"],
)
def test_a_printed_list_is_read_and_never_run(printed: str, expected: str) -> None:
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.deserialize(FILES["hal"])
    database.execute("UPDATE parsed_results SET model_name = ?", [printed])
    content = database.serialize()
    database.close()
    assert read("hal", content).rows["model_name_published"][0] == expected


# tau2-bench


def test_tau2_bench_gives_each_domain_that_is_carried() -> None:
    reading = read("tau2_bench")
    [row] = reading.rows.to_dicts()
    assert row == row | {
        "benchmark_id": "quiz",
        "source_row": 7,
        "model_name_published": "Otter 2 (high)",
        "developer": "Ponds",
        "release_date": "2026-01-31",
        "score": "81.58",
        "harness": "standard user Heron-1",
        "reported_on": "2026-02-26",
        "note": "tau2-bench 1.0.1; user simulator Heron-1; pass^4 60.25",
    }
    assert reasons(reading) == {
        8: "domain 'airline' is not carried",
        9: "telecom was not run",
    }


def test_submissions_may_come_as_a_list() -> None:
    one = json.loads(FILES["tau2_bench"])
    both = json.dumps([one, one | {"model_name": "Heron 1"}]).encode()
    assert read("tau2_bench", both).rows["model_name_published"].to_list() == [
        "Otter 2 (high)",
        "Heron 1 (high)",
    ]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("modality",), "voice", "modality is 'voice', another test"),
        (
            ("methodology", "verification", "omitted_questions"),
            True,
            "questions were left out",
        ),
    ],
)
def test_a_submission_of_another_test_gives_no_score(
    path: tuple[str, ...], value: object, expected: str
) -> None:
    content = changed(FILES["tau2_bench"], *path, to=value)
    with pytest.raises(SourceError, match=expected):
        read("tau2_bench", content)


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"results": 3}', b"3", b"[null]"])
def test_json_that_is_no_submission_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError, match=r"not a submission|none of its 0 rows"):
        read("tau2_bench", content)


# Terminal-Bench


def test_terminal_bench_gives_what_the_hub_shows() -> None:
    reading = read("terminal_bench")
    assert cells(
        reading, "model_name_published", "developer", "score", "standard_error",
        "ci_low", "ci_high", "harness", "reported_on",
    ) == [
        ("Otter 2 (max)", "Lake", "74.6", "1.25", "72.1", "77.1", "Digger (Ponds)",
         "2026-02-26"),
        ("Heron 1", None, "30", None, None, None, "Digger", None),
    ]  # fmt: skip
    assert list(reasons(reading).values()) == [
        "not shown by the hub: status 'hide'",
        "metrics has no accuracy",
    ]


def test_one_page_of_a_board_is_not_the_board() -> None:
    content = changed(FILES["terminal_bench"], "pagination", "total_pages", to=3)
    with pytest.raises(SourceError, match="one page of '3'"):
        read("terminal_bench", content)


def test_another_board_of_the_hub_is_refused_by_name() -> None:
    content = changed(FILES["terminal_bench"], "leaderboard", "name", to="4-0-0")
    with pytest.raises(SourceError, match=r"terminal/4-0-0.*expects.*terminal/2-0"):
        read("terminal_bench", content)


# Every Eval Ever


def test_an_evaluation_record_gives_its_score_with_error_and_interval() -> None:
    reading = read("every_eval_ever")
    [row] = reading.rows.to_dicts()
    assert row == row | {
        "benchmark_id": "quiz",
        "model_name_published": "Otter 2",
        "developer": "Lake",
        "score": "7",
        "standard_error": "1.25",
        "ci_low": "5",
        "ci_high": "9",
        "harness": "Digger",
        "reported_on": "2025-11-28",
        "reporter": "leaderboard",
        "source_url": "https://example.org/quiz",
    }
    assert list(reasons(reading).values()) == [
        "evaluation 'Quiz in Frisian' is not carried",
        "lower_is_better is True, and sources.yaml says otherwise",
    ]


def test_a_developers_own_record_says_so() -> None:
    path = ("source_metadata", "evaluator_relationship")
    content = changed(FILES["every_eval_ever"], *path, to="first_party")
    assert read("every_eval_ever", content).rows["reporter"].to_list() == ["developer"]


def test_records_may_come_one_a_line() -> None:
    one = json.loads(FILES["every_eval_ever"])
    other = json.loads(FILES["every_eval_ever"])
    other["model_info"]["name"] = "Heron 1"
    content = f"{json.dumps(one)}\n\n{json.dumps(other)}\n".encode()
    reading = read("every_eval_ever", content)
    assert reading.rows["model_name_published"].to_list() == ["Otter 2", "Heron 1"]
    with pytest.raises(SourceError, match="board:3: JSON Lines"):
        read("every_eval_ever", content[:-10])


def test_a_scale_that_sources_yaml_does_not_expect_is_a_fault() -> None:
    path = ("evaluation_results", 0, "metric_config", "max_score")
    content = changed(FILES["every_eval_ever"], *path, to=100)
    with pytest.raises(SourceError, match=r"max_score is '100', and .* says fractions"):
        read("every_eval_ever", content)


def test_an_interval_of_another_level_is_let_go() -> None:
    path = ("evaluation_results", 0, "score_details", "uncertainty",
            "confidence_interval", "confidence_level")  # fmt: skip
    content = changed(FILES["every_eval_ever"], *path, to=0.9)
    assert cells(read("every_eval_ever", content), "ci_low", "standard_error") == [
        (None, "1.25")
    ]


# Any table


def test_a_table_in_csv_needs_no_code() -> None:
    reading = read("table_csv")
    assert cells(
        reading, "model_name_published", "developer", "release_date", "score",
        "standard_error", "harness",
    ) == [
        ("Otter 2 (high)", "Lake", "2026-01-31", "41,2", "0,5", "Digger"),
        ("Otter 2 (high)", "Lake", "2026-01-31", "41.2", "0.5", "Digger"),
        ("Heron 1", "Lake", "2026-02-01", "7", None, "Digger"),
    ]  # fmt: skip
    assert set(reading.rows["benchmark_id"]) == {"quiz"}
    assert reasons(reading) == {5: "Track is 'side'", 6: "Resolved is N/A: no score"}


def test_a_table_in_json_may_hold_several_benchmarks() -> None:
    reading = read("table_json")
    assert cells(
        reading, "benchmark_id", "model_name_published", "score", "standard_error",
        "reported_on",
    ) == [
        ("quiz", "Otter 2", "41.2", "0.5", "2026-01-31"),
        ("exam", "Heron 1", "7", None, "2026-02-01"),
    ]  # fmt: skip
    assert list(reasons(reading).values()) == [
        "test is 'Oral', not carried",
        "metrics.acc.mean is empty: no score",
    ]


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("table_json", {"rows": "data.list"}, "no list of rows at 'data.list'"),
        ("table_json", {"rows": None}, "no list of rows at the top"),
        ("table_csv", {"where": {"Trak": ["main"]}}, "no column 'Trak'"),
        ("table_csv", {"delimiter": ","}, "no column 'Model'"),
        ("table_csv", {"columns": {"score": "Resolved"}}, "model_name_published"),
        ("table_csv", {"columns": {"points": "Resolved"}}, "no such cell; there are"),
        ("table_json", {"factor": 0}, "factor: .*greater than 0"),
        (
            "table_json",
            {"benchmark": {"column": "test", "names": {"Quiz": "essay"}}},
            r"name \['essay'\], not among its benchmarks",
        ),
    ],
)
def test_options_that_do_not_fit_the_file_say_what_to_mend(
    kind: str, options: dict[str, Any], expected: str
) -> None:
    with pytest.raises(SourceError, match=expected):
        read(kind, **options)


def test_a_field_that_all_rows_lack_is_drift_and_one_row_costs_itself() -> None:
    entries = json.loads(FILES["table_json"])
    del entries["data"]["rows"][0]["name"]
    reading = read("table_json", json.dumps(entries).encode())
    assert "no field 'name'" in reasons(reading).values()
    content = FILES["table_json"].replace(b'"name"', b'"nom"')
    with pytest.raises(SourceError, match="no field 'name'"):
        read("table_json", content)


# What they share


def test_a_template_leaves_out_what_is_empty() -> None:
    known = {"model": "Otter", "effort": None, "odd": "{model}[x]"}
    assert fill("{model}[ ({effort})]", known.get) == "Otter"
    assert fill("{odd}", known.get) == "{model}[x]"
    assert fill("[{effort}]", known.get) is None


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a | b\n-|-\n1 | 2",
        "| a |b\r\n:-|-:\r\n|1|2|",
    ],
)
def test_tables_are_found_with_and_without_pipes_at_their_edges(text: str) -> None:
    [table] = find_tables(text)
    assert table.header == ["a", "b"]
    assert table.rows == [(3, ["1", "2"])]


@pytest.mark.parametrize(
    "line", ["|" + " " * 200_000, "#" * 200_000 + "x", "[" * 200_000, "[a](" * 50_000]
)
def test_a_line_made_to_be_slow_is_not(line: str) -> None:
    assert len(find_tables(f"a | b\n-|-\n{line}\n")) == 1


# The page that explains them


def _code(language: str) -> str:
    text = (CHECKOUT / "docs" / "read_a_board.md").read_text(encoding="utf-8")
    [block] = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return str(block)


def test_the_example_on_the_page_does_what_the_page_says() -> None:
    [entry] = YAML(typ="safe").load(_code("yaml"))["files"]
    file = SourceFile.model_validate(entry)
    reading = read_file(_code("csv").encode(), "lake", file, name="board.csv")
    assert cells(
        reading, "model_name_published", "score", "standard_error", "release_date"
    ) == [
        ("Otter 2 (high)", "41.2", "0.5", "2026-01-31"),
        ("Heron 1", "7", None, "2026-02-01"),
    ]
    assert len(reading.dropped) == 2


def test_the_page_names_every_reader() -> None:
    text = (CHECKOUT / "docs" / "read_a_board.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`([a-z_0-9]+)`", text))
    assert set(READERS) <= known
