"""The ledger: forecasts of record."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trends import defaults
from trends.cli.shared import Draws, Seed, day, deadline, errors, say, today

if TYPE_CHECKING:
    from trends.ledger.record import PlannedRecord

app = typer.Typer(
    help="Forecasts of record: freeze them, replay past ones, check them.",
    no_args_is_help=True,
)


@app.command("record")
@errors()
def ledger_record(
    *,
    vintage: Annotated[
        str | None, typer.Option(help="as_of or run id; default: the latest run.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be frozen; write nothing.")
    ] = False,
) -> None:
    """Freeze a published run as the forecast of record of its vintage, for good."""
    from trends.cli.screens import headlines as tables
    from trends.ledger import plan_record, record_published
    from trends.outputs import find_published
    from trends.workspace import Workspace

    workspace = Workspace.find()
    wanted = vintage or tables.latest_run(workspace, today=today(), say=say).name
    published = find_published(workspace.results, wanted)
    if not dry_run:
        folder = workspace.ledger
        print(record_published(folder, published, made_on=today(), progress=say))
        return
    planned = plan_record(workspace.ledger, published, made_on=today())
    _print_planned(planned, workspace.ledger)


@app.command("replay")
@errors()
def ledger_replay(
    *,
    first: Annotated[
        date, typer.Option("--from", parser=day, metavar="DATE", help="First as_of.")
    ],
    last: Annotated[
        date,
        typer.Option(
            "--to",
            parser=deadline,
            metavar="DATE",
            help="Last as_of; 2026 and 2026-06 mean their end.",
        ),
    ],
    draws: Draws = defaults.DRAWS,
    seed: Seed = defaults.SEED,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Record, marked as replayed, what each past month's end would have forecast."""
    from trends.pipeline.replay import Replay, past_month_ends, replay
    from trends.workspace import Workspace

    as_ofs = past_month_ends(first, last, today=today())
    files = replay(
        Replay(as_ofs, seed=seed, draws=draws),
        Workspace.find(),
        made_on=today(),
        workers=workers,
        progress=say,
    )
    for file in files:
        print(file)


@app.command("check")
@errors()
def ledger_check() -> None:
    """Check that no forecast of record was changed, deleted or inserted."""
    from trends.ledger import head, read_entries, unfinished_recordings
    from trends.workspace import Workspace

    folder = Workspace.find().ledger
    for kind in ("live", "replayed"):
        entries = read_entries(folder, kind)
        print(f"{kind}: {len(entries)} vintages, intact, head {head(folder, kind)}")
    for name in unfinished_recordings(folder):
        say(
            f"{name}: its recording was interrupted after it counted; the next "
            "`trends ledger record` finishes it"
        )


def _print_planned(planned: "PlannedRecord", ledger: Path) -> None:
    from trends.ledger import head, head_after

    if planned.entry is None:
        print(f"recorded already: {planned.file}")
        return
    forecasts = planned.entry.forecasts
    n_open = sum(forecast.is_open for forecast in forecasts)
    print(f"would record {planned.file}")
    print(f"forecasts: {len(forecasts)}, of which {n_open} are open")
    print(f"head: {head(ledger, 'live')}, then {head_after(ledger, planned.entry)}")
