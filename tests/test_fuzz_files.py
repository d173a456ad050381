"""Mutated files by the thousand: no traceback, no hang, no row lost, no nonsense in.

    pytest tests/test_fuzz_files.py --fuzz 2000

reads 2,000 mutated files of figures and 1,000 mutated registry files; without the
option 60 and 30. A case is made of its number alone, which is in the test's name.
"""

import csv
import importlib
import io
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel

from tests import light_gate, mutated_csv, mutated_yaml
from tests.conftest import CHECKOUT, copy_checkout
from tests.watched import HangError, watched
from trends.characters import name_unseen
from trends.pipeline import SourceStoppedError, ingest_source
from trends.registry import (
    Problem,
    Registry,
    RegistryError,
    check,
    load_registry,
)
from trends.workspace import Workspace

EVERY = 12
"""One in so many files of figures goes through Great Expectations as well."""

FIRST_DAY, LAST_DAY = date(2019, 1, 1), date(2026, 12, 31)
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    n = metafunc.config.getoption("--fuzz")
    if "csv_number" in metafunc.fixturenames:
        metafunc.parametrize("csv_number", range(n))
    if "real_number" in metafunc.fixturenames:
        metafunc.parametrize("real_number", range(0, min(n, 400), EVERY))
    if "yaml_number" in metafunc.fixturenames:
        metafunc.parametrize("yaml_number", range(n // 2))


def test_a_hang_is_noticed() -> None:
    with pytest.raises(HangError), watched(0.05):
        for _ in itertools.count():
            pass


# Files of figures


@dataclass(frozen=True)
class Case:
    """A mutated file, and what an ingest of its publisher made of it."""

    benchmark: str
    name: str
    content: bytes
    stopped: str | None
    accepted: pl.DataFrame
    quarantine: pl.DataFrame


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return copy_checkout(tmp_path_factory.mktemp("figures"))


@pytest.fixture(scope="module")
def registry(figures: Workspace) -> Registry:
    return load_registry(figures.registry)


def _ingest(number: int, workspace: Workspace, registry: Registry) -> Case:
    """Read one mutated file among sound ones, as `trends ingest` does."""
    benchmarks = list(registry.benchmarks)
    benchmark = benchmarks[number * 7919 % len(benchmarks)]
    path = workspace.observations / f"{benchmark}.csv"
    sound = path.read_bytes()
    name, content = mutated_csv.mutate(sound, number)
    path.write_bytes(content)
    source = registry.benchmarks[benchmark].source
    stopped = None
    try:
        with watched():
            ingest_source(source, workspace=workspace)
    except SourceStoppedError as error:
        stopped = str(error)
    finally:
        path.write_bytes(sound)
    [part] = (workspace.work / "sources" / source).iterdir()
    tables = [
        pl.read_parquet(part / f"{table}.parquet").filter(benchmark_id=benchmark)
        for table in ("observations", "quarantine")
    ]
    shutil.rmtree(part)
    return Case(benchmark, name, content, stopped, *tables)


def test_a_mutated_file_is_read_to_the_last_row_or_stopped_in_words(
    csv_number: int,
    figures: Workspace,
    registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = importlib.import_module("trends.validation.gate")
    monkeypatch.setattr(gate, "evaluate", light_gate.evaluate)
    case = _ingest(csv_number, figures, registry)
    if case.stopped is not None:
        _assert_readable(case.stopped)
        where = rf"{case.benchmark}\.csv|rows rejected|corrections\.yaml|raw_scores:"
        assert re.search(where, case.stopped), case.stopped
        return
    _assert_no_row_is_lost(case, registry)
    _assert_rejected_in_words(case.quarantine)
    assert list(_nonsense(case)) == [], case.name


def test_the_real_gate_decides_the_same(
    real_number: int,
    figures: Workspace,
    registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really = _ingest(real_number, figures, registry)
    gate = importlib.import_module("trends.validation.gate")
    monkeypatch.setattr(gate, "evaluate", light_gate.evaluate)
    lightly = _ingest(real_number, figures, registry)

    assert lightly.stopped == really.stopped
    assert lightly.accepted.equals(really.accepted)
    assert lightly.quarantine.equals(really.quarantine)


def _records(content: bytes) -> dict[int, dict[str, str]]:
    """Cells of each record by its first line, read without the project's reader."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    reader = csv.reader(text)
    head = next(reader)
    records, line = {}, reader.line_num + 1
    for cells in reader:
        if cells:
            records[line] = dict(zip(head, cells, strict=True))
        line = reader.line_num + 1
    return records


def _assert_no_row_is_lost(case: Case, registry: Registry) -> None:
    accepted = set(case.accepted["source_row"])
    rejected = set(case.quarantine["source_row"])
    records = _records(case.content)
    assert accepted | rejected == set(records), case.name
    assert not accepted & rejected
    assert case.accepted.height == len(accepted)
    assert len(records) >= (registry.benchmarks[case.benchmark].n_rows or 0)
    text = case.content.decode("utf-8-sig")
    lines = [one for one in re.split("\r\n|\r|\n", text) if one]
    assert len(lines) == len(records) + 1, case.name


def _assert_rejected_in_words(quarantine: pl.DataFrame) -> None:
    for row in quarantine.iter_rows(named=True):
        _assert_readable(row["reason"])
        assert name_unseen(row["row_json"]) is None
        assert isinstance(json.loads(row["row_json"]), dict)


def _assert_readable(text: str) -> None:
    assert text.strip()
    assert name_unseen(text, allowed="\n") is None, repr(text)
    assert len(text) < 4000


def _nonsense(case: Case) -> Iterator[str]:
    """What no honest figure shows, among accepted rows."""
    records = _records(case.content)
    for row in case.accepted.iter_rows(named=True):
        printed = records[row["source_row"]]
        for name in ("release_date_published", "reported_on", "known_on"):
            day = row[name]
            if day is not None and not FIRST_DAY <= day <= LAST_DAY:
                yield f"{name} {day}"
        for name in ("model_name_published", "developer", "harness", "note"):
            text = row[name] or ""
            if name_unseen(text) or len(text) > 2000 or re.search(r"<[a-z/]", text):
                yield f"{name} {text[:80]!r}"
        yield from _strange_numbers(row, printed)
        if row["score_unit"] == "fraction" and not 0 <= row["score"] <= 1:
            yield f"fraction {row['score']}"
        if not re.fullmatch(
            r"(?i)https?://[\w.-]+\.[a-z]+(/[^\s<>\"'\\]*)?", row["source_url"]
        ):
            yield f"source_url {row['source_url'][:80]!r}"


def _strange_numbers(row: dict[str, Any], printed: dict[str, str]) -> Iterator[str]:
    for name in mutated_csv.NUMERIC:
        value, cell = row[name], printed[name]
        if value is None:
            continue
        if not isfinite(value) or abs(value) > 1e9 or 0 < abs(value) < 1e-9:
            yield f"{name} {value}"
        if cell and not DECIMAL.fullmatch(cell.strip(" ")):
            yield f"{name} {value} of {cell[:80]!r}"


def test_a_sound_file_is_read_whole(figures: Workspace, registry: Registry) -> None:
    """The control: all checks of a case hold of a file that nobody touched."""
    source = registry.benchmarks["mle_bench"].source
    part = ingest_source(source, workspace=figures)
    content = (figures.observations / "mle_bench.csv").read_bytes()
    tables = [
        pl.read_parquet(part / f"{t}.parquet") for t in ("observations", "quarantine")
    ]
    shutil.rmtree(part)
    case = Case("mle_bench", "sound", content, None, *tables)

    _assert_no_row_is_lost(case, registry)
    assert case.accepted.height == 28
    assert list(_nonsense(case)) == []


@pytest.mark.parametrize(
    "mutation", mutated_csv.MUTATIONS, ids=lambda one: one.__name__
)
def test_every_mutation_changes_the_file(mutation: mutated_csv.Mutation) -> None:
    number = mutated_csv.MUTATIONS.index(mutation)
    sound = (CHECKOUT / "data/observations/mle_bench.csv").read_bytes()
    step = len(mutated_csv.MUTATIONS)
    cases = [mutated_csv.mutate(sound, number + k * step)[1] for k in range(4)]
    assert any(one != sound for one in cases)
    assert cases == [mutated_csv.mutate(sound, number + k * step)[1] for k in range(4)]


# Registry files


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("reviewed") / "data" / "registry"
    return Path(shutil.copytree(CHECKOUT / "data" / "registry", target))


def test_a_mutated_registry_file_is_refused_at_its_place_or_makes_sense(
    yaml_number: int, reviewed: Path
) -> None:
    files = sorted(reviewed.rglob("*.yaml"))
    path = files[yaml_number * 7919 % len(files)]
    sound = path.read_text(encoding="utf-8")
    _, content = mutated_yaml.mutate(sound, yaml_number)
    path.write_bytes(content)
    try:
        with watched():
            problems = check(reviewed)
            registry = _load(reviewed)
    finally:
        path.write_text(sound, encoding="utf-8")
    errors = [one for one in problems if one.level == "error"]
    assert (registry is None) == bool(errors)
    for problem in errors:
        _assert_leads_somewhere(problem, reviewed)
    if registry is not None:
        assert list(itertools.islice(_strange(vars(registry)), 5)) == []


def _load(folder: Path) -> Registry | None:
    try:
        return load_registry(folder)
    except RegistryError:
        return None


def _assert_leads_somewhere(problem: Problem, folder: Path) -> None:
    assert (folder.parent.parent / problem.file).is_file()
    assert problem.line >= 1
    assert problem.column >= 1
    _assert_readable(str(problem))


def _strange(value: object, at: str = "") -> Iterator[str]:
    """Values that no reviewed file should bring in."""
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _strange(key, f"{at} key")
            yield from _strange(one, f"{at}.{key}")
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from _strange(one, f"{at}[{i}]")
    elif _is_strange(value):
        yield f"{at}: {str(value)[:80]!r}"


def _is_strange(value: object) -> bool:
    if isinstance(value, str):
        return name_unseen(value) is not None or len(value) > 2000
    if isinstance(value, date):
        return not 1990 <= value.year <= 2100
    return isinstance(value, int | float) and not abs(value) < 1e15
