"""One run of every experiment: progress on stderr, the page in a file."""

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from trends.coverage import experiments
from trends.coverage.count import Tally
from trends.coverage.experiments import Cell, Experiment, measure
from trends.coverage.report import report

PAGE: Final = Path("docs/coverage.md")

N_SIMULATIONS: Final = 1600
N_SIMULATIONS_QUICK: Final = 10

GROUPS: Final[dict[str, Callable[[], list[Experiment]]]] = {
    "not_selected": experiments.not_selected,
    "of_developers": experiments.of_developers,
    "with_ceiling": experiments.with_ceiling,
    "growing": experiments.growing,
    "selected": experiments.selected,
    "growing_selected": experiments.growing_selected,
    "walking": experiments.walking,
    "scattering": experiments.scattering,
}


Tallies = Mapping[str, Tally]


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
    """Every cell of every group, on every processor."""
    return {
        group: measure_group(group, n_simulations=n_simulations) for group in GROUPS
    }


def measure_group(group: str, *, n_simulations: int) -> list[Cell]:
    """Every cell of one group; a cell is the same whichever process measures it."""
    made = GROUPS[group]()
    _say(f"{group}: {len(made)} cells of {n_simulations} simulations")
    one = partial(_tallies, group, n_simulations)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        found = list(processes.map(one, range(len(made))))
    return [Cell(one, *tallies) for one, tallies in zip(made, found, strict=True)]


def _tallies(group: str, n_simulations: int, number: int) -> tuple[Tallies, Tallies]:
    """Dates and growth of one cell; its experiment does not travel between processes."""
    cell = measure(GROUPS[group]()[number], n_simulations=n_simulations)
    return cell.dates, cell.growth


def _say(message: str) -> None:
    sys.stderr.write(f"coverage: {message}\n")
    sys.stderr.flush()
