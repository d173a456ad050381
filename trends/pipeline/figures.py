"""The figures of a source, whole: what an ingest reads and `trends check` names."""

from collections.abc import Iterator

import polars as pl

from trends.outputs import OutputError, previous_vintage, read_latest, read_table
from trends.pipeline.errors import RequestError
from trends.registry import Registry
from trends.sources import SourceError, shipped_figures
from trends.tables import OBSERVATIONS, QUARANTINE
from trends.workspace import Workspace


def read_figures(
    source_id: str, registry: Registry, workspace: Workspace
) -> pl.DataFrame:
    """RAW_SCORES rows of every file of one source.

    Raises:
        RequestError: there is no such source.
        SourceError: a file cannot be read, or has fewer rows than the registry counts.
    """
    if source_id not in registry.sources:
        known = ", ".join(registry.sources)
        raise RequestError(f"no source {source_id!r}; there are: {known}")
    return pl.concat(
        read_one(source_id, benchmark_id, registry, workspace)
        for benchmark_id in registry.sources[source_id].benchmarks
    )


def readable_files(registry: Registry, workspace: Workspace) -> Iterator[pl.DataFrame]:
    """RAW_SCORES rows of each file that can be read; the gate names the others."""
    for source_id, source in registry.sources.items():
        for benchmark_id in source.benchmarks:
            try:
                yield read_one(source_id, benchmark_id, registry, workspace)
            except SourceError:
                continue


def count_published(workspace: Workspace, benchmarks: set[str]) -> dict[str, int]:
    """Rows of each benchmark, rejected ones too, when it was last published.

    Vintages from which a benchmark was left out do not count for it.
    """
    counts: dict[str, int] = {}
    try:
        run = read_latest(workspace.results)
        while run is not None and benchmarks - set(counts):
            tables = [read_table(run.path, one) for one in (OBSERVATIONS, QUARANTINE)]
            counts = count_rows(*tables) | counts
            run = previous_vintage(workspace.results, before=run.as_of)
    except OutputError:
        # what is wrong with published runs is said where they are read for results
        pass
    return {name: n for name, n in counts.items() if name in benchmarks}


def count_rows(observations: pl.DataFrame, quarantine: pl.DataFrame) -> dict[str, int]:
    """Rows of each benchmark of which any was accepted, rejected ones among them."""
    origin = ("benchmark_id", "source_file", "source_row")
    rows = pl.concat([observations.select(origin), quarantine.select(origin)]).unique()
    accepted = rows.join(observations, on="benchmark_id", how="semi")
    return dict(accepted.group_by("benchmark_id").len().iter_rows())


def too_few(benchmark_id: str, n_rows: int, n_expected: int, who: str) -> str:
    """Words for a file that has lost rows."""
    return (
        f"{benchmark_id}.csv: {n_rows} rows, where {who} {n_expected}: rows were "
        "deleted, cut off or swallowed by a quotation mark. Restore them; if they are "
        f"meant to go, write n_rows: {n_rows} for {benchmark_id} in benchmarks.yaml"
    )


def read_one(
    source_id: str, benchmark_id: str, registry: Registry, workspace: Workspace
) -> pl.DataFrame:
    """RAW_SCORES rows of the file of one benchmark.

    Raises:
        SourceError: it cannot be read, or has fewer rows than the registry counts.
    """
    one = registry.sources[source_id].model_copy(update={"benchmarks": [benchmark_id]})
    [(name, content)] = shipped_figures.fetch(one, workspace.observations).items()
    rows = shipped_figures.read(source_id, name, content)
    counted = registry.benchmarks[benchmark_id].n_rows
    if counted is not None and rows.height < counted:
        words = too_few(benchmark_id, rows.height, counted, "benchmarks.yaml counts")
        raise SourceError(words, file=name, line=last_line(rows))
    return rows


def last_line(rows: pl.DataFrame) -> int:
    """Line on which the last row of a file begins."""
    return int(rows["source_row"][-1])
