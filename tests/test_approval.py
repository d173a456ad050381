"""A person's word before headlines move far, and what each role may do.

Through the real Airflow, with named users, as `make ui` starts it.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.airflow_home import prepare_copied, small_checkout
from tests.report_text import without_elements_of_dates
from tests.small_world import trends
from trends.dag_names import FORECAST
from trends.local_airflow.access import named_users, passwords_file
from trends.local_airflow.api import Api
from trends.local_airflow.follow import SECONDS_TO_PARK, behind
from trends.local_airflow.messages import LocalAirflowError
from trends.outputs import read_latest, read_manifest
from trends.workspace import Workspace

pytestmark = pytest.mark.airflow

RUNS = f"/api/v2/dags/{FORECAST}/dagRuns"


class People:
    """The Airflow that runs, and clients of those who are logged in."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.url = url
        self._clients: dict[str, httpx.Client] = {}
        self._passwords = json.loads(passwords_file(root / ".airflow").read_text())

    def client(self, name: str) -> httpx.Client:
        if name not in self._clients:
            self._clients[name] = self._log_in(name)
        return self._clients[name]

    def close(self) -> None:
        for http in self._clients.values():
            http.close()

    def _log_in(self, name: str) -> httpx.Client:
        http = httpx.Client(base_url=self.url, trust_env=False, timeout=60)
        login = {"username": name, "password": self._passwords[name]}
        token = http.post("/auth/token", json=login).raise_for_status().json()
        http.headers["Authorization"] = f"Bearer {token['access_token']}"
        return http

    def trigger(self, **conf: Any) -> str:
        body = {"logical_date": None, "conf": conf}
        answer = self.client("bo").post(RUNS, json=body).raise_for_status().json()
        return str(answer["dag_run_id"])

    def state(self, run_id: str) -> str:
        return str(self.client("ana").get(f"{RUNS}/{run_id}").json()["state"])

    def task(self, run_id: str, task_id: str) -> str | None:
        http = self.client("ana")
        found = http.get(f"{RUNS}/{run_id}/taskInstances/{task_id}").json()
        state: str | None = found["state"]
        return state

    def question(self, run_id: str) -> str:
        return f"{RUNS}/{run_id}/taskInstances/approve/-1/hitlDetails"

    def wait_until_asked(self, run_id: str) -> None:
        self._wait(lambda: self.task(run_id, "approve") == "awaiting_input", run_id)
        time.sleep(SECONDS_TO_PARK)

    def wait_until_ended(self, run_id: str) -> str:
        self._wait(lambda: False, run_id)
        return self.state(run_id)

    def _wait(self, ready: Any, run_id: str) -> None:
        deadline = time.monotonic() + 240
        while not ready():
            if self.state(run_id) in ("success", "failed"):
                return
            assert time.monotonic() < deadline, f"{run_id} takes too long"
            time.sleep(1)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A first publication is out, of a day on which far fewer scores were known."""
    root = small_checkout(tmp_path_factory.mktemp("people") / "checkout")
    first = ("run", "--as-of", "2024-06-30", "--draws", "200")
    done = trends(Workspace(root), *first)
    assert done.returncode in (0, 7), done.stderr
    assert "Large moves" not in done.stderr, "nothing was published before"
    prepare_copied(root / ".airflow")
    users = {"TRENDS_USERS": "ana:viewer, bo:op, cleo:USER"}
    ui = subprocess.Popen(
        [sys.executable, "-m", "trends.local_airflow", "ui"],
        env=os.environ | {"TRENDS_HOME": str(root)} | users,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        there = People(root, _address(ui))
        yield there
        there.close()
    finally:
        ui.send_signal(signal.SIGINT)
        ui.communicate(timeout=60)


def _address(ui: subprocess.Popen[str]) -> str:
    assert ui.stderr is not None
    said = []
    for line in ui.stderr:
        said.append(line)
        if "or log in at" in line:
            return line.split("log in at ")[1].split()[0]
    pytest.fail("".join(said))


def test_a_viewer_may_read_and_not_trigger(people: People) -> None:
    viewer = people.client("ana")
    assert viewer.get(f"/api/v2/dags/{FORECAST}").status_code == 200
    answer = viewer.post(RUNS, json={"logical_date": None, "conf": {}})
    assert answer.status_code == 403
    assert viewer.get(RUNS).json()["total_entries"] == 0


@pytest.fixture(scope="module")
def asked(people: People) -> str:
    """A run that waits for an answer."""
    run_id = people.trigger(publish="Publish", as_of="2026-06-30", draws=200)
    people.wait_until_asked(run_id)
    return run_id


def test_a_run_behind_one_that_waits_for_a_person_says_so(
    people: People, asked: str
) -> None:
    held = people.trigger(as_of="2026-06-30", draws=200)
    tab = people.client("ana").get(f"/benchmark-trends/dags/{FORECAST}/runs/{held}")
    told = without_elements_of_dates(tab.text)
    assert f"run {asked} waits for a person" in told
    tab = people.client("ana").get(f"/benchmark-trends/dags/{FORECAST}/runs/{asked}")
    assert "This run waits for a person" in tab.text
    assert re.search(r"\b[1-9]\d* of \d+ tasks have ended", tab.text)
    api = Api(people.url)
    api.use_token(people.client("ana").headers["Authorization"].split()[1])
    line = behind(api, FORECAST, held)
    api.close()
    assert line is not None
    assert f"for run {asked}, which waits for an answer at {people.url}/dags" in line
    # it has been behind, and need not be run too
    ended = people.client("bo").patch(f"{RUNS}/{held}", json={"state": "failed"})
    assert ended.raise_for_status().json()["state"] == "failed"


@pytest.fixture(scope="module")
def rejected(people: People, asked: str) -> str:
    """A run that the viewer tried to approve, and a user rejected."""
    run_id = asked
    question = people.question(run_id)
    as_viewer = people.client("ana").patch(
        question, json={"chosen_options": ["Approve"]}
    )
    assert as_viewer.status_code == 403
    body = people.client("ana").get(question).json()["body"]
    assert "| Headline | Published now, as of 2024-06-30 | To be published" in body
    assert "METR" in body
    people.client("cleo").patch(
        question, json={"chosen_options": ["Reject"]}
    ).raise_for_status()
    people.wait_until_ended(run_id)
    return run_id


def test_a_rejected_run_publishes_nothing_and_says_so(
    people: People, rejected: str
) -> None:
    assert people.task(rejected, "publish") == "skipped"
    latest = read_latest(people.root / "data" / "results")
    assert latest is not None
    assert latest.as_of.isoformat() == "2024-06-30"
    run = people.client("ana").get(f"{RUNS}/{rejected}").json()
    assert run["state"] == "success"
    assert run["note"].startswith("Nothing was published: cleo rejected run ")
    assert "trends run --draft --as-of 2026-06-30" in run["note"]


def test_who_approved_stands_in_the_manifest_and_in_the_news(
    people: People, rejected: str
) -> None:
    run_id = people.trigger(publish="Publish", as_of="2026-06-30", draws=200)
    people.wait_until_asked(run_id)
    question = people.question(run_id)
    people.client("bo").patch(
        question, json={"chosen_options": ["Approve"]}
    ).raise_for_status()
    assert people.wait_until_ended(run_id) == "success"
    latest = read_latest(people.root / "data" / "results")
    assert latest is not None
    assert latest.as_of.isoformat() == "2026-06-30"
    manifest = read_manifest(latest.path)
    approved: Any = manifest.run["approved"]
    assert (approved["by"], approved["user_id"]) == ("bo", "bo")
    assert approved["at"] <= str(manifest.run["published_at"])
    assert "approved" not in manifest.provenance
    events = people.client("ana").get("/api/v2/assets/events").json()["asset_events"]
    (news,) = [e for e in events if e["source_run_id"] == run_id]
    assert news["extra"]["approved"] == approved


def test_a_run_that_is_told_to_ask_nobody_does_not_wait(
    people: People, rejected: str
) -> None:
    run_id = people.trigger(publish="Publish", as_of="2026-03-31", draws=200, ask=False)
    assert people.wait_until_ended(run_id) == "success"
    assert people.task(run_id, "approve") == "skipped"
    assert people.task(run_id, "publish") == "success"


def test_users_are_named_with_roles_that_airflow_has() -> None:
    assert named_users("") == {"admin": "ADMIN"}
    assert named_users(" ana:viewer,bo:OP ,") == {
        "admin": "ADMIN",
        "ana": "VIEWER",
        "bo": "OP",
    }


@pytest.mark.parametrize(
    "asked", ["ana", "ana:reader", ":op", "a b:op", "ana:op,ana:viewer", "admin:viewer"]
)
def test_other_users_are_refused(asked: str) -> None:
    with pytest.raises(LocalAirflowError, match="TRENDS_USERS") as refused:
        named_users(asked)
    assert refused.value.exit_code == 2
