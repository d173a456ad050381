"""How good would past forecasts have been, beside standing still and plain lines?

### What this produces
A folder under `data/results/backtests/`: `backtest_forecasts`, one row for every
forecast that would have been made on the first of each past month, and
`backtest_scores`, their means and differences from every baseline, whatever they show.
The asset **forecast_scores** is updated, unless they are those of the last run. **Resolve
the ledger** holds the forecasts of record against what came; its log has the table.

Weights of the ensemble and the coverage of intervals stand in `weights.json` of that
folder. Forecasts do not read it: they read `data/registry/weights.yaml`, which
`trends backtest --write-weights` writes for review.

### What a failure means
Nothing that was published changes.
- **Replay** fails when nothing was ingested yet, when the registry is invalid, or when
  the first day asked for is not the first of a month.
- **Resolve the ledger** fails when a forecast of record was changed: `trends ledger
  check` names the file.
- It takes one to four minutes, as busy as the machine is; a task that runs for ten is
  stuck on a machine without a free core.

Such refusals are not retried. Anything else is retried twice.

### Is a rerun safe?
Yes, at any time: the same figures, registry and code find the same folder, and a folder
is written whole or not at all.
"""

from datetime import UTC, date, timedelta
from typing import Any

from airflow.sdk import AssetAlias, Param, dag, get_current_context, task
from conventions import (
    FORECAST_SCORES,
    LONGEST_RUN,
    TASK_DEFAULTS,
    due_within,
    leave,
    say,
    saying,
    was_told,
)
from notices import tell_of_failure
from params import answers, day_of_run, draw_params
from pydantic import JsonValue

from trends import defaults

SCORED = AssetAlias("scored_by_score_past_forecasts")
"""Names an asset only in a run whose scores are others; plain outlets always fire."""

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
    dagrun_timeout=LONGEST_RUN,
    deadline=due_within(timedelta(hours=2)),
    on_failure_callback=tell_of_failure,
    params=PARAMS,
    default_args=TASK_DEFAULTS,
    tags=["benchmark-trends", "backtest"],
    doc_md=__doc__,
)
def score_past_forecasts() -> Any:
    """What came of forecasts of record, then of those that would have been made."""

    @task(task_display_name="Replay", outlets=[SCORED])
    def replay() -> dict[str, JsonValue]:
        """Forecast at past origins and score; the path and what was scored."""
        asked = answers()
        context = get_current_context()
        from trends import pipeline
        from trends.cli.screens.scorecard import print_scorecard
        from trends.words import backtest_verdict
        from trends.workspace import Workspace

        run = pipeline.backtest(
            pipeline.BacktestRequest(
                first_origin=date.fromisoformat(asked["first_origin"]),
                draws=asked["draws"],
                seed=asked["seed"],
            ),
            Workspace.find(),
            progress=lambda origin, _: say([f"Forecast as of {origin}."]),
        )
        verdict = backtest_verdict(run.scores)
        found: dict[str, JsonValue] = {
            "as_of": day_of_run().isoformat(),
            "run_id": run.backtest_id,
            "backtest_id": run.backtest_id,
            "path": str(run.path),
            "rows": run.forecasts.height,
            "headline": verdict,
        }
        leave({"backtest_id": run.backtest_id}, verdict)
        if was_told(SCORED, backtest_id=run.backtest_id):
            say(["The same as the last backtest, so no asset is updated."])
        else:
            context["outlet_events"][SCORED].add(FORECAST_SCORES, extra=found)
        with saying():
            print_scorecard(run.scores, run.weights)
        return found

    @task(task_display_name="Resolve the ledger")
    def resolve_ledger() -> None:
        """Hold the forecasts of record against the figures of the latest ingest."""
        from trends import pipeline
        from trends.cli.screens.record import print_record
        from trends.ledger.table import summarise
        from trends.workspace import Workspace

        today = get_current_context()["ti"].start_date.astimezone(UTC).date()
        record = summarise(pipeline.score(Workspace.find(), today=today))
        with saying():
            print_record(record)

    resolve_ledger()
    return replay()


score_past_forecasts()
