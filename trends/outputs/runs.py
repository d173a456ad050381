"""Run folders: written whole, never changed, verified against their manifest."""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import polars as pl
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from trends.outputs.checks import NotCarriedError, OutputError
from trends.outputs.descriptions import data_package, readme
from trends.outputs.disk import in_making, locked
from trends.outputs.formats import (
    RunFile,
    file_names,
    parse_table,
    put,
    put_table,
    render_json,
    sha256_of,
)
from trends.tables import CARRIED, CONTRACT_VERSION, PUBLISHED, Table
from trends.tables.slices import Frame

MANIFEST: Final = "manifest.json"
INTERNAL: Final = "internal"

_REMEDY: Final = "restore the files, or move the folder away and run again"

CARRIED_NAMES: Final = frozenset(table.name for table in CARRIED)


class ManifestEntry(BaseModel):
    """What one file of the run must be."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    bytes: int
    rows: int | None


class Manifest(BaseModel):
    """What a run is made of and what it contains; clock times only in ``run``."""

    model_config = ConfigDict(frozen=True)

    contract_version: str
    as_of: date
    run_id: str
    files: dict[str, ManifestEntry]
    provenance: dict[str, JsonValue]
    run: dict[str, JsonValue]


def run_folder(results: Path, *, as_of: date, run_id: str) -> Path:
    """Where a run that may be published lies."""
    return results / "runs" / as_of.isoformat() / run_id


def write_run(
    tables: Mapping[str, Frame],
    *,
    as_of: date,
    run_id: str,
    results: Path,
    quality: Mapping[str, object],
    provenance: Mapping[str, object],
    readme_headline: str,
    run_facts: Mapping[str, object],
    internal: Mapping[str, object] = MappingProxyType({}),
    pages: Callable[[], Iterable[tuple[str, bytes]]] = tuple,
    draft: bool = False,
) -> Path:
    """Write one run, all or nothing, and return its folder.

    A run is found by what it was made from. If it is there already and intact, it is
    returned untouched and ``run_facts`` are not written. A damaged one is refused,
    never repaired: somebody may have read or cited it.

    Args:
        tables: every published table by name, and those of a backtest it carries; of
            a large one rows that are read as they are written.
        as_of: information cut-off; the folder's name.
        run_id: hash of everything the run used.
        results: folder of all results.
        quality: what each suite checked and found, for quality.json (JSON values).
        provenance: inputs, code, seed and library versions, for the manifest. The
            same inputs must give the same values.
        readme_headline: Markdown that opens the run's README.
        run_facts: clock times of this execution, for the manifest's ``run`` block.
        internal: JSON values by file name, for the folder ``internal/``: what a
            re-run of this run needs, outside the contract.
        pages: makes what people look at, each with its name below the run's folder,
            from its tables; not asked where the run is there already.
        draft: write below drafts/, which is never published.

    Raises:
        TableError: a table does not have its columns or types.
        OutputError: a table is missing or may not be published as it is, or the
            run is there but damaged.
    """
    folder = run_folder(results, as_of=as_of, run_id=run_id)
    if draft:
        folder = results / "drafts" / run_id
    with locked(results):
        if folder.exists():
            require_intact(folder)
            return folder
        with in_making(folder) as staging:
            files = _put_tables(staging, tables, as_of=as_of, run_id=run_id)
            package = data_package(files, as_of=as_of, run_id=run_id, draft=draft)
            for name, page in pages():
                files[name] = put(staging / name, page)
            contents = {
                "README.md": readme(
                    readme_headline,
                    files=files,
                    as_of=as_of,
                    run_id=run_id,
                    draft=draft,
                ),
                "datapackage.json": render_json("datapackage.json", package),
                "quality.json": render_json(
                    "quality.json", dict(quality), first="summary"
                ),
            }
            for name, value in internal.items():
                contents[f"{INTERNAL}/{name}"] = render_json(name, value)
            for name, content in contents.items():
                files[name] = put(staging / name, content)
            manifest = {
                "contract_version": CONTRACT_VERSION,
                "as_of": as_of.isoformat(),
                "run_id": run_id,
                **({"status": "DRAFT"} if draft else {}),
                "files": {name: _entry(file) for name, file in files.items()},
                "provenance": dict(provenance),
                "run": dict(run_facts),
            }
            put(staging / MANIFEST, render_json(MANIFEST, manifest))
    return folder


def verify_run(run: Path) -> list[str]:
    """What is wrong with a run's files, one line each; empty if it is intact.

    Files that the manifest does not list are nobody's promise and are ignored.
    """
    try:
        manifest = read_manifest(run)
    except OutputError as error:
        return [str(error)]
    return [
        problem
        for name, entry in manifest.files.items()
        if (problem := _verify_file(run / name, entry))
    ]


def require_intact(run: Path) -> None:
    """Raise OutputError naming every damaged file of the run."""
    if problems := verify_run(run):
        raise OutputError(
            f"{run} is damaged: {'; '.join(problems)}. A run is never rewritten: "
            f"{_REMEDY}"
        )


def read_manifest(run: Path) -> Manifest:
    """The run's manifest; OutputError if there is none or it makes no sense."""
    try:
        return Manifest.model_validate_json((run / MANIFEST).read_bytes())
    except OSError as error:
        raise OutputError(f"{MANIFEST} is missing") from error
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise OutputError(f"{MANIFEST} cannot be read: {reason}") from error


def content_sha256(manifest: Manifest) -> str:
    """SHA-256 of what a manifest says, without its clock times."""
    timeless = manifest.model_copy(update={"run": {}})
    return sha256(timeless.model_dump_json().encode())


def read_table(run: Path, table: Table) -> pl.DataFrame:
    """One table of a run, as it was before it was written.

    Raises:
        OutputError: the run has no such file, or it was changed.
        TableError: the run was written under another contract.
    """
    *_, name = file_names(table)
    return parse_table(table, _read_file(run, name))


def read_as_written(run: Path, table: Table) -> pl.DataFrame:
    """One table of a run with the columns that it has, under whatever contract.

    Raises:
        OutputError: the run has no such file, or it was changed.
    """
    *_, name = file_names(table)
    return pl.read_parquet(io.BytesIO(_read_file(run, name)))


def scan_as_written(run: Path, table: Table) -> pl.LazyFrame:
    """The same for a table that a run has as Parquet, read as its rows are asked for.

    Raises:
        OutputError: the run has no such file, or it was changed.
    """
    *_, name = file_names(table)
    if problem := _verify_file(run / name, _promised(run, name)):
        raise OutputError(f"{run} is damaged: {problem}; {_REMEDY}")
    return pl.scan_parquet(run / name)


def read_quality(run: Path) -> dict[str, Any]:
    """What every suite checked and found, as quality.json of the run has it.

    Raises:
        OutputError: the run has no such file, or it was changed.
    """
    quality: dict[str, Any] = json.loads(_read_file(run, "quality.json"))
    return quality


def read_internal(run: Path, name: str) -> bytes:
    """A file of the run's ``internal/`` folder, as it was written.

    Raises:
        OutputError: the run carries none of this name, or it was changed.
    """
    return _read_file(run, f"{INTERNAL}/{name}")


def _read_file(run: Path, name: str) -> bytes:
    """A file of a run, if it is what the manifest says.

    What is returned is what was hashed, so that nothing can come between.
    """
    entry = _promised(run, name)
    try:
        content = (run / name).read_bytes()
    except OSError as error:
        raise OutputError(f"{run} is damaged: {name} is missing; {_REMEDY}") from error
    if problem := _compare(name, sha256(content), entry):
        raise OutputError(f"{run} is damaged: {problem}; {_REMEDY}")
    return content


def _promised(run: Path, name: str) -> ManifestEntry:
    """What the manifest says of a file."""
    try:
        entry = read_manifest(run).files.get(name)
    except OutputError as error:
        raise OutputError(f"{run} is no run, or a damaged one: {error}") from error
    if entry is None:
        raise NotCarriedError(f"{run} carries no {name}: an older version wrote it")
    return entry


def _put_tables(
    folder: Path, tables: Mapping[str, Frame], *, as_of: date, run_id: str
) -> dict[str, RunFile]:
    promised = {table.name for table in PUBLISHED}
    allowed = promised | CARRIED_NAMES
    if not promised <= set(tables) <= allowed:
        raise OutputError(
            f"a run publishes exactly the tables of the contract: "
            f"missing {sorted(promised - set(tables))}, "
            f"unknown {sorted(set(tables) - allowed)}"
        )
    files: dict[str, RunFile] = {}
    for table in (one for one in (*PUBLISHED, *CARRIED) if one.name in tables):
        files |= put_table(
            folder, table, tables[table.name], as_of=as_of, run_id=run_id
        )
    return files


def _entry(file: RunFile) -> dict[str, JsonValue]:
    return {
        "sha256": file.sha256,
        "bytes": file.n_bytes,
        "rows": file.rows,
    }


def _verify_file(path: Path, entry: ManifestEntry) -> str | None:
    if not path.is_file():
        return f"{path.name} is missing"
    return _compare(path.name, sha256_of(path), entry)


def _compare(name: str, found: str, entry: ManifestEntry) -> str | None:
    if found != entry.sha256:
        return f"{name} has sha256 {found}, its manifest says {entry.sha256}"
    return None


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(content).hexdigest()
