"""Sources to validated observations: one part a source, then all joined."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import polars as pl

from trends import snapshots
from trends.dag_names import INGEST
from trends.outputs import pull
from trends.pipeline.errors import (
    NothingLeftError,
    PartError,
    RequestError,
    SourceStoppedError,
)
from trends.pipeline.figures import count_published, count_rows, too_few
from trends.pipeline.fingerprints import (
    code_fingerprint,
    fingerprint,
    fingerprint_rows,
)
from trends.pipeline.ingested import Ingest, is_named_by_its_content
from trends.pipeline.parts import (
    fetch_part,
    once,
    read_frame,
    read_json,
    read_pointer,
    replace_pointer,
)
from trends.pipeline.quality import count_warnings, source_reports
from trends.pipeline.reviewed import reviewed
from trends.pipeline.source_part import (
    load_once,
    part_folder,
    registry_fingerprint,
    source_part,
    stopped_report,
)
from trends.tables import OBSERVATIONS, QUARANTINE
from trends.words import rejected_row
from trends.workspace import Workspace

LATEST_INGEST = "latest_ingest.json"

MAX_NAMED = 5
"""Rejected rows of one source that an ingest names on screen."""

UNREAD = (
    "it was not read to the end (see the log of its task), or files of data/ were "
    "edited meanwhile: run the ingest again"
)


@dataclass(frozen=True)
class IngestResult:
    """What an ingest left behind.

    Attributes:
        path: folder with observations.parquet, quarantine.parquet and ingest.json.
        rows: accepted observations.
        quarantined: rejected rows.
        warnings: how often each expectation that only warns was broken.
        stopped: sources that were stopped, each with the reason.
        observations_changed: whether observations, or the days up to which they are
            known to be all, differ from the last ingest's.
        registry_changed: whether the registry does.
        refused: files of publishers whose content is not in use, each with the reason.
        withheld: why rows of models whose date is in doubt were left out, a line each.
        sources: accepted and rejected rows of each source, and what changed.
    """

    path: Path
    rows: int
    quarantined: int
    warnings: dict[str, int]
    stopped: dict[str, str]
    observations_changed: bool
    registry_changed: bool
    refused: dict[str, str] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    sources: dict[str, "SourceRows"] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceRows:
    """How many rows one source has, and how many are not those of the last ingest.

    Attributes:
        accepted: observations.
        quarantined: rejected rows.
        new: observations that the last ingest did not have, or had otherwise.
        gone: observations of the last ingest that are not there as they were.
    """

    accepted: int
    quarantined: int
    new: int
    gone: int


def source_ids(workspace: Workspace) -> list[str]:
    """Sources of the registry, in its order."""
    return list(reviewed(workspace.registry).sources)


def source_titles(workspace: Workspace) -> dict[str, str]:
    """Name of each source's publisher or list, by its id."""
    sources = reviewed(workspace.registry).sources
    return {source_id: source.title for source_id, source in sources.items()}


def ingest(
    workspace: Workspace,
    *,
    sources: Iterable[str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> IngestResult:
    """Read, validate and join the sources; one that fails does not stop the others.

    Args:
        workspace: the checkout.
        sources: ids of the sources to read, by default all.
        progress: told, line by line, what was done.

    Raises:
        RegistryError: the registry is not valid, or figures refute a date in it.
        NothingLeftError: no source passed.
    """
    ids = list(sources) if sources is not None else source_ids(workspace)
    _, doubts = load_once(workspace)
    for source_id in ids:
        try:
            part = ingest_source(source_id, workspace=workspace)
        except SourceStoppedError as error:
            progress(f"{source_id}: stopped: {error}")
        else:
            for words in source_lines(part):
                progress(f"{source_id}: {words}")
    result = join_sources(ids, workspace=workspace)
    return replace(result, withheld=tuple(doubts.values()))


def source_lines(part: Path) -> Iterator[str]:
    """What one source gave, in words: rows, files, rejected rows."""
    report = read_json(part / "report.json")
    yield f"{report['rows']} observations, {report['quarantined']} quarantined"
    yield from _of_files(report)
    yield from cast("list[str]", report["errors_dropped"])
    yield from _named(read_frame(part, QUARANTINE))


def _of_files(report: Mapping[str, Any]) -> Iterator[str]:
    """A line for each file of the publisher that is in use."""
    for name, file in report["files"].items():
        yield (
            f"{name}: {file['rows']} rows of {file['snapshot']}, "
            f"{sum(file['dropped'].values())} give no score; {file['added']} added, "
            f"{file['revised']} revised, {file['missing']} no longer there"
        )


def _named(quarantine: pl.DataFrame) -> Iterator[str]:
    """A line for each of the first rejected rows, and how many more there are."""
    for row in quarantine.head(MAX_NAMED).iter_rows(named=True):
        yield f"quarantined: {rejected_row(row)}"
    if (more := quarantine.height - MAX_NAMED) > 0:
        yield f"quarantined: {more} more rows, which quarantine.csv of a run names"


def ingest_source(source_id: str, *, workspace: Workspace) -> Path:
    """Read and validate one source into its part.

    Returns:
        Folder with observations.parquet, quarantine.parquet and report.json.

    Raises:
        SourceStoppedError: the source cannot be read, or too much of it is wrong;
            the part that says so is written first.
    """
    kept = workspace.snapshots
    snapshots.pull(kept / source_id, workspace.store, root=kept)
    folder = source_part(source_id, workspace)
    report = read_json(folder / "report.json")
    if report["stopped"] is not None:
        raise SourceStoppedError(report["stopped"])
    return folder


def read_sources(
    workspace: Workspace, *, progress: Callable[[str], None] = lambda _: None
) -> Ingest:
    """What an ingest would give now; the latest ingest stays what it is.

    Raises:
        RegistryError: the registry is not valid, or figures refute a date in it.
        NothingLeftError: no source passed.
    """
    registry, _ = load_once(workspace)
    for source_id in registry.sources:
        try:
            ingest_source(source_id, workspace=workspace)
        except SourceStoppedError as error:
            progress(f"{source_id}: stopped: {error}")
    return _joined(list(registry.sources), workspace)


def join_sources(source_ids: Sequence[str], *, workspace: Workspace) -> IngestResult:
    """Join what the sources left behind and make it the latest ingest.

    Raises:
        NothingLeftError: no source passed.
    """
    kept = workspace.snapshots
    snapshots.pull(kept, workspace.store, root=kept)
    pull(workspace.results, workspace.store)
    ingested = _joined(source_ids, workspace)
    folder = once(
        workspace.work / "ingests" / ingested.sha256[:12],
        ingested.contents,
        root=workspace.work,
        store=workspace.store,
        is_sound=is_named_by_its_content,
    )
    registry = registry_fingerprint(workspace)
    # a day without news is news: it moves what was observed
    observed = fingerprint(fingerprint_rows(ingested.observations), ingested.looks)
    pointer = workspace.work / LATEST_INGEST
    previous = read_pointer(pointer, workspace.store) or {}
    before = workspace.root / str(previous.get("path"))
    fetch_part(before, root=workspace.work, store=workspace.store)
    rows = _source_rows(ingested, before)
    replace_pointer(
        pointer,
        {
            "path": folder.relative_to(workspace.root).as_posix(),
            "observations": observed,
            "registry": registry,
        },
        root=workspace.work,
        store=workspace.store,
    )
    return IngestResult(
        path=folder,
        rows=ingested.observations.height,
        quarantined=ingested.quarantine.height,
        warnings=count_warnings(source_reports(ingested.sources)),
        stopped=ingested.stopped,
        observations_changed=previous.get("observations") != observed,
        registry_changed=previous.get("registry") != registry,
        refused=ingested.refused,
        sources=rows,
    )


def _source_rows(ingested: Ingest, previous: Path) -> dict[str, SourceRows]:
    """Rows of each source beside those of the ingest in the folder ``previous``."""
    try:
        before = read_frame(previous, OBSERVATIONS)
    except PartError:  # the first ingest, or one of another version
        before = OBSERVATIONS.frame([])
    frames = (ingested.observations, before, ingested.quarantine)
    return {
        source_id: _compared(
            *(one.filter(pl.col("source_id") == source_id) for one in frames)
        )
        for source_id in ingested.sources
    }


def _compared(
    now: pl.DataFrame, before: pl.DataFrame, quarantine: pl.DataFrame
) -> SourceRows:
    """Rows of one source beside what it had: to join all cells of all takes much room."""
    if now.equals(before):
        return SourceRows(now.height, quarantine.height, new=0, gone=0)
    new, gone = (
        here.join(there, on=now.columns, how="anti", nulls_equal=True).height
        for here, there in ((now, before), (before, now))
    )
    return SourceRows(now.height, quarantine.height, new, gone)


def _joined(source_ids: Sequence[str], workspace: Workspace) -> Ingest:
    """The figures of all sources that passed.

    Raises:
        NothingLeftError: no source did.
    """
    # a part that is there but damaged is made again; none is there where a task failed
    parts = {
        source_id: source_part(source_id, workspace)
        for source_id in source_ids
        if _was_read(source_id, workspace)
    }
    reports = {
        source_id: read_json(parts[source_id] / "report.json")
        if source_id in parts
        else stopped_report(UNREAD)
        for source_id in source_ids
    }
    for source_id, why in _shrunk(parts, reports, workspace).items():
        reports[source_id] = stopped_report(why)
    stopped = {
        source_id: str(report["stopped"])
        for source_id, report in reports.items()
        if report["stopped"] is not None
    }
    if len(stopped) == len(reports):
        lines = "; ".join(f"{one}: {why}" for one, why in stopped.items())
        raise NothingLeftError(f"no source passed, so nothing is forecast: {lines}")
    sound = [parts[one] for one in reports if one not in stopped]
    return Ingest(
        observations=pl.concat(read_frame(one, OBSERVATIONS) for one in sound),
        quarantine=pl.concat(read_frame(one, QUARANTINE) for one in parts.values()),
        sources=reports,
        code=code_fingerprint(),
    )


def _was_read(source_id: str, workspace: Workspace) -> bool:
    """Whether a part of the source is here, damaged perhaps, or in the store."""
    folder = part_folder(source_id, workspace)
    root, store = workspace.work, workspace.store
    return folder.exists() or fetch_part(folder, root=root, store=store)


def latest_ingest(workspace: Workspace) -> Path:
    """Folder of the latest ingest.

    Raises:
        RequestError: there is none yet, or it is damaged.
    """
    pointer = workspace.work / LATEST_INGEST
    latest = read_pointer(pointer, workspace.store)
    if latest is None and not pointer.exists():
        raise RequestError(
            "nothing has been ingested yet: run `trends ingest`, or trigger "
            f"{INGEST}, first"
        )
    folder = workspace.root / str((latest or {}).get("path"))
    fetch_part(folder, root=workspace.work, store=workspace.store)
    if not is_named_by_its_content(folder):
        raise RequestError(
            f"{pointer} or the ingest that it leads to is damaged, or of another "
            f"version of this project: run `trends ingest` again, or trigger {INGEST}"
        )
    return folder


def _shrunk(
    parts: dict[str, Path],
    reports: dict[str, dict[str, object]],
    workspace: Workspace,
) -> dict[str, str]:
    """Sources with fewer rows than were last published, each with the words for it.

    A count in the registry takes the place of the comparison: the source was held to
    it when it was read.
    """
    registry, _ = load_once(workspace)
    counts: dict[str, int] = {}
    for source_id, report in reports.items():
        if report["stopped"] is None:
            part = parts[source_id]
            counts |= count_rows(
                read_frame(part, OBSERVATIONS), read_frame(part, QUARANTINE)
            )
    uncounted = {one for one in counts if registry.benchmarks[one].n_rows is None}
    published = count_published(workspace, uncounted)
    shrunk: dict[str, list[str]] = {}
    for one, expected in published.items():
        if counts[one] < expected:
            words = too_few(one, counts[one], expected, "the published vintage has")
            shrunk.setdefault(registry.benchmarks[one].source, []).append(words)
    return {source_id: "; ".join(words) for source_id, words in shrunk.items()}
