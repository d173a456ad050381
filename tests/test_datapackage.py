"""datapackage.json under frictionless, and what it says of each file."""

import hashlib
import json
from pathlib import Path
from typing import Any

import frictionless
import pytest
from frictionless import Checklist, system

from tests.output_runs import empty_where_allowed, plausible_tables, row, write
from trends.outputs.formats import file_names
from trends.pipeline import PublishedRun
from trends.tables import (
    BACKTEST_FORECASTS,
    BACKTEST_SCORES,
    CARRIED,
    CROSSING_CDF,
    PUBLISHED,
)


def descriptor(run: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((run / "datapackage.json").read_text())
    return content


def faults(run: Path, *, rows: int | None = None) -> list[str]:
    """What frictionless finds wrong with a run's package and with every resource."""
    with system.use_context(trusted=True):
        report = frictionless.validate(
            str(run / "datapackage.json"), limit_rows=rows, checklist=Checklist()
        )
    found = [error.message for error in report.errors]
    return found + [
        f"{task.name}: {error.message}"
        for task in report.tasks
        for error in task.errors
    ]


def run_of_plausible_rows(results: Path, **carried: object) -> Path:
    tables = plausible_tables()
    for table in PUBLISHED:
        if tables[table.name].is_empty():
            tables[table.name] = table.frame([row(table)])
    for table in CARRIED:
        one = {"lead_months": None} if table == BACKTEST_SCORES else {}
        tables[table.name] = table.frame(
            [row(table), empty_where_allowed(table, **one)]
        )
    return write(results, tables=tables)


def test_frictionless_finds_nothing_wrong(tmp_path: Path) -> None:
    run = run_of_plausible_rows(tmp_path)

    assert faults(run) == []


def test_a_run_of_the_shipped_figures_is_valid(shipped_run: PublishedRun) -> None:
    assert faults(shipped_run.path, rows=100) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        ("headline.csv", "2026-11-22", "2026-13-22", "date"),
        ("crossing_summary.csv", "never,", "perhaps,", "enum"),
        ("thresholds.csv", "text,text", ",text", "required"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_found(
    tmp_path: Path, name: str, old: str, new: str, what: str
) -> None:
    run = run_of_plausible_rows(tmp_path)
    path = run / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))

    found = "; ".join(faults(run))
    assert name in found
    assert "hash" in found
    assert what in found


def test_it_lists_every_table_file_first_of_all_the_headlines(tmp_path: Path) -> None:
    run = run_of_plausible_rows(tmp_path)
    resources = descriptor(run)["resources"]

    names = [name for table in (*PUBLISHED, *CARRIED) for name in file_names(table)]
    assert [one["name"] for one in resources] == names
    assert names[0] == "headline.csv"
    for one in resources:
        if one["format"] == "parquet":  # its hash is in the manifest
            continue
        content = (run / one["path"]).read_bytes()
        assert one["bytes"] == len(content)
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_each_file_of_the_crossing_cdf_is_described_as_what_it_is(
    tmp_path: Path,
) -> None:
    run = run_of_plausible_rows(tmp_path)
    said = {one["name"]: one["description"] for one in descriptor(run)["resources"]}

    quarterly, monthly = file_names(CROSSING_CDF)
    assert "end of each quarter" in said[quarterly]
    assert "end of each month" in said[monthly]
    readme = (run / "README.md").read_text()
    assert f"| {quarterly} | 1 | {said[quarterly]} |" in readme
    assert f"| {monthly} | 3 | {said[monthly]} |" in readme


def test_an_empty_whole_number_of_a_carried_table_is_no_fault(tmp_path: Path) -> None:
    """Readers that go through pandas see no whole number where one is missing."""
    run = run_of_plausible_rows(tmp_path)
    schemas = {one["name"]: one.get("schema") for one in descriptor(run)["resources"]}

    fields = schemas[f"{BACKTEST_FORECASTS.name}.parquet"]["fields"]
    types = {one["name"]: one["type"] for one in fields}
    assert types["lead_months"] == "any"
    assert types["origin_date"] == "date"
