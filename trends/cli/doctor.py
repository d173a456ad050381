"""The installation, checked."""

import typer

from trends.cli.shared import EXIT_MACHINE, now, today


def doctor() -> None:
    """Check that this installation can run, and say what to do where it cannot."""
    from trends.pipeline.doctor import examine
    from trends.workspace import Workspace

    findings = examine(Workspace.find(), now=now(), today=today())
    for finding in findings:
        print(f"{'ok ' if finding.ok else 'BAD'}  {finding.what}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(EXIT_MACHINE)
