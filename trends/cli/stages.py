"""The stages of a run and of a backtest."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from trends import defaults
from trends.cli.out import copy_out, require_out
from trends.cli.shared import (
    AsOf,
    Draws,
    Json,
    Seed,
    day,
    finish,
    now,
    say,
    today,
)


def run(
    *,
    as_of: AsOf = None,
    draws: Draws = defaults.DRAWS,
    seed: Seed = defaults.SEED,
    draft: Annotated[
        bool, typer.Option("--draft", help="Write a draft; publish nothing.")
    ] = False,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Only this threshold, also one that is a draft; may be repeated, and "
            "goes with --draft.",
        ),
    ] = None,
    with_backtest: Annotated[
        bool,
        typer.Option(
            "--with-backtest",
            help="Carry the backtest that `trends backtest` made of the same figures.",
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also copy the run's files to this folder.")
    ] = None,
) -> None:
    """Ingest every source, forecast every threshold, publish, and show the table."""
    from trends import pipeline
    from trends import show as tables
    from trends.workspace import Workspace

    workspace = Workspace.find()
    as_of = as_of or today()
    if out is not None:
        require_out(out, workspace)
    pipeline.refuse_the_future(as_of, today=today())
    ingested = pipeline.ingest(workspace, progress=say)
    request = pipeline.ForecastRequest(
        as_of=as_of,
        publish=not draft,
        thresholds=tuple(threshold or ()) or None,
        draws=draws,
        seed=seed,
        with_backtest=with_backtest,
    )
    published = pipeline.forecast(request, workspace, published_at=now(), progress=say)
    if out is not None:
        copy_out(published.path, out)
    tables.print_table(tables.table_rows(published.path, by=None, headlines_only=True))
    tables.print_influence(published.path)
    tables.print_alarms(published.path)
    tables.print_backtest(published.path)
    print(f"\nfiles: {out or published.path}")
    read_more = (out or published.path) / "quality.json"
    say(pipeline.warning_line(published.warnings, read_more=read_more))
    finish(
        ingested.stopped,
        refused=ingested.refused,
        left_out=published.left_out,
        withheld=ingested.withheld,
        waiting=published.waiting,
        unseen=published.unseen,
    )


def ingest(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            help="With --live, ask only these publishers; default: all that have files "
            "to ask for.",
        ),
    ] = None,
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Ask publishers for their files first.")
    ] = False,
    copies: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PLACE",
            help="With --live, read copies in this folder or at this address (also "
            "s3://), <source>/<file>, in place of the publishers' files; default: "
            "TRENDS_COPIES.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read and validate every source: shipped figures, and what publishers showed."""
    from trends import pipeline
    from trends.workspace import Workspace

    if not live and (sources or copies):
        raise typer.BadParameter("sources and --from go with --live")
    workspace = Workspace.find()
    asked = pipeline.Refresh()
    if live:
        asked = pipeline.refresh(
            workspace, sources=sources or (), now=now(), copies=copies, progress=say
        )
    result = pipeline.ingest(workspace, progress=say)
    if as_json:
        shown = ("rows", "quarantined", "warnings", "stopped", "refused")
        found = {name: getattr(result, name) for name in shown}
        print(json.dumps(found | {"unreachable": asked.unreachable}))
    else:
        print(f"{result.rows} observations, {result.quarantined} rows quarantined")
    read_more = result.path / "ingest.json"
    say(pipeline.warning_line(result.warnings, read_more=read_more))
    finish(
        result.stopped,
        refused={**result.refused, **asked.unreachable},
        withheld=result.withheld,
        in_vain=asked.is_in_vain,
    )


def backtest(
    *,
    first_origin: Annotated[
        date | None,
        typer.Option(
            "--from",
            parser=day,
            metavar="DATE",
            help="First day from which to forecast, the first of a month; default: "
            f"{defaults.BACKTEST_FIRST_ORIGIN}.",
        ),
    ] = None,
    draws: Draws = defaults.BACKTEST_DRAWS,
    seed: Seed = defaults.SEED,
    weights: Annotated[
        bool,
        typer.Option(
            "--write-weights",
            help="Write data/registry/weights.yaml, which forecasts read.",
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also copy its files to this folder.")
    ] = None,
) -> None:
    """Replay the pipeline at past days, and compare it with every baseline."""
    from trends import pipeline
    from trends.scorecard import origin_progress, print_scorecard
    from trends.workspace import Workspace

    workspace = Workspace.find()
    if out is not None:
        require_out(out, workspace)
    ingested = pipeline.ingest(workspace, progress=say)
    first = first_origin or defaults.BACKTEST_FIRST_ORIGIN
    request = pipeline.BacktestRequest(first, draws, seed)
    with origin_progress() as progress:
        result = pipeline.backtest(request, workspace, progress=progress)
    if out is not None:
        copy_out(result.path, out)
    print_scorecard(result.scores, result.weights)
    print(f"\nfiles: {out or result.path}")
    if weights:
        print(f"weights: {pipeline.write_weights(result, workspace)}")
    finish(ingested.stopped, refused=ingested.refused, withheld=ingested.withheld)
