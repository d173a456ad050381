"""What a test looks like on other boards: a table of its other views."""

from collections.abc import Sequence
from typing import Any

from trends.report.grids import Cell, Grid, benchmark_anchor, day, grid
from trends.words import shown_percent, when_words

Row = dict[str, Any]


def views(title: str, others: Sequence[Row]) -> Grid | None:
    """Headlines of the other views of a test; None where it has no other.

    Args:
        title: the threshold in words.
        others: as ``other_views`` gives them.
    """
    if not others:
        return None
    return grid(
        f"Other views of the test of {title}: the same items, as others report them",
        ("View", "If ever, never", "80% interval", "P by now", "Figures end"),
        (
            (
                Cell(
                    row["threshold_label"], f"#{benchmark_anchor(row['benchmark_id'])}"
                ),
                when_words(row),
                row["interval80_label"],
                shown_percent(row, "p_crossed_by_as_of") or "-",
                day(row["observed_through"]),
            )
            for row in others
        ),
        numeric=(3,),
        wide=(1, 2),
    )
