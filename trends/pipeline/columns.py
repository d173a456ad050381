"""Which column of a published table holds which cell, where its name says so."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

USUAL_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "model_name_published": ("model", "model version", "model name"),
        "developer": ("organization", "organisation", "company", "vendor"),
        "release_date": ("release date", "model release date", "released"),
        "score": (),
        "standard_error": ("stderr", "standard error", "std err"),
        "ci_low": (),
        "ci_high": (),
        "harness": ("agent", "scaffold"),
        "reported_on": ("reported on", "reported", "date reported"),
        "reporter": (),
        "source_url": ("source url", "url", "source link"),
        "note": ("notes",),
        "scoring_rule": (),
    }
)
"""Names that columns usually have, in any case, beside the cell's own name.

What a score is called differs from board to board, and a board has several: that
column is asked for unless it is called so.
"""


def column_of(cell: str, header: Iterable[str]) -> str | None:
    """The column that holds the cell, or None where no name says so."""
    known = {plain(name): name for name in header}
    names = (plain(cell), *USUAL_NAMES.get(cell, ()))
    return next((known[name] for name in names if name in known), None)


def plain(name: str) -> str:
    """A column's name without what people write in several ways: case, underscores."""
    return name.strip().casefold().replace("_", " ")
