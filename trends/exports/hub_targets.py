"""What a hub asks of models: its targets, and the days and periods that they speak of."""

from datetime import date
from typing import Final

import polars as pl

from trends.dates import is_quarter_end, month_ends
from trends.tables import AUTOMATION_YEARS

DATE: Final = "crossing date"
PERIOD: Final = "crossing period"
SCORE: Final = "frontier score"

LATER, NEVER = "later", "never"

TEAM: Final = "benchtrends"

COLUMNS: Final = {
    "origin_date": pl.Date,
    "target": pl.String,
    "bar": pl.String,
    "series": pl.String,
    "horizon": pl.Int64,
    "target_end_date": pl.Date,
    "output_type": pl.String,
    "output_type_id": pl.String,
    "value": pl.Float64,
}
TASK_IDS: Final = tuple(COLUMNS)[:6]

BAR: Final = pl.concat_str("threshold_id", "bar_id", separator=".")


def quarter_ends(as_of: date, end: date) -> list[date]:
    """Days at which the CDF of a date is asked for."""
    days = [day for day in month_ends(as_of, end) if day > as_of]
    return [day for day in days if is_quarter_end(day)]


def period_ends(as_of: date, end: date) -> list[date]:
    """as_of, ends of years after it, and the projection's end."""
    years = [date(year, 12, 31) for year in AUTOMATION_YEARS]
    return [as_of, *(day for day in years if as_of < day < end), end]


def period_name(day: date) -> str:
    """A bin by its last day; it starts where the one before it ends."""
    return f"to {day}"
