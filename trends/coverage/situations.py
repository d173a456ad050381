"""In what each family is judged, and what is promised of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from trends.coverage.count import Share, Tally
from trends.coverage.experiments import Cell, World
from trends.coverage.frontiers import (
    Kinks,
    Models,
    ModelsUnderCeilings,
    Records,
    RecordsUnderCeilings,
    Rush,
)
from trends.coverage.worlds import Releases, UnseenWalks, Walks
from trends.fits.quantile import MIN_ITEMS

LOWEST, HIGHEST = 0.86, 0.94
"""Between which the coverage of a nominal 90% interval is asked to lie."""

Cells = Mapping[str, Sequence[Cell]]
"""Cells by group of experiments."""


@dataclass(frozen=True)
class Situation:
    """Cells in which one method is judged together.

    Attributes:
        words: of the situation.
        group: of experiments.
        method: by its name.
        is_promised: whether 86 to 94% are asked for.
        growth: whether its growth rates are judged, not its dates.
        worlds: of which kind; None for all.
        items: of these numbers; None for all.
    """

    words: str
    group: str
    method: str
    is_promised: bool
    growth: bool = False
    worlds: type[World] | None = None
    items: tuple[int, ...] | None = None

    def tallies(self, cells: Cells) -> list[tuple[Cell, Tally]]:
        """Of the cells with at least 8 releases, or looks, and scatter between them."""
        return [
            (cell, by_name[self.method])
            for cell in cells[self.group]
            if self.method
            in (by_name := cell.counts.growth if self.growth else cell.counts.dates)
            and self._is_of(cell.experiment.world)
        ]

    def _is_of(self, world: World) -> bool:
        facts = asdict(world)
        return (
            facts.get("n", 8) >= 8
            and facts.get("sd", 0.5) == 0.5
            and (self.worlds is None or type(world) is self.worlds)
            and (self.items is None or facts["items"] in self.items)
        )

    def shares(self, cells: Cells) -> list[tuple[Cell, Share]]:
        """Coverage of nominal 90% where there is an interval."""
        return [
            (cell, share)
            for cell, tally in self.tallies(cells)
            if (share := tally.covered(0.9)) is not None
        ]


def _situations_of_others() -> Iterator[Situation]:
    every, records = "dates, every release", "dates, records of releases"
    growth = "growth rate, every release"
    yield Situation(every, "not_selected", "logistic", True)
    yield Situation(every, "growing", "exponential", True)
    yield Situation(growth, "growing", "exponential", True, growth=True)
    many = f"{every}, {MIN_ITEMS} or 500 items"
    yield Situation(many, "not_selected", "quantile", True, items=(MIN_ITEMS, 500))
    yield Situation(f"{every}, no ceiling", "not_selected", "logistic3", True)
    for method in ("logistic", "quantile", "logistic3"):
        yield Situation(f"{every}, developers differ", "of_developers", method, True)
    yield Situation(f"{every}, ceiling 0.9", "with_ceiling", "logistic3", True)
    yield Situation("first record, walks: its own world", "walking", "drift", True)
    for method in ("logistic", "plain OLS", "logistic3"):
        yield Situation(records, "selected", method, False)
    for method in ("exponential", "plain OLS"):
        yield Situation(records, "growing_selected", method, False)
    for method in ("exponential", "plain OLS"):
        growth = "growth rate, records of releases"
        yield Situation(growth, "growing_selected", method, False, growth=True)
    for method in ("drift", "logistic", "quantile", "ensemble"):
        line = "first record, releases about a line"
        yield Situation(line, "scattering", method, False, worlds=Releases)
    for method in ("drift", "logistic", "quantile", "ensemble"):
        items = f"first record, walks seen through {MIN_ITEMS} items"
        yield Situation(items, "scattering", method, False, worlds=Walks)
    unseen = "first record, walks not looked at on the last day"
    yield Situation(unseen, "scattering", "drift", False, worlds=UnseenWalks)
    for method in ("ensemble", "exponential", "quantile"):
        yield Situation("first record, walks", "walking", method, False)


def _situations_of_records() -> Iterator[Situation]:
    own = "first record, records as in its law"
    yield Situation(own, "of_records", "records", True)
    yield Situation(own, "of_records", "drift", False)
    truths: list[tuple[str, str, type[World]]] = [
        ("records under ceilings", "under_ceilings", RecordsUnderCeilings),
        ("models under ceilings", "under_ceilings", ModelsUnderCeilings),
        ("models about a trend", "wrong_for_records", Models),
        ("models whose pace doubles", "wrong_for_records", Kinks),
        ("models of which ever more come", "wrong_for_records", Rush),
        ("records whose pace wanders much", "wrong_for_records", Records),
    ]
    for truth, group, world in truths:
        for method in ("records", "drift"):
            words = f"first record, {truth}"
            yield Situation(words, group, method, False, worlds=world)
    line, items = "releases about a line", f"walks seen through {MIN_ITEMS} items"
    for truth, world in ((line, Releases), (items, Walks)):
        words = f"first record, {truth}"
        yield Situation(words, "wrong_for_records", "records", False, worlds=world)


SITUATIONS: Final = (*_situations_of_others(), *_situations_of_records())


def misses(situation: Situation, cells: Cells) -> list[tuple[Cell, Share]]:
    """Cells outside 86 to 94% by more than two Monte Carlo errors."""
    return [
        (cell, share)
        for cell, share in situation.shares(cells)
        if not LOWEST - 2 * share.error <= share.value <= HIGHEST + 2 * share.error
    ]
