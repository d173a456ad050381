"""What published 80% intervals of dates held in the backtest, where it was less."""

from collections.abc import Mapping
from typing import Final

NOMINAL: Final = 0.8

HELD: Final = (
    "held n%: in the backtest the 80% intervals of this trend and kind of score held "
    "only n% of the dates. Where nothing is said they held 80% or more, or it cannot be "
    "told: status_reason in crossing_summary says which."
)
"""Explains ``shortfall`` below a table that has one."""


def shortfall(row: Mapping[str, object]) -> str | None:
    """Words like "(held 65%)" for a CROSSING_SUMMARY row; None if nothing is short."""
    held = row["coverage80_backtest"]
    if not isinstance(held, float) or held >= NOMINAL:
        return None
    return f"(held {held:.0%})"
