"""make cluster-demo: a forecast on several machines, some of which fail, on this one.

Two workers with a disk of their own each share a store. In the middle of the fits one
of them is killed; Redis and the API server are restarted. What is published must be,
byte by byte, what one machine alone publishes.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from trends.dag_names import FORECAST, INGEST
from trends.local_airflow.access import new_password
from trends.local_airflow.api import FINISHED, Api
from trends.local_airflow.follow import follow
from trends.local_airflow.home import environment
from trends.local_airflow.messages import LocalAirflowError, say
from trends.local_airflow.processes import (
    WARM_AIRFLOW,
    Component,
    free_port,
    leave,
    members_of,
    stop_all,
)
from trends.local_airflow.services import (
    BUCKET,
    Postgres,
    Redis,
    missing_packages,
    start_store,
)
from trends.workspace import HOME_VARIABLE, Workspace

INPUTS: Final = ("data/registry", "data/observations", "data/ledger", "expectations")
RUN_BLOCK: Final = "run"
"""Of manifest.json: the clock and the reason of an execution, which may differ."""

EXIT_DIFFERENT: Final = 10
_FIT_SECONDS: Final = 600.0
_HEARTBEAT_SECONDS: Final = 30
_QUEUED_SECONDS: Final = 300


@dataclass
class Cluster:
    """Its processes, and how to talk to it."""

    folder: Path
    env: dict[str, str]
    api: Api
    redis: Redis
    api_server: Component
    others: list[Component] = field(default_factory=list)
    workers: dict[str, Component] = field(default_factory=dict)

    def check(self) -> None:
        """Raise if a process that nobody killed has ended."""
        running = [self.redis.process, self.api_server, *self.others]
        for process in [*running, *self.workers.values()]:
            process.check()


def main() -> int:
    """Do it; 0 where the bytes are the same, 10 where they are not."""
    parser = argparse.ArgumentParser(prog="python -m trends.local_airflow.cluster")
    parser.add_argument("--home", type=Path, help="registry and figures; this checkout")
    parser.add_argument("--workers", type=int, choices=(1, 2), default=2)
    parser.add_argument("--benchmarks", type=int, help="so many copies of benchmarks")
    parser.add_argument("--calm", action="store_true", help="lose and restart nothing")
    parser.add_argument("--keep", action="store_true", help="keep the folder of it all")
    asked = parser.parse_args()
    source = Workspace(asked.home.resolve()) if asked.home else Workspace.find()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    folder = Path(tempfile.mkdtemp(prefix="trends-cluster-"))
    folder.chmod(0o711)  # PostgreSQL's user must pass through it
    try:
        if asked.benchmarks:
            say(
                f"Copying the registry's benchmarks until there are {asked.benchmarks}."
            )
            grown = Workspace(folder / "grown")
            words = (str(source.root), str(grown.root), str(asked.benchmarks))
            _trends(dict(os.environ), grown, _GROW, *words)
            source = grown
        disturbed = asked.workers > 1 and not asked.calm
        return demo(source, folder, n_workers=asked.workers, disturbed=disturbed)
    except LocalAirflowError as error:
        say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    finally:
        if asked.keep:
            say(f"All of it is kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def demo(source: Workspace, folder: Path, *, n_workers: int, disturbed: bool) -> int:
    """Publish on a cluster that loses parts, and on one machine; compare.

    Args:
        source: registry and figures.
        folder: an empty one, for all of it.
        n_workers: how many.
        disturbed: lose one, and restart Redis and the API server.
    """
    if missing := missing_packages():
        raise LocalAirflowError(
            f"the demo needs Debian's packages: apt-get install {' '.join(missing)}"
        )
    dags = Path(__file__).parents[2] / "dags"
    with cluster(source, folder, dags=dags, n_workers=n_workers) as running:
        # late in a day Airflow waits for the next one before it ingests by itself
        follow(running.api, INGEST, running.api.trigger(INGEST, {}))
        forecast = _first(running.api, FORECAST)
        began = time.monotonic()
        if disturbed:
            _lose_a_worker(running, forecast)
            say("Redis is killed and started again.")
            running.redis.restart()
            say("The API server is stopped and started again.")
            running.api_server.kill()
            running.api_server = Component("api-server", folder, running.env)
            running.api.wait_until_answers()
        follow(running.api, FORECAST, forecast)
        took = [_took(running.api, forecast, one) for one in ("fit", "cross")]
        say(
            f"The forecast took {time.monotonic() - began:.0f} s of wall time, its "
            f"shards of fits {took[0]} and of crossings {took[1]}, with workers: "
            f"{n_workers}."
        )
        reader = _machine(source, folder / "reader")
        _trends(running.env, reader, _PULL)
    latest = json.loads((reader.results / "latest.json").read_bytes())
    say("The same forecast on one machine, with its disk only:")
    alone = _machine(source, folder / "alone")
    _trends(_without_store(running.env), alone, _FORECAST, latest["as_of"])
    return compare(reader, alone, latest)


@contextmanager
def cluster(
    source: Workspace, folder: Path, *, dags: Path, n_workers: int
) -> Iterator[Cluster]:
    """PostgreSQL, Redis, a store, Airflow's processes and workers; ended after."""
    with ExitStack() as ending:
        started: list[Component] = []
        ending.callback(stop_all, started)
        plain = dict(os.environ)
        say("Starting PostgreSQL, Redis and an S3 server on loopback.")
        postgres = Postgres.start(folder, plain)
        started.append(postgres.process)
        redis = Redis(folder, plain)
        ending.callback(lambda: stop_all([redis.process]))
        store, endpoint = start_store(folder, plain)
        started.append(store)
        port = free_port(0)
        env = _settings(
            folder,
            dags=dags,
            port=port,
            postgres=postgres.url,
            redis=redis.url,
            endpoint=endpoint,
        )
        env[HOME_VARIABLE] = str(_machine(source, folder / "control").root)
        say("Preparing Airflow's database.")
        if code := Component("db-migrate", folder, env).wait():
            raise LocalAirflowError(f"Airflow could not prepare its database ({code})")
        access = new_password(folder)
        say("Starting Airflow: API server, scheduler, DAG processor, triggerer.")
        names = ["scheduler", "dag-processor", "triggerer"]
        running = Cluster(
            folder,
            env,
            Api(f"http://127.0.0.1:{port}", while_waiting=lambda: running.check()),  # noqa: PLW0108  not yet
            redis,
            Component("api-server", folder, env),
        )
        ending.callback(lambda: stop_all([running.api_server]))
        for name in names:
            running.others.append(Component(name, folder, env))
            started.append(running.others[-1])
        for number in range(1, n_workers + 1):
            name = f"worker-{number}"
            machine = _machine(source, folder / name)
            words = ["--skip-serve-logs", "--concurrency", "1", "-H", f"{name}@%h"]
            running.workers[name] = Component(
                name,
                folder,
                env | {HOME_VARIABLE: str(machine.root)},
                command=[*WARM_AIRFLOW, "celery", "worker", *words],
            )
            started.append(running.workers[name])
        running.api.wait_until_up(access)
        running.api.wait_until_parsed([INGEST, FORECAST])
        say(f"{n_workers} Celery workers, each with an empty disk, share a store.")
        yield running


def _settings(
    folder: Path, *, dags: Path, port: int, postgres: str, redis: str, endpoint: str
) -> dict[str, str]:
    """Environment of every process: one metadata database, one broker, one secret."""
    home = folder / "airflow"
    home.mkdir(mode=0o700)
    temporary = folder / "tmp"  # what a killed process leaves goes with the folder
    temporary.mkdir(mode=0o700)
    secret = secrets.token_urlsafe(48)
    env = environment(dags.parent, port=port) | {
        "AIRFLOW_HOME": str(home),
        "TMPDIR": str(temporary),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            folder / "passwords.json"
        ),
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{postgres}",
        "AIRFLOW__CELERY__BROKER_URL": redis,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{postgres}",
        "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secret,
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(48),
        # a worker that is gone is noticed after this long, and its task tried again
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(_HEARTBEAT_SECONDS),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        # and so is a task of which no worker knows, as a broker that died may leave it
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": str(_QUEUED_SECONDS),
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "15",
        "TRENDS_STORE": f"s3://{BUCKET}/trends",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(12),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    env.pop("TRENDS_REFRESH", None)
    return env


def _machine(source: Workspace, root: Path) -> Workspace:
    """Another machine: the checkout's inputs, and nothing else on its disk."""
    for name in INPUTS:
        if (source.root / name).is_dir():
            shutil.copytree(source.root / name, root / name)
    return Workspace(root)


def _first(api: Api, dag_id: str) -> str:
    """The first run that figures started, as soon as there is one."""

    def started() -> list[str]:
        return api.runs(dag_id, "asset_triggered")

    api.wait_until(lambda: bool(started()), what=f"starting {dag_id}")
    return started()[0]


def _lose_a_worker(running: Cluster, forecast: str) -> None:
    """Kill, with all that it started, a worker that is in the middle of a fit."""
    deadline = time.monotonic() + _FIT_SECONDS
    while time.monotonic() < deadline:
        running.check()
        for task_id in _fits_under_way(running.api, forecast):
            for name, worker in list(running.workers.items()):
                if any(task_id in _command_of(pid) for pid in members_of(worker)):
                    worker.kill()
                    del running.workers[name]
                    say(f"{name} is killed (SIGKILL) in the middle of a fit.")
                    return
        if running.api.state(FORECAST, forecast) in FINISHED:
            break
        time.sleep(0.1)
    raise LocalAirflowError("no worker was met in the middle of a fit; nothing shown")


def _fits_under_way(api: Api, forecast: str) -> list[str]:
    found = api.task_instances(FORECAST, forecast)
    return [
        str(one["id"])
        for one in found
        if one["task_id"] == "fit_shard" and one["state"] == "running"
    ]


def _took(api: Api, forecast: str, stage: str) -> str:
    """From the first start of a shard of a stage to the last end, and how many."""
    shards = [
        one
        for one in api.task_instances(FORECAST, forecast)
        if one["task_id"] == f"{stage}_shard"
    ]
    starts = [datetime.fromisoformat(one["start_date"]) for one in shards]
    ends = [datetime.fromisoformat(one["end_date"]) for one in shards]
    return f"({len(shards)}) {(max(ends) - min(starts)).total_seconds():.0f} s"


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


_GROW: Final = """
import sys
from pathlib import Path
from trends.bench.copies import copy_benchmarks
from trends.workspace import Workspace
shipped, root, n = sys.argv[1:]
copy_benchmarks(Workspace(Path(shipped)), Path(root), n_benchmarks=int(n))
"""

_PULL: Final = """
from trends.outputs import pull
from trends.workspace import Workspace
space = Workspace.find()
pull(space.results, space.store)
"""

_FORECAST: Final = """
import sys
from datetime import UTC, date, datetime
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.workspace import Workspace
space = Workspace.find()
ingest(space)
request = ForecastRequest(as_of=date.fromisoformat(sys.argv[1]))
forecast(request, space, published_at=datetime.now(UTC))
"""


def _trends(env: Mapping[str, str], machine: Workspace, code: str, *words: str) -> None:
    """Run a few lines of this project on a machine."""
    env = {**env, HOME_VARIABLE: str(machine.root)}
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(  # noqa: S603 - a command of ours
        command, env=env, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise LocalAirflowError(f"a machine failed:\n{done.stderr[-2000:]}")


def _without_store(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name != "TRENDS_STORE"}


def compare(reader: Workspace, alone: Workspace, latest: Mapping[str, Any]) -> int:
    """Say what differs between the two runs; 0 where nothing does."""
    theirs, ours = (_files(one.results / latest["path"]) for one in (reader, alone))
    if different := sorted(
        name
        for name in theirs.keys() | ours.keys()
        if theirs.get(name) != ours.get(name)
    ):
        say(f"NOT the same: {', '.join(different) or 'no files'}")
        return EXIT_DIFFERENT
    print(
        f"Identical: all {len(theirs)} files of run {latest['run_id']}, byte by byte "
        f"(manifest.json but for its block {RUN_BLOCK!r}: the clock of publication)."
    )
    return 0


def _files(run: Path) -> dict[str, bytes]:
    """Every file of a run; its manifest without the clock."""
    if not run.is_dir():
        raise LocalAirflowError(f"no run lies at {run}")
    files = {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }
    manifest = json.loads(files["manifest.json"])
    del manifest[RUN_BLOCK]
    return files | {"manifest.json": json.dumps(manifest, indent=1).encode()}


if __name__ == "__main__":
    sys.exit(main())
