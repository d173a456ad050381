"""How fast all frontiers move together, in words."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

Row = Mapping[str, Any]

MEAN_PACE: Final = 1.0
"""The mean pace of the months that are listed."""


def pace_now(common_pace: pl.DataFrame) -> Row | None:
    """The last month that has a common pace, with the first of those it is held to.

    Args:
        common_pace: COMMON_PACE rows.

    Returns:
        Its row with ``since``, the last day of the first month; None without rows.
    """
    if common_pace.is_empty():
        return None
    months = common_pace.sort("month")
    return months.row(-1, named=True) | {"since": months["month"][0]}


def pace_sentence(common_pace: pl.DataFrame) -> str:
    """How fast the frontier moves now, in a sentence; empty without rows.

    As "In 2026-09 the frontier moved 1.3 times (80%: 0.6 to 1.9) as fast as its mean since
    2023-03, from 9 families of benchmarks, which is not to be told from the mean."

    Args:
        common_pace: COMMON_PACE rows.
    """
    now = pace_now(common_pace)
    if now is None:
        return ""
    verdict = {
        "faster": ", faster than the mean",
        "slower": ", slower than the mean",
        "mean": ", which is not to be told from the mean",
    }[against_mean(now)]
    return (
        f"In {_month(now)} the frontier moved {times_mean(now['pace'])} times (80%: "
        f"{_span(now)}) as fast as its mean since {str(now['since'])[:7]}, from "
        f"{now['n_families']} families of benchmarks{verdict}."
    )


def pace_line(common_pace: pl.DataFrame) -> str:
    """The same in one line of a terminal; empty without rows.

    Args:
        common_pace: COMMON_PACE rows.
    """
    now = pace_now(common_pace)
    if now is None:
        return ""
    return (
        f"Common pace: in {_month(now)} the frontier moved {times_mean(now['pace'])}x "
        f"its mean (80% {_span(now)})"
    )


def pace_words(row: Row) -> str:
    """A month as "1.3 (80% 0.6 to 1.9, 9 families)".

    Args:
        row: of COMMON_PACE.
    """
    pace = times_mean(row["pace"])
    return f"{pace} (80% {_span(row)}, {row['n_families']} families)"


def against_mean(row: Row) -> str:
    """Whether the 80% interval of a month is above the mean, below it or holds it."""
    if row["pace_lo80"] > MEAN_PACE:
        return "faster"
    return "slower" if row["pace_hi80"] < MEAN_PACE else "mean"


def times_mean(ratio: float) -> str:
    """A ratio to the mean as "1.3"."""
    return f"{ratio:.1f}"


def _span(row: Row) -> str:
    return f"{times_mean(row['pace_lo80'])} to {times_mean(row['pace_hi80'])}"


def _month(row: Row) -> str:
    return str(row["month"])[:7]
