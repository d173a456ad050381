"""Files to begin with, for somebody who adds figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trends.cli.shared import errors, say, today

if TYPE_CHECKING:
    from trends.pipeline.scaffold import Made

app = typer.Typer(
    help="Write the files of a new benchmark, threshold or source, to be filled in.",
    no_args_is_help=True,
)

Identifier = Annotated[str, typer.Argument(help="Its id: a_name_2.", metavar="ID")]
Page = Annotated[
    str | None, typer.Option(metavar="URL", help="Page where its figures stand.")
]
Source = Annotated[
    str | None,
    typer.Option(
        metavar="ID", help="Its publisher in sources.yaml; default: the same."
    ),
]
Reporter = Annotated[
    str | None, typer.Option(metavar="WHO", help="Who published the figures.")
]


@app.command()
@errors()
def benchmark(
    identifier: Identifier,
    *,
    published: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="A table of its scores: CSV, JSON."
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(help="Unit of the scores: percent, fraction, minutes, usd, ..."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CELL=NAME",
            help="The column that has a cell, where its name does not say so.",
        ),
    ] = None,
    page: Page = None,
    reporter: Reporter = None,
    source: Source = None,
    dates: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="How its days are written where they are not ISO: %d.%m.%Y, %m/%d/%Y.",
        ),
    ] = None,
) -> None:
    """A benchmark with its figures, its source and a draft threshold."""
    from trends.pipeline.new_figures import UNITS, Published
    from trends.pipeline.scaffold import new_benchmark
    from trends.sources.table import ISO
    from trends.workspace import Workspace

    _require_identifiers(identifier, source)
    if unit is not None and unit not in UNITS:
        raise typer.BadParameter(
            f"{unit!r} is none of {', '.join(UNITS)}; docs/add_a_benchmark.md says what "
            "can be carried of a rating, a rank or a share of errors"
        )
    columns = dict(_pair(one) for one in column or ())
    table = None
    if published is not None:
        table = Published(published, unit, columns, page, reporter, dates or ISO)
    made = new_benchmark(
        identifier,
        Workspace.find(),
        source_id=source or identifier,
        published=table,
        unit=unit,
        page=page,
        today=today(),
    )
    _tell(made)


@app.command()
@errors()
def threshold(
    identifier: Identifier,
    *,
    benchmark: Annotated[
        str, typer.Option(metavar="ID", help="The benchmark that it is about.")
    ],
) -> None:
    """A draft threshold of a benchmark."""
    from trends.pipeline.scaffold import new_threshold
    from trends.workspace import Workspace

    _require_identifiers(identifier)
    workspace = Workspace.find()
    _tell(new_threshold(identifier, workspace, benchmark_id=benchmark, today=today()))


@app.command()
@errors()
def source(identifier: Identifier, *, page: Page = None) -> None:
    """A publisher."""
    from trends.pipeline.scaffold import new_source
    from trends.workspace import Workspace

    _require_identifiers(identifier)
    _tell(new_source(identifier, Workspace.find(), page=page))


def _tell(made: "Made") -> None:
    """Print what was written, what was left out and what is to be filled in."""
    from trends.words.numbers import number_of

    for name in made.files:
        print(f"written: {name}")
    if figures := made.figures:
        if n_rows := figures.rows.height:
            say(f"{number_of(n_rows, 'row')} carried, {len(figures.dropped)} left out")
        for one in figures.dropped:
            say(f"left out: row {one.row}: {one.reason}")
        if figures.unused:
            say(f"columns that nothing was read from: {', '.join(figures.unused)}")
    if made.todo:
        places = number_of(len(made.todo), "place")
        say(f"{places} to fill in (trends check names what is left):")
        for problem in made.todo:
            say(f"{problem.file}:{problem.line}: {problem.path}")


def _require_identifiers(*identifiers: str | None) -> None:
    import re

    for one in identifiers:
        if one is not None and not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", one):
            raise typer.BadParameter(f"{one!r} is no id: write a_name_2")


def _pair(text: str) -> tuple[str, str]:
    cell, is_pair, name = text.partition("=")
    if not is_pair:
        raise typer.BadParameter(f"--column is CELL=NAME, not {text!r}")
    return cell.strip(), name
