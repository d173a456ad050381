"""What people look at in a run: made from its published tables and nothing else."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from trends import bars
from trends.outputs import (
    NotCarriedError,
    find_published,
    read_table,
    replace_file,
)
from trends.pipeline.errors import RequestError
from trends.pipeline.latest import published_run
from trends.tables import CONTRACT_VERSION, PUBLISHED, TableError
from trends.tables.slices import Frame
from trends.workspace import Workspace


def faces(tables: Mapping[str, Frame], *, draft: bool) -> Iterator[tuple[str, bytes]]:
    """Files, each with its name below the run's folder, as they are made.

    Args:
        tables: published tables by name.
        draft: whether they say that they are one.
    """
    from trends.report import render

    yield from render(tables, draft=draft).items()
    yield from bars.render(tables, draft=draft)


def report_again(
    workspace: Workspace,
    vintage: str | None,
    *,
    out: Path | None,
    charts: bool = False,
) -> Path:
    """Make the report of a run once more, by the code of today.

    Args:
        workspace: the checkout.
        vintage: as_of or run id of a published run, or run id of a draft; by default
            the latest published one.
        out: file to write; by default one named after the run below
            ``data/results/reports/``.
        charts: whether every chart of the page is drawn too, as SVG, PNG and
            Vega-Lite, in the folder that ``charts_beside`` names.

    Returns:
        The page.

    Raises:
        RequestError: nothing is published, or the run was written under a contract
            whose tables say less than the report needs.
        OutputError: there is no such run, or it is damaged.
    """
    from trends.report import chart_files, page_and_charts

    run, draft = _find(workspace, vintage)
    page, drawn = page_and_charts(tables_of_run(run), draft=draft)
    if out is None:
        out = workspace.results / "reports" / f"{run.parent.name}-{run.name}.html"
    out.parent.mkdir(parents=True, exist_ok=True)
    replace_file(out, page)
    if charts:
        folder = charts_beside(out)
        folder.mkdir(exist_ok=True)
        for name, content in chart_files(drawn.every()):
            replace_file(folder / name, content)
    return out


def charts_beside(page: Path) -> Path:
    """The folder for the charts of a page."""
    return page.with_name(f"{page.stem}-charts")


def _find(workspace: Workspace, vintage: str | None) -> tuple[Path, bool]:
    """The run's folder, and whether it is a draft."""
    results = workspace.results
    if vintage is None:
        draft = "; of a draft, name its run id"
        return published_run(workspace, instead=draft).path, False
    drafts = {path.name: path for path in (results / "drafts").glob("*")}
    if vintage in drafts:
        return drafts[vintage], True
    return find_published(results, vintage).path, False


def tables_of_run(run: Path) -> dict[str, pl.DataFrame]:
    """Published tables of a run by name, for what is made of them by today's code.

    Raises:
        RequestError: the run was written under another contract.
        OutputError: it is damaged.
    """
    tables = {}
    for table in PUBLISHED:
        try:
            tables[table.name] = read_table(run, table)
        except (NotCarriedError, TableError) as error:
            raise RequestError(
                f"{run} was not written under output contract {CONTRACT_VERSION}, whose "
                f"tables this is made from ({error}). It has what its own version "
                "wrote"
            ) from error
    return tables
