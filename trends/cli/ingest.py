"""Every source, read and checked."""

import json
from typing import Annotated

import typer

from trends.cli.shared import (
    Json,
    finish,
    now,
    say,
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
