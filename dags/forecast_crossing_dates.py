"""When each benchmark crosses each bar, how sure that is, and what changed.

### What this produces
A run folder under `data/results/`: one row for every threshold, bar and
trend. A published run is named by `data/results/latest.json` and updates the asset
**crossing_summary**, unless it is the one that was published before; a draft lies in
`data/results/drafts/` and changes nothing else. The log of **Publish** ends with the
table of headlines.

It runs whenever `observations` or `thresholds` changed, and then publishes. Started
by hand it makes a draft unless **Publish** is chosen.

### What a failure means
The folder published before stays as it is; a run is published whole or not at all.
- **Plan** fails on a parameter or a threshold that does not exist, and on an **As of**
  after today.
- **Select records**, **Fit trends**, **Cross bars**, **Find crossing dates** fail when
  nothing at all can be fitted; a single series that cannot be fitted is published with
  its reason.
- **Publish** fails when a table breaks its checks as a whole. A series whose rows break
  one is left out, and the log names check, file and line.
- **Ask about large moves** waits for a person where a headline moves over half a year,
  changes status, or its source lost over a fifth of its rows: its page shows the table.
  Rejected, nothing is published, and the run's note says so; after six days without an
  answer the run fails. One run of this DAG goes at a time, so that each is compared with
  what readers have: others, drafts too, stay queued meanwhile. Their tab **Report** says
  behind which run; approve or reject that one, or mark it as failed, and they begin.
- **Fit trends** and **Cross bars**, a task for each 64 series, wait where the pool
  `fits` has no free slot. The pool has as many slots as the scheduler has cores; on a
  cluster give it as many as all workers have. Airflow makes it as it starts, and again
  with the next run if somebody deleted it.

Such refusals are not retried. Anything else is retried twice, each time after a longer
pause. The note of a run that failed says why, that of one that succeeded what came out.
A run that is not done within an hour is shown as late; one that is not done after seven
days is ended as failed.

### Is a rerun safe?
Yes, at any time, also of a single task: the same inputs, day and seed find the same
folder and give the same bytes.
"""

from datetime import UTC, date, timedelta
from typing import Any

from airflow.sdk import (
    AssetAlias,
    Context,
    Param,
    TriggerRule,
    dag,
    get_current_context,
    task,
)
from approval import AskAboutMoves, approval
from conventions import (
    CROSSING_SUMMARY,
    LONGEST_RUN,
    OBSERVATIONS,
    TASK_DEFAULTS,
    THRESHOLDS,
    due_within,
    group,
    handed,
    here,
    leave,
    pool_of_fits,
    say,
    saying,
    was_told,
)
from notices import deliver, tell_of_failure
from params import (
    ADVANCED,
    TRENDS,
    answers,
    as_of_param,
    day_of_run,
    draw_params,
    known_thresholds,
    some_of,
)
from pydantic import JsonValue

from trends import defaults

PUBLISHED_TABLES = AssetAlias("published_by_forecast_crossing_dates")
"""Names an asset only in a run that publishes; a draft must not look like news."""

PARAMS = {
    "as_of": as_of_param(empty="today"),
    "publish": Param(
        "Draft",
        title="Draft or publish",
        description="A draft is for reading; Publish makes it the current result.",
        type="string",
        enum=["Draft", "Publish"],
    ),
    "thresholds": some_of(
        known_thresholds(),
        title="Thresholds",
        description="Drafts only. Empty: every active one.",
    ),
    "trends": some_of(
        TRENDS,
        title="Trends",
        description="Drafts only. Empty: the families that each threshold names.",
    ),
    **draw_params(draws=defaults.DRAWS),
    "ask": Param(
        True,
        title="Ask a person about large moves",
        description="Before a run is published in which a headline moves over half a "
        "year or in which never becomes a quarter likelier or less likely, which changes status, or lost over a fifth of its source's rows.",
        type="boolean",
        section=ADVANCED,
    ),
    "with_backtest": Param(
        False,
        title="Carry the backtest",
        description="Publish the tables of the backtest of the same figures with it.",
        type="boolean",
        section=ADVANCED,
    ),
    "reason": Param(
        None,
        title="Reason",
        description="Why this run was made; kept in its manifest.",
        type=["null", "string"],
        maxLength=500,
        section=ADVANCED,
    ),
}


NOTICE = "notice"
"""Key of the XCom with the message about a publication, where there is one."""

HEADLINE = (
    "threshold_id",
    "threshold_label",
    "short_title",
    "short_label",
    "trend",
    "change_days",
    "change_p_never",
    "quarantined_rows",
    "run_id",
    "below",
)
"""What a run returns of each threshold; the run folder has the rest."""

ALARM = ("benchmark_id", "e_process", "label")
"""What its news says of each benchmark whose forecasts new figures broke."""


def publishes(context: Context) -> bool:
    """Whether the run publishes: nobody was there to ask when changed inputs did."""
    if context["dag_run"].run_type == "asset_triggered":
        return True
    return bool(context["params"]["publish"] == "Publish")


@task(task_display_name="Plan")
def plan_forecast() -> str:
    """Check the parameters and freeze the inputs; the path of plan.json."""
    asked = answers()
    context = get_current_context()
    from trends import pipeline
    from trends.pipeline import told
    from trends.workspace import Workspace

    request = pipeline.ForecastRequest(
        as_of=date.fromisoformat(asked["as_of"] or day_of_run().isoformat()),
        publish=publishes(context),
        thresholds=asked["thresholds"] or None,
        trends=asked["trends"] or None,
        draws=asked["draws"],
        seed=asked["seed"],
        with_backtest=asked["with_backtest"],
        reason=asked["reason"] or None,
    )
    today = context["ti"].start_date.astimezone(UTC).date()
    folder = pipeline.plan_forecast(request, workspace=Workspace.find(), today=today)
    say(told.plan_lines(folder))
    return handed(folder)


@task(task_display_name="Select records")
def select_records(plan: str) -> list[dict[str, Any]]:
    """Find the scores that beat every earlier one; the shards left to fit."""
    from trends import pipeline
    from trends.pipeline import told

    folder = here(plan)
    say(told.records_lines(pipeline.select_records(folder)))
    return [
        {"shard": shard, "name": pipeline.shard_name(folder, shard)}
        for shard in pipeline.fit_shards(folder)
    ]


@task(
    task_display_name="Fit trends",
    map_index_template="{{ task.op_kwargs['name'] }}",
    pool=pool_of_fits(),
)
def fit_shard(plan: str, shard: int, name: str) -> str:
    """Fit the series of one shard; the path of its part."""
    from trends import pipeline
    from trends.pipeline import told

    say([f"Fitting {name}."])
    fits = pipeline.fit_shard(here(plan), shard)
    say(told.fits_lines(fits))
    return handed(fits)


@task(
    task_display_name="Cross bars",
    map_index_template="{{ task.op_kwargs['name'] }}",
    pool=pool_of_fits(),
)
def cross_shard(plan: str, shard: int, name: str) -> str:
    """Dates on which the fits of one shard reach the bars; the path of its part."""
    from trends import pipeline
    from trends.pipeline import told

    say([f"Crossing the bars of {name}."])
    dates = pipeline.cross_shard(here(plan), shard)
    say(told.crossed_lines(dates))
    return handed(dates)


@task(task_display_name="Find crossing dates")
def cross_bars(plan: str) -> str:
    """The dates of all shards as tables, and what moved them."""
    from trends import pipeline
    from trends.pipeline import told

    dates = pipeline.cross_bars(here(plan))
    say(told.dates_lines(dates))
    return handed(dates)


@task(task_display_name="Look for large moves")
def review(plan: str) -> str:
    """The table of large moves that a person is shown; empty where nobody is asked."""
    context = get_current_context()
    if not publishes(context):
        say(["A draft: nobody is asked."])
        return ""
    from trends import pipeline
    from trends.words import moves_sentence

    folder = here(plan)
    moves = pipeline.large_moves(folder)
    say([moves_sentence(moves) or "No headline moves far: nobody is asked."])
    if not moves:
        return ""
    if not answers()["ask"]:
        say(["The run was told to ask nobody."])
        return ""
    return pipeline.moves_table(folder, moves)


@task(
    task_display_name="Publish",
    trigger_rule=TriggerRule.NONE_FAILED,
    outlets=[PUBLISHED_TABLES],
)
def publish(plan: str, answer: dict[str, Any] | None) -> JsonValue:
    """Write the run folder, all of it or nothing; the headline rows."""
    from trends import pipeline
    from trends.cli.screens import headlines as tables
    from trends.pipeline import told
    from trends.pipeline.news import notice_of
    from trends.words import approved_sentence, change_words, when_words
    from trends.workspace import Workspace

    context = get_current_context()
    now = context["ti"].start_date
    approved = None if answer is None else approval(answer)
    run = pipeline.publish(
        here(plan),
        published_at=now,
        approval=approved,
        progress=lambda line: say([line]),
    )
    if approved is not None:
        say([approved_sentence(approved)])
    say(told.published_lines(run))
    leave(
        {
            "run_id": run.run_id,
            "as_of": run.as_of.isoformat(),
            "draft": not run.published,
        },
        told.run_line(run),
        exit_code=run.exit_code,
    )
    rows: list[dict[str, Any]] = run.headline
    headline: JsonValue = [
        {name: row[name] for name in HEADLINE} | {"when": when_words(row)}
        for row in rows
    ]
    alarms: list[dict[str, Any]] = run.tripwires
    tripwires: JsonValue = [{name: row[name] for name in ALARM} for row in alarms]
    as_of = run.as_of.isoformat()
    if run.published and not was_told(PUBLISHED_TABLES, as_of=as_of, run_id=run.run_id):
        # a try that was killed once it had published has told nobody: this one does
        notice = notice_of(
            run, results=Workspace.find().results, line=told.run_line(run)
        )
        if notice is not None:
            message = {"subject": notice.subject, "text": notice.text}
            context["ti"].xcom_push(key=NOTICE, value=message)
        context["outlet_events"][PUBLISHED_TABLES].add(
            CROSSING_SUMMARY,
            extra={
                "as_of": as_of,
                "run_id": run.run_id,
                "rows": len(rows),
                "line": told.run_line(run),
                "report": f"data/results/runs/{as_of}/{run.run_id}/report.html",
                "is_latest": run.unseen is None,
                "headline": headline,
                "changed": [r["threshold_id"] for r in rows if change_words(r)],
                "tripwires": tripwires,
                "stopped": dict(run.stopped),
                "left_out": dict(run.left_out),
                "waiting": list(run.waiting),
                "approved": None if approved is None else dict(approved),
            },
        )
    with saying():
        tables.print_overview(
            run.path,
            tables.overview_rows(run.path),
            today=now.astimezone(UTC).date(),
            answer=tables.answer_of(run.path),
        )
    return headline


@task(task_display_name="Tell people", trigger_rule=TriggerRule.ALL_SUCCESS)
def notify() -> None:
    """Send what is new, if anything is; a message that fails is a warning here."""
    notice = get_current_context()["ti"].xcom_pull("publish", key=NOTICE)
    if notice is None:
        say(["Nothing is new, or it is a draft: nobody is told."])
        return
    deliver(notice["subject"], notice["text"])


@dag(
    dag_display_name="Forecast crossing dates",
    description="When each benchmark crosses each bar, and how sure that is.",
    schedule=OBSERVATIONS | THRESHOLDS,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=LONGEST_RUN,
    deadline=due_within(timedelta(hours=1)),
    on_failure_callback=tell_of_failure,
    params=PARAMS,
    default_args=TASK_DEFAULTS,
    tags=["benchmark-trends", "forecast"],
    doc_md=__doc__,
)
def forecast_crossing_dates() -> Any:
    """Plan, records, fits and crossing dates in shards, one published folder."""
    with group("inputs", "Inputs", "What is forecast, and from which scores"):
        plan: Any = plan_forecast()
        shards: Any = select_records(plan)
    with group("dates", "Crossing dates", "Trends, and when they reach the bars"):
        fits = fit_shard.partial(plan=plan).expand_kwargs(shards)
        crossed = cross_shard.partial(plan=plan).expand_kwargs(shards)
        dates = cross_bars(plan)
        fits >> crossed >> dates
    with group("publication", "Publication", "Checks, and files for readers"):
        moves: Any = review(plan)
        approve = AskAboutMoves(
            task_id="approve",
            task_display_name="Ask about large moves",
            plan=plan,
            body=moves,
        )
        answer: Any = approve.output
        headline = publish(plan, answer)
        headline >> notify()
    dates >> moves
    return headline


forecast_crossing_dates()
