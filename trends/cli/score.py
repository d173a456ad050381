"""How past forecasts did."""

import json
from dataclasses import asdict

from trends.cli.shared import Json, say, today


def score(*, as_json: Json = False) -> None:
    """Score the forecasts of record against the figures of the latest ingest."""
    from trends import pipeline
    from trends.cli.screens.record import print_record
    from trends.ledger.table import summarise
    from trends.workspace import Workspace

    say("scoring every forecast of the ledger against the latest ingest")
    record = summarise(pipeline.score(Workspace.find(), today=today()))
    if as_json:
        print(json.dumps(asdict(record), indent=1, default=str))
    else:
        print_record(record)
