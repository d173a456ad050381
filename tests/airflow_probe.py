"""What tests ask of Airflow, run as a script in the environment of a test's home."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import conventions
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db
from airflow.models.asset import AssetActive, AssetEvent, AssetModel
from airflow.models.dagrun import DagRun, DagRunNote
from airflow.models.pool import Pool
from airflow.sdk import DAG, Asset
from airflow.sdk.exceptions import ParamValidationError
from airflow.utils.session import create_session
from conventions import RetryUnlessRefused, delay_before
from forecast_crossing_dates import NOTICE, publishes
from ruamel.yaml import YAML
from sqlalchemy import select, text

from tests.http_server import file_with_etag, serving
from trends.airflow_plugin import listeners
from trends.dag_names import MADE, WHY
from trends.pipeline import ForecastRequest, RequestError, forecast
from trends.pipeline.errors import EditedError
from trends.pipeline.refresh import LOOPBACK_VARIABLE
from trends.sources.shipped_figures import COLUMNS
from trends.workspace import Workspace

ROOT = Path(os.environ["TRENDS_HOME"])
DAGS = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
BUNDLE = "dags-folder"
INGEST, FORECAST = "ingest_benchmark_scores", "forecast_crossing_dates"
SCORE, TRY = "score_past_forecasts", "try_threshold"


def read_dags() -> BundleDagBag:
    """The DAG files, read as Airflow reads them."""
    return BundleDagBag(dag_folder=DAGS, bundle_path=DAGS, bundle_name=BUNDLE)


def describe() -> dict[str, Any]:
    """What each DAG declares, and how its rules decide."""
    bag = read_dags()
    return {
        "import_errors": bag.import_errors,
        "dags": {dag_id: _declared(dag) for dag_id, dag in bag.dags.items()},
        "rules": _decisions(),
        "moved_assets": _moved_assets(),
        "pool": _pool(),
        "assets": {
            asset.name: {"uri": asset.uri, "group": asset.group, **asset.extra}
            for asset in vars(conventions).values()
            if isinstance(asset, Asset)
        },
        "database_waits_ms": _database_waits_ms(),
    }


def _moved_assets() -> dict[str, Any]:
    """What becomes of an asset whose URI was its name, as in the first version."""
    with create_session() as session:
        old = AssetModel(name="observations", uri="observations", group="asset")
        session.add(old)
        session.flush()
        session.add(AssetActive.for_asset(old))
    for _ in range(2):
        with create_session() as session:
            listeners.move_assets(session)
    with create_session() as session:
        return {
            "known": [
                [one.name, one.uri] for one in session.scalars(select(AssetModel))
            ],
            "active": [[a.name, a.uri] for a in session.scalars(select(AssetActive))],
        }


def _pool() -> list[int]:
    """Slots of the pool of fits: as made, and once somebody has changed them."""
    slots = []
    for _ in range(2):
        with create_session() as session:
            listeners.ensure_pool(session)
        with create_session() as session:
            pool = session.scalars(select(Pool).where(Pool.pool == "fits")).one()
            slots.append(pool.slots)
            pool.slots = 7
    return slots


def _database_waits_ms() -> int:
    """How long Airflow's own sessions wait for another writer."""
    with create_session() as session:
        return int(session.scalars(text("PRAGMA busy_timeout")).one())


def tell() -> dict[str, Any]:
    """Both DAGs run in turn: what each run did and what it left behind."""
    DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]
    with create_session() as session:
        sync_bag_to_db(read_dags(), BUNDLE, None, session=session)
    runs = {
        "first ingest": _run(INGEST),
        "draft": _run(FORECAST, draws=200),
        "published": _run(FORECAST, draws=200, publish="Publish"),
        "ingest of the same": _run(INGEST),
        "published again": _run(FORECAST, draws=200, publish="Publish"),
        "backtest": _run(SCORE, draws=100, first_origin="2026-01-01"),
        "backtest again": _run(SCORE, draws=100, first_origin="2026-01-01"),
        "backtest of a typo": _run(SCORE, first_origin="2026-01-15"),
        "misspelt": _run(FORECAST, as_off="2026-01-01"),
        "ingest of a typo": _run(INGEST, sorces=["metr"]),
        "a day ahead": _run(FORECAST, publish="Publish", as_of="2099-01-01"),
        "a draft of a day ahead": _run(FORECAST, as_of="2099-01-01"),
        "partial publication": _run(
            FORECAST, publish="Publish", thresholds=["metr_work_month"]
        ),
    }
    for as_of in ("2025-06-30", "2025-09-30"):
        runs[f"published {as_of}"] = _run(
            FORECAST, draws=200, publish="Publish", as_of=as_of, ask=False
        )
    _publish_and_tell_nobody("2026-06-30")
    runs["told by the next try"] = _run(
        FORECAST, draws=200, publish="Publish", as_of="2026-06-30", ask=False
    )
    threshold = ROOT / "data" / "registry" / "thresholds" / "metr_work_month.yaml"
    threshold.write_text(threshold.read_text().replace("work-month", "working month"))
    runs["edited threshold"] = _run(INGEST)
    runs |= _refreshes()
    (ROOT / "data" / "observations" / "nanogpt_speedrun.csv").write_text("")
    runs["emptied file"] = _run(INGEST)
    (ROOT / "data" / "observations" / "metr_time_horizon_p50.csv").write_text("")
    runs["nothing left"] = _run(INGEST)
    return runs


def _publish_and_tell_nobody(as_of: str) -> None:
    """As a try of Publish that is killed once the run is published."""
    request = ForecastRequest(as_of=date.fromisoformat(as_of), draws=200)
    forecast(request, Workspace(ROOT), published_at=datetime(2026, 7, 1, tzinfo=UTC))


def fill() -> dict[str, Any]:
    """Runs whose results the web pages show, as the small world has them."""
    DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]
    with create_session() as session:
        sync_bag_to_db(read_dags(), BUNDLE, None, session=session)
    return {
        "ingest": _run(INGEST),
        "earlier": _run(FORECAST, draws=200, publish="Publish", as_of="2026-06-30"),
        "published": _run(FORECAST, draws=200, publish="Publish", as_of="2026-10-31"),
        "draft": _run(FORECAST, draws=202, as_of="2026-10-31", reason="<b>Why?</b>"),
        "cleaned": _run(FORECAST, draws=201, as_of="2026-10-31"),
        "refused": _run(FORECAST, as_of="2099-01-01"),
        "backtest": _run(SCORE, draws=100, first_origin="2025-06-01"),
    }


def ask() -> dict[str, Any]:
    """What operators ask of the forms, well and badly, and what comes of it."""
    DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]
    with create_session() as session:
        sync_bag_to_db(read_dags(), BUNDLE, None, session=session)
    first = {
        "ingest": _run(INGEST),
        "try of nothing": _run(TRY, threshold="quiz", bar=0.85),
        "published": _run(FORECAST, draws=200, publish="Publish", as_of="2026-10-31"),
    }
    asked: dict[str, tuple[str, dict[str, object]]] = {
        "try": (TRY, {"threshold": "quiz", "bar": 0.85}),
        "try again": (TRY, {"threshold": "quiz", "bar": "0.85"}),
        "try another bar": (TRY, {"threshold": "quiz", "bar": "half=0.55"}),
        "try a trend": (
            TRY,
            {"threshold": "quiz", "bar": 0.85, "trend": "logistic"},
        ),
        "try a percentage": (TRY, {"threshold": "quiz", "bar": 85}),
        "try words": (TRY, {"threshold": "quiz", "bar": "85%"}),
        "try no trend of it": (
            TRY,
            {"threshold": "quiz", "bar": 0.85, "trend": "exponential"},
        ),
        "try a day ahead": (
            TRY,
            {"threshold": "quiz", "bar": 0.85, "as_of": "2099-01-01"},
        ),
        "try a typo": (TRY, {"threshold": "quiz", "bar": 0.85, "publish": "Publish"}),
        "a day ahead": (FORECAST, {"as_of": "2099-01-01", "publish": "Publish"}),
        "a typo": (FORECAST, {"as_off": "2026-01-01", "publish": "Publish"}),
        "a part": (FORECAST, {"thresholds": ["quiz"], "publish": "Publish"}),
        "a trend of some": (
            FORECAST,
            {"trends": ["logistic"], "draws": 200.0, "as_of": "2026-10-31"},
        ),
        "a trend of none": (FORECAST, {"trends": ["logistic"], "thresholds": ["work"]}),
    }
    return first | {name: _run(dag, **conf) for name, (dag, conf) in asked.items()}


def _refreshes() -> dict[str, dict[str, Any]]:
    """Runs that ask one publisher, whose file lies on a server of this machine."""
    os.environ[LOOPBACK_VARIABLE] = "1"
    sources = ROOT / "data" / "registry" / "sources.yaml"
    as_shipped = sources.read_text()
    figures = (ROOT / "data" / "observations" / "nanogpt_speedrun.csv").read_bytes()
    with serving() as server:
        address = server.answer("/speedrun.csv", file_with_etag(figures))
        _keep_one_file(sources, "modded_nanogpt", address)
        _run(INGEST)  # tells of the edited registry
        runs = {
            "refresh": _run(INGEST, refresh=True),
            "refresh again": _run(INGEST, refresh=True, sources=["modded_nanogpt"]),
            "refresh of a typo": _run(INGEST, refresh=True, sources=["moded_nanogpt"]),
            "refresh by hand": _run(INGEST, refresh=True, sources=["metr"]),
        }
        server.answer("/speedrun.csv", lambda request: request.say(404))
        runs["refresh in vain"] = _run(INGEST, refresh=True)
        runs["asked"] = {"n": len(server.asked)}
    sources.write_text(as_shipped)
    _run(INGEST)
    return runs


def _keep_one_file(sources: Path, source_id: str, address: str) -> None:
    """No publisher can be asked but this one, for its shipped figures as a table."""
    yaml = YAML(typ="rt")
    entries = yaml.load(sources)
    for entry in entries.values():
        entry.pop("files", None)
    cells = [name for name in COLUMNS if name != "note"]
    entries[source_id]["files"] = [
        {
            "id": "speedrun",
            "address": address,
            "reader": "table",
            "benchmarks": ["nanogpt_speedrun"],
            "options": {
                "reporter": "benchmark_authors",
                "source_url": "https://example.org/x",
                "columns": {name: name for name in cells},
            },
        }
    ]
    yaml.dump(entries, sources)


def _run(dag_id: str, **conf: object) -> dict[str, Any]:
    """Run a DAG to its end in this process.

    The file is read anew, because `DAG.test` leaves a run's conf in the DAG's params.
    """
    dag = read_dags().dags[dag_id]
    dag.deadline = None  # Airflow 3.3.2 looks it up by what it is instead of by its id
    try:
        run = dag.test(run_conf=conf)
    except ParamValidationError as error:
        return {"state": "refused", "why": str(error), "latest": _latest()}
    with create_session() as session:
        events = session.query(AssetEvent).filter_by(source_run_id=run.run_id).all()
        return {
            "state": run.state,
            "run_type": run.run_type,
            "tasks": {
                f"{ti.task_id}[{ti.rendered_map_index or ti.map_index}]": ti.state
                for ti in run.get_task_instances(session=session)
            },
            "events": {event.asset.name: event.extra for event in events},
            "result": _result(run),
            "made": _made(run),
            "why": _why(run),
            "dag_run_id": run.run_id,
            "note": _note(run),
            "notice": _notice(run),
            "latest": _latest(),
            "drafts": len(list(ROOT.glob("data/results/drafts/*/manifest.json"))),
        }


def _result(run: DagRun) -> Any:
    """What the task returned that its DAG names as its result, if one does."""
    publish = run.get_task_instance("publish")
    return publish.xcom_pull("publish") if publish else None


def _notice(run: DagRun) -> Any:
    """The message that the run's publication leaves for people."""
    publish = run.get_task_instance("publish")
    return publish.xcom_pull("publish", key=NOTICE) if publish else None


def _made(run: DagRun) -> Any:
    """What a run's task says that it made."""
    made = [
        instance.xcom_pull(instance.task_id, key=MADE)
        for instance in run.get_task_instances()
        if instance.task_id in ("publish", "replay", "try_bar")
    ]
    return made[0] if made else None


def _note(run: DagRun) -> str | None:
    with create_session() as session:
        note = session.get(DagRunNote, run.id)
        return None if note is None else note.content


def _why(run: DagRun) -> Any:
    """The sentence that says why a task of the run failed."""
    said = [
        instance.xcom_pull(instance.task_id, key=WHY)
        for instance in run.get_task_instances()
    ]
    return next((one for one in said if one), None)


def _latest() -> str | None:
    pointer = ROOT / "data" / "results" / "latest.json"
    return json.loads(pointer.read_text())["run_id"] if pointer.exists() else None


def _decisions() -> dict[str, Any]:
    """How the shared retry rule and the publication rule decide."""
    retry = RetryUnlessRefused()
    decisions: dict[str, Any] = {
        type(error).__name__: retry.evaluate(error, 1, 2).action.value
        for error in (
            RequestError("no such threshold"),
            EditedError("edited while being read"),
            ConnectionError("gone"),
        )
    }
    for run_type, choice in [
        ("manual", "Draft"),
        ("manual", "Publish"),
        ("asset_triggered", "Draft"),
    ]:
        run = SimpleNamespace(run_type=run_type)
        context: Any = {"dag_run": run, "params": {"publish": choice}}
        decisions[f"{run_type} {choice}"] = publishes(context)
    decisions["delays"] = [
        [delay_before(number).total_seconds() for _ in range(20)]
        for number in (2, 3, 9)
    ]
    return decisions


def _declared(dag: DAG) -> dict[str, Any]:
    return {
        "doc_md": dag.doc_md,
        "display_name": dag.dag_display_name,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "params": {
            name: {"value": param.value, **param.schema}
            for name, param in dag.params.items()  # type: ignore[no-untyped-call]
        },
        "groups": {
            group.group_id: sorted(task.task_id for task in group.iter_tasks())
            for group in dag.task_group.get_task_group_dict().values()
            if group.group_id
        },
        "tasks": {
            task.task_id: {
                "owner": task.owner,
                "retries": task.retries,
                "has_timeout": task.execution_timeout is not None,
                "backoff": task.retry_exponential_backoff,
                "policy": type(task.retry_policy).__name__,
                "doc": task.doc_md,
                "display_name": task.task_display_name,
                "pool": task.pool,
            }
            for task in dag.tasks
        },
    }


STORIES: dict[str, Callable[[], dict[str, Any]]] = {
    "describe": describe,
    "tell": tell,
    "ask": ask,
    "fill": fill,
}

if __name__ == "__main__":
    story, answer = sys.argv[1:]
    Path(answer).write_text(json.dumps(STORIES[story](), default=str, indent=1))
