"""What cannot be done is said in a sentence, with its exit code, and nothing half done.

Each in a process of its own, as a person would meet it.
"""

import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.conftest import CHECKOUT
from tests.warm_trends import run_trends
from trends import defaults
from trends.cli.out import copy_out, require_out
from trends.cli.reasons import reason
from trends.cli.shared import errors
from trends.cli.show import names
from trends.outputs.disk import replace_file
from trends.pipeline import RequestError
from trends.pipeline.bounds import refuse_numbers
from trends.validation import SuiteError
from trends.workspace import HOME_VARIABLE, Workspace

ENV = os.environ | {"PYTHONPATH": str(CHECKOUT), "NO_COLOR": "1", "COLUMNS": "200"}


def _trends(root: Path, *words: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """In a fork of one warm process, unless ``how`` asks for streams or limits."""
    env = ENV | {HOME_VARIABLE: str(root)}
    if not how:
        return run_trends(words, env)
    return subprocess.run(
        [sys.executable, "-m", "trends", *words],
        env=env,
        stdout=how.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **how,
    )


def _files(root: Path) -> set[Path]:
    return set(root.rglob("*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--seed", "-1"], "--seed"),
        (["run", "--seed", str(2**70)], "--seed"),
        (["run", "--draws", "50000000"], "--draws"),
        (["run", "--draws", "99"], "--draws"),
        (["backtest", "--draws", "50000000"], "--draws"),
        (["backtest", "--seed", "-1"], "--seed"),
        (
            [
                "ledger",
                "replay",
                "--from",
                "2026-01-01",
                "--to",
                "2026-02-01",
                "--draws",
                "1",
            ],
            "--draws",
        ),
        (["run", "--out", "/proc/x"], "/proc/x cannot be made or written"),
        (["run", "--out", __file__], "is a file"),
        (["backtest", "--out", f"{__file__}/x"], "is a file"),
        (["run", "--out", "{root}"], "is this project"),
        (["run", "--out", "{root}/data/registry"], "keeps itself"),
        (["run", "--out", "{root}/data/results/runs/x"], "keeps itself"),
        (["run", "--out", "{root}/expectations/../data/ledger"], "keeps itself"),
        (["backtest", "--out", "{root}/expectations"], "keeps itself"),
        (["report", "--out", "{root}/data/README.md"], "keeps itself"),
        (["report", "--out", "{root}"], "is this project"),
        (
            ["report", "--out", str(CHECKOUT / "tests")],
            "is a folder: name a file in it",
        ),
        (["report", "--out", f"{__file__}/x"], "is a file"),
        (["export", "zip", "--out", "{root}/data/registry/x.zip"], "keeps itself"),
        (
            ["export", "zip", "--out", str(CHECKOUT / "tests")],
            "is a folder: name a file in it",
        ),
        (["export", "hubverse", "--out", "{root}/data/hub"], "keeps itself"),
        (["export", "hubverse", "--out", str(CHECKOUT / "tests")], "is there already"),
        *(
            (["show", "--notes", *words], "--notes goes alone")
            for words in (
                ["--json"],
                ["--markdown"],
                ["x"],
                ["--all"],
                ["--by", "2027"],
            )
        ),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_before_any_work(
    workspace: Workspace, words: list[str], said: str
) -> None:
    before = _files(workspace.root)
    done = _trends(workspace.root, *(w.format(root=workspace.root) for w in words))
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert _files(workspace.root) == before


@pytest.mark.parametrize("command", [("report",), ("export", "zip")])
def test_no_file_takes_the_place_of_a_device(
    workspace: Workspace, command: tuple[str, ...]
) -> None:
    """A file is renamed into its place: /dev/null would be gone for all."""
    pipe = workspace.root / "pipe"
    os.mkfifo(pipe)
    done = _trends(workspace.root, *command, "--out", str(pipe))
    assert done.returncode == 2
    assert "is no file, and one would take its place" in " ".join(done.stderr.split())
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backtest", "--from", "0001-01-01"], "the figures are of"),
        (["backtest", "--from", "9999-12-01"], "the figures are of"),
        (
            ["ledger", "replay", "--from", "0001-01-01", "--to", "0001-03-01"],
            "the figures are of",
        ),
        (
            ["ledger", "replay", "--from", "9999-01-01", "--to", "9999-12-31"],
            "only the past",
        ),
    ],
)
def test_a_past_without_figures_is_not_replayed(
    shipped_workspace: Workspace, words: list[str], said: str
) -> None:
    folders = (shipped_workspace.results, shipped_workspace.ledger)
    before = [_files(folder) for folder in folders]
    done = _trends(shipped_workspace.root, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [_files(folder) for folder in folders] == before


@pytest.mark.parametrize(
    ("draws", "seed"),
    [(99, 1), (defaults.MAX_DRAWS + 1, 1), (4000, -1), (4000, defaults.MAX_SEED + 1)],
)
def test_forms_and_programs_are_held_to_the_same_numbers(draws: int, seed: int) -> None:
    with pytest.raises(RequestError, match=r"draws|seed"):
        refuse_numbers(draws=draws, seed=seed)
    refuse_numbers(draws=defaults.MIN_DRAWS, seed=0)
    refuse_numbers(draws=defaults.MAX_DRAWS, seed=defaults.MAX_SEED)


def test_a_shell_completes_thresholds_and_benchmarks_and_takes_words_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(CHECKOUT))
    assert names("metr_") != []
    assert "scicode" in names("sci")
    assert {"metr_work_month", "metr_time_horizon_p50"} <= {*names("")}
    assert [names(one) for one in ("*", "[a-z]", "../", "**/")] == [[], [], [], []]


def test_out_is_copied_whole_or_not_at_all(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "new" / "out"
    (run / "internal").mkdir(parents=True)
    for name in ("README.md", "manifest.json", "internal/registry.json"):
        (run / name).write_text(name)
    workspace = Workspace(tmp_path / "project")
    require_out(out, workspace)
    assert not out.parent.exists()
    copy_out(run, out)
    assert (out / "internal/registry.json").read_text() == "internal/registry.json"
    (run / "README.md").write_text("newer")
    (out / "mine").write_text("mine")
    require_out(out, workspace)
    copy_out(run, out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert {
        path.name: path.read_text() for path in out.iterdir() if path.is_file()
    } == {
        "README.md": "newer",
        "manifest.json": "manifest.json",
        "mine": "mine",
    }
    (out / "manifest.json").unlink()
    with pytest.raises(typer.BadParameter, match="holds other files"):
        require_out(out, workspace)
    (run / "gone").symlink_to("nowhere")
    with pytest.raises(OSError, match="The run is complete"):
        copy_out(run, tmp_path / "other")
    with pytest.raises(OSError, match="The run is complete"):
        copy_out(run, out)
    assert not (out / "manifest.json").exists()
    assert not (tmp_path / "other").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"run", "new"}


def test_a_reader_who_has_gone_ends_a_command_without_a_word(
    workspace: Workspace,
) -> None:
    """As `trends check | true`: by a real pipe, of which the other end is closed."""
    for words in (["ledger", "check"], ["score", "--help"], ["--version"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = _trends(workspace.root, *words, stdout=writer)
        os.close(writer)
        assert done.stderr == ""
        assert done.returncode == 141


def test_a_full_disk_behind_stdout_is_said(workspace: Workspace) -> None:
    with Path("/dev/full").open("w") as full:
        done = _trends(workspace.root, "ledger", "check", stdout=full)
    assert done.returncode == 9
    assert re.fullmatch(r"error: .*No space left on device.*\n", done.stderr)


def test_a_file_that_cannot_be_written_is_named(workspace: Workspace) -> None:
    """A limit of file sizes stands for a full disk: the kernel refuses the write."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    done = _trends(workspace.root, "ingest", preexec_fn=limit)
    assert done.returncode == 9
    assert f"error: {workspace.work}/" in done.stderr.splitlines()[-1]
    assert done.stderr.endswith(": File too large\n")
    assert not list(workspace.work.rglob(".unfinished-*"))


def test_a_file_where_a_folder_belongs_is_named(workspace: Workspace) -> None:
    workspace.work.write_text("")
    done = _trends(workspace.root, "ingest")
    assert done.returncode == 9
    assert f"error: {workspace.work}" in done.stderr
    assert "there is a file where a folder belongs" in done.stderr


def test_a_suite_that_is_not_valid_is_named_with_its_file(workspace: Workspace) -> None:
    suite = workspace.expectations / "raw_scores.yaml"
    suite.write_text(suite.read_text().replace("severity: critical", "severity: bad"))
    done = _trends(workspace.root, "ingest")
    assert done.returncode == 3
    assert "raw_scores.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_command_says_so(workspace: Workspace) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "trends", "ingest"],
        env=ENV | {HOME_VARIABLE: str(workspace.root)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    process.stderr.readline()  # the first source is read: it is at work
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    # before it, polars may say in its own words that it was interrupted
    assert process.returncode == 130
    assert said.splitlines()[-1].startswith("interrupted")


def test_an_interrupt_that_a_library_raised_does_not_hit_who_cleans_up() -> None:
    """Python is told of the same Ctrl-C only after the library raised for it."""
    cleaned = []

    @errors()
    def interrupted() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            signal.raise_signal(signal.SIGINT)
            cleaned.append("all of it")

    with pytest.raises(typer.Exit) as left:
        interrupted()
    assert cleaned
    assert left.value.exit_code == 130


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (PermissionError(13, "Permission denied", "/x"), 9, "/x: Permission denied"),
        (OSError(5, "Input/output error"), 9, "Input/output error"),
        (OSError(18, "Invalid link", "/a", None, "/b"), 9, "/b: Invalid link"),
        (MemoryError(), 9, "memory"),
        (SuiteError("x.yaml: bad"), 3, "x.yaml: bad"),
        (RequestError("no"), 2, "no"),
    ],
)
def test_errors_have_a_text_and_a_code(error: Exception, code: int, said: str) -> None:
    found = reason(error)
    assert found is not None
    assert found[0] == code
    assert said in found[1]
    assert "None" not in found[1]


def test_a_bug_of_ours_keeps_its_traceback() -> None:
    assert reason(KeyError("x")) is None


def test_a_replaced_file_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "weights.yaml"
    replace_file(path, b"old")
    script = (
        "import resource, sys; from pathlib import Path;"
        "from trends.outputs.disk import replace_file;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10));"
        "replace_file(Path(sys.argv[1]), b'x' * 1000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path],
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"File too large: '{tmp_path}/.unfinished-weights.yaml" in done.stderr
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
