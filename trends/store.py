"""What several machines share: a tree of objects that mirrors ``data/``.

Every stage reads and writes the disk of its own machine; the store is the truth
between them. It is an S3 bucket (``s3://bucket/prefix``), a folder that all machines
mount, or another address that fsspec knows. Nothing in it is changed while somebody
may read it, except the few small files that ``swap`` replaces.
"""

import fcntl
import logging
import os
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, TypeVar
from urllib.parse import urlsplit

VARIABLE: Final = "TRENDS_STORE"
"""Environment: address of the store; unset or empty, there is none."""

_T = TypeVar("_T")

_FINAL: Final = (FileNotFoundError, PermissionError, ImportError, ValueError)
"""What no other try will mend."""

_AT_ONCE: Final = 8
_FILES_A_CONNECTION: Final = 8
_SMALL: Final = 2**22
_TOLD_EVERY: Final = 2_000

_CONFLICTS: Final = ("PreconditionFailed", "ConditionalRequestConflict")


class StoreError(Exception):
    """The store does not answer, or refuses; the text says what to do."""

    exit_code: ClassVar[int] = 9


@dataclass(frozen=True)
class Store:
    """A store, and the folder of this machine whose tree it mirrors.

    Every method takes paths of this machine. All of them raise StoreError where the
    store still does not answer after ``attempts`` tries.

    Attributes:
        url: its address.
        data: local folder that it mirrors.
        attempts: tries before an error.
        pause_s: longest pause before the second try, doubled before each later one.
    """

    url: str
    data: Path
    attempts: int = 6
    pause_s: float = 0.3

    def read(self, path: Path) -> bytes | None:
        """Content of a file; None where the store has none."""
        return self._ask("read", path, lambda at: _unless_absent(at.read))

    def write(self, path: Path, content: bytes) -> None:
        """Put a file, whole, in place of what was there."""
        self._ask("write", path, lambda at: at.write(content))

    def create(self, path: Path, content: bytes) -> bool:
        """Put a file unless one is there; whether it was put, by us and nobody else."""
        return self.swap(path, content, seen=None)

    def stamp(self, path: Path) -> str | None:
        """What changes whenever the file does; None where the store has none."""
        return self._ask("look at", path, lambda at: _unless_absent(at.stamp))

    def swap(self, path: Path, content: bytes, *, seen: str | None) -> bool:
        """Replace a file if it is still as ``stamp`` saw it; whether it was.

        Folders and S3 do so in one step. A server that does not know conditional
        writes, or another kind of store, may let the last of two writers win.
        """
        return self._ask("write", path, lambda at: at.swap(content, seen))

    def remove(self, path: Path) -> None:
        """Delete a file, if it is there."""
        self._ask("delete", path, lambda at: _unless_absent(at.remove))

    def files(self, folder: Path) -> list[Path]:
        """All files below a folder, as paths of this machine."""
        return sorted(self._sizes(folder))

    def _sizes(self, folder: Path) -> dict[Path, int]:
        """Bytes of each file below a folder."""
        sizes = self._ask("list", folder, lambda at: at.sizes())
        return {folder / name: size for name, size in sizes.items()}

    def write_folder(
        self, folder: Path, files: Mapping[str, bytes], *, last: str
    ) -> None:
        """Put all files; ``last`` after the others, so that it vouches for them."""
        for name, content in files.items():
            if name != last:
                self.write(folder / name, content)
        self.write(folder / last, files[last])

    def upload(
        self, paths: Sequence[Path], *, progress: Callable[[str], None] = lambda _: None
    ) -> None:
        """Put files that lie here, several at a time and in no order.

        Args:
            paths: of this machine.
            progress: told every now and then how many are there.
        """

        def put(path: Path) -> None:
            self.write(path, path.read_bytes())

        sizes = {path: path.stat().st_size for path in paths}
        for n_put, _ in enumerate(_at_once(put, sizes), start=1):
            if n_put % _TOLD_EVERY == 0:
                progress(f"store: {n_put:,} of {len(paths):,} files are there")

    def download(self, folder: Path, take: Callable[[Path, bytes], None]) -> None:
        """Hand all files below a folder to ``take``, several at a time, in no order.

        One that is gone meanwhile counts as empty.
        """

        def fetch(path: Path) -> None:
            take(path, self.read(path) or b"")

        for _ in _at_once(fetch, self._sizes(folder)):
            pass

    def _ask(self, verb: str, path: Path, ask: Callable[["_Place"], _T]) -> _T:
        """One request, and the next where another may do better."""
        name = path.relative_to(self.data).as_posix()
        for attempt in range(1, self.attempts + 1):
            try:
                return ask(_place(self.url, name))
            # each kind of store has errors of its own, which share no base
            except Exception as error:
                if attempt == self.attempts or isinstance(error, _FINAL):
                    raise StoreError(
                        f"cannot {verb} {name} in the store {self.url}: "
                        f"{_words(error, self.url)}. {_advice(error)}"
                    ) from error
                step = self.pause_s * 2 ** (attempt - 1)
                time.sleep(step * random.uniform(0.5, 1))  # noqa: S311  no secret
        raise AssertionError("unreachable")


def store_of(data: Path) -> Store | None:
    """The store that the environment names for a folder; None without one.

    Raises:
        StoreError: the address makes no sense.
    """
    url = os.environ.get(VARIABLE, "").strip().rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    if not parts.scheme and not Path(url).is_absolute():
        raise StoreError(
            f"{VARIABLE}={url} is no address: give s3://bucket/prefix or the full path "
            "of a folder"
        )
    if parts.username or parts.password:
        raise StoreError(
            f"{VARIABLE} has a password in it, which logs would show: give it by the "
            "store's own environment variables"
        )
    return Store(url, data)


class _Place(Protocol):
    """Where one file or folder of a store is."""

    def read(self) -> bytes: ...

    def write(self, content: bytes) -> None: ...

    def stamp(self) -> str: ...

    def swap(self, content: bytes, seen: str | None) -> bool: ...

    def remove(self) -> None: ...

    def sizes(self) -> dict[str, int]: ...


@dataclass(frozen=True)
class _OnDisk:
    """In a folder that all machines mount."""

    root: Path
    name: str

    @property
    def path(self) -> Path:
        return self.root / self.name

    def read(self) -> bytes:
        return self.path.read_bytes()

    def write(self, content: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        staging = self.path.with_name(f".{self.path.name}-{secrets.token_hex(4)}")
        try:
            with staging.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            staging.replace(self.path)
        except BaseException:
            staging.unlink(missing_ok=True)
            raise

    def stamp(self) -> str:
        state = self.path.stat()
        return f"{state.st_ino}-{state.st_mtime_ns}-{state.st_size}"

    def swap(self, content: bytes, seen: str | None) -> bool:
        with self._locked():
            if _unless_absent(self.stamp) != seen:
                return False
            self.write(content)
            return True

    def remove(self) -> None:
        self.path.unlink()

    def sizes(self) -> dict[str, int]:
        return {
            path.relative_to(self.path).as_posix(): path.stat().st_size
            for path in self.path.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@dataclass(frozen=True)
class _Remote:
    """Behind an address that fsspec knows."""

    url: str
    name: str

    @property
    def path(self) -> str:
        return self.url if self.name == "." else f"{self.url}/{self.name}"

    def read(self) -> bytes:
        content: bytes = self._files.cat_file(self.path)
        return content

    def write(self, content: bytes) -> None:
        self._files.pipe_file(self.path, content)

    def stamp(self) -> str:
        info = self._files.info(self.path)
        return str(info.get("ETag") or self._files.ukey(self.path))

    def swap(self, content: bytes, seen: str | None) -> bool:
        if self._files.protocol not in ("s3", ("s3", "s3a")):
            if _unless_absent(self.stamp) != seen:
                return False
            self.write(content)
            return True
        wanted = {"IfNoneMatch": "*"} if seen is None else {"IfMatch": seen}
        try:
            self._files.pipe_file(self.path, content, **wanted)
        # a lost race has another name in each store; whatever else went wrong is raised
        except Exception as error:
            gone = isinstance(error, FileNotFoundError) and seen is not None
            if gone or any(name in _chain(error) for name in _CONFLICTS):
                return False
            raise
        return True

    def remove(self) -> None:
        self._files.rm_file(self.path)

    def sizes(self) -> dict[str, int]:
        start = f"{self._files._strip_protocol(self.path)}/"
        found = self._files.find(self.path, detail=True)
        return {
            name.removeprefix(start): info["size"] or 0 for name, info in found.items()
        }

    @property
    def _files(self) -> Any:
        return _file_system(
            urlsplit(self.url).scheme, os.getpid(), threading.get_ident()
        )


@lru_cache(maxsize=4 * _AT_ONCE)
def _file_system(scheme: str, _process: int, _thread: int) -> Any:
    """Files behind addresses of one kind; connections are not shared with forks and threads."""
    import fsspec  # noqa: PLC0415  most runs use no such store

    options: dict[str, Any] = {"skip_instance_cache": True}
    if scheme in {"s3", "s3a"}:
        for name in ("aiobotocore", "botocore"):  # two lines a connection at INFO
            logging.getLogger(name).setLevel(logging.WARNING)
        # one place tries again: Store
        options |= {
            "use_listings_cache": False,
            "config_kwargs": {
                "retries": {"mode": "standard", "total_max_attempts": 1},
                "connect_timeout": 10,
                "read_timeout": 30,
            },
        }
    return fsspec.filesystem(scheme, **options)


def _place(url: str, name: str) -> _Place:
    parts = urlsplit(url)
    if parts.scheme in {"", "file"}:
        return _OnDisk(Path(parts.path if parts.scheme else url), name)
    return _Remote(url, name)


def _at_once(do: Callable[[Path], _T], sizes: Mapping[Path, int]) -> Iterator[_T]:
    """What each file gives; threads wait side by side where there are many.

    Large files go one by one, so that no two of them are in memory. The first error
    ends it, once the files that were begun are done.
    """
    small = [path for path, size in sizes.items() if size <= _SMALL]
    n_threads = min(_AT_ONCE, len(small) // _FILES_A_CONNECTION)
    if n_threads > 1:
        with ThreadPoolExecutor(n_threads) as pool:
            yield from pool.map(do, small)
    else:
        yield from map(do, small)
    yield from (do(path) for path, size in sizes.items() if size > _SMALL)


def _unless_absent(ask: Callable[[], _T]) -> _T | None:
    try:
        return ask()
    except FileNotFoundError:
        return None


def _chain(error: BaseException | None) -> str:
    """What an error and its causes say."""
    said = []
    while error is not None:
        said.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return "; ".join(said)


def _words(error: Exception, url: str) -> str:
    if isinstance(error, ImportError):
        scheme = urlsplit(url).scheme
        return f"it needs a package: pip install 'benchmark-trends[{scheme}]'"
    return " ".join(f"{type(error).__name__}: {error}".split())


def _advice(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return "Let this machine read and write there"
    if isinstance(error, FileNotFoundError | ImportError | ValueError):
        return f"Look at {VARIABLE}"
    return "Nothing was published; run the same again when it answers"
