"""One bar moved, without editing a file."""

from typing import Annotated

import typer

from trends.cli.shared import AsOf, Json, say, today


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
    trend: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Curve family; default: the headline's."),
    ] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show what moving one bar would do to its dates and to scenarios."""
    from trends.previews import Shelf, what_if
    from trends.previews.tried import what_if_json, what_if_text
    from trends.workspace import Workspace

    shelf = Shelf(Workspace.find(), today(), say)
    found = what_if(shelf, threshold, bar, trend=trend, as_of=as_of)
    print(what_if_json(found) if as_json else what_if_text(found))
