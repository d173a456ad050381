"""The report of a run, made again."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    vintage: Annotated[
        str | None,
        typer.Argument(
            help="as_of or run id of a published run, or run id of a draft; default: "
            "the latest."
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write it here; default: below data/results/reports/."
        ),
    ] = None,
    charts: Annotated[
        bool,
        typer.Option(
            "--charts",
            help="Draw every chart of it too, as SVG, PNG and Vega-Lite in the folder "
            "FILE-charts beside it.",
        ),
    ] = False,
) -> None:
    """Make the report of a run again, as one HTML file, and print where it is.

    Each run carries the report that it was published with: this one is made by the
    code of today.
    """
    from trends.cli.out import require_file
    from trends.pipeline import report_again
    from trends.workspace import Workspace

    workspace = Workspace.find()
    if out is not None:
        require_file(out, workspace)
    print(report_again(workspace, vintage, out=out, charts=charts))
