"""A workspace of three short series, so that a whole run takes seconds."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.warm_trends import run_trends
from trends.workspace import HOME_VARIABLE, Workspace

CHECKOUT = Path(__file__).parent.parent

_HEADER = (
    "model_name_published,developer,release_date,score,standard_error,ci_low,ci_high,"
    "harness,reported_on,reporter,source_url,note"
)
_CORRECTED_ROW = (
    "Alpha 1,Alpha,2025-04-03,50.1,,,,h,2025-03-20,leaderboard,https://example.org/x,"
)


def small_world(root: Path) -> Workspace:
    """The small registry with 24 models, one a month from January 2024."""
    shutil.copytree(CHECKOUT / "tests" / "small_registry", root / "data" / "registry")
    shutil.copytree(CHECKOUT / "expectations", root / "expectations")
    months = [f"{2024 + i // 12}-{i % 12 + 1:02d}" for i in range(24)]
    with (root / "data" / "registry" / "models.yaml").open("a") as file:
        for i, month in enumerate(months):
            entry = f"{{name: M {i}, developer: Alpha, release_date: {month}-15}}"
            file.write(f"m_{i}: {entry}\n")
    observations = root / "data" / "observations"
    observations.mkdir()
    scores: dict[str, tuple[str, list[float]]] = {
        "coding_quiz": ("leaderboard", [30 + 2 * i + i % 3 for i in range(24)]),
        "work_length": (
            "benchmark_authors",
            [2 * 1.25**i + i % 2 for i in range(24)],
        ),
        "speedrun": ("benchmark_authors", [45 * 0.93**i for i in range(24)]),
    }
    for name, (reporter, values) in scores.items():
        rows = [
            f"M {i},Alpha,{months[i]}-15,{value:.2f},,,,h,{months[i]}-20,{reporter},"
            "https://example.org/x,"
            for i, value in enumerate(values)
        ]
        corrected = [_CORRECTED_ROW] if name == "coding_quiz" else []
        text = "\n".join([_HEADER, *rows, *corrected])
        (observations / f"{name}.csv").write_text(f"{text}\n")
    return Workspace(root)


def trends(
    workspace: Workspace, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line, in a process of its own; see tests/warm_trends.py."""
    env = os.environ | {
        HOME_VARIABLE: str(workspace.root),
        "PYTHONPATH": str(CHECKOUT),
        "NO_COLOR": "1",
        "COLUMNS": "160",
    }
    return run_trends(words, env | environment)
