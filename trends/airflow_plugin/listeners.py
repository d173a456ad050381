"""What Airflow's own processes do for this project's DAGs, where tasks cannot.

Tasks have no database in Airflow 3; the scheduler has, and the DAG processor.
"""

import os
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from airflow.listeners import hookimpl

from trends.airflow_plugin.notes import failure_note, future_note, shortened, with_ours
from trends.dag_names import ASSET_URIS, DAG_IDS, FITS_POOL, FORECAST, NOTE, WHY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy.orm import Session


CLOCKS_DIFFER: Final = timedelta(minutes=15)
"""Airflow's form fills in a Logical Date by the clock of who opens it."""


@hookimpl
def on_starting(component: Any) -> None:
    """Make the pool of fits, where a process starts that has the database."""
    from airflow.jobs.job import Job

    if isinstance(component, Job):  # tasks start too
        from airflow.utils.session import create_session
        from sqlalchemy.exc import IntegrityError

        # another process that starts may make it meanwhile
        with suppress(IntegrityError), create_session() as session:
            ensure_pool(session)
        with create_session() as session:
            move_assets(session)


@hookimpl
def on_dag_run_running(dag_run: "DagRun") -> None:
    """Make the pool of fits again where somebody deleted it; refuse a day to come.

    Airflow lets a run with such a Logical Date begin and none of its tasks, and other
    runs of the DAG would wait behind it until that day.
    """
    from airflow.sdk.timezone import utcnow
    from airflow.utils.state import DagRunState

    if dag_run.dag_id in DAG_IDS:
        with session_of(dag_run) as session:
            if dag_run.dag_id == FORECAST:
                ensure_pool(session)
            day = dag_run.logical_date
            if day is not None and day > utcnow() + CLOCKS_DIFFER:
                put_note(dag_run, future_note(day), session)
                dag_run.state = DagRunState.FAILED


@hookimpl
def on_dag_run_success(dag_run: "DagRun") -> None:
    """Note what came out, in the line that the run's last task left."""
    if dag_run.dag_id in DAG_IDS:
        with session_of(dag_run) as session:
            for line in left_by_tasks(dag_run, NOTE, session).values():
                put_note(dag_run, line, session)


@hookimpl
def on_dag_run_failed(dag_run: "DagRun", msg: str) -> None:
    """Note why, in the words of the task that failed."""
    if dag_run.dag_id in DAG_IDS:
        from airflow.utils.state import TaskInstanceState

        with session_of(dag_run) as session:
            failed = dag_run.get_task_instances(
                state=[TaskInstanceState.FAILED], session=session
            )
            reasons = left_by_tasks(dag_run, WHY, session)
            said = [
                (_name(task), reasons.get((task.task_id, task.map_index)))
                for task in sorted(failed, key=lambda task: str(task.end_date))
            ]
            put_note(dag_run, failure_note(said, msg), session)


def _name(task: "TaskInstance") -> str:
    """The task, and which item of a mapped one."""
    item = f" [{task.rendered_map_index}]" if task.rendered_map_index else ""
    return f"{task.task_display_name}{item}"


def ensure_pool(session: "Session") -> None:
    """Make the pool of fits unless it is there: who changed its slots had a reason."""
    from airflow.models.pool import Pool
    from sqlalchemy import select

    if session.scalar(select(Pool).where(Pool.pool == FITS_POOL)) is not None:
        return
    pool = Pool(
        pool=FITS_POOL,
        slots=os.cpu_count() or 1,
        description="Fits use a whole core each: as many slots as cores.",
        include_deferred=False,
    )
    # no savepoint: while a run starts, the scheduler lets nobody but itself commit
    session.add(pool)


def move_assets(session: "Session") -> None:
    """Give assets of earlier versions, whose URI was their name, that of today.

    Airflow would take them for others of the same name, and start nothing on their
    events.
    """
    from airflow.models.asset import AssetActive, AssetModel
    from sqlalchemy import delete, select
    from sqlalchemy.exc import IntegrityError

    for name, uri in ASSET_URIS.items():
        found = session.scalars(select(AssetModel).where(AssetModel.name == name))
        by_uri = {asset.uri: asset for asset in found}
        if name not in by_uri or uri in by_uri:
            continue
        # another process that starts may move it meanwhile
        with suppress(IntegrityError), session.begin_nested():
            session.execute(delete(AssetActive).where(AssetActive.name == name))
            by_uri[name].uri = uri
            session.flush()
            session.add(AssetActive.for_asset(by_uri[name]))


@contextmanager
def session_of(dag_run: "DagRun") -> "Iterator[Session]":
    """The session in which the run changes: who writes beside it waits for itself.

    A run of ``airflow dags test`` has none.
    """
    from airflow.utils.session import create_session
    from sqlalchemy.orm import object_session

    if (session := object_session(dag_run)) is not None:
        yield session
        return
    with create_session() as session:
        yield session


def left_by_tasks(
    dag_run: "DagRun", key: str, session: "Session"
) -> dict[tuple[str, int], str]:
    """What tasks of the run left under ``key``, by task and map index."""
    from airflow.models.xcom import XComModel
    from sqlalchemy import select

    of_run = select(XComModel).where(
        XComModel.dag_id == dag_run.dag_id,
        XComModel.run_id == dag_run.run_id,
        XComModel.key == key,
    )
    found = session.scalars(of_run)
    return {
        (one.task_id, one.map_index): str(XComModel.deserialize_value(one))
        for one in found
    }


def put_note(dag_run: "DagRun", line: str, session: "Session") -> None:
    """Write ``line`` below what a person noted, in place of what we noted before."""
    from airflow.models.dagrun import DagRunNote

    note = session.get(DagRunNote, dag_run.id)
    if note is None:
        note = DagRunNote(content=shortened(line))  # type: ignore[no-untyped-call]
        note.dag_run_id = dag_run.id
        session.add(note)
    else:
        note.content = with_ours(note.content, line, is_theirs=bool(note.user_id))
