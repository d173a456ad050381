"""A green check means that the run takes every row; a red one names all that it won't."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.small_world import small_world, trends
from trends.pipeline import check_figures, ingest
from trends.registry import Problem
from trends.registry.versions import RECORD
from trends.workspace import Workspace

QUIZ = "coding_quiz.csv"


@pytest.fixture
def world(tmp_path: Path) -> Workspace:
    return small_world(tmp_path)


def append(world: Workspace, *rows: str, file: str = QUIZ) -> int:
    """Add rows, and say on which line the first stands."""
    path = world.observations / file
    text = path.read_text()
    path.write_text(text + "".join(f"{row}\n" for row in rows))
    return text.count("\n") + 1


def row(
    name: str = "M 20",
    score: str = "71.25",
    *,
    released: str = "2025-09-15",
    reported: str = "2025-09-25",
    harness: str = "other",
    reporter: str = "leaderboard",
    url: str = "https://example.org/x",
) -> str:
    return f"{name},Alpha,{released},{score},,,,{harness},{reported},{reporter},{url},"


def errors(world: Workspace) -> list[Problem]:
    return [one for one in check_figures(world) if one.level == "error"]


def places(problems: list[Problem]) -> set[tuple[str, int]]:
    return {(Path(one.file).name, one.line) for one in problems}


def quarantined(world: Workspace) -> set[tuple[str, int]]:
    result = ingest(world)
    assert result.stopped == {}
    frame = pl.read_parquet(result.path / "quarantine.parquet")
    return set(frame.select("source_file", "source_row").rows())


def test_what_the_run_takes_is_green(world: Workspace) -> None:
    append(world, row())
    assert check_figures(world) == []
    assert quarantined(world) == set()


WRONG = {
    "an unknown spelling": row("M-20"),
    "a score that stands there": row(
        harness="h", score="70.00", reported="2025-09-20"
    ).replace("70.00", "72.00"),
    "percent as a fraction": row(score="0.7125"),
    "above 100 percent": row(score="171.2"),
    "no number": row(score="71,25".replace(",", "-")),
    "not a number": row(score="nan"),
    "a reporter that is none": row(reporter="somebody"),
    "no address": row(url="example"),
    "reported before the release": row(reported="2025-01-02"),
    "reported after the last day observed": row(reported="2029-01-02"),
    "a day that is none": row(reported="2025-02-30"),
    "another release than the registry's": row(released="2024-01-05"),
    "garbled": row("M\ufffd 20"),
    "a formula": row(harness="=1+1"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_the_run_rejects_the_check_names_by_line(
    world: Workspace, wrong: str
) -> None:
    line = append(world, wrong)
    assert places(errors(world)) == {(QUIZ, line)}
    assert quarantined(world) == {(QUIZ, line)}


def test_everything_is_named_at_once(world: Workspace) -> None:
    """Also where so much is wrong that the ingest stops the source at the first."""
    line = append(world, *WRONG.values())
    other = append(
        world, row("N 1", "12.5", reporter="benchmark_authors"), file="speedrun.csv"
    )
    (world.observations / "stray.csv").write_text("a,b\n")
    expected = {(QUIZ, line + i) for i in range(len(WRONG))}
    expected |= {("speedrun.csv", other), ("stray.csv", 1)}
    found = errors(world)
    assert places(found) >= expected
    assert len(found) == len(places(found))
    done = trends(world, "check", "--format", "json")
    assert done.returncode == 4
    assert len(json.loads(done.stdout)) == len(found)


def test_a_copied_row_is_named_with_the_row_it_repeats(world: Workspace) -> None:
    path = world.observations / QUIZ
    first = path.read_text().splitlines()[1]
    line = append(world, first)
    [problem] = errors(world)
    assert (Path(problem.file).name, problem.line) == (QUIZ, line)
    assert "has the same score in line 2" in problem.message


def test_rows_that_repeat_others_cost_themselves_and_not_their_source(
    world: Workspace,
) -> None:
    """7 of 32: as many wrong rows of another kind would stop the source."""
    path = world.observations / QUIZ
    line = append(world, *path.read_text().splitlines()[1:8])
    expected = {(QUIZ, line + i) for i in range(7)}
    assert quarantined(world) == expected
    assert places(errors(world)) == expected


def test_a_reporter_whose_rows_no_series_takes_is_named_once(world: Workspace) -> None:
    line = append(
        world,
        row(reporter="independent"),
        row(score="73.5", harness="third", reporter="independent"),
    )
    [problem] = errors(world)
    assert (Path(problem.file).name, problem.line) == (QUIZ, line)
    assert "(got 'independent')" in problem.message


@pytest.mark.parametrize(
    ("rule", "key", "words"),
    [
        ("harness: hh", "harness", "in its harness cell (got 'hh'); did you mean 'h'?"),
        (
            "reporters: [developer]",
            "reporters",
            "in its reporter cell (got 'developer')",
        ),
    ],
)
def test_a_threshold_that_no_row_counts_for_is_an_error(
    world: Workspace, rule: str, key: str, words: str
) -> None:
    path = world.registry / "thresholds" / "quiz.yaml"
    text = path.read_text()
    path.write_text(
        text.replace("{benchmark: coding_quiz}", f"{{benchmark: coding_quiz, {rule}}}")
    )
    [problem] = errors(world)
    assert problem.path == f"series.{key}"
    assert problem.message == f"no row of coding_quiz has it {words}"
    path.write_text(
        text.replace("{benchmark: coding_quiz}", "{benchmark: coding_quiz, harness: h}")
    )
    assert errors(world) == []


def test_a_file_that_no_source_reads_is_an_error(world: Workspace) -> None:
    (world.observations / "coding_quizz.csv").write_text("a,b\n")
    [problem] = errors(world)
    assert "nothing reads the file" in problem.message
    assert "'coding_quiz'" in problem.message


Edit = Callable[[str], str]


def declare(world: Workspace, name: str, expectation: str) -> None:
    path = world.registry / "corrections.yaml"
    path.write_text(
        f"{path.read_text()}- id: known\n  benchmark: coding_quiz\n"
        f"  match: {{model_name_published: {name}, harness: other}}\n"
        f"  expect: {{harness: other}}\n  rejected_for: {expectation}\n"
        "  reason: a test\n  source: a test\n"
    )


def test_a_rejection_that_is_declared_is_no_fault_and_the_row_stays_out(
    world: Workspace,
) -> None:
    line = append(world, row(score="171.2"))
    declare(world, "M 20", "score_is_at_most_1")
    assert check_figures(world) == []
    assert quarantined(world) == {(QUIZ, line)}


def test_a_declared_rejection_that_no_longer_happens_is_an_error(
    world: Workspace,
) -> None:
    append(world, row())
    declare(world, "M 20", "score_is_at_most_1")
    [problem] = errors(world)
    assert problem.file == "data/registry/corrections.yaml"
    assert "is not rejected for score_is_at_most_1" in problem.message


def test_a_suite_that_changes_is_run_again(world: Workspace) -> None:
    assert check_figures(world) == []
    suite = world.expectations / "observations.yaml"
    text = suite.read_text()
    strict = text.replace(
        "kwargs: {column: release_date}\n    severity: warning",
        "kwargs: {column: harness}\n    severity: critical",
    )
    assert strict != text
    suite.write_text(strict)
    append(world, row(harness=""))
    [problem] = errors(world)
    assert "has no release date" in problem.message


def test_options_that_a_reader_does_not_take_are_named_where_they_stand(
    world: Workspace,
) -> None:
    path = world.registry / "sources.yaml"
    text = path.read_text()
    head = text.index("  url:")
    files = (
        "  files:\n"
        "    - id: board\n"
        "      address: https://example.org/board.csv\n"
        "      reader: table\n"
        "      benchmarks: [coding_quiz]\n"
        "      options:\n"
        "        reporter: leaderbord\n"
        "        source_url: https://example.org/board\n"
        "        columns: {score: Score, modle: Model}\n"
    )
    path.write_text(text[:head] + files + text[head:])
    line = text[:head].count("\n") + 7

    [reporter, column] = errors(world)
    assert (reporter.line, reporter.column) == (line, 19)
    assert "(got 'leaderbord')" in reporter.message
    assert column.line == line + 2
    assert "no such cell" in column.message


def test_versions_are_recorded_only_where_the_figures_are_right(
    world: Workspace,
) -> None:
    record, right = world.registry / RECORD, (world.observations / QUIZ).read_bytes()
    before = record.read_bytes() if record.exists() else None
    append(world, "nonsense")
    assert trends(world, "check", "--record").returncode == 4
    assert (record.read_bytes() if record.exists() else None) == before
    (world.observations / QUIZ).write_bytes(right)
    done = trends(world, "check", "--record")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "quiz: {version: " in record.read_text()
