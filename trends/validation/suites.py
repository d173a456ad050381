"""Suites of expectations as they are written in ``expectations/<table>.yaml``."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from trends.characters import quote
from trends.registry.documents import read
from trends.registry.models import Entry, Identifier, Text
from trends.tables import Table

ROW_COUNT: Final = "expect_table_row_count_to_be_between"


ABOUT_ROWS: Final = (
    "expect_column_values_",
    "expect_column_pair_values_",
    "expect_column_value_lengths_",
    "expect_compound_columns_",
    "expect_multicolumn_",
    "expect_select_column_values_",
)
"""How the types begin that judge rows; the others judge the table as a whole."""


class SuiteError(ValueError):
    """A suite cannot be run as it is written."""


class Expectation(Entry):
    """One expectation.

    Attributes:
        id: permanent name; quarantined rows carry it.
        type: expectation of Great Expectations.
        kwargs: its arguments; they may name context columns.
        severity: critical takes the row out or stops the table, warning reports.
        reason: why it must hold, and what harm is done where it does not.
        found: what a failing row shows, in words, with ``{column}`` for its cells.
    """

    id: Identifier
    type: Text
    kwargs: dict[str, object]
    severity: Literal["critical", "warning"]
    reason: Text
    found: Text | None = None

    @property
    def is_about_rows(self) -> bool:
        """Whether rows fail it one by one, rather than the table as a whole."""
        return self.type.startswith(ABOUT_ROWS)

    @property
    def columns_quoted(self) -> set[str]:
        """Columns whose cells ``found`` quotes."""
        return {name for _, name, _, _ in Formatter().parse(self.found or "") if name}

    @model_validator(mode="after")
    def _found_quotes_cells_only(self) -> Self:
        for _, name, spec, conversion in Formatter().parse(self.found or ""):
            if name is not None and (spec or conversion or not name.isidentifier()):
                raise ValueError(f"found quotes cells as {{column}}, not {{{name}}}")
        return self

    @model_validator(mode="after")
    def _rows_are_described(self) -> Self:
        if self.is_about_rows and self.found is None:
            raise ValueError("found is missing: say in words what a failing row shows")
        return self


class Suite(Entry):
    """The expectations of one table and what a critical failure of a row does."""

    table: str
    on_critical: Literal["quarantine_row", "stop"]
    expectations: Annotated[list[Expectation], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        counts = Counter(expectation.id for expectation in self.expectations)
        if repeated := [name for name, count in counts.items() if count > 1]:
            raise ValueError(f"ids must differ: {repeated}")
        return self

    @model_validator(mode="after")
    def _rows_are_counted(self) -> Self:
        if ROW_COUNT not in {expectation.type for expectation in self.expectations}:
            raise ValueError(f"{ROW_COUNT} is missing: an empty table passes the rest")
        return self


@dataclass(frozen=True)
class Outcome:
    """What one expectation found in one frame.

    Attributes:
        expectation: the expectation.
        passed: whether it holds.
        n_checked: rows it looked at; cells it ignores as missing do not count.
        failing_rows: positions of the rows that broke it, if it is about rows.
        observed: what it saw, if it is about the table as a whole.
    """

    expectation: Expectation
    passed: bool
    n_checked: int
    failing_rows: tuple[int, ...] = ()
    observed: object = None


def load_suite(folder: Path, table: Table) -> Suite:
    """The suite of ``table``.

    Raises:
        SuiteError: there is none, or it does not have the form of a suite; every
            fault is named by file, line and column.
    """
    name = f"{table.name}.yaml"
    if not (folder / name).exists():
        raise SuiteError(f"{name}: no suite for table {table.name}")
    suite = read(folder / name, Suite, file=f"{folder.name}/{name}")
    if suite.content is None:
        raise SuiteError("\n".join(str(problem) for problem in suite.problems))
    if suite.content.table != table.name:
        raise SuiteError(f"{name} speaks of table {quote(suite.content.table)}")
    return suite.content
