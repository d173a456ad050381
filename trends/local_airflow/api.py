"""What the driver asks of Airflow's REST API."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from trends.dag_names import EXIT_CODE
from trends.local_airflow.access import Access
from trends.local_airflow.messages import LocalAirflowError

POLL_SECONDS: Final = 0.4
RETRY_SECONDS: Final = (0.5, 1.0, 2.0)
START_SECONDS: Final = 180.0
PAGE: Final = 100
"""Entries of a list that Airflow gives at once, unless it is told otherwise."""
FINISHED: Final = frozenset({"success", "failed"})
WAITS_FOR_A_PERSON: Final = "awaiting_input"
TASK_FINISHED: Final = FINISHED | {"skipped", "upstream_failed", "removed"}


@dataclass(frozen=True)
class TaskRun:
    """One task of one run; a mapped task has one for each of its items.

    Attributes:
        task_id: the task.
        map_index: number of the item, -1 where there are none.
        name: the task, and which item of a mapped one.
        state: Airflow's word for it, None before it is scheduled.
        try_number: which attempt this is.
        seconds: how long it took, None before it ends.
    """

    task_id: str
    map_index: int
    name: str
    state: str | None
    try_number: int
    seconds: float | None

    @classmethod
    def from_response(cls, entry: dict[str, Any]) -> Self:
        """Read one entry of a taskInstances response."""
        name = entry["task_id"]
        if entry["map_index"] >= 0:
            name += f" [{entry['rendered_map_index'] or entry['map_index']}]"
        return cls(
            task_id=entry["task_id"],
            map_index=entry["map_index"],
            name=name,
            state=entry["state"],
            try_number=entry["try_number"],
            seconds=entry["duration"],
        )


class Api:
    """Airflow's REST API, on this machine or on a server."""

    def __init__(
        self, url: str, *, while_waiting: Callable[[], None] = lambda: None
    ) -> None:
        """Talk to the server at ``url``.

        Args:
            url: its address.
            while_waiting: called between any two questions; raises to give up.
        """
        self.url = url.rstrip("/")
        is_local = httpx.URL(self.url).host in {"127.0.0.1", "localhost"}
        self._http = httpx.Client(
            base_url=self.url,
            timeout=30,
            trust_env=not is_local,  # a proxy cannot reach this machine's own ports
        )
        self._while_waiting = while_waiting

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def wait_until(self, ready: Callable[[], bool], *, what: str = "") -> None:
        """Ask until ``ready``, without end unless told ``what`` should be quick."""
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            self._while_waiting()
            if what and time.monotonic() > deadline:
                raise LocalAirflowError(
                    f"{what} took more than {START_SECONDS:g} s; "
                    "the logs in .airflow say what Airflow was doing"
                )
            time.sleep(POLL_SECONDS)

    def wait_until_up(self, access: Access) -> None:
        """Wait for the server and log in."""
        self.wait_until(self._is_up, what="starting Airflow")
        self.log_in(access)

    def log_in(self, access: Access) -> None:
        """Ask for a token, and use it from now on."""
        answer = self._http.post("/auth/token", json=asdict(access))
        self.use_token(answer.raise_for_status().json()["access_token"])

    def use_token(self, token: str) -> None:
        """Be who has this token."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def page(self, dag_id: str, run_id: str, task_id: str = "", view: str = "") -> str:
        """Address of the page of a run, or of one of its tasks."""
        parts = ["dags", dag_id, "runs", run_id]
        parts += ["tasks", task_id, view] if task_id else []
        return f"{self.url}/{'/'.join(quote(one) for one in parts if one)}"

    def wait_until_answers(self) -> None:
        """Wait for a server that was started again."""
        self.wait_until(self._is_up, what="starting the API server")

    def wait_until_parsed(self, dag_ids: list[str]) -> None:
        """Wait until the DAG files have been read: healthy does not mean that."""
        self.wait_until(
            lambda: self._refuse_import_errors() and all(map(self._knows, dag_ids)),
            what="reading the DAG files",
        )

    def unfinished_runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Runs that wait or are under way."""
        states = {"state": ["queued", "running"]}
        runs: list[dict[str, Any]] = self._get(f"/dags/{dag_id}/dagRuns", states)[
            "dag_runs"
        ]
        return runs

    def running(self, dag_id: str) -> list[str]:
        """Runs that are under way."""
        found = self._get(f"/dags/{dag_id}/dagRuns", {"state": "running"})["dag_runs"]
        return [str(run["dag_run_id"]) for run in found]

    def runs(self, dag_id: str, run_type: str) -> list[str]:
        """Runs of a kind, oldest first."""
        query = {"run_type": run_type, "order_by": "run_after"}
        found = self._get(f"/dags/{dag_id}/dagRuns", query)["dag_runs"]
        return [str(run["dag_run_id"]) for run in found]

    def abandon(self, dag_id: str, run_id: str) -> None:
        """Mark a run as failed, so that others of its DAG may start."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
        abandoned = {"state": "failed", "note": "Left unfinished; started anew."}
        self._http.patch(path, json=abandoned).raise_for_status()

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run; its id."""
        run = {"logical_date": None, "conf": conf}
        return str(self._post(f"/dags/{dag_id}/dagRuns", run)["dag_run_id"])

    def is_paused(self, dag_id: str) -> bool:
        """Whether runs of the DAG wait until somebody lets them start."""
        return bool(self._get(f"/dags/{dag_id}")["is_paused"])

    def note(self, dag_id: str, run_id: str) -> str | None:
        """What is noted of a run; its headline, or why it failed."""
        note: str | None = self._get(f"/dags/{dag_id}/dagRuns/{run_id}")["note"]
        return note

    def answer(self, dag_id: str, run_id: str) -> Any:
        """What a run that has ended returned: the value of its DAG's last task."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/wait"
        lines = self._http.get(path, params={"interval": 1}).raise_for_status().text
        results = json.loads(lines.splitlines()[-1]).get("results") or {}
        return next(iter(results.values()), None)

    def exit_code(self, dag_id: str, run_id: str) -> int:
        """What the command line would end with, as a task of the run says."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/~/xcomEntries"
        found = self._get(path, {"xcom_key": EXIT_CODE})["xcom_entries"]
        codes = [
            self._get(
                f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{one['task_id']}"
                f"/xcomEntries/{EXIT_CODE}"
            )["value"]
            for one in found
        ]
        return max(map(int, codes), default=0)

    def state(self, dag_id: str, run_id: str) -> str:
        """State of a run."""
        return str(self._get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_runs(self, dag_id: str, run_id: str) -> list[TaskRun]:
        """Every task of a run, in the order in which they ended."""
        found = self.task_instances(dag_id, run_id)
        return [TaskRun.from_response(entry) for entry in found]

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The same as Airflow says it."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        found = self._pages(path, "task_instances", {"order_by": "id"})
        # one that has not ended is last
        return sorted(found, key=lambda one: one["end_date"] or "~")

    def result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task returned."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        return self._get(f"{path}/xcomEntries/return_value")["value"]

    def question(self, dag_id: str, run_id: str, task: TaskRun) -> str:
        """What a task asks a person, in Markdown."""
        return str(self._get(_hitl(dag_id, run_id, task))["body"])

    def respond(self, dag_id: str, run_id: str, task: TaskRun, option: str) -> None:
        """Answer what a task asks, as the user who is logged in."""
        path = f"/api/v2{_hitl(dag_id, run_id, task)}"
        answer = {"chosen_options": [option]}
        answered = self._http.patch(path, json=answer)
        if answered.status_code != httpx.codes.CONFLICT:  # somebody was faster
            answered.raise_for_status()

    def log(self, dag_id: str, run_id: str, task: TaskRun) -> list[dict[str, Any]]:
        """Messages that a task logged in its last attempt."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}"
        found = self._get(
            f"{path}/logs/{task.try_number}",
            {"map_index": task.map_index, "full_content": True},
        )
        return [one for one in found["content"] if isinstance(one, dict)]

    def runs_caused_by(self, run_id: str, *, of: str, dag_id: str) -> list[str]:
        """Runs of ``dag_id`` that changed assets started since run ``run_id``.

        Airflow 3.3.2 answers 500 when asked which runs an asset event created while
        one of them is still queued, so they are told by their time.
        """
        since = self._get(f"/dags/{of}/dagRuns/{run_id}")["start_date"]
        query = {"run_type": "asset_triggered", "run_after_gte": since}
        found = self._get(f"/dags/{dag_id}/dagRuns", query)["dag_runs"]
        return [str(run["dag_run_id"]) for run in found]

    def _is_up(self) -> bool:
        try:
            answer = self._http.get("/api/v2/monitor/health", timeout=2)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def _refuse_import_errors(self) -> bool:
        if errors := self._get("/importErrors")["import_errors"]:
            lines = [f"{one['filename']}: {one['stack_trace']}" for one in errors]
            raise LocalAirflowError("\n".join(["a DAG file cannot be read:", *lines]))
        return True

    def _knows(self, dag_id: str) -> bool:
        return self._http.get(f"/api/v2/dags/{dag_id}").status_code == httpx.codes.OK

    def _get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        """Ask; ask again if the server stumbles, as when SQLite is locked."""
        for pause in RETRY_SECONDS:
            with suppress(httpx.TransportError):
                answer = self._http.get(f"/api/v2{path}", params=query)
                if not answer.is_server_error:
                    return answer.raise_for_status().json()
            time.sleep(pause)
        answer = self._http.get(f"/api/v2{path}", params=query)
        return answer.raise_for_status().json()

    def _pages(
        self, path: str, key: str, query: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """All entries of a list, of which a server answers a page at a time."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._get(path, query | {"limit": PAGE, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._http.post(f"/api/v2{path}", json=body).raise_for_status().json()


def _hitl(dag_id: str, run_id: str, task: TaskRun) -> str:
    """Where a task's question to a person is."""
    path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}"
    return f"{path}/{task.map_index}/hitlDetails"
