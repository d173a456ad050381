"""The command line: the same stages as the DAGs, without Airflow.

Data goes to stdout, messages and progress to stderr. Everything heavy is imported
inside the commands, so that ``trends --help`` answers at once.
"""

import gc
import os
from typing import Annotated, Any

import typer

from trends import defaults
from trends.cli import (
    backfill,
    backtest,
    ceilings,
    check,
    clean,
    contest,
    diff,
    doctor,
    export,
    ingest,
    ledger,
    names,
    new,
    quarantine,
    read,
    report,
    run,
    score,
    show,
    trigger,
    try_,
    unpublish,
    why,
)
from trends.cli.shared import errors
from trends.cli.streams import written_out

__all__ = ["app"]


class _Program(typer.Typer):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        gc.set_threshold(defaults.COLLECT_AFTER)
        # before polars is imported
        os.environ.setdefault("POLARS_MAX_THREADS", str(defaults.POLARS_THREADS))
        with written_out():  # of one name, however it was started
            return super().__call__(*args, **{"prog_name": "trends", **kwargs})


app = _Program(
    name="trends",
    help="When do published AI benchmarks cross the bars that matter, how sure is "
    "that, and what changed?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        from trends.tables import CONTRACT_VERSION

        print(f"trends {version('benchmark-trends')}, contract {CONTRACT_VERSION}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version of the program and of its tables.",
        ),
    ] = False,
) -> None:
    """When do published AI benchmarks cross the bars that matter, and how sure is that?

    What changed is in `trends why`.
    """


for command in (
    run.run,
    ingest.ingest,
    show.show,
    report.report,
    why.why,
    score.score,
    check.check,
    diff.diff,
    names.names,
    read.read,
    backfill.backfill,
    backtest.backtest,
    contest.contest,
    ceilings.ceilings,
    quarantine.quarantine,
    unpublish.unpublish,
    clean.clean,
    doctor.doctor,
    trigger.trigger,
):
    is_show = command is show.show
    app.command(cls=show.ScenarioOption if is_show else None)(errors()(command))
app.command("try")(errors()(try_.try_))
app.add_typer(new.app, name="new")
app.add_typer(ledger.app, name="ledger")
app.add_typer(export.app, name="export")
