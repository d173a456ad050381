"""Checks of an installation: can it run here, and what to do where it cannot."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from trends.ledger import check_ledger
from trends.outputs import (
    OutputError,
    read_history,
    read_latest,
    verify_published,
)
from trends.pipeline.doctor_work import work_findings
from trends.pipeline.fingerprints import NUMERIC_LIBRARIES
from trends.registry import check
from trends.snapshots import damages
from trends.tables import FRONTIER, PUBLISHED, RAW_SCORES, SERIES_SCORES
from trends.validation import SuiteError
from trends.validation.suites import load_suite
from trends.workspace import Workspace

MIN_FREE_GIB = 2


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what, whether it is well, and the facts or the remedy."""

    what: str
    ok: bool
    detail: str


def examine(
    workspace: Workspace, *, now: datetime, today: date = date.max
) -> list[Finding]:
    """Look at everything a run needs, in the order in which it needs it.

    Args:
        workspace: the checkout.
        now: from which the age of work files counts.
        today: UTC day, after which no vintage can be; by default any day may be.
    """
    looks: tuple[Callable[[Workspace], Finding], ...] = (
        _python,
        _libraries,
        _folders,
        _disk,
        _writable,
        _registry,
        _suites,
        _ledger,
        _snapshots,
    )
    return [
        *(look(workspace) for look in looks),
        *_results(workspace, today),
        *(Finding(*one) for one in work_findings(workspace, now=now)),
    ]


def _python(_: Workspace) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding("Python", ok, found if ok else f"{found}; use 3.11 to 3.13")


def _libraries(_: Workspace) -> Finding:
    names = (*NUMERIC_LIBRARIES, "apache-airflow", "great-expectations")
    try:
        found = ", ".join(f"{name} {version(name)}" for name in names)
    except PackageNotFoundError as error:
        return Finding(
            "libraries", ok=False, detail=f"{error.name}: `make run` installs it"
        )
    return Finding("libraries", ok=True, detail=found)


def _folders(workspace: Workspace) -> Finding:
    needed = (workspace.registry, workspace.observations, workspace.expectations)
    missing = [folder.name for folder in needed if not folder.is_dir()]
    if missing:
        return Finding(
            "checkout",
            ok=False,
            detail=f"{workspace.root} lacks {missing}: run inside a checkout, or set "
            "TRENDS_HOME to one",
        )
    return Finding("checkout", ok=True, detail=str(workspace.root))


def _disk(workspace: Workspace) -> Finding:
    """The fullest of the disks that work and results lie on."""
    folders = {_there(one) for one in (workspace.work, workspace.results)}
    rooms = {folder: shutil.disk_usage(folder).free / 2**30 for folder in folders}
    folder, free = min(rooms.items(), key=lambda room: (room[1], room[0]))
    if free >= MIN_FREE_GIB:
        return Finding("disk", ok=True, detail=f"{free:.0f} GiB free")
    return Finding(
        "disk",
        ok=False,
        detail=f"{free:.1f} GiB free at {folder}, and {MIN_FREE_GIB} GiB are needed: "
        "`trends clean` names what may go",
    )


def _there(folder: Path) -> Path:
    """The folder, or the one in which it would be made."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _writable(workspace: Workspace) -> Finding:
    for folder in (workspace.work, workspace.results, workspace.ledger):
        there = _there(folder)
        try:
            with tempfile.TemporaryFile(dir=there):
                pass
        except OSError as error:
            detail = f"{there}: {error.strerror}; give yourself the right to write"
            return Finding("writable", ok=False, detail=detail)
    return Finding("writable", ok=True, detail="data/work, data/results, data/ledger")


def _suites(workspace: Workspace) -> Finding:
    tables = (RAW_SCORES, SERIES_SCORES, FRONTIER, *PUBLISHED)
    problems = []
    for table in tables:
        try:
            load_suite(workspace.expectations, table)
        except (SuiteError, OSError) as error:
            problems.append(str(error))
    detail = "; ".join(problems) or f"{len(tables)} suites can be read"
    return Finding("expectations", not problems, detail)


def _registry(workspace: Workspace) -> Finding:
    problems = check(workspace.registry)
    errors = [problem for problem in problems if problem.level == "error"]
    detail = f"{len(errors)} errors, {len(problems) - len(errors)} warnings"
    return Finding("registry", not errors, f"{detail}; `trends check` lists them")


def _ledger(workspace: Workspace) -> Finding:
    problems = check_ledger(workspace.ledger)
    n_files = len(list(workspace.ledger.glob("*/[0-9]*.json")))
    detail = "; ".join(problems) or f"{n_files} forecasts of record, intact"
    return Finding("ledger", not problems, detail)


def _snapshots(workspace: Workspace) -> Finding:
    n_snapshots, problems = damages(workspace.snapshots)
    none = "none yet; `trends ingest --live` makes them"
    intact = f"{n_snapshots} files of publishers, intact" if n_snapshots else none
    return Finding("snapshots", not problems, "; ".join(problems) or intact)


def _results(workspace: Workspace, today: date) -> Iterator[Finding]:
    """The latest run, every published one that is not as it was, every withdrawal."""
    pointer_problems: list[str] = []
    try:
        history = read_history(workspace.results)
        latest = read_latest(workspace.results, say=pointer_problems.append)
    except OutputError as error:
        yield Finding("results", ok=False, detail=str(error))
        return
    for problem in pointer_problems:
        yield Finding("latest.json", ok=False, detail=problem)
    if latest is None:
        yield Finding("results", ok=True, detail="none yet; `make run` makes them")
    runs = {publication.path: publication for publication in history.standing}
    damaged = 0
    for run in runs.values():
        problems = [*verify_published(run), *filter(None, [run.ahead_of(today)])]
        damaged += bool(problems)
        if problems:
            name = f"run {run.run_id} as of {run.as_of}"
            yield Finding(name, ok=False, detail="; ".join(problems))
    if latest is not None:
        yield Finding(
            "results",
            ok=True,
            detail=f"the latest is run {latest.run_id} as of {latest.as_of}; "
            f"{len(runs) - damaged} of {len(runs)} published runs intact",
        )
    for withdrawal in history.withdrawn:
        yield Finding("withdrawn", ok=True, detail=str(withdrawal))
