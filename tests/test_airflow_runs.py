"""Runs of a real Airflow as an operator meets them: by terminal, notes and logs."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.airflow_home import small_checkout
from tests.airflow_server import Server, airflow_server, password
from tests.smtp_server import MailServer, mail_server
from trends.dag_names import FORECAST, INGEST, SCORE
from trends.local_airflow.api import FINISHED, TaskRun

pytestmark = pytest.mark.airflow

COMPONENTS = ("api-server", "scheduler", "dag-processor")
LIBRARY = re.compile("great_expectations|Skipping registering|temporary directory|%\\|")


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, mails: MailServer
) -> Iterator[Server]:
    root = small_checkout(tmp_path_factory.mktemp("runs") / "checkout")
    dag = root / "dags" / f"{INGEST}.py"
    text = dag.read_text()
    assert "due_within(timedelta(hours=1))" in text
    dag.write_text(text.replace("timedelta(hours=1)", "timedelta(seconds=1)"))
    address = f"smtp://127.0.0.1:{mails.port}/?to=a@example.org"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRENDS_SMTP_URL", address)
        with airflow_server(root, COMPONENTS) as server:
            server.api.wait_until_parsed([INGEST, FORECAST, SCORE])
            yield server


def _trends(server: Server, *words: str, user: str = "anna") -> tuple[int, str, str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("trends"), *words],
        env=os.environ
        | {
            "TRENDS_HOME": str(server.root),
            "TRENDS_AIRFLOW_URL": server.url,
            "TRENDS_AIRFLOW_USER": user,
            "TRENDS_AIRFLOW_PASSWORD": password(user),
        },
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def ingested(server: Server) -> tuple[int, str, str]:
    return _trends(server, "trigger", "ingest", "--wait")


@pytest.fixture(scope="module")
def published(server: Server, ingested: tuple[int, str, str]) -> dict[str, Any]:
    """The forecast that the first ingest caused."""
    assert ingested[0] == 0, ingested[2]

    def caused() -> list[dict[str, Any]]:
        runs = _runs(server, FORECAST)
        return [run for run in runs if run["run_type"] == "asset_triggered"]

    # shortly after midnight the day's own ingest may have been the first
    server.wait_until(lambda: bool(caused()), "starting the forecast")
    server.wait_until(lambda: caused()[0]["state"] in FINISHED, "the forecast")
    return caused()[0]


def test_airflow_makes_the_pool_as_it_starts(server: Server) -> None:
    with server.client("anna") as client:
        pool = client.get("/api/v2/pools/fits").raise_for_status().json()
    assert pool["slots"] == os.cpu_count()


def test_an_ingest_by_terminal_says_what_changed(
    ingested: tuple[int, str, str], server: Server
) -> None:
    code, answer, said = ingested
    assert code == 0, said
    assert "done    ingest_source [METR time horizons]" in said
    assert "rows of 2 sources accepted" in answer
    notes = [str(run["note"]) for run in _runs(server, INGEST)]
    assert any(one in " ".join(answer.split()) for one in notes)
    assert "Changed: metr (" in notes[0]


def test_a_run_that_succeeded_has_its_answer_for_a_note(
    published: dict[str, Any],
) -> None:
    assert published["state"] == "success"
    assert published["note"].startswith("Published as of ")
    assert "METR 50% time horizon of a work-month: 20" in published["note"]


def test_logs_are_sentences_and_publish_ends_with_the_table(
    server: Server, published: dict[str, Any]
) -> None:
    run_id = published["dag_run_id"]
    logs = {
        task.name: _log(server, FORECAST, run_id, task)
        for task in server.api.task_runs(FORECAST, run_id)
    }
    for name, lines in logs.items():
        assert not [line for line in lines if LIBRARY.search(line)], name
        assert not [line for line in lines if "Returned value was" in line], name
    publish = logs["publish"]
    for beginning in (
        "Checked ",
        "Published run ",
        "Bar  ",
        "  METR 50% time horizon",
        "A bar is a statement about one benchmark.",
    ):
        assert [line for line in publish if line.startswith(beginning)], beginning
    end = publish.index("Done. Returned value not shown")
    assert publish[end - 1] == "automated."


def test_tasks_are_read_page_by_page(
    server: Server, published: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of thousands of benchmarks has more tasks than Airflow lists at once."""
    run_id = published["dag_run_id"]
    at_once = server.api.task_runs(FORECAST, run_id)
    assert len(at_once) > 6
    monkeypatch.setattr("trends.local_airflow.api.PAGE", 3)
    assert server.api.task_runs(FORECAST, run_id) == at_once


def test_a_run_that_is_late_is_told(server: Server, published: dict[str, Any]) -> None:
    """Its callback runs where tasks do, without a triggerer."""
    logs = server.root / ".airflow" / "logs"

    def told() -> bool:
        return any(
            "was to be done by" in file.read_text(errors="replace")
            for file in logs.rglob("*")
            if file.is_file() and "task_id=" not in str(file)
        )

    server.wait_until(told, "telling that a run is late")


def test_a_deleted_pool_is_made_again_and_the_same_again_is_no_news(
    server: Server, published: dict[str, Any]
) -> None:
    with server.client("anna") as client:
        client.delete("/api/v2/pools/fits").raise_for_status()
        code, answer, said = _trends(server, "trigger", "--publish", "--wait")
        assert code == 0, said
        assert "2028-" in answer
        assert client.get("/api/v2/pools/fits").status_code == 200
        again = _runs(server, FORECAST)[-1]
        assert again["note"].split("Run ")[1] == published["note"].split("Run ")[1]
        query = {"source_run_id": again["dag_run_id"]}
        news = client.get("/api/v2/assets/events", params=query).json()
        assert news["asset_events"] == []


def test_a_misspelt_answer_ends_as_usage_and_is_noted(
    server: Server, published: dict[str, Any]
) -> None:
    code, _, said = _trends(server, "trigger", "--conf", "as_off=1", "--wait")
    assert code == 2, said
    assert "failed in task plan_forecast" in said
    why = "Failed in Plan: unknown parameter as_off in the run's conf"
    assert _note(server, FORECAST).startswith(why)


def test_a_failure_is_told_by_mail_with_its_reason(
    server: Server, mails: MailServer, published: dict[str, Any]
) -> None:
    """Of a task that tells an alias of assets, as those do that publish."""
    asked = ("--conf", "first_origin=2099-01-01")
    code, _, said = _trends(server, "trigger", "score", *asked, "--wait")
    assert code == 2, said

    def told() -> list[str]:
        return [
            message.get_content()
            for _, message in mails.received
            if message["Subject"] == f"benchmark-trends: {SCORE} failed"
        ]

    server.wait_until(lambda: bool(told()), "telling of the failure")
    (text,) = told()
    assert "failed in task replay: nothing can be forecast from 2099-01-01" in text


def test_a_logical_date_to_come_is_refused_and_holds_nobody(server: Server) -> None:
    asked = {"logical_date": "2099-01-01T00:00:00Z", "conf": {}}
    with server.client("anna") as client:
        run = client.post(f"/api/v2/dags/{FORECAST}/dagRuns", json=asked).json()
    run_id = str(run["dag_run_id"])
    server.wait_until(
        lambda: server.api.state(FORECAST, run_id) in FINISHED, "refusing"
    )
    assert server.api.state(FORECAST, run_id) == "failed"
    note = server.api.note(FORECAST, run_id)
    assert note is not None
    assert note.startswith("Nothing was run: Logical Date 2099-01-01 00:00 UTC is")
    assert run_id not in server.api.running(FORECAST)


@pytest.mark.parametrize(
    ("words", "user", "code", "why"),
    [
        (["--conf", "draws=many"], "anna", 2, "'many' is not of type 'integer'"),
        (["--conf", "draws"], "anna", 2, "write KEY=VALUE"),
        (["tell_fortunes"], "anna", 2, "no DAG 'tell_fortunes'"),
        ([], "vera", 2, "this user may not"),
        (["--url", "http://127.0.0.1:9"], "anna", 9, "no Airflow answers at"),
    ],
)
def test_what_cannot_be_started_is_said(
    server: Server, words: list[str], user: str, code: int, why: str
) -> None:
    ended, _, said = _trends(server, "trigger", *words, user=user)
    assert (ended, why in " ".join(said.split())) == (code, True), said


def test_without_an_airflow_the_way_to_one_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("trends"), "trigger"],
        env=os.environ | {"TRENDS_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "make ui" in done.stderr) == (9, True), done.stderr


def _runs(server: Server, dag_id: str) -> list[dict[str, Any]]:
    with server.client("anna") as client:
        query = {"order_by": "run_after", "limit": "100"}
        found = client.get(f"/api/v2/dags/{dag_id}/dagRuns", params=query)
        runs: list[dict[str, Any]] = found.raise_for_status().json()["dag_runs"]
        return runs


def _note(server: Server, dag_id: str) -> str:
    """Of the last run."""
    return str(_runs(server, dag_id)[-1]["note"])


def _log(server: Server, dag_id: str, run_id: str, task: TaskRun) -> list[str]:
    return [str(one["event"]) for one in server.api.log(dag_id, run_id, task)]
