"""How much judgements of ceilings are worth."""

import json

from trends.cli.shared import Json, finish, say


def ceilings(*, as_json: Json = False) -> None:
    """What past scores say of judged ceilings: which prior and update foretell best."""
    from trends import pipeline
    from trends.cli.screens.ceilings import benchmark_progress, print_ceilings
    from trends.pipeline.ceilings import ceilings as learn
    from trends.workspace import Workspace

    workspace = Workspace.find()
    ingested = pipeline.ingest(workspace, progress=say)
    with benchmark_progress() as progress:
        found = learn(workspace, progress=progress)
    if as_json:
        print(json.dumps(found.as_json(), indent=1))
    else:
        print_ceilings(found)
    finish(ingested.stopped, refused=ingested.refused, withheld=ingested.withheld)
