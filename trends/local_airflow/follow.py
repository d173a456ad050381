"""Follow a run to its end: a line for each task, the reason where one failed."""

import time
from typing import Any

from trends.local_airflow.api import (
    FINISHED,
    TASK_FINISHED,
    WAITS_FOR_A_PERSON,
    Api,
    TaskRun,
)
from trends.local_airflow.messages import LocalAirflowError, say

N_LOG_LINES = 12

TOLD = TASK_FINISHED | {"up_for_retry", WAITS_FOR_A_PERSON}
"""States of a task that whoever follows its run is told of."""

SECONDS_TO_PARK = 5
"""Airflow 3.3.2 asks again where an answer comes before its scheduler has seen that the
task waits: it takes the end of the process that asked for a failure."""

EXIT_CODES = {
    "PartError": 9,
    "NotApprovedError": 7,
    "RequestError": 2,
    "RegistryError": 3,
    "SuiteError": 3,
    "ValidationError": 4,
    "SourceStoppedError": 4,
    "NothingLeftError": 4,
    "UnreachedError": 5,
    "NothingFittedError": 6,
}
"""Exit code of the command line for each error that a task's log may end with."""


def follow(api: Api, dag_id: str, run_id: str, *, approve: bool = False) -> None:
    """Print each task of a run as it ends, until the run has ended.

    Args:
        api: of the Airflow where it runs.
        dag_id: its DAG.
        run_id: the run.
        approve: answer a task that asks whether to publish; otherwise it waits, and
            where to answer is said.

    Raises:
        LocalAirflowError: the run failed; says which task and why.
    """
    say(f"{dag_id}:")
    told: set[TaskRun | str] = set()

    def has_ended() -> bool:
        state = api.state(dag_id, run_id)
        line = behind(api, dag_id, run_id) if state == "queued" else None
        if line is not None and line not in told:
            told.add(line)
            say(line)
        for task in api.task_runs(dag_id, run_id):
            if task.state not in TOLD or task in told:
                continue
            told.add(task)
            say(_line(task))
            if task.state == WAITS_FOR_A_PERSON:
                page = api.page(dag_id, run_id, task.task_id, "required_actions")
                say(f"          for an answer at {page}")
                if approve:
                    _approve(api, dag_id, run_id, task)
        return state in FINISHED

    api.wait_until(has_ended)
    if api.state(dag_id, run_id) == "failed":
        raise _failure(api, dag_id, run_id)


def behind(api: Api, dag_id: str, run_id: str) -> str | None:
    """A line about the run that a queued one waits for; None if it begins by itself."""
    others = [other for other in api.running(dag_id) if other != run_id]
    if not others:
        return None
    line = f"  waits   for run {others[0]}"
    for task in api.task_runs(dag_id, others[0]):
        if task.state == WAITS_FOR_A_PERSON:
            page = api.page(dag_id, others[0], task.task_id, "required_actions")
            line += f", which waits for an answer at {page}"
    return line


def _approve(api: Api, dag_id: str, run_id: str, task: TaskRun) -> None:
    """Show what is asked, and approve it: who starts a run here asks to publish it."""
    say(f"\n{api.question(dag_id, run_id, task)}\n")
    say(
        "Approved, for whoever starts `make run` asks for this publication. "
        '`trends unpublish RUN --why "..."` takes it back.'
    )
    time.sleep(SECONDS_TO_PARK)
    api.respond(dag_id, run_id, task, "Approve")


def _line(task: TaskRun) -> str:
    words = {
        "success": "done",
        "up_for_retry": "again",
        "upstream_failed": "not run",
        WAITS_FOR_A_PERSON: "waits",
    }
    word = words.get(str(task.state), str(task.state))
    took = "" if task.seconds is None else f" ({task.seconds:.1f} s)"
    return f"  {word:8}{task.name}{took}"


def _failure(api: Api, dag_id: str, run_id: str) -> LocalAirflowError:
    failed = [t for t in api.task_runs(dag_id, run_id) if t.state == "failed"]
    if not failed:
        return LocalAirflowError(f"{dag_id} failed before any of its tasks ran")
    task = failed[-1]
    log = api.log(dag_id, run_id, task)
    lines = [line for message in log for line in _log_lines(message)]
    text = "\n".join(f"    {line}" for line in lines[-N_LOG_LINES:])
    names = [error["exc_type"] for message in log for error in _errors(message)]
    return LocalAirflowError(
        f"{dag_id} failed in task {task.name}; the end of its log:\n{text}",
        exit_code=next((EXIT_CODES[name] for name in names if name in EXIT_CODES), 1),
    )


def _log_lines(message: dict[str, Any]) -> list[str]:
    """The message, and the exceptions that came with it as `type: text (place)`."""
    event = str(message["event"])
    if event.startswith("::"):  # marks a section that the web pages can fold
        return []
    errors = [
        f"{error['exc_type']}: {error['exc_value']}{_place(error)}"
        for error in _errors(message)
    ]
    return "\n".join([event, *errors]).splitlines()


def _errors(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Exceptions of a log message, the one that was raised last first."""
    return message.get("error_detail") or []


def _place(error: dict[str, Any]) -> str:
    """Where the exception was raised."""
    frames = error.get("frames") or []
    return f" ({frames[-1]['filename']}:{frames[-1]['lineno']})" if frames else ""
