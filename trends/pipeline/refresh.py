"""Asking publishers for their files: what they send is kept as snapshots.

What becomes of a snapshot is decided where figures are read, by the same rules each
time: asking changes nothing but what is held.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from trends.pipeline.errors import RequestError
from trends.registry import Registry, Source, SourceFile, load_registry
from trends.snapshots import (
    FileOrigin,
    Snapshot,
    confirm,
    held_of,
    keep,
    pull,
    push,
)
from trends.sources import UnreachableError
from trends.sources.answers import NotModified, Validators
from trends.workspace import Workspace

COPIES_VARIABLE: Final = "TRENDS_COPIES"
"""Environment: folder or address of copies that are read in place of publishers."""

LOOPBACK_VARIABLE: Final = "TRENDS_ALLOW_LOOPBACK"
"""Environment: 1 lets publishers' files lie on this machine, for trying it out."""


@dataclass(frozen=True)
class Refresh:
    """What asking gave.

    Attributes:
        changed: files of which new content came, as ``<source>/<file>``.
        unchanged: files that are as they were.
        unreachable: files that could not be had, each with the reason.
    """

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    unreachable: dict[str, str] = field(default_factory=dict)

    @property
    def is_in_vain(self) -> bool:
        """Whether nobody answered."""
        return bool(self.unreachable) and not (self.changed or self.unchanged)


def origin_of(source_id: str, source: Source, file: SourceFile) -> FileOrigin:
    """What a snapshot of the file says of where it comes from."""
    return FileOrigin(source_id, file.id, file.address, source.licence)


def publishers(workspace: Workspace, wanted: Sequence[str] = ()) -> list[str]:
    """Sources whose publishers can be asked: those that are named, by default all.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: one that is named is none, or has no file.
    """
    copies = os.environ.get(COPIES_VARIABLE) or None
    return _with_files(load_registry(workspace.registry), wanted, copies)


def _asked_for(source: Source, copies: str | None) -> list[SourceFile]:
    """Its files; those that are made by hand only where copies are."""
    return [file for file in source.files if copies or not file.by_hand]


def _with_files(
    registry: Registry, wanted: Sequence[str], copies: str | None
) -> list[str]:
    able = [name for name, one in registry.sources.items() if _asked_for(one, copies)]
    for name in wanted:
        if name not in able:
            why = "has no files" if name in registry.sources else "is no source"
            raise RequestError(
                f"{name!r} {why} to ask its publisher for; these have: "
                f"{', '.join(able) or 'none'}"
            )
    return [name for name in able if not wanted or name in wanted]


def refresh(
    workspace: Workspace,
    *,
    sources: Sequence[str] = (),
    now: datetime,
    copies: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Refresh:
    """Ask for the files of publishers; one that does not answer stops no other.

    Args:
        workspace: the checkout.
        sources: ids of the sources to ask, by default all that have files.
        now: time of the look.
        copies: folder or address of copies to read instead; by default what the
            environment names.
        progress: told, line by line, what came.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: there is no such source, or it has no file.
    """
    registry = load_registry(workspace.registry)
    copies = copies or os.environ.get(COPIES_VARIABLE) or None
    result = Refresh()
    for source_id in _with_files(registry, sources, copies):
        source = registry.sources[source_id]
        kept = workspace.snapshots / source_id
        pull(kept, workspace.store, root=workspace.snapshots)
        for file in _asked_for(source, copies):
            name = f"{source_id}/{file.id}"
            origin = origin_of(source_id, source, file)
            try:
                words = _ask(file, origin, workspace, now=now, copies=copies)
            except UnreachableError as error:
                result.unreachable[name] = str(error).removeprefix(f"{name}: ")
                progress(f"unreachable: {error}")
            else:
                found = result.unchanged if words is None else result.changed
                found.append(name)
                progress(f"{name}: {words or 'as it was'}")
        push(kept, workspace.store)
    return result


def _ask(
    file: SourceFile,
    origin: FileOrigin,
    workspace: Workspace,
    *,
    now: datetime,
    copies: str | None,
) -> str | None:
    """Ask for one file and keep what comes; words for new content, None for old."""
    from trends.sources.fetching import Limits, fetch

    folder = workspace.snapshots
    current = held_of(origin, folder).current
    answer = fetch(
        file,
        source_id=origin.source_id,
        known=_validators(current, origin, copies),
        copies=copies,
        limits=Limits(allow_loopback=os.environ.get(LOOPBACK_VARIABLE) == "1"),
    )
    if isinstance(answer, NotModified):
        if current is None:
            raise AssertionError("nothing was held that a server could know")
        confirm(current, origin, folder, now=now)
        return None
    kept = keep(answer, origin, folder, now=now)
    if current is not None and kept.sha256 == current.sha256:
        return None
    return f"new content, {len(answer.content):,} bytes, kept as {kept.name}"


def _validators(
    current: Snapshot | None, origin: FileOrigin, copies: str | None
) -> Validators | None:
    """What the server that is asked called the content that is held."""
    if current is None or copies is not None or current.sidecar.url != origin.url:
        return None
    return Validators(current.sidecar.etag, current.sidecar.last_modified)
