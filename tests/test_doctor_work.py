"""What the doctor says of work: who holds it, what was begun, what could go."""

import fcntl
import os
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.faults.world import can_mount, small_disk
from tests.small_world import small_world, trends
from trends.dag_names import FITS_POOL
from trends.pipeline import ForecastRequest, plan_forecast
from trends.pipeline.doctor import examine
from trends.pipeline.doctor_work import LOCKS, work_findings
from trends.store import VARIABLE
from trends.workspace import Workspace

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def said(workspace: Workspace) -> dict[str, tuple[bool, str]]:
    return {
        what: (ok, detail) for what, ok, detail in work_findings(workspace, now=NOON)
    }


@pytest.mark.skipif(not LOCKS.exists(), reason="this kernel does not list locks")
def test_it_names_who_holds_a_lock(tmp_path: Path) -> None:
    workspace = small_world(tmp_path)
    workspace.results.mkdir()
    reader, writer = os.pipe()
    holder = os.fork()
    if holder == 0:
        lock = os.open(workspace.results / ".lock", os.O_CREAT | os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.write(writer, b"held")
        os.close(writer)
        signal_never_comes, _ = os.pipe()
        os.read(signal_never_comes, 1)
    os.read(reader, 4)
    try:
        assert f"process {holder} in data/results" in said(workspace)["at work"][1]
    finally:
        os.kill(holder, 9)
        os.waitpid(holder, 0)
    assert said(workspace)["at work"] == (True, "nobody")


def test_a_forecast_that_was_begun_is_named_with_its_cure(tmp_path: Path) -> None:
    workspace = small_world(tmp_path)
    assert trends(workspace, "ingest").returncode == 0
    request = ForecastRequest(as_of=date(2026, 1, 31), draws=200)
    plan_forecast(request, workspace=workspace, today=NOON.date())

    _, detail = said(workspace)["unfinished"]

    assert detail.startswith("forecasts that were begun and have no run: 1,")
    assert "trends clean --yes" in detail


def test_airflows_home(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert "no home yet" in said(workspace)["airflow"][1]
    home = tmp_path / ".airflow"
    home.mkdir()
    database = home / "airflow.db"
    database.write_bytes(b"not a database, whatever its name says" * 100)
    ok, detail = said(workspace)["airflow"]
    assert not ok
    assert "move .airflow away" in detail

    database.unlink()
    with sqlite3.connect(database) as found:
        found.execute("CREATE TABLE slot_pool (pool TEXT, slots INTEGER)")
    found.close()
    ok, detail = said(workspace)["airflow"]
    assert ok
    assert f"no pool {FITS_POOL} yet" in detail
    with sqlite3.connect(database) as found:
        found.execute("INSERT INTO slot_pool VALUES (?, 2)", (FITS_POOL,))
    found.close()
    assert "with 2 slots" in said(workspace)["airflow"][1]


def test_a_disk_that_is_nearly_full_is_bad(tmp_path: Path) -> None:
    """Results may lie on a disk of their own."""
    if not can_mount():
        pytest.skip("this user may not mount a small disk")
    workspace = small_world(tmp_path)
    with small_disk(workspace.results, room=1 << 20):
        disk = next(one for one in examine(workspace, now=NOON) if one.what == "disk")
    assert not disk.ok
    assert str(workspace.results) in disk.detail
    assert "trends clean" in disk.detail


def test_a_store_that_is_silent_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path)
    assert said(workspace)["store"][0]
    monkeypatch.setenv(VARIABLE, str(tmp_path / "shared"))
    assert said(workspace)["store"][1].endswith("answers and has no results yet")
    monkeypatch.setenv(VARIABLE, "shared")
    ok, detail = said(workspace)["store"]
    assert not ok
    assert "is no address" in detail
