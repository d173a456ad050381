"""How long a preview takes in which every bar of the shipped registry is edited."""

import shutil
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from trends.bench.whole_forecast import CHECKOUT, Report
from trends.previews import Shelf, compare
from trends.previews.laws import Laws, laws_of
from trends.previews.sides import Settings, Side
from trends.previews.words import as_markdown
from trends.registry import Registry, load_registry
from trends.workspace import Workspace

TODAY = date(2026, 11, 26)


def every_bar_edited(*, quick: bool) -> Report:
    """CPU and wall time of one preview, with laws at hand and everything imported.

    Every threshold is projected a day less far, so that each of its bars is another
    and none may be taken over; the best of three. A quick one edits one threshold.
    """
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        for part in ("data/registry", "data/observations", "expectations"):
            shutil.copytree(CHECKOUT / part, workspace.root / part)
        registry = load_registry(workspace.registry)
        shelf = Shelf(workspace, TODAY, lambda _: None)
        figures = shelf.figures(workspace)
        before, _ = shelf.laws(lambda on: Side.of(registry, figures, on), figures)
        after = Side.of(_edited(registry, quick=quick), figures, Settings(TODAY))
        times = [_preview(before, after) for _ in range(1 if quick else 3)]
        edited = sum(
            len(threshold.bars)
            for threshold, _ in after.thresholds
            if threshold != registry.thresholds[threshold.id]
        )
    cpu_s, wall_s = min(times)
    return {"bars": edited, "cpu_s": cpu_s, "wall_s": wall_s}


def _edited(registry: Registry, *, quick: bool) -> Registry:
    chosen = list(registry.thresholds.values())[: 1 if quick else None]
    edited = {
        one.id: one.model_copy(
            update={"projection_end": one.projection_end - timedelta(days=1)}
        )
        for one in chosen
    }
    return replace(registry, thresholds=registry.thresholds | edited)


def _preview(before: Laws, after: Side) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    as_markdown(compare(before, laws_of(after, before), base="", rests_on=""))
    return time.process_time() - cpu, time.perf_counter() - wall
