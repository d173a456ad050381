"""The command line: the same stages as the DAGs, without Airflow.

Data goes to stdout, messages and progress to stderr. Everything heavy is imported
inside the commands, so that ``trends --help`` answers at once.
"""

from typing import Any

import typer

from trends.cli import (
    backtest,
    check,
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
    try_,
    unpublish,
    why,
)
from trends.cli.shared import errors
from trends.cli.streams import written_out

__all__ = ["app"]


class _Program(typer.Typer):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with written_out():
            return super().__call__(*args, **kwargs)


app = _Program(
    name="trends",
    help="When do published AI benchmarks cross the bars that matter, how sure is "
    "that, and what changed?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    backtest.backtest,
    quarantine.quarantine,
    unpublish.unpublish,
    doctor.doctor,
):
    app.command()(errors()(command))
app.command("try")(errors()(try_.try_))
app.add_typer(new.app, name="new")
app.add_typer(ledger.app, name="ledger")
app.add_typer(export.app, name="export")
