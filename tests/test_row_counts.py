"""No row of a file vanishes unseen: counts in the registry, and the last vintage."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import CHECKOUT
from tests.output_runs import NOON, plausible_tables, stamped, write
from tests.test_data import BENCHMARKS, published_rows
from trends.outputs import point_latest
from trends.pipeline import (
    SourceStoppedError,
    check_figures,
    ingest,
    ingest_source,
    join_sources,
)
from trends.sources.shipped_figures import COLUMNS
from trends.workspace import Workspace

SMALL = Path(__file__).parent / "small_registry"
Edit = Callable[[list[str]], list[str]]


def _row(number: int, reporter: str, score: float) -> str:
    day = f"2025-{number % 12 + 1:02d}-{number + 3:02d}"
    address = "https://example.org/x"
    return f"Alpha 1,Alpha,2025-03-04,{score},,,,agent {number},{day},{reporter},{address},"


@pytest.fixture
def small(tmp_path: Path) -> Workspace:
    """Two publishers with three small files; the registry counts no rows."""
    shutil.copytree(SMALL, tmp_path / "data" / "registry")
    shutil.copytree(CHECKOUT / "expectations", tmp_path / "expectations")
    workspace = Workspace(tmp_path)
    (workspace.registry / "corrections.yaml").write_text("[]\n")
    workspace.observations.mkdir()
    for name, reporter, first in (
        ("coding_quiz", "leaderboard", 40),
        ("work_length", "benchmark_authors", 30),
        ("speedrun", "benchmark_authors", 20),
    ):
        rows = [_row(n, reporter, first + n / 4) for n in range(3, 11)]
        text = "\n".join([",".join(COLUMNS), *rows]) + "\n"
        (workspace.observations / f"{name}.csv").write_text(text)
    return workspace


def _edit(workspace: Workspace, benchmark: str, edit: Edit) -> None:
    path = workspace.observations / f"{benchmark}.csv"
    lines = edit(path.read_text().splitlines())
    path.write_text("\n".join(lines) + "\n")


def _count(workspace: Workspace, benchmark: str, n_rows: int) -> None:
    """Write the count of one benchmark's rows into the registry."""
    path = workspace.registry / "benchmarks.yaml"
    old, new = f"\n{benchmark}:\n", f"\n{benchmark}:\n  n_rows: {n_rows}\n"
    text = f"\n{path.read_text()}"
    assert text.count(old) == 1
    path.write_text(text.replace(old, new).removeprefix("\n"))


def _publish(workspace: Workspace, as_of: date = date(2026, 11, 22)) -> None:
    """Publish a run with the observations of the latest ingest."""
    ingested = ingest(workspace)
    run_id = f"{as_of:%m%d}01234567"
    tables = stamped(plausible_tables(), as_of=as_of, run_id=run_id)
    for name in ("observations", "quarantine"):
        tables[name] = pl.read_parquet(ingested.path / f"{name}.parquet")
    run = write(workspace.results, as_of=as_of, run_id=run_id, tables=tables)
    point_latest(run, results=workspace.results, published_at=NOON)


def _gone(lines: list[str]) -> list[str]:
    return [*lines[:4], *lines[5:]]


def _cut(lines: list[str]) -> list[str]:
    return lines[:-2]


def _swallowed(lines: list[str]) -> list[str]:
    """Quotation marks and no line break: seven cells of the next row are one."""
    cells = lines[5].split(",")
    merged = [*lines[4].split(",")[:11], f'"{" ".join(cells)}"']
    return [*lines[:4], ",".join(merged), *lines[6:]]


losses = pytest.mark.parametrize(
    ("edit", "left"), [(_gone, 7), (_cut, 6), (_swallowed, 7)]
)


@pytest.mark.parametrize("benchmark_id", sorted(BENCHMARKS))
def test_the_registry_counts_the_rows_of_every_shipped_file(benchmark_id: str) -> None:
    assert BENCHMARKS[benchmark_id].n_rows == len(published_rows(benchmark_id))


@losses
def test_fewer_rows_than_counted_stop_their_source_only(
    small: Workspace, edit: Edit, left: int
) -> None:
    benchmark = "speedrun"
    for one in ("work_length", "speedrun"):
        _count(small, one, 8)
    _edit(small, benchmark, edit)

    result = ingest(small)

    assert set(result.stopped) == {"work_site"}
    words = result.stopped["work_site"]
    assert f"{benchmark}.csv: {left} rows, where benchmarks.yaml counts 8" in words
    assert f"write n_rows: {left} for {benchmark} in benchmarks.yaml" in words
    assert result.rows == 8
    [problem] = [one for one in check_figures(small) if one.level == "error"]
    assert problem.file == f"data/observations/{benchmark}.csv"
    assert problem.line == left + 1
    assert f"{left} rows, where benchmarks.yaml counts 8" in problem.message


def test_a_row_that_is_rejected_is_not_lost(small: Workspace) -> None:
    _count(small, "coding_quiz", 8)
    _edit(small, "coding_quiz", lambda rows: [*rows[:-1], rows[-1].replace("42", "x")])

    result = ingest(small)

    assert result.stopped == {}
    assert (result.rows, result.quarantined) == (23, 1)


def test_more_rows_than_counted_enter_and_the_check_says_what_to_write(
    small: Workspace,
) -> None:
    _count(small, "coding_quiz", 7)

    assert ingest(small).stopped == {}
    [problem] = check_figures(small)
    assert (problem.level, problem.line) == ("warning", 9)
    assert "write n_rows: 8" in problem.message


def test_a_count_lowered_with_the_file_lets_the_row_go(small: Workspace) -> None:
    _publish(small)
    _edit(small, "coding_quiz", _gone)
    _count(small, "coding_quiz", 7)

    assert ingest(small).stopped == {}
    assert check_figures(small) == []


@losses
def test_without_a_count_the_published_vintage_is_what_rows_are_held_to(
    small: Workspace, edit: Edit, left: int
) -> None:
    _publish(small)
    _edit(small, "speedrun", edit)

    result = ingest(small)

    words = result.stopped["work_site"]
    assert f"speedrun.csv: {left} rows, where the published vintage has 8" in words
    assert set(pl.read_parquet(result.path / "observations.parquet")["source_id"]) == {
        "quiz_site"
    }
    report = json.loads((result.path / "ingest.json").read_text())
    assert report["sources"]["work_site"]["stopped"] == words


def test_a_vintage_without_the_source_does_not_forget_its_rows(
    small: Workspace,
) -> None:
    """Cut, published without it, and still cut: the loss stays an error."""
    _publish(small)
    _edit(small, "speedrun", _cut)
    _publish(small, as_of=date(2026, 11, 23))

    assert set(ingest(small).stopped) == {"work_site"}


def test_rows_may_be_added_after_a_vintage(small: Workspace) -> None:
    _publish(small)
    more = _row(11, "leaderboard", 60)
    _edit(small, "coding_quiz", lambda rows: [*rows, more])

    result = ingest(small)

    assert result.stopped == {}
    assert result.rows == 25


def test_the_first_ingest_has_nothing_to_be_held_to(small: Workspace) -> None:
    _edit(small, "coding_quiz", _cut)

    assert ingest(small).stopped == {}


def test_the_check_names_a_row_and_a_correction_that_will_not_do(
    small: Workspace,
) -> None:
    _edit(small, "speedrun", lambda rows: [rows[0], f"?{rows[1]}", *rows[2:]])
    (small.registry / "corrections.yaml").write_text(
        (SMALL / "corrections.yaml").read_text()
    )

    unknown, stale = check_figures(small)

    assert (stale.file, stale.line) == ("data/registry/corrections.yaml", 1)
    assert "now shows {'release_date': '2025-03-04'}" in stale.message
    assert (unknown.file, unknown.line) == ("data/observations/speedrun.csv", 2)
    assert "quarantined: '?Alpha 1' is not in the registry" in unknown.message


def test_a_task_of_its_own_is_stopped_too(small: Workspace) -> None:
    """As in Airflow, where each source is a task and the joining another."""
    _count(small, "coding_quiz", 9)
    with pytest.raises(SourceStoppedError, match="8 rows, where benchmarks"):
        ingest_source("quiz_site", workspace=small)
    ingest_source("work_site", workspace=small)
    assert set(join_sources(["quiz_site", "work_site"], workspace=small).stopped) == {
        "quiz_site"
    }
