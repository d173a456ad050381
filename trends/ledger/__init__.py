"""Forecasts of record: frozen when made, resolved and scored as figures arrive.

``data/ledger/live`` holds what was published at the time, ``data/ledger/replayed`` what
today's code and registry would have said at past as_of dates. The two are never mixed:
separate folders, separate indexes, separate tables. ``trends.ledger.scores`` and
``trends.ledger.table`` import the statistics: import them where scores are made.
"""

from trends.ledger.entries import Entry, Forecast, Kind, entry_from_run
from trends.ledger.record import LATEST_LEAD_DAYS, plan_record, record_published
from trends.ledger.store import (
    LedgerError,
    append_entry,
    check_ledger,
    finish_recordings,
    head,
    head_after,
    read_entries,
    recorded_files,
    unfinished_recordings,
)

__all__ = [
    "LATEST_LEAD_DAYS",
    "Entry",
    "Forecast",
    "Kind",
    "LedgerError",
    "append_entry",
    "check_ledger",
    "entry_from_run",
    "finish_recordings",
    "head",
    "head_after",
    "plan_record",
    "read_entries",
    "record_published",
    "recorded_files",
    "unfinished_recordings",
]
