"""A run in one line: the answer, and which headline dates moved most."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from trends.words.answer import default_scenario
from trends.words.brief import short_name
from trends.words.labels import DRAFT_MARK
from trends.words.moves import days_later, move_size, never_moved_words

MOVES_NAMED: Final = 3
"""Headlines that a line names; the rest are counted."""

Row = Mapping[str, Any]


def answer_line(automation: pl.DataFrame) -> str:
    """When the default scenario's bars are met, and automated R&D after its gap.

    Args:
        automation: AUTOMATION rows of a run; without a default scenario the line is
            empty.
    """
    rows = {row["gap"]: row for row in default_scenario(automation).to_dicts()}
    if "none" not in rows:
        return ""
    line = f"{rows['none']['scenario_title']}: {_when(rows['none'])}"
    if "prior" in rows:
        line += f"; automated R&D after the gap: {_when(rows['prior'])}"
    return f"{line}."


def moved_line(headlines: Sequence[Row]) -> str:
    """Which headlines moved since the vintage before, the furthest first.

    Views of a test are counted apart, and none is named: a test moves once.

    Args:
        headlines: CROSSING_SUMMARY rows, one a threshold.
    """
    compared = [row for row in headlines if row["change_days"] is not None]
    if not compared:
        return "No date to compare with an earlier vintage."
    views = [row for row in compared if row.get("view_of") is not None]
    compared = [row for row in compared if row.get("view_of") is None]
    n_views = sum(bool(change_words(row)) for row in views)
    of_views = f"{n_views} of {len(views)} views"
    moved = sorted(
        (row for row in compared if change_words(row)),
        key=lambda row: (
            -move_size(row["change_days"], row["change_p_never"]),
            row["threshold_id"],
        ),
    )
    if not moved:
        but = f", but {of_views} did" if n_views else ""
        return f"None of {len(compared)} headline dates moved{but}."
    named = [f"{short_name(row)} {change_words(row)}" for row in moved[:MOVES_NAMED]]
    more = len(moved) - len(named)
    rest = f", and {more} more" if more else ""
    beside = f" and {of_views}" if n_views else ""
    return f"{len(moved)} of {len(compared)} headline dates{beside} moved: " + (
        "; ".join(named) + f"{rest}."
    )


def change_words(row: Row) -> str:
    """By how much a headline moved since the vintage before; empty where it did not.

    Args:
        row: a CROSSING_SUMMARY row with both changes.
    """
    said = [days_later(row["change_days"])] if row["change_days"] else []
    if never := never_moved_words(row["change_p_never"]):
        said.append(never)
    return ", ".join(said)


def _when(row: Row) -> str:
    if row["scenario_status"] == "not_estimated":
        return "not estimated"
    median = str(row["median_label"]).removesuffix(DRAFT_MARK).strip()
    return f"{median} (80% {row['interval80_label']})"
