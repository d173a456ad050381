"""A published run for other tools: a hub after hubverse, or one file to cite."""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from trends.cli.shared import errors, say, today

app = typer.Typer(
    help="A published run for other tools: a hub after hubverse, or one citable file.",
    no_args_is_help=True,
)

Vintage = Annotated[
    str | None, typer.Option(help="as_of or run id; default: the latest run.")
]


@app.command("hubverse")
@errors()
def export_hubverse(
    *,
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    vintage: Vintage = None,
    repository: Annotated[
        str, typer.Option(metavar="OWNER/NAME", help="Repository of the hub.")
    ] = "org/benchmark-trends-hub",
) -> None:
    """Write a run as a hub: hub-config, model-output, model-metadata, target-data."""
    from trends.cli.out import require_new
    from trends.exports import hub_files
    from trends.pipeline import tables_of_run
    from trends.workspace import Workspace

    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise typer.BadParameter(
            f"{repository!r} is no OWNER/NAME", param_hint="'--repository'"
        )
    require_new(out, Workspace.find())
    tables = tables_of_run(_find(vintage))
    _write_new(out, hub_files(tables, repository=repository))
    print(out)


@app.command("zip")
@errors()
def export_zip(
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; default: here, named by vintage and run."),
    ] = None,
    vintage: Vintage = None,
) -> None:
    """Write a run as one file with its licence and CITATION.cff; same run, same bytes."""
    from trends.cli.out import require_file
    from trends.exports import bundle_run
    from trends.outputs.disk import replace_file
    from trends.workspace import Workspace

    workspace = Workspace.find()
    if out is not None:
        require_file(out, workspace)
    name, content = bundle_run(_find(vintage), root=workspace.root)
    path = out or Path(f"{name}.zip")
    replace_file(path, content)
    print(path)


def _find(vintage: str | None) -> Path:
    """Folder of the published run that is meant."""
    from trends.cli.screens.headlines import latest_run
    from trends.outputs import find_published
    from trends.workspace import Workspace

    workspace = Workspace.find()
    if vintage is None:
        return latest_run(workspace, today=today(), say=say)
    return find_published(workspace.results, vintage).path


def _write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make the folder with all files, or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as made:
        staged = Path(made) / folder.name
        for name, content in files.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).write_bytes(content)
        staged.rename(folder)
