"""Plays schedules in several processes, each with a driver of its own."""

import multiprocessing
import queue
import shutil
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from multiprocessing.process import BaseProcess
from typing import Any, Final

from tests.faults.driver import Driver, Outcome
from tests.faults.schedule import draw

Played = tuple[int, Outcome]

TOGETHER: Final = 6
"""Seeds of one scenario that one process plays, so that few make what it gives without
faults."""


def play(seeds: Iterable[int], *, keep: bool) -> Iterator[Played]:
    """Play schedules one by one; only worlds that broke a promise stay, or all."""
    with Driver() as driver:
        driver.keeps = keep
        for seed in seeds:
            outcome = driver.play(seed)
            if outcome.problems:
                driver.keeps = True
            elif not keep:
                shutil.rmtree(outcome.world)
            yield seed, outcome


def play_beside(
    seeds: Iterable[int], *, processes: int, keep: bool
) -> Iterator[Played]:
    """Play schedules in some processes, in whatever order they end.

    Raises:
        RuntimeError: one of the processes ended in the middle.
    """
    context = multiprocessing.get_context("spawn")
    tasks, played = context.Queue(), context.Queue()
    waiting = together(seeds)
    workers = [
        context.Process(target=_work, args=(tasks, played, keep), daemon=True)
        for _ in range(min(processes, len(waiting)))
    ]
    for task in [*waiting, *([None] * len(workers))]:
        tasks.put(task)
    for worker in workers:
        worker.start()
    n_left = sum(len(task) for task in waiting)
    while n_left:
        try:
            yield played.get(timeout=1)
            n_left -= 1
        except queue.Empty:
            check(workers)
    for worker in workers:
        worker.join()


def together(seeds: Iterable[int]) -> list[list[int]]:
    """Seeds of one scenario together; what takes long first, so that all end at once."""

    def key(seed: int) -> tuple[bool, int, str]:
        scenario = draw(seed).scenario
        return not scenario.shared, -len(scenario.steps), scenario.name

    by_scenario = groupby(sorted(seeds, key=key), key)
    return [
        alike[i : i + TOGETHER]
        for alike in (list(some) for _, some in by_scenario)
        for i in range(0, len(alike), TOGETHER)
    ]


def _work(tasks: Any, played: Any, keep: bool) -> None:
    seeds = chain.from_iterable(iter(tasks.get, None))
    for one in play(seeds, keep=keep):
        played.put(one)


def check(workers: Iterable[BaseProcess]) -> None:
    """Raise if one has failed."""
    for worker in workers:
        if worker.exitcode:
            raise RuntimeError(f"a process ended with {worker.exitcode}")
