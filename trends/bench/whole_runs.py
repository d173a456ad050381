"""Whole runs of registries of several sizes, from ingest to published files."""

import json
import sys
from datetime import UTC, datetime
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
    return in_own_process("trends.bench.whole_runs", [str(n_benchmarks)])


def _whole_run(n_benchmarks: int) -> Report:
    with TemporaryDirectory() as folder:
        workspace = copy_benchmarks(
            Workspace(CHECKOUT), Path(folder), n_benchmarks=n_benchmarks
        )
        days = [
            one.observed_through
            for one in load_registry(workspace.registry).benchmarks.values()
        ]
        as_of = max(days)
        clock = Clock()
        ingest(workspace)
        run = forecast(
            ForecastRequest(as_of=as_of),
            workspace,
            published_at=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC),
            progress=lambda said: print(f"bench: {said}", file=sys.stderr),
        )
        return {
            "n_benchmarks": n_benchmarks,
            **clock.read(),
            "published_mb": sum(
                path.stat().st_size for path in run.path.rglob("*") if path.is_file()
            )
            / 1e6,
        }


if __name__ == "__main__":
    print(json.dumps(_whole_run(int(sys.argv[1]))))
