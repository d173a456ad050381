"""The command line: what goes where, and the exit codes that programs rely on."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import AS_OF, CHECKOUT, PUBLISHED_AT
from tests.small_world import small_world
from tests.warm_trends import run_trends
from trends.changes.amounts import total
from trends.cli.screens.record import print_record
from trends.ledger import record_published
from trends.ledger.table import summarise
from trends.outputs import find_published
from trends.pipeline import (
    ForecastRequest,
    PublishedRun,
    RequestError,
    forecast,
    ingest,
    score,
)
from trends.pipeline.why import explain
from trends.workspace import HOME_VARIABLE, Workspace


def _trends(workspace: Workspace, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        HOME_VARIABLE: str(workspace.root),
        "PYTHONPATH": str(CHECKOUT),
        "NO_COLOR": "1",
        "COLUMNS": "160",
    }
    return run_trends(words, env)


@pytest.mark.parametrize(
    ("asked", "threads"), [({}, 1), ({"POLARS_MAX_THREADS": "3"}, 3)]
)
def test_a_command_has_one_thread_of_polars_unless_asked(
    asked: dict[str, str], threads: int
) -> None:
    code = (
        "from trends.cli import app; app(['--version'], standalone_mode=False); "
        "import polars; print(polars.thread_pool_size())"
    )
    env = {name: value for name, value in os.environ.items() if name[:6] != "POLARS"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env | asked | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == str(threads)


def test_help_imports_nothing_heavy() -> None:
    """--help answers at once because what takes long to import waits."""
    code = (
        "import sys, trends.cli; "
        "heavy = {'polars', 'pandas', 'scipy', 'statsmodels', 'great_expectations',"
        " 'airflow', 'numpy', 'pydantic'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_every_command_is_in_the_help(workspace: Workspace) -> None:
    said = _trends(workspace, "--help").stdout
    for command in (
        "run",
        "ingest",
        "show",
        "why",
        "score",
        "ledger",
        "check",
        "quarantine",
        "backfill",
        "clean",
        "doctor",
    ):
        assert f" {command} " in said


def test_show_prints_rows_for_programs_on_stdout(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    done = _trends(shipped_workspace, "show", "--json", "--by", "2027-12-31")
    rows = json.loads(done.stdout)
    assert done.returncode == 0
    assert len(rows) == len(shipped_run.headline)
    found = [row for row in rows if row["crossing_status"] != "not_estimated"]
    assert len(found) >= 20
    assert all(0 <= row["p_crossed_by_date"] <= 1 for row in found)


def test_show_prints_a_table_for_people(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    said = _trends(shipped_workspace, "show").stdout
    assert "METR 50% time horizon: 1 work-month" in said
    assert "None of these rows says that AI R&D is automated" in said
    assert said.startswith(f"As of {AS_OF}")
    *_, report, files = said.splitlines()
    assert report == f"report: {shipped_run.path / 'report.html'}"
    assert files == f"files: {shipped_run.path}"
    assert str(shipped_run.path) in said


def test_show_scenario_prints_ours_beside_theirs(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    """Clark's 30% by 2027 and 60% by 2028 next to ours, and the gap between."""
    said = _trends(shipped_workspace, "show", "--scenario", "clark_mosaic").stdout
    words = " ".join(said.split())
    assert "Jack Clark, 2026-05-04 30% by 2027-12-31" in words
    assert "Jack Clark, 2026-05-04 at least 60% by 2028-12-31" in words
    assert "2027-05-21 / 2028-08-14 / 2031-04-23" in words
    for heading in ("2027", "2028", "Implied gap"):
        assert heading in said
    for dependence in ("independent", "as past errors", "correlated 0.9"):
        assert dependence in said
    assert re.search(r"as past errors, 0\.\d\d \(0\.\d\d to 0\.\d\d\)", words)
    assert "No gap: benchmark-implied" in said
    assert "Gap of 3 to 36 months (80%)" in said
    assert "That is not automated R&D" in words
    assert "Claude Opus 4.5 95.5 78 Graded again by hand" in words


def test_show_scenario_answers_programs_with_the_same_rows(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    done = _trends(shipped_workspace, "show", "--scenario", "clark_mosaic", "--json")
    tables = json.loads(done.stdout)
    assert set(tables) == {"automation", "reference_comparisons", "essay_claims"}
    row = tables["automation"][0]
    assert (row["dependence"], row["gap"], row["rho"]) == ("independent", "none", 0.0)
    assert 0 < row["p_by_end_2027"] < row["p_by_end_2028"] < 1
    clark = [
        one
        for one in tables["reference_comparisons"]
        if one["reference_id"] == "clark_2027" and one["dependence"] == "independent"
    ]
    assert [one["gap"] for one in clark] == ["none", "prior"]
    assert clark[0]["our_probability"] == row["p_by_end_2027"]
    we_are_sooner = row["p_by_end_2027"] >= 0.3
    assert (clark[0]["implied_gap_months"] is not None) == we_are_sooner
    assert clark[1]["implied_gap_months"] is None


def test_without_an_id_the_default_scenario_is_shown(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    """The option stands alone, before another option, or with an id."""
    found = [
        json.loads(_trends(shipped_workspace, "show", *words).stdout)["automation"][0]
        for words in (
            ("--json", "--scenario"),
            ("--scenario", "--json"),
            ("--scenario", "clark_mosaic", "--json"),
        )
    ]
    assert {row["scenario_id"] for row in found} == {"clark_mosaic"}


def test_a_deadline_is_the_end_of_the_year_or_month_that_it_names(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    def by(day: str) -> str:
        done = _trends(shipped_workspace, "show", "scicode", "--json", "--by", day)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert by("2027") == by("2027-12-31") != by("2027-06") == by("2027-06-30")
    wrong = _trends(shipped_workspace, "show", "--by", "2027-13")
    assert wrong.returncode == 2
    assert "YYYY-MM or YYYY" in " ".join(wrong.stderr.replace("│", " ").split())


def test_show_takes_a_field_a_status_and_a_name(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    words = ("show", "--field", "coding", "--status", "crossed", "--json")
    rows = json.loads(_trends(shipped_workspace, *words).stdout)
    assert {(row["domain"], row["crossing_status"]) for row in rows} == {
        ("coding", "already_crossed")
    }
    named = json.loads(_trends(shipped_workspace, "show", "scicode", "--json").stdout)
    assert {row["threshold_id"] for row in named} == {"scicode"}
    assert len(named) > 10, "every bar and trend"
    told = _trends(shipped_workspace, "show", "scicode").stdout
    assert "Record: " in told
    assert "trends why scicode" in told
    for wrong, near in (
        (("sicode",), "did you mean scicode"),
        (("--field", "cooking"), "there are coding"),
        (("--status", "crosed"), "'crosed' is no status"),
    ):
        done = _trends(shipped_workspace, "show", *wrong)
        assert done.returncode == 2
        assert near in done.stderr


def test_the_version_is_that_of_program_and_tables(workspace: Workspace) -> None:
    done = _trends(workspace, "--version")
    assert done.returncode == 0
    assert re.fullmatch(r"trends \d+\.\d+\.\d+, contract \d+\.\d+\n", done.stdout)


def test_a_shell_completes_commands_and_thresholds(workspace: Workspace) -> None:
    """Asked as bash asks; installing it writes to the user's own files, so is not."""
    shown = subprocess.run(
        [sys.executable, "-m", "trends"],
        env=os.environ
        | {
            HOME_VARIABLE: str(workspace.root),
            "PYTHONPATH": str(CHECKOUT),
            "_TRENDS_COMPLETE": "complete_bash",
            "COMP_WORDS": "trends show swe_bench_ver",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "swe_bench_verified_epoch" in shown.stdout.split()


def test_show_lists_every_scenario_and_names_the_nearest(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    listed = _trends(shipped_workspace, "show", "--scenario", "list").stdout
    for scenario in ("clark_mosaic", "mosaic_at_20", "mosaic_at_99", "automated_coder"):
        assert scenario in listed
    done = _trends(shipped_workspace, "show", "--scenario", "clark_mosiac")
    assert done.returncode == 2
    assert "Did you mean 'clark_mosaic'?" in done.stderr
    assert "every_headline_bar" in done.stderr


def test_before_the_first_run_show_says_what_to_do(workspace: Workspace) -> None:
    done = _trends(workspace, "show")
    assert done.returncode == 2
    assert "make run" in done.stderr
    assert done.stdout == ""


def test_a_day_that_is_none_is_a_usage_error(workspace: Workspace) -> None:
    done = _trends(workspace, "show", "--by", "tomorrow")
    assert done.returncode == 2
    assert "write YYYY-MM-DD" in done.stderr


def test_a_run_without_one_source_is_done_in_part(tmp_path: Path) -> None:
    workspace = small_world(tmp_path / "world")
    (workspace.observations / "coding_quiz.csv").write_bytes(b"")
    out = tmp_path / "copy"
    done = _trends(workspace, "run", "--as-of", "2026-11-22", "--out", str(out))
    assert done.returncode == 7
    assert "left out: source quiz_site: coding_quiz.csv" in done.stderr
    assert (out / "crossing_summary.csv").exists()


def test_a_run_with_a_better_score_in_quarantine_names_it(tmp_path: Path) -> None:
    """The model is in no registry; 99.5% would pass the headline bar of 80%."""
    workspace = small_world(tmp_path / "world")
    path = workspace.observations / "coding_quiz.csv"
    line = path.read_text().count("\n") + 1
    with path.open("a") as file:
        file.write(
            "Claude Opus 9 (max),Anthropic,2026-03-01,99.5,,,,h,2026-03-01,"
            "leaderboard,https://example.org/x,\n"
        )
    done = _trends(workspace, "run", "--as-of", "2026-11-22", "--draws", "200")
    assert done.returncode == 7
    assert "a better score waits in quarantine" in " ".join(done.stdout.split())
    assert f"coding_quiz.csv:{line}: model_is_registered" in done.stderr
    assert "warnings (" in done.stderr
    assert "quality.json" in done.stderr
    [readme] = workspace.results.glob("runs/*/*/README.md")
    assert f"coding_quiz.csv:{line}" in readme.read_text()
    shown = _trends(workspace, "show")
    assert shown.returncode == 0
    assert "better scores in quarantine: 1" in shown.stdout
    notes = " ".join(_trends(workspace, "show", "--notes").stdout.split())
    assert f"coding_quiz.csv:{line}: model_is_registered" in notes


def test_a_run_without_any_source_is_rejected_data(workspace: Workspace) -> None:
    for path in workspace.observations.glob("*.csv"):
        path.write_bytes(b"")
    done = _trends(workspace, "run")
    assert done.returncode == 4
    assert "no source passed" in done.stderr


def test_a_vintage_before_every_score_fits_nothing(
    shipped_workspace: Workspace,
) -> None:
    done = _trends(shipped_workspace, "run", "--as-of", "2015-01-01", "--draft")
    assert done.returncode == 6
    assert "no dated score is known as of 2015-01-01" in done.stderr


@pytest.mark.parametrize("command", [["run"], ["check"]])
def test_a_broken_registry_names_file_line_and_column(
    workspace: Workspace, command: list[str]
) -> None:
    path = workspace.registry / "thresholds" / "metr_work_month.yaml"
    path.write_text(path.read_text().replace("status: active", "status: activ"))
    done = _trends(workspace, *command)
    assert done.returncode == 3
    said = done.stdout + done.stderr
    assert "data/registry/thresholds/metr_work_month.yaml:" in said
    assert "activ" in said


def test_doctor_finds_a_whole_installation_well(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    done = _trends(shipped_workspace, "doctor")
    assert done.returncode == 0, done.stdout
    assert f"run {shipped_run.run_id}" in done.stdout


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    done = _trends(Workspace(tmp_path), "doctor")
    assert done.returncode == 9
    assert "BAD" in done.stdout
    assert "TRENDS_HOME" in done.stdout


def test_why_needs_two_vintages_and_says_how_to_get_them(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    done = _trends(shipped_workspace, "why", "scicode")
    assert done.returncode == 2
    assert "first vintage" in done.stderr
    assert "--days 90" in done.stderr
    assert done.stdout == ""


def renewed_quiz(world: Workspace) -> None:
    """Another edition of the quiz takes its place, with scores and a threshold."""
    figures = world.observations
    scores = (figures / "coding_quiz.csv").read_text(encoding="utf-8")
    text = "".join(one for one in scores.splitlines(True) if "Alpha 1" not in one)
    (figures / "coding_quiz_2.csv").write_text(text, encoding="utf-8")
    path = world.registry / "benchmarks.yaml"
    entries = path.read_text(encoding="utf-8")
    first, rest = entries.split("work_length:", 1)
    second = first.replace(
        "coding_quiz:", "coding_quiz_2:\n  supersedes: [coding_quiz]"
    )
    old = "status: superseded\n  superseded_by: coding_quiz_2"
    first = first.replace("status: active", old)
    path.write_text(f"{first}{second}work_length:{rest}", encoding="utf-8")
    path = world.registry / "sources.yaml"
    listed = path.read_text(encoding="utf-8")
    path.write_text(listed.replace("[coding_quiz]", "[coding_quiz, coding_quiz_2]"))
    path = world.registry / "thresholds" / "quiz.yaml"
    again = path.read_text(encoding="utf-8").replace("id: quiz", "id: quiz_2", 1)
    again = again.replace("benchmark: coding_quiz", "benchmark: coding_quiz_2")
    path.with_name("quiz_2.yaml").write_text(again, encoding="utf-8")


def test_why_of_a_roster_that_was_renewed(tmp_path: Path) -> None:
    """What is superseded moves through the pool; what is new did not move."""
    world = small_world(tmp_path)
    for as_of in (date(2026, 6, 30), date(2026, 7, 1)):
        ingest(world)
        request = ForecastRequest(as_of=as_of, draws=100)
        forecast(request, world, published_at=PUBLISHED_AT)
        if as_of.month == 6:
            renewed_quiz(world)
    row = {"bar_id": None, "trend": None, "before": None, "after": None}
    with pytest.raises(RequestError, match="is new in 2026-07-01: the vintage 2026-06"):
        explain(world, "quiz_2", **row)
    found = explain(world, "quiz", **row)
    assert found.counts == {"new_scores": 0, "revised_scores": 0}
    assert total(found.split.parts.values()) == found.split.total


def test_why_prints_parts_that_sum_for_programs(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    """A vintage against itself: nothing moved, and no cause is blamed."""
    both = shipped_run.run_id
    words = ("why", "scicode", "--from", both, "--to", both, "--json")
    done = _trends(shipped_workspace, *words)
    found = json.loads(done.stdout)
    assert found["total"] == sum(found["parts"].values()) == 0
    assert found["unit"] == "days"
    assert found["by_family"]["total"] == found["by_family"]["this_benchmark"] == 0
    assert found["by_family"]["through_the_pool"] == {}


def test_a_ledger_that_was_tampered_with_ends_score_and_check(
    shipped_run: PublishedRun, shipped_workspace: Workspace, workspace: Workspace
) -> None:
    """Recorded, scored, changed, refused: exit code 4, and the file is named."""
    published = find_published(shipped_workspace.results, AS_OF.isoformat())
    file = record_published(workspace.ledger, published, made_on=AS_OF)
    file.write_text(file.read_text().replace("expected", "never", 1))
    for words in (("score",), ("ledger", "check")):
        done = _trends(workspace, *words)
        assert done.returncode == 4
        assert f"live/{file.name} was changed" in done.stderr
        assert done.stdout == ""


def test_score_counts_what_is_not_due_yet(
    shipped_run: PublishedRun,
    shipped_workspace: Workspace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    published = find_published(shipped_workspace.results, AS_OF.isoformat())
    record_published(shipped_workspace.ledger, published, made_on=AS_OF)
    record = summarise(score(shipped_workspace, today=AS_OF))
    assert [row["lead_months"] for row in record.probabilities] == [3, 6, 12, 18, 24]
    assert {row["n_due"] for row in record.probabilities} == {0}
    print_record(record)
    said = " ".join(capsys.readouterr().out.split())
    assert "none is due yet; the first are about 2027-02-26. No replayed" in said
    assert said.endswith("are in the ledger yet.")
    assert said.count(".") == 2, (
        "nothing is due: a sentence for each kind, and no table"
    )
