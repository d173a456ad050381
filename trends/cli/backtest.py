"""Past forecasts, made again and compared."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from trends import defaults
from trends.cli.out import copy_out, require_out
from trends.cli.shared import (
    Draws,
    Seed,
    day,
    finish,
    say,
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
            help="Write the registry's weights, which forecasts read.",
        ),
    ] = False,
    coverage: Annotated[
        bool,
        typer.Option(
            "--write-coverage",
            help="Write into it only what intervals of the published width held.",
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also copy its files to this folder.")
    ] = None,
) -> None:
    """Replay the pipeline at past days, and compare it with every baseline."""
    from trends import pipeline
    from trends.cli.screens.scorecard import origin_progress, print_scorecard
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
    elif coverage:
        print(f"coverage: {pipeline.write_coverage(result, workspace)}")
    finish(ingested.stopped, refused=ingested.refused, withheld=ingested.withheld)
