"""Texts that were read and found sound, kept from one process to the next.

Every task and every command reads the registry, and a parser that knows the place of
each word takes two seconds for it. What a text says depends on the text and on the
parser alone, so it is kept under a hash of both. Places are needed only where
something is wrong, and then the text is parsed.
"""

import contextlib
import hashlib
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from trends.workspace import Workspace

MOST: Final = 10_000
"""Texts kept, each file of a large registry among them; the longest unused go first."""

_READERS: Final = ("documents.py", "parsing.py", "syntax.py", "../characters.py")
"""Modules that decide whether a text is sound, and what it says."""


def recall(text: str) -> str | None:
    """The sound text as JSON, if it was read before."""
    path = _path(text)
    try:
        seal, _, said = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if seal != _hash(said):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return said


def keep(text: str, said: str) -> None:
    """Keep what a sound text says as JSON; a folder that refuses costs time only."""
    path = _path(text)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _forget_the_oldest(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{_hash(said)}\n{said}")
        Path(name).replace(path)


def _path(text: str) -> Path:
    return Workspace.find().work / "read" / f"{_hash(_readers() + text)}.json"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _readers() -> str:
    """Changes with whatever reads a text."""
    digest = hashlib.sha256(version("ruamel.yaml").encode())
    for name in _READERS:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


@cache
def _forget_the_oldest(folder: Path) -> None:
    """Once a process: to look at thousands for each that is added takes minutes."""
    kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[: max(0, len(kept) - MOST)]:
        path.unlink(missing_ok=True)
