"""The plugin as Airflow takes it. Every Airflow process loads this file: keep it light.

What a request or an event needs is imported where it is answered.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import quote

from airflow.plugins_manager import AirflowPlugin

from trends.airflow_plugin import listeners

PREFIX: Final = "benchmark-trends"
"""Where the web server has our pages, below its own address."""

# as ASGI has them
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request; the first one waits for what the answers need."""
    from starlette.concurrency import run_in_threadpool

    app = await run_in_threadpool(_app)
    await app(scope, receive, send)


def _app() -> App:
    from trends.airflow_plugin.app import guarded

    return guarded


DRAWING: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
    'stroke="#d97706" stroke-width="2" stroke-linecap="round" '
    'stroke-linejoin="round"><path d="M3 4h18" stroke-dasharray="2 3"/>'
    '<path d="M3 20h5v-4h5v-5h4V7h4"/></svg>'
)
"""Records that rise to a bar."""

ICON: Final = f"data:image/svg+xml,{quote(DRAWING)}"
"""The drawing as an address that loads nothing, seen on light and dark."""


def _view(name: str, destination: str, address: str) -> dict[str, Any]:
    """A page of ours; Airflow fills in the ids, and its own address before it."""
    return {
        "name": name,
        "href": f"{PREFIX}/{address}",
        "destination": destination,
        "url_route": f"{PREFIX}-{destination.replace('_', '-')}",
        "icon": ICON,
    }


VIEWS: list[Any] = [
    _view("Benchmark trends", "nav", "") | {"url_route": PREFIX},
    _view("Latest report", "dag", "dags/{DAG_ID}"),
    _view("Report", "dag_run", "dags/{DAG_ID}/runs/{RUN_ID}"),
]
APPS: list[Any] = [
    {"app": pages, "url_prefix": f"/{PREFIX}", "name": "Benchmark trends"}
]
LISTENERS: list[Any] = [listeners]


class BenchmarkTrends(AirflowPlugin):
    """Pages, routes and listeners of this project."""

    name = "benchmark_trends"
    external_views = VIEWS
    fastapi_apps = APPS
    listeners = LISTENERS
