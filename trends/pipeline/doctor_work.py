"""What runs share, leave and hold: the store, locks, room, forecasts begun, Airflow's own home.

Little of it keeps a run from starting, so BAD is only what is damaged or silent.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from trends import defaults
from trends.dag_names import FITS_POOL
from trends.pipeline.retention import removable, touched_at, unfinished_plans
from trends.store import VARIABLE, StoreError
from trends.workspace import Workspace

LOCKS: Final = Path("/proc/locks")


def work_findings(
    workspace: Workspace, *, now: datetime
) -> Iterator[tuple[str, bool, str]]:
    """What, whether it is well, and the facts or the cure, one for each thing."""
    yield ("store", *_store(workspace))
    yield "at work", True, _at_work(workspace)
    yield "unfinished", True, _unfinished(workspace)
    yield "room", True, _room(workspace, now)
    yield ("airflow", *_airflow(workspace.root / ".airflow"))


def _store(workspace: Workspace) -> tuple[bool, str]:
    """Whether what machines share answers; asked once."""
    try:
        store = workspace.store
        if store is None:
            return True, f"none: results stay on this disk ({VARIABLE} names one)"
        shared = replace(store, attempts=1).read(workspace.results / "latest.json")
    except StoreError as error:
        return False, str(error)
    holds = "has results" if shared is not None else "has no results yet"
    return True, f"{store.url} answers and {holds}"


def _at_work(workspace: Workspace) -> str:
    """Who holds the folders of work and results."""
    holders = {
        f"process {pid} in data/{root.name}"
        for root in (workspace.work, workspace.results)
        for path in (root, root / ".lock")
        for pid in _holders(path)
    }
    if not holders:
        return "nobody"
    said = ", ".join(sorted(holders))
    return f"{said}; others wait for it. The lock is free when it ends, killed or not"


def _holders(path: Path) -> Iterator[int]:
    """Processes that hold a file or folder by flock, as this machine's kernel says."""
    if not LOCKS.exists() or not path.exists():
        return
    about = path.stat()
    device = f"{os.major(about.st_dev):02x}:{os.minor(about.st_dev):02x}"
    for line in LOCKS.read_text().splitlines():
        words = line.split()
        if "FLOCK" in words and words[-3] == f"{device}:{about.st_ino}":
            pid = int(words[-4])
            if pid != os.getpid():
                yield pid


def _unfinished(workspace: Workspace) -> str:
    """Forecasts that were begun, and how to end them."""
    plans = sorted(unfinished_plans(workspace), key=touched_at)
    if not plans:
        return "no forecast that was begun is without its run"
    last = touched_at(plans[-1]).astimezone(UTC)
    return (
        f"forecasts that were begun and have no run: {len(plans)}, the last touched "
        f"{last:%Y-%m-%d %H:%M} UTC. Run the same again and it goes on where it was; "
        "`trends clean --yes` takes what nobody touched for a week"
    )


def _room(workspace: Workspace, now: datetime) -> str:
    """What could go."""
    going = removable(workspace, keep=defaults.KEEP, now=now)
    megabytes = sum(one.n_bytes for one in going) / 1e6
    if not going:
        return "no old drafts, previews or work files"
    return (
        f"{len(going)} old drafts, previews and work files take {megabytes:.0f} MB: "
        "`trends clean` names them, `trends clean --yes` removes them"
    )


def _airflow(home: Path) -> tuple[bool, str]:
    """The checkout's own Airflow: its database, and the pool of fits."""
    database = home / "airflow.db"
    if not database.is_file():
        return True, "no home yet; `make run` or `make ui` makes it"
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as found:
            pools = dict(found.execute("SELECT pool, slots FROM slot_pool"))
    except sqlite3.Error as error:
        return False, (
            f"{database} cannot be read ({error}): it holds run history only. Stop "
            "Airflow, move .airflow away, and `make run` makes it anew"
        )
    if FITS_POOL not in pools:
        return True, f"no pool {FITS_POOL} yet; the scheduler makes it when it starts"
    return True, f"home {home}, pool {FITS_POOL} with {pools[FITS_POOL]} slots"
