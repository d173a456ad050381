"""What every DAG of this project keeps to: owner, retries, assets.

Declares no DAG. Light enough to be read at every parse: tables and statistics are
imported by tasks only.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, distribution
from io import StringIO
from pathlib import Path
from random import SystemRandom
from typing import Any, Final

from airflow.sdk import (
    Asset,
    AssetAlias,
    Context,
    RetryDecision,
    RetryPolicy,
    TaskGroup,
    get_current_context,
)
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from trends.dag_names import ASSET_URIS, EXIT_CODE, FITS_POOL, MADE, NOTE, WHY

log = logging.getLogger(__name__)


def _asset(name: str, description: str) -> Asset:
    return Asset(
        name,
        uri=ASSET_URIS[name],
        group="benchmark-trends",
        extra={"description": description},
    )


OBSERVATIONS: Final = _asset(
    "observations", "Published scores of all sources, checked and joined."
)
THRESHOLDS: Final = _asset(
    "thresholds", "The reviewed registry: bars, benchmarks, models."
)
CROSSING_SUMMARY: Final = _asset(
    "crossing_summary", "When each benchmark crosses each bar: the published run."
)
FORECAST_SCORES: Final = _asset(
    "forecast_scores", "How good past forecasts would have been, beside every baseline."
)


def was_told(alias: AssetAlias, **ids: str) -> bool:
    """Whether the last event under ``alias`` like this one names the same files.

    What was lost with a killed try has no event yet, so that the next try tells it.

    Args:
        alias: whose events.
        ids: fields of an event's ``extra``: all but the last say which one is like
            this one, and the last what it must name.
    """
    # asked for here: Airflow 3.3 calls no on_failure_callback where a task that failed
    # has an alias among its inlets (its DAG processor cannot build the context)
    from airflow.sdk.execution_time.context import InletEventsAccessors

    *alike, named = ids
    events = InletEventsAccessors([alias])[alias].ascending(False)
    for event in events.limit(LAST_EVENTS):
        told = event.extra or {}
        if all(told.get(name) == ids[name] for name in alike):
            return told.get(named) == ids[named]
    return False


LAST_EVENTS: Final = 100
"""Events under an alias among which one like the next is looked for."""


def pool_of_fits() -> str:
    """The pool of fits where our plugin makes it, else the one that is always there.

    Airflow finds the plugin by the installed package; where ``trends`` only lies on
    the path nobody makes the pool, and a task in no known pool waits without a word.
    """
    try:
        plugins = distribution("benchmark-trends").entry_points
    except PackageNotFoundError:
        return DEFAULT_POOL
    is_there = any(one.group == "airflow.plugins" for one in plugins)
    return FITS_POOL if is_there else DEFAULT_POOL


DEFAULT_POOL: Final = "default_pool"
"""Airflow's own, as all its tasks are in unless they say otherwise."""

FIRST_DELAY: Final = timedelta(seconds=10)
LONGEST_DELAY: Final = timedelta(minutes=5)


class RetryUnlessRefused(RetryPolicy):
    """Retry what may pass (a lost worker, a busy store, a file that is being saved).

    Never what the data said: the same figures would be refused again, and the person
    on call would learn of it only after the last retry. What failed leaves its reason
    for the run's note.
    """

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Context | None = None,
    ) -> RetryDecision:
        """Fail at once on an error that this project raised itself."""
        if context is not None:
            context["ti"].xcom_push(key=WHY, value=sentence(exception))
        from trends.pipeline.errors import EditedError
        from trends.store import StoreError

        refused = type(exception).__module__.startswith("trends.")
        if refused and not isinstance(exception, (EditedError, StoreError)):
            return RetryDecision.fail("refused; the same input is refused again")
        return RetryDecision.retry(delay_before(try_number + 1))


def delay_before(try_number: int) -> timedelta:
    """How long to wait: twice as long each time, and not with all others at once.

    Args:
        try_number: which attempt is to come; the first one does not wait.
    """
    doubled: timedelta = FIRST_DELAY * 2 ** (try_number - 2)
    return min(doubled, LONGEST_DELAY) * SystemRandom().uniform(0.5, 1)


def sentence(exception: BaseException) -> str:
    """Why a task failed, in one line: what the command line would say of it."""
    from trends.cli.reasons import reason

    found = reason(exception) if isinstance(exception, Exception) else None
    text = f"{type(exception).__name__}: {exception}" if found is None else found[1]
    return " ".join(text.split())


TASK_DEFAULTS: Final[dict[str, Any]] = {
    "owner": "forecasting",
    "execution_timeout": timedelta(minutes=30),  # a task takes seconds
    "retries": 2,
    "retry_delay": FIRST_DELAY,  # these three where a worker is lost without a word
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": LONGEST_DELAY,
    "retry_policy": RetryUnlessRefused(),
    "show_return_value_in_logs": False,  # logs are sentences
}


LONGEST_RUN: Final = timedelta(days=7)
"""A run that still waits after it, as for an answer or a slot, is ended as failed."""


def due_within(interval: timedelta) -> DeadlineAlert:
    """Airflow's pages and a log say so when a run is not done in time."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=interval,
        # in the executor, which is always there; not every Airflow has a triggerer
        callback=SyncCallback("trends.airflow_plugin.deadlines.tell"),
        name="late",
    )


def say(lines: Iterable[str]) -> None:
    """Put sentences into the task's log, in their order with what Airflow says."""
    for line in lines:
        log.info("%s", line)


@contextmanager
def saying() -> Iterator[None]:
    """Put what is printed meanwhile into the task's log."""
    printed = StringIO()
    with redirect_stdout(printed):
        yield
    say(printed.getvalue().splitlines())


def handed(path: Path) -> str:
    """A path for another task, whose machine may have its checkout elsewhere."""
    from trends.workspace import Workspace

    return path.relative_to(Workspace.find().root).as_posix()


def here(name: str) -> Path:
    """What another task handed over, on this machine."""
    from trends.workspace import Workspace

    return Workspace.find().root / name


def leave(made: dict[str, Any], note: str, *, exit_code: int = 0) -> None:
    """Leave what others ask of a run: its files, its note, and how it went.

    Args:
        made: which files it made, by id.
        note: the run in a line.
        exit_code: what the command line would end with.
    """
    ti = get_current_context()["ti"]
    ti.xcom_push(key=MADE, value=made)
    ti.xcom_push(key=NOTE, value=note)
    ti.xcom_push(key=EXIT_CODE, value=exit_code)


def group(group_id: str, name: str, tooltip: str) -> TaskGroup:
    """Tasks that fold into one in Airflow's pages; their ids stay as they are."""
    return TaskGroup(
        group_id, group_display_name=name, tooltip=tooltip, prefix_group_id=False
    )
