"""The only door to Great Expectations, with typed edges.

Importing it takes about five seconds of CPU, so this module is imported where it is
used. Great Expectations reads pandas only: no frame becomes pandas anywhere else.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import great_expectations as gx
import polars as pl
from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.core import ExpectationSuite
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.exceptions import ExpectationNotFoundError
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.validator.v1_validator import Validator

from trends.validation.suites import Expectation, Outcome, SuiteError

for _name in list(logging.root.manager.loggerDict):
    if _name.startswith("great_expectations."):  # some set a level of their own
        logging.getLogger(_name).setLevel(logging.NOTSET)


_CELLS: Final = ("column", "column_A", "column_B")
_MISSING_IS_WRONG: Final = "expect_column_values_to_not_be_null"


def evaluate(frame: pl.DataFrame, expectations: Sequence[Expectation]) -> list[Outcome]:
    """Evaluate ``expectations`` on ``frame``, in their order.

    Nothing is written and nothing is sent: the context lives in memory. Indices are
    asked for by position, because naming index columns costs 100 us a failing row.

    Raises:
        SuiteError: an expectation is not known or could not be evaluated, which
            Great Expectations reports as no failure, or as one of the data.
    """
    # the validator of ``Batch.validate``, which would make and hash the batch twice
    validator = Validator(
        _all_rows(),
        batch_parameters={"dataframe": _judged(frame, expectations).to_pandas()},
    )
    results = _validate(validator, expectations, "BOOLEAN_ONLY")
    # which rows broke it is asked only where some did
    broken = [one for one in expectations if not results[one.id].success]
    if broken:
        results |= _validate(validator, broken, "COMPLETE")
    return [_outcome(one, results[one.id], frame) for one in expectations]


def _judged(frame: pl.DataFrame, expectations: Sequence[Expectation]) -> pl.DataFrame:
    """The columns that an expectation names; of text nobody asks for pandas makes much."""
    named = {
        value
        for one in expectations
        for value in one.kwargs.values()
        if isinstance(value, str)
    }
    columns = [name for name in frame.columns if name in named]
    return frame[columns] if columns else frame


@cache
def _all_rows() -> Any:
    """What every frame is a batch of, made once: a context writes down each change."""
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return (
        context.data_sources.add_pandas("tables")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("all_rows")
    )


def _validate(
    validator: Validator, expectations: Sequence[Expectation], detail: str
) -> dict[str, Any]:
    """Results by the id of the expectation, in so much detail."""
    suite = ExpectationSuite(
        name="suite", expectations=[_build(one) for one in expectations]
    )
    validator.result_format = {
        "result_format": detail,
        "return_unexpected_index_query": False,
    }
    validation = validator.validate_expectation_suite(suite)
    return {
        result.expectation_config.meta["id"]: result for result in validation.results
    }


def _build(expectation: Expectation) -> Any:
    """The expectation as Great Expectations has it.

    Raises:
        SuiteError: it does not know the type, which it would drop from a suite
            without a word, or an argument.
    """
    try:
        kind = settled(expectation.type)
        return kind(**expectation.kwargs, meta={"id": expectation.id})
    except ExpectationNotFoundError as error:
        raise SuiteError(
            f"{expectation.id}: no expectation type {expectation.type}, so it would "
            "check nothing"
        ) from error
    except ValueError as error:
        raise SuiteError(f"{expectation.id}: wrong argument: {error}") from error


@cache
def settled(name: str) -> Any:
    """The type of expectation, of which each is told its configuration once.

    Great Expectations writes it anew for each key that it looks up, some ninety times
    a check. Here no expectation changes once it is made.

    Raises:
        ExpectationNotFoundError: there is no such type.
    """
    kind = get_expectation_impl(name)

    def configuration(self: Any) -> Any:
        if self._configuration is None:
            self._configuration = kind.configuration.fget(self)
        return self._configuration

    return type(
        f"{kind.__name__}Settled",
        (kind,),
        {
            "__module__": __name__,
            "_configuration": PrivateAttr(None),
            "configuration": property(configuration),
        },
    )


def _n_checked(expectation: Expectation, frame: pl.DataFrame) -> int:
    """Rows whose cells it does not ignore as missing.

    Great Expectations counts them too, but only where it lists values as well.
    """
    kwargs = expectation.kwargs
    cells = [frame[str(value)] for name, value in kwargs.items() if name in _CELLS]
    ignored = str(kwargs.get("ignore_row_if", "both_values_are_missing"))
    if not cells or ignored == "neither" or expectation.type == _MISSING_IS_WRONG:
        return frame.height
    either = ignored == "either_value_is_missing"
    gaps = [cell for cell in cells if cell.null_count()]
    if not either and len(gaps) < len(cells):
        return frame.height
    if len(gaps) < 2:
        return frame.height - sum(cell.null_count() for cell in gaps)
    together = pl.any_horizontal if either else pl.all_horizontal
    is_missing = together(cell.is_null() for cell in gaps)
    n_missing: int = pl.select(is_missing.sum()).item()
    return frame.height - n_missing


def _outcome(expectation: Expectation, result: Any, frame: pl.DataFrame) -> Outcome:
    if message := _exception_message(result.exception_info):
        raise SuiteError(f"{expectation.id}: could not be evaluated: {message}")
    found = result.result
    failing_rows = () if result.success else found.get("unexpected_index_list", ())
    return Outcome(
        expectation=expectation,
        passed=result.success,
        n_checked=_n_checked(expectation, frame),
        failing_rows=tuple(sorted(failing_rows)),
        observed=found.get("observed_value"),
    )


def _exception_message(info: Mapping[str, Any] | None) -> str | None:
    """The first exception, whether one stands alone or one a metric."""
    if not info:
        return None
    alone = "raised_exception" in info
    for one in [info] if alone else info.values():
        if one["raised_exception"]:
            return str(one["exception_message"])
    return None
