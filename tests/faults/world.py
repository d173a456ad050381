"""The small world that schedules run on: copies, the worker, and disks that break."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.small_world import CHECKOUT, small_world

MEMORY: Final = Path("/dev/shm")  # noqa: S108  # fsync costs nothing there


class Worker:
    """The warm process, and orders to it."""

    def __init__(self, folder: Path, *, world: Path) -> None:
        """Start it for worlds like this one; ``folder`` has its logs and drawings."""
        self.folder = folder
        (folder / "drawings").mkdir(parents=True, exist_ok=True)
        arguments = [str(folder / "drawings"), str(world)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker", *arguments],
            cwd=CHECKOUT,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "2"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def run(self, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
        """Run the jobs at once; what each answered."""
        assert self._process.stdin is not None
        for i, job in enumerate(jobs):
            for stream in ("out", "err"):
                (self.folder / f"{i}.{stream}").unlink(missing_ok=True)
            job["log"] = str(self.folder / str(i))
        self._process.stdin.write(f"{json.dumps(jobs)}\n")
        self._process.stdin.flush()
        answers: list[dict[str, Any]] = self._answer()
        return answers

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the worker of the schedules ended")
        return json.loads(line)


def make_world(root: Path) -> None:
    """The small registry and its figures, nothing ingested."""
    root.mkdir(parents=True)
    small_world(root)


def copy_world(source: Path, target: Path) -> None:
    """A world as it stands, elsewhere."""
    shutil.copytree(source, target, symlinks=True)


def place() -> Path:
    """A new folder for worlds, in memory where there is some."""
    there = MEMORY if os.access(MEMORY, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="trends-faults-", dir=there)).resolve()


def can_mount() -> bool:
    """Whether this user may make small disks."""
    with tempfile.TemporaryDirectory() as folder:
        if not _mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder):
            return False
        _unmount(Path(folder))
        return True


@contextmanager
def small_disk(folder: Path, *, room: int) -> Iterator[None]:
    """While this holds, ``folder`` lies on a disk with ``room`` bytes left."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f"{folder.name}-aside")
    used = sum(_blocks(path) for path in folder.rglob("*")) + (64 << 10)
    folder.rename(aside)
    folder.mkdir()
    try:
        if not _mount("-t", "tmpfs", "-o", f"size={used + room}", "tmpfs", str(folder)):
            raise RuntimeError(f"no small disk at {folder}")
        shutil.copytree(aside, folder, dirs_exist_ok=True, symlinks=True)
        shutil.rmtree(aside)
        yield
    finally:
        shutil.copytree(folder, aside, dirs_exist_ok=True, symlinks=True)
        _unmount(folder)
        folder.rmdir()
        aside.rename(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """While this holds, nothing below ``folder`` can be written."""
    folder.mkdir(parents=True, exist_ok=True)
    if not _mount("--bind", str(folder), str(folder)):
        raise RuntimeError(f"{folder} cannot be made read-only")
    try:
        if not _mount("-o", "remount,ro,bind", str(folder)):
            raise RuntimeError(f"{folder} cannot be made read-only")
        yield
    finally:
        _unmount(folder)


def _blocks(path: Path) -> int:
    """Bytes that a file takes on a disk in pages."""
    size = path.lstat().st_size if path.is_file() else 0
    return -(-size // 4096) * 4096 + 1024


def _mount(*words: str) -> bool:
    try:
        done = subprocess.run(
            ["mount", *words], capture_output=True, check=False, timeout=20
        )
    except OSError:
        return False
    return done.returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True, timeout=20)
