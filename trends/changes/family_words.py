"""Words for whose figures moved a median."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from trends.changes.families import FamilySplit
from trends.words import score_words

ROWS_SHOWN: Final = 3
"""Changed scores written out for each family; the others are counted."""

FAMILIES_SHOWN: Final = 10
"""Families that moved it most and have a line of their own; the others are summed."""

_LARGE: Final = {"days": Fraction(1, 2), "probability": Fraction(1, 2000)}
"""Parts from here on have a line of their own."""


def number_words(value: Fraction, unit: str) -> str:
    """Days of a median, or percentage points of a probability."""
    if unit == "days":
        return f"{float(value):+.1f} days"
    return f"{float(100 * value):+.2f} points"


def family_lines(split: FamilySplit | None) -> Iterator[str]:
    """The split for people: this benchmark, other families, and what is nobody's."""
    if split is None:
        yield "by benchmark: some mix of old and new figures gives no estimate"
        return
    unit, by_date = split.measured.unit, split.measured.by_date
    of = "" if by_date is None else f", of the probability by {by_date}"
    yield f"the same by benchmark{of} (put in alone and taken out alone, the mean):"

    def line(part: Fraction, words: str) -> str:
        return f"  {number_words(part, unit):>12}  {words}"

    own, *_ = split.rows
    yield line(split.own, f"this benchmark{_evidence(split.rows[own], split.own)}")
    small = []
    for place, (family, part) in enumerate(split.through_pool.items()):
        if place >= FAMILIES_SHOWN or abs(part) < _LARGE[unit]:
            small.append(part)
        else:
            yield line(
                part, f"{family}, through the pool{_evidence(split.rows[family], part)}"
            )
    if small:
        others = "family" if len(small) == 1 else f"{len(small)} families"
        yield line(sum(small, Fraction(0)), f"the other {others}, through the pool")
    for part, words in (
        (split.settings, "thresholds and weights"),
        (split.code, "code"),
        (split.together, "together, or by families not told apart"),
    ):
        if part:
            yield line(part, words)


def family_json(split: FamilySplit | None) -> dict[str, object] | None:
    """The split for programs, with every changed score of each family named."""
    if split is None:
        return None
    return {
        "unit": split.measured.unit,
        "by_date": split.measured.by_date,
        "total": float(split.total),
        "this_benchmark": float(split.own),
        "through_the_pool": {
            family: float(part) for family, part in split.through_pool.items()
        },
        "thresholds_and_weights": float(split.settings),
        "code": float(split.code),
        "together": float(split.together),
        "scores": split.rows,
    }


def _evidence(rows: Sequence[Mapping[str, Any]], part: Fraction) -> str:
    if not rows:
        also = ", so its watch or its entry did" if part else ""
        return f": no score of it changed{also}"
    shown = "; ".join(_row(row) for row in rows[:ROWS_SHOWN])
    more = len(rows) - ROWS_SHOWN
    return f": {shown}" + (f"; and {more} more" if more > 0 else "")


def _row(row: Mapping[str, Any]) -> str:
    """One changed score: what it says, what it said before, and where it stands."""
    words = (
        f"{row['change']} {row['model_name']} {score_words(row['score'], row['score_unit'])}"
        f" on {row['day'] or 'no day'}"
    )
    before = []
    if row["score_before"] not in (None, row["score"]):
        before.append(score_words(row["score_before"], row["score_unit"]))
    if row["day_before"] not in (None, row["day"]):
        before.append(f"on {row['day_before']}")
    was = f", was {' '.join(before)}" if before else ""
    return f"{words}{was} ({row['source_file']}:{row['source_row']})"
