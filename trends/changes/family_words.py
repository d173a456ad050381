"""Words for whose figures moved a date."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from trends.changes.amounts import Amount, total
from trends.changes.families import FamilySplit
from trends.words import score_words
from trends.words.moves import Moved, part_lines

ROWS_SHOWN: Final = 3
"""Changed scores written out for each family; the others are counted."""

FAMILIES_SHOWN: Final = 10
"""Families that moved it most and have a line of their own; the others are summed."""

_LARGE: Final = {"days": Fraction(1, 2), "probability": Fraction(1, 2000)}
"""Parts from here on have a line of their own."""


def moved(amount: Amount, words: str) -> Moved:
    """A part, for a line of its own."""
    return Moved(float(amount.value), float(amount.never), words)


def family_lines(split: FamilySplit | None) -> Iterator[str]:
    """The split for people: this benchmark, other families, and what is nobody's."""
    if split is None:
        yield "by benchmark: some mix of old and new figures gives no estimate"
        return
    unit, by_date = split.measured.unit, split.measured.by_date
    of = "" if by_date is None else f", of the probability by {by_date}"
    yield f"the same by benchmark{of} (put in alone and taken out alone, the mean):"
    yield from part_lines(_parts(split), unit)


def _parts(split: FamilySplit) -> Iterator[Moved]:
    own, *_ = split.rows
    yield moved(split.own, f"this benchmark{_evidence(split.rows[own], split.own)}")
    least, small = _LARGE[split.measured.unit], []
    for place, (family, part) in enumerate(split.through_pool.items()):
        if place >= FAMILIES_SHOWN or part.size(split.measured.unit) < least:
            small.append(part)
        else:
            evidence = _evidence(split.rows[family], part)
            yield moved(part, f"{family}, through the pool{evidence}")
    if small:
        others = "family" if len(small) == 1 else f"{len(small)} families"
        yield moved(total(small), f"the other {others}, through the pool")
    for part, words in (
        (split.settings, "thresholds and weights"),
        (split.code, "code"),
        (split.together, "together, or by families not told apart"),
    ):
        if part:
            yield moved(part, words)


def family_json(split: FamilySplit | None) -> dict[str, object] | None:
    """The split for programs, with every changed score of each family named."""
    if split is None:
        return None
    return {
        "unit": split.measured.unit,
        "by_date": split.measured.by_date,
        **_parts_json(split, lambda amount: float(amount.value)),
        "never": _parts_json(split, lambda amount: float(amount.never)),
        "scores": split.rows,
    }


def _parts_json(
    split: FamilySplit, number: Callable[[Amount], float]
) -> dict[str, object]:
    """One number of each part."""
    return {
        "total": number(split.total),
        "this_benchmark": number(split.own),
        "through_the_pool": {
            family: number(part) for family, part in split.through_pool.items()
        },
        "thresholds_and_weights": number(split.settings),
        "code": number(split.code),
        "together": number(split.together),
    }


def _evidence(rows: Sequence[Mapping[str, Any]], part: Amount) -> str:
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
