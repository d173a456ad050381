"""The published run that somebody means."""

from collections.abc import Callable

from trends.dag_names import FORECAST
from trends.outputs import LatestRun, find_published, read_latest
from trends.pipeline.errors import RequestError
from trends.workspace import Workspace


def published_run(
    workspace: Workspace,
    vintage: str | None = None,
    *,
    say: Callable[[str], None] = lambda _: None,
    instead: str = "",
) -> LatestRun:
    """A published run by its as_of or run id, by default the latest.

    Args:
        workspace: the checkout.
        vintage: as_of or run id.
        say: told where latest.json does not count.
        instead: what else could be asked for where nothing is published.

    Raises:
        RequestError: nothing is published yet.
        OutputError: no such run is published, or it was changed since.
    """
    if vintage is not None:
        return find_published(workspace.results, vintage)
    latest = read_latest(workspace.results, say=say)
    if latest is None:
        raise RequestError(
            "nothing is published yet: `make run` or `trends run` publishes a run, and in "
            f"Airflow {FORECAST} with Publish"
            f"{instead}"
        )
    return latest
