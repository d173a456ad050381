"""Worlds, shares and tables as the page writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Final

from trends.coverage.count import Share
from trends.coverage.experiments import Cell, World
from trends.coverage.frontiers import (
    Kinks,
    Models,
    ModelsUnderCeilings,
    Records,
    RecordsUnderCeilings,
    Rush,
)
from trends.coverage.worlds import (
    DevelopersReleases,
    Growth,
    Releases,
    UnseenWalks,
    Walks,
)

_COLUMNS: Final = {
    "truth": "truth",
    "n": "n",
    "n_families": "families",
    "items": "items",
    "sd": "SD",
    "n_developers": "developers",
    "ceiling": "ceiling",
    "noisy": "noise",
    "wander": "wander",
    "mean": "judged",
}

_TRUTHS: Final[dict[type[World], str]] = {
    Releases: "releases",
    DevelopersReleases: "releases of developers",
    Growth: "growth",
    Walks: "walks",
    UnseenWalks: "walks, last day unseen",
    Records: "as in the law",
    Models: "models",
    Kinks: "models, pace doubles",
    Rush: "models, ever more",
    RecordsUnderCeilings: "as in the law, under ceilings",
    ModelsUnderCeilings: "models, under ceilings",
}

_USUAL: Final = {"n_families": 1, "ceiling": 1.0, "items": None}
"""What goes without saying."""


def told_apart(cells: Sequence[Cell]) -> tuple[list[str], list[list[str]]]:
    """Columns that tell these cells apart, and their entries."""
    entries = [facts_of(cell.experiment.world) for cell in cells]
    names = [
        name
        for name in _COLUMNS
        if (name == "n" and any(name in entry for entry in entries))
        or len({entry.get(name, _USUAL.get(name)) for entry in entries}) > 1
    ]
    return (
        [_COLUMNS[name] for name in names],
        [[_entry(entry.get(name)) for name in names] for entry in entries],
    )


def facts_of(world: World) -> dict[str, object]:
    """What tells a world from others."""
    return {"truth": _TRUTHS[type(world)]} | asdict(world)


def described(cell: Cell) -> str:
    """What tells the world of a cell from others of its kind."""
    facts = facts_of(cell.experiment.world)
    return ", ".join(
        f"{label} {_entry(facts[name])}"
        for name, label in _COLUMNS.items()
        if name in facts and name != "truth" and facts[name] != _USUAL.get(name, ())
    )


def named(cell: Cell) -> str:
    """Its kind of world, and what tells it from others of that kind."""
    return f"{_TRUTHS[type(cell.experiment.world)]}: {described(cell)}"


def _entry(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def with_error(share: Share | None) -> str:
    """In percent, with the error of simulating finitely often."""
    if share is None:
        return "not estimated"
    return f"{percent(share.value)} ± {percent(share.error)}"


def bare(share: Share | None) -> str:
    """In percent."""
    return "" if share is None else percent(share.value)


def percent(value: float) -> str:
    """To a tenth."""
    return f"{100 * value:.1f}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
