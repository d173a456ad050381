"""What is asked at a cut, and what came."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from trends.contest.forecasters import Asked
from trends.contest.panel import Known, Panel
from trends.dates import add_months

CUTS: Final = (
    date(2024, 1, 1),
    date(2024, 7, 1),
    date(2025, 1, 1),
    date(2025, 7, 1),
    date(2026, 1, 1),
)

MIN_POINTS: Final = 5
"""Top-3 points before the cut that a benchmark needs to take part, as for the peer."""

LEADS: Final = (3, 6, 12, 21)
"""Ends, in months after the cut, of the spans by which lead times are told apart."""


@dataclass(frozen=True)
class Case:
    """One question and what came.

    Attributes:
        cut: day from which on nothing was known.
        asked: the question.
        family_id: of the benchmark.
        observed: the record on that day, or one top-3 score of it.
        standing: the record at the cut.
        lead: span in which the day lies, as ``lead_name`` writes it.
        existed: whether the benchmark was public before the cut, or its scores were
            filled in later; None where the panel does not say.
    """

    cut: date
    asked: Asked
    family_id: str
    observed: float
    standing: float
    lead: str
    existed: bool | None


def cases_at(panel: Panel, known: Known) -> list[Case]:
    """All that is asked at one cut: of records by month, and of each top-3 point."""
    return [
        case
        for name in taking_part(known)
        for case in _of_benchmark(panel, known, name)
    ]


def taking_part(known: Known) -> list[str]:
    """Benchmarks with enough top-3 points before the cut, by name."""
    counts = known.top3.group_by("series_id").len()
    return sorted(counts.filter(pl.col("len") >= MIN_POINTS)["series_id"].to_list())


def lead_name(cut: date, day: date) -> str:
    """``3-6``: months after the cut, the end included; ``over 21`` beyond the last."""
    start = 0
    for end in LEADS:
        if day <= add_months(cut, end):
            return f"{start}-{end}"
        start = end
    return f"over {start}"


def _of_benchmark(panel: Panel, known: Known, name: str) -> Iterator[Case]:
    cut = known.cut
    is_its_own = pl.col("series_id") == name
    scores = panel.scores.filter(is_its_own).sort("frontier_date")
    days, values = scores["frontier_date"], scores["score"].cum_max()
    public_on = panel.public_on.get(name)

    def case(asked: Asked, observed: float) -> Case:
        return Case(
            cut=cut,
            asked=asked,
            family_id=known.by_id[name].benchmark.family_id,
            observed=observed,
            standing=known.records[name],
            lead=lead_name(cut, asked.day),
            existed=None if public_on is None else public_on < cut,
        )

    month = add_months(cut.replace(day=1), 1)
    last = days[-1]
    while month <= last:
        best = values.filter(days <= month)[-1]
        yield case(Asked("record", name, month), best)
        month = add_months(month, 1)
    later = panel.top3.filter(is_its_own & (pl.col("day") >= cut))
    for day, score in later.select("day", "score").iter_rows():
        yield case(Asked("top3", name, day), score)
