"""docs/add_a_benchmark.md, followed to the letter in a copy of the checkout."""

import csv
import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from trends.names import Spellings
from trends.registry import load_registry

DOCUMENT = CHECKOUT / "docs" / "add_a_benchmark.md"
HEADER = ["Model", "Organization", "Release date", "Resolved", "Agent", "Reported"]
UNDECIDED = [
    ("Claude 5 Opus", "Anthropic", "2026-07-24"),
    ("Tinker (in-house)", "", ""),
]


def blocks(language: str) -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def board() -> list[list[str]]:
    """108 rows of 60 models: 20 names as registered, 40 not, 7 rows twice.

    Of the 40 names 26 are spelled otherwise or at an effort, 12 are those of models
    that nobody knows and 2 a person has to decide on.
    """
    registry = load_registry(CHECKOUT / "data" / "registry")
    spellings = Spellings(registry)
    taken = {one.name for one in registry.models.values()} | set(registry.aliases)
    dated = sorted(
        (
            (model.release_date, model.name, model.developer or "")
            for model in registry.models.values()
            if model.kind == "model"
            and model.release_date
            and date(2024, 6, 15) < model.release_date < date(2026, 9, 1)
            and model.name != "Claude Opus 5"
            and f"{model.name}_high" not in taken
            and len(spellings.matches(f"{model.name}_high")) == 1
        ),
    )
    step = len(dated) / 46
    models = [dated[int(i * step)] for i in range(46)]
    known = models[:20]
    respelled = [(day, f"{name}_high", maker) for day, name, maker in models[20:]]
    new = [
        (date(2025, 1, 10) + timedelta(days=45 * i), f"Mender-{i + 2}x", "Acme Repairs")
        for i in range(12)
    ]
    named = [(str(day), name, maker) for day, name, maker in [*known, *respelled, *new]]
    named += [(day, name, maker) for name, maker, day in UNDECIDED]
    rows = [
        [name, maker, day, f"{12 + i * 0.9 + (i * 7) % 5:.1f}", agent, reported(day)]
        for i, (day, name, maker) in enumerate(sorted(named))
        for agent in (("Mender", "Patcher") if i < 41 else ("Mender",))
    ]
    repeated = rows[3:101:16]
    assert (len(named), len(rows), len(repeated)) == (60, 101, 7)
    return [*rows, *repeated]


def reported(day: str) -> str:
    """Three weeks after the release."""
    return str(date.fromisoformat(day or "2026-08-20") + timedelta(days=21))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's own files, and its .venv, as after a clone and its set-up.

    So with what the set-up compiles, which lies in __pycache__.
    """
    root = tmp_path_factory.mktemp("clone") / "benchmark-trends"
    ignored = shutil.ignore_patterns("work", "results")
    for name in ("trends", "data", "expectations", "docs"):
        shutil.copytree(CHECKOUT / name, root / name, ignore=ignored)
    bin_folder = root / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    script = bin_folder / "trends"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m trends "$@"\n')
    script.chmod(0o755)
    with (root / "board.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *board()])
    return root


def run(clone: Path, command: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "TRENDS_HOME"}
    return subprocess.run(
        ["sh", "-c", command],
        cwd=clone,
        env=environment | {"PYTHONPATH": str(clone), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def follow_edits(clone: Path) -> None:
    """What the document says to type into files."""
    for block in blocks("yaml"):
        head, *lines = block.splitlines()
        found = re.fullmatch(r"# (add to|fill in) (\S+)", head)
        assert found is not None, head
        path = clone / found[2]
        text = path.read_text(encoding="utf-8")
        if found[1] == "add to":
            path.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
            continue
        for line in lines:
            name = line.partition(":")[0]
            before = text
            text = re.sub(rf"(?m)^( *){name}: TODO$", rf"\g<1>{line}", text, count=1)
            assert text != before, f"{found[2]} has no blank {name}"
        path.write_text(text, encoding="utf-8")


def test_the_walk_through_ends_in_a_dated_crossing(clone: Path) -> None:
    new, names, dates = (block.strip() for block in blocks("sh"))

    done = run(clone, new)
    assert done.returncode == 0, done.stderr
    assert "101 rows carried, 7 left out" in done.stderr
    assert done.stderr.count("word for word") == 7

    check = run(clone, ".venv/bin/trends check")
    assert check.returncode == 3
    blanks = re.findall(r"(\S+):(\d+):\d+: \S+: is TODO", check.stdout)
    in_files = [
        (name, str(number))
        for name in sorted({name for name, _ in blanks})
        for number, line in enumerate((clone / name).read_text().splitlines(), start=1)
        if line.endswith("TODO")
    ]
    assert sorted(blanks) == sorted(in_files)
    assert len(blanks) == 19

    done = run(clone, names)
    assert done.returncode == 7
    assert "101 rows with 60 names, of which 40 are unknown" in done.stdout
    assert "26 entries to model_aliases.yaml, 12 to models.yaml" in done.stderr
    assert "2 names wait for a decision" in done.stderr
    for name, *_ in UNDECIDED:
        assert repr(name) in done.stdout

    follow_edits(clone)
    check = run(clone, ".venv/bin/trends check")
    assert check.returncode == 0, check.stdout
    assert "repair_bench" not in check.stdout

    done = run(clone, dates)
    assert done.returncode in (0, 7), done.stderr
    assert "repair_bench: 101 observations, 0 quarantined" in done.stderr
    [row] = [line for line in done.stdout.splitlines() if "Repair Bench" in line]
    assert re.search(r"20\d\d-\d\d", row), row


def test_the_document_names_three_commands() -> None:
    assert [block.count("\n") for block in blocks("sh")] == [1, 1, 1]
    assert "docs/add_a_benchmark.md" in (CHECKOUT / "README.md").read_text()
