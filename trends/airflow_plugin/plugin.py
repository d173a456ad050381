"""The plugin as Airflow takes it. Every Airflow process loads this file: keep it light.

What a request or an event needs is imported where it is answered.
"""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from trends.airflow_plugin import listeners

PAGES: list[Any] = []
APPS: list[Any] = []
LISTENERS: list[Any] = [listeners]


class BenchmarkTrends(AirflowPlugin):
    """Pages, routes and listeners of this project."""

    name = "benchmark_trends"
    external_views = PAGES
    fastapi_apps = APPS
    listeners = LISTENERS
