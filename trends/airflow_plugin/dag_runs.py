"""Runs of Airflow as its own database has them: how far they came, what they made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.xcom import XComModel
from airflow.sdk.timezone import utcnow
from airflow.utils.state import DagRunState, State, TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import Session

from trends.dag_names import FORECAST, MADE, SCORE, TRY

ASKS: Final = (TaskInstanceState.AWAITING_INPUT, TaskInstanceState.DEFERRED)
"""States of a task that waits for a person's answer."""


@dataclass(frozen=True)
class Seen:
    """A run of Airflow.

    Attributes:
        state: as Airflow calls it.
        note: what was written beside it; empty if nothing was.
        made: what it said that it made; empty until it did.
        not_before: where it may not begin yet, when it may.
        behind: the run of its DAG that is at work; None where it waits for none.
        behind_asks: whether that one waits for a person.
        tasks: of a run at work, how many tasks it has, as far as is known.
        ended: how many of them have ended.
        doing: names of those that are at work.
        asks: whether it waits for a person.
    """

    state: str
    note: str
    made: Mapping[str, Any]
    not_before: str = ""
    behind: str | None = None
    behind_asks: bool = False
    tasks: int = 0
    ended: int = 0
    doing: tuple[str, ...] = ()
    asks: bool = False


def dag_is_known(session: Session, dag_id: str) -> bool:
    """Whether Airflow has such a DAG."""
    return session.get(DagModel, dag_id) is not None


def find_run(session: Session, dag_id: str, run_id: str) -> Seen | None:
    """One run of a DAG; None if there is none of this name."""
    chosen = select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    run = session.scalars(chosen).one_or_none()
    if run is None:
        return None
    seen = Seen(
        state=str(run.state),
        note=str(run.note or ""),
        made=_newest(session, dag_id, run_id),
    )
    if run.state == DagRunState.QUEUED:
        return _queued(session, run, seen)
    return _running(session, run, seen) if run.state == DagRunState.RUNNING else seen


def _running(session: Session, run: DagRun, seen: Seen) -> Seen:
    """A run at work, with how far it is."""
    tasks = run.get_task_instances(session=session)
    # Airflow gives all items of a mapped task but the first its id for a name
    names = {one.task_id: one.task_display_name for one in tasks if one.map_index <= 0}
    doing = {
        names.get(one.task_id, one.task_id)
        for one in tasks
        if one.state == TaskInstanceState.RUNNING
    }
    return replace(
        seen,
        tasks=len(tasks),
        ended=sum(one.state in State.finished for one in tasks),
        doing=tuple(sorted(doing)),
        asks=any(one.state in ASKS for one in tasks),
    )


def _queued(session: Session, run: DagRun, seen: Seen) -> Seen:
    """A run that has not begun, with what it waits for."""
    if run.run_after > utcnow():
        return replace(seen, not_before=f"{run.run_after:%Y-%m-%d %H:%M} UTC")
    others = select(DagRun).where(
        DagRun.dag_id == run.dag_id, DagRun.state == DagRunState.RUNNING
    )
    other = session.scalars(others.order_by(DagRun.start_date).limit(1)).first()
    if other is None:
        return seen
    asks = other.get_task_instances(state=list(ASKS), session=session)
    return replace(seen, behind=other.run_id, behind_asks=bool(asks))


def last_made(session: Session, dag_id: str) -> Mapping[str, Any]:
    """What the DAG's runs made last; empty if they made nothing yet."""
    return _newest(session, dag_id)


def _newest(
    session: Session, dag_id: str, run_id: str | None = None
) -> Mapping[str, Any]:
    chosen = select(XComModel).where(XComModel.key == MADE, XComModel.dag_id == dag_id)
    if run_id is not None:
        chosen = chosen.where(XComModel.run_id == run_id)
    newest = session.scalars(chosen.order_by(XComModel.timestamp.desc()).limit(1))
    entry = newest.first()
    made = None if entry is None else XComModel.deserialize_value(entry)
    return made if isinstance(made, dict) else {}


def place(dag_id: str, made: Mapping[str, Any]) -> tuple[str, str] | None:
    """Shelf and key of what a run of this DAG says that it made."""
    try:
        if dag_id == FORECAST and made["draft"]:
            return "drafts", str(made["run_id"])
        if dag_id == FORECAST:
            return "published", f"{made['as_of']}/{made['run_id']}"
        if dag_id == TRY:
            return "previews", str(made["preview"])
        if dag_id == SCORE:
            return "backtests", str(made["backtest_id"])
    except KeyError:
        return None
    return None
