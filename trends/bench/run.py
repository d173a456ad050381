"""One run of everything: progress on stderr, a table on stdout, numbers in a file."""

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from trends.bench.families import CONTESTS, ceiling_share, compare, global_share
from trends.bench.previews import every_bar_edited
from trends.bench.report import show
from trends.bench.scale import growth, more_cores
from trends.bench.throughput import throughput
from trends.bench.whole_forecast import whole_forecast
from trends.bench.whole_runs import pipeline_growth
from trends.bench.world import invent

LIBRARIES = ("numpy", "scipy", "statsmodels", "numba", "polars")


def run(*, output: Path, quick: bool) -> None:
    """Measure everything and write ``bench.json``.

    Args:
        output: folder, made if need be.
        quick: small sizes that only prove that it works; no number means anything.
    """
    n_series, rounds = (2, 1) if quick else (40, 3)
    series = [invent(index) for index in range(n_series)]
    families: dict[str, dict[str, object]] = {}
    for contest in CONTESTS:
        _say(f"{contest.name}: {n_series} series, {rounds} rounds")
        families[contest.name] = compare(contest, series, rounds=rounds)
    _say("logistic3: looking for lower minima")
    families["logistic3"] |= global_share(
        series, count=5 if quick else 100, density=5 if quick else 24
    )
    families["logistic3"] |= ceiling_share(series, count=100 if quick else 1000)
    _say(f"real size: one thread and two, {rounds} rounds")
    real_size = more_cores(rounds=rounds, quick=quick)
    _say("the whole forecast on the shipped figures")
    whole = whole_forecast(quick=quick)
    _say("throughput: series forecast, beside AutoARIMA")
    series_forecast = throughput(quick=quick)
    _say("a preview of an edit of every bar")
    preview = every_bar_edited(quick=quick)
    grown = []
    for size in (3,) if quick else (10, 100, 1_000, 10_000):
        _say(f"growth: {size} series")
        grown.append(growth(size, resamples=100))
    whole_runs = []
    for size in (35,) if quick else (35, 350, 3_500):
        _say(f"whole runs: {size:,} benchmarks")
        whole_runs.append(pipeline_growth(size))
    report: dict[str, object] = {
        "is_quick": quick,
        "machine": _machine(),
        "families": families,
        "real_size": real_size,
        "forecast": whole,
        "throughput": series_forecast,
        "preview": preview,
        "growth": grown,
        "pipeline_growth": whole_runs,
    }
    output.mkdir(parents=True, exist_ok=True)
    path = output / "bench.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    show(report)
    _say(f"written: {path}")


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "load_average": list(os.getloadavg()),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _say(message: str) -> None:
    sys.stderr.write(f"bench: {message}\n")
    sys.stderr.flush()
