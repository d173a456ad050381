"""Whatever an ingest would reject, by file and line; `trends check` prints it.

The figures go through the ingest's own gates, so that a green check means that a run
takes every row. What must be read is read once, and the suites are run for all sources
together: somebody waits for the answer at every edit.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

import polars as pl

from trends.corrections import CorrectionError, correct
from trends.dating import weigh_dates
from trends.frontier import belongs_to
from trends.observations import build_observations
from trends.pipeline.figures import (
    count_published,
    last_line,
    read_one,
    readable_files,
    too_few,
)
from trends.pipeline.fingerprints import (
    code_fingerprint,
    fingerprint,
    fingerprint_files,
)
from trends.pipeline.parts import Content, once, read_frame, read_json, untouched
from trends.registry import Benchmark, Problem, Registry, load_registry
from trends.registry.documents import read
from trends.registry.load import CORRECTIONS, problem_in
from trends.registry.models import Reporter
from trends.registry.problems import found
from trends.registry.series import select_series
from trends.sources import SourceError
from trends.sources.readers import wrong_options
from trends.tables import OBSERVATIONS, QUARANTINE, RAW_SCORES, Table
from trends.validation import ValidationError, validate
from trends.workspace import Workspace

FIGURES: Final = "data/observations"
REGISTRY: Final = "data/registry"

Place = tuple[str, int]
"""File and line of a row."""


class _Figures(NamedTuple):
    """Files that can be read, and what became of their rows."""

    raw: list[pl.DataFrame]
    observations: list[pl.DataFrame]
    quarantine: list[pl.DataFrame]
    expected: dict[Place, dict[str, str]]


def check_figures(workspace: Workspace) -> list[Problem]:
    """What keeps files or rows of the shipped figures out, by file and line.

    A date of the registry that the figures contradict is one problem, there, and not
    one in each row of the model. A row whose rejection corrections.yaml declares
    (``rejected_for``) is none, and one that is declared and passes is.

    Raises:
        RegistryError: the registry is not valid.
        SuiteError: a suite of expectations is not.
    """
    registry = load_registry(workspace.registry)
    doubts = weigh_dates(readable_files(registry, workspace), registry)
    doubtful = {*doubts.refuted, *doubts.undecided}
    figures = _Figures([], [], [], {})
    problems = [
        problem
        for source_id, source in registry.sources.items()
        for benchmark_id in source.benchmarks
        for problem in _check_file(
            source_id,
            benchmark_id,
            registry,
            workspace,
            doubtful=doubtful,
            figures=figures,
        )
    ]
    problems += doubts.problems(workspace.registry)
    problems += _rejected(figures, registry, workspace)
    problems += _shrunk(figures, registry, workspace)
    problems += _unread(registry, workspace)
    problems += _empty_series(figures, registry, workspace)
    problems += _wrong_options(registry, workspace)
    return sorted(problems)


def _wrong_options(registry: Registry, workspace: Workspace) -> Iterator[Problem]:
    """Options that the reader of a published file does not take: nothing would be read."""
    for source_id, source in registry.sources.items():
        for i, file in enumerate(source.files):
            for inside, said in wrong_options(file):
                at = (source_id, "files", i, "options", *inside)
                yield problem_in(workspace.registry, "sources.yaml", at, said)


def _check_file(
    source_id: str,
    benchmark_id: str,
    registry: Registry,
    workspace: Workspace,
    *,
    doubtful: Collection[str],
    figures: _Figures,
) -> list[Problem]:
    """What is wrong with the file as a whole; its rows are added to ``figures``."""
    try:
        rows = read_one(source_id, benchmark_id, registry, workspace)
        built = build_observations(rows, registry)
    except SourceError as error:
        said = str(error).removeprefix(f"{error.file}:{error.line}: ")
        said = said.removeprefix(f"{error.file}: ")
        return [Problem(f"{FIGURES}/{error.file}", error.line, 1, benchmark_id, said)]
    except CorrectionError as error:
        return _stale_corrections(error, registry, workspace)
    of_models = {
        one.origin.source_row
        for one in built.wrong_days
        if one.fault.cell is None and one.model_id in doubtful
    }
    figures.raw.append(rows)
    figures.observations.append(
        built.observations.filter(~pl.col("model_id").is_in(list(doubtful)))
    )
    figures.quarantine.append(
        built.quarantine.filter(~pl.col("source_row").is_in(list(of_models)))
    )
    figures.expected.update(_declared(rows, registry))
    benchmark = registry.benchmarks[benchmark_id]
    return [*_uncounted(rows, benchmark), *_of_other_reporters(rows, benchmark)]


def _declared(rows: pl.DataFrame, registry: Registry) -> dict[Place, dict[str, str]]:
    """Rows that corrections.yaml says are rejected: expectation to correction."""
    declaring = {one.id: one for one in registry.corrections if one.rejected_for}
    expected = defaultdict[Place, dict[str, str]](dict)
    for row in correct(rows, registry.corrections) if declaring else ():
        for name in row.correction_ids:
            if name in declaring:
                place = (row.origin.source_file, row.origin.source_row)
                expected[place][str(declaring[name].rejected_for)] = name
    return expected


def _rejected(
    figures: _Figures, registry: Registry, workspace: Workspace
) -> Iterator[Problem]:
    """Rows that a gate rejects and nobody declared, and declarations that are stale."""
    rejected_for = defaultdict[Place, set[str]](set)
    gates = [
        _verdict(RAW_SCORES, figures.raw, registry, workspace),
        (pl.concat([QUARANTINE.frame([]), *figures.quarantine]), None),
        _verdict(OBSERVATIONS, figures.observations, registry, workspace),
    ]
    for quarantine, stopped in gates:
        if stopped is not None:
            yield Problem(FIGURES, 1, 1, "figures", stopped)
        for row in quarantine.to_dicts():
            place = (row["source_file"], row["source_row"])
            is_told = place in rejected_for
            rejected_for[place].add(row["expectation"])
            if row["expectation"] in figures.expected.get(place, ()) or is_told:
                continue
            name = f"{FIGURES}/{row['source_file']}"
            said = str(row["reason"]).removeprefix(f"{place[0]}:{place[1]}: ")
            said = f"quarantined: {said}"
            yield Problem(name, place[1], 1, row["benchmark_id"], said)
    stale = {
        correction_id: f"{file}:{line} is not rejected for {expectation}: delete it"
        for (file, line), declared in figures.expected.items()
        for expectation, correction_id in declared.items()
        if expectation not in rejected_for[file, line]
    }
    yield from _at_correction(stale, registry, workspace)


def _verdict(
    table: Table, frames: list[pl.DataFrame], registry: Registry, workspace: Workspace
) -> tuple[pl.DataFrame, str | None]:
    """QUARANTINE rows of the suite, and why it stops the table where it does.

    Kept while neither the rows nor what they are compared with changes: Great
    Expectations takes seconds to be imported.
    """
    frame = pl.concat([table.frame([]), *frames])
    if frame.is_empty():
        return QUARANTINE.frame([]), None
    ask_untouched = untouched({workspace.expectations: ".yaml"})
    judged_by = fingerprint(
        frame.write_csv(),
        {name: one.model_dump_json() for name, one in registry.benchmarks.items()},
        [one.model_dump_json() for one in registry.corrections if one.confirms],
        fingerprint_files(workspace.expectations, suffix=f"{table.name}.yaml"),
        code_fingerprint(),
    )

    def judge() -> Mapping[str, Content]:
        said: str | None = None
        suites = workspace.expectations
        try:
            checked = validate(
                frame, table=table, suites=suites, registry=registry, apart="source_id"
            )
        except ValidationError as error:
            rejected, said = QUARANTINE.frame([]), str(error)
        else:
            rejected = checked.quarantine
        ask_untouched()
        return {"quarantine.parquet": rejected, "verdict.json": {"said": said}}

    folder = workspace.work / "checks" / f"{table.name}-{judged_by[:12]}"
    once(folder, judge, root=workspace.work)
    said = read_json(folder / "verdict.json")["said"]
    return read_frame(folder, QUARANTINE), None if said is None else str(said)


def _shrunk(
    figures: _Figures, registry: Registry, workspace: Workspace
) -> Iterator[Problem]:
    """Files with fewer rows than were last published, where the registry has no count."""
    rows = {str(frame["benchmark_id"][0]): frame for frame in figures.raw}
    uncounted = {one for one in rows if registry.benchmarks[one].n_rows is None}
    for name, n_rows in count_published(workspace, uncounted).items():
        if rows[name].height < n_rows:
            said = too_few(name, rows[name].height, n_rows, "the published vintage has")
            line = last_line(rows[name])
            yield Problem(f"{FIGURES}/{name}.csv", line, 1, name, said)


def _unread(registry: Registry, workspace: Workspace) -> Iterator[Problem]:
    """Files of figures of which no source knows: no run takes them."""
    for path in sorted(workspace.observations.iterdir()):
        if path.suffix == ".csv" and path.stem not in registry.benchmarks:
            said = found(
                "no benchmark has this name, so nothing reads the file: add the entry "
                "to benchmarks.yaml and sources.yaml",
                path.stem,
                registry.benchmarks,
            )
            yield Problem(f"{FIGURES}/{path.name}", 1, 1, path.stem, said)


def _uncounted(rows: pl.DataFrame, benchmark: Benchmark) -> list[Problem]:
    if benchmark.n_rows is None or rows.height == benchmark.n_rows:
        return []
    name = str(rows["benchmark_id"][0])
    said = (
        f"has {rows.height} rows, where benchmarks.yaml counts {benchmark.n_rows}: "
        f"write n_rows: {rows.height} there, so that none of them can vanish unseen"
    )
    file = f"{FIGURES}/{name}.csv"
    return [Problem(file, last_line(rows), 1, name, said, "warning", "rows_uncounted")]


def _of_other_reporters(rows: pl.DataFrame, benchmark: Benchmark) -> Iterator[Problem]:
    """Reporters whose rows no series takes, each at its first row."""
    ours = [one.value for one in benchmark.reporters]
    others = rows.filter(
        pl.col("reporter").is_in([one.value for one in Reporter]),
        ~pl.col("reporter").is_in(ours),
    )
    for row in others.unique("reporter", keep="first").to_dicts():
        said = found(
            "reporter is none of those that benchmarks.yaml names, so that such rows "
            "would count for nothing: add it there, or mend the cell",
            row["reporter"],
            ours,
        )
        file = f"{FIGURES}/{row['source_file']}"
        yield Problem(file, row["source_row"], 1, row["benchmark_id"], said)


def _empty_series(
    figures: _Figures, registry: Registry, workspace: Workspace
) -> Iterator[Problem]:
    """Thresholds that no row of their benchmark counts for."""
    accepted = pl.concat([OBSERVATIONS.frame([]), *figures.observations])
    filled = set(accepted.get_column("benchmark_id"))
    for stem, threshold in registry.thresholds.items():
        series = select_series(threshold.series, registry)
        if series.benchmark_id not in filled or series.is_whole_benchmark:
            continue
        of_benchmark = accepted.filter(pl.col("benchmark_id") == series.benchmark_id)
        if of_benchmark.filter(belongs_to(series)).is_empty():
            key, cell = (
                ("reporters", "reporter")
                if series.harness is None
                else ("harness", "harness")
            )
            cells = sorted(of_benchmark.get_column(cell).drop_nulls().unique())
            said = found(
                f"no row of {series.benchmark_id} has it in its {cell} cell",
                series.harness or ", ".join(series.reporters),
                cells,
            )
            at = ("series", key)
            yield problem_in(workspace.registry, f"thresholds/{stem}.yaml", at, said)


def _stale_corrections(
    error: CorrectionError, registry: Registry, workspace: Workspace
) -> list[Problem]:
    return list(_at_correction(error.stale, registry, workspace))


def _at_correction(
    said: Mapping[str, str], registry: Registry, workspace: Workspace
) -> Iterator[Problem]:
    name = "corrections.yaml"
    path = workspace.registry / name
    document = read(path, CORRECTIONS, file=f"{REGISTRY}/{name}").document
    for i, one in enumerate(registry.corrections):
        if one.id in said:
            yield document.problem((i, "id"), said[one.id])
