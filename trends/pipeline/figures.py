"""The figures of a source, whole: what an ingest reads and `trends check` names."""

from collections.abc import Collection, Iterator

import polars as pl

from trends.corrections import CorrectionError
from trends.dating import weigh_dates
from trends.observations import build_observations
from trends.outputs import OutputError, previous_vintage, read_latest, read_table
from trends.pipeline.errors import RequestError
from trends.registry import Benchmark, Problem, Registry, load_registry
from trends.registry.documents import read
from trends.registry.load import CORRECTIONS
from trends.sources import SourceError, shipped_figures
from trends.tables import OBSERVATIONS, QUARANTINE
from trends.workspace import Workspace

FIGURES = "data/observations"
REGISTRY = "data/registry"


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
        _read_file(source_id, benchmark_id, registry, workspace)
        for benchmark_id in registry.sources[source_id].benchmarks
    )


def readable_files(registry: Registry, workspace: Workspace) -> Iterator[pl.DataFrame]:
    """RAW_SCORES rows of each file that can be read; the gate names the others."""
    for source_id, source in registry.sources.items():
        for benchmark_id in source.benchmarks:
            try:
                yield _read_file(source_id, benchmark_id, registry, workspace)
            except SourceError:
                continue


def check_figures(workspace: Workspace) -> list[Problem]:
    """What keeps files or rows of the shipped figures out, by file and line.

    A date of the registry that the figures contradict is one problem, there, and not
    one in each row of the model. Suites of expectations are not run: an ingest does
    that.

    Raises:
        RegistryError: the registry is not valid.
    """
    registry = load_registry(workspace.registry)
    doubts = weigh_dates(readable_files(registry, workspace), registry)
    doubtful = {*doubts.refuted, *doubts.undecided}
    problems = [
        problem
        for source_id, source in registry.sources.items()
        for benchmark_id in source.benchmarks
        for problem in _check_file(
            source_id, benchmark_id, registry, workspace, doubtful
        )
    ]
    return sorted([*doubts.problems(workspace.registry), *problems])


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


def _read_file(
    source_id: str, benchmark_id: str, registry: Registry, workspace: Workspace
) -> pl.DataFrame:
    one = registry.sources[source_id].model_copy(update={"benchmarks": [benchmark_id]})
    [(name, content)] = shipped_figures.fetch(one, workspace.observations).items()
    rows = shipped_figures.read(source_id, name, content)
    counted = registry.benchmarks[benchmark_id].n_rows
    if counted is not None and rows.height < counted:
        words = too_few(benchmark_id, rows.height, counted, "benchmarks.yaml counts")
        raise SourceError(words, file=name, line=_last_line(rows))
    return rows


def _check_file(
    source_id: str,
    benchmark_id: str,
    registry: Registry,
    workspace: Workspace,
    doubtful: Collection[str],
) -> list[Problem]:
    try:
        rows = _read_file(source_id, benchmark_id, registry, workspace)
        built = build_observations(rows, registry)
    except SourceError as error:
        said = str(error).removeprefix(f"{error.file}:{error.line}: ")
        said = said.removeprefix(f"{error.file}: ")
        return [Problem(f"{FIGURES}/{error.file}", error.line, 1, benchmark_id, said)]
    except CorrectionError as error:
        return _stale_corrections(error, registry, workspace)
    file = f"{FIGURES}/{benchmark_id}.csv"
    of_models = {
        one.origin.source_row
        for one in built.wrong_days
        if one.fault.cell is None and one.model_id in doubtful
    }
    problems = [
        Problem(file, line, 1, benchmark_id, f"quarantined: {reason}")
        for line, reason in built.quarantine.select("source_row", "reason").rows()
        if line not in of_models
    ]
    return problems + _uncounted(file, rows, registry.benchmarks[benchmark_id])


def _uncounted(file: str, rows: pl.DataFrame, benchmark: Benchmark) -> list[Problem]:
    if benchmark.n_rows is None or rows.height == benchmark.n_rows:
        return []
    name = str(rows["benchmark_id"][0])
    said = (
        f"has {rows.height} rows, where benchmarks.yaml counts {benchmark.n_rows}: "
        f"write n_rows: {rows.height} there, so that none of them can vanish unseen"
    )
    return [Problem(file, _last_line(rows), 1, name, said, "warning")]


def _stale_corrections(
    error: CorrectionError, registry: Registry, workspace: Workspace
) -> list[Problem]:
    name = "corrections.yaml"
    path = workspace.registry / name
    document = read(path, CORRECTIONS, file=f"{REGISTRY}/{name}").document
    return [
        document.problem((i, "id"), error.stale[one.id])
        for i, one in enumerate(registry.corrections)
        if one.id in error.stale
    ]


def _last_line(rows: pl.DataFrame) -> int:
    return int(rows["source_row"][-1])
