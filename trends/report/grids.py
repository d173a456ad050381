"""Tables of a page: a caption, headings, and cells that may lead somewhere."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from trends.words import percent


class Cell(NamedTuple):
    """One cell.

    Attributes:
        text: what it says.
        href: where it leads; nowhere if empty.
        ident: the anchor of its row, in a row's first cell.
        below: whether its row stands below the one that leads, in a row's first cell.
    """

    text: str
    href: str = ""
    ident: str = ""
    below: bool = False


class Grid(NamedTuple):
    """A table of a page; the first cell of a row is the row's heading.

    Attributes:
        caption: what the table shows.
        headings: of the columns.
        rows: cells, as many a row as there are headings.
        numeric: places of the columns that are set to the right.
        wide: places of the columns that take room for a label of a date.
        text: places of the columns that take room for a sentence.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    wide: frozenset[int] = frozenset()
    text: frozenset[int] = frozenset()

    @property
    def classes(self) -> str:
        """Names of the styles of its columns, counted from 1 as CSS does."""
        numeric = [f"n{place + 1}" for place in sorted(self.numeric)]
        wide = [f"w{place + 1}" for place in sorted(self.wide)]
        return " ".join(
            numeric + wide + [f"t{place + 1}" for place in sorted(self.text)]
        )


def grid(
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell | str]],
    *,
    numeric: Iterable[int] = (),
    wide: Iterable[int] = (),
    text: Iterable[int] = (),
) -> Grid:
    """A table of cells and of plain text."""
    return Grid(
        caption,
        tuple(headings),
        tuple(
            tuple(one if isinstance(one, Cell) else Cell(one) for one in row)
            for row in rows
        ),
        frozenset(numeric),
        frozenset(wide),
        frozenset(text),
    )


def chance(probability: object) -> str:
    """A probability as people read it, and a dash for none."""
    return percent(probability) or "-"


def day(value: object) -> str:
    """A day as ISO writes it, and a dash for none."""
    return value.isoformat() if isinstance(value, date) else "-"


def web(address: object) -> str:
    """An address that a browser may follow; empty for any other text.

    Addresses come from figures and registry: a page leads to http and https only. Of
    an address with words after it, as in "(second hand)", it is the address.
    """
    words = str(address or "").split()
    text = words[0].rstrip(",;") if words else ""
    return text if text.startswith(("https://", "http://")) else ""


def benchmark_anchor(benchmark_id: str) -> str:
    """Where a benchmark's section begins."""
    return f"b-{benchmark_id}"


def score_anchor(observation_id: str) -> str:
    """Where a score stands in its benchmark's table."""
    return f"s-{observation_id.replace(':', '-')}"


def scenario_anchor(scenario_id: str) -> str:
    """Where a scenario's section begins."""
    return f"scenario-{scenario_id}"
