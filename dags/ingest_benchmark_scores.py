"""Published scores of every source, checked row by row and joined.

### What this produces
The tables `observations` and `quarantine` in `data/work/`: one task a source, then
all sources together. With `refresh`, publishers are asked for their files first, and
what they send is kept in `data/snapshots/`; without it, no network is touched, and
the snapshots that are there are read again. Daily runs ask where Airflow's environment
says `TRENDS_REFRESH=1`.

When rows changed, or a look at a publisher showed that nothing newer is there, the
asset **observations** is updated; when the reviewed registry changed, the asset
**thresholds** is. Either starts `forecast_crossing_dates`. When nothing changed,
nothing is started.

### What a failure means
- **A publisher was not reached, the rest went on:** its log names the address and the
  answer. What is held of it stays in use; the next run asks again. After a 404, look
  where the file has moved and mend `data/registry/sources.yaml`.
- **The log says "not refreshed":** the publisher sent something that a person has to
  look at: another format, a fifth of the rows gone, a board that was rescored. What
  stood before stays in use. The log says what was found and what to write where.
- **A source failed, the join went on:** that source was stopped because its figures
  were missing, unreadable or too often wrong. Its log names file, line and reason.
  The other sources are used, and results are marked as partial until it is mended.
- **The join failed:** no source was left, or the registry is invalid; the log says
  which file and line. The results published before stay as they are.

Data errors are not retried: correct the figures or the registry by pull request. A
publisher that is busy was asked four times. Anything else is retried twice, each time
after a longer pause. The note of a run says what changed, or why it failed.

### Is a rerun safe?
Yes, at any time, also of a single source: files are named by their content, so the
same figures give the same files, and what a publisher sent is never overwritten.
"""

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    Asset,
    AssetAlias,
    Param,
    TriggerRule,
    dag,
    get_current_context,
    task,
)
from conventions import (
    LONGEST_RUN,
    OBSERVATIONS,
    TASK_DEFAULTS,
    THRESHOLDS,
    due_within,
    group,
    handed,
    leave,
    say,
)
from notices import tell_of_failure
from params import answers, day_of_run, known_sources, some_of
from pydantic import JsonValue

if TYPE_CHECKING:
    from trends.workspace import Workspace

CHANGED_TABLES = AssetAlias("changed_by_ingest_benchmark_scores")
"""Names an asset only in a run that changed it; plain outlets always fire."""


PARAMS = {
    "refresh": Param(
        os.environ.get("TRENDS_REFRESH") == "1",
        title="Ask publishers",
        description="Ask publishers for their files first. Otherwise no network is "
        "touched.",
        type="boolean",
    ),
    "sources": some_of(
        known_sources(),
        title="Publishers to ask",
        description="Where publishers are asked. Empty: all that have files.",
    ),
}


def named(source_ids: list[str], workspace: "Workspace") -> list[dict[str, str]]:
    """Sources, each with the name that its mapped task has in Airflow's pages."""
    from trends.pipeline import source_titles

    titles = source_titles(workspace)
    return [{"source_id": one, "title": titles[one]} for one in source_ids]


@task(task_display_name="List publishers to ask")
def list_publishers() -> list[dict[str, str]]:
    """Sources whose files are asked for: none, unless the run says so."""
    asked = answers()
    if not asked["refresh"]:
        return []
    from trends.pipeline import publishers
    from trends.workspace import Workspace

    workspace = Workspace.find()
    return named(publishers(workspace, asked["sources"] or ()), workspace)


@task(
    task_display_name="Ask publisher",
    map_index_template="{{ task.op_kwargs['title'] }}",
)
def ask_publisher(source_id: str, title: str) -> list[str]:
    """Keep what one publisher shows; the files of which new content came."""
    from trends import pipeline
    from trends.workspace import Workspace

    say([f"Asking {title} ({source_id})."])
    now = get_current_context()["ti"].start_date
    asked = pipeline.refresh(
        Workspace.find(),
        sources=[source_id],
        now=now,
        progress=lambda line: say([line]),
    )
    if asked.unreachable:
        raise pipeline.UnreachedError(
            "; ".join(f"{name}: {why}" for name, why in asked.unreachable.items())
        )
    return asked.changed


@dag(
    dag_display_name="Ingest benchmark scores",
    description="Published scores of every source, checked and joined.",
    schedule="@daily",
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=LONGEST_RUN,
    deadline=due_within(timedelta(hours=1)),
    on_failure_callback=tell_of_failure,
    params=PARAMS,
    default_args=TASK_DEFAULTS,
    tags=["benchmark-trends", "ingest"],
    doc_md=__doc__,
)
def ingest_benchmark_scores() -> None:
    """Mapped over sources; a source that is stopped does not stop the others."""

    @task(task_display_name="List sources")
    def list_sources() -> list[dict[str, str]]:
        """The active sources in the registry."""
        from trends.pipeline import source_ids
        from trends.workspace import Workspace

        workspace = Workspace.find()
        return named(source_ids(workspace), workspace)

    @task(
        task_display_name="Ingest source",
        map_index_template="{{ task.op_kwargs['title'] }}",
        trigger_rule=TriggerRule.ALL_DONE,  # what is held of a publisher is used
    )
    def ingest_source(source_id: str, title: str) -> str:
        """Read and check one source; the path of its accepted rows."""
        from trends import pipeline
        from trends.workspace import Workspace

        say([f"Reading {title} ({source_id})."])
        part = pipeline.ingest_source(source_id, workspace=Workspace.find())
        say(pipeline.source_lines(part))
        return handed(part)

    @task(
        task_display_name="Join sources",
        trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
        outlets=[CHANGED_TABLES],
    )
    def join_sources(sources: list[dict[str, str]]) -> dict[str, JsonValue]:
        """All sources that passed as one table; tells assets what changed."""
        from trends import pipeline
        from trends.pipeline import told
        from trends.workspace import Workspace

        context = get_current_context()
        workspace = Workspace.find()
        result = pipeline.join_sources(
            [source["source_id"] for source in sources], workspace=workspace
        )
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
        say(told.ingest_lines(result))
        line = told.ingest_line(result)
        in_part = result.stopped or result.refused
        leave(
            {"ingest_id": result.path.name},
            line,
            exit_code=pipeline.EXIT_PARTIAL if in_part else 0,
        )
        summary: dict[str, JsonValue] = {
            "as_of": day_of_run().isoformat(),
            "run_id": result.path.name,
            "rows": result.rows,
            "headline": line,
            "report": f"{result.path.relative_to(workspace.root)}/ingest.json",
            "quarantined": result.quarantined,
            "warnings": warnings,
            "stopped": dict(result.stopped),
            "refused": dict(result.refused),
            "changed": [asset.name for asset in changed],
        }
        for asset in changed:
            context["outlet_events"][CHANGED_TABLES].add(asset, extra=summary)
        return summary

    with group("publishers", "Publishers", "Their files, where a run asks for them"):
        to_ask: Any = list_publishers()
        asked = ask_publisher.expand_kwargs(to_ask)
    with group("sources", "Sources", "Figures read and checked, a task a source"):
        sources: Any = list_sources()
        read = ingest_source.expand_kwargs(sources)
    to_ask >> sources
    asked >> read >> join_sources(sources)


ingest_benchmark_scores()
