"""What is published, taken back."""

from typing import Annotated

import typer

from trends.cli.shared import now


def unpublish(
    run: Annotated[
        str, typer.Argument(help="Run id, or an as_of: the run that it shows.")
    ],
    *,
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="What was wrong with it; kept.")
    ],
) -> None:
    """Take a published run back; nothing is deleted, and the reason is kept."""
    from trends import outputs
    from trends.cli.screens.withdrawals import aftermath_lines
    from trends.workspace import Workspace

    workspace = Workspace.find()
    withdrawal = outputs.unpublish(
        workspace.results, run, why=why, withdrawn_at=now(), store=workspace.store
    )
    for line in aftermath_lines(workspace, withdrawal):
        print(line)
