"""Runs commands of the project in forks of one warm process, each with its fault.

Orders come as lines of JSON on stdin, answers go as lines of JSON to stdout. Two things
are not as in a terminal, because they cost seconds a run: suites are judged by
``tests.light_gate``, and what Vega draws from one specification is drawn once. Polars is
imported here and used in forks only: it does not survive a fork after its first use.
"""

import errno
import hashlib
import importlib
import json
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import vl_convert

from tests import light_gate
from trends import pipeline
from trends.cli import app
from trends.cli.shared import errors
from trends.pipeline.fingerprints import code_fingerprint
from trends.registry import check
from trends.tables import FRONTIER, PUBLISHED, RAW_SCORES, SERIES_SCORES
from trends.validation.suites import load_suite
from trends.workspace import Workspace

SECONDS: Final = 240
"""After which a command counts as hanging."""

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES: Final = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "fsync")

Job = dict[str, Any]
Answer = dict[str, Any]


def main(cache: Path, world: Path) -> None:
    """Answer orders until stdin ends; ``world`` is one as they run on."""
    _warm(world)
    _remember_drawings(cache)
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(_run_together(json.loads(line))), flush=True)


def _warm(world: Path) -> None:
    """Import everything, and parse what every run parses."""
    for name in (
        "altair",
        "numba",
        "s3fs",
        "statsmodels.regression.linear_model",
        "trends.cli",
        "trends.cli.reasons",
        "trends.cli.screens.headlines",
        "trends.crossings",
        "trends.fits",
        "trends.pipeline",
        "trends.report",
    ):
        importlib.import_module(name)
    gate = importlib.import_module("trends.validation.gate")
    gate.evaluate = light_gate.evaluate  # type: ignore[attr-defined]
    for table in (RAW_SCORES, SERIES_SCORES, FRONTIER, *PUBLISHED):
        load_suite(world / "expectations", table)
    check(world / "data" / "registry")
    code_fingerprint()


def _remember_drawings(cache: Path) -> None:
    for name in ("javascript_bundle", "vegalite_to_svg", "svg_to_png"):
        setattr(vl_convert, name, _remembered(getattr(vl_convert, name), cache))


def _remembered(draw: Callable[..., Any], cache: Path) -> Callable[..., Any]:
    """A pure function, asked once for each of its arguments."""

    def drawn(*args: Any, **kwargs: Any) -> Any:
        asked = json.dumps([draw.__name__, args, kwargs], sort_keys=True, default=str)
        path = cache / hashlib.sha256(asked.encode()).hexdigest()
        if not path.exists():
            staged = path.with_suffix(f".{os.getpid()}")
            staged.write_bytes(pickle.dumps(draw(*args, **kwargs)))
            staged.replace(path)
        return pickle.loads(path.read_bytes())  # noqa: S301  # written just above

    return drawn


def _run_together(jobs: list[Job]) -> list[Answer]:
    """Fork a process for each job, and wait for all of them."""
    started = [_start(job) for job in jobs]
    deadline = time.monotonic() + SECONDS
    return [
        _finish(job, *one, deadline) for job, one in zip(jobs, started, strict=True)
    ]


def _start(job: Job) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 1
        try:
            code = _run(job, writer)
        except BaseException:  # noqa: BLE001  # a fork may not go on as its parent
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(writer)
    return child, reader


def _finish(job: Job, child: int, reader: int, deadline: float) -> Answer:
    hung = False
    while not (done := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            hung = True
            os.kill(child, signal.SIGKILL)
        time.sleep(0.005)
    with os.fdopen(reader) as pipe:
        told = pipe.read().split()
    counts = [int(word) for word in told if word != "fired"] or [0, 0]
    return {
        "code": os.waitstatus_to_exitcode(done[1]),
        "hung": hung,
        "fired": "fired" in told,
        "steps": counts[0],
        "changes": counts[1],
        "out": Path(f"{job['log']}.out").read_text(errors="replace"),
        "err": Path(f"{job['log']}.err").read_text(errors="replace"),
    }


def _run(job: Job, told: int) -> int:
    """One command in this fork; its exit code."""
    for number, stream in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{job['log']}.{stream}", os.O_WRONLY | os.O_CREAT), number)
    os.environ.update(TRENDS_HOME=job["root"], NO_COLOR="1", COLUMNS="160")
    os.environ.update(job.get("environment", {}))
    _set_clock(datetime.fromisoformat(job["now"]))
    exec(job.get("breaks", ""), {})  # noqa: S102  # a test that breaks the product
    faults = _Faults(job.get("fault") or {}, root=job["root"], told=told)
    faults.install()
    code = _command(job["words"], date.fromisoformat(job["now"][:10]))
    os.write(told, f" {faults.n_steps} {faults.n_changes}".encode())
    return code


def _command(words: list[str], today: date) -> int:
    try:
        if words[0] == "stage":
            with errors():
                _stage(words[1:], today)
        else:
            app(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except Exception as end:
        if type(end).__name__ != "Exit":
            raise
        return int(getattr(end, "exit_code", 1))
    return 0


def _stage(words: list[str], today: date) -> None:
    """One stage of a forecast, as a task of Airflow runs it; prints what comes next."""
    name, argument, *rest = words
    if name == "plan":
        request = pipeline.ForecastRequest(
            as_of=date.fromisoformat(argument), draws=200
        )
        print(pipeline.plan_forecast(request, workspace=Workspace.find(), today=today))
        return
    folder = Path(argument)
    if name == "records":
        pipeline.select_records(folder)
        print(*pipeline.fit_shards(folder))
    elif name == "fit":
        pipeline.fit_shard(folder, int(rest[0]))
    elif name == "cross":
        pipeline.cross_bars(folder)
    else:
        noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
        pipeline.publish(folder, published_at=noon)


def _set_clock(moment: datetime) -> None:
    """Make ``moment`` now, for the one place that reads a clock."""
    shared = importlib.import_module("trends.cli.shared")

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return moment.astimezone(tz)

    shared.datetime = Clock  # type: ignore[attr-defined]


class _Faults:
    """What goes wrong at a step; a step is a look at or a change of a file below root."""

    def __init__(self, fault: Job, *, root: str, told: int) -> None:
        self.fault, self.root, self.told = fault, f"{root}/", told
        self.n_steps = self.n_changes = 0
        self.kind = fault.get("kind")

    def install(self) -> None:
        fsync = os.fsync

        def counted(fd: Any) -> None:
            self.meet("fsync", (str(Path(f"/proc/self/fd/{fd}").readlink()),))
            fsync(fd)

        os.fsync = counted
        sys.addaudithook(self.meet)
        if self.kind == "limit":
            size = int(self.fault["bytes"])
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    def meet(self, event: str, args: tuple[Any, ...]) -> None:
        """Count a step, and break what is to break there."""
        if event != "open" and event not in _CHANGES:
            return
        if not args or not isinstance(args[0], str | os.PathLike):
            return
        path = os.fspath(args[0])
        if not isinstance(path, str) or not path.startswith(self.root):
            return
        writes = event != "open" or bool(int(args[2] or 0) & _WRITES)
        self.n_steps += 1
        self.n_changes += writes
        n = self.n_changes if self.fault.get("of") == "changes" else self.n_steps
        if n < int(self.fault.get("at", 1 << 60)):
            return
        if self.kind == "kill":
            os.write(self.told, b" fired")
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.kind == "edit" and n == self.fault["at"]:
            os.write(self.told, b" fired")
            Path(self.fault["path"]).write_text(self.fault["content"])
        elif self.kind == "errno" and writes:
            self._fail(event, path)

    def _fail(self, event: str, path: str) -> None:
        """From the step on, nothing can be written; a full disk lets one delete."""
        number = getattr(errno, self.fault["errno"])
        if number != errno.EROFS and event in ("os.remove", "os.rmdir"):
            return
        os.write(self.told, b" fired")
        raise OSError(number, os.strerror(number), path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
