"""What lies among the results, found by looking there.

An address only ever picks from what was found; it is never made into a path.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trends.outputs import (
    LatestRun,
    OutputError,
    fetch_run,
    pull,
    read_history,
    read_latest,
    read_manifest,
)
from trends.outputs.runs import MANIFEST
from trends.pipeline.parts import fetch_part
from trends.previews.page import LAST as PREVIEW_JSON
from trends.previews.page import fetch_preview
from trends.workspace import Workspace

_ID: Final = re.compile(r"[0-9a-f]{12}")
"""What drafts, previews and backtests are called: no other name is asked of a store."""


@dataclass(frozen=True)
class Folder:
    """A published run, a draft, a preview or a backtest."""

    path: Path

    def files(self) -> dict[str, Path]:
        """Files that may be read, by name below the folder.

        Of a run those that its manifest promises, of anything else all that lie in
        it. What a link would take from elsewhere is no file of the folder.

        Raises:
            OutputError: the run's manifest cannot be read.
        """
        return {name: path for name in self._names() if (path := self._inside(name))}

    def file(self, name: str) -> Path | None:
        """One of ``files``; None if there is none of this name."""
        return self._inside(name) if name in self._names() else None

    def _names(self) -> list[str]:
        if (self.path / MANIFEST).is_file():
            return sorted([*read_manifest(self.path).files, MANIFEST])
        names = (entry.name for entry in self.path.iterdir())
        return sorted(name for name in names if not name.startswith("."))

    def _inside(self, name: str) -> Path | None:
        path = self.path / name
        return path if path.is_file() and _lies_in(self.path, path) else None


def publications(results: Path) -> dict[str, LatestRun]:
    """Runs that are published and still there, by ``as_of/run_id``, oldest first.

    Raises:
        OutputError: a record of a publication cannot be read.
    """
    found: dict[str, LatestRun] = {}
    for run in [*read_history(results).standing, latest_or_none(results)]:
        if run is not None:  # published again, or by a copy without records
            found.pop(key_of(run), None)
            found[key_of(run)] = run
    return found


def key_of(run: LatestRun) -> str:
    """What a published run is called on its shelf."""
    return f"{run.as_of}/{run.run_id}"


def latest_or_none(results: Path) -> LatestRun | None:
    """The latest published run; None where there is none, or it is damaged."""
    try:
        return read_latest(results)
    except OutputError:
        return None


def _published(results: Path) -> Mapping[str, Path]:
    return {key: run.path for key, run in publications(results).items()}


def _folders(kind: str, has: str) -> Callable[[Path], Mapping[str, Path]]:
    """Finds folders below ``results/kind``, by name, that have a file ``has``."""

    def find(results: Path) -> dict[str, Path]:
        root = results / kind
        entries = sorted(root.iterdir()) if root.is_dir() else []
        return {
            path.name: path
            for path in entries
            if not path.name.startswith(".") and (path / has).is_file()
        }

    return find


SHELVES: Final[Mapping[str, Callable[[Path], Mapping[str, Path]]]] = {
    "published": _published,
    "drafts": _folders("drafts", MANIFEST),
    "previews": _folders("previews", PREVIEW_JSON),
    "backtests": _folders("backtests", "backtest.json"),
}
"""Finds, by kind, everything of the kind that lies among the results."""


def find_folder(workspace: Workspace, shelf: str, key: str) -> Folder | None:
    """What is called ``key`` on a shelf; None if nothing is.

    Raises:
        OutputError: a record of a publication cannot be read.
        StoreError: the store that machines share does not answer.
    """
    _fetch(workspace, shelf, key)
    found = SHELVES[shelf](workspace.results).get(key)
    return Folder(found) if found and _lies_in(workspace.results, found) else None


def _fetch(workspace: Workspace, shelf: str, key: str) -> None:
    """Bring what another machine made, where machines share a store."""
    results, store = workspace.results, workspace.store
    if shelf == "published":
        pull(results, store)
    elif _ID.fullmatch(key) is None:
        return
    elif shelf == "drafts":
        fetch_run(results / shelf / key, results=results, store=store)
    elif shelf == "previews":
        fetch_preview(key, workspace)
    elif shelf == "backtests" and store is not None:
        fetch_part(results / shelf / key, root=results, store=store)


def _lies_in(root: Path, path: Path) -> bool:
    """Whether a path is below ``root`` once its links are followed."""
    return path.resolve().is_relative_to(root.resolve())
