"""Why a date moved."""

import json
from typing import Annotated

import typer

from trends.cli.shared import Json


def why(
    threshold: Annotated[
        str | None,
        typer.Argument(help="Id of a threshold; without one, all headlines."),
    ] = None,
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
            help="as_of or run id of the earlier vintage, published or in the ledger; "
            "default: the one before.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="VINTAGE", help="The later one; default: the latest."
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS",
            help="Compare with what the figures of 7, 30 or 90 days before say.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List every headline that moved.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what moved a date and its never, part by part; without a threshold, all moves."""
    from trends.cli.screens.console import plain_console, print_paragraph
    from trends.pipeline.why import Explanation, ask
    from trends.workspace import Workspace

    found = ask(
        Workspace.find(),
        threshold,
        bar_id=bar,
        trend=trend,
        before=before,
        after=after,
        days=days,
    )
    if as_json:
        print(json.dumps(found.as_json(), indent=1, default=str))
        return
    if isinstance(found, Explanation):
        lines = found.lines()
    else:
        lines = found.lines(everything=everything)
    console = plain_console()
    for line in lines:
        indent = len(line) - len(line.lstrip())
        print_paragraph(console, line, hang=indent + 2)
