"""Which harness cells a rule takes: one cell word for word, or all with some words.

A harness cell names the scaffold and, where a benchmark has several, the set-up:
``standard domain=telecom effort=high simulator=gpt-5.2 prompt=own``.
"""

from typing import Annotated, Final

import polars as pl
from pydantic import AfterValidator, StringConstraints

from trends.characters import why_unfit

_ALL_WITH: Final = "* "


def _checked(rule: str) -> str:
    if why := why_unfit(rule):
        raise ValueError(why)
    if rule.startswith("*") and not (rule.startswith(_ALL_WITH) and rule[2:].split()):
        raise ValueError(
            "after the star stand a space and the words that a cell must hold, as in "
            f"'* simulator=gpt-5.2 prompt=own' (got {rule!r})"
        )
    return rule


HarnessRule = Annotated[
    str,
    StringConstraints(min_length=1, strip_whitespace=True),
    AfterValidator(_checked),
]
"""A cell word for word; or ``* word word``, every cell that holds these words."""


def in_harness(rule: str) -> pl.Expr:
    """Whether the column ``harness`` holds a cell that the rule takes; null if empty."""
    cell = pl.col("harness")
    if not rule.startswith(_ALL_WITH):
        return cell == rule
    words = cell.str.split(" ")
    return pl.all_horizontal(
        words.list.contains(word) for word in rule.removeprefix(_ALL_WITH).split()
    )
