"""The holdout of the best peer on the same work."""

import json
from pathlib import Path
from typing import Annotated

import typer

from trends.cli.shared import Json, finish, say


def contest(
    *,
    panel: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV, a row a score: benchmark, model, score (a share of 1) and "
            "release date; default: the project's own benchmarks.",
        ),
    ] = None,
    peers: Annotated[
        bool,
        typer.Option(
            help="Play the peer's models too: minutes the first time, then kept."
        ),
    ] = True,
    write: Annotated[
        bool,
        typer.Option(
            "--write-results",
            help="Write what came of it into the registry, which runs publish.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Hold our forecasters against the best peer's, on what was known at past cuts."""
    from trends import pipeline
    from trends.cli.screens.contest import print_contest
    from trends.pipeline.contest import contest as play
    from trends.pipeline.contest import write_results
    from trends.workspace import Workspace

    workspace = Workspace.find()
    if panel is None:
        ingested = pipeline.ingest(workspace, progress=say)
    found = play(
        workspace,
        panel=panel,
        with_peers=peers,
        progress=lambda cut, name: say(f"{cut}: {name}"),
    )
    if as_json:
        print(json.dumps(found.as_json(), indent=1))
    else:
        print_contest(found)
    if write:
        say(f"results: {write_results(found, workspace)}")
    for line in found.rejected:
        say(f"left out: {line}")
    if panel is None:
        finish(ingested.stopped, refused=ingested.refused, withheld=ingested.withheld)
    elif found.rejected:
        from trends.pipeline import EXIT_PARTIAL

        raise typer.Exit(EXIT_PARTIAL)
