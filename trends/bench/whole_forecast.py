"""The whole forecast on the shipped figures, stage by stage."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from trends import defaults
from trends.pipeline import ForecastRequest, forecast, ingest
from trends.pipeline.ingest import latest_ingest
from trends.workspace import Workspace

Report = dict[str, object]

CHECKOUT = Path(__file__).parents[2]


def whole_forecast(*, quick: bool) -> Report:
    """CPU and wall time of one forecast, everything imported and ingested before.

    Run twice: the first pays for imports and compiled kernels, the second is timed.
    A quick one is not run before.
    """
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        for part in ("data/registry", "data/observations", "expectations"):
            shutil.copytree(CHECKOUT / part, workspace.root / part)
        ingest(workspace)
        if not quick:
            _forecast(workspace, seed=defaults.SEED + 1)
        return _forecast(workspace, seed=defaults.SEED)


def _forecast(workspace: Workspace, *, seed: int) -> Report:
    known = pl.read_parquet(latest_ingest(workspace) / "observations.parquet")
    as_of = max(day for day in known.get_column("known_on") if day is not None)
    request = ForecastRequest(as_of=as_of, seed=seed)
    stages = _Stages()
    forecast(
        request,
        workspace,
        published_at=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC),
        progress=stages.begin,
    )
    return {**stages.finish(), "draws": request.draws}


class _Stages:
    """CPU time by stage; a stage ends where the next is announced."""

    def __init__(self) -> None:
        self._began = time.process_time(), time.perf_counter()
        self._marks: list[tuple[str, float]] = []

    def begin(self, message: str) -> None:
        self._marks.append((message.partition(":")[0], time.process_time()))

    def finish(self) -> Report:
        end = time.process_time()
        ends = [mark for _, mark in self._marks[1:]] + [end]
        stages: dict[str, float] = {"plan": self._marks[0][1] - self._began[0]}
        for (name, began), ended in zip(self._marks, ends, strict=True):
            stages[name] = stages.get(name, 0.0) + ended - began
        return {
            "cpu_s": end - self._began[0],
            "checks_cpu_s": stages["checks"],
            "wall_s": time.perf_counter() - self._began[1],
            "stages": stages,
        }
