"""What every DAG of this project keeps to: owner, retries, assets.

Declares no DAG. Light enough to be read at every parse: tables and statistics are
imported by tasks only.
"""

from collections.abc import Iterable
from datetime import timedelta
from random import SystemRandom
from typing import Any, Final

from airflow.sdk import (
    Asset,
    Context,
    RetryDecision,
    RetryPolicy,
    TaskGroup,
    get_current_context,
)

from trends.dag_names import MADE, NOTE, WHY

OBSERVATIONS: Final = Asset("observations")
THRESHOLDS: Final = Asset("thresholds")
CROSSING_SUMMARY: Final = Asset("crossing_summary")
FORECAST_SCORES: Final = Asset("forecast_scores")


FIRST_DELAY: Final = timedelta(seconds=10)
LONGEST_DELAY: Final = timedelta(minutes=5)


class RetryUnlessRefused(RetryPolicy):
    """Retry what may pass (a lost worker, a full disk); never what the data said.

    The same figures would be refused again, and the person on call would learn of
    it only after the last retry. What failed leaves its reason for the run's note.
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
        if type(exception).__module__.startswith("trends."):
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
    "show_return_value_in_log": False,  # logs are sentences
}


def say(lines: Iterable[str]) -> None:
    """Put sentences into the task's log."""
    for line in lines:
        print(line)


def leave(made: dict[str, Any], note: str) -> None:
    """Say which files the run made, by id, and what its note is."""
    ti = get_current_context()["ti"]
    ti.xcom_push(key=MADE, value=made)
    ti.xcom_push(key=NOTE, value=note)


def group(group_id: str, name: str, tooltip: str) -> TaskGroup:
    """Tasks that fold into one in Airflow's pages; their ids stay as they are."""
    return TaskGroup(
        group_id, group_display_name=name, tooltip=tooltip, prefix_group_id=False
    )
