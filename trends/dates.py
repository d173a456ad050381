"""Calendar dates and decimal years, the only two ways this project tells time.

Nothing here reads a clock: a caller that means "today" says which day that is.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

DAYS_PER_YEAR: Final = 365.25
"""Length of the year in which every rate "per year" is stated."""


def iso_day(text: str | None) -> date | None:
    """A cell's day; None where it is empty or no ISO day, which the gate rejects."""
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def years_between(start: date, end: date) -> float:
    """Signed time from ``start`` to ``end`` in years of 365.25 days."""
    return (end - start).days / DAYS_PER_YEAR


def years_since(epoch: date, days: list[date]) -> npt.NDArray[np.float64]:
    """Years from ``epoch`` to each of ``days``, shape ``(len(days),)``."""
    numbers = np.array([day.toordinal() for day in days], dtype=np.float64)
    years: npt.NDArray[np.float64] = (numbers - epoch.toordinal()) / DAYS_PER_YEAR
    return years


def month_ends(start: date, end: date) -> list[date]:
    """Last day of each month from the month of ``start``, none later than ``end``."""
    ends: list[date] = []
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        last = date(year, month, monthrange(year, month)[1])
        if last <= end:
            ends.append(last)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return ends


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day.

    The last day of a month leads to the last day of the other.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_last else min(day.day, last))


def last_month_end(day: date) -> date:
    """The last day of a month that is not after ``day``."""
    last = monthrange(day.year, day.month)[1]
    return day if day.day == last else day.replace(day=1) - timedelta(days=1)


def is_quarter_end(day: date) -> bool:
    """Whether ``day`` is the last day of a calendar quarter."""
    return day.month % 3 == 0 and (day + timedelta(days=1)).day == 1


def last_day_of_period(text: str) -> date:
    """Last day of "2026", "2026-04" or "2026-04-02".

    Raises:
        ValueError: the text is none of the three.
    """
    year, month, day = (*text.split("-"), "", "")[:3]
    if day:
        return date.fromisoformat(text)
    _, last = monthrange(int(year), int(month or 12))
    return date(int(year), int(month or 12), last)
