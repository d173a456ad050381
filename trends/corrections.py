"""Declared corrections of known errors of a source, with a guard that ends them.

A correction names rows by their cells as published and says what must still hold of
them; once the source mends itself, or changes otherwise, the correction is stale.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import polars as pl

from trends.registry.models import Correction
from trends.tables import RAW_SCORES

Cells = dict[str, str | None]
"""One row as published: column to text, empty cells null."""

_REVIEW: Final = "review the correction or delete it"


class CorrectionError(ValueError):
    """Corrections no longer fit the figures that they correct.

    Attributes:
        stale: why, by the id of the correction.
    """

    def __init__(self, stale: Mapping[str, str]) -> None:
        """Print one line a correction."""
        super().__init__(
            "\n".join(f"corrections.yaml: {one}: {why}" for one, why in stale.items())
        )
        self.stale = dict(stale)


class Origin(NamedTuple):
    """Where a row was read."""

    source_id: str
    benchmark_id: str
    source_file: str
    source_row: int


PUBLISHED_CELLS: Final = tuple(
    column.name for column in RAW_SCORES.columns if column.name not in Origin._fields
)
"""What a row of RAW_SCORES says, apart from where it was read."""


class RawRow(NamedTuple):
    """One raw row: where it stands, as published, corrected, and by which entries."""

    origin: Origin
    published: Cells
    corrected: Cells
    correction_ids: tuple[str, ...]


def correct(raw: pl.DataFrame, corrections: list[Correction]) -> list[RawRow]:
    """The rows with the corrections of their benchmarks.

    Raises:
        CorrectionError: a correction is stale.
    """
    rows: list[RawRow] = []
    numbers: dict[str, list[int]] = {}
    for number, cells in enumerate(raw.iter_rows(named=True)):
        origin = Origin(*(cells.pop(name) for name in Origin._fields))
        published = {name: _text_or_none(cells[name]) for name in PUBLISHED_CELLS}
        rows.append(RawRow(origin, published, published, ()))
        numbers.setdefault(origin.benchmark_id, []).append(number)
    stale = {}
    for correction in corrections:
        # of its benchmark only: a source may have thousands, each with its own
        if ours := numbers.get(correction.benchmark):
            for number in ours:
                rows[number] = _apply(correction, rows[number])
            if why := _why_stale(correction, [rows[number] for number in ours]):
                stale[correction.id] = why
    if stale:
        raise CorrectionError(stale)
    return rows


def correct_cells(
    benchmark_id: str, published: Cells, corrections: list[Correction]
) -> Cells:
    """A row as published, with every correction that names it."""
    row = RawRow(Origin("", benchmark_id, "", 0), published, published, ())
    for correction in corrections:
        row = _apply(correction, row)
    return row.corrected


def _text_or_none(cell: str | None) -> str | None:
    return (cell or "").strip(" ") or None


def _apply(correction: Correction, row: RawRow) -> RawRow:
    if not _matches(correction, row):
        return row
    return row._replace(
        corrected=row.corrected | correction.set,
        correction_ids=(*row.correction_ids, correction.id),
    )


def _matches(correction: Correction, row: RawRow) -> bool:
    """Whether the row, as published, is one that the correction names."""
    return row.origin.benchmark_id == correction.benchmark and _shows(
        row, correction.match
    )


def _shows(row: RawRow, cells: dict[str, str]) -> bool:
    return all(
        row.published.get(name) == (text or None) for name, text in cells.items()
    )


def _why_stale(correction: Correction, rows: list[RawRow]) -> str:
    """The expiry guard: what no longer holds of a correction, in words."""
    matched = [row for row in rows if correction.id in row.correction_ids]
    if not matched:
        absent = f"no row of {correction.benchmark} has {correction.match}"
        return f"{absent}; the source has changed, so {_REVIEW}"
    return "; ".join(
        f"{row.origin.source_file}:{row.origin.source_row} now shows "
        f"{ {name: row.published[name] for name in correction.expect} }, not "
        f"{correction.expect}; applying it would overwrite a newer figure, "
        f"so {_REVIEW}"
        for row in matched
        if not _shows(row, correction.expect)
    )
