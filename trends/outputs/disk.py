"""Writing that survives a kill: one writer at a time, whole files, whole folders."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_UNFINISHED: Final = ".unfinished-"

_OF_OLDER_VERSIONS: Final = (".latest_ingest.json-*", "*/.part-*", "*/*/.part-*")
_DAY_SECONDS: Final = 86_400


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the only right to write below ``root``, waiting for it if need be.

    The kernel gives the lock back when its holder dies. What a killed writer left
    behind is removed, which is safe because nobody else can be writing.
    """
    _make_folder(root)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_left_by_older_versions(root, now=_time_of(lock.fileno()))
        _remove_unfinished(root)
        try:
            yield
        finally:
            _remove_unfinished(root)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create ``folder`` with all ``files``, or, if interrupted, not at all.

    A name may have one folder before it, as in ``internal/registry.json``.
    """
    with in_making(folder) as staging:
        write_files(staging, files)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder in making, so that they survive a power cut."""
    for name, content in files.items():
        write_file(folder / name, content)


@contextmanager
def in_making(folder: Path) -> Iterator[Path]:
    """A folder to write into, which becomes ``folder`` when all that is done.

    If it is not, it stays behind under a name that no reader asks for.
    """
    _make_folder(folder.parent)
    staging = folder.with_name(f"{_UNFINISHED}{folder.name}")
    staging.mkdir()
    yield staging
    _sync(staging)
    staging.rename(folder)
    _sync(folder.parent)


def write_file(path: Path, content: bytes) -> None:
    """Write a file into a folder in making, so that it survives a power cut."""
    _make_folder(path.parent)
    _write_through(path, content)


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path``; readers see the old file or the new one whole."""
    staging = stage_file(path, content)
    try:
        put_in_place(staging, path)
    except BaseException:
        staging.unlink(missing_ok=True)
        raise


def stage_file(path: Path, content: bytes, *, prefix: str = _UNFINISHED) -> Path:
    """Write ``content`` beside ``path``, under a name that nobody else chooses."""
    _make_folder(path.parent)
    staging = path.with_name(f"{prefix}{path.name}-{secrets.token_hex(4)}")
    try:
        _write_through(staging, content)
    except BaseException:
        staging.unlink(missing_ok=True)
        raise
    return staging


def put_in_place(staging: Path, path: Path) -> None:
    """Give a staged file its name, so that both survive a power cut."""
    _sync(path.parent)
    staging.replace(path)
    _sync(path.parent)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there, so that it stays deleted."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    if path.parent.is_dir():
        _sync(path.parent)


def set_aside(path: Path) -> Path:
    """Give a file or folder that goes a name that no reader asks for; the new path."""
    aside = path.with_name(f"{_UNFINISHED}{path.name}-{secrets.token_hex(4)}")
    return path.rename(aside)


def _write_through(path: Path, content: bytes) -> None:
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        # a full disk does not say where it is
        raise OSError(error.errno, error.strerror, str(path)) from error


def flush(path: Path) -> None:
    """Make a file that others wrote survive a power cut."""
    _sync(path)


def _sync(path: Path) -> None:
    """Make a file's content, or a folder's entries, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _remove_unfinished(root: Path) -> None:
    for depth in ("", "*/", "*/*/"):
        for leftover in root.glob(f"{depth}{_UNFINISHED}*"):
            remove(leftover)


def _remove_left_by_older_versions(root: Path, *, now: float) -> None:
    """Those took no lock, so that only age says that nobody is writing any more."""
    for name in _OF_OLDER_VERSIONS:
        for leftover in root.glob(name):
            if now - leftover.stat().st_mtime > _DAY_SECONDS:
                remove(leftover)


def _time_of(descriptor: int) -> float:
    """Now, by the clock of the disk that the open file lies on."""
    os.utime(descriptor)
    return os.fstat(descriptor).st_mtime
