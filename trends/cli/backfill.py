"""Past vintages, filled in."""

from datetime import date
from typing import Annotated

import typer

from trends import defaults
from trends.cli.shared import Draws, Seed, day, finish, now, say, today


def backfill(
    first: Annotated[
        date,
        typer.Argument(
            parser=day, metavar="FROM", help="The oldest vintage, YYYY-MM-DD."
        ),
    ],
    last: Annotated[
        date,
        typer.Argument(
            parser=day, metavar="TO", help="No vintage is after it, YYYY-MM-DD."
        ),
    ],
    *,
    step: Annotated[
        str, typer.Option(metavar="STEP", help="week, month, quarter or year.")
    ] = "month",
    draws: Draws = defaults.DRAWS,
    seed: Seed = defaults.SEED,
    draft: Annotated[
        bool, typer.Option("--draft", help="Write drafts; publish nothing.")
    ] = False,
) -> None:
    """Forecast past vintages from today's figures, oldest first.

    What is there already is left as it is, so that a backfill that was stopped goes on
    when it is started again.
    """
    from trends import pipeline
    from trends.pipeline.backfill import Step, vintages
    from trends.pipeline.backfill import backfill as fill
    from trends.workspace import Workspace

    if step not in list(Step):
        raise typer.BadParameter(
            f"{step!r} is no step; choose {', '.join(Step)}", param_hint="'--step'"
        )
    pipeline.refuse_the_future(last, today=today())
    days = vintages(first, last, Step(step))
    workspace = Workspace.find()
    ingested = pipeline.ingest(workspace, progress=say)
    request = pipeline.ForecastRequest(
        as_of=last, publish=not draft, draws=draws, seed=seed
    )
    left_out: dict[str, str] = {}
    found = {"new": 0, "there already": 0, "not possible": 0}
    vintages_done = fill(request, days, workspace=workspace, published_at=now())
    for number, one in enumerate(vintages_done, start=1):
        state = (
            "new" if one.is_new else "there already" if one.run_id else "not possible"
        )
        found[state] += 1
        print(f"{one.as_of}  {one.run_id or '-':12}  {state}", flush=True)
        say(f"{number} of {len(days)} done")
        if one.why_not is not None:
            left_out[str(one.as_of)] = one.why_not
        elif one.run is not None:
            left_out |= {
                f"{k} as of {one.as_of}": v for k, v in one.run.left_out.items()
            }
    say("; ".join(f"{n} {state}" for state, n in found.items()))
    if found["not possible"] == len(days):
        raise pipeline.NothingFittedError(next(iter(left_out.values())))
    finish(
        ingested.stopped,
        refused=ingested.refused,
        left_out=left_out,
        withheld=ingested.withheld,
    )
