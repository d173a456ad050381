"""Published scores of every source, checked row by row and joined.

### What this produces
The tables `observations` and `quarantine` in `data/work/`: one task a source, then
all sources together.

When rows changed, the asset **observations** is updated; when the reviewed registry
changed, the asset **thresholds** is. Either starts `forecast_crossing_dates`. When
nothing changed, nothing is started.

### What a failure means
- **A source failed, the join went on:** that source was stopped because its figures
  were missing, unreadable or too often wrong. Its log names file, line and reason.
  The other sources are used, and results are marked as partial until it is mended.
- **The join failed:** no source was left, or the registry is invalid; the log says
  which file and line. The results published before stay as they are.

Data errors are not retried: correct the figures or the registry by pull request.
Anything else is retried twice.

### Is a rerun safe?
Yes, at any time, also of a single source: files are named by their content, so the
same figures give the same files.
"""

from typing import Any

from airflow.sdk import Asset, AssetAlias, TriggerRule, dag, get_current_context, task
from conventions import (
    OBSERVATIONS,
    TASK_DEFAULTS,
    THRESHOLDS,
    day_of_run,
    reject_unknown_conf,
)
from pydantic import JsonValue

CHANGED_TABLES = AssetAlias("changed_by_ingest_benchmark_scores")
"""Names an asset only in a run that changed it; plain outlets always fire."""


@dag(
    dag_display_name="Ingest benchmark scores",
    description="Published scores of every source, checked and joined.",
    schedule="@daily",
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=["benchmark-trends", "ingest"],
    doc_md=__doc__,
)
def ingest_benchmark_scores() -> None:
    """Mapped over sources; a source that is stopped does not stop the others."""

    @task(task_display_name="List sources")
    def list_sources() -> list[str]:
        """Ids of the active sources in the registry."""
        reject_unknown_conf()
        from trends.pipeline import source_ids
        from trends.workspace import Workspace

        return source_ids(Workspace.find())

    @task(
        task_display_name="Ingest source",
        map_index_template="{{ task.op_kwargs['source_id'] }}",
    )
    def ingest_source(source_id: str) -> str:
        """Fetch, read and check one source; the path of its accepted rows."""
        from trends import pipeline
        from trends.workspace import Workspace

        return str(pipeline.ingest_source(source_id, workspace=Workspace.find()))

    @task(
        task_display_name="Join sources",
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
        outlets=[CHANGED_TABLES],
    )
    def join_sources(source_ids: list[str]) -> dict[str, JsonValue]:
        """All sources that passed as one table; tells assets what changed."""
        from trends import pipeline
        from trends.workspace import Workspace

        context = get_current_context()
        result = pipeline.join_sources(source_ids, workspace=Workspace.find())
        # the try before this one may have been lost after it changed something
        again = context["ti"].try_number > 1
        changed: list[Asset] = []
        if result.observations_changed or again:
            changed.append(OBSERVATIONS)
        if result.registry_changed or again:
            changed.append(THRESHOLDS)
        warnings = pipeline.warning_line(
            result.warnings, read_more=result.path / "ingest.json"
        )
        print(warnings)
        summary: dict[str, JsonValue] = {
            "as_of": day_of_run().isoformat(),
            "run_id": result.path.name,
            "rows": result.rows,
            "quarantined": result.quarantined,
            "warnings": warnings,
            "stopped": dict(result.stopped),
            "changed": [asset.name for asset in changed],
        }
        for asset in changed:
            context["outlet_events"][CHANGED_TABLES].add(asset, extra=summary)
        return summary

    ids: Any = list_sources()
    ingest_source.expand(source_id=ids) >> join_sources(ids)


ingest_benchmark_scores()
