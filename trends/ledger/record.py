"""Recording a published run as a forecast of record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from trends.ledger.entries import Entry, entry_from_run
from trends.ledger.store import (
    LedgerError,
    append_entry,
    finish_recordings,
    read_entries,
    recorded_as,
)
from trends.outputs import LatestRun, verify_run

LATEST_LEAD_DAYS: Final = 7
"""Days after as_of on which forecasts may still be recorded as live."""


@dataclass(frozen=True)
class PlannedRecord:
    """What recording a run comes to.

    Attributes:
        file: the entry's file.
        entry: what would be written there; None if the run is recorded already.
    """

    file: Path
    entry: Entry | None


def plan_record(ledger: Path, published: LatestRun, *, made_on: date) -> PlannedRecord:
    """What recording a published run would write; nothing is written.

    Args:
        ledger: the ledger's folder.
        published: the run; a draft is never published, so it cannot be recorded.
        made_on: today.

    Raises:
        LedgerError: the ledger is not intact; the vintage has another forecast of
            record; or as_of is too long ago, or to come, for a live forecast.
        OutputError: the run is damaged.
    """
    for known in read_entries(ledger, "live"):
        if known.run_id == published.run_id:
            return PlannedRecord(ledger / "live" / known.file_name, None)
    if problems := verify_run(published.path):
        raise LedgerError(f"a damaged run cannot be recorded: {'; '.join(problems)}")
    age_days = (made_on - published.as_of).days
    if not 0 <= age_days <= LATEST_LEAD_DAYS:
        raise LedgerError(
            f"vintage {published.as_of} recorded on {made_on} is no live forecast: "
            f"from 0 to {LATEST_LEAD_DAYS} days may lie between, or it could be made "
            "knowing what came; `trends ledger replay` records past dates as replayed"
        )
    entry = entry_from_run(published.path, kind="live", made_on=made_on)
    recorded = recorded_as(ledger, entry)
    if recorded is not None:
        return PlannedRecord(recorded, None)
    return PlannedRecord(ledger / "live" / entry.file_name, entry)


def record_published(
    ledger: Path,
    published: LatestRun,
    *,
    made_on: date,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Freeze a published run as the live forecast of its vintage.

    Recording a run again changes nothing, on whatever day.

    Args:
        ledger: the ledger's folder.
        published: the run.
        made_on: today.
        progress: told what a killed recorder left unfinished.

    Returns:
        The entry's file.

    Raises:
        LedgerError: as ``plan_record``.
        OutputError: the run is damaged.
    """
    for name in finish_recordings(ledger):
        progress(f"{name}: its recording was interrupted, and is finished now")
    planned = plan_record(ledger, published, made_on=made_on)
    if planned.entry is None:
        return planned.file
    return append_entry(ledger, planned.entry)
