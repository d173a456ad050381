"""The registry and the figures, checked."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from trends.cli.shared import EXIT_DATA_REJECTED, EXIT_REGISTRY_INVALID, say, today

if TYPE_CHECKING:
    from trends.registry.versions import State
    from trends.workspace import Workspace


def check(
    *,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Compare versions with where this work parted from a branch, tag or "
            "commit; default: the main branch, and the last release.",
        ),
    ] = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help="Where nothing is wrong, write the fingerprints of versions.",
        ),
    ] = False,
    output: Annotated[
        Literal["text", "json", "github"],
        typer.Option("--format", help="How to print problems."),
    ] = "text",
) -> None:
    """Check registry and figures: all that a run would reject, by file and line."""
    from trends.pipeline import check_figures
    from trends.registry import check as check_registry
    from trends.registry import format_problems
    from trends.registry.acceptances import ACCEPTABLE, HOW_TO_ACCEPT
    from trends.registry.load import check_days, check_versions, write_record
    from trends.registry.versions import UNRECORDED
    from trends.words.numbers import number_of
    from trends.workspace import Workspace

    workspace = Workspace.find()
    states = _earlier(workspace, base)
    problems = check_registry(workspace.registry)
    problems += check_days(workspace.registry, today=today())
    problems += check_versions(workspace.registry, states, today=today())
    is_valid = all(problem.level == "warning" for problem in problems)
    if is_valid and workspace.observations.is_dir():
        problems += check_figures(workspace)
    errors = [problem for problem in problems if problem.level == "error"]
    if record and not errors and write_record(workspace.registry):
        say("versions.yaml is written: it belongs to the change")
        problems = [problem for problem in problems if problem.code != UNRECORDED]
    if problems or output == "json":
        print(format_problems(sorted(problems), output))
    warnings = number_of(len(problems) - len(errors), "warning")
    say(f"{number_of(len(errors), 'error')}, {warnings}")
    if any(problem.code in ACCEPTABLE for problem in problems):
        say(HOW_TO_ACCEPT)
    if errors:
        raise typer.Exit(EXIT_DATA_REJECTED if is_valid else EXIT_REGISTRY_INVALID)


def _earlier(workspace: "Workspace", base: str | None) -> "list[State]":
    """What thresholds said where this work began, and at the last release."""
    from trends.git import Checkout, UnknownRefError
    from trends.registry.versions import at_base

    checkout = Checkout.find(workspace.root)
    if base is None:
        bases = [checkout.main(), checkout.last_release()] if checkout else []
        return [at_base(checkout, one) for one in bases if checkout and one]
    if checkout is None:
        raise typer.BadParameter(f"{workspace.root} is no git checkout")
    try:
        return [at_base(checkout, checkout.base(base))]
    except UnknownRefError as error:
        raise typer.BadParameter(str(error)) from None
