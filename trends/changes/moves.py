"""Whose figures moved every headline, at the price of a few laws each.

The split of ``trends.changes.families``, for all rows at once: other benchmarks reach a
one only by the vote with which each family speaks in the pool, so that votes are
exchanged and nothing is fitted anew but what leans on them. Own news and the pool share
the move as Shapley would; within the pool each family that is named has the mean of
being put in alone and being taken out alone, and what is left over is said to be that
of the others, and of what families do together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final, Literal, Self

from trends.changes.amounts import Amount, mean_effect, total
from trends.changes.mixes import SHORTLISTED, Mixes
from trends.changes.said import RowKey, Said, day_to_compare

NAMED_FAMILIES: Final = 5
"""Families of the pool that have a part of their own, those that seem to move most."""

LEAST_SHARED: Final = {"days": Fraction(7), "probability": Fraction(1, 200)}
"""Parts of the pool of a smaller size are not shared out among families."""

LEAST_NAMED: Final = {"days": Fraction(1), "probability": Fraction(1, 1000)}
"""Smaller parts of one family stand with those of the others."""

_ROUNDING: Final = Fraction(1, 10**6)
"""One law is not summed in one order with others beside it and alone, and the ledger
keeps six digits."""

Kind = Literal["own", "family", "pool", "settings", "rest", "together"]


@dataclass(frozen=True)
class Part:
    """What one cause did.

    Attributes:
        kind: the row's own news; that of one other family; of all others; thresholds
            and weights; code, or all that an earlier vintage did not keep; or what
            these only do together.
        amount: in the unit of the move, and in probability of never.
        family_id: of ``own`` and ``family``.
    """

    kind: Kind
    amount: Amount
    family_id: str | None = None


@dataclass(frozen=True)
class Move:
    """How far one row moved, and its parts.

    Attributes:
        key: the row.
        before: what was said; None where that vintage had no such row.
        after: what is said now.
        by_date: day of the probabilities; None in days, and without a number.
        total: of the unit, and of never; None where there is no number.
        parts: the largest first; they sum to ``total``.
    """

    key: RowKey
    before: Said | None
    after: Said
    by_date: date | None
    total: Amount | None
    parts: Sequence[Part] = ()

    @classmethod
    def unsplit(cls, key: RowKey, before: Said | None, after: Said) -> Self:
        """A move without parts: none at all, or one that cannot be split."""
        if before is None:
            return cls(key, None, after, None, None)
        if _is_same(before, after):
            return cls(key, before, after, None, Amount())
        return cls(key, before, after, None, None)

    def without_law(self) -> Self:
        """The same, of which no law is kept: thousands of them take room."""
        before = None if self.before is None else self.before.without_law()
        return replace(self, before=before, after=self.after.without_law())

    @property
    def size(self) -> Fraction:
        """How far, either way; 0 where there is no number."""
        return Fraction(0) if self.total is None else self.total.size(self.unit)

    @property
    def unit(self) -> str:
        """``days`` of the date if ever, ``probability`` by a day, or ``nothing``."""
        if self.total is None:
            return "nothing"
        return "days" if self.by_date is None else "probability"


def split_moves(
    mixes: Mixes,
    *,
    before: Mapping[RowKey, Said | None] | None,
    after: Mapping[RowKey, Said],
) -> list[Move]:
    """Split what moved each row among own news, other families and the rest.

    Args:
        mixes: states between the two vintages.
        before: what the earlier one said; None for what this code says of its inputs.
        after: what the later one says of its rows.

    Raises:
        SeriesError: one of these series cannot be computed from a mix of inputs.
    """
    # row by row: a state keeps the bar of one row only, and a move no law
    moves = [
        _move(
            mixes,
            key,
            mixes.said(key, mixes.old) if before is None else before.get(key),
            now,
        ).without_law()
        for key, now in after.items()
    ]
    mixes.new.close()
    return moves


def _move(mixes: Mixes, key: RowKey, before: Said | None, after: Said) -> Move:
    plain = Move.unsplit(key, before, after)
    if before is None or plain.total is not None:
        return plain
    if not (before.is_estimated and after.is_estimated):
        return plain
    return (
        _in_unit(mixes, plain, None)
        or _in_unit(mixes, plain, day_to_compare(before, after))
        or plain
    )


def _is_same(before: Said, after: Said) -> bool:
    """Whether nothing can have moved: one fact, the same law, or no answer twice."""
    if before.status != after.status:
        return False
    if after.status == "already_crossed":
        # the ledger keeps no day of a crossing
        return before.if_ever in (None, after.if_ever)
    return before is after or not after.is_estimated


def _in_unit(mixes: Mixes, move: Move, by: date | None) -> Move | None:
    """The move on one scale; None where a number is missing on the way."""
    key = move.key
    own = mixes.own_family(key)
    ours = frozenset({own} if own is not None else ())
    numbers = _numbers(mixes, move, by, ours)
    if numbers is None:
        return None
    start, end, old, new, own_in, own_out, *settings = numbers
    start, end = start.settled_on(old, _ROUNDING), end.settled_on(new, _ROUNDING)
    ends = (old, new)
    by_own = mean_effect(own_in, own_out, ends)
    if move.after.status == "already_crossed" and not settings:
        # a score decides the day of a crossing, whatever the pool would have said
        by_own = new - old
    by_settings = Amount()
    if settings:
        alone, without = settings
        by_settings = mean_effect(alone, without, ends)
    by_pool = (new - old) - by_own - by_settings
    unit = "days" if by is None else "probability"
    shared: list[Part] | None = []
    if by_pool.size(unit) >= LEAST_SHARED[unit]:
        shared = _share_pool(mixes, key, ours, by, ends)
    if shared is None:
        return None
    shared = [part for part in shared if part.amount.size(unit) >= LEAST_NAMED[unit]]
    left = by_pool - total(part.amount for part in shared)
    parts = [
        Part("own", by_own, mixes.family_of(key)),
        *shared,
        Part("together" if settings else "pool", left),
        Part("settings", by_settings),
        Part("rest", (end - start) - (new - old)),
    ]
    parts = [part for part in parts if part.amount]
    parts.sort(
        key=lambda part: (-part.amount.size(unit), part.kind, part.family_id or "")
    )
    return Move(key, move.before, move.after, by, end - start, parts)


def _numbers(
    mixes: Mixes, move: Move, by: date | None, ours: frozenset[str]
) -> list[Amount] | None:
    """What the two vintages said, and what states between them say; None if one lacks.

    Those are the old one and the new one, the old with the row's own news and the new
    without it; where settings differ, also the old with them and the new without.
    """
    key = move.key
    numbers = [
        *(None if one is None else one.number(by) for one in (move.before, move.after)),
        mixes.number(key, by, mixes.old),
        mixes.number(key, by, mixes.new),
        mixes.put_in(key, by, own=True, families=ours),
        mixes.taken_out(key, by, own=True, families=ours),
    ]
    if mixes.settings_differ:
        numbers += [
            mixes.number(key, by, mixes.older_figures),
            mixes.number(key, by, mixes.newer_figures),
        ]
    known = [one for one in numbers if one is not None]
    return known if len(known) == len(numbers) else None


def _share_pool(
    mixes: Mixes,
    key: RowKey,
    ours: frozenset[str],
    by: date | None,
    ends: tuple[Amount, Amount],
) -> list[Part] | None:
    """Parts of the families that seem to move most; None where one has no number."""
    parts = []
    for family in _largest(mixes, key, ours):
        put_in = mixes.put_in(key, by, own=False, families={family})
        taken_out = mixes.taken_out(key, by, own=False, families={family})
        if put_in is None or taken_out is None:
            return None
        parts.append(Part("family", mean_effect(put_in, taken_out, ends), family))
    return parts


def _largest(mixes: Mixes, key: RowKey, ours: frozenset[str]) -> list[str]:
    """Families that seem to move a row most, put in alone and taken out alone."""
    families = [one for one in mixes.changed_families(key) if one not in ours]
    if len(families) <= NAMED_FAMILIES:
        return families
    if len(families) > SHORTLISTED:
        families = mixes.shortlist(key, families)
    moves = dict.fromkeys(families, 0.0)
    for is_old in (True, False):
        tried = mixes.nearly(key, [(), *((one,) for one in families)], old=is_old)
        for family, near in zip(families, tried[1:], strict=True):
            moves[family] += abs(near - tried[0])
    most = sorted(families, key=lambda family: (-moves[family], family))
    return most[:NAMED_FAMILIES]
