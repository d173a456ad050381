"""Rows of a benchmark that is measured by period: a company's month or week.

Such a row is its own entrant. Its name says which period, its date is the last day of
it (the first of a week), and it is known from the day on which it was reported. No AI
model is behind it, so none has to be registered.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from trends.characters import quote
from trends.dates import last_day_of_period
from trends.published_scores import PublishedScore, UnusableRowError
from trends.registry.models import FIRST_DAY

LONGEST_ID: Final = 100

_MONTH: Final = re.compile(r"\bmonth (\d{4}-\d{2})$")
_WEEK: Final = re.compile(r"\bweek (\d{4}-\d{2}-\d{2})$")
_MEND: Final = "correct it in corrections.yaml"


def period_id(name: str) -> str:
    """Identifier of a period, made of its published name: ``anthropic_month_2025_08``.

    Raises:
        UnusableRowError: the name has no letter or digit, or too many.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not found or len(found) > LONGEST_ID:
        raise UnusableRowError(
            "period_is_named",
            f"{quote(name)} makes no id: name the period in 1 to {LONGEST_ID} letters "
            "and digits, such as 'Anthropic, month 2026-08'",
        )
    return found


def require_period(score: PublishedScore, place: str) -> tuple[date, date]:
    """Day by which a row's period is dated, and day of its report.

    Args:
        score: the row.
        place: its file and line.

    Raises:
        UnusableRowError: one is missing, is not what the name says, or the report came
            before the period was over.
    """
    name, day, reported_on = (
        quote(score.model_name_published),
        score.release_date,
        score.reported_on,
    )
    if day is None:
        raise UnusableRowError(
            "period_is_dated",
            f"{place}: {name} has no date: write the last day of the period in "
            "release_date (of a week, its first day)",
        )
    if reported_on is None:
        raise UnusableRowError(
            "period_is_reported",
            f"{place}: {name} has no reported_on, and a period is known from its "
            "report only: write the day on which the figure became public",
        )
    named = _named_day(score.model_name_published)
    if named is not None and named != day:
        raise UnusableRowError(
            "period_is_dated",
            f"{place}: {name} is dated {day}, but its name says {named}: {_MEND}",
        )
    if day < FIRST_DAY:
        raise UnusableRowError(
            "period_is_dated",
            f"{place}: {name} is dated {day}, before {FIRST_DAY}: {_MEND}",
        )
    if reported_on < day:
        raise UnusableRowError(
            "period_is_over",
            f"{place}: {name} was reported on {reported_on}, before the period was "
            f"over on {day}: {_MEND}",
        )
    return day, reported_on


def _named_day(name: str) -> date | None:
    """The day that a name in one of the two usual forms says; None for other names."""
    month, week = _MONTH.search(name), _WEEK.search(name)
    try:
        if month:
            return last_day_of_period(month[1])
        return date.fromisoformat(week[1]) if week else None
    except ValueError:
        raise UnusableRowError(
            "period_is_named", f"{quote(name)} names no day of the calendar: {_MEND}"
        ) from None
