"""Model names of a file that the registry does not know yet."""

import json
from pathlib import Path
from typing import Annotated

import typer

from trends.cli.shared import Json, say, today


def names(
    file: Annotated[Path, typer.Argument(help="A file of scores.", metavar="FILE")],
    *,
    column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The column that has the models' names."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="The publisher in sources.yaml whose file it is."
        ),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Add the entries to the registry, for review."),
    ] = False,
    as_json: Json = False,
) -> None:
    """List the unknown model names of a file, and the entries that each needs."""
    from trends.names.report import as_json as to_json
    from trends.names.report import report_lines
    from trends.pipeline import EXIT_PARTIAL
    from trends.pipeline.names import find_names, write_entries
    from trends.workspace import Workspace

    workspace = Workspace.find()
    found = find_names(file, workspace, column=column, source_id=source, today=today())
    if as_json:
        print(json.dumps(to_json(found, file.name), indent=1))
    else:
        print("\n".join(report_lines(found, file.name)))
    if write:
        written = write_entries(found, workspace)
        say(
            f"written: {written.aliases} entries to model_aliases.yaml, "
            f"{written.models} to models.yaml; look at each (git diff)"
        )
    if found.decisions:
        say(f"{len(found.decisions)} names wait for a decision")
        raise typer.Exit(EXIT_PARTIAL)
