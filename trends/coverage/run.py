"""One run of every experiment: progress on stderr, the page in a file."""

import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from trends.coverage import experiments
from trends.coverage.experiments import Cell, Counts, Experiment, measure
from trends.coverage.frontiers import Ceilings
from trends.coverage.powers import Believed, believe
from trends.coverage.report import report

PAGE: Final = Path("docs/coverage.md")

N_SIMULATIONS: Final = 1600
N_SIMULATIONS_QUICK: Final = 10

SMALLER: Final = 4
"""Of an experiment that asks of the record there are so many times fewer simulations:
each fits all families of a world."""

GROUPS: Final[dict[str, Callable[[], list[Experiment]]]] = {
    "not_selected": experiments.not_selected,
    "of_developers": experiments.of_developers,
    "with_ceiling": experiments.with_ceiling,
    "growing": experiments.growing,
    "selected": experiments.selected,
    "growing_selected": experiments.growing_selected,
    "walking": experiments.walking,
    "scattering": experiments.scattering,
    "of_records": experiments.of_records,
    "under_ceilings": experiments.under_ceilings,
    "wrong_for_records": experiments.wrong_for_records,
}


def run(*, output: Path | None, quick: bool) -> None:
    """Measure everything and write the page.

    Args:
        output: the page; None for docs/coverage.md, or standard output if quick.
        quick: few simulations, that only prove that it works.
    """
    n_simulations = N_SIMULATIONS_QUICK if quick else N_SIMULATIONS
    cells = measure_all(n_simulations=n_simulations)
    page = report(
        cells,
        measure_powers(n_simulations=n_simulations),
        n_simulations=n_simulations,
        n_of_records=n_simulations // SMALLER,
        quick=quick,
    )
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


def measure_powers(*, n_simulations: int) -> dict[Ceilings, Believed]:
    """What comes of each power of the evidence, in every world under ceilings."""
    worlds = experiments.capped(1)
    _say(f"powers of the evidence of ceilings: {len(worlds)} worlds")
    one = partial(believe, n_simulations=n_simulations)
    with _processes() as processes:
        return dict(zip(worlds, processes.map(one, worlds), strict=True))


def measure_group(group: str, *, n_simulations: int) -> list[Cell]:
    """Every cell of one group; a cell is the same whichever process measures it."""
    made = GROUPS[group]()
    _say(f"{group}: {len(made)} cells")
    one = partial(_counts, group, n_simulations)
    with _processes() as processes:
        found = list(processes.map(one, range(len(made))))
    return [Cell(*both) for both in zip(made, found, strict=True)]


def simulations_of(experiment: Experiment, n_simulations: int) -> int:
    """How many of them an experiment has."""
    return max(n_simulations // (SMALLER if experiment.of_record else 1), 1)


def _counts(group: str, n_simulations: int, number: int) -> Counts:
    """What came of one cell; its experiment does not travel between processes."""
    experiment = GROUPS[group]()[number]
    n = simulations_of(experiment, n_simulations)
    return measure(experiment, n_simulations=n)


def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(mp_context=get_context("spawn"))


def _say(message: str) -> None:
    sys.stderr.write(f"coverage: {message}\n")
    sys.stderr.flush()
