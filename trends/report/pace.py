"""How fast all frontiers move together: the section of a page."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from trends.report.grids import Grid, grid
from trends.tables import COMMON_PACE
from trends.words import pace_sentence, times_mean


class Pace(NamedTuple):
    """The common pace.

    Attributes:
        sentence: how fast the frontier moves now.
        months: every month, the last first.
    """

    sentence: str
    months: Grid


def pace(tables: Mapping[str, pl.DataFrame]) -> Pace | None:
    """The common pace in words and numbers; None where no month has one.

    Args:
        tables: published tables by name.
    """
    found = tables.get(COMMON_PACE.name, COMMON_PACE.frame([]))
    if found.is_empty():
        return None
    months = grid(
        "The common pace by month, in times its mean, the last month first",
        ("Month", "Pace", "80% interval", "Families"),
        (
            (
                str(row["month"])[:7],
                times_mean(row["pace"]),
                f"{times_mean(row['pace_lo80'])} to {times_mean(row['pace_hi80'])}",
                str(row["n_families"]),
            )
            for row in found.sort("month", descending=True).iter_rows(named=True)
        ),
        numeric=range(1, 4),
    )
    return Pace(pace_sentence(found), months)
