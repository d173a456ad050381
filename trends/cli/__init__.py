"""The command line: the same stages as the DAGs, without Airflow.

Data goes to stdout, messages and progress to stderr. Everything heavy is imported
inside the commands, so that ``trends --help`` answers at once.
"""

import typer

from trends.cli import checks, ledger, reading, stages

__all__ = ["app"]

app = typer.Typer(
    name="trends",
    help="When do published AI benchmarks cross the bars that matter, how sure is "
    "that, and what changed?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


for command in (
    stages.run,
    stages.ingest,
    reading.show,
    reading.why,
    reading.score,
    checks.check,
    stages.backtest,
    reading.quarantine,
    checks.doctor,
):
    app.command()(command)
app.add_typer(ledger.app, name="ledger")
