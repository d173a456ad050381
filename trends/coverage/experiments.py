"""What is simulated: worlds, the methods asked in each, and how often."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from trends.coverage.count import GROWTH_LEVELS, Tally, growth_positions, positions_of
from trends.coverage.methods import (
    DRIFT,
    ENSEMBLE,
    EXPONENTIAL,
    LOGISTIC,
    LOGISTIC3,
    PLAIN_EXPONENTIAL,
    PLAIN_LOGISTIC,
    QUANTILE,
    Method,
    Question,
    ask_all,
)
from trends.coverage.worlds import (
    DevelopersReleases,
    Growth,
    Releases,
    UnseenWalks,
    Walks,
    World,
)
from trends.fits.links import Floats
from trends.fits.quantile import MIN_ITEMS, MIN_MODELS
from trends.fits.streams import random_stream

SIZES: Final = (5, 8, 12, 30)
SELECTED_SIZES: Final = (12, 30, 100)
ITEMS: Final = (20, 100, 500)
SCATTERS: Final = (0.0, 0.5)
N_FAMILIES: Final = 8


@dataclass(frozen=True)
class Experiment:
    """One world, and the methods asked about each sample of it.

    Attributes:
        world: what is simulated.
        questions: to each method, in order.
        selected: whether lines are fitted to records, or to all releases.
    """

    world: World
    questions: Sequence[Question]
    selected: bool


@dataclass(frozen=True)
class Cell:
    """What came of one experiment.

    Attributes:
        experiment: what was done.
        dates: where the true dates lay, by name of the method.
        growth: where the true slope lay, in worlds that have one in ln score.
    """

    experiment: Experiment
    dates: Mapping[str, Tally]
    growth: Mapping[str, Tally]


def measure(experiment: Experiment, *, n_simulations: int) -> Cell:
    """Simulate, ask, and count.

    Every simulation has a stream of its own, named by the world and its number: other
    experiments change none of its numbers.
    """
    positions: dict[str, list[Floats]] = defaultdict(list)
    is_open: dict[str, list[Floats]] = defaultdict(list)
    growth: dict[str, list[Floats]] = defaultdict(list)
    for number in range(n_simulations):
        stream = random_stream("coverage", experiment.world, number)
        sample = experiment.world.simulate(stream)
        for asked in ask_all(
            sample, experiment.questions, selected=experiment.selected, seed=number
        ):
            name = asked.method.name
            where, unreached = positions_of(asked, sample)
            positions[name].append(where)
            is_open[name].append(unreached)
            if isinstance(experiment.world, Growth):
                growth[name].append(growth_positions(asked.rows)[np.newaxis])
    once = np.ones((n_simulations, 1))
    return Cell(
        experiment,
        {
            name: Tally(np.array(found), np.array(is_open[name]))
            for name, found in positions.items()
        },
        {
            name: Tally(np.array(found), once, GROWTH_LEVELS)
            for name, found in growth.items()
        },
    )


def not_selected() -> list[Experiment]:
    """Bounded scores, every release given."""
    without: list[Question] = [(LOGISTIC, "line"), (QUANTILE, "quantile")]
    return [
        Experiment(
            Releases(n, items, sd),
            [*without, (LOGISTIC3, "mean")] if sd > 0 else without,
            selected=False,
        )
        for sd, items, n in product(SCATTERS, ITEMS, SIZES)
    ] + [
        Experiment(Releases(n, items, 0.5), [(QUANTILE, "quantile")], selected=False)
        for n, items in [(MIN_MODELS, 500), (MIN_MODELS, MIN_ITEMS), (30, MIN_ITEMS)]
    ]


def of_developers() -> list[Experiment]:
    """Bounded scores, every release given; developers differ."""
    return [
        Experiment(
            DevelopersReleases(n, MIN_ITEMS, 0.5, n_developers=makers),
            [(LOGISTIC, "line"), (QUANTILE, "quantile"), (LOGISTIC3, "mean")],
            selected=False,
        )
        for makers, n in product((3, 8), (8, 12, MIN_MODELS, 30))
    ]


def with_ceiling() -> list[Experiment]:
    """Bounded scores that will not pass 0.9, every release given."""
    return [
        Experiment(
            Releases(n, items, 0.5, ceiling=0.9), [(LOGISTIC3, "mean")], selected=False
        )
        for items, n in product(ITEMS, SIZES)
    ]


def growing() -> list[Experiment]:
    """Positive scores, every release given."""
    return [
        Experiment(Growth(n, sd, noisy), [(EXPONENTIAL, "line")], selected=False)
        for (sd, noisy), n in product(((0.0, True), (0.5, False), (0.5, True)), SIZES)
    ]


def selected() -> list[Experiment]:
    """Bounded scores, lines through their records."""
    without: list[Question] = [(LOGISTIC, "line"), (PLAIN_LOGISTIC, "line")]
    return [
        Experiment(
            Releases(n, items, sd),
            # of fewer releases hardly any make the records that it needs
            [*without, (LOGISTIC3, "mean")]
            if sd > 0 and n == max(SELECTED_SIZES)
            else without,
            selected=True,
        )
        for sd, items, n in product(SCATTERS, ITEMS, SELECTED_SIZES)
    ]


def growing_selected() -> list[Experiment]:
    """Positive scores, lines through their records."""
    return [
        Experiment(
            Growth(n, sd, noisy),
            [(EXPONENTIAL, "line"), (PLAIN_EXPONENTIAL, "line")],
            selected=True,
        )
        for (sd, noisy), n in product(
            ((0.0, True), (0.5, False), (0.5, True)), SELECTED_SIZES
        )
    ]


def walking() -> list[Experiment]:
    """Walks: the drift's own world, and a wrong one for lines."""
    worlds = [Walks(n, N_FAMILIES) for n in SIZES] + [Walks(30, 4), Walks(30, 20)]
    asked = (DRIFT, EXPONENTIAL, QUANTILE, ENSEMBLE)
    return [_published(world, asked) for world in worlds]


def scattering() -> list[Experiment]:
    """Worlds in which the drift is wrong: no walk, a ceiling, looks with error."""
    asked = (DRIFT, LOGISTIC, QUANTILE, ENSEMBLE)
    worlds: list[World] = [
        Releases(n, MIN_ITEMS, 0.5, n_families=N_FAMILIES) for n in (*SIZES, 100)
    ]
    worlds += [Releases(30, MIN_ITEMS, 0.5, ceiling=0.9, n_families=N_FAMILIES)]
    worlds += [Walks(n, N_FAMILIES, items=MIN_ITEMS) for n in (12, 30)]
    return [_published(world, asked) for world in worlds] + [
        _published(UnseenWalks(n, N_FAMILIES), [DRIFT]) for n in (8, 12, 30)
    ]


def _published(world: World, methods: Sequence[Method]) -> Experiment:
    """All methods held against the day on which a published score reaches the bar."""
    return Experiment(world, [(method, "record") for method in methods], selected=True)
