"""The forecasts of record against the figures of the latest ingest."""

from datetime import date
from typing import TYPE_CHECKING

from trends.ledger import read_entries
from trends.pipeline.ingest import latest_ingest
from trends.pipeline.ingested import load_ingest
from trends.registry import load_registry
from trends.registry.looks import with_looks
from trends.workspace import Workspace

if TYPE_CHECKING:
    from trends.ledger.scores import ScoreTables


def score(workspace: Workspace, *, today: date) -> "ScoreTables":
    """Resolve and score every forecast of the ledger.

    Raises:
        RequestError: nothing is ingested.
        LedgerError: a file of the ledger was changed, deleted or inserted.
    """
    from trends.ledger.scores import score_entries

    entries = [
        entry
        for kind in ("live", "replayed")
        for entry in read_entries(workspace.ledger, kind)
    ]
    ingest = load_ingest(latest_ingest(workspace))
    return score_entries(
        entries,
        ingest.observations,
        with_looks(load_registry(workspace.registry), ingest.looks, as_of=today),
        today=today,
    )
