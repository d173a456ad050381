"""Killed and competing writers: readers meet whole runs only."""

import fcntl
import random
import resource
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.output_runs import NOON, write
from trends.outputs import point_latest, read_latest, verify_run
from trends.outputs.formats import place_named

CHECKOUT = Path(__file__).parent.parent

WRITER = """
import io, os, signal, sys
from datetime import date, timedelta
from pathlib import Path
from tests.output_runs import NOON, write
from trends.outputs import point_latest

results, first_day, n_runs, n_steps = sys.argv[1:]
steps_left = int(n_steps)

def count_step():
    global steps_left
    steps_left -= 1
    if steps_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def counted_before(call):
    def run(*args, **kwargs):
        count_step()
        return call(*args, **kwargs)
    return run

def counted_after(call):
    def run(*args, **kwargs):
        result = call(*args, **kwargs)
        count_step()
        return result
    return run

for name in ("fsync", "rename", "replace", "mkdir"):
    setattr(os, name, counted_before(getattr(os, name)))
io.open = counted_after(io.open)  # a file that is open for writing is empty

print("ready", flush=True)
for day in range(int(n_runs)):
    as_of = date.fromisoformat(first_day) + timedelta(day)
    run = write(Path(results), as_of=as_of)
    point_latest(run, results=Path(results), published_at=NOON)
print(int(n_steps) - steps_left, flush=True)
"""


def start(
    results: Path, *, first_day: str, n_runs: int = 1, dies_at_step: int = 0
) -> subprocess.Popen[str]:
    """A process that writes and publishes runs of successive days."""
    arguments = [str(results), first_day, str(n_runs), str(dies_at_step)]
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )


def publish(results: Path, as_of: date) -> Path:
    run = write(results, as_of=as_of)
    point_latest(run, results=results, published_at=NOON)
    return run


def files(results: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(results)): path.read_bytes()
        for path in results.rglob("*")
        if path.is_file()
    }


def assert_latest_is_whole(results: Path) -> None:
    latest = read_latest(results)
    assert latest is not None
    assert verify_run(latest.path) == []


@pytest.fixture(scope="module")
def n_steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Steps on disk that one writer takes from nothing to a published run."""
    results = tmp_path_factory.mktemp("steps") / "results"
    publish(results, date(2026, 1, 1))
    output, _ = start(results, first_day="2026-02-01").communicate()
    return int(output.split()[-1])


@pytest.mark.parametrize("steps_before_end", [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 20, 33])
def test_a_writer_killed_at_any_step_leaves_no_trace_after_the_next(
    tmp_path: Path, n_steps: int, steps_before_end: int
) -> None:
    results, undisturbed = tmp_path / "results", tmp_path / "undisturbed"
    for folder in (results, undisturbed):
        publish(folder, date(2026, 1, 1))
    step = n_steps - steps_before_end

    writer = start(results, first_day="2026-02-01", dies_at_step=step)
    writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    assert_latest_is_whole(results)

    for folder in (results, undisturbed):
        publish(folder, date(2026, 2, 1))
    assert files(results) == files(undisturbed)


def test_a_writer_killed_at_any_moment_leaves_latest_whole(tmp_path: Path) -> None:
    publish(tmp_path, date(2026, 1, 1))
    moments = random.Random(455)
    for month in range(2, 8):
        first_day = date(2026, month, 1)
        writer = start(tmp_path, first_day=first_day.isoformat(), n_runs=28)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(moments.uniform(0, 0.2))
        writer.kill()
        writer.communicate()
        assert_latest_is_whole(tmp_path)
        run = publish(tmp_path, date(2026, month, 28))
        latest = read_latest(tmp_path)
        assert latest is not None
        assert latest.path == run
        assert not list(tmp_path.rglob(".unfinished-*"))
    for run in tmp_path.glob("runs/*/*"):
        assert verify_run(run) == []


def test_writers_wait_for_one_another_and_make_one_run(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    with (results / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        writers = [start(results, first_day="2026-02-01", n_runs=9) for _ in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        time.sleep(0.3)
        assert [path.name for path in results.iterdir()] == [".lock"]
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    runs = sorted(results.glob("runs/*/*"))
    assert len(runs) == 9
    assert [verify_run(run) for run in runs] == [[]] * 9
    assert len(list(results.glob("history/publications/*"))) == 9
    assert_latest_is_whole(results)


@pytest.mark.parametrize("missing", [1, 9_000])
def test_a_disk_that_fills_at_the_end_of_a_table_is_named(
    tmp_path: Path, missing: int
) -> None:
    """In the middle of a footer of 60 kB polars itself says "transport error" only."""
    table, path = (
        pl.LazyFrame({f"c{k}": [k] for k in range(300)}),
        tmp_path / "x.parquet",
    )
    table.sink_parquet(path)
    room = path.stat().st_size - missing
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with (
            pytest.raises(OSError, match="File too large") as raised,
            place_named(path),
        ):
            table.sink_parquet(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.filename == str(path)
