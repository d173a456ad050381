"""The latest published dates, one threshold in full, and scenarios."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand

from trends.cli.shared import Json, deadline, say, today

DEFAULT: Final = "default"
"""What ``--scenario`` without an id asks for."""

STATUSES: Final = {
    "crossed": "already_crossed",
    "expected": "expected",
    "after": "after_projection_end",
    "never": "never",
    "not_estimated": "not_estimated",
}
"""Short words for values of ``crossing_status``; these are taken as well."""

NEXT_STEPS: Final = (
    ("trends show NAME", "one benchmark or threshold in full"),
    ("trends show --scenario", "the answer above, beside what others have said"),
    ("trends show --notes", "what the dates lean on"),
    ("trends why THRESHOLD", "what moved its date"),
    ("trends score", "how past forecasts did"),
)


_BENCHMARK: Final = re.compile(r"\bbenchmark: *(\w+)")


class ScenarioOption(TyperCommand):
    """A command whose ``--scenario`` may stand without an id."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default's name where no id follows."""
        said = list(args)
        for i in reversed(range(len(said))):
            if said[i] == "--scenario" and (
                i + 1 == len(said) or said[i + 1].startswith("-")
            ):
                said.insert(i + 1, DEFAULT)
        return super().parse_args(ctx, said)


def names(incomplete: str) -> list[str]:
    """Thresholds, and benchmarks that they are of, that a shell may complete."""
    from trends.workspace import Workspace

    ids = set()
    for file in (Workspace.find().registry / "thresholds").glob("*.yaml"):
        text = file.read_text(encoding="utf-8", errors="replace")
        ids |= {file.stem, *_BENCHMARK.findall(text)}
    return sorted(one for one in ids if one.startswith(incomplete))


def show(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A threshold or benchmark, to be shown in full.",
            autocompletion=names,
        ),
    ] = None,
    *,
    by: Annotated[
        date | None,
        typer.Option(
            parser=deadline,
            metavar="DATE",
            help="Add the probability of a crossing by DATE; 2027 and 2027-06 mean "
            "their end.",
        ),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only this part of AI R&D, such as coding; may be repeated.",
        ),
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATUS",
            help=f"Only bars that are one of: {', '.join(STATUSES)}; may be repeated.",
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="[ID]",
            help="One scenario of automated R&D beside what others have said: the "
            "default one, or ID; 'list' names them.",
        ),
    ] = None,
    notes: Annotated[
        bool, typer.Option("--notes", help="All that must be known of the dates.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every bar and trend, not headlines only.")
    ] = False,
    as_json: Json = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As a Markdown table.")
    ] = False,
) -> None:
    """Show the latest published dates, one benchmark in full, or one scenario."""
    from trends.cli.screens import headlines as tables
    from trends.cli.screens.threshold import threshold_ids
    from trends.workspace import Workspace

    if scenario is not None:
        if name or by is not None or field or status or notes or everything or markdown:
            raise typer.BadParameter("--scenario goes with --json only")
        _show_scenario(scenario, as_json=as_json)
        return
    filters = bool(by or field or status or everything)
    if notes and (name or filters or as_json or markdown):
        raise typer.BadParameter("--notes goes alone")
    workspace = Workspace.find()
    run = tables.latest_run(workspace, today=today(), say=say)
    if notes:
        _show_notes(run)
        return
    in_full = name is not None and not (as_json or markdown or by or field or status)
    ids = None if name is None else threshold_ids(run, name)
    if in_full and ids is not None:
        _show_thresholds(run, ids)
        return
    rows = tables.table_rows(
        run,
        by=by,
        headlines_only=not everything and ids is None,
        ids=ids,
        domains=tables.domains_named(field or ()),
        statuses=_statuses(status or ()),
    )
    if as_json:
        print(json.dumps(rows, indent=1, default=str))
    elif markdown:
        print(tables.as_markdown(rows))
    elif not rows:
        print("no bar is like that; `trends show` lists all headlines")
    else:
        is_whole = not (field or status or ids)
        answer = tables.answer_of(run) if is_whole else []
        tables.print_overview(run, rows, today=today(), answer=answer)
        tables.print_withdrawn(workspace)
        tables.print_next_steps(run, NEXT_STEPS)


def _statuses(said: list[str] | tuple[str, ...]) -> list[str]:
    """Values of ``crossing_status``.

    Raises:
        BadParameter: there is none such.
    """
    known = {**STATUSES, **{value: value for value in STATUSES.values()}}
    for one in said:
        if one not in known:
            raise typer.BadParameter(
                f"{one!r} is no status: write {', '.join(STATUSES)}"
            )
    return [known[one] for one in said]


def _show_notes(run: Path) -> None:
    from trends.cli.screens.console import plain_console, print_paragraph
    from trends.cli.screens.notes import notes

    console = plain_console()
    for line in list(notes(run)) or ["nothing is to be known beside the labels"]:
        print_paragraph(console, line, hang=2)


def _show_thresholds(run: Path, ids: list[str]) -> None:
    from trends.cli.screens.headlines import print_next_steps
    from trends.cli.screens.threshold import print_threshold

    for i, threshold_id in enumerate(ids):
        if i:
            print()
        print_threshold(run, threshold_id, today=today())
    steps = [(f"trends why {one}", "what moved its date") for one in ids]
    steps += [
        (f"trends try {one} --bar VALUE", "what another bar would do") for one in ids
    ]
    print_next_steps(run, steps)


def _show_scenario(scenario: str, *, as_json: bool) -> None:
    from trends.cli.screens import scenario as scenarios
    from trends.cli.screens.headlines import latest_run
    from trends.workspace import Workspace

    run = latest_run(Workspace.find(), today=today(), say=say)
    if scenario == DEFAULT:
        scenario = scenarios.default_id(run)
    if scenario == "list":
        rows = scenarios.scenario_list(run)
    else:
        tables = scenarios.scenario_tables(run, scenario)
    if as_json:
        shown = rows if scenario == "list" else tables
        print(json.dumps(shown, indent=1, default=str))
    elif scenario == "list":
        scenarios.print_list(rows, scenarios.statements_that_came_due(run))
    else:
        scenarios.print_scenario(tables)
