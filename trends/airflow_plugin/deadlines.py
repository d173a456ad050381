"""What is said when a run is late. Airflow calls it where its tasks run."""

import logging
from typing import Any

log = logging.getLogger(__name__)


def tell(context: dict[str, Any]) -> None:
    """Say in the log which run is late, since when, and where to look first.

    Airflow calls for a run that failed in time too; its note has said why by then.

    Args:
        context: Airflow's ``dag_run`` and ``deadline``, as they are in its API.
    """
    run, deadline = context["dag_run"], context["deadline"]
    if run["state"] not in ("queued", "running"):
        log.info(
            "%s: run %s has ended: %s.", run["dag_id"], run["dag_run_id"], run["state"]
        )
        return
    log.warning(
        "%s: run %s was to be done by %s and is still %s. Look at the task that runs or "
        "waits: a task that waits for a slot needs the pool it names and a free core, "
        "one that waits for a person needs an answer.",
        run["dag_id"],
        run["dag_run_id"],
        deadline["deadline_time"],
        run["state"],
    )
