"""The figures that ship with the project: one CSV file a benchmark."""

from pathlib import Path
from typing import Final

import polars as pl

from trends.characters import nearest, quote
from trends.registry import Source
from trends.sources import SourceError, csv_text
from trends.sources.reading import text_of
from trends.tables import RAW_SCORES

COLUMNS: Final = (
    "model_name_published",
    "developer",
    "release_date",
    "score",
    "standard_error",
    "ci_low",
    "ci_high",
    "harness",
    "reported_on",
    "reporter",
    "source_url",
    "note",
)
"""Header of every file, in this order."""

OPTIONAL_COLUMNS: Final = ("scoring_rule", "retrieved_on")
"""Last columns of a file that needs them: either, or both in this order."""

MAX_ROWS: Final = 5000
"""Rows of one file; the largest has a few hundred. Rows are weighed against each other,
which takes seconds for so many and would take hours for a table of single answers."""

Line = tuple[int, list[str]]
"""Number of the line on which a CSV record starts, and its cells."""


def fetch(source: Source, folder: Path) -> dict[str, bytes]:
    """The files of ``source`` as they are on disk.

    Returns:
        Content by file name, in the order in which the source names its benchmarks.

    Raises:
        SourceError: a file is missing, cannot be read or has no byte in it.
    """
    files = {}
    for benchmark_id in source.benchmarks:
        path = folder / f"{benchmark_id}.csv"
        if not path.is_file():
            raise SourceError(
                f"{path.name}: no such file in {folder.name}/, so {benchmark_id} would "
                "vanish from every result; add it, or take the benchmark out of "
                "sources.yaml",
                file=path.name,
            )
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            raise SourceError(
                f"{path.name}: cannot be read: {error.strerror}", file=path.name
            ) from error
        if not files[path.name]:
            raise SourceError(_without_rows(path.name, "is empty"), file=path.name)
    return files


def recognises(content: bytes) -> bool:
    """Whether the first line names columns of shipped figures."""
    return {"model_name_published", "score"} <= set(csv_text.header(content))


def read(source_id: str, file_name: str, content: bytes) -> pl.DataFrame:
    """Read one file, every cell as the text that was published.

    A byte order mark is tolerated, because spreadsheets put one before UTF-8; so
    are blank lines. An empty cell is null.

    Args:
        source_id: publisher, as in the registry.
        file_name: ``<benchmark_id>.csv``.
        content: the file.

    Returns:
        RAW_SCORES rows.

    Raises:
        SourceError: not UTF-8, not CSV, another header, a line with too many or
            too few cells, a line break inside a cell, no rows, or rows without end.
    """
    text = text_of(content, file_name)
    (_, header), *lines = list(csv_text.lines(text, file_name)) or [(1, [])]
    _check_header(file_name, header)
    _check_widths(file_name, lines, n_columns=len(header))
    _check_line_breaks(file_name, header, lines)
    if not lines:
        raise SourceError(
            _without_rows(file_name, "has a header and no rows"), file=file_name
        )
    if len(lines) > MAX_ROWS:
        raise SourceError(
            f"{file_name}: {len(lines):,} rows, and {MAX_ROWS:,} are the most: a file "
            "has one row a published score; is this another table?",
            file=file_name,
            line=lines[MAX_ROWS][0],
        )
    origin = {
        "source_id": source_id,
        "benchmark_id": Path(file_name).stem,
        "source_file": file_name,
    }
    return RAW_SCORES.frame(
        [
            {**origin, "source_row": number}
            | {column: cell or None for column, cell in zip(header, cells, strict=True)}
            for number, cells in lines
        ]
    )


def _check_header(file_name: str, found: list[str]) -> None:
    last = [name for name in OPTIONAL_COLUMNS if name in found]
    columns = [*COLUMNS, *last]
    if found == columns:
        return
    expected = f"{','.join(COLUMNS)}, then {' and '.join(OPTIONAL_COLUMNS)} if needed"
    if sorted(found) == sorted(columns):
        differences = ["the columns stand in another order"]
    else:
        missing = [name for name in COLUMNS if name not in found]
        unknown = [name for name in found if name not in columns]
        repeated = sorted({name for name in found if found.count(name) > 1})
        absent = [name for name in OPTIONAL_COLUMNS if name not in found]
        differences = [_name_unknown(name, [*missing, *absent]) for name in unknown]
        differences += [f"{quote(name)} stands twice" for name in repeated]
        differences += [f"{name!r} is missing" for name in missing]
    if len(differences) > len(COLUMNS):
        n_more = len(differences) - len(COLUMNS)
        differences = [*differences[: len(COLUMNS)], f"and {n_more} more"]
    raise SourceError(
        f"{file_name}:1: cannot tell which column is which: {'; '.join(differences)}. "
        f"Found {quote(','.join(found)) if found else 'nothing'}; expected {expected}",
        file=file_name,
    )


def _name_unknown(name: str, missing: list[str]) -> str:
    near = nearest(name, missing)
    return f"unknown column {quote(name)}" + (
        f", did you mean {near[0]!r}?" if near else ""
    )


def _check_widths(file_name: str, lines: list[Line], *, n_columns: int) -> None:
    ragged = [
        (number, len(cells)) for number, cells in lines if len(cells) != n_columns
    ]
    if ragged:
        first = ", ".join(f"line {line} has {n} cells" for line, n in ragged[:5])
        more = f" and {len(ragged) - 5} more" if len(ragged) > 5 else ""
        raise SourceError(
            f"{file_name}: {first}{more}, not {n_columns}: cells "
            "would land in the wrong column. Quote cells that contain a comma",
            file=file_name,
            line=ragged[0][0],
        )


def _check_line_breaks(file_name: str, header: list[str], lines: list[Line]) -> None:
    """A quotation mark that opens in one row and closes in another makes them one."""
    for number, cells in lines:
        for column, cell in zip(header, cells, strict=True):
            if "\n" in cell or "\r" in cell:
                raise SourceError(
                    f"{file_name}:{number}: {column} goes on in the next line, so that "
                    f"rows may be swallowed: {quote(cell)}. Close its quotation mark, "
                    "or write the cell on one line",
                    file=file_name,
                    line=number,
                )


def _without_rows(file_name: str, what: str) -> str:
    return (
        f"{file_name} {what}: its series would vanish from every result; restore the "
        "file, or take the benchmark out of sources.yaml"
    )
