"""Recording a published run as a forecast of record."""

from datetime import date
from pathlib import Path
from typing import Final

from trends.ledger.entries import entry_from_run
from trends.ledger.store import LedgerError, append_entry, read_entries
from trends.outputs import LatestRun, verify_run

LATEST_LEAD_DAYS: Final = 7
"""Days after as_of on which forecasts may still be recorded as live."""


def record_published(ledger: Path, published: LatestRun, *, made_on: date) -> Path:
    """Freeze a published run as the live forecast of its vintage.

    Recording a run again changes nothing, on whatever day.

    Args:
        ledger: the ledger's folder.
        published: the run; a draft is never published, so it cannot be recorded.
        made_on: today.

    Returns:
        The entry's file.

    Raises:
        LedgerError: the ledger is not intact; the vintage has another forecast of
            record; or as_of is too long ago, or to come, for a live forecast.
        OutputError: the run is damaged.
    """
    for known in read_entries(ledger, "live"):
        if known.run_id == published.run_id:
            return ledger / "live" / known.file_name
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
    return append_entry(ledger, entry)
