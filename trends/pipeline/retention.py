"""What may go: drafts, previews and work files that no kept run or plan needs.

Published runs, their history and latest.json, backtests, the ledger and snapshots are
never looked at. Whoever uses a part holds it (``parts.once``), so that nothing is taken
from under a run; a plan that was begun and not finished within a week is given up.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from trends.outputs.disk import locked, remove, set_aside
from trends.pipeline.ingest import LATEST_INGEST
from trends.pipeline.parts import held_alone, read_pointer
from trends.pipeline.source_part import part_folder
from trends.workspace import Workspace

UNDER_WAY: Final = timedelta(days=7)
"""A plan that was touched since may go on: somebody may have to approve it first."""


@dataclass(frozen=True)
class Removal:
    """Something that may go.

    Attributes:
        path: a folder or a file.
        kind: what it is, in a word or two.
        n_bytes: what it takes on disk.
    """

    path: Path
    kind: str
    n_bytes: int


def removable(workspace: Workspace, *, keep: int, now: datetime) -> list[Removal]:
    """What ``clean`` would remove.

    Args:
        workspace: the checkout.
        keep: how many of the newest of each kind stay.
        now: plans that were touched in the week before it may be under way.
    """
    kept = _Kept(workspace, keep, now)
    found = [*kept.results(), *kept.work()]
    return [Removal(path, kind, size_of(path)) for path, kind in found]


def clean(workspace: Workspace, *, keep: int, now: datetime) -> list[Removal]:
    """Remove it; a kill in the middle leaves nothing half removed in sight.

    Returns:
        What was removed.

    Raises:
        BusyError: a run is under way; nothing was removed.
    """
    with (
        held_alone(workspace.work),
        held_alone(workspace.work / "previews"),
        locked(workspace.results),
        locked(workspace.work),
    ):
        gone = removable(workspace, keep=keep, now=now)
        for one in gone:
            remove(set_aside(one.path))
    return gone


def unfinished_plans(workspace: Workspace) -> list[Path]:
    """Folders of forecasts that were begun, and whose run is not there."""
    return [one for one in _plans(workspace) if not _is_finished(one, workspace)]


def touched_at(folder: Path) -> datetime:
    """When the folder, or a part in it, was last written."""
    moments = [folder.stat().st_mtime]
    for path in folder.glob("*"):
        with suppress(OSError):  # written or removed at this moment
            moments.append(path.stat().st_mtime)
    return datetime.fromtimestamp(max(moments), UTC)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = [path] if path.is_file() else filter(Path.is_file, path.rglob("*"))
    total = 0
    for file in files:
        with suppress(OSError):
            total += file.stat().st_size
    return total


@dataclass(frozen=True)
class _Kept:
    """What stays, and so what may go."""

    workspace: Workspace
    keep: int
    now: datetime

    def results(self) -> Iterator[tuple[Path, str]]:
        """Drafts and previews but the newest."""
        for kind in ("drafts", "previews"):
            folders = _folders(self.workspace.results / kind)
            yield from ((one, kind[:-1]) for one in self._older(folders))

    def work(self) -> Iterator[tuple[Path, str]]:
        """Work files that no plan which stays was made from."""
        work = self.workspace.work
        going = self._plans_that_go()
        yield from ((one, "forecast's work") for one in going)
        needed = self._ingests_needed(set(going))
        for one in _folders(work / "ingests"):
            if one not in needed:
                yield one, "ingest"
        for source in _folders(work / "sources"):
            parts = sorted(_folders(source), key=touched_at)
            current = part_folder(source.name, self.workspace)
            last = current if current in parts else parts[-1] if parts else None
            yield from ((one, "source's part") for one in parts if one != last)
        for shelf in (*_folders(work / "previews"), work / "checks"):
            yield from (
                (one, "work of previews") for one in self._older(_folders(shelf))
            )

    def _plans_that_go(self) -> list[Path]:
        """Finished ones but the newest; those that were given up."""
        begun = unfinished_plans(self.workspace)
        finished = [one for one in _plans(self.workspace) if one not in begun]
        given_up = [one for one in begun if self.now - touched_at(one) > UNDER_WAY]
        return sorted([*self._older(finished), *given_up])

    def _ingests_needed(self, going: set[Path]) -> set[Path]:
        """The latest, and those of plans that stay."""
        latest = read_pointer(self.workspace.work / LATEST_INGEST) or {}
        plans = [one for one in _plans(self.workspace) if one not in going]
        planned = [read_pointer(one / "plan.json") or {} for one in plans]
        named = [latest.get("path"), *(one.get("ingest") for one in planned)]
        return {self.workspace.root / str(path) for path in named}

    def _older(self, folders: Sequence[Path]) -> list[Path]:
        """All but the newest."""
        by_age = sorted(folders, key=lambda one: (touched_at(one), one.name))
        return by_age[: max(0, len(by_age) - self.keep)]


def _plans(workspace: Workspace) -> list[Path]:
    return _folders(workspace.work / "forecasts")


def _is_finished(plan: Path, workspace: Workspace) -> bool:
    """Whether the run that was planned is there, as a draft or where it is published."""
    said = read_pointer(plan / "plan.json") or {}
    run_id, facts = str(said.get("run_id")), said.get("facts")
    if not isinstance(facts, dict):
        return False
    draft = workspace.results / "drafts" / run_id
    run = workspace.results / "runs" / str(facts.get("as_of")) / run_id
    return (run if said.get("publish") else draft).is_dir()


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(
        one for one in parent.iterdir() if one.is_dir() and one.name[0] != "."
    )
