"""What is said of one bar, by whomever: this code, a published run, or the ledger."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import polars as pl

from trends.changes.amounts import Amount
from trends.crossings import Crossings
from trends.crossings.answers import Answer, Crossed
from trends.dates import month_ends
from trends.frontier import Parts
from trends.words import probability_by, when_words

RowKey = tuple[str, str, str]
"""threshold_id, bar_id and trend."""

_KEY = ("threshold_id", "bar_id", "trend")


@dataclass(frozen=True)
class Said:
    """One bar under one trend.

    Attributes:
        status: one of ``tables.CROSSING_STATUSES``.
        label: in words when, if ever, and how likely never is.
        if_ever: median date given that the bar is ever crossed; None where there is
            none.
        p_never: None where nothing is estimated.
        projection_end: last day spoken of.
        p_by: probability of a crossing by the end of a month; None if unknown.
    """

    status: str
    label: str
    if_ever: date | None
    p_never: float | None
    projection_end: date
    p_by: Callable[[date], float | None]

    @property
    def is_estimated(self) -> bool:
        """Whether there is a law or a fact."""
        return self.status != "not_estimated"

    def without_law(self) -> "Said":
        """The same, but that no probability is known any more."""
        return replace(self, p_by=_unknown)

    def number(self, by_date: date | None) -> Amount | None:
        """The date if ever, or the probability by a day, with that of never.

        None where one of them is missing.
        """
        if self.p_never is None:
            return None
        value: float | None = None
        if by_date is not None:
            value = self.p_by(by_date)
        elif self.if_ever is not None:
            value = self.if_ever.toordinal()
        return (
            None if value is None else Amount(Fraction(value), Fraction(self.p_never))
        )


def _unknown(_day: date) -> None:
    """No probability by any day."""


def answered(answer: Answer, label: str, projection_end: date) -> Said:
    """What this code says."""

    def p_by(day: date) -> float | None:
        if isinstance(answer, Crossed):
            return float(answer.on <= day)
        return None if law is None else law.p_by(day)

    law = answer.distribution
    return Said(
        status=answer.status,
        label=label,
        if_ever=answer.if_ever.date_at(0.5),
        p_never=answer.masses(projection_end).p_never,
        projection_end=projection_end,
        p_by=p_by,
    )


class SaidIn:
    """What tables say of any row."""

    def __init__(self, tables: Crossings, rows: Iterable[RowKey] | None = None) -> None:
        """Read from the tables of one vintage.

        Args:
            tables: its tables.
            rows: those that will be asked for, so that no others are kept; None for
                all.
        """
        summary, cdf = tables.summary, tables.cdf
        if rows is not None:
            schema = dict.fromkeys(_KEY, pl.String)
            asked = pl.DataFrame(list(rows), schema=schema, orient="row")
            summary, cdf = (
                one.join(asked, on=_KEY, how="semi", maintain_order="left")
                for one in (summary, cdf)
            )
        self._summary = Parts(summary, "threshold_id")
        self._cdf = Parts(cdf, "threshold_id")

    def get(self, key: RowKey) -> Said | None:
        """What they say; None where they have no such row."""
        summary = _only(self._summary[key[0]], key)
        if summary.is_empty():
            return None
        row = summary.row(0, named=True)

        def p_by(day: date) -> float | None:
            summary, cdf = (_only(of[key[0]], key) for of in (self._summary, self._cdf))
            by = probability_by(summary, cdf, day)["p_crossed_by_date"]
            found: float | None = by[0]
            return found

        return Said(
            status=row["crossing_status"],
            label=when_words(row),
            if_ever=row["median_if_ever"],
            p_never=row["p_never"],
            projection_end=row["projection_end"],
            p_by=p_by,
        )


def day_to_compare(before: Said, after: Said) -> date:
    """End of the month of the earlier date if ever; of the projection without any."""
    end = min(before.projection_end, after.projection_end)
    day = min(before.if_ever or end, after.if_ever or end)
    return next(iter(month_ends(day, end)), end)


def _only(table: pl.DataFrame, key: RowKey) -> pl.DataFrame:
    return table.filter(
        pl.all_horizontal(
            pl.col(name) == value for name, value in zip(_KEY, key, strict=True)
        )
    )
