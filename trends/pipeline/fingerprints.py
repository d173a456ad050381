"""Names for what a result was made from: hashes of facts, rows, files and code."""

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import polars as pl

PACKAGE: Final = Path(__file__).parent.parent

SOURCES: Final = (".py", ".jinja", ".css", ".js")
"""Suffixes of the files that the package consists of."""

NUMERIC_LIBRARIES: Final = ("numba", "numpy", "polars", "scipy", "statsmodels")
"""Libraries whose version may change a digit."""

_HASHED_ROWS: Final = 10_000


def fingerprint(*facts: object) -> str:
    """SHA-256 of JSON-able facts, independent of the order of dictionary keys."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_rows(frame: pl.DataFrame) -> str:
    """SHA-256 of a table as CSV, of which little is in memory at a time."""
    digest = hashlib.sha256(frame.clear().write_csv().encode())
    for part in frame.iter_slices(_HASHED_ROWS):
        digest.update(part.write_csv(include_header=False).encode())
    return digest.hexdigest()


def fingerprint_files(*folders: Path, suffix: str) -> str:
    """SHA-256 of the names and bytes of all files below the folders but hidden ones."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(filter(Path.is_file, folder.rglob(f"[!.]*{suffix}"))):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def code_fingerprint() -> str:
    """SHA-256 of this package's own source files, of which results and pages are made."""
    return fingerprint(*(fingerprint_files(PACKAGE, suffix=one) for one in SOURCES))


def library_versions() -> dict[str, str]:
    """Versions of the libraries that may change a digit."""
    return {name: version(name) for name in NUMERIC_LIBRARIES}
