"""One run of every experiment: progress on stderr, the page in a file."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from trends.coverage import experiments
from trends.coverage.experiments import Cell, Experiment, measure
from trends.coverage.report import report

PAGE: Final = Path("docs/coverage.md")

N_SIMULATIONS: Final = 400
N_SIMULATIONS_QUICK: Final = 10

GROUPS: Final[dict[str, Callable[[], list[Experiment]]]] = {
    "not_selected": experiments.not_selected,
    "with_ceiling": experiments.with_ceiling,
    "growing": experiments.growing,
    "selected": experiments.selected,
    "growing_selected": experiments.growing_selected,
    "walking": experiments.walking,
    "scattering": experiments.scattering,
}


def run(*, output: Path | None, quick: bool) -> None:
    """Measure everything and write the page.

    Args:
        output: the page; None for docs/coverage.md, or standard output if quick.
        quick: few simulations, that only prove that it works.
    """
    n_simulations = N_SIMULATIONS_QUICK if quick else N_SIMULATIONS
    cells = measure_all(n_simulations=n_simulations)
    page = report(cells, n_simulations=n_simulations, quick=quick)
    if output is None and quick:
        sys.stdout.write(page)
        return
    path = output or PAGE
    path.write_text(page, encoding="utf-8")
    _say(f"written: {path}")


def measure_all(*, n_simulations: int) -> dict[str, list[Cell]]:
    """Every cell of every group."""
    cells: dict[str, list[Cell]] = {}
    for group, make in GROUPS.items():
        _say(f"{group}: {len(make())} cells of {n_simulations} simulations")
        cells[group] = [
            measure(experiment, n_simulations=n_simulations) for experiment in make()
        ]
    return cells


def _say(message: str) -> None:
    sys.stderr.write(f"coverage: {message}\n")
    sys.stderr.flush()
