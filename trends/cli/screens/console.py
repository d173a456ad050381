"""A terminal that prints text from data as it is, at the width that it has."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final, Literal, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

WIDTH: Final = 80
"""Columns where stdout is no terminal, so that files and pipes get the same bytes."""

NARROW: Final = 24
"""A first column that has to be narrower than this stands above the others."""

LEAST: Final = 16
"""A last column that goes on in further lines keeps at least this."""

GAP: Final = "  "


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line, which ends without a word."""
        raise BrokenPipeError


class Column(NamedTuple):
    """A heading, and to which side its cells go."""

    heading: str
    justify: Literal["left", "right"] = "left"


def screen_width() -> int:
    """Columns: what COLUMNS says, else the terminal's, else 80."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return (
        shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    )


def plain_console() -> Console:
    """A console on stdout to which brackets and colons in text mean nothing.

    A label ``[held out]`` is printed, not taken for a style that nobody defined.
    """
    return _Console(markup=False, emoji=False, highlight=False, width=screen_width())


def bold(text: str) -> Text:
    """Text of a heading."""
    return Text(text, style="bold")


def italic(text: str) -> Text:
    """Text of a lesser heading."""
    return Text(text, style="italic")


class Grid:
    """Rows of cells, one line each where they fit.

    Where they do not, columns move together; then the first and the last cell go on in
    further lines, between words, in as few as can be; on a narrow screen the first
    stands above the others. A word that is longer than its column is cut with an
    ellipsis.
    """

    def __init__(self, *columns: Column) -> None:
        """Begin with no rows."""
        self._columns = columns
        self._rows: list[Sequence[str] | Text] = []

    def add(self, *cells: str) -> None:
        """Add a row, a cell for each column."""
        self._rows.append([" ".join(cell.splitlines()) for cell in cells])

    def add_section(self, title: str) -> None:
        """Add a heading over the rows that follow."""
        self._rows.append(bold(title))

    @property
    def is_empty(self) -> bool:
        """Whether no row was added."""
        return not self._rows

    def lines(self, width: int) -> list[Text]:
        """The headings and rows at ``width`` columns, without trailing spaces."""
        headings = [column.heading for column in self._columns]
        rows = [headings, *(row for row in self._rows if not isinstance(row, Text))]
        sizes = [max(map(cell_len, cells)) for cells in zip(*rows, strict=True)]
        indent = max(len(row[0]) - len(row[0].lstrip()) for row in rows) + len(GAP)
        gaps = self._gaps(sizes, width)
        blocks = self._blocks(rows, sizes, gaps, width, indent)
        found = [bold(line) for line in self._row(headings, blocks, gaps, indent)]
        for row in self._rows:
            if isinstance(row, Text):
                found.append(row)
            else:
                found += map(Text, self._row(row, blocks, gaps, indent))
        return found

    def _gaps(self, sizes: Sequence[int], width: int) -> list[int]:
        """Columns before each column: one before numbers to the right.

        And before all, where only so everything fits.
        """
        wide = [len(GAP) if one.justify == "left" else 1 for one in self._columns]
        room = width - sum(sizes)
        return [1] * len(sizes) if len(sizes) - 1 <= room < sum(wide[1:]) else wide

    def _row(
        self,
        cells: Sequence[str],
        blocks: Sequence[Mapping[int, int]],
        gaps: Sequence[int],
        indent: int,
    ) -> Iterator[str]:
        """The lines of one row, block by block; cells that are too long go on below."""
        for block in blocks:
            is_first = 0 in block
            parts = [
                wrapped(cells[i], size, hang=indent if i == 0 else 0)
                for i, size in block.items()
            ]
            for texts in zip_longest(*parts, fillvalue=""):
                fitted = [
                    _fitted(text, size, self._columns[i].justify)
                    for text, (i, size) in zip(texts, block.items(), strict=True)
                ]
                line = "" if is_first else " " * indent
                for j, (i, text) in enumerate(zip(block, fitted, strict=True)):
                    line += " " * (gaps[i] if j else 0) + text
                yield line.rstrip()

    def _blocks(
        self,
        rows: Sequence[Sequence[str]],
        sizes: Sequence[int],
        gaps: Sequence[int],
        width: int,
        indent: int,
    ) -> list[dict[int, int]]:
        """Columns that share a line, each with its size: all of them where they fit.

        Else the first stands above the others, of which as many share a line as fit.
        """
        room = width - sum(sizes[1:-1]) - sum(gaps[1:])
        if first := _shared(rows, (sizes[0], sizes[-1]), room, indent):
            last = min(sizes[-1], room - first)
            return [dict(enumerate([first, *sizes[1:-1], last]))]
        blocks, left = [{0: width}], 0
        for i, size in enumerate(sizes[1:], start=1):
            left -= gaps[i]
            is_last = i == len(sizes) - 1
            if size > left and not (is_last and left >= LEAST):
                blocks.append({})
                left = width - indent
            blocks[-1][i] = min(size, left)
            left -= size
        return blocks


def _shared(
    rows: Sequence[Sequence[str]], sizes: tuple[int, int], room: int, indent: int
) -> int:
    """Columns of the first cell of rows, where it has ``room`` together with the last.

    So many that rows have the fewest lines; 0 where there is too little room.
    """
    first, last = sizes
    if first + last <= room:
        return first
    words = [cell_len(word) for row in rows for word in row[-1].split()]
    least = min(last, max([LEAST, *words]))
    lines = {
        size: sum(
            max(
                len(wrapped(row[0], size, hang=indent)),
                len(wrapped(row[-1], room - size)),
            )
            for row in rows
        )
        for size in range(min(first, room - least), min(first, NARROW) - 1, -1)
    }
    return min(lines, key=lines.__getitem__, default=0)


def wrapped(text: str, width: int, *, hang: int = 0) -> list[str]:
    """Lines of at most ``width`` columns, as far as whole words allow it.

    Args:
        text: a paragraph; spaces before it are kept, and all where it fits.
        width: columns.
        hang: columns by which lines after the first stand further in.
    """
    if cell_len(text) <= width:
        return [text.rstrip()]
    lines = [" " * (len(text) - len(text.lstrip()))]
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if cell_len(longer) <= width or not lines[-1].strip():
            lines[-1] = longer
        else:
            lines.append(" " * hang + word)
    return lines


def print_lines(console: Console, lines: Sequence[Text]) -> None:
    """Print lines that are laid out already, each as it is."""
    for line in lines:
        console.print(line, soft_wrap=True)


def print_paragraph(console: Console, text: str, *, hang: int = 0) -> None:
    """Print text wrapped between words, later lines ``hang`` columns further in."""
    print_lines(
        console, [Text(line) for line in wrapped(text, console.width, hang=hang)]
    )


def print_path(console: Console, what: str, path: object) -> None:
    """Print a path whole, however long it is."""
    console.print(Text(f"{what} {path}"), soft_wrap=True)


def _fitted(text: str, size: int, justify: Literal["left", "right"]) -> str:
    if cell_len(text) > size:
        return f"{set_cell_size(text, size - 1)}\N{HORIZONTAL ELLIPSIS}"
    padding = " " * (size - cell_len(text))
    return padding + text if justify == "right" else text + padding
