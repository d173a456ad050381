"""Sources to validated observations: one part a source, then all joined."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import cast

import polars as pl

from trends.corrections import CorrectionError
from trends.dating import weigh_dates
from trends.observations import build_observations
from trends.pipeline.errors import (
    NothingLeftError,
    RequestError,
    SourceStoppedError,
)
from trends.pipeline.figures import (
    count_published,
    count_rows,
    read_figures,
    readable_files,
    too_few,
)
from trends.pipeline.ingested import Ingest, is_named_by_its_content
from trends.pipeline.parts import (
    Content,
    code_fingerprint,
    fingerprint,
    fingerprint_files,
    library_versions,
    once,
    read_frame,
    read_json,
    read_pointer,
    replace_pointer,
)
from trends.pipeline.quality import count_warnings, source_reports
from trends.registry import Registry, RegistryError, load_registry
from trends.revisions import stand_until_revised
from trends.sources import SourceError
from trends.tables import OBSERVATIONS, QUARANTINE, RAW_SCORES
from trends.validation import ValidationError, too_many, validate
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
        observations_changed: whether observations differ from the last ingest's.
        registry_changed: whether the registry does.
        withheld: why rows of models whose date is in doubt were left out, a line each.
    """

    path: Path
    rows: int
    quarantined: int
    warnings: dict[str, int]
    stopped: dict[str, str]
    observations_changed: bool
    registry_changed: bool
    withheld: tuple[str, ...] = ()


def source_ids(workspace: Workspace) -> list[str]:
    """Sources of the registry, in its order."""
    return list(load_registry(workspace.registry).sources)


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
    _, doubts = _load_registry(workspace, _registry_and_figures(workspace))
    for source_id in ids:
        try:
            part = ingest_source(source_id, workspace=workspace)
        except SourceStoppedError as error:
            progress(f"{source_id}: stopped: {error}")
        else:
            report = read_json(part / "report.json")
            progress(
                f"{source_id}: {report['rows']} observations, "
                f"{report['quarantined']} quarantined"
            )
            for words in cast("list[str]", report["errors_dropped"]):
                progress(f"{source_id}: {words}")
            for words in _named(read_frame(part, QUARANTINE)):
                progress(f"{source_id}: {words}")
    result = join_sources(ids, workspace=workspace)
    return replace(result, withheld=tuple(doubts.values()))


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
    folder = _source_part(source_id, workspace)
    report = read_json(folder / "report.json")
    if report["stopped"] is not None:
        raise SourceStoppedError(report["stopped"])
    return folder


def join_sources(source_ids: Sequence[str], *, workspace: Workspace) -> IngestResult:
    """Join what the sources left behind and make it the latest ingest.

    Raises:
        NothingLeftError: no source passed.
    """
    # a part that is there but damaged is made again; none is there where a task failed
    parts = {
        source_id: _source_part(source_id, workspace)
        for source_id in source_ids
        if _part_folder(source_id, workspace).exists()
    }
    reports = {
        source_id: read_json(parts[source_id] / "report.json")
        if source_id in parts
        else _stopped_report(UNREAD)
        for source_id in source_ids
    }
    for source_id, why in _shrunk(parts, reports, workspace).items():
        reports[source_id] = _stopped_report(why)
    stopped = {
        source_id: str(report["stopped"])
        for source_id, report in reports.items()
        if report["stopped"] is not None
    }
    if len(stopped) == len(reports):
        lines = "; ".join(f"{one}: {why}" for one, why in stopped.items())
        raise NothingLeftError(f"no source passed, so nothing is forecast: {lines}")
    sound = [parts[one] for one in reports if one not in stopped]
    ingested = Ingest(
        observations=pl.concat(read_frame(one, OBSERVATIONS) for one in sound),
        quarantine=pl.concat(read_frame(one, QUARANTINE) for one in parts.values()),
        sources=reports,
        code=code_fingerprint(),
    )
    folder = once(
        workspace.work / "ingests" / ingested.sha256[:12],
        lambda: {
            "observations.parquet": ingested.observations,
            "quarantine.parquet": ingested.quarantine,
            "ingest.json": {
                "sources": reports,
                "sha256": ingested.sha256,
                "code": ingested.code,
            },
        },
        root=workspace.work,
        is_sound=is_named_by_its_content,
    )
    registry = _registry_fingerprint(workspace)
    observed = fingerprint(ingested.observations.write_csv())
    pointer = workspace.work / LATEST_INGEST
    previous = read_pointer(pointer) or {}
    replace_pointer(
        pointer,
        {
            "path": folder.relative_to(workspace.root).as_posix(),
            "observations": observed,
            "registry": registry,
        },
        root=workspace.work,
    )
    return IngestResult(
        path=folder,
        rows=ingested.observations.height,
        quarantined=ingested.quarantine.height,
        warnings=count_warnings(source_reports(reports)),
        stopped=stopped,
        observations_changed=previous.get("observations") != observed,
        registry_changed=previous.get("registry") != registry,
    )


def latest_ingest(workspace: Workspace) -> Path:
    """Folder of the latest ingest.

    Raises:
        RequestError: there is none yet, or it is damaged.
    """
    pointer = workspace.work / LATEST_INGEST
    if not pointer.exists():
        raise RequestError("nothing has been ingested yet: run `trends ingest` first")
    latest = read_pointer(pointer) or {}
    folder = workspace.root / str(latest.get("path"))
    if not is_named_by_its_content(folder):
        raise RequestError(
            f"{pointer} or the ingest that it leads to is damaged: run `trends ingest` "
            "again"
        )
    return folder


def _source_part(source_id: str, workspace: Workspace) -> Path:
    return once(
        _part_folder(source_id, workspace),
        lambda: _read_source(source_id, workspace),
        root=workspace.work,
    )


def _read_source(source_id: str, workspace: Workspace) -> dict[str, Content]:
    """The part of one source, whether it passed or was stopped."""
    registry, doubts = _load_registry(workspace, _registry_and_figures(workspace))
    suites = workspace.expectations
    rejected: list[pl.DataFrame] = [QUARANTINE.frame([])]
    try:
        raw = read_figures(source_id, registry, workspace)
        checked_raw = validate(raw, table=RAW_SCORES, suites=suites, registry=registry)
        rejected.append(checked_raw.quarantine)
        observed = build_observations(checked_raw.accepted, registry, doubts=doubts)
        rejected.append(observed.quarantine)
        same_slips = observed.quarantine.height - observed.n_slips
        _require_mostly_sound(rejected, raw.height, same_slips=same_slips)
        checked = validate(
            observed.observations, table=OBSERVATIONS, suites=suites, registry=registry
        )
        rejected.append(checked.quarantine)
        _require_mostly_sound(rejected, raw.height, same_slips=same_slips)
    except (SourceError, ValidationError, CorrectionError, _SpoiltError) as error:
        return _stopped_part(str(error), pl.concat(rejected))
    quarantine = pl.concat(rejected)
    return {
        "observations.parquet": stand_until_revised(checked.accepted),
        "quarantine.parquet": quarantine,
        "report.json": {
            "stopped": None,
            "rows": checked.accepted.height,
            "quarantined": quarantine.height,
            "errors_dropped": _errors_dropped(checked.accepted),
            "checks": {
                RAW_SCORES.name: checked_raw.report,
                OBSERVATIONS.name: checked.report,
            },
        },
    }


def _errors_dropped(observations: pl.DataFrame) -> list[str]:
    """Where a published error or interval is not used, and why."""
    dropped = observations.filter(pl.col("uncertainty_dropped").is_not_null())
    return [
        f"{row['source_file']}:{row['source_row']}: {row['model_name']} keeps its "
        f"score: {row['uncertainty_dropped']}"
        for row in dropped.iter_rows(named=True)
    ]


class _SpoiltError(ValueError):
    """So many rows are wrong that the source itself must have changed."""


def _require_mostly_sound(
    rejected: list[pl.DataFrame], n_rows: int, *, same_slips: int
) -> None:
    """Refuse a source of which more is wrong than a slip.

    ``same_slips`` rows are wrong for a reason that others of them are counted for.
    """
    quarantine = pl.concat(rejected)
    if too_many(quarantine.height - same_slips, n_rows):
        first = quarantine.row(0, named=True)
        place = f"{first['source_file']}:{first['source_row']}: "
        raise _SpoiltError(
            f"{quarantine.height} of {n_rows} rows rejected, more than a slip: has the "
            f"source changed? First: {place}{first['reason'].removeprefix(place)}"
        )


def _shrunk(
    parts: dict[str, Path],
    reports: dict[str, dict[str, object]],
    workspace: Workspace,
) -> dict[str, str]:
    """Sources with fewer rows than were last published, each with the words for it.

    A count in the registry takes the place of the comparison: the source was held to
    it when it was read.
    """
    registry, _ = _load_registry(workspace, _registry_and_figures(workspace))
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


def _stopped_part(reason: str, quarantine: pl.DataFrame) -> dict[str, Content]:
    return {
        "observations.parquet": OBSERVATIONS.frame([]),
        "quarantine.parquet": quarantine,
        "report.json": _stopped_report(reason),
    }


def _stopped_report(reason: str) -> dict[str, object]:
    return {
        "stopped": reason,
        "rows": 0,
        "quarantined": 0,
        "errors_dropped": [],
        "checks": {},
    }


def _part_folder(source_id: str, workspace: Workspace) -> Path:
    """Where the part of a source lies: named by all that it is made from.

    The registry enters by the bytes of its files, which costs no parsing, so that a
    source with nothing new is done at once.
    """
    made_from = fingerprint(
        source_id,
        _registry_and_figures(workspace),
        fingerprint_files(workspace.expectations, suffix=".yaml"),
        code_fingerprint(),
        library_versions(),
    )
    return workspace.work / "sources" / source_id / made_from[:12]


@lru_cache(maxsize=1)
def _load_registry(
    workspace: Workspace, _fingerprint: str
) -> tuple[Registry, Mapping[str, str]]:
    """The registry, and its models whose date is in doubt, each with the reason.

    Read once for all sources while the files of registry and figures stay the same.

    Raises:
        RegistryError: the registry is not valid, or two sources contradict a date in
            it that none supports. Without the model, or with another date, every
            series that has it would move, so nothing is done until somebody looks.
    """
    registry = load_registry(workspace.registry)
    doubts = weigh_dates(readable_files(registry, workspace), registry)
    if doubts.refuted:
        raise RegistryError(replace(doubts, undecided={}).problems(workspace.registry))
    return registry, doubts.undecided


def _registry_and_figures(workspace: Workspace) -> str:
    figures = fingerprint_files(workspace.observations, suffix=".csv")
    return fingerprint(figures, _registry_fingerprint(workspace))


def _registry_fingerprint(workspace: Workspace) -> str:
    return fingerprint_files(workspace.registry, suffix=".yaml")
