"""One source, read and validated into its part, whether it passes or is stopped."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from trends.corrections import CorrectionError
from trends.dating import weigh_dates
from trends.observations import build_observations
from trends.pipeline.figures import read_figures, readable_files
from trends.pipeline.fingerprints import (
    code_fingerprint,
    fingerprint,
    fingerprint_files,
    library_versions,
)
from trends.pipeline.parts import Content, State, once, state_below, untouched
from trends.pipeline.refreshed import Refreshed, costs_itself_only, refreshed
from trends.pipeline.reviewed import reviewed
from trends.registry import Registry, RegistryError
from trends.registry.looks import looks_of, with_looks
from trends.revisions import stand_until_revised
from trends.sources import SourceError
from trends.tables import OBSERVATIONS, QUARANTINE, RAW_SCORES
from trends.validation import COPIES, ValidationError, too_many, validate
from trends.workspace import Workspace

OF_FIGURES: Final = (
    "benchmarks.yaml",
    "models.yaml",
    "model_aliases.yaml",
    "corrections.yaml",
    "sources.yaml",
)
"""Files of the registry that say how figures are read."""


def source_part(source_id: str, workspace: Workspace) -> Path:
    """The part of a source, made unless it is there and sound.

    Raises:
        EditedError: what it is read from was edited meanwhile.
    """
    ask_untouched = figures_untouched(workspace, source_id)

    def read() -> Mapping[str, Content]:
        part = _read_source(source_id, workspace)
        ask_untouched()
        return part

    return once(
        part_folder(source_id, workspace),
        read,
        root=workspace.work,
        store=workspace.store,
    )


def figures_untouched(workspace: Workspace, *source_ids: str) -> Callable[[], None]:
    """``untouched`` of all that an ingest reads, with snapshots of some sources only."""
    kept = workspace.snapshots
    snapshots = [kept / one for one in source_ids] or [kept]
    return untouched(
        {workspace.registry: ".yaml", workspace.observations: ".csv"}
        | {workspace.expectations: ".yaml"}
        | dict.fromkeys(snapshots, "")
    )


def part_folder(source_id: str, workspace: Workspace) -> Path:
    """Where the part of a source lies: named by all that it is made from.

    The registry enters by the bytes of its files, which costs no parsing, so that a
    source with nothing new is done at once; thresholds and scenarios decide nothing
    of what a source gives.
    """
    snapshots = fingerprint_files(workspace.snapshots / source_id, suffix="")
    made_from = fingerprint(source_id, snapshots, _shared_inputs(workspace))
    return workspace.work / "sources" / source_id / made_from[:12]


def figures_fingerprint(workspace: Workspace) -> str:
    """SHA-256 of everything that decides what an ingest gives."""
    snapshots = fingerprint_files(workspace.snapshots, suffix="")
    return fingerprint(snapshots, _shared_inputs(workspace))


def _shared_inputs(workspace: Workspace) -> list[object]:
    """What the part of every source depends on."""
    entries = {
        name: hashlib.sha256((workspace.registry / name).read_bytes()).hexdigest()
        for name in OF_FIGURES
        if (workspace.registry / name).exists()
    }
    return [
        entries,
        fingerprint_files(workspace.observations, suffix=".csv"),
        fingerprint_files(workspace.expectations, suffix=".yaml"),
        code_fingerprint(),
        library_versions(),
    ]


def stopped_report(reason: str) -> dict[str, object]:
    """What is reported of a source without figures."""
    return {
        "stopped": reason,
        "rows": 0,
        "quarantined": 0,
        "errors_dropped": [],
        "checks": {},
        "files": {},
        "refused": {},
        "looks": {},
    }


def load_once(workspace: Workspace) -> tuple[Registry, Mapping[str, str]]:
    """The registry, and its models whose date is in doubt, each with the reason.

    Read once for all sources while nobody touches a file of registry or figures.

    Raises:
        RegistryError: the registry is not valid, or two sources contradict a date in
            it that none supports. Without the model, or with another date, every
            series that has it would move, so nothing is done until somebody looks.
    """
    return _load_once(
        workspace,
        state_below(workspace.registry, ".yaml"),
        state_below(workspace.observations, ".csv"),
    )


@lru_cache(maxsize=1)
def _load_once(
    workspace: Workspace, _registry: State, _figures: State
) -> tuple[Registry, Mapping[str, str]]:
    registry = reviewed(workspace.registry)
    doubts = weigh_dates(readable_files(registry, workspace), registry)
    if doubts.refuted:
        raise RegistryError(replace(doubts, undecided={}).problems(workspace.registry))
    return registry, doubts.undecided


def registry_fingerprint(workspace: Workspace) -> str:
    """SHA-256 of the registry's files."""
    return fingerprint_files(workspace.registry, suffix=".yaml")


def _read_source(source_id: str, workspace: Workspace) -> dict[str, Content]:
    """The part of one source, whether it passed or was stopped.

    What its publisher showed since the figures were shipped never stops it: where
    it does not pass, the shipped figures are used, and the reason is told.
    """
    registry, doubts = load_once(workspace)
    try:
        shipped = read_figures(source_id, registry, workspace)
    except SourceError as error:
        return _stopped_part(str(error), QUARANTINE.frame([]))
    found = refreshed(source_id, shipped, registry, workspace)
    try:
        return _checked_part(found, registry, doubts, workspace)
    except _StoppedError as error:
        if not found.files:
            return _stopped_part(str(error), error.quarantine)
        why = dict.fromkeys(found.files, f"with it, the source would stop: {error}")
    try:
        without = Refreshed(shipped, {}, {}, found.refused | why)
        return _checked_part(without, registry, doubts, workspace)
    except _StoppedError as error:
        return _stopped_part(str(error), error.quarantine)


def _checked_part(
    found: Refreshed,
    registry: Registry,
    doubts: Mapping[str, str],
    workspace: Workspace,
) -> dict[str, Content]:
    """Rows to observations, through both suites.

    Raises:
        _StoppedError: too much is wrong.
    """
    suites = workspace.expectations
    raw = found.rows
    observed_until = with_looks(registry, looks_of(found.looks), as_of=date.max)
    rejected: list[pl.DataFrame] = [QUARANTINE.frame([])]
    try:
        checked_raw = validate(raw, table=RAW_SCORES, suites=suites, registry=registry)
        rejected.append(checked_raw.quarantine)
        observed = build_observations(
            checked_raw.accepted, observed_until, doubts=doubts
        )
        rejected.append(observed.quarantine)
        same_slips = observed.quarantine.height - observed.n_slips
        _require_mostly_sound(rejected, raw.height, same_slips=same_slips)
        checked = validate(
            observed.observations,
            table=OBSERVATIONS,
            suites=suites,
            registry=observed_until,
        )
        rejected.append(checked.quarantine)
        _require_mostly_sound(rejected, raw.height, same_slips=same_slips)
    except (ValidationError, CorrectionError, _SpoiltError) as error:
        raise _StoppedError(str(error), pl.concat(rejected)) from error
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
            "files": found.files,
            "refused": found.refused,
            "looks": found.looks,
        },
    }


class _StoppedError(ValueError):
    """A source of which too much is wrong, with what was rejected of it."""

    def __init__(self, reason: str, quarantine: pl.DataFrame) -> None:
        super().__init__(reason)
        self.quarantine = quarantine


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
    Nor do copies of rows count, and unknown models that only the publisher's own file
    has.
    """
    quarantine = pl.concat(rejected).filter(
        ~costs_itself_only(), ~pl.col("expectation").is_in(COPIES)
    )
    if too_many(quarantine.height - same_slips, n_rows):
        first = quarantine.row(0, named=True)
        place = f"{first['source_file']}:{first['source_row']}: "
        raise _SpoiltError(
            f"{quarantine.height} of {n_rows} rows rejected, more than a slip: has the "
            f"source changed? First: {place}{first['reason'].removeprefix(place)}"
        )


def _stopped_part(reason: str, quarantine: pl.DataFrame) -> dict[str, Content]:
    return {
        "observations.parquet": OBSERVATIONS.frame([]),
        "quarantine.parquet": quarantine,
        "report.json": stopped_report(reason),
    }
