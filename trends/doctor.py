"""Checks of an installation: can it run here, and what to do where it cannot."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from trends.ledger import check_ledger
from trends.outputs import OutputError, read_latest, verify_run
from trends.pipeline.parts import NUMERIC_LIBRARIES
from trends.registry import check
from trends.workspace import Workspace

MIN_FREE_GIB = 2


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what, whether it is well, and the facts or the remedy."""

    what: str
    ok: bool
    detail: str


def examine(workspace: Workspace) -> list[Finding]:
    """Look at everything a run needs, in the order in which it needs it."""
    looks: tuple[Callable[[Workspace], Finding], ...] = (
        _python,
        _libraries,
        _folders,
        _disk,
        _registry,
        _results,
        _ledger,
    )
    return [look(workspace) for look in looks]


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
    free = shutil.disk_usage(workspace.root).free / 2**30
    enough = free >= MIN_FREE_GIB
    remedy = "" if enough else f"; {MIN_FREE_GIB} GiB are needed"
    return Finding("disk", enough, f"{free:.0f} GiB free{remedy}")


def _registry(workspace: Workspace) -> Finding:
    problems = check(workspace.registry)
    errors = [problem for problem in problems if problem.level == "error"]
    detail = f"{len(errors)} errors, {len(problems) - len(errors)} warnings"
    return Finding("registry", not errors, f"{detail}; `trends check` lists them")


def _results(workspace: Workspace) -> Finding:
    try:
        latest = read_latest(workspace.results)
    except OutputError as error:
        return Finding("results", ok=False, detail=str(error))
    if latest is None:
        return Finding("results", ok=True, detail="none yet; `make run` makes them")
    problems = verify_run(latest.path)
    detail = "; ".join(problems) or f"run {latest.run_id} as of {latest.as_of}, intact"
    return Finding("results", not problems, detail)


def _ledger(workspace: Workspace) -> Finding:
    problems = check_ledger(workspace.ledger)
    n_files = len(list(workspace.ledger.glob("*/[0-9]*.json")))
    detail = "; ".join(problems) or f"{n_files} forecasts of record, intact"
    return Finding("ledger", not problems, detail)
