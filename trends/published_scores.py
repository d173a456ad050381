"""One published row, typed: plain decimals, ISO days, public addresses, visible text.

What is none of these is refused with the cell and the reason; nothing is guessed.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic_core import ErrorDetails

from trends.characters import name_unseen, quote
from trends.corrections import Cells
from trends.registry.models import Reporter, Text, Url

_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MONTH: Final = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_PLAIN_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_LONGEST_NUMBER: Final = 24
_AS_DECIMAL: Final = "write it as a plain decimal, such as 62.5"
_BARE_ADDRESS: Final = re.compile(r"[\w-]+(\.[\w-]+)+(/\S*)?")


class UnusableRowError(ValueError):
    """One row cannot become an observation."""

    def __init__(self, expectation: str, reason: str) -> None:
        """Say which expectation the row broke, and how."""
        super().__init__(reason)
        self.expectation = expectation
        self.reason = reason


def _parse_day(value: object) -> object:
    # Pydantic alone would read 20250101 as seconds since 1970.
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        message = "write the day as YYYY-MM-DD"
        if _ISO_MONTH.fullmatch(value):
            message += ", or leave the cell empty where nobody says which"
        raise ValueError(message)
    return value


def _require_plain_decimal(
    value: object, read: ValidatorFunctionWrapHandler
) -> Decimal:
    """The number, unless Python alone would take the cell for one.

    Decimal reads 6_2 as 62, digits of any script, and exponents that no float holds.
    """
    number: Decimal = read(value)
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER:
            raise ValueError(f"a number has at most {_LONGEST_NUMBER} characters")
        if not _PLAIN_DECIMAL.fullmatch(value):
            raise ValueError(_AS_DECIMAL)
    return number


def _complete_address(value: object) -> object:
    if isinstance(value, str) and _BARE_ADDRESS.fullmatch(value):
        return f"https://{value}"
    return value


Day = Annotated[date, BeforeValidator(_parse_day)]
Number = Annotated[Decimal, WrapValidator(_require_plain_decimal)]
Address = Annotated[Url, BeforeValidator(_complete_address)]


class PublishedScore(BaseModel):
    """One row after corrections, typed; numbers are still in the published unit.

    Numbers are decimal, as they are printed: 77.6% as a binary float divided by 100
    is below 0.776 and would miss a bar of exactly that height.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_name_published: Text
    developer: Text | None
    release_date: Day | None
    score: Number
    standard_error: Number | None
    ci_low: Number | None
    ci_high: Number | None
    harness: Text | None
    reported_on: Day | None
    reporter: Reporter
    source_url: Address
    note: Text | None
    scoring_rule: Text | None = None
    retrieved_on: Day | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _shows_all_that_it_holds(cls, cell: object) -> object:
        if isinstance(cell, str) and (unseen := name_unseen(cell)):
            raise ValueError(f"{unseen}: delete it")
        return cell


def parse(cells: Cells) -> PublishedScore:
    """The row that the cells hold.

    Raises:
        UnusableRowError: some cannot be read; names each with what is wrong.
    """
    try:
        return PublishedScore.model_validate(cells)
    except ValidationError as error:
        problems = [
            f"{problem['loc'][0]} is "
            + ("empty" if problem["input"] is None else quote(problem["input"]))
            + f": {_what_to_write(problem)}"
            for problem in error.errors()
        ]
        raise UnusableRowError("row_is_parseable", "; ".join(problems)) from error


def _what_to_write(problem: ErrorDetails) -> str:
    kind = problem["type"]
    if problem["input"] is None:
        return "no row goes without it"
    if kind.startswith("decimal") or kind == "finite_number":
        return _AS_DECIMAL
    if kind.startswith("date"):
        return "there is no such day"
    if kind == "enum":
        return f"write {problem['ctx']['expected']}"
    return problem["msg"].removeprefix("Value error, ")
