"""Runs of Airflow as its own database has them: how far they came, what they made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.xcom import XComModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from trends.dag_names import FORECAST, MADE, SCORE, TRY


@dataclass(frozen=True)
class Seen:
    """A run of Airflow.

    Attributes:
        state: as Airflow calls it.
        note: what was written beside it; empty if nothing was.
        made: what it said that it made; empty until it did.
    """

    state: str
    note: str
    made: Mapping[str, Any]


def dag_is_known(session: Session, dag_id: str) -> bool:
    """Whether Airflow has such a DAG."""
    return session.get(DagModel, dag_id) is not None


def find_run(session: Session, dag_id: str, run_id: str) -> Seen | None:
    """One run of a DAG; None if there is none of this name."""
    chosen = select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    run = session.scalars(chosen).one_or_none()
    if run is None:
        return None
    return Seen(
        state=str(run.state),
        note=str(run.note or ""),
        made=_newest(session, dag_id, run_id),
    )


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
