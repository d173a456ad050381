"""The registry and the figures, checked."""

from typing import Annotated, Literal

import typer

from trends.cli.shared import EXIT_DATA_REJECTED, EXIT_REGISTRY_INVALID, say


def check(
    *,
    output: Annotated[
        Literal["text", "json", "github"],
        typer.Option("--format", help="How to print problems."),
    ] = "text",
) -> None:
    """Check registry and figures: all that a run would reject, by file and line."""
    from trends.pipeline import check_figures
    from trends.registry import check as check_registry
    from trends.registry import format_problems
    from trends.workspace import Workspace

    workspace = Workspace.find()
    problems = check_registry(workspace.registry)
    is_valid = all(problem.level == "warning" for problem in problems)
    if is_valid and workspace.observations.is_dir():
        problems += check_figures(workspace)
    if problems:
        print(format_problems(problems, output))
    errors = [problem for problem in problems if problem.level == "error"]
    say(f"{len(errors)} errors, {len(problems) - len(errors)} warnings")
    if errors:
        raise typer.Exit(EXIT_DATA_REJECTED if is_valid else EXIT_REGISTRY_INVALID)
