"""One score in several copies: which rows are revisions of each other.

An entry is what was scored, not what came out: benchmark, model, setting, harness, rule
of scoring and reporter. A publisher that corrects a score, or its error, revises the
entry; that is neither a new score nor progress. Where one copy has several rows of an
entry (a test taken twice), they are entries of their own, numbered in the order in
which they stand; a row of a later copy goes on with the one that it is most like.
"""

import hashlib
import json
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

import polars as pl


class Scored(NamedTuple):
    """One row of one copy, as far as it says which entry it is of.

    Attributes:
        entry: benchmark, model, setting, harness, rule of scoring and reporter.
        score: as published.
        name: of the model, as published.
        reported_on: day on which the score became public, if it is stated.
        source_url: address of the row.
        copy: the copy it was read in, later ones after earlier ones.
    """

    entry: tuple[str | None, ...]
    score: Decimal
    name: str
    reported_on: date | None
    source_url: str
    copy: date


FIRST_COPY: Final = date.min
"""The copy of rows that do not say in which they were read."""


class Entry(NamedTuple):
    """One entry: the places of its rows, oldest copy first."""

    number: int
    places: list[int]


def entries_of(rows: Sequence[Scored]) -> list[Entry]:
    """Tell which rows are revisions of each other.

    Args:
        rows: rows of some benchmarks, each copy in its order.

    Returns:
        Each entry with its number among those of the same description, from 0.
    """
    by_description: dict[Hashable, list[int]] = {}
    for place, row in enumerate(rows):
        by_description.setdefault(row.entry, []).append(place)
    return [
        Entry(number, chain)
        for places in by_description.values()
        for number, chain in enumerate(_chains(rows, places))
    ]


def entry_id(row: Scored, number: int) -> str:
    """Benchmark and 12 hex digits of a hash of the description, and which of several."""
    digest = hashlib.sha256(json.dumps(row.entry).encode()).hexdigest()
    which = f"-{number + 1}" if number else ""
    return f"{row.entry[0]}:{digest[:12]}{which}"


def _chains(rows: Sequence[Scored], places: Iterable[int]) -> list[list[int]]:
    """Rows of one description as chains of revisions."""
    copies: dict[date, list[int]] = {}
    for place in places:
        copies.setdefault(rows[place].copy, []).append(place)
    chains: list[list[int]] = []
    for copy in sorted(copies):
        standing = [rows[chain[-1]] for chain in chains]
        found = _match(standing, [rows[place] for place in copies[copy]])
        for place, k in zip(copies[copy], found, strict=True):
            if k is None:
                chains.append([place])
            else:
                chains[k].append(place)
    return chains


def _match(standing: list[Scored], later: list[Scored]) -> list[int | None]:
    """Which standing row each row of a later copy goes on with, the likest first."""
    if len(standing) == len(later) == 1:
        return [0]
    likeness = {
        (k, i): like
        for k, one in enumerate(standing)
        for i, other in enumerate(later)
        if (like := _likeness(one, other)) is not None
    }
    found: list[int | None] = [None] * len(later)
    for k, i in sorted(likeness, key=lambda pair: (likeness[pair], pair)):
        if found[i] is None and k not in found:
            found[i] = k
    return found


def _likeness(one: Scored, other: Scored) -> tuple[bool, ...] | None:
    """What differs, the weightiest first; None where it is another test."""
    differs = (
        one.score != other.score,
        one.name != other.name,
        one.reported_on != other.reported_on,
        one.source_url != other.source_url,
    )
    days_differ = differs[2] and None not in (one.reported_on, other.reported_on)
    return None if differs[0] and (differs[1] or days_differ) else differs


def stand_until_revised(observations: pl.DataFrame) -> pl.DataFrame:
    """OBSERVATIONS with ``revised_on``: when the next revision of the entry is known.

    Rows that were rejected revise nothing, so it is told again after each check.
    """
    later = (
        pl.col("known_on")
        .shift(-1)
        .over("entry_id", order_by=["known_on", "retrieved_at", "source_row"])
    )
    is_told = pl.col("entry_id").is_not_null()
    return observations.with_columns(revised_on=pl.when(is_told).then(later))


def standing(observations: pl.DataFrame) -> pl.DataFrame:
    """OBSERVATIONS rows that no later revision has replaced."""
    return observations.filter(pl.col("revised_on").is_null())
