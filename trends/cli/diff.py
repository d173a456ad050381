"""What an edit of the registry does to the dates, before it is merged."""

from typing import Annotated, Literal

import typer

from trends.cli.shared import say, today

EXIT_MOVED = 10


def diff(
    *,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Branch, tag or commit to compare with; default: where this work "
            "parted from the main branch, else the last release or published run.",
        ),
    ] = None,
    output: Annotated[
        Literal["text", "markdown", "json"],
        typer.Option("--format", help="How to print what moves."),
    ] = "text",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 10 if anything moves.")
    ] = False,
) -> None:
    """Show which dates an edit of registry or figures moves, worst first."""
    from trends.previews import Shelf
    from trends.previews import diff as find
    from trends.previews.words import as_json, as_markdown, as_text
    from trends.workspace import Workspace

    preview = find(Shelf(Workspace.find(), today(), say), ref=base)
    formats = {"text": as_text, "markdown": as_markdown, "json": as_json}
    print(formats[output](preview))
    if exit_code and preview.anything_moved:
        raise typer.Exit(EXIT_MOVED)
