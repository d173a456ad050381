"""Intermediate results in folders named by what they were made from.

A part is written whole or not at all, so that a stage that ran twice, or was killed
in the middle, changes nothing; a stage whose part is there has nothing to do. Each
part holds the SHA-256 of its files, and every file that is read is held against it.

Where machines share a store, a part that is not here is fetched from there, and one
that was made here is put there, its manifest last: half a part counts as none.
"""

import fcntl
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from trends.outputs.disk import (
    flush,
    in_making,
    locked,
    remove,
    replace_file,
    write_file,
    write_files,
)
from trends.outputs.formats import place_named, sha256_of
from trends.outputs.runs import sha256
from trends.pipeline.errors import BusyError, EditedError, PartError
from trends.store import Store
from trends.tables import Table
from trends.tables.slices import ROWS, STREAMED, Frame

_MANIFEST: Final = "part.json"

_REMEDY: Final = "Run the same command again: it is made anew"

Content = Frame | dict[str, object]
"""A table or a JSON object; rows that are not in memory are read as they are written."""

FileState = tuple[str, int, int, int]
State = tuple[FileState, ...]


def once(
    folder: Path,
    make: Callable[[], Mapping[str, Content]],
    *,
    root: Path,
    store: Store | None = None,
    is_sound: Callable[[Path], bool] | None = None,
) -> Path:
    """The part at ``folder``, fetched or made unless it is there and sound.

    One that is damaged, or lacks files, counts as absent and is made again.

    Args:
        folder: the part, below ``root``.
        make: its frames (.parquet) and JSON files by name.
        root: folder whose lock its writers share.
        store: what machines share.
        is_sound: whether a part may be kept; by default whether every file is as it
            was written.

    Raises:
        StoreError: the store does not answer.
    """
    is_sound = is_sound or part_is_sound
    _hold(root)
    fetch_part(folder, root=root, store=store)
    if is_anew := not is_sound(folder):
        contents = make()
        _place(
            folder,
            lambda staging: _write_part(staging, contents),
            root=root,
            is_sound=is_sound,
        )
    if store is not None:
        _share(folder, store, is_anew=is_anew)
    return folder


_held: Final[dict[tuple[Path, int], int]] = {}
"""Descriptors of the roots that this process holds, by its id: forks hold their own."""


def _hold(root: Path) -> None:
    """Keep what lies in ``root`` from being cleaned away until this process ends."""
    if (root, os.getpid()) not in _held:
        root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(root, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _held[root, os.getpid()] = descriptor


@contextmanager
def held_alone(root: Path) -> Iterator[None]:
    """While this lasts no other process uses parts below ``root``; new ones wait.

    Raises:
        BusyError: one does.
    """
    _hold(root)
    descriptor = _held[root, os.getpid()]
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # an attempt to hold it alone gives up what was held before
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        raise BusyError(
            f"a run is under way in {root}, so nothing was removed: run it again when "
            "that is done"
        ) from None
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_SH)


def fetch_part(folder: Path, *, root: Path, store: Store | None) -> bool:
    """Whether a sound part is here, if need be after fetching it from the store.

    Raises:
        StoreError: the store does not answer.
    """
    if part_is_sound(folder):
        return True
    if store is None or not folder.is_relative_to(root):
        return False
    files = _shared_part(folder, store)
    if files is not None:
        _place(
            folder,
            lambda staging: write_files(staging, files),
            root=root,
            is_sound=part_is_sound,
        )
        _SHARED.add((store.url, folder))
    return files is not None


_SHARED: Final[set[tuple[str, Path]]] = set()
"""Parts that this process knows to be in a store; they are never taken away there."""


def _shared_part(folder: Path, store: Store) -> dict[str, bytes] | None:
    """Files of a part as the store has them; None where it is not whole there."""
    manifest = store.read(folder / _MANIFEST)
    try:
        hashes = json.loads(manifest or b"{}")["sha256"]
    except (ValueError, KeyError, TypeError):
        return None
    files = {name: store.read(folder / name) or b"" for name in hashes}
    if not files or any(sha256(files[name]) != hashes[name] for name in hashes):
        return None
    return files | {_MANIFEST: manifest or b""}


def _share(folder: Path, store: Store, *, is_anew: bool) -> None:
    """Put a sound part into the store; one that was not made just now may be there."""
    if (store.url, folder) in _SHARED and not is_anew:
        return
    # not all that lies there: the parts of a forecast lie below its plan
    names = json.loads((folder / _MANIFEST).read_bytes())["sha256"]
    files = {name: (folder / name).read_bytes() for name in [*names, _MANIFEST]}
    if is_anew or store.read(folder / _MANIFEST) != files[_MANIFEST]:
        store.write_folder(folder, files, last=_MANIFEST)
    _SHARED.add((store.url, folder))


def _place(
    folder: Path,
    write: Callable[[Path], None],
    *,
    root: Path,
    is_sound: Callable[[Path], bool],
) -> None:
    with locked(root):
        # another process may have finished the same part meanwhile
        if not is_sound(folder):
            remove(folder)
            with in_making(folder) as staging:
                write(staging)


def part_is_sound(folder: Path) -> bool:
    """Whether every file of the part is there as it was written."""
    try:
        return _is_sound(folder, state_of(folder, "*"))
    except OSError:
        return False


def state_of(folder: Path, pattern: str) -> State:
    """Names, times and sizes of files, by which it is known that none was touched.

    Raises:
        OSError: the folder cannot be looked into.
    """
    folder.stat()
    files = sorted((path.as_posix(), path.stat()) for path in folder.glob(pattern))
    return tuple(
        (name, one.st_mtime_ns, one.st_ctime_ns, one.st_size) for name, one in files
    )


def state_below(folder: Path, suffix: str) -> State:
    """The same of files with a suffix below a folder; nothing where there is none.

    Hidden ones are locks, ours and those of editors.
    """
    return state_of(folder, f"**/[!.]*{suffix}") if folder.exists() else ()


def untouched(suffixes: Mapping[Path, str]) -> Callable[[], None]:
    """What asks, once something is made of files, whether they are still as they are now.

    To be had before a part is named by them: one that was made of files edited since
    would keep their old name, and be taken for what they say for good.

    Args:
        suffixes: of the files in question, by the folder below which they lie.

    Returns:
        Raises EditedError where one was touched.
    """

    def look() -> set[FileState]:
        return {file for one in suffixes.items() for file in state_below(*one)}

    before = look()

    def ask() -> None:
        if touched := sorted({Path(name).name for name, *_ in before ^ look()}):
            more = f" and {len(touched) - 1} more" if len(touched) > 1 else ""
            raise EditedError(
                f"edited while being read: {touched[0]}{more}. Half of a file may have "
                "been read, so nothing was made of it: run it again once it is saved"
            )

    return ask


@lru_cache(maxsize=1024)
def _is_sound(folder: Path, _state: State) -> bool:
    """The same, asked once a process while no file is touched."""
    try:
        hashes = _hashes(folder)
        return all(sha256_of(folder / name) == hashes[name] for name in hashes)
    except PartError:
        return False


def read_frame(folder: Path, table: Table) -> pl.DataFrame:
    """A table of a part.

    Raises:
        PartError: it is not there as it was written.
    """
    path = folder / f"{table.name}.parquet"
    try:
        return pl.read_parquet(io.BytesIO(_read(path)))
    except PolarsError as error:
        raise PartError(f"{path} is no table: {error}. {_REMEDY}") from error


def scan_frame(folder: Path, table: Table) -> pl.LazyFrame:
    """Rows of a table of a part, which are read as they are asked for.

    Raises:
        PartError: it is not there as it was written.
    """
    path = folder / f"{table.name}.parquet"
    if not part_is_sound(folder) or path.name not in _hashes(folder):
        raise PartError(f"{path} is not as it was written. {_REMEDY}")
    return pl.scan_parquet(path)


def frame_of(folder: Path, table: Table) -> Frame:
    """A table of a part; a large one is read as it is asked for.

    Raises:
        PartError: it is not there as it was written.
    """
    read = scan_frame if table in STREAMED else read_frame
    return read(folder, table)


def read_json(path: Path) -> dict[str, object]:
    """A JSON object of the part whose folder it lies in.

    Raises:
        PartError: it is not there as it was written.
    """
    content: dict[str, object] = json.loads(_read(path))
    return content


def read_pointer(path: Path, store: Store | None = None) -> dict[str, object] | None:
    """What ``replace_pointer`` wrote; None where that is missing or damaged.

    Where machines share a store, what stands there is meant.
    """
    try:
        shared = None if store is None else store.read(path)
        content = json.loads(path.read_bytes() if shared is None else shared)
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def replace_pointer(
    path: Path,
    content: Mapping[str, object],
    *,
    root: Path,
    store: Store | None = None,
) -> None:
    """Write a JSON file so that readers meet the old or the new one, never a part."""
    if store is not None:
        store.write(path, _dump(content))
    with locked(root):
        replace_file(path, _dump(content))


def _read(path: Path) -> bytes:
    """A file of a part; what is returned is what was hashed."""
    wanted = _hashes(path.parent).get(path.name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PartError(
            f"{path} cannot be read: {error.strerror}. {_REMEDY}"
        ) from error
    if sha256(content) != wanted:
        raise PartError(f"{path} is not as it was written. {_REMEDY}")
    return content


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a part, as they were written."""
    found = read_pointer(folder / _MANIFEST) or {}
    hashes = found.get("sha256")
    if not isinstance(hashes, dict) or not hashes:
        raise PartError(f"{folder} is gone or damaged. {_REMEDY}")
    return hashes


def _write_part(folder: Path, contents: Mapping[str, Content]) -> None:
    """Write the files of a part, and what each of them is."""
    for name, content in contents.items():
        if isinstance(content, dict):
            write_file(folder / name, _dump(content))
        else:
            _write_rows(folder / name, content)
    hashes = {name: sha256_of(folder / name) for name in contents}
    write_file(folder / _MANIFEST, _dump({"sha256": hashes}))


def _write_rows(path: Path, rows: Frame) -> None:
    """A table as Parquet: the same bytes whether its rows are in memory or not."""
    with place_named(path):
        rows.lazy().sink_parquet(path, row_group_size=ROWS, engine="streaming")
    flush(path)


def _dump(content: Mapping[str, object]) -> bytes:
    text = json.dumps(content, indent=1, sort_keys=True, default=str)
    return f"{text}\n".encode()
