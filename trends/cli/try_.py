"""One bar moved, without editing a file."""

from typing import Annotated

import typer

from trends.cli.shared import Json, say, today


def try_(
    threshold: Annotated[str, typer.Argument(metavar="THRESHOLD", help="Its id.")],
    *,
    bar: Annotated[
        str,
        typer.Option(
            metavar="VALUE",
            help="Where the headline bar would stand, in the unit that its file has "
            "(0.9, not 90%); ID=VALUE moves another bar.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Show what moving one bar would do to its dates and to scenarios."""
    from trends.previews import Shelf, what_if
    from trends.previews.words import as_json as to_json
    from trends.previews.words import what_if_text
    from trends.workspace import Workspace

    found = what_if(Shelf(Workspace.find(), today(), say), threshold, bar)
    print(to_json(found.preview) if as_json else what_if_text(found))
