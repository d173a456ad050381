"""Whole runs of registries of several sizes, from ingest to published files."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from trends.bench.copies import copy_benchmarks
from trends.bench.measure import Clock, Report, in_own_process
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.registry import load_registry
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parents[2]


def pipeline_growth(n_benchmarks: int) -> Report:
    """What a first publication costs with so many benchmarks; imports are in it."""
    with TemporaryDirectory() as folder:
        workspace = copy_benchmarks(
            Workspace(CHECKOUT), Path(folder), n_benchmarks=n_benchmarks
        )
        benchmarks = load_registry(workspace.registry).benchmarks.values()
        as_of = max(one.observed_through for one in benchmarks)
        run = in_own_process("trends.bench.whole_runs", [folder, str(as_of)])
    return {"n_benchmarks": n_benchmarks, **run}


def _whole_run(workspace: Workspace, as_of: date) -> Report:
    clock = Clock()
    ingest(workspace)
    run = forecast(
        ForecastRequest(as_of=as_of),
        workspace,
        published_at=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC),
        progress=lambda said: print(f"bench: {said}", file=sys.stderr),
    )
    return {
        **clock.read(),
        "published_mb": sum(
            path.stat().st_size for path in run.path.rglob("*") if path.is_file()
        )
        / 1e6,
    }


if __name__ == "__main__":
    root, day = sys.argv[1:]
    print(json.dumps(_whole_run(Workspace(Path(root)), date.fromisoformat(day))))
