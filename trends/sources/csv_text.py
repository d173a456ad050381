"""CSV as publishers write it: records with the line on which each begins."""

import csv
import io
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from trends.characters import MAX_QUOTED, nearest, quote
from trends.sources import SourceError
from trends.sources.reading import decode

DELIMITERS: Final = (",", ";", "\t", "|")
"""What may stand between cells: a semicolon where the comma is in the numbers."""

_LONGEST_CELL: Final = 131_072
"""Characters; longer is a quotation mark that is not closed."""


class Record(NamedTuple):
    """One record: its line, and its cells by column; ``wrong`` if they do not fit."""

    line: int
    cells: dict[str, str]
    wrong: str | None = None


def header(content: bytes, delimiter: str = ",") -> list[str]:
    """Columns of what may be a CSV file: cells of its first line, or none."""
    first = content[:20_000].removeprefix(b"\xef\xbb\xbf").splitlines()[:1]
    try:
        line = first[0].decode() if first else ""
        return next(csv.reader([line], strict=True, delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error):
        return []


def delimiter_of(content: bytes) -> str:
    """What stands between cells: by what the first line falls into the most columns."""
    return max(DELIMITERS, key=lambda one: len(header(content, one)))


def records(
    content: bytes, name: str, *, required: Collection[str], delimiter: str = ","
) -> Iterator[Record]:
    """The records below the header; blank lines are none.

    A record with too many or too few cells is ``wrong``, and says so.

    Args:
        content: the file.
        name: what errors call it.
        required: columns that the header must name; others may stand there too.
        delimiter: what stands between cells.

    Raises:
        SourceError: no UTF-8, no CSV, or a header without a required column.
    """
    below = lines(decode(content, name), name, delimiter)
    _, columns = next(below, (1, []))
    _check_header(columns, required, name)
    for line, cells in below:
        wrong = None
        if len(cells) != len(columns):
            wrong = f"has {len(cells)} cells, where the header has {len(columns)}"
        yield Record(line, dict(zip(columns, cells, strict=False)), wrong)


def lines(
    text: str, name: str, delimiter: str = ","
) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank: the line on which it begins, and its cells.

    Raises:
        SourceError: no CSV, at the line from which on it is none.
    """
    # the whole process has one limit, which another library may have lifted
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    start = 1
    try:
        for cells in reader:
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"{name}:{start}: not CSV from this line on ({error}); look for a "
            "quotation mark that is not closed",
            file=name,
            line=start,
        ) from error


def _check_header(columns: list[str], required: Collection[str], name: str) -> None:
    missing = [name_missing(one, columns) for one in required if one not in columns]
    missing += [
        f"column {quote(one)} stands twice"
        for one in sorted({one for one in columns if columns.count(one) > 1})
    ]
    if missing:
        raise SourceError(
            f"{name}:1: {'; '.join(missing)}. The publisher has changed the columns: "
            "compare the file with its reader",
            file=name,
        )


def name_missing(column: str, columns: list[str]) -> str:
    """That a column is not there, and which may have become of it."""
    near = nearest(column, [one[:MAX_QUOTED] for one in columns])
    return f"no column {column!r}" + (f", is it now {quote(near[0])}?" if near else "")
