"""Rows that were rejected, and why."""

from trends.cli.shared import say, today


def quarantine() -> None:
    """Show the rows that the latest published run rejected, and why."""
    from trends.cli.screens import headlines as tables
    from trends.workspace import Workspace

    run = tables.latest_run(Workspace.find(), today=today(), say=say)
    for line in tables.quarantine_lines(run):
        print(line)
