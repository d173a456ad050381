"""A whole forecast in one process."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from trends.pipeline.plan import ForecastRequest, Plan, plan_forecast
from trends.pipeline.publish import PublishedRun, publish
from trends.pipeline.shards import fit_shards, shard_name
from trends.pipeline.stages import (
    checked_tables,
    cross_bars,
    cross_shard,
    fit_shard,
    select_records,
)
from trends.workspace import Workspace


def forecast(
    request: ForecastRequest,
    workspace: Workspace,
    *,
    published_at: datetime,
    progress: Callable[[str], None] = lambda _: None,
    look: Callable[[Path], None] = lambda _: None,
) -> PublishedRun:
    """All stages in this process, on the latest ingest.

    Args:
        request: what to forecast.
        workspace: the checkout.
        published_at: now; as_of may not be after its UTC day.
        progress: told, line by line, what is done.
        look: given the working folder just before the run is written.
    """
    today = published_at.astimezone(UTC).date()
    folder = plan_forecast(request, workspace=workspace, today=today)
    if left := Plan(folder).without_trend:
        progress(f"thresholds: without the trends asked for: {', '.join(left)}")
    progress("frontier: selecting records")
    select_records(folder)
    for shard in fit_shards(folder):
        progress(f"fits: {shard_name(folder, shard)}")
        fit_shard(folder, shard)
    for shard in fit_shards(folder):
        progress(f"crossings: {shard_name(folder, shard)}")
        cross_shard(folder, shard)
    progress("crossings: joining tables, and what moved")
    cross_bars(folder)
    progress("checks: holding every table against its suite")
    checked_tables(folder)
    look(folder)
    return publish(folder, published_at=published_at, progress=progress)
