"""The gate shows Great Expectations the columns that it asks for, in one context.

That must find what it finds in the whole table, in a context made for it: the same
expectations hold and the same rows fail, in the tables of a run and in broken ones.
"""

from datetime import date
from typing import Any

import great_expectations as gx
import polars as pl
import pytest
from great_expectations.core import ExpectationSuite
from great_expectations.expectations.registry import get_expectation_impl

from tests.conftest import CHECKOUT
from trends.outputs import read_table
from trends.pipeline import PublishedRun
from trends.registry import Registry, load_registry
from trends.tables import PUBLISHED, SCORE_FORECAST, Table
from trends.tables.slices import STREAMED, slices
from trends.validation import in_one_report, validate
from trends.validation.context import add_context
from trends.validation.gate import evaluate
from trends.validation.suites import Expectation, load_suite

CHECKED = [table for table in PUBLISHED if table.name != "quarantine"]
Judgement = dict[str, tuple[bool, int, tuple[int, ...]]]


def by_the_gate(rows: pl.DataFrame, expectations: list[Expectation]) -> Judgement:
    return {
        one.expectation.id: (one.passed, one.n_checked, one.failing_rows)
        for one in evaluate(rows, expectations)
    }


def of_the_whole(rows: pl.DataFrame, expectations: list[Expectation]) -> Judgement:
    context = gx.get_context(mode="ephemeral")
    batch = (
        context.data_sources.add_pandas("whole")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("rows")
        .get_batch({"dataframe": rows.to_pandas()})
    )
    plain = [
        get_expectation_impl(one.type)(**one.kwargs, meta={"id": one.id})
        for one in expectations
    ]
    suite = ExpectationSuite(name="whole", expectations=plain)
    results: list[Any] = batch.validate(suite, result_format="COMPLETE").results
    return {
        one.expectation_config.meta["id"]: (
            one.success,
            one.result.get("element_count", rows.height)
            - one.result.get("missing_count", 0),
            ()
            if one.success
            else tuple(sorted(one.result.get("unexpected_index_list") or ())),
        )
        for one in results
    }


def broken(rows: pl.DataFrame, expectations: list[Expectation]) -> pl.DataFrame:
    """Every column that an expectation names, spoilt in rows of its own."""
    named = sorted(
        {
            value
            for one in expectations
            for key, value in one.kwargs.items()
            if key.startswith("column") and isinstance(value, str)
        }
    )
    every = pl.int_range(pl.len())
    changes = {}
    for number, name in enumerate(named):
        kind = rows.schema[name]
        hit = every % 7 == number % 7
        low = every % 14 < 7
        worse: pl.Expr | None = None
        if kind.is_numeric():
            worse = pl.when(low).then(-(10**6)).otherwise(10**6).cast(kind)
        elif kind == pl.String:
            worse = pl.when(low).then(pl.lit("?")).otherwise(pl.lit(None))
        elif kind.is_temporal():
            worse = pl.col(name).dt.offset_by("400y")
        elif kind == pl.Boolean:
            worse = ~pl.col(name)
        if worse is not None:
            changes[name] = pl.when(hit).then(worse).otherwise(pl.col(name))
    return rows.with_columns(**changes)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(CHECKOUT / "data" / "registry")


@pytest.mark.parametrize("table", CHECKED, ids=lambda one: one.name)
def test_the_named_columns_tell_as_much_as_the_whole_table(
    shipped_run: PublishedRun, registry: Registry, table: Table
) -> None:
    compare(read_table(shipped_run.path, table), table, registry)


def compare(frame: pl.DataFrame, table: Table, registry: Registry) -> None:
    expectations = load_suite(CHECKOUT / "expectations", table).expectations
    rows = add_context(frame, table, registry)
    sound = by_the_gate(rows, expectations)
    assert sound == of_the_whole(rows, expectations)
    spoilt = broken(rows, expectations)
    found = by_the_gate(spoilt, expectations)
    assert found == of_the_whole(spoilt, expectations)
    if frame.is_empty():
        # nothing to spoil: no forecast of record has come due on a first run
        return
    failed = {name for name, (holds, *_) in found.items() if not holds}
    assert failed > {name for name, (holds, *_) in sound.items() if not holds}


@pytest.mark.parametrize("table", STREAMED, ids=lambda one: one.name)
def test_a_table_in_parts_is_judged_as_in_one(
    shipped_run: PublishedRun, registry: Registry, table: Table
) -> None:
    frame = read_table(shipped_run.path, table)
    number = "score" if table == SCORE_FORECAST else table.key[-1]
    every = pl.int_range(pl.len())
    other = -1e9 if frame.schema[number].is_numeric() else date(2300, 1, 1)
    spoilt = frame.with_columns(
        pl.when(every % 997 == 5).then(pl.lit(other)).otherwise(number).alias(number)
    )
    whole, parts = (
        [
            validate(
                part,
                table=table,
                suites=CHECKOUT / "expectations",
                registry=registry,
                rows_stop=False,
            )
            for part in slices(spoilt, table.key[0], rows=rows)
        ]
        for rows in (spoilt.height, spoilt.height // 4)
    )
    assert len(whole) == 1
    assert len(parts) > 2
    assert in_one_report([one.report for one in parts]) == whole[0].report
    assert sum(len(one.broken) for one in parts) == len(whole[0].broken) > 0


def test_every_streamed_suite_asks_only_for_a_row_of_the_whole() -> None:
    """Each part must hold what a suite asks of the table."""
    for table in STREAMED:
        of_whole = [
            one.kwargs
            for one in load_suite(CHECKOUT / "expectations", table).expectations
            if not one.is_about_rows
        ]
        assert of_whole == [{"min_value": 1}], table.name
