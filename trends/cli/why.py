"""Why a median moved."""

import json
from typing import Annotated

import typer

from trends.cli.shared import Json


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
    from trends.pipeline.why import explain
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
