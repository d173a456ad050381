"""A run in one file that can be cited: the same bytes for the same run."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trends.exports.citation import citation_cff
from trends.outputs import OutputError, read_manifest, verify_run
from trends.outputs.runs import MANIFEST

_FIRST_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Earliest time that the format can write: no clock is asked."""

_UNIX: Final = 3
_READABLE: Final = 0o100644 << 16

_LICENCE: Final = "LICENSE"


def bundle_run(run: Path, *, root: Path) -> tuple[str, bytes]:
    """A run's files with the licence and CITATION.cff.

    Args:
        run: folder of the run.
        root: the checkout, for its licence.

    Returns:
        Name of the folder in the zip file, and the file's content.

    Raises:
        OutputError: the run is damaged.
    """
    if problems := verify_run(run):
        raise OutputError(f"{run} is damaged: {'; '.join(problems)}")
    manifest = read_manifest(run)
    files = {name: (run / name).read_bytes() for name in (*manifest.files, MANIFEST)}
    files[_LICENCE] = (root / _LICENCE).read_bytes()
    files["CITATION.cff"] = citation_cff(
        as_of=manifest.as_of,
        run_id=manifest.run_id,
        contract_version=manifest.contract_version,
    )
    folder = f"benchmark-trends-{manifest.as_of}-{manifest.run_id}"
    return folder, zip_folder(files, folder=folder)


def zip_folder(files: Mapping[str, bytes], *, folder: str) -> bytes:
    """A zip file of one folder, its files in order of their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{name}", _FIRST_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE
            entry.create_system = _UNIX
            archive.writestr(entry, files[name], compresslevel=9)
    return buffer.getvalue()
