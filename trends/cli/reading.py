"""What was published, in tables and words."""

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from trends.cli.shared import Json, day, say, today


def show(
    *,
    by: Annotated[
        date | None,
        typer.Option(
            parser=day,
            metavar="DATE",
            help="Add the probability of a crossing by DATE.",
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="One scenario of automated R&D beside what others have said; "
            "'list' names them.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every bar and trend, not headlines only.")
    ] = False,
    as_json: Json = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As a Markdown table.")
    ] = False,
) -> None:
    """Show the latest published crossing dates, or one scenario."""
    from trends import show as tables
    from trends.show_withdrawn import withdrawn_lines
    from trends.workspace import Workspace

    if scenario is not None:
        if by is not None or everything or markdown:
            raise typer.BadParameter("--scenario goes with --json only")
        _show_scenario(scenario, as_json=as_json)
        return
    workspace = Workspace.find()
    run = tables.latest_run(workspace, today=today(), say=say)
    rows = tables.table_rows(run, by=by, headlines_only=not everything)
    if as_json:
        print(json.dumps(rows, indent=1, default=str))
    elif markdown:
        print(tables.as_markdown(rows))
    else:
        tables.print_table(rows)
        tables.print_influence(run)
        tables.print_alarms(run)
        tables.print_waiting(run)
        tables.print_backtest(run)
        for line in withdrawn_lines(workspace):
            print(f"\n{line}")
        print(f"\nfiles: {run}")


def why(
    threshold: Annotated[str, typer.Argument(help="Id of a threshold.")],
    *,
    bar: Annotated[
        str | None, typer.Option(help="Bar; default: the headline's.")
    ] = None,
    trend: Annotated[
        str | None, typer.Option(help="Curve family; default: the headline's.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="VINTAGE",
            help="as_of or run id of the earlier vintage; default: the one before.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="VINTAGE", help="The later one; default: the latest."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what moved a median between two published vintages, part by part."""
    from trends.why import explain
    from trends.workspace import Workspace

    found = explain(
        Workspace.find(),
        threshold,
        bar_id=bar,
        trend=trend,
        before=before,
        after=after,
    )
    if as_json:
        print(json.dumps(found.as_json(), indent=1, default=str))
    else:
        print("\n".join(found.lines()))


def score(*, as_json: Json = False) -> None:
    """Score the forecasts of record against the figures of the latest ingest."""
    from trends import pipeline
    from trends.ledger.table import summarise
    from trends.show_record import print_record
    from trends.workspace import Workspace

    record = summarise(pipeline.score(Workspace.find(), today=today()))
    if as_json:
        print(json.dumps(asdict(record), indent=1, default=str))
    else:
        print_record(record)


def quarantine() -> None:
    """Show the rows that the latest published run rejected, and why."""
    from trends import show as tables
    from trends.workspace import Workspace

    run = tables.latest_run(Workspace.find(), today=today(), say=say)
    for line in tables.quarantine_lines(run):
        print(line)


def _show_scenario(scenario: str, *, as_json: bool) -> None:
    from trends import show_scenario as scenarios
    from trends.show import latest_run
    from trends.workspace import Workspace

    run = latest_run(Workspace.find(), today=today(), say=say)
    if scenario == "list":
        rows = scenarios.scenario_list(run)
    else:
        tables = scenarios.scenario_tables(run, scenario)
    if as_json:
        shown = rows if scenario == "list" else tables
        print(json.dumps(shown, indent=1, default=str))
    elif scenario == "list":
        scenarios.print_list(rows, scenarios.statements_that_came_due(run))
    else:
        scenarios.print_scenario(tables)
