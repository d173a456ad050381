"""The registry loader: every problem is named with its file, line and column."""

import json
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from trends.registry import (
    Benchmark,
    Problem,
    RegistryError,
    Reporter,
    SeriesRule,
    Threshold,
    check,
    format_problems,
    load_headline,
    load_registry,
    series_id,
    threshold_series_id,
)
from trends.registry.models import HEADLINE_TREND
from trends.registry.schemas import schema_files
from trends.workspace import Workspace

SMALL = Path(__file__).parent / "small_registry"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a small registry without problems."""
    return Path(shutil.copytree(SMALL, tmp_path / "data" / "registry"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Replace the one place where ``old`` stands in a file."""
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def said(folder: Path) -> list[str]:
    """Every problem as one line, without the folder that all names begin with."""
    return [str(problem).removeprefix("data/registry/") for problem in check(folder)]


def test_a_sound_registry_loads_with_all_its_entries(folder: Path) -> None:
    registry = load_registry(folder)
    assert check(folder) == []
    assert list(registry.benchmarks) == ["coding_quiz", "work_length", "speedrun"]
    assert registry.models["beta_2"].name == "Beta 2"
    assert registry.aliases["Alpha 1.0 (max)"].setting == "max"
    assert registry.corrections[0].set == {"release_date": "2025-03-04"}
    assert sorted(registry.thresholds) == ["quiz", "run", "work"]
    assert registry.thresholds["quiz"].headline_bar.value == 0.8
    with pytest.raises(FrozenInstanceError):
        registry.models = {}  # type: ignore[misc]


def test_problem_files_are_named_from_the_project_root(folder: Path) -> None:
    edit(folder, "thresholds/quiz.yaml", "status: active", "status: on")
    assert check(folder)[0].file == "data/registry/thresholds/quiz.yaml"


# Text that is not YAML, or not the shape of an entry


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "series: {benchmark: coding_quiz}",
            "series: {benchmark: coding_quiz",
            "7:9: quiz: { is never closed: write } at its end",
        ),
        (
            "status: active",
            "status: active\nstatus: draft",
            "6:1: status: duplicate key 'status': keep one",
        ),
        (
            "label: Half,",
            "label: Half, label: 50%,",
            "11:41: label: duplicate key 'label': keep one",
        ),
        (
            "headline_trend: drift",
            "headline_trent: drift",
            (
                "14:1: headline_trent: unknown key (got 'headline_trent'); "
                "did you mean 'headline_trend'?"
            ),
        ),
        (
            "label: Half,",
            "lable: Half,",
            "11:28: bars[0].lable: unknown key (got 'lable'); did you mean 'label'?",
        ),
        (
            "id: half, value: 0.5,",
            'id: half, value: "0.5",',
            (
                "11:23: bars[0].value: is text in quotes: write 0.5, without them "
                "(got '0.5')"
            ),
        ),
        (
            "value: 0.5,",
            "value: .inf,",
            "11:23: bars[0].value: should be a finite number (got inf)",
        ),
        (
            "status: active",
            "status: activ",
            (
                "5:9: status: should be 'draft', 'active' or 'retired' (got 'activ'); "
                "did you mean 'active'?"
            ),
        ),
        (
            "trends: [drift, logistic]",
            "trends: [drift, logistics]",
            (
                "13:17: trends[1]: should be 'records', 'drift', 'logistic', 'logistic3', "
                "'exponential', 'quantile' or 'ensemble' (got 'logistics'); did you "
                "mean 'logistic'?"
            ),
        ),
        (
            "{benchmark: coding_quiz}",
            "{benchmark: coding_quiz, reporters: []}",
            "7:34: series.reporters: is empty: write at least one (got a list)",
        ),
        (
            "projection_end: 2050-12-31",
            "projection_end: 2050-13-31",
            (
                "15:17: projection_end: there is no such day: write YYYY-MM-DD "
                "(got '2050-13-31')"
            ),
        ),
        (
            'owner: "@org/forecasting"',
            "owner: forecasting",
            (
                '6:8: owner: names who is asked, as "@organisation/team" in quotes '
                "(got 'forecasting')"
            ),
        ),
        (
            "headline: true",
            "headline: false",
            "10:1: bars: no bar is the headline: add `headline: true` to one",
        ),
        (
            "value: 0.8, label: Most, basis: project_choice",
            "value: 0.8, label: Most, basis: human_baseline",
            (
                "12:48: bars[1].basis: a human_baseline names where it is stated: add "
                "`source:` with the key of one of the sources"
            ),
        ),
    ],
)
def test_a_malformed_threshold_is_named_with_line_and_column(
    folder: Path, old: str, new: str, expected: str
) -> None:
    edit(folder, "thresholds/quiz.yaml", old, new)
    assert f"thresholds/quiz.yaml:{expected}" in said(folder)


def test_a_missing_key_is_shown_at_the_entry_that_lacks_it(folder: Path) -> None:
    edit(folder, "benchmarks.yaml", "  title: Work length\n", "")
    edit(folder, "thresholds/quiz.yaml", "id: half, ", "")
    assert said(folder) == [
        (
            "benchmarks.yaml:24:1: work_length.title: is missing: add `title:` (Name "
            "and version, as tables print it)"
        ),
        (
            "thresholds/quiz.yaml:11:5: bars[0].id: is missing: add `id:` (Permanent "
            "name within the threshold, such as pct80)"
        ),
    ]


def test_all_problems_of_a_file_are_reported_at_once(folder: Path) -> None:
    edit(folder, "thresholds/quiz.yaml", "version: 1\ntitle", "version: one\ntitle")
    edit(folder, "thresholds/quiz.yaml", "status: active", "status: on")
    edit(folder, "thresholds/quiz.yaml", "value: 0.5", "value: half")
    assert [problem.line for problem in check(folder)] == [3, 5, 11]


def test_a_malformed_threshold_does_not_hide_a_broken_rule_elsewhere(
    folder: Path,
) -> None:
    edit(folder, "thresholds/quiz.yaml", "status: active", "status: on")
    edit(folder, "thresholds/work.yaml", "id: work\n", "id: labour\n")
    assert [line.split(":")[0] for line in said(folder)] == [
        "thresholds/quiz.yaml",
        "thresholds/work.yaml",
    ]


def test_a_key_that_yaml_takes_for_a_number_must_be_quoted(folder: Path) -> None:
    edit(folder, "model_aliases.yaml", "Alpha 1.0 (max):", "4.10:")
    assert said(folder) == [
        'model_aliases.yaml:1:1: "4.1": key 4.1 is not text; put it in quotes'
    ]


def test_an_id_that_is_not_snake_case_is_shown_at_the_key(folder: Path) -> None:
    edit(folder, "models.yaml", "beta_2: {name", "Beta-2: {name")
    assert said(folder) == [
        (
            "models.yaml:2:1: Beta-2: an id has small letters, digits and single "
            "underscores: write beta_2 (got 'Beta-2')"
        )
    ]


def test_missing_empty_binary_and_unreadable_files_are_each_named(
    folder: Path,
) -> None:
    (folder / "models.yaml").unlink()
    (folder / "corrections.yaml").write_text("# none yet\n", encoding="utf-8")
    (folder / "sources.yaml").write_bytes(b"title: caf\xe9\n")
    (folder / "model_aliases.yaml").write_bytes(b"a: {}\nb: \x01\n")
    assert said(folder) == [
        "corrections.yaml:1:1: corrections: the file is empty: write [] if that is meant",
        (
            "model_aliases.yaml:2:4: model_aliases: character 4 is U+0001, a control "
            "character: delete it"
        ),
        "models.yaml:1:1: models: the file is missing",
        (
            "sources.yaml:1:11: sources: is not UTF-8 text (byte 10 is 0xe9): save the "
            "file as UTF-8"
        ),
    ]


def test_a_file_that_nothing_reads_is_an_error(folder: Path) -> None:
    (folder / "correction.yaml").write_text("[]\n", encoding="utf-8")
    (folder / "thresholds" / "mine.yml").write_text("id: mine\n", encoding="utf-8")
    assert said(folder) == [
        (
            "correction.yaml:1:1: correction: nothing reads a file of this name "
            "(got 'correction.yaml'); did you mean 'corrections.yaml'?"
        ),
        (
            "thresholds/mine.yml:1:1: mine: nothing reads a file of this name "
            "(got 'thresholds/mine.yml'); did you mean 'thresholds/mine.yaml'?"
        ),
    ]


@pytest.mark.parametrize("name", [".#models.yaml", "thresholds/.#quiz.yaml"])
def test_the_lock_of_an_editor_is_no_file_of_the_registry(
    folder: Path, name: str
) -> None:
    (folder / name).symlink_to("somebody@somewhere.1234:1")
    assert said(folder) == []
    (folder / name).unlink()
    (folder / name).write_text("half of a fi", encoding="utf-8")
    assert said(folder) == []


# What a caller gets


def test_the_error_carries_every_error_and_no_warning(folder: Path) -> None:
    edit(folder, "thresholds/quiz.yaml", "value: 0.8", "value: 0.975")
    edit(folder, "thresholds/work.yaml", "id: work\n", "id: labour\n")
    edit(folder, "thresholds/run.yaml", "id: run\n", "id: walk\n")
    with pytest.raises(RegistryError) as caught:
        load_registry(folder)
    assert str(caught.value).splitlines() == [
        (
            "data/registry/thresholds/run.yaml:2:5: id: the id is the file's name: write "
            "run, or rename the file (got 'walk')"
        ),
        (
            "data/registry/thresholds/work.yaml:2:5: id: the id is the file's name: write "
            "work, or rename the file (got 'labour')"
        ),
    ]
    assert len(caught.value.problems) == 2


def test_problems_print_as_text_json_and_github_annotations() -> None:
    problems = [
        Problem("a.yaml", 3, 7, "bars[0]", "first"),
        Problem("b,c.yaml", 1, 1, "b", "50% of\nlines", "warning", "half"),
    ]
    assert format_problems(problems) == (
        "a.yaml:3:7: bars[0]: first\nb,c.yaml:1:1: b: warning: 50% of\nlines [half]"
    )
    assert json.loads(format_problems(problems, "json"))[0] == {
        "file": "a.yaml",
        "line": 3,
        "column": 7,
        "path": "bars[0]",
        "message": "first",
        "level": "error",
        "code": "",
    }
    assert format_problems(problems, "github") == (
        "::error file=a.yaml,line=3,col=7::bars[0]: first\n"
        "::warning file=b%2Cc.yaml,line=1,col=1::b: 50%25 of%0Alines [half]"
    )


def test_the_hash_follows_what_entries_say_and_not_how_files_look(folder: Path) -> None:
    before = load_registry(folder).content_sha256
    models = (folder / "models.yaml").read_text(encoding="utf-8").splitlines()
    reordered = ["# newest first", models[1], models[0], *models[2:], ""]
    (folder / "models.yaml").write_text("\n".join(reordered), encoding="utf-8")
    assert load_registry(folder).content_sha256 == before
    edit(folder, "models.yaml", "release_date: 2026-01-20", "release_date: 2026-01-21")
    assert load_registry(folder).content_sha256 != before


@pytest.mark.parametrize(
    ("harness", "reporters", "expected"),
    [
        ("any", None, "coding_quiz"),
        ("any", [Reporter.DEVELOPER, Reporter.LEADERBOARD], "coding_quiz"),
        ("any", [Reporter.DEVELOPER], "coding_quiz__developer"),
        ("mini-SWE-agent 2", None, "coding_quiz__mini_swe_agent_2"),
        ("X", [Reporter.DEVELOPER], "coding_quiz__x__developer"),
    ],
)
def test_a_series_is_named_by_what_its_rule_keeps(
    folder: Path, harness: str, reporters: list[Reporter] | None, expected: str
) -> None:
    benchmark = load_registry(folder).benchmarks["coding_quiz"]
    rule = SeriesRule(benchmark="coding_quiz", harness=harness, reporters=reporters)
    assert series_id(rule, benchmark) == expected


def test_reporters_are_named_in_one_order_however_the_file_lists_them(
    folder: Path,
) -> None:
    registry = load_registry(folder)
    reporters = [Reporter.UNSTATED, Reporter.LEADERBOARD, Reporter.DEVELOPER]
    benchmark: Benchmark = registry.benchmarks["coding_quiz"].model_copy(
        update={"reporters": reporters}
    )
    rule = SeriesRule(
        benchmark="coding_quiz", reporters=[Reporter.DEVELOPER, Reporter.LEADERBOARD]
    )
    assert series_id(rule, benchmark) == "coding_quiz__leaderboard_and_developer"
    threshold = registry.thresholds["quiz"].model_copy(update={"series": rule})
    wide = replace(registry, benchmarks={"coding_quiz": benchmark})
    assert (
        threshold_series_id(threshold, wide) == "coding_quiz__leaderboard_and_developer"
    )


# Schemas for editors


def test_the_committed_schemas_are_those_of_the_models() -> None:
    folder = Workspace.find().registry / "schemas"
    committed = {
        path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()
    }
    assert committed == schema_files(), "run: python -m trends.registry.schemas"


def test_the_schema_command_writes_into_the_workspace(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "trends.registry.schemas"],
        check=True,
        env={"TRENDS_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[1],
    )
    schemas = tmp_path / "data" / "registry" / "schemas"
    threshold = json.loads((schemas / "threshold.schema.json").read_text("utf-8"))
    assert "bars" in threshold["required"]
    assert sorted(path.name for path in schemas.iterdir()) == sorted(schema_files())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: half,", f"id: {'x' * 101},", "should have at most 100 characters"),
        (
            "{benchmark: coding_quiz}",
            f"{{benchmark: coding_quiz, harness: {'x' * 2001}}}",
            "has 2,001 characters, and 2,000 are the most",
        ),
        (
            "{benchmark: coding_quiz}",
            "{benchmark: coding_quiz, harness: =1+1}",
            "begins with '=', which a spreadsheet runs as a formula",
        ),
    ],
    ids=["id", "harness", "formula"],
)
def test_names_have_an_end_and_do_nothing(
    folder: Path, old: str, new: str, said: str
) -> None:
    edit(folder, "thresholds/quiz.yaml", old, new)
    [problem] = check(folder)
    assert said in problem.message
    assert len(str(problem)) < 300


def test_a_projection_ends_before_tables_have_no_end(folder: Path) -> None:
    edit(folder, "thresholds/quiz.yaml", "2050-12-31", "9999-12-31")
    [problem] = check(folder)
    assert "should be at most 2100-12-31" in problem.message


# The headline of every threshold that names none

OF_ALL = """\
schema_version: 1
owner: "@org/forecasting"
trend: logistic
rule: The best.
decided_by: A contest.
"""
NAMED = "headline_trend: drift\n"


def of_all(folder: Path, trend: str = "logistic") -> None:
    """Give the small registry a headline of all."""
    text = OF_ALL.replace("trend: logistic", f"trend: {trend}")
    (folder / "headline.yaml").write_text(text)


def test_a_threshold_has_its_own_headline_or_that_of_all(folder: Path) -> None:
    before = load_registry(folder)
    of_all(folder)
    named = load_registry(folder)
    # a default that nobody takes decides nothing
    assert named.content_sha256 == before.content_sha256
    edit(folder, "thresholds/quiz.yaml", NAMED, "")
    trends = {name: one.headline_trend for name, one in _thresholds(folder).items()}
    assert trends == {"quiz": "logistic", "run": "drift", "work": "drift"}
    assert load_registry(folder).content_sha256 != before.content_sha256
    of_all(folder, "drift")
    assert load_registry(folder).content_sha256 == before.content_sha256


def _thresholds(folder: Path) -> dict[str, Threshold]:
    assert check(folder) == []
    return load_registry(folder).thresholds


def test_without_a_headline_of_all_each_threshold_names_its_own(folder: Path) -> None:
    edit(folder, "thresholds/quiz.yaml", NAMED, "")
    [problem] = said(folder)
    assert problem.startswith(
        "thresholds/quiz.yaml:1:1: headline_trend: is missing: add `headline_trend:`"
    )


def test_a_headline_of_all_that_a_threshold_has_not_is_told_at_its_trends(
    folder: Path,
) -> None:
    of_all(folder)
    for name in ("quiz", "run"):
        edit(folder, f"thresholds/{name}.yaml", NAMED, "")
    assert said(folder) == [
        (
            "thresholds/run.yaml:13:1: trends: has not logistic, which headline.yaml takes "
            "for every headline that names no other: add it, or write "
            "`headline_trend: drift`"
        )
    ]


@pytest.mark.parametrize("trend", ["logistik", "''", "[logistic]", "TODO"])
def test_a_headline_of_all_that_is_none_is_told_once_and_at_its_place(
    folder: Path, trend: str
) -> None:
    """Thresholds that rest on it are not said to lack what it should have been."""
    of_all(folder, trend)
    edit(folder, "thresholds/quiz.yaml", NAMED, "")
    [problem] = said(folder)
    assert problem.startswith("headline.yaml:3:")
    for load in (load_registry, load_headline):
        with pytest.raises(RegistryError, match=r"headline\.yaml:3:"):
            load(folder)


def test_a_slip_in_the_name_of_the_key_is_not_taken_for_silence(folder: Path) -> None:
    of_all(folder)
    edit(folder, "thresholds/quiz.yaml", NAMED, "headline_trnd: drift\n")
    [problem] = said(folder)
    assert problem.endswith("did you mean 'headline_trend'?")


def test_editors_are_told_that_the_headline_may_be_left_out() -> None:
    schema = json.loads(schema_files()["threshold.schema.json"])
    assert "headline_trend" in schema["properties"]
    assert "headline_trend" not in schema["required"]
    assert {"trends", "projection_end"} <= set(schema["required"])


def test_the_headline_that_is_scored_as_ours_is_that_of_all() -> None:
    headline = load_headline(CHECKOUT / "data" / "registry")
    assert headline is not None
    assert headline.trend is HEADLINE_TREND
