"""Every expectation of every suite passes rows as they should be, and is broken once."""

from datetime import date, timedelta

import polars as pl
import pytest

from tests.suite_breaks import BREAKING
from tests.suite_rows import (
    MINUTES,
    OBSERVATION,
    PASSING,
    WORKSPACE,
    Cells,
    last_day,
    registry,
)
from trends import tables
from trends.observations import build_observations
from trends.sources import shipped_figures
from trends.tables import Table
from trends.validation import Validated, ValidationError, too_many, validate
from trends.validation.context import add_context
from trends.validation.suites import ROW_COUNT, load_suite

SUITES = WORKSPACE.expectations
CHECKED = (
    tables.RAW_SCORES,
    tables.OBSERVATIONS,
    tables.SERIES_SCORES,
    tables.FRONTIER,
    tables.TREND_FITS,
    tables.HEADLINE,
    tables.CROSSING_SUMMARY,
    tables.CHANGES,
    tables.CROSSING_QUANTILES,
    tables.CROSSING_CDF,
    tables.SCORE_FORECAST,
    tables.COMMON_PACE,
    tables.RECORDS_STOOD,
    tables.HIGH_BARS,
    tables.CONTEST,
    tables.AUTOMATION,
    tables.REFERENCE_FORECASTS,
    tables.REFERENCE_COMPARISONS,
    tables.ESSAY_CLAIMS,
    tables.LABOUR_RATIO,
    tables.TRIPWIRES,
    tables.HISTORY,
    tables.HISTORY_BARS,
    tables.TRACK_RECORD,
    tables.THRESHOLDS,
    tables.QUARANTINE,
)
MAY_BE_EMPTY = (
    tables.HEADLINE,
    tables.CHANGES,
    tables.COMMON_PACE,
    tables.RECORDS_STOOD,
    tables.HIGH_BARS,
    tables.CONTEST,
    tables.CROSSING_CDF,
    tables.REFERENCE_FORECASTS,
    tables.REFERENCE_COMPARISONS,
    tables.HISTORY,
    tables.HISTORY_BARS,
    tables.TRACK_RECORD,
)


def check(table: Table, rows: list[Cells]) -> Validated:
    return validate(table.frame(rows), table=table, suites=SUITES, registry=registry())


def failed(table: Table, rows: list[Cells]) -> set[str]:
    """Ids of the expectations that ``rows`` break, whatever that leads to."""
    try:
        report = check(table, rows).report
    except ValidationError as error:
        prefix = f"{table.name}: "
        lines = str(error).splitlines()
        return {line.removeprefix(prefix).split(":")[0] for line in lines}
    lines_of_report = report["expectations"]
    assert isinstance(lines_of_report, list)
    return {line["expectation"] for line in lines_of_report if line["n_failed"]}


@pytest.mark.parametrize("table", CHECKED, ids=lambda table: table.name)
def test_rows_as_they_should_be_pass(table: Table) -> None:
    assert failed(table, PASSING[table]) == set()


@pytest.mark.parametrize(
    ("table", "expectation", "position", "cells"),
    BREAKING,
    ids=[
        "-".join([table.name, expectation, *cells])
        for table, expectation, _, cells in BREAKING
    ],
)
def test_a_row_that_breaks_it_fails_it(
    table: Table, expectation: str, position: int, cells: Cells
) -> None:
    from trends.validation.gate import evaluate  # noqa: PLC0415  # five seconds

    rows = [dict(row) for row in PASSING[table]]
    rows[position] |= cells
    suite = load_suite(SUITES, table)
    broken = next(one for one in suite.expectations if one.id == expectation)

    [outcome] = evaluate(add_context(table.frame(rows), table, registry()), [broken])

    assert position in outcome.failing_rows


@pytest.mark.parametrize("table", CHECKED, ids=lambda table: table.name)
def test_every_expectation_is_broken_by_an_example(table: Table) -> None:
    about_rows = {
        expectation.id
        for expectation in load_suite(SUITES, table).expectations
        if expectation.type != ROW_COUNT
    }

    assert about_rows == {name for broken, name, _, _ in BREAKING if broken == table}


@pytest.mark.parametrize(
    "table",
    [t for t in CHECKED if t not in (*MAY_BE_EMPTY, tables.QUARANTINE)],
    ids=lambda table: table.name,
)
def test_an_empty_table_is_stopped(table: Table) -> None:
    with pytest.raises(ValidationError, match=f"{table.name}: .*: found 0, expected"):
        check(table, [])


def test_some_tables_may_be_empty_but_say_so_and_a_quarantine_should_be() -> None:
    for table in MAY_BE_EMPTY:
        assert failed(table, []) == {"table_has_rows"}
    assert failed(tables.QUARANTINE, []) == set()


def test_every_table_between_stages_and_every_published_one_has_a_suite() -> None:
    assert set(tables.PUBLISHED) <= set(CHECKED)
    assert {path.stem for path in SUITES.glob("*.yaml")} == {t.name for t in CHECKED}


def test_enumerations_in_suites_are_those_of_the_tables() -> None:
    for table in CHECKED:
        enums = {column.name: column.enum for column in table.columns}
        for expectation in load_suite(SUITES, table).expectations:
            column = str(expectation.kwargs.get("column"))
            if expectation.type.endswith("_to_be_in_set") and column in enums:
                assert tuple(expectation.kwargs["value_set"]) == enums[column]  # type: ignore[arg-type]


def reason(rows: list[Cells]) -> str:
    quarantine = check(tables.OBSERVATIONS, rows).quarantine
    assert quarantine.height == 1
    return str(quarantine["reason"][0])


def test_a_score_of_130_percent_is_quarantined_in_words() -> None:
    rows = [OBSERVATION | {"score": 1.3, "ci_high": None, "ci_low": None}, MINUTES]

    assert reason(rows).startswith(
        "score 1.3 is above 1. Does the source now publish another unit"
    )


def test_a_release_date_in_2031_is_quarantined_in_words() -> None:
    rows = [OBSERVATION, MINUTES | {"release_date_published": date(2031, 1, 1)}]

    last = last_day("metr_time_horizon_p50")
    assert reason(rows).startswith(
        f"release date 2031-01-01 is after {last}, the last day these figures cover."
    )


def test_a_release_on_the_last_day_covered_is_accepted() -> None:
    last = last_day("swe_bench_verified")
    dated: Cells = {"release_date": last, "release_date_published": last}
    on_it = OBSERVATION | dated | {"reported_on": last}
    day_after = on_it | {"release_date": last + timedelta(days=1)}

    assert failed(tables.OBSERVATIONS, [on_it]) == set()
    assert "release_date_is_covered" in failed(tables.OBSERVATIONS, [day_after])


def test_a_range_that_the_registry_does_not_know_to_be_passed_is_found_out() -> None:
    """METR's is passed on 2026-04-07; the leaderboard has none at all."""
    beyond: Cells = {"fit_exclusion": "out_of_range"}
    on_it = {name: date(2026, 4, 7) for name in ("release_date", "reported_on")}
    passed = MINUTES | beyond | on_it | {"release_date_published": date(2026, 4, 7)}
    expectation = "out_of_range_since_range_was_passed"

    assert expectation not in failed(tables.OBSERVATIONS, [passed])
    assert expectation in failed(tables.OBSERVATIONS, [OBSERVATION | beyond])


def test_of_duplicates_the_first_is_kept_even_where_cells_are_empty() -> None:
    first = OBSERVATION | {"harness": None, "setting": None, "reported_on": None}
    second = first | {"source_row": 7, "observation_id": "swe_bench_verified:7"}
    other_setting = second | {"setting": "high", "observation_id": "x"}

    # in the order of their ids, as a table comes, not of their lines
    result = check(tables.OBSERVATIONS, [second, other_setting, first])

    assert result.quarantine["source_row"].to_list() == [7]
    assert result.quarantine["expectation"].to_list() == ["score_stands_once"]
    assert "in line 2 of swe_bench_verified.csv" in result.quarantine["reason"][0]
    assert result.accepted["observation_id"].to_list() == [
        "x",
        first["observation_id"],
    ]


def test_the_shipped_figures_pass() -> None:
    """All of them, source by source, with the known duplicate taken out."""
    quarantined: dict[tuple[str, int], str] = {}
    for source_id, source in registry().sources.items():
        files = shipped_figures.fetch(source, WORKSPACE.observations)
        raw = pl.concat(
            [shipped_figures.read(source_id, name, c) for name, c in files.items()]
        )
        accepted = validate(
            raw, table=tables.RAW_SCORES, suites=SUITES, registry=registry()
        ).accepted
        built = build_observations(accepted, registry())
        checked = validate(
            built.observations,
            table=tables.OBSERVATIONS,
            suites=SUITES,
            registry=registry(),
        )
        rejected = pl.concat([built.quarantine, checked.quarantine])
        assert not too_many(rejected.height, raw.height)
        assert checked.accepted.height + rejected.height == raw.height
        quarantined |= {
            (row["source_file"], row["source_row"]): row["expectation"]
            for row in rejected.to_dicts()
        }
    assert quarantined == {
        ("swe_bench_verified_developer_reported.csv", 61): "score_stands_once"
    }
