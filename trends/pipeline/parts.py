"""Intermediate results in folders named by what they were made from.

A part is written whole or not at all, so that a stage that ran twice, or was killed
in the middle, changes nothing; a stage whose part is there has nothing to do.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import polars as pl

PACKAGE: Final = Path(__file__).parent.parent

NUMERIC_LIBRARIES: Final = ("numba", "numpy", "polars", "scipy", "statsmodels")
"""Libraries whose version may change a digit."""

Content = pl.DataFrame | dict[str, object]


def fingerprint(*facts: object) -> str:
    """SHA-256 of JSON-able facts, independent of the order of dictionary keys."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_files(*folders: Path, suffix: str) -> str:
    """SHA-256 of the names and bytes of all files below the folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(filter(Path.is_file, folder.rglob(f"*{suffix}"))):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def code_fingerprint() -> str:
    """SHA-256 of this package's own source files."""
    return fingerprint_files(PACKAGE, suffix=".py")


def library_versions() -> dict[str, str]:
    """Versions of the libraries that may change a digit."""
    return {name: version(name) for name in NUMERIC_LIBRARIES}


def write_part(folder: Path, contents: Mapping[str, Content]) -> Path:
    """Write frames (.parquet) and JSON files into ``folder``, whole or not at all.

    Where the part is there already it is kept: the same name means the same content.
    """
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        for name, content in contents.items():
            _write(staging / name, content)
        staging.rename(folder)
    except OSError:
        # another process finished the same part first
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def once(folder: Path, make: Callable[[], Mapping[str, Content]]) -> Path:
    """The part at ``folder``, made only if it is not there."""
    return folder if folder.exists() else write_part(folder, make())


def read_json(path: Path) -> dict[str, object]:
    """A JSON object that ``write_part`` wrote."""
    content: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return content


def replace_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file so that readers meet the old or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(_dump(content))
    Path(name).replace(path)


def _write(path: Path, content: Content) -> None:
    if isinstance(content, pl.DataFrame):
        content.write_parquet(path)
    else:
        path.write_text(_dump(content), encoding="utf-8")


def _dump(content: Mapping[str, object]) -> str:
    return json.dumps(content, indent=1, sort_keys=True, default=str) + "\n"
