"""A whole run, and its table."""

from pathlib import Path
from typing import Annotated, Final

import typer

from trends import defaults
from trends.cli.out import copy_out, require_out
from trends.cli.shared import (
    AsOf,
    Draws,
    Seed,
    finish,
    now,
    say,
    today,
)
from trends.cli.show import NEXT_STEPS

DRAFT_STEPS: Final = (
    ("trends diff", "what the changed registry does to every bar and scenario"),
    ("trends run", "publish, once it is as it should be"),
)


def run(
    *,
    as_of: AsOf = None,
    draws: Draws = defaults.DRAWS,
    seed: Seed = defaults.SEED,
    draft: Annotated[
        bool, typer.Option("--draft", help="Write a draft; publish nothing.")
    ] = False,
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Only this threshold, also one that is a draft; may be repeated, and "
            "goes with --draft.",
        ),
    ] = None,
    trend: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only this curve family, of the thresholds that have it; may be "
            "repeated, and goes with --draft.",
        ),
    ] = None,
    with_backtest: Annotated[
        bool,
        typer.Option(
            "--with-backtest",
            help="Carry the backtest that `trends backtest` made of the same figures.",
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also copy the run's files to this folder.")
    ] = None,
) -> None:
    """Ingest every source, forecast every threshold, publish, and show the table."""
    from trends import pipeline
    from trends.cli.screens import headlines as tables
    from trends.workspace import Workspace

    workspace = Workspace.find()
    as_of = as_of or today()
    if out is not None:
        require_out(out, workspace)
    pipeline.refuse_the_future(as_of, today=today())
    ingested = pipeline.ingest(workspace, progress=say)
    request = pipeline.ForecastRequest(
        as_of=as_of,
        publish=not draft,
        thresholds=tuple(threshold or ()) or None,
        trends=tuple(trend or ()) or None,
        draws=draws,
        seed=seed,
        with_backtest=with_backtest,
    )
    published = pipeline.forecast(
        request,
        workspace,
        published_at=now(),
        progress=say,
        look=_say_moves if request.publish else _say_nothing,
    )
    if out is not None:
        copy_out(published.path, out)
    rows = tables.overview_rows(published.path)
    tables.print_overview(
        published.path, rows, today=today(), answer=tables.answer_of(published.path)
    )
    tables.print_next_steps(
        published.path, NEXT_STEPS if not draft else DRAFT_STEPS, files=out
    )
    read_more = (out or published.path) / "quality.json"
    say(pipeline.warning_line(published.warnings, read_more=read_more))
    finish(
        ingested.stopped,
        refused=ingested.refused,
        left_out=published.left_out,
        withheld=ingested.withheld,
        waiting=published.waiting,
        unseen=published.unseen,
    )


def _say_moves(folder: Path) -> None:
    """Name headlines that move far: who publishes by hand has the right to."""
    from trends import pipeline
    from trends.words import moves_sentence

    if sentence := moves_sentence(pipeline.large_moves(folder)):
        say(sentence)


def _say_nothing(_: Path) -> None:
    """A draft moves nothing that readers have."""
