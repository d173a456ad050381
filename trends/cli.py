"""The command line: the same stages as the DAGs, without Airflow.

Data goes to stdout, messages and progress to stderr. Everything heavy is imported
inside the commands, so that ``trends --help`` answers at once.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from trends import defaults

EXIT_REGISTRY_INVALID = 3
EXIT_DATA_REJECTED = 4

app = typer.Typer(
    name="trends",
    help="When do published AI benchmarks cross the bars that matter, how sure is "
    "that, and what changed?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


ledger = typer.Typer(
    help="Forecasts of record: freeze them, replay past ones, check them.",
    no_args_is_help=True,
)
app.add_typer(ledger, name="ledger")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write YYYY-MM-DD") from None


AsOf = Annotated[
    date | None,
    typer.Option(
        parser=_day,
        metavar="DATE",
        help="Use only figures public by this day (YYYY-MM-DD); default: today.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]


@app.command()
def run(
    *,
    as_of: AsOf = None,
    draws: Annotated[
        int, typer.Option(help="Parameter draws of each line fit.")
    ] = defaults.DRAWS,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = defaults.SEED,
    draft: Annotated[
        bool, typer.Option("--draft", help="Write a draft; publish nothing.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also copy the run's files to this folder.")
    ] = None,
) -> None:
    """Ingest every source, forecast every threshold, publish, and show the table."""
    from trends import pipeline
    from trends import show as tables
    from trends.workspace import Workspace

    workspace = Workspace.find()
    with _errors():
        ingested = pipeline.ingest(workspace, progress=_say)
        request = pipeline.ForecastRequest(
            as_of=as_of or _today(),
            publish=not draft,
            draws=draws,
            seed=seed,
        )
        published = pipeline.forecast(
            request, workspace, published_at=_now(), progress=_say
        )
    if out is not None:
        shutil.copytree(published.path, out, dirs_exist_ok=True)
    tables.print_table(tables.table_rows(published.path, by=None, headlines_only=True))
    tables.print_alarms(published.path)
    print(f"\nfiles: {out or published.path}")
    _finish(ingested.stopped)


@app.command()
def ingest(*, as_json: Json = False) -> None:
    """Read and validate every source."""
    from trends import pipeline
    from trends.workspace import Workspace

    with _errors():
        result = pipeline.ingest(Workspace.find(), progress=_say)
    if as_json:
        print(json.dumps({"rows": result.rows, "stopped": result.stopped}))
    else:
        print(f"{result.rows} observations, {result.quarantined} rows quarantined")
    _finish(result.stopped)


@app.command()
def show(
    *,
    by: Annotated[
        date | None,
        typer.Option(
            parser=_day,
            metavar="DATE",
            help="Add the probability of a crossing by DATE.",
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="One scenario of automated R&D beside what others have said; "
            "'list' names them.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every bar and trend, not headlines only.")
    ] = False,
    as_json: Json = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As a Markdown table.")
    ] = False,
) -> None:
    """Show the latest published crossing dates, or one scenario."""
    from trends import show as tables
    from trends.workspace import Workspace

    if scenario is not None:
        if by is not None or everything or markdown:
            raise typer.BadParameter("--scenario goes with --json only")
        _show_scenario(scenario, as_json=as_json)
        return
    with _errors():
        run = tables.latest_run(Workspace.find())
        rows = tables.table_rows(run, by=by, headlines_only=not everything)
    if as_json:
        print(json.dumps(rows, indent=1, default=str))
    elif markdown:
        print(tables.as_markdown(rows))
    else:
        tables.print_table(rows)
        tables.print_alarms(run)
        print(f"\nfiles: {run}")


@app.command()
def why(
    threshold: Annotated[str, typer.Argument(help="Id of a threshold.")],
    *,
    bar: Annotated[
        str | None, typer.Option(help="Bar; default: the headline's.")
    ] = None,
    trend: Annotated[
        str | None, typer.Option(help="Curve family; default: the headline's.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="VINTAGE",
            help="as_of or run id of the earlier vintage; default: the one before.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="VINTAGE", help="The later one; default: the latest."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what moved a median between two published vintages, part by part."""
    from trends.why import explain
    from trends.workspace import Workspace

    with _errors():
        found = explain(
            Workspace.find(),
            threshold,
            bar_id=bar,
            trend=trend,
            before=before,
            after=after,
        )
    if as_json:
        print(json.dumps(found.as_json(), indent=1, default=str))
    else:
        print("\n".join(found.lines()))


@app.command()
def score(*, as_json: Json = False) -> None:
    """Score the forecasts of record against the figures of the latest ingest."""
    from trends import pipeline
    from trends.ledger.table import summarise
    from trends.show_record import print_record
    from trends.workspace import Workspace

    with _errors():
        record = summarise(pipeline.score(Workspace.find(), today=_today()))
    if as_json:
        print(json.dumps(asdict(record), indent=1, default=str))
    else:
        print_record(record)


@ledger.command("record")
def ledger_record(
    *,
    vintage: Annotated[
        str | None, typer.Option(help="as_of or run id; default: the latest run.")
    ] = None,
) -> None:
    """Freeze a published run as the forecast of record of its vintage."""
    from trends import show as tables
    from trends.ledger import record_published
    from trends.outputs import find_published
    from trends.workspace import Workspace

    workspace = Workspace.find()
    with _errors():
        wanted = vintage or tables.latest_run(workspace).name
        published = find_published(workspace.results, wanted)
        print(record_published(workspace.ledger, published, made_on=_today()))


@ledger.command("replay")
def ledger_replay(
    *,
    first: Annotated[
        date, typer.Option("--from", parser=_day, metavar="DATE", help="First as_of.")
    ],
    last: Annotated[
        date, typer.Option("--to", parser=_day, metavar="DATE", help="Last as_of.")
    ],
    draws: Annotated[
        int, typer.Option(help="Parameter draws of each line fit.")
    ] = defaults.DRAWS,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = defaults.SEED,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
) -> None:
    """Record, marked as replayed, what each past month's end would have forecast."""
    from trends.replay import Replay, past_month_ends, replay
    from trends.workspace import Workspace

    with _errors():
        as_ofs = past_month_ends(first, last, today=_today())
        files = replay(
            Replay(as_ofs, seed=seed, draws=draws),
            Workspace.find(),
            made_on=_today(),
            workers=workers,
            progress=_say,
        )
    for file in files:
        print(file)


@ledger.command("check")
def ledger_check() -> None:
    """Check that no forecast of record was changed, deleted or inserted."""
    from trends.ledger import head, read_entries
    from trends.workspace import Workspace

    folder = Workspace.find().ledger
    with _errors():
        for kind in ("live", "replayed"):
            entries = read_entries(folder, kind)
            print(f"{kind}: {len(entries)} vintages, intact, head {head(folder, kind)}")


@app.command()
def check(
    *,
    output: Annotated[
        Literal["text", "json", "github"],
        typer.Option("--format", help="How to print problems."),
    ] = "text",
) -> None:
    """Check the registry: every problem with its file, line and column."""
    from trends.registry import check as check_registry
    from trends.registry import format_problems
    from trends.workspace import Workspace

    problems = check_registry(Workspace.find().registry)
    if problems:
        print(format_problems(problems, output))
    errors = [problem for problem in problems if problem.level == "error"]
    _say(f"{len(errors)} errors, {len(problems) - len(errors)} warnings")
    if errors:
        raise typer.Exit(EXIT_REGISTRY_INVALID)


@app.command()
def backtest(
    *,
    first_origin: Annotated[
        date | None,
        typer.Option(
            "--from",
            parser=_day,
            metavar="DATE",
            help="First day from which to forecast, the first of a month; default: "
            f"{defaults.BACKTEST_FIRST_ORIGIN}.",
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option(help="Parameter draws of each line fit.")
    ] = defaults.BACKTEST_DRAWS,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = defaults.SEED,
    weights: Annotated[
        bool,
        typer.Option(
            "--write-weights",
            help="Write data/registry/weights.yaml, which forecasts read.",
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also copy its files to this folder.")
    ] = None,
) -> None:
    """Replay the pipeline at past days, and compare it with every baseline."""
    from trends import pipeline
    from trends.scorecard import origin_progress, print_scorecard
    from trends.workspace import Workspace

    workspace = Workspace.find()
    with _errors():
        ingested = pipeline.ingest(workspace, progress=_say)
        first = first_origin or defaults.BACKTEST_FIRST_ORIGIN
        request = pipeline.BacktestRequest(first, draws, seed)
        with origin_progress() as progress:
            result = pipeline.backtest(request, workspace, progress=progress)
    if out is not None:
        shutil.copytree(result.path, out, dirs_exist_ok=True)
    print_scorecard(result.scores, result.weights)
    print(f"\nfiles: {out or result.path}")
    if weights:
        print(f"weights: {pipeline.write_weights(result, workspace)}")
    _finish(ingested.stopped)


@app.command()
def quarantine() -> None:
    """Show the rows that the latest published run rejected, and why."""
    from trends import show as tables
    from trends.workspace import Workspace

    with _errors():
        for line in tables.quarantine_lines(tables.latest_run(Workspace.find())):
            print(line)


@app.command()
def doctor() -> None:
    """Check that this installation can run, and say what to do where it cannot."""
    from trends.doctor import examine
    from trends.workspace import Workspace

    findings = examine(Workspace.find())
    for finding in findings:
        print(f"{'ok ' if finding.ok else 'BAD'}  {finding.what}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _show_scenario(scenario: str, *, as_json: bool) -> None:
    from trends import show_scenario as scenarios
    from trends.show import latest_run
    from trends.workspace import Workspace

    with _errors():
        run = latest_run(Workspace.find())
        if scenario == "list":
            rows = scenarios.scenario_list(run)
        else:
            tables = scenarios.scenario_tables(run, scenario)
    if as_json:
        shown = rows if scenario == "list" else tables
        print(json.dumps(shown, indent=1, default=str))
    elif scenario == "list":
        scenarios.print_list(rows)
    else:
        scenarios.print_scenario(tables)


@contextmanager
def _errors() -> Iterator[None]:
    """Turn the errors a user can do something about into a text and an exit code."""
    from trends.ledger import LedgerError
    from trends.outputs import OutputError
    from trends.pipeline import PipelineError
    from trends.registry import RegistryError
    from trends.validation import ValidationError

    try:
        yield
    except PipelineError as error:
        code = error.exit_code
        text = str(error)
    except RegistryError as error:
        code = EXIT_REGISTRY_INVALID
        text = f"the registry is not valid:\n{error}"
    except (ValidationError, LedgerError) as error:
        code = EXIT_DATA_REJECTED
        text = str(error)
    except OutputError as error:
        code = 1
        text = str(error)
    else:
        return
    _say(f"error: {text}")
    raise typer.Exit(code)


def _finish(stopped: Mapping[str, str]) -> None:
    """Exit with the code of a partial result if a source was stopped."""
    from trends.pipeline import EXIT_PARTIAL

    for source, reason in stopped.items():
        _say(f"left out: source {source}: {reason}")
    if stopped:
        raise typer.Exit(EXIT_PARTIAL)


def _today() -> date:
    return _now().date()


def _now() -> datetime:
    return datetime.now(UTC)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
