"""What publishers sent, kept for ever: bytes named by their SHA-256, and a sidecar.

    <folder>/<source>/<file>/<sha256>.yaml            the bytes as they came
    <folder>/<source>/<file>/<sha256>.snapshot.json   where from, when, licence, looks

Bytes are written once. What is added to a sidecar are looks: the instants at which
the publisher was seen to show this content and no other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Annotated, Final, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from trends.outputs.disk import locked, replace_file
from trends.outputs.runs import sha256
from trends.sources.answers import Fetched
from trends.store import Store, StoreError

FOLDER: Final = "snapshots/"
"""Begins what rows that are read from a snapshot say of where they come from."""

SHORT: Final = 12
"""Digits of a SHA-256 that name a snapshot in words."""

_SIDECAR: Final = ".snapshot.json"
_SWAPS: Final = 20
_SUFFIX: Final = r"^\.[a-z0-9]{1,8}$"


class DamagedError(ValueError):
    """A snapshot is not as it was written; the text says which file and what to do."""


class FileOrigin(NamedTuple):
    """Where a file comes from, as the registry says."""

    source_id: str
    file_id: str
    url: str
    licence: str


class Look(BaseModel):
    """The content was seen at this instant, at its publisher or in a copy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime
    is_publishers: bool


class Sidecar(BaseModel):
    """What is known of a snapshot beside its bytes.

    ``url`` is the registry's address, ``address`` where the file lay. A day of looking
    leaves one look, or one for each time that the content came back that day.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    file: str
    url: str
    address: str
    retrieved_at: AwareDatetime
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    suffix: Annotated[str, Field(pattern=_SUFFIX)]
    n_bytes: Annotated[int, Field(gt=0)]
    content_type: str
    licence: str
    etag: str | None
    last_modified: str | None
    looks: Annotated[tuple[Look, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Snapshot:
    """One content of one file: the folder where it lies, and what is known of it."""

    folder: Path
    sidecar: Sidecar

    @property
    def path(self) -> Path:
        """Its bytes."""
        return self.folder / f"{self.sha256}{self.sidecar.suffix}"

    @property
    def sha256(self) -> str:
        """Of its bytes; its name."""
        return self.sidecar.sha256

    @property
    def name(self) -> str:
        """Its name in words."""
        return f"{self.sha256[:SHORT]}{self.sidecar.suffix}"

    @property
    def last_look(self) -> Look:
        """The last look at which it was there."""
        return self.sidecar.looks[-1]

    @property
    def days_seen(self) -> list[date]:
        """UTC days on which its publisher was seen to show it."""
        looks = [look for look in self.sidecar.looks if look.is_publishers]
        return sorted({_day(look.at) for look in looks})

    def content(self) -> bytes:
        """Its bytes, as they came.

        Raises:
            DamagedError: they are gone, or others.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise DamagedError(f"{self.path}: {error.strerror}. {_REMEDY}") from error
        if sha256(content) != self.sha256:
            raise DamagedError(f"{self.path} is not as it came. {_REMEDY}")
        return content


class Turn(NamedTuple):
    """A day from which on a file showed another content than before."""

    day: date
    snapshot: Snapshot

    @property
    def name(self) -> str:
        """What rows that are read from it say of where they come from."""
        return f"{FOLDER}{self.day}-{self.snapshot.name}"


class Held(NamedTuple):
    """The snapshots of one file, in the order of their first look.

    ``damaged`` has words for each that cannot be used.
    """

    snapshots: tuple[Snapshot, ...]
    damaged: tuple[str, ...]

    @property
    def current(self) -> Snapshot | None:
        """What was seen last."""
        return max(self.snapshots, key=lambda one: one.last_look.at, default=None)

    @property
    def turns(self) -> list[Turn]:
        """What was shown, from when on; of several contents of a day, the last."""
        looks = sorted(
            (look.at, one.sha256, one)
            for one in self.snapshots
            for look in one.sidecar.looks
        )
        by_day = {_day(at): one for at, _, one in looks}
        turns: list[Turn] = []
        for day, snapshot in sorted(by_day.items(), key=itemgetter(0)):
            if not turns or turns[-1].snapshot.sha256 != snapshot.sha256:
                turns.append(Turn(day, snapshot))
        return turns


def keep(sent: Fetched, origin: FileOrigin, folder: Path, *, now: datetime) -> Snapshot:
    """Keep what came, unless it is held, and note the look.

    Args:
        sent: the answer.
        origin: what was asked for.
        folder: where snapshots lie.
        now: when it came.
    """
    digest = sha256(sent.content)
    look = Look(at=now, is_publishers=sent.is_publishers)
    with locked(folder):
        held = held_of(origin, folder)
        same = next((one for one in held.snapshots if one.sha256 == digest), None)
        sidecar = Sidecar(
            source=origin.source_id,
            file=origin.file_id,
            url=origin.url,
            address=sent.address,
            retrieved_at=now if same is None else same.sidecar.retrieved_at,
            sha256=digest,
            suffix=_suffix(origin.url) if same is None else same.sidecar.suffix,
            n_bytes=len(sent.content),
            content_type=sent.content_type,
            licence=origin.licence,
            etag=sent.validators.etag,
            last_modified=sent.validators.last_modified,
            looks=(look,) if same is None else _added(look, same, held),
        )
        snapshot = Snapshot(folder_of(origin, folder), sidecar)
        if same is None:
            replace_file(snapshot.path, sent.content)
        return _write(snapshot)


def confirm(
    snapshot: Snapshot, origin: FileOrigin, folder: Path, *, now: datetime
) -> Snapshot:
    """Note that its publisher shows the same content still.

    Args:
        snapshot: the current one of its file.
        origin: what was asked for.
        folder: where snapshots lie.
        now: when the publisher said so.
    """
    with locked(folder):
        held = held_of(origin, folder)
        same = next(one for one in held.snapshots if one.sha256 == snapshot.sha256)
        looks = _added(Look(at=now, is_publishers=True), same, held)
        sidecar = same.sidecar.model_copy(update={"looks": looks})
        return _write(Snapshot(same.folder, sidecar))


def pull(folder: Path, store: Store | None, *, root: Path) -> None:
    """Fetch what other machines keep below ``folder``, and the looks they noted.

    Args:
        folder: all snapshots, or those of one source.
        store: what machines share.
        root: folder of all snapshots.

    Raises:
        StoreError: the store does not answer.
    """
    if store is None:
        return
    with locked(root):
        for path in _bytes_first(store.files(folder)):
            if not path.is_file() or path.name.endswith(_SIDECAR):
                shared = store.read(path)
                content = None if shared is None else _with_looks(shared, path)
                # who reads them meanwhile takes a file that is replaced for an edit
                if content is not None and not _is(path, content):
                    replace_file(path, content)


def push(folder: Path, store: Store | None) -> None:
    """Put what is kept here into the store; a sidecar after its bytes.

    Raises:
        StoreError: the store does not answer.
    """
    if store is None:
        return
    there = set(store.files(folder))
    for path in _bytes_first(folder.glob("*/[!.]*")):
        if not path.name.endswith(_SIDECAR):
            if path not in there:
                store.write(path, path.read_bytes())
            continue
        for _ in range(_SWAPS):
            seen = store.stamp(path)
            shared = None if seen is None else store.read(path)
            ours = path.read_bytes() if shared is None else _with_looks(shared, path)
            if ours == shared or store.swap(path, ours, seen=seen):
                break
        else:
            raise StoreError(
                f"{path.name} in the store {store.url} was written by others "
                f"{_SWAPS} times meanwhile: ask the publisher again"
            )


def _is(path: Path, content: bytes) -> bool:
    """Whether a file says so already."""
    return path.is_file() and path.read_bytes() == content


def _bytes_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (path.name.endswith(_SIDECAR), path))


def _with_looks(shared: bytes, path: Path) -> bytes:
    """A file of the store; of a sidecar, with the looks that only this one has."""
    if not path.name.endswith(_SIDECAR) or not path.is_file():
        return shared
    try:
        theirs = Sidecar.model_validate_json(shared)
        ours = Sidecar.model_validate_json(path.read_bytes())
    except ValidationError:
        return shared  # a damaged one is found, and told, where it is read
    looks = {(one.at, one.is_publishers): one for one in (*theirs.looks, *ours.looks)}
    if len(looks) == len(theirs.looks):
        return shared
    both = theirs.model_copy(update={"looks": tuple(looks[at] for at in sorted(looks))})
    return f"{both.model_dump_json(indent=1)}\n".encode()


def held_of(origin: FileOrigin, folder: Path) -> Held:
    """All snapshots of one file; one that is damaged is named and counts for nothing."""
    sound, damaged = [], []
    for sidecar in sorted(folder_of(origin, folder).glob(f"*{_SIDECAR}")):
        try:
            sound.append(_read(sidecar))
        except DamagedError as error:
            damaged.append(str(error))
    sound.sort(key=lambda one: (one.sidecar.looks[0].at, one.sha256))
    return Held(tuple(sound), tuple(damaged))


def folder_of(origin: FileOrigin, folder: Path) -> Path:
    """Where the snapshots of one file lie."""
    return folder / origin.source_id / origin.file_id


def damages(folder: Path) -> tuple[int, list[str]]:
    """How many snapshots there are, and words for each damaged one."""
    sidecars = sorted(folder.glob(f"*/*/*{_SIDECAR}"))
    problems = []
    for sidecar in sidecars:
        try:
            _read(sidecar)
        except DamagedError as error:
            problems.append(str(error))
    return len(sidecars), problems


_REMEDY: Final = "It counts for nothing: delete it, and fetch it again with --live"


def _added(look: Look, snapshot: Snapshot, held: Held) -> tuple[Look, ...]:
    """Its looks with one more, unless the last one says as much of this day."""
    last = snapshot.last_look
    says_as_much = (
        held.current is snapshot
        and _day(last.at) == _day(look.at)
        and last.is_publishers >= look.is_publishers
    )
    return snapshot.sidecar.looks if says_as_much else (*snapshot.sidecar.looks, look)


def _day(instant: datetime) -> date:
    """Its UTC day."""
    return instant.astimezone(UTC).date()


def _write(snapshot: Snapshot) -> Snapshot:
    text = snapshot.sidecar.model_dump_json(indent=1)
    path = snapshot.folder / f"{snapshot.sha256}{_SIDECAR}"
    replace_file(path, f"{text}\n".encode())
    return snapshot


def _read(sidecar: Path) -> Snapshot:
    """A snapshot whose bytes are as its sidecar says.

    Raises:
        DamagedError: they are not, or the sidecar is none.
    """
    try:
        found = Sidecar.model_validate_json(sidecar.read_bytes())
    except (OSError, ValidationError) as error:
        raise DamagedError(f"{sidecar} cannot be read. {_REMEDY}") from error
    place = (found.source, found.file, found.sha256)
    if place != (*sidecar.parts[-3:-1], sidecar.name.removesuffix(_SIDECAR)):
        raise DamagedError(f"{sidecar} is of another snapshot. {_REMEDY}")
    snapshot = Snapshot(sidecar.parent, found)
    snapshot.content()
    return snapshot


def _suffix(url: str) -> str:
    """Suffix of the publisher's file, if it is an ordinary one."""
    path = url.partition("?")[0].partition("#")[0]
    suffix = PurePosixPath(path).suffix.lower()
    return suffix if re.fullmatch(_SUFFIX, suffix) else ".data"
