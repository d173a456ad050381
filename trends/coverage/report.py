"""The page: what holds, how it was measured, every number."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from string import Template
from typing import Final

from trends.coverage.count import GROWTH_LEVELS, NOMINAL, Share, Tally
from trends.coverage.experiments import Cell
from trends.coverage.methods import N_DRAWS
from trends.coverage.words import (
    ASKED,
    BESIDE,
    HEADLINE,
    METHOD,
    QUICK,
    READING,
    TITLES,
)
from trends.coverage.worlds import (
    LEADS_YEARS,
    DevelopersReleases,
    Growth,
    Releases,
    UnseenWalks,
    Walks,
    World,
)
from trends.fits import quantile, sigmoid
from trends.fits.quantile import MIN_ITEMS

LOWEST, HIGHEST = 0.86, 0.94
"""Between which the coverage of a nominal 90% interval is asked to lie."""

Cells = Mapping[str, Sequence[Cell]]
"""Cells by group of experiments."""

_COLUMNS: Final = {
    "truth": "truth",
    "n": "n",
    "n_families": "families",
    "items": "items",
    "sd": "SD",
    "n_developers": "developers",
    "ceiling": "ceiling",
    "noisy": "noise",
}


_TRUTHS: Final[dict[type[World], str]] = {
    Releases: "releases",
    DevelopersReleases: "releases of developers",
    Growth: "growth",
    Walks: "walks",
    UnseenWalks: "walks, last day unseen",
}

_USUAL: Final = {"n_families": 1, "ceiling": 1.0, "items": None}
"""What goes without saying."""


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
            if self.method in (by_name := cell.growth if self.growth else cell.dates)
            and self._is_of(cell.experiment.world)
        ]

    def _is_of(self, world: World) -> bool:
        facts = asdict(world)
        return (
            facts["n"] >= 8
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


def _situations() -> Iterator[Situation]:
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
        words = "first record, releases about a line"
        yield Situation(words, "scattering", method, False, worlds=Releases)
    for method in ("drift", "logistic", "quantile", "ensemble"):
        words = f"first record, walks seen through {MIN_ITEMS} items"
        yield Situation(words, "scattering", method, False, worlds=Walks)
    words = "first record, walks not looked at on the last day"
    yield Situation(words, "scattering", "drift", False, worlds=UnseenWalks)
    for method in ("ensemble", "exponential", "quantile"):
        yield Situation("first record, walks", "walking", method, False)


SITUATIONS: Final = tuple(_situations())


def report(cells: Cells, *, n_simulations: int, quick: bool) -> str:
    """The page, in Markdown.

    Args:
        cells: of every group in ``words.TITLES``.
        n_simulations: behind each cell.
        quick: whether there are too few for any number to mean something.
    """
    parts = ["# Coverage of the published intervals", ""]
    if quick:
        parts += [QUICK, ""]
    parts += [
        HEADLINE,
        "",
        ASKED,
        "",
        _summary_table(cells, is_promised=True),
        "",
        BESIDE,
        "",
        _summary_table(cells, is_promised=False),
        "",
        READING,
        "",
        Template(METHOD).substitute(
            n_simulations=n_simulations,
            n_draws=N_DRAWS,
            sigmoid_records=sigmoid.MIN_RECORDS,
            quantile_models=quantile.MIN_MODELS,
            quantile_items=MIN_ITEMS,
        ),
        "",
    ]
    for group, (title, text) in TITLES.items():
        parts += [f"## {title}", "", text, ""]
        for method in _methods(cells[group]):
            parts += [f"### {method}", "", _dates_table(cells[group], method), ""]
        if cells[group][0].growth:
            parts += ["### Growth rates", "", _growth_table(cells[group]), ""]
    parts += ["## By distance of the bar", "", _leads_table(cells)]
    return "\n".join(parts) + "\n"


def misses(situation: Situation, cells: Cells) -> list[tuple[Cell, Share]]:
    """Cells outside 86 to 94% by more than two Monte Carlo errors."""
    return [
        (cell, share)
        for cell, share in situation.shares(cells)
        if not LOWEST - 2 * share.error <= share.value <= HIGHEST + 2 * share.error
    ]


def _summary_table(cells: Cells, *, is_promised: bool) -> str:
    return _table(
        [
            "family",
            "what",
            "90% intervals cover, %",
            "cells in 86 to 94",
            "holds within 2 MC errors",
        ],
        [
            [one.method, one.words, *_verdict(one, cells)]
            for one in SITUATIONS
            if one.is_promised is is_promised
        ],
    )


def _verdict(situation: Situation, cells: Cells) -> list[str]:
    values = [share.value for _, share in situation.shares(cells)]
    if not values:
        return ["no interval", "", ""]
    inside = sum(LOWEST <= value <= HIGHEST for value in values)
    missed = [share.value for _, share in misses(situation, cells)]
    narrow = sum(value < LOWEST for value in missed)
    wide = len(missed) - narrow
    words = [f"{narrow} too narrow"] * (narrow > 0) + [f"{wide} too wide"] * (wide > 0)
    return [
        f"{_percent(min(values))} to {_percent(max(values))}",
        f"{inside} of {len(values)}",
        f"**no**: {', '.join(words)}" if missed else "yes",
    ]


def _dates_table(cells: Sequence[Cell], method: str) -> str:
    cells = [cell for cell in cells if method in cell.dates]
    headings, worlds = _worlds(cells)
    rows = []
    for cell, world in zip(cells, worlds, strict=True):
        tally = cell.dates[method]
        rows.append(
            [
                *world,
                *(_with_error(tally.covered(level)) for level in NOMINAL),
                _share(tally.before(0.9)),
                _share(tally.after(0.9)),
                _percent(tally.not_estimated),
            ]
        )
    return _table(
        [
            *headings,
            *(f"{level:.0%} covers" for level in NOMINAL),
            "truth before 90%",
            "truth after 90%",
            "not estimated",
        ],
        rows,
    )


def _growth_table(cells: Sequence[Cell]) -> str:
    headings, worlds = _worlds(cells)
    rows = [
        [
            method,
            *world,
            *(_with_error(tally.covered(level)) for level in GROWTH_LEVELS),
            _share(tally.before(0.95)),
            _share(tally.after(0.95)),
            _percent(tally.not_estimated),
        ]
        for cell, world in zip(cells, worlds, strict=True)
        for method, tally in cell.growth.items()
    ]
    return _table(
        [
            "family",
            *headings,
            *(f"{level:.0%} covers" for level in GROWTH_LEVELS),
            "truth slower than 95%",
            "truth faster than 95%",
            "not estimated",
        ],
        rows,
    )


def _leads_table(cells: Cells) -> str:
    """Coverage of nominal 90% by bar, and how often the bar is open."""
    rows = []
    for situation in SITUATIONS:
        if situation.growth:
            continue
        for cell, tally in situation.tallies(cells):
            rows.append(
                [
                    situation.method,
                    situation.words,
                    _described(cell),
                    *(_with_error(tally.covered(0.9, k)) for k in range(3)),
                    *(_percent(tally.open_share(k)) for k in range(3)),
                ]
            )
    return _table(
        [
            "family",
            "what",
            "cell",
            *(f"{lead} years" for lead in LEADS_YEARS),
            *(f"open at {lead}" for lead in LEADS_YEARS),
        ],
        rows,
    )


def _methods(cells: Sequence[Cell]) -> list[str]:
    """Names of the methods asked in any of these cells, in order."""
    return list(dict.fromkeys(name for cell in cells for name in cell.dates))


def _worlds(cells: Sequence[Cell]) -> tuple[list[str], list[list[str]]]:
    """Columns that tell these cells apart, and their entries."""
    entries = [_facts(cell) for cell in cells]
    names = [
        name
        for name in _COLUMNS
        if name == "n" or len({entry.get(name) for entry in entries}) > 1
    ]
    return (
        [_COLUMNS[name] for name in names],
        [[_entry(entry.get(name)) for name in names] for entry in entries],
    )


def _facts(cell: Cell) -> dict[str, object]:
    world = cell.experiment.world
    return {"truth": _TRUTHS[type(world)]} | asdict(world)


def _described(cell: Cell) -> str:
    facts = _facts(cell)
    return ", ".join(
        f"{label} {_entry(facts[name])}"
        for name, label in _COLUMNS.items()
        if name in facts and name != "truth" and facts[name] != _USUAL.get(name, ())
    )


def _entry(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _with_error(share: Share | None) -> str:
    if share is None:
        return "not estimated"
    return f"{_percent(share.value)} ± {_percent(share.error)}"


def _share(share: Share | None) -> str:
    return "" if share is None else _percent(share.value)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
