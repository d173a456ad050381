"""What is simulated: worlds, the methods asked in each, and how often."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np

from trends.coverage.count import GROWTH_LEVELS, Tally, growth_positions, positions_of
from trends.coverage.frontiers import (
    Ceilings,
    Frontiers,
    Kinks,
    Models,
    ModelsUnderCeilings,
    Records,
    RecordsUnderCeilings,
    Rush,
)
from trends.coverage.methods import (
    DRIFT,
    ENSEMBLE,
    EXPONENTIAL,
    LOGISTIC,
    LOGISTIC3,
    PLAIN_EXPONENTIAL,
    PLAIN_LOGISTIC,
    QUANTILE,
    RECORDS,
    Asked,
    Method,
    Question,
    ask_all,
)
from trends.coverage.standing import LEADS_DAYS, Said, said_of_never, said_of_record
from trends.coverage.worlds import (
    DevelopersReleases,
    Growth,
    Releases,
    Sample,
    UnseenWalks,
    Walks,
)
from trends.fits.links import Floats
from trends.fits.quantile import MIN_ITEMS, MIN_MODELS
from trends.fits.streams import random_stream

World = Releases | Growth | Walks | Frontiers

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
        of_record: whether they are also asked whether the record stands, how far the
            frontier goes, and how likely bars lie above the ceiling.
    """

    world: World
    questions: Sequence[Question]
    selected: bool
    of_record: bool = False


@dataclass(frozen=True)
class Counts:
    """What came of one experiment, by name of the method.

    Attributes:
        dates: where the true dates lay.
        growth: where the true slope lay, in worlds that have one in ln score.
        levels: where the frontier lay 3, 6 and 12 months later.
        stood: how likely the record was to stand so long, and whether it did.
        never: how likely bars were above the ceiling, and whether they are.
    """

    dates: Mapping[str, Tally]
    growth: Mapping[str, Tally] = field(default_factory=dict)
    levels: Mapping[str, Tally] = field(default_factory=dict)
    stood: Mapping[str, Said] = field(default_factory=dict)
    never: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """An experiment and what came of it."""

    experiment: Experiment
    counts: Counts


def measure(experiment: Experiment, *, n_simulations: int) -> Counts:
    """Simulate, ask, and count.

    Every simulation has a stream of its own, named by the world and its number: other
    experiments change none of its numbers.
    """
    found: dict[str, dict[str, list[Floats]]] = defaultdict(lambda: defaultdict(list))
    for number in range(n_simulations):
        stream = random_stream("coverage", experiment.world, number)
        sample = experiment.world.simulate(stream)
        for asked in ask_all(
            sample, experiment.questions, selected=experiment.selected, seed=number
        ):
            for what, counted in _counted(asked, sample, experiment, stream).items():
                found[what][asked.method.name].append(counted)
    arrays = {
        what: {name: np.array(counted) for name, counted in by_name.items()}
        for what, by_name in found.items()
    }
    return _together(arrays, n_simulations)


def _counted(
    asked: Asked, sample: Sample, experiment: Experiment, stream: np.random.Generator
) -> dict[str, Floats]:
    """What came of one method on one sample."""
    positions, is_open = positions_of(asked, sample)
    found = {"dates": positions, "open": is_open}
    if isinstance(experiment.world, Growth):
        found["growth"] = growth_positions(asked.rows)[np.newaxis]
    if experiment.of_record:
        found |= said_of_record(asked, sample, stream) | said_of_never(asked, sample)
    return found


def _together(arrays: Mapping[str, Mapping[str, Floats]], n_simulations: int) -> Counts:
    def of(what: str) -> Mapping[str, Floats]:
        return arrays.get(what, {})

    def said(chances: str, came: str) -> dict[str, Said]:
        return {
            name: Said(found, of(came)[name]) for name, found in of(chances).items()
        }

    once = np.ones((n_simulations, 1))
    each_lead = np.ones((n_simulations, len(LEADS_DAYS)))
    return Counts(
        {name: Tally(found, of("open")[name]) for name, found in of("dates").items()},
        {
            name: Tally(found, once, GROWTH_LEVELS)
            for name, found in of("growth").items()
        },
        {name: Tally(found, each_lead) for name, found in of("levels").items()},
        said("stands", "stood"),
        said("never", "above"),
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


def of_records() -> list[Experiment]:
    """Records that come as `records` has them."""
    return [_of_record(Records(n, 0.1)) for n in (N_FAMILIES, 24)]


def capped(n_families: int) -> list[Ceilings]:
    """Worlds under ceilings that are drawn as they are judged beforehand."""
    kinds = (RecordsUnderCeilings, ModelsUnderCeilings)
    return [kind(n_families, 0.1, mean) for kind in kinds for mean in (0.9, 0.97)]


def under_ceilings() -> list[Experiment]:
    """Frontiers that may never reach a bar."""
    return [_of_record(world) for world in capped(N_FAMILIES)]


def wrong_for_records() -> list[Experiment]:
    """Worlds in which how long a record stands has to do with how high it is."""
    worlds: list[World] = [Models(n, 0.1) for n in (N_FAMILIES, 24)]
    worlds += [Models(N_FAMILIES, 1.0), Records(N_FAMILIES, 1.0)]
    worlds += [Kinks(N_FAMILIES, 0.1), Rush(N_FAMILIES, 0.1)]
    worlds += [Releases(n, MIN_ITEMS, 0.5, n_families=N_FAMILIES) for n in (12, 30)]
    worlds += [Walks(n, N_FAMILIES, items=MIN_ITEMS) for n in (12, 30)]
    return [_of_record(world) for world in worlds]


def _of_record(world: World) -> Experiment:
    asked: list[Question] = [(RECORDS, "record"), (DRIFT, "record")]
    return Experiment(world, asked, selected=True, of_record=True)


def _published(world: World, methods: Sequence[Method]) -> Experiment:
    """All methods held against the day on which a published score reaches the bar."""
    return Experiment(world, [(method, "record") for method in methods], selected=True)
