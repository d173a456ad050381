"""How good would past forecasts have been, beside standing still and plain lines?

### What this produces
A folder under `data/results/backtests/`: `backtest_forecasts`, one row for every
forecast that would have been made on the first of each past month, and
`backtest_scores`, their means and differences from every baseline, whatever they show.
The asset **forecast_scores** is updated.

Weights of the ensemble and the coverage of intervals stand in `weights.json` of that
folder. Forecasts do not read it: they read `data/registry/weights.yaml`, which
`trends backtest --write-weights` writes for review.

### What a failure means
Nothing that was published changes.
- **Replay** fails when nothing was ingested yet, when the registry is invalid, or when
  the first day asked for is not the first of a month.
- It takes a minute; a task that runs for ten is stuck on a machine without a free core.

Such refusals are not retried. Anything else is retried twice.

### Is a rerun safe?
Yes, at any time: the same figures, registry and code find the same folder, and a folder
is written whole or not at all.
"""

from datetime import date
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task
from conventions import (
    FORECAST_SCORES,
    TASK_DEFAULTS,
    leave,
)
from params import answers, draw_params
from pydantic import JsonValue

from trends import defaults

PARAMS = {
    "first_origin": Param(
        defaults.BACKTEST_FIRST_ORIGIN.isoformat(),
        title="First day of forecast",
        description="The first of a month; one forecast a month from there on.",
        type="string",
        format="date",
        pattern="-01$",
    ),
    **draw_params(draws=defaults.BACKTEST_DRAWS),
}


@dag(
    dag_display_name="Score past forecasts",
    description="The pipeline replayed at past days, beside every baseline.",
    schedule="@monthly",
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=TASK_DEFAULTS,
    tags=["benchmark-trends", "backtest"],
    doc_md=__doc__,
)
def score_past_forecasts() -> Any:
    """One task: an origin takes seconds."""

    @task(task_display_name="Replay", outlets=[FORECAST_SCORES])
    def replay() -> dict[str, JsonValue]:
        """Forecast at past origins and score; the path and what was scored."""
        asked = answers()
        context = get_current_context()
        from trends import pipeline
        from trends.words import backtest_verdict
        from trends.workspace import Workspace

        run = pipeline.backtest(
            pipeline.BacktestRequest(
                first_origin=date.fromisoformat(asked["first_origin"]),
                draws=asked["draws"],
                seed=asked["seed"],
            ),
            Workspace.find(),
            progress=lambda origin, _: print(f"Forecast as of {origin}."),
        )
        found: dict[str, JsonValue] = {
            "backtest_id": run.backtest_id,
            "path": str(run.path),
            "rows": run.forecasts.height,
        }
        verdict = backtest_verdict(run.scores)
        leave({"backtest_id": run.backtest_id}, verdict)
        context["outlet_events"][FORECAST_SCORES].extra = found
        return found

    return replay()


score_past_forecasts()
