"""The command line in processes of their own that need not import it anew.

`python -m trends` spends up to five seconds of CPU on imports. Here one process has done
them, and each command is a fork of it, with its own environment, files and exit code; it
begins where `python -m trends` does. What a start itself does is tested elsewhere.

Nothing is used before the fork: Polars does not survive one after its first use.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from trends.local_airflow.warm import LIBRARIES

CHECKOUT = Path(__file__).parent.parent
OURS = (
    "trends.cli.reasons",
    "trends.cli.screens.headlines",
    "trends.contest",
    "trends.crossings",
    "trends.fits",
    "trends.pipeline",
    "trends.pipeline.told",
    "trends.previews",
    "trends.report",
    "trends.validation.gate",
)

Order = dict[str, Any]


def run_trends(
    words: Sequence[str], env: Mapping[str, str], *, timeout: int = 300
) -> subprocess.CompletedProcess[str]:
    """What a command says, and its exit code.

    Raises:
        subprocess.TimeoutExpired: it takes longer than ``timeout`` seconds.
    """
    with tempfile.TemporaryDirectory() as said:
        order = {"words": [*words], "env": {**env}, "said": said, "timeout": timeout}
        code = _warm().ask(order)
        out, err = ((Path(said) / name).read_text() for name in ("out", "err"))
    if code is None:
        raise subprocess.TimeoutExpired([*words], timeout, out, err)
    return subprocess.CompletedProcess(["trends", *words], code, out, err)


class _Warm:
    """The process that has imported everything, and orders to it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm_trends"],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._process.communicate)

    def ask(self, order: Order) -> int | None:
        """The exit code; None where it took too long."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        if not (line := self._process.stdout.readline()):
            raise RuntimeError("the process that starts commands has ended")
        code: int | None = json.loads(line)
        return code


@cache
def _warm() -> _Warm:
    return _Warm()


def _serve() -> Order | None:
    """Fork for each order until they end; the order, in its fork."""
    before = {*os.environ}
    for name in (*LIBRARIES, *OURS):
        import_module(name)
    gc.freeze()  # a fork would look through all of it, and copy it by that, as it ends
    # as in a process that was just started
    set_by_imports = {k: v for k, v in os.environ.items() if k not in before}
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    for line in orders:
        order: Order = json.loads(line)
        if (child := _forked()) == 0:
            orders.close()
            answers.close()
            os.environ.clear()
            os.environ.update(set_by_imports | order["env"])
            return order
        print(json.dumps(_code(child, order["timeout"])), file=answers, flush=True)
    return None


def _forked() -> int:
    with warnings.catch_warnings():  # Python 3.12 warns of threads, here OpenBLAS's
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _code(child: int, timeout: int) -> int | None:
    deadline = time.monotonic() + timeout
    while not (done := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.005)
    return os.waitstatus_to_exitcode(done[1])


def _begin(order: Order) -> None:
    """Be `python -m trends`, which ends the process."""
    flags = os.O_WRONLY | os.O_CREAT
    said = Path(order["said"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(said / "out", flags), 1)
    os.dup2(os.open(said / "err", flags), 2)
    sys.argv = ["trends", *order["words"]]
    runpy.run_module("trends", run_name="__main__", alter_sys=True)


if __name__ == "__main__" and (asked := _serve()) is not None:
    _begin(asked)
