"""Recorders of a ledger in processes of their own: at once, read meanwhile, killed.

A script, so that it can fork before anything starts threads:
``python -m tests.ledger_recorders kill|together|read FOLDER`` prints JSON.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from tests.ledger_entries import MADE, make_entry
from trends.ledger import Entry, LedgerError, append_entry, check_ledger

ROUNDS = 25


def kill(folder: Path) -> None:
    """Kill a recorder before each step it takes on disk, each in its own ledger."""
    append_entry(folder / "before", make_entry())
    for step in count(1):
        ledger = folder / str(step)
        shutil.copytree(folder / "before", ledger)
        child = _fork(lambda: _record_until(step, ledger))  # noqa: B023 - runs at once
        if os.waitpid(child, 0)[1] == 0:
            print(json.dumps(step - 1))
            return


def together(folder: Path) -> None:
    """Two recorders at once, of two vintages and of one; what they say and leave."""
    found = []
    for n in range(ROUNDS):
        for days in ((1, 2), (1, 1)):
            ledger = folder / f"{n}-{days[1]}"
            begin, go = os.pipe()
            hear, say = os.pipe()
            children = [
                _fork(lambda: _record_on_signal(ledger, begin, say, one, day))  # noqa: B023
                for one, day in enumerate(days)
            ]
            os.write(go, b"..")
            codes = [os.waitpid(child, 0)[1] for child in children]
            said = os.read(hear, 99).decode().split()
            found.append([days[1], codes, sorted(said), check_ledger(ledger)])
            for end in (begin, go, hear, say):
                os.close(end)
    print(json.dumps(found))


def read(folder: Path) -> None:
    """Check a ledger again and again while another process records into it."""
    child = _fork(lambda: [append_entry(folder, _vintage(n)) for n in range(60)])
    checks, problems = 0, []
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        problems += check_ledger(folder)
        checks += 1
    print(json.dumps([checks, problems]))


def _vintage(n_days: int, run: int = 0) -> Entry:
    day = MADE + timedelta(n_days)
    return make_entry(as_of=day, run_id=f"{run:06d}{n_days:06d}")


def _record_on_signal(ledger: Path, begin: int, say: int, run: int, day: int) -> None:
    os.read(begin, 1)
    try:
        append_entry(ledger, _vintage(day, run))
        os.write(say, b"recorded ")
    except LedgerError:
        os.write(say, b"refused ")


def _record_until(step: int, ledger: Path) -> None:
    """Record a second entry, dead before step ``step`` of those below the ledger."""
    steps = count(1)

    def die_here() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, args: tuple[object, ...]) -> None:
        on_disk = {"open", "os.rename", "os.remove", "os.mkdir"}
        if event in on_disk and str(args[0]).startswith(str(ledger)):
            die_here()

    sync = os.fsync

    def watched_sync(fd: Any) -> None:
        die_here()
        sync(fd)

    os.fsync = watched_sync
    sys.addaudithook(watch)
    append_entry(ledger, _vintage(9))


def _fork(work: Callable[[], object]) -> int:
    if child := os.fork():
        return child
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)


if __name__ == "__main__":
    {"kill": kill, "together": together, "read": read}[sys.argv[1]](Path(sys.argv[2]))
