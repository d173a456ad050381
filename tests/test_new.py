"""``trends new``: what is known is filled in, the rest keeps the registry from loading."""

import json
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from ruamel.yaml import YAML

from tests.conftest import CHECKOUT
from tests.small_world import small_world, trends
from trends.registry import check, load_registry
from trends.registry.models import Benchmark, Source, Threshold
from trends.workspace import Workspace

TABLE = """\
Model,Organization,Release date,Accuracy,Agent,Stderr
M 1,Alpha,2024-02-15,0.415,one,0.02
M 2,Alpha,2024-03-15,0.5630000000000001,one,
M 2,Alpha,2024-03-15,0.5630000000000001,one,
M 3,Alpha,2024-04-15,,one,0.02
"""
ASKED = ("--page", "https://example.org/board", "--reporter", "leaderboard")


@pytest.fixture
def world(tmp_path: Path) -> Workspace:
    return small_world(tmp_path / "world")


def texts(world: Workspace) -> dict[str, str]:
    data = world.root / "data"
    return {
        path.relative_to(world.root).as_posix(): path.read_text()
        for path in data.rglob("*")
        if path.is_file() and path.suffix in {".csv", ".yaml"}
    }


def new(world: Workspace, *words: str) -> CompletedProcess[str]:
    return trends(world, "new", *words)


def from_table(
    world: Workspace, text: str, *words: str, name: str = "board.csv"
) -> CompletedProcess[str]:
    path = world.root / name
    path.write_text(text)
    return new(world, "benchmark", "board", "--from", str(path), *words)


def test_a_table_gives_figures_entry_source_and_draft_threshold(
    world: Workspace,
) -> None:
    before = texts(world)
    done = from_table(
        world, TABLE, "--unit", "fraction", "--column", "score=Accuracy", *ASKED
    )
    assert done.returncode == 0, done.stderr
    assert "2 rows carried, 2 left out" in done.stderr
    assert "row 4: repeats row 3 word for word" in done.stderr
    assert "row 5: Accuracy is empty: no score" in done.stderr

    after = texts(world)
    for name, text in before.items():
        assert after[name].startswith(text), "entries are added, nothing is changed"
    lines = after["data/observations/board.csv"].splitlines()
    url = "https://example.org/board"
    assert lines[1:] == [
        f"M 1,Alpha,2024-02-15,41.5,2,,,one,,leaderboard,{url},",
        f"M 2,Alpha,2024-03-15,56.3,,,,one,,leaderboard,{url},",
    ]
    entry = YAML(typ="safe").load(world.registry / "benchmarks.yaml")["board"]
    assert (entry["unit"], entry["published_unit"]) == ("fraction", "percent")
    assert (entry["n_rows"], entry["harness_rule"]) == (2, "single")
    assert (entry["se_kind"], entry["floor"]) == ("TODO", "TODO")
    assert str(entry["observed_through"]) == "2024-03-15"
    threshold = YAML(typ="safe").load(world.registry / "thresholds" / "board.yaml")
    assert threshold["status"] == "draft"


def test_a_new_benchmark_is_fitted_by_records_and_dated_by_the_headline_of_all(
    world: Workspace,
) -> None:
    """Its own headline is written where the registry has none for all."""
    for benchmark, unit in (("board", "fraction"), ("pace", "minutes")):
        assert new(world, "benchmark", benchmark, "--unit", unit).returncode == 0
        path = world.registry / "thresholds" / f"{benchmark}.yaml"
        own = YAML(typ="safe").load(path)
        assert (own["trends"][0], own["headline_trend"]) == ("records", "records")
    shutil.copy(CHECKOUT / "data" / "registry" / "headline.yaml", world.registry)
    assert new(world, "benchmark", "second").returncode == 0
    path = world.registry / "thresholds" / "second.yaml"
    assert "\n# headline_trend:\n" in path.read_text()
    assert "headline_trend" not in YAML(typ="safe").load(path)
    entry = YAML(typ="safe").load(world.registry / "benchmarks.yaml")["second"]
    assert entry["trends"][0] == "records"
    # the quiz has no records, so that it names one of its own
    assert (
        new(world, "threshold", "other", "--benchmark", "coding_quiz").returncode == 0
    )
    other = YAML(typ="safe").load(world.registry / "thresholds" / "other.yaml")
    assert other["headline_trend"] == "drift"


def test_every_field_is_there_with_what_it_means(world: Workspace) -> None:
    assert new(world, "benchmark", "board").returncode == 0
    after = texts(world)
    for name, shape in (
        ("benchmarks", Benchmark),
        ("sources", Source),
        ("thresholds/board", Threshold),
    ):
        text = after[f"data/registry/{name}.yaml"]
        words = " ".join(text.replace("#", " ").split())
        for field, of_field in shape.model_fields.items():
            assert f"{field}:" in text
            said = str(of_field.description).replace("``", "")
            assert " ".join(said.split()) in words, field


def test_each_blank_is_named_by_its_place_and_no_other_problem(
    world: Workspace,
) -> None:
    new(world, "benchmark", "board", "--unit", "minutes")
    problems = check(world.registry)
    found = {(one.file, one.line) for one in problems}
    blanks = {
        (name, number)
        for name, text in texts(world).items()
        for number, line in enumerate(text.splitlines(), start=1)
        if "TODO" in line
    }
    assert found == blanks
    assert all("TODO" in one.message for one in problems if "bars" not in one.path)
    for command in (["check"], ["run", "--draft"]):
        done = trends(world, *command)
        assert done.returncode == 3
        assert "board.title: is TODO" in done.stdout + done.stderr


def test_a_misspelt_field_is_named_although_it_is_blank(world: Workspace) -> None:
    new(world, "source", "board")
    path = world.registry / "sources.yaml"
    path.write_text(path.read_text().replace("  citation: TODO", "  citatoin: TODO"))
    assert any(
        "did you mean 'citation'" in one.message for one in check(world.registry)
    )


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ((), ["--column score=NAME", "--unit", "--page", "--reporter"]),
        (("--column", "score=Accuracy", *ASKED), ["--unit"]),
        (
            ("--column", "score=Accuracy", "--unit", "percent", *ASKED),
            ["0.5630000000000001%", "--unit fraction"],
        ),
        (("--column", "score=Accurcy", "--unit", "percent", *ASKED), ["'Accuracy'"]),
        (("--column", "points=Accuracy", *ASKED), ["'points'", "score"]),
        (("--column", "Accuracy", *ASKED), ["CELL=NAME"]),
        (("--unit", "share", *ASKED), ["'share'", "percent"]),
        (("--page", "javascript:alert(1)"), ["--page", "public address"]),
        (("--reporter", "my uncle"), ["--reporter", "leaderboard"]),
        (("--source", "A Source"), ["'A Source'"]),
    ],
)
def test_what_cannot_be_known_is_asked_and_nothing_is_written(
    world: Workspace, words: tuple[str, ...], asked: list[str]
) -> None:
    before = texts(world)
    done = from_table(world, TABLE, *words)
    assert done.returncode == 2, done.stderr
    said = " ".join(done.stderr.replace("│", " ").split())
    for word in asked:
        assert word in said
    assert texts(world) == before


@pytest.mark.parametrize(
    "taken",
    ["data/observations/board.csv", "data/registry/thresholds/board.yaml"],
)
def test_nothing_is_overwritten(world: Workspace, taken: str) -> None:
    (world.root / taken).write_text("# mine\n")
    before = texts(world)
    words = ("--unit", "fraction", "--column", "score=Accuracy", *ASKED)
    done = from_table(world, TABLE, *words)
    assert done.returncode == 2
    assert f"{taken} is there already; nothing was written" in done.stderr
    assert texts(world) == before


@pytest.mark.parametrize(
    "words", [("benchmark", "coding_quiz"), ("source", "quiz_site")]
)
def test_an_entry_of_that_name_is_left_alone(
    world: Workspace, words: tuple[str, str]
) -> None:
    before = texts(world)
    done = new(world, *words)
    assert done.returncode == 2
    assert "already; nothing was written" in done.stderr
    assert texts(world) == before


@pytest.mark.parametrize("layout", ["[coding_quiz]", "\n  - coding_quiz\n"])
def test_a_source_that_is_there_gains_the_benchmark(
    world: Workspace, layout: str
) -> None:
    path = world.registry / "sources.yaml"
    text = path.read_text()
    assert "[coding_quiz]" in text
    path.write_text(text.replace(" [coding_quiz]", f" {layout}".rstrip(" ")))
    assert new(world, "benchmark", "board", "--source", "quiz_site").returncode == 0
    sources = YAML(typ="safe").load(path)
    assert sources["quiz_site"]["benchmarks"] == ["coding_quiz", "board"]
    assert "board" not in sources


def test_json_is_read_by_the_names_of_its_fields(world: Workspace) -> None:
    rows = [{"model": "M 1", "score": 41.5, "reported_on": "2024-03-01T10:00:00"}]
    words = ("--unit", "percent", *ASKED)
    done = from_table(world, json.dumps(rows), *words, name="board.json")
    assert done.returncode == 0, done.stderr
    text = texts(world)["data/observations/board.csv"]
    assert "M 1,,,41.5,,,,,2024-03-01,leaderboard" in text


def test_a_threshold_of_a_benchmark_that_is_there(world: Workspace) -> None:
    done = new(world, "threshold", "quiz_people", "--benchmark", "coding_quiz")
    assert done.returncode == 0
    path = world.registry / "thresholds" / "quiz_people.yaml"
    text = path.read_text()
    for blank in ("title", "operationalisation", "why_it_matters"):
        text = text.replace(f"{blank}: TODO", f"{blank}: A quiz")
    path.write_text(text)
    threshold = load_registry(world.registry).thresholds["quiz_people"]
    # guessing gives 25%, and the quiz is fitted by two families
    assert [bar.value for bar in threshold.bars] == [0.5, 0.8, 0.95, 0.99]
    assert threshold.trends == ["drift", "logistic", "ensemble"]
    done = new(world, "threshold", "other", "--benchmark", "coding_quizz")
    assert done.returncode == 2
    assert "there are: coding_quiz" in done.stderr


def test_a_column_that_is_given_to_one_cell_is_no_other_by_its_name(
    world: Workspace,
) -> None:
    """Agent is usually the harness; here somebody says that it holds the models."""
    table = "Agent,score,Released\nM 1,41.5,2024-02-15\n"
    words = ("--unit", "percent", "--column", "model_name_published=Agent", *ASKED)
    done = from_table(world, table, *words)
    assert done.returncode == 0, done.stderr
    line = texts(world)["data/observations/board.csv"].splitlines()[1]
    assert line.startswith("M 1,,2024-02-15,41.5,,,,,,leaderboard,")


def test_only_blanks_of_what_was_written_are_listed(world: Workspace) -> None:
    first = new(world, "benchmark", "one", "--unit", "percent", *ASKED[:2])
    second = new(world, "benchmark", "two", "--unit", "percent", *ASKED[:2])
    assert " one.title" in first.stderr
    assert " two.title" in second.stderr
    assert " one." not in second.stderr


def test_a_question_names_the_columns_that_there_are(world: Workspace) -> None:
    table = "model,points,released\nM 1,41.5,2024-02-15\n"
    done = from_table(world, table, "--unit", "percent", *ASKED)
    assert done.returncode == 2
    assert "(it has: 'model', 'points', 'released')" in done.stderr


@pytest.mark.parametrize("between", [";", "\t", "|"])
def test_a_table_of_a_spreadsheet_is_read_with_its_delimiter_and_days(
    world: Workspace, between: str
) -> None:
    table = "model;score;released\nM 1;41.5%;15.02.2024\nM, 2;9;2024\n"
    table = "\ufeff" + table.replace(";", between)
    done = from_table(world, table, "--unit", "percent", "--dates", "%d.%m.%Y", *ASKED)
    assert done.returncode == 0, done.stderr
    lines = texts(world)["data/observations/board.csv"].splitlines()
    url = "https://example.org/board"
    assert lines[1:] == [
        f"M 1,,2024-02-15,41.5,,,,,,leaderboard,{url},",
        f'"M, 2",,2024,9,,,,,,leaderboard,{url},',
    ], "what is no such day is left as printed, for the gate to name"


def test_figures_do_not_go_on_after_today_because_a_row_says_so(
    world: Workspace,
) -> None:
    table = "model,score,released\nM 1,41.5,2024-02-15\nZeta 7,43,2124-02-15\n"
    assert from_table(world, table, "--unit", "percent", *ASKED).returncode == 0
    entry = YAML(typ="safe").load(world.registry / "benchmarks.yaml")["board"]
    assert str(entry["observed_through"]) == "2024-02-15"
    figures = world.observations / "board.csv"
    named = trends(world, "names", str(figures), "--write")
    assert "'2124-02-15' is no past day" in named.stdout
    assert "2124" not in (world.registry / "models.yaml").read_text()


def test_a_table_in_which_nobody_has_scored_yet_is_a_table(world: Workspace) -> None:
    done = from_table(
        world, "model,score\nM 1,0\nM 2,0.0\n", "--unit", "percent", *ASKED
    )
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_not_utf_8_is_said_to_be_none_before_anything_is_asked(
    world: Workspace,
) -> None:
    path = world.root / "board.csv"
    path.write_bytes(TABLE.encode("utf-16"))
    done = new(world, "benchmark", "board", "--from", str(path))
    assert done.returncode == 4
    assert "board.csv" in done.stderr
    assert "UTF-8" in done.stderr
