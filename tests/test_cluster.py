"""Two workers, one lost; Redis and the API server restarted: the same bytes."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_world import CHECKOUT, small_world
from trends.local_airflow import services
from trends.local_airflow.cluster import EXIT_DIFFERENT, compare
from trends.local_airflow.messages import LocalAirflowError
from trends.local_airflow.services import missing_packages
from trends.workspace import Workspace

DEMO_SECONDS = 800
DEMO = [sys.executable, "-m", "trends.local_airflow.cluster"]


def run_demo(home: Path, tmp: Path) -> subprocess.CompletedProcess[str]:
    tmp.mkdir()
    tmp.chmod(0o711)
    for folder in tmp.parents:  # PostgreSQL's own user must reach its data
        if folder.stat().st_uid == os.getuid() and folder != Path(folder.anchor):
            folder.chmod(folder.stat().st_mode | 0o011)
    # files, not pipes: what outlives the demo would hold those open
    said = [tmp.with_name(name) for name in ("stdout", "stderr")]
    with said[0].open("w") as out, said[1].open("w") as err:
        demo = subprocess.Popen(
            [*DEMO, "--home", str(home)],
            env=os.environ | {"TMPDIR": str(tmp), "PYTHONPATH": str(CHECKOUT)},
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            code = demo.wait(timeout=DEMO_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(demo.pid, signal.SIGTERM)
            code = demo.wait(timeout=60)
    return subprocess.CompletedProcess(
        demo.args, code, *(file.read_text() for file in said)
    )


def processes_below(folder: Path) -> list[str]:
    """Commands of processes that name a folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            words = (one / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(words.replace(b"\0", b" ").decode(errors="replace"))
    return found


@pytest.mark.airflow
@pytest.mark.skipif(
    bool(missing_packages()),
    reason=f"not installed: {', '.join(missing_packages())}",
)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_a_cluster_that_loses_parts_publishes_what_one_machine_does(
    tmp_path: Path,
) -> None:
    home = small_world(tmp_path / "home").root
    done = run_demo(home, tmp_path / "tmp")
    assert done.returncode == 0, done.stderr[-4000:]
    told = [
        "2 Celery workers, each with an empty disk",
        "is killed (SIGKILL) in the middle of a fit",
        "Redis is killed and started again",
        "The API server is stopped and started again",
        "again   fit_shard",
        "done    publish",
    ]
    for words in told:
        assert words in done.stderr
    assert done.stdout.startswith("Identical: all ")
    assert not (home / "data" / "results").exists()
    assert not list((tmp_path / "tmp").iterdir())
    assert processes_below(tmp_path / "tmp") == []


def test_a_missing_program_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(services, "_PLACES", Path("/nowhere"))
    assert missing_packages() == ["postgresql", "redis-server"]
    with pytest.raises(LocalAirflowError, match="apt-get install redis-server"):
        services._need("redis-server")


def test_files_that_differ_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, clock, row in (("a", "noon", "1"), ("b", "one", "1"), ("c", "one", "2")):
        run = tmp_path / name / "data" / "results" / "runs" / "x"
        run.mkdir(parents=True)
        (run / "manifest.json").write_text(f'{{"run": "{clock}", "files": "same"}}')
        (run / "rows.csv").write_text(row)
    a, b, c = (Workspace(tmp_path / name) for name in "abc")
    latest = {"path": "runs/x", "run_id": "x"}
    assert compare(a, b, latest) == 0
    assert "all 2 files" in capsys.readouterr().out
    assert compare(a, c, latest) == EXIT_DIFFERENT
    assert "NOT the same: rows.csv" in capsys.readouterr().err
