"""make run and make ui: ``python -m trends.local_airflow run|ui|stop``."""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from trends.dag_names import FORECAST, INGEST
from trends.local_airflow.access import (
    USERS_VARIABLE,
    Access,
    named_users,
    new_password,
    passwords_file,
)
from trends.local_airflow.api import Api
from trends.local_airflow.follow import follow
from trends.local_airflow.home import address, environment, prepare, sole_user
from trends.local_airflow.messages import LocalAirflowError, say
from trends.local_airflow.processes import (
    Component,
    components,
    end_leftovers,
    free_port,
    leave,
)
from trends.workspace import Workspace

UI_PORT: Final = 8080
ANY_PORT: Final = 0
EXIT_PARTIAL: Final = 7
EXIT_NOT_LATEST: Final = 8
EXIT_MACHINE: Final = 9
EXIT_INTERRUPTED: Final = 130


@dataclass(frozen=True)
class Airflow:
    """Airflow as it runs: its API, its address, how to log in, its processes."""

    api: Api
    url: str
    access: Access
    processes: list[Component]


def main() -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m trends.local_airflow")
    parser.add_argument("what", choices=COMMANDS)
    command = COMMANDS[parser.parse_args().what]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        return command(Workspace.find().root)
    except LocalAirflowError as error:
        say(f"error: {error}")
        return error.exit_code
    except httpx.HTTPError as error:
        say(f"error: Airflow did not answer as it should: {error}")
        return EXIT_MACHINE
    except KeyboardInterrupt:
        say("Stopped.")
        return EXIT_INTERRUPTED


def run(root: Path) -> int:
    """Ingest and forecast through Airflow, then show the headline table."""
    names = ["api-server", "scheduler", "dag-processor"]
    with airflow(root, names, port=ANY_PORT) as running:
        say(f"Airflow is up until this has ended: {running.access.link(running.url)}")
        for dag_id in (INGEST, FORECAST):
            for unfinished in running.api.unfinished_runs(dag_id):
                running.api.abandon(dag_id, unfinished["dag_run_id"])
        ingest = running.api.trigger(INGEST, {"refresh": False})
        follow(running.api, INGEST, ingest)
        joined = running.api.result(INGEST, ingest, "join_sources")
        waits, unseen = False, None
        for forecast in _forecasts_after(
            running.api, ingest, changed=bool(joined["changed"])
        ):
            follow(running.api, FORECAST, forecast, approve=True)
            headline = running.api.result(FORECAST, forecast, "publish")
            waits |= any(row["quarantined_rows"] for row in headline)
            unseen = unseen_run(Workspace(root).results, headline)
        for process in running.processes:
            process.ask_to_stop()  # while the table is printed
        code = _show()
    say(joined["warnings"])
    for source, reason in joined["stopped"].items():
        say(f"left out: source {source}: {reason}")
    for file, reason in joined["refused"].items():
        say(f"not refreshed: {file}: {reason}")
    left_out = _left_out(root)
    for series, reason in left_out.items():
        say(f"left out: series {series}: {reason}")
    if unseen is not None and not code:
        say(unseen)
        return EXIT_NOT_LATEST
    in_part = joined["stopped"] or joined["refused"] or waits or left_out
    return EXIT_PARTIAL if in_part and not code else code


def ui(root: Path) -> int:
    """Start Airflow with its web pages, until Ctrl-C."""
    names = ["api-server", "scheduler", "dag-processor", "triggerer"]
    with airflow(root, names, port=UI_PORT) as running:
        access = running.access
        say(
            f"Airflow is ready (Ctrl-C stops it). Open: {access.link(running.url)}\n"
            f"or log in at {running.url} as {access.username} with {access.password}"
        )
        if report := latest_report(Workspace(root).results):
            say(f"The latest report: {report}")
        if os.environ.get(USERS_VARIABLE):
            file = passwords_file(root / ".airflow")
            say(f"Passwords of the others are in {file}; tell each only their own.")
        running.api.wait_until(lambda: False)
    return 0


def latest_report(results: Path) -> Path | None:
    """Report of the latest published run; None where nothing is published."""
    latest = results / "latest.json"
    if not latest.is_file():
        return None
    path = json.loads(latest.read_text(encoding="utf-8"))["path"]
    report = results / str(path) / "report.html"
    return report if report.is_file() else None


def stop(root: Path) -> int:
    """End whatever a killed run left behind."""
    home = root / ".airflow"
    with sole_user(home):
        end_leftovers(home)
    return 0


@contextmanager
def airflow(root: Path, names: list[str], *, port: int) -> Iterator[Airflow]:
    """Run the named components of the checkout's Airflow; none outlives the block.

    The API answers at ``port``, or at any free one if that is taken.
    """
    home = root / ".airflow"
    with sole_user(home):
        end_leftovers(home)
        port = free_port(port)
        env = environment(root, port=port)
        prepare(home, env)
        users = named_users(os.environ.get(USERS_VARIABLE, ""))
        access = new_password(home, users)
        say("Starting Airflow.")
        with components(names, home, env) as processes:
            url = f"http://127.0.0.1:{port}"
            api = Api(url, while_waiting=_checking(processes))
            api.wait_until_up(access)
            api.wait_until_parsed([INGEST, FORECAST])
            with address(home, url):
                yield Airflow(api, url, access, processes)


def _forecasts_after(api: Api, ingest: str, *, changed: bool) -> list[str]:
    """The forecast that an ingest caused, or one started because it caused none."""
    if not changed:
        say("Nothing has changed since the last ingest; forecasting from the same.")
        return [api.trigger(FORECAST, {"publish": "Publish"})]

    def caused() -> list[str]:
        return api.runs_caused_by(ingest, of=INGEST, dag_id=FORECAST)

    api.wait_until(lambda: bool(caused()), what="starting the forecast")
    return caused()


def unseen_run(results: Path, headline: Sequence[Mapping[str, str]]) -> str | None:
    """Why the table shows another run than the one just published; None if it does not.

    Args:
        results: folder of all results.
        headline: rows that the publication returned.
    """
    latest = json.loads((results / "latest.json").read_bytes())
    ours = {row["run_id"] for row in headline} - {latest["run_id"]}
    if not ours:
        return None
    return (
        f"run {ours.pop()} is published, but the latest, shown above, is still run "
        f"{latest['run_id']} as of {latest['as_of']}, a later vintage. If that one is "
        f'wrong, take it back: `trends unpublish {latest["run_id"]} --why "..."`'
    )


def _left_out(root: Path) -> dict[str, str]:
    """Series that the latest run left out, as the head of its quality.json says."""
    results = Workspace(root).results
    latest = results / "latest.json"
    if not latest.is_file():
        return {}
    run = results / json.loads(latest.read_text(encoding="utf-8"))["path"]
    quality = json.loads((run / "quality.json").read_text(encoding="utf-8"))
    return dict(quality.get("summary", {}).get("series_left_out", {}))


def _show() -> int:
    """Print the table with the project's own command; its exit code."""
    trends = Path(sys.executable).with_name("trends")
    return subprocess.run([trends, "show"], check=False).returncode  # noqa: S603


def _checking(processes: list[Component]) -> Callable[[], None]:
    """A check that Airflow and whoever started this are still there."""
    parent = os.getppid()

    def check() -> None:
        for process in processes:
            process.check()
        if os.getppid() != parent:
            raise LocalAirflowError("make was killed, so Airflow is stopped too")

    return check


COMMANDS: Final = {"run": run, "ui": ui, "stop": stop}

if __name__ == "__main__":
    sys.exit(main())
