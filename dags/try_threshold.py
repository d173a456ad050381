"""What another bar would do to its dates and to scenarios, before anybody edits a file.

### What this produces
A preview in a folder of its own under `data/results/previews/`: the bar before and
after (when, if ever, and never, interval, probabilities by year ends), its ladder then, and which bars
and scenarios move. The run's tab shows `preview.html`.

Nothing is published, no asset is updated and no file of the registry is changed. Started
by hand only. It takes the draws of the latest published run, so that nothing is fitted
again and a run takes seconds. Where no published run is of these figures, this code and
this **As of**, fits are made once and kept in `data/work/`, which takes a minute more;
the log and the preview say so.

### What a failure means
Nothing was written. The log says in a sentence what to ask otherwise.
- **Nothing is published yet:** trigger `forecast_crossing_dates` with Publish first.
- **A bar that cannot stand there:** give a value in the unit of the benchmark's file
  (0.9, not 90%), within its floor and ceiling.
- **A threshold that is retired, or lacks the trend:** choose another.

Such refusals are not retried. Anything else is retried twice.

### Is a rerun safe?
Yes, at any time: the same question on the same figures finds the same folder. Folders
of previews may be deleted.
"""

from datetime import UTC, date, timedelta
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task
from conventions import TASK_DEFAULTS, leave, say
from params import (
    TRENDS,
    answers,
    as_of_param,
    known_thresholds,
    one_of,
    one_or_none_of,
)
from pydantic import JsonValue

PARAMS = {
    "threshold": one_of(
        known_thresholds(),
        title="Threshold",
        description="Whose bar is moved.",
    ),
    "bar": Param(
        title="Bar",
        description="Where the headline bar would stand, in the unit of its file: 0.9 "
        "for 90%. ID=VALUE moves another bar.",
        type=["string", "number"],
        examples=["0.9"],  # with them the form has one line for it
        minLength=1,
        maxLength=100,
    ),
    "as_of": as_of_param(empty="the day of the latest published run"),
    "trend": one_or_none_of(
        TRENDS,
        none="that of the headline",
        title="Trend",
        description="The curve family that is shown before and after.",
    ),
}


@dag(
    dag_display_name="Try a threshold",
    description="Another bar, before and after; publishes nothing.",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=15),
    params=PARAMS,
    default_args=TASK_DEFAULTS,
    tags=["benchmark-trends", "preview"],
    doc_md=__doc__,
)
def try_threshold() -> Any:
    """One task: a preview takes seconds."""

    @task(task_display_name="Try the bar")
    def try_bar() -> dict[str, JsonValue]:
        """Move the bar and keep the preview; its id, and what is said of the bar."""
        asked = answers()
        today = get_current_context()["ti"].start_date.astimezone(UTC).date()
        from trends.outputs import pull
        from trends.pipeline import published_run
        from trends.previews import Shelf, what_if
        from trends.previews.page import write_preview
        from trends.previews.tried import what_if_line, what_if_lines, what_if_title
        from trends.words import when_words
        from trends.workspace import Workspace

        workspace = Workspace.find()
        pull(workspace.results, workspace.store)
        published_run(workspace)  # refuses where there is none
        day = asked["as_of"]
        tried = what_if(
            Shelf(workspace, today, print),
            asked["threshold"],
            str(asked["bar"]),
            trend=asked["trend"],
            as_of=None if day is None else date.fromisoformat(day),
        )
        say(what_if_lines(tried))
        preview = write_preview(tried, workspace)
        print(f"Wrote {workspace.results / 'previews' / preview}")
        leave({"preview": preview}, f"{what_if_title(tried)}. {what_if_line(tried)}")
        return {
            "preview": preview,
            "before": when_words(tried.before.row),
            "after": when_words(tried.after.row),
        }

    return try_bar()


try_threshold()
