"""Start and stop Airflow's processes, and those that a killed run left behind."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import TextIO

from trends.local_airflow.messages import LocalAirflowError, say, tail

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
WARM_AIRFLOW = [sys.executable, "-P", "-m", "trends.local_airflow.warm", AIRFLOW]
"""For what starts tasks."""

COMMANDS = {
    "db-migrate": [AIRFLOW, "db", "migrate"],
    "api-server": [AIRFLOW, "api-server"],
    "scheduler": [*WARM_AIRFLOW, "scheduler", "--skip-serve-logs"],
    "dag-processor": [AIRFLOW, "dag-processor"],
    "triggerer": [AIRFLOW, "triggerer", "--skip-serve-logs"],
}
STOP_SECONDS = 5.0
KEPT_LOGS = 5


def free_port(preferred: int) -> int:
    """``preferred`` if nothing listens there, else any free port, as for 0."""
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise LocalAirflowError("no free port on 127.0.0.1 for Airflow's API server")


class Component:
    """One Airflow process and everything it starts: a session of their own.

    Every member inherits an open, locked file. Whoever finds the lock held knows
    that some member still lives, whatever became of the process that started it.
    """

    def __init__(
        self,
        name: str,
        home: Path,
        env: dict[str, str],
        *,
        command: Sequence[str] | None = None,
    ) -> None:
        """Start a component, by default ``name`` of COMMANDS, logging below ``home``."""
        self.name = name
        words = command or COMMANDS[name]
        self.log = home / f"{name}.log"
        self._record = _records(home) / name
        with self._record.open("a") as record:
            fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
            record.truncate(0)
            _keep_earlier(self.log)
            # the process itself says who it is: this one may be killed before it can
            note_pid = 'echo $$ >"$0" && exec "$@"'
            with self.log.open("xb") as output:
                self._process = subprocess.Popen(  # noqa: S603 - a command of ours
                    ["/bin/sh", "-c", note_pid, self._record, *words],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    pass_fds=[record.fileno()],
                )

    @property
    def session(self) -> str:
        """The id of its first process, which all of them share."""
        return self._record.read_text().strip()

    def wait(self) -> int:
        """Wait for the process to end; its exit code."""
        return self._process.wait()

    def check(self) -> None:
        """Raise if the process has ended by itself."""
        if (code := self._process.poll()) is not None:
            raise LocalAirflowError(
                f"Airflow's {self.name} ended unexpectedly (exit {code}); "
                f"the end of {self.log}:\n{tail(self.log)}"
            )

    def ask_to_stop(self) -> None:
        """Ask the process to end; returns at once."""
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End it and all that it started at once, as a machine that is lost."""
        end_session(self._record)
        self._process.wait()

    def stop(self, deadline: float) -> None:
        """Wait for the process until ``deadline``, then end all of its session."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        end_session(self._record)
        self._process.wait()


@contextlib.contextmanager
def components(
    names: list[str], home: Path, env: dict[str, str]
) -> Iterator[list[Component]]:
    """Run the named components; they have ended when the block has."""
    started: list[Component] = []
    try:
        for name in names:
            started.append(Component(name, home, env))
        yield started
    finally:
        stop_all(started)


def leave(number: int, _frame: FrameType | None) -> None:
    """End on a signal as on Ctrl-C, so that every process is ended."""
    raise KeyboardInterrupt(signal.Signals(number).name)


def stop_all(started: Sequence[Component]) -> None:
    """Ask all to end, and end those that do not."""
    for component in started:
        component.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for component in started:
        component.stop(deadline)


def members_of(component: Component) -> list[int]:
    """Processes of a component."""
    return _members(component.session)


def end_leftovers(home: Path) -> None:
    """End what a killed run left behind; it would hold the database and the port."""
    for record in sorted(_records(home).iterdir()):
        if end_session(record):
            say(f"Ended Airflow's {record.name}, left behind by a run that was killed.")


def end_session(record: Path) -> bool:
    """End every process that holds ``record``; whether there was any."""
    deadline = time.monotonic() + STOP_SECONDS
    with record.open() as file:
        if _try_lock(file):
            return False
        while not _try_lock(file):
            file.seek(0)
            session = file.read().strip()
            if time.monotonic() > deadline:
                raise LocalAirflowError(
                    f"Airflow's {record.name} (session {session}) cannot be ended; "
                    "a second one beside it would spoil the database: end it by hand"
                )
            for pid in _members(session):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
    return True


def _keep_earlier(log: Path) -> None:
    """Move the logs of the last starts aside: x.log.1 is that of the one before."""
    kept = [log, *(log.with_name(f"{log.name}.{i}") for i in range(1, KEPT_LOGS + 1))]
    for older, newer in reversed(list(pairwise(kept))):
        if older.exists():
            older.replace(newer)


def _records(home: Path) -> Path:
    folder = home / "processes"
    folder.mkdir(exist_ok=True)
    return folder


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _members(session: str) -> list[int]:
    """Processes of a session, named by the id of its first process."""
    if Path("/proc/self").exists():
        pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    else:  # macOS
        listing = subprocess.run(
            ["/bin/ps", "-A", "-o", "pid="], capture_output=True, check=True, text=True
        )
        pids = [int(pid) for pid in listing.stdout.split()]
    return [pid for pid in pids if _session_of(pid) == session]


def _session_of(pid: int) -> str | None:
    try:
        return str(os.getsid(pid))
    except OSError:
        return None
