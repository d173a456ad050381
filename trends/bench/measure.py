"""What a run costs: CPU, wall and memory, in a process of its own."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from trends import defaults

Report = dict[str, object]


def in_own_process(module: str, arguments: Sequence[str]) -> Report:
    """Run a module of the bench, whose last line is its report as JSON."""
    done = subprocess.run(  # noqa: S603 - our own module and arguments
        [sys.executable, "-m", module, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "POLARS_MAX_THREADS": str(defaults.POLARS_THREADS)},
    )
    report: Report = json.loads(done.stdout.splitlines()[-1])
    return report


class Clock:
    """CPU and wall time since it was made; memory of the whole process."""

    def __init__(self) -> None:
        """Begin."""
        self._memory = _peak_mb()
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def read(self) -> Report:
        """What was used since; ``imports_mb`` is what was in use before."""
        return {
            "cpu_s": time.process_time() - self._cpu,
            "wall_s": time.perf_counter() - self._wall,
            "peak_mb": _peak_mb(),
            "imports_mb": self._memory,
        }


def _peak_mb() -> float:
    """Largest resident memory of this process in MiB.

    Linux hands ``ru_maxrss`` on from the process that started this one, so the
    kernel's own high-water mark is read where there is one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return float(marks["VmHWM"].split()[0]) / 2**10
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
