"""``--out``: a run's files, or what is made of them, where somebody wants them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from trends.workspace import Workspace


def require_out(out: Path, workspace: Workspace) -> None:
    """Refuse a folder that cannot be written or is the project's, before any work.

    Raises:
        typer.BadParameter: what is wrong with it.
    """
    with _writable(out, workspace) as place:
        _try_to_write(place)
        if (place / "README.md").exists() and not (place / "manifest.json").exists():
            raise _refusal(f"{place} holds other files, README.md among them")


def require_new(out: Path, workspace: Workspace) -> None:
    """Refuse a folder that is there, cannot be made or is the project's.

    Raises:
        typer.BadParameter: what is wrong with it.
    """
    with _writable(out, workspace) as place:
        if place.exists():
            raise _refusal(f"{out} is there already: name a new folder")
        _try_to_write(place)


def require_file(out: Path, workspace: Workspace) -> None:
    """Refuse a file that is a folder or a device, cannot be written or is the project's.

    Raises:
        typer.BadParameter: what is wrong with it.
    """
    with _writable(out, workspace) as place:
        if place.is_dir():
            raise _refusal(f"{out} is a folder: name a file in it")
        if place.exists() and not place.is_file():
            # the new file would be renamed over it: /dev/null was gone for all
            raise _refusal(f"{out} is no file, and one would take its place")
        _try_to_write(place.parent)


def copy_out(run: Path, out: Path) -> None:
    """Copy a run's files, all or nothing, over those of an earlier copy.

    Raises:
        OSError: it failed; the run itself is complete where it lies.
    """
    try:
        place = out if out.exists() else out.parent
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=place) as made:
            staged = Path(shutil.copytree(run, Path(made) / out.name))
            if place == out:
                shutil.copytree(
                    staged, out, dirs_exist_ok=True, copy_function=os.replace
                )
            else:
                staged.rename(out)
    except (OSError, shutil.Error) as error:
        raise OSError(
            f"{out} could not be written: {error}. The run is complete: {run}"
        ) from error


@contextmanager
def _writable(out: Path, workspace: Workspace) -> Iterator[Path]:
    """The place that ``out`` is, which is not ours; errors in here are refusals."""
    try:
        place = out.resolve()
        _refuse_ours(place, workspace)
        yield place
    except (OSError, RuntimeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise _refusal(f"{out} cannot be made or written: {said}") from None


def _refuse_ours(out: Path, workspace: Workspace) -> None:
    if out == workspace.root:
        raise _refusal(f"{out} is this project: name another place")
    for ours in (workspace.root / "data", workspace.expectations):
        if ours.resolve() in (out, *out.parents):
            raise _refusal(f"{out} lies in {ours}, which the project keeps itself")


def _try_to_write(out: Path) -> None:
    """Make and remove a folder in ``out``, or in what it would be made in."""
    there = next(one for one in (out, *out.parents) if one.exists())
    if not there.is_dir():
        raise _refusal(f"{there} is a file, so that no folder can be there")
    Path(tempfile.mkdtemp(prefix=".unfinished-", dir=there)).rmdir()


def _refusal(text: str) -> typer.BadParameter:
    return typer.BadParameter(text, param_hint="'--out'")
