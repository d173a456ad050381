"""`trends clean` takes what nothing needs, and nothing from under a run."""

import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests import light_gate
from tests.small_world import CHECKOUT, small_world, trends
from trends.outputs import read_latest, verify_run
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.pipeline.retention import UNDER_WAY, removable, touched_at
from trends.workspace import Workspace

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAYS = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published run, three drafts, and an ingest of figures that were revised."""
    workspace = small_world(tmp_path_factory.mktemp("lived in"))
    gate = importlib.import_module("trends.validation.gate")
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(gate, "evaluate", light_gate.evaluate)
    ingest(workspace)
    figures = workspace.observations / "coding_quiz.csv"
    figures.write_text(figures.read_text().replace(",33.00,", ",33.50,"))
    ingest(workspace)
    for as_of in DAYS:
        request = ForecastRequest(as_of=as_of, draws=200, publish=False)
        forecast(request, workspace, published_at=NOON)
    request = ForecastRequest(as_of=DAYS[0], draws=200)
    forecast(request, workspace, published_at=NOON)
    monkeypatch.undo()
    return workspace


@pytest.fixture
def world(lived_in: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(lived_in.root, tmp_path / "world", symlinks=True)
    return Workspace(tmp_path / "world")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name[0] != ".")


def test_it_names_what_it_would_remove_and_removes_nothing(world: Workspace) -> None:
    before = files(world.root)

    done = trends(world, "clean", "--keep", "1")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("(draft)") == 2
    assert done.stdout.count("(forecast's work)") == 3
    assert done.stdout.count("(ingest)") == 1
    assert done.stdout.count("(source's part)") == 2
    assert "would remove" in done.stderr
    assert "--yes" in done.stderr
    assert files(world.root) == before


def test_it_removes_what_it_named_and_nothing_of_record(world: Workspace) -> None:
    published = {
        name: content
        for name, content in files(world.results).items()
        if not name.startswith("drafts/")
    }
    named = trends(world, "clean", "--keep", "1").stdout

    done = trends(world, "clean", "--keep", "1", "--yes")

    assert done.returncode == 0, done.stderr
    assert done.stdout == named
    assert len(names(world.results / "drafts")) == 1
    assert {
        name: content
        for name, content in files(world.results).items()
        if not name.startswith("drafts/")
    } == published
    latest = read_latest(world.results)
    assert latest is not None
    assert verify_run(latest.path) == []
    assert not [p for p in world.root.rglob("*") if ".unfinished-" in p.name]
    assert trends(world, "clean", "--keep", "1").stdout == ""


def test_the_same_run_gives_the_same_bytes_after_everything_is_gone(
    world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = importlib.import_module("trends.validation.gate")
    monkeypatch.setattr(gate, "evaluate", light_gate.evaluate)
    before = files(world.results / "runs")
    assert trends(world, "clean", "--keep", "0", "--yes").returncode == 0
    assert names(world.work / "forecasts") == []

    request = ForecastRequest(as_of=DAYS[0], draws=200)
    forecast(request, world, published_at=NOON)

    assert files(world.results / "runs") == before


def test_a_plan_that_waits_keeps_its_work_and_its_figures(world: Workspace) -> None:
    ingests = world.work / "ingests"
    [plan, *_] = sorted((world.work / "forecasts").iterdir())
    said = json.loads((plan / "plan.json").read_bytes())
    shutil.rmtree(world.results / "drafts", ignore_errors=True)
    shutil.rmtree(world.results / "runs")  # so that every plan is unfinished

    soon = touched_at(plan) + UNDER_WAY - timedelta(hours=1)
    kinds = {one.kind for one in removable(world, keep=0, now=soon)}
    late = removable(world, keep=0, now=soon + timedelta(hours=2))

    assert "forecast's work" not in kinds
    assert plan in {one.path for one in late}
    assert (world.root / said["ingest"]).parent == ingests


HOLDER = """
import sys, time
from pathlib import Path
from trends.pipeline.parts import once

root = Path(sys.argv[1])
once(root / "held", lambda: {"one.json": {}}, root=root)
print("holds", flush=True)
time.sleep(60)
"""


def test_nothing_is_taken_from_under_a_run(world: Workspace) -> None:
    before = files(world.results)
    run = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(world.work)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert run.stdout is not None
        run.stdout.readline()
        done = trends(world, "clean", "--keep", "0", "--yes")
        assert done.returncode == 9
        assert "a run is under way" in done.stderr
        assert "Traceback" not in done.stderr
        assert files(world.results) == before
    finally:
        run.kill()  # the kernel gives back what it held
        run.communicate()
    assert trends(world, "clean", "--keep", "0", "--yes").returncode == 0


def test_it_asks_for_one_thing_at_a_time(world: Workspace) -> None:
    assert trends(world, "clean", "--yes", "--dry-run").returncode == 2
    assert trends(world, "clean", "--keep", "-1").returncode == 2


def test_what_is_older_goes_first(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for age, name in enumerate(("c", "a", "b")):
        folder = workspace.results / "previews" / name
        folder.mkdir(parents=True)
        moment = time.time() - 1000 * age
        os.utime(folder, (moment, moment))

    found = [one.path.name for one in removable(workspace, keep=1, now=NOON)]

    assert found == ["b", "a"]
