"""Which runs are published, and which of them is the latest.

Each publication is one small file in history/publications/. ``latest.json`` is a copy
of the newest: that of the newest vintage, and within a vintage the last one.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from trends.outputs.checks import OutputError
from trends.outputs.disk import locked, replace_file
from trends.outputs.runs import (
    MANIFEST,
    read_manifest,
    require_intact,
    run_folder,
    sha256,
)


@dataclass(frozen=True)
class LatestRun:
    """A published run; on disk its ``path`` is relative to the results folder."""

    as_of: date
    run_id: str
    path: Path
    contract_version: str
    manifest_sha256: str
    published_at: datetime


_RECORD: Final = TypeAdapter(LatestRun)


def point_latest(run: Path, *, results: Path, published_at: datetime) -> Path:
    """Publish a run and return the path of latest.json, which is written last.

    Publishing an older vintage than the latest one records it, so that later
    vintages are compared with it, and leaves latest.json where it is: filling in the
    past does not take the present away from readers. Publishing a run again changes
    nothing. To withdraw a run, delete its record and its folder and publish another.

    Raises:
        OutputError: the run is damaged, or is a draft.
    """
    if published_at.tzinfo is None:
        raise OutputError(f"published_at {published_at} does not say its time zone")
    with locked(results):
        publication = _describe(run, results=results, published_at=published_at)
        known = [p for p in _publications(results) if p.as_of == publication.as_of]
        if not known or known[-1].manifest_sha256 != publication.manifest_sha256:
            record = _history(results) / f"{_record_name(publication)}.json"
            replace_file(record, _dump(publication, results))
        latest = _latest(results)
        newest = _dump(_publications(results)[-1], results)
        if not latest.exists() or latest.read_bytes() != newest:
            replace_file(latest, newest)
    return latest


def read_latest(results: Path) -> LatestRun | None:
    """The run that latest.json leads to; None if nothing was ever published.

    Raises:
        OutputError: it leads to a run that is gone or whose manifest was changed.
    """
    latest = _latest(results)
    return _unchanged(_load(latest, results)) if latest.exists() else None


def previous_vintage(results: Path, *, before: date) -> LatestRun | None:
    """The newest published run with an ``as_of`` earlier than ``before``.

    Drafts and runs that were written but never published do not count, nor do runs
    whose folder has been deleted since.

    Raises:
        OutputError: that run's manifest was changed after publication.
    """
    earlier = [p for p in _publications(results) if p.as_of < before]
    return _unchanged(earlier[-1]) if earlier else None


def find_published(results: Path, vintage: str) -> LatestRun:
    """The last published run of a vintage, named by its as_of or its run id.

    Raises:
        OutputError: none is published, or its manifest was changed since.
    """
    published = _publications(results)
    found = [p for p in published if vintage in (p.as_of.isoformat(), p.run_id)]
    if not found:
        known = ", ".join(str(day) for day in sorted({p.as_of for p in published}))
        raise OutputError(
            f"no vintage {vintage!r} is published; there are: {known or 'none yet'}"
        )
    return _unchanged(found[-1])


def _latest(results: Path) -> Path:
    return results / "latest.json"


def _history(results: Path) -> Path:
    return results / "history" / "publications"


def _record_name(publication: LatestRun) -> str:
    return (
        f"{publication.as_of}_{publication.published_at:%Y%m%dT%H%M%S.%fZ}"
        f"_{publication.run_id}"
    )


def _publications(results: Path) -> list[LatestRun]:
    """Publications whose run is still there, oldest first."""
    found = [_load(path, results) for path in _history(results).glob("[!.]*.json")]
    found = [publication for publication in found if publication.path.is_dir()]
    return sorted(found, key=lambda p: (p.as_of, p.published_at, p.run_id))


def _describe(run: Path, *, results: Path, published_at: datetime) -> LatestRun:
    require_intact(run)
    manifest = read_manifest(run)
    home = run_folder(results, as_of=manifest.as_of, run_id=manifest.run_id)
    if run.resolve() != home.resolve():
        raise OutputError(f"{run} cannot be published: only a run at {home} can")
    return LatestRun(
        as_of=manifest.as_of,
        run_id=manifest.run_id,
        path=home,
        contract_version=manifest.contract_version,
        manifest_sha256=sha256((home / MANIFEST).read_bytes()),
        published_at=published_at.astimezone(UTC),
    )


def _dump(publication: LatestRun, results: Path) -> bytes:
    on_disk = replace(publication, path=publication.path.relative_to(results))
    return _RECORD.dump_json(on_disk, indent=2) + b"\n"


def _load(path: Path, results: Path) -> LatestRun:
    try:
        publication = _RECORD.validate_json(path.read_bytes())
    except ValidationError as error:
        raise OutputError(
            f"{path} is not a publication record: {error.errors()[0]['msg']}. "
            "Delete it and publish the run again"
        ) from error
    return replace(publication, path=results / publication.path)


def _unchanged(publication: LatestRun) -> LatestRun:
    manifest = publication.path / MANIFEST
    if not manifest.is_file():
        raise OutputError(
            f"published run {publication.path} is gone; publish another run"
        )
    found = sha256(manifest.read_bytes())
    if found != publication.manifest_sha256:
        raise OutputError(
            f"{manifest} has sha256 {found}, not {publication.manifest_sha256} as when "
            "it was published; restore it, or delete the run and publish again"
        )
    return publication
