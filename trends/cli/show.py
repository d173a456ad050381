"""The latest published dates, and scenarios of automated R&D."""

import json
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
    from trends.cli.screens import headlines as tables
    from trends.cli.screens.withdrawals import withdrawn_lines
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


def _show_scenario(scenario: str, *, as_json: bool) -> None:
    from trends.cli.screens import scenario as scenarios
    from trends.cli.screens.headlines import latest_run
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
