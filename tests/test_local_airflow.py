"""What `make run` does with processes, errors and a run that was killed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.airflow_home import small_checkout
from tests.small_world import trends
from trends import pipeline, set_up
from trends.local_airflow import processes
from trends.local_airflow.__main__ import unseen_run
from trends.local_airflow.access import new_password, passwords_file
from trends.local_airflow.follow import EXIT_CODES
from trends.local_airflow.home import environment, sole_user
from trends.local_airflow.messages import LocalAirflowError
from trends.local_airflow.processes import (
    KEPT_LOGS,
    Component,
    components,
    end_leftovers,
    free_port,
)
from trends.outputs import read_latest, read_manifest, verify_run
from trends.workspace import Workspace


@pytest.fixture
def sleepers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A component that starts a process in a group of its own, as Airflow's tasks are,
    and one that ends at once."""
    child = (
        "import os, time; os.fork() or os.setpgid(0, 0); print('up', flush=True); "
        "time.sleep(600)"
    )
    python = [sys.executable, "-c"]
    commands = {
        "sleeper": [*python, child],
        "fragile": [*python, "raise SystemExit(3)"],
    }
    monkeypatch.setattr(processes, "COMMANDS", commands)


def _start(name: str, home: Path) -> Component:
    component = Component(name, home, dict(os.environ))
    while "up" not in component.log.read_text():
        time.sleep(0.01)
    return component


def _living(home: Path) -> list[str]:
    """Command lines of processes that were started with a log below ``home``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(home) in str((entry / "fd" / "1").readlink()):
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found


@pytest.mark.usefixtures("sleepers")
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_what_a_killed_run_left_behind_is_ended(tmp_path: Path) -> None:
    left_behind = _start("sleeper", tmp_path)
    assert len(_living(tmp_path)) == 2
    end_leftovers(tmp_path)
    assert _living(tmp_path) == []
    assert left_behind.wait() == -signal.SIGKILL


@pytest.mark.usefixtures("sleepers")
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
def test_no_component_outlives_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        components(["sleeper"], tmp_path, dict(os.environ)),
    ):
        raise KeyboardInterrupt
    assert _living(tmp_path) == []


@pytest.mark.usefixtures("sleepers")
def test_a_component_is_not_started_beside_its_leftovers(tmp_path: Path) -> None:
    first = _start("sleeper", tmp_path)
    with pytest.raises(BlockingIOError):
        Component("sleeper", tmp_path, dict(os.environ))
    first.stop(deadline=0)


@pytest.mark.usefixtures("sleepers")
def test_a_component_that_ends_by_itself_is_reported(tmp_path: Path) -> None:
    component = Component("fragile", tmp_path, dict(os.environ))
    assert component.wait() == 3
    with pytest.raises(LocalAirflowError, match=r"fragile ended .*exit 3"):
        component.check()


def test_what_starts_tasks_has_their_libraries_and_none_of_our_code(
    tmp_path: Path,
) -> None:
    """Our code may be edited while Airflow is up, and a task runs it as it then is."""
    program = tmp_path / "airflow"
    program.write_text(
        "import sys\n"
        "ours = [name for name in sys.modules if name.startswith('trends.')]\n"
        "print(sys.argv[1:], ours, 'great_expectations' in sys.modules)\n"
    )
    assert processes.COMMANDS["scheduler"][:-2] == processes.WARM_AIRFLOW
    done = subprocess.run(
        [*processes.WARM_AIRFLOW[:-1], program, "scheduler", "--now"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['scheduler', '--now'] ['trends.local_airflow'] True\n"


def test_a_taken_port_is_left_alone() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


def test_another_airflow_of_the_user_has_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
    monkeypatch.setenv(theirs, "postgresql://production")
    monkeypatch.setenv("AIRFLOW__CELERY__BROKER_URL", "redis://production")
    monkeypatch.setenv("AIRFLOW_HOME", "elsewhere")
    env = environment(tmp_path, port=8123)
    assert env[theirs].startswith(f"sqlite:///{tmp_path}/")
    assert "AIRFLOW__CELERY__BROKER_URL" not in env
    assert env["AIRFLOW_HOME"] == str(tmp_path / ".airflow")


def test_every_port_setting_follows_the_port(tmp_path: Path) -> None:
    env = environment(tmp_path, port=8123)
    assert env["AIRFLOW__API__PORT"] == "8123"
    for name in ("API__BASE_URL", "CORE__EXECUTION_API_SERVER_URL"):
        assert env[f"AIRFLOW__{name}"].startswith("http://127.0.0.1:8123")


def test_exit_codes_are_those_of_the_command_line() -> None:
    errors = {
        name: error.exit_code
        for name, error in vars(pipeline).items()
        if isinstance(error, type)
        and issubclass(error, pipeline.PipelineError)
        and error is not pipeline.PipelineError
    }
    others = {"RegistryError": 3, "SuiteError": 3, "ValidationError": 4}
    assert errors | others == EXIT_CODES


def test_a_python_that_will_not_do_is_refused_with_a_way_out() -> None:
    with pytest.raises(set_up.SetUpError, match=r"3\.10.*PYTHON="):
        set_up.check_python("3.10")


def test_a_package_is_cut_out_of_the_lock_with_its_hashes() -> None:
    lock = "uvloop==9\nuv==1.2 \\\n  --hash=a \\\n  --hash=b\n  # via x\nzipp==3\n"
    assert set_up.entry_of("uv", lock) == "uv==1.2 \\\n  --hash=a \\\n  --hash=b\n"


def test_the_lock_pins_by_hash_and_names_no_registry() -> None:
    lines = set_up.LOCK.read_text().splitlines()
    pins = [line for line in lines if line[:1].isalnum()]
    assert pins
    assert all("==" in pin and pin.endswith("\\") for pin in pins)
    assert not [line for line in lines if "://" in line or line.startswith("--")]
    for needed in ("uv", "hatchling", "editables"):
        assert set_up.entry_of(needed, set_up.LOCK.read_text())


@pytest.mark.usefixtures("sleepers")
def test_logs_of_earlier_starts_are_kept(tmp_path: Path) -> None:
    for start in range(KEPT_LOGS + 3):
        with components(["fragile"], tmp_path, dict(os.environ)) as started:
            started[0].wait()
            started[0].log.write_text(f"start {start}\n")
    logs = [tmp_path / f"fragile.log{suffix}" for suffix in ("", ".1", ".2", ".5")]
    said = [log.read_text() for log in logs]
    assert said == ["start 7\n", "start 6\n", "start 5\n", "start 2\n"]
    assert len(list(tmp_path.glob("fragile.log*"))) == 1 + KEPT_LOGS


def test_the_password_is_another_at_each_start_and_nobody_elses(tmp_path: Path) -> None:
    with sole_user(tmp_path / "home"):
        first, second = (new_password(tmp_path / "home") for _ in range(2))
    assert first.password != second.password
    assert len(second.password) >= 32
    file = passwords_file(tmp_path / "home")
    assert json.loads(file.read_text()) == {second.username: second.password}
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.airflow
def test_the_pages_open_to_whoever_has_the_link_and_to_nobody_else(
    tmp_path: Path,
) -> None:
    """Through the real web server, as `make ui` starts it."""
    ui = _start_driver("ui", small_checkout(tmp_path))
    try:
        said = _wait_for(ui, "Airflow is ready")
        found = re.search(r"http://(127\.0\.0\.1:\d+)/enter/\?\S+", said)
        assert found is not None, said
        link, address = httpx.URL(found[0]), f"http://{found[1]}"
        wrong = link.copy_set_param("password", "guess")
        with httpx.Client(base_url=address, trust_env=False) as stranger:
            assert stranger.get("/api/v2/dags").status_code == 401
            assert stranger.get("/auth/token").status_code == 403
            assert stranger.get("/auth/token/login").status_code == 403
            assert stranger.get(wrong).status_code == 401
            assert not stranger.cookies
        with httpx.Client(base_url=address, trust_env=False) as owner:
            entered = owner.get(link)
            assert (entered.status_code, entered.headers["location"]) == (303, "/")
            assert owner.get("/").status_code == 200
            assert owner.get("/api/v2/dags").status_code == 200
            for host in ("rebound.example", "127.0.0.1.rebound.example", ""):
                answer = owner.get("/api/v2/dags", headers={"Host": host})
                assert answer.status_code == 400, host
            by_name = owner.get("/api/v2/dags", headers={"Host": "localhost:8080"})
            assert by_name.status_code == 200
    finally:
        ui.send_signal(signal.SIGINT)
        _, rest = ui.communicate(timeout=60)
    assert "/enter/" not in rest, "the link is printed once"


def test_a_run_that_readers_do_not_see_is_named(tmp_path: Path) -> None:
    """Where a machine whose clock was ahead published before."""
    latest = {"run_id": "aaa", "as_of": "2099-01-01"}
    (tmp_path / "latest.json").write_text(json.dumps(latest))
    assert unseen_run(tmp_path, [{"run_id": "aaa"}] * 2) is None
    said = unseen_run(tmp_path, [{"run_id": "bbb"}] * 2)
    assert said is not None
    assert "run bbb is published, but the latest" in said
    assert "still run aaa as of 2099-01-01" in said


@pytest.mark.airflow
def test_a_run_goes_on_after_a_kill_and_says_what_went_wrong(tmp_path: Path) -> None:
    """Through the real Airflow: killed, then refused, then with one source stopped.

    Readers have a vintage of a day on which far fewer scores were known, so that
    headlines move far: who starts the run is shown how, and asked no more.
    """
    root = small_checkout(tmp_path)
    first = trends(Workspace(root), "run", "--as-of", "2024-06-30", "--draws", "200")
    assert first.returncode in (0, 7), first.stderr
    sources = root / "data" / "registry" / "sources.yaml"
    as_reviewed = sources.read_text()

    killed = _run(root)
    _wait_for(killed, "list_sources")
    killed.kill()
    killed.communicate()

    sources.write_text("metr: {}\n")
    refused = _run(root)
    _, messages = refused.communicate()
    assert refused.returncode == 3, messages
    assert "left behind by a run that was killed" in messages
    assert "ingest_benchmark_scores failed in task list_sources" in messages
    assert "sources.yaml:1" in messages

    sources.write_text(as_reviewed)
    (root / "data" / "observations" / "nanogpt_speedrun.csv").write_text("")
    partial = _run(root)
    table, messages = partial.communicate()
    assert partial.returncode == 7, messages
    assert "failed  ingest_source [modded-nanogpt record table]" in messages
    assert "left out: source modded_nanogpt: nanogpt_speedrun.csv is empty" in messages
    assert "  waits   approve" in messages
    assert "| Headline | Published now, as of 2024-06-30 | To be published" in messages
    assert "Approved, for whoever starts `make run` asks for this" in messages
    assert "METR 50% time horizon" in table
    latest = read_latest(root / "data" / "results")
    assert latest is not None
    assert latest.run_id in table.replace("\n", "")
    assert verify_run(latest.path) == []
    approved = read_manifest(latest.path).run["approved"]
    assert isinstance(approved, dict)
    assert approved["by"] == "admin"


def _run(root: Path) -> subprocess.Popen[str]:
    return _start_driver("run", root)


def _start_driver(what: str, root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "trends.local_airflow", what],
        env=os.environ | {"TRENDS_HOME": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for(run: subprocess.Popen[str], word: str) -> str:
    """The run's messages up to the one with ``word``."""
    assert run.stderr is not None
    said = []
    for line in run.stderr:
        said.append(line)
        if word in line:
            return "".join(said)
    pytest.fail("".join(said))
