"""Whose figures moved every headline, at the price of a few laws each.

The split of ``trends.changes.families``, for all rows at once: other benchmarks reach a
one only by the vote with which each family speaks in the pool, so that votes are
exchanged and nothing is fitted anew but what leans on them. Own news and the pool share
the move as Shapley would; within the pool each family that is named has the mean of
being put in alone and being taken out alone, and what is left over is said to be that
of the others, and of what families do together.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Final, Literal, Self

from trends.changes.coalitions import THRESHOLD, WEIGHTS, Difference
from trends.changes.said import RowKey, Said, day_to_compare
from trends.changes.states import Answers, State
from trends.fits.votes import Vote, Votes
from trends.registry.models import Domain
from trends.registry.series import Series

NAMED_FAMILIES: Final = 5
"""Families of the pool that have a part of their own, those that seem to move most."""

SHORTLISTED: Final = 20
"""Of more families that have news for a row only those are tried that in closed form
move its pool most."""

LEAST_SHARED: Final = {"days": Fraction(7), "probability": Fraction(1, 200)}
"""Parts of the pool below this are not shared out among families."""

LEAST_NAMED: Final = {"days": Fraction(1), "probability": Fraction(1, 1000)}
"""Smaller parts of one family stand with those of the others."""

_SETTINGS: Final = frozenset({THRESHOLD, WEIGHTS})

_NOBODY: Final = frozenset[str]()

_PoolOf = tuple[bool, bool, Domain | None] | None
"""Votes that a series is pooled with: of which vintage and scale, and the domain."""

Kind = Literal["own", "family", "pool", "settings", "rest", "together"]


@dataclass(frozen=True)
class Part:
    """What one cause did.

    Attributes:
        kind: the row's own news; that of one other family; of all others; thresholds
            and weights; code, or all that an earlier vintage did not keep; or what
            these only do together.
        amount: in the unit of the move.
        family_id: of ``own`` and ``family``.
    """

    kind: Kind
    amount: Fraction
    family_id: str | None = None


@dataclass(frozen=True)
class Move:
    """How far one row moved, and its parts.

    Attributes:
        key: the row.
        before: what was said; None where that vintage had no such row.
        after: what is said now.
        by_date: day of the probabilities; None in days, and without a number.
        total: None where there is no number.
        parts: the largest first; they sum to ``total``.
    """

    key: RowKey
    before: Said | None
    after: Said
    by_date: date | None
    total: Fraction | None
    parts: Sequence[Part] = ()

    @classmethod
    def unsplit(cls, key: RowKey, before: Said | None, after: Said) -> Self:
        """A move without parts: none, in days where both have a median, or unknown."""
        if before is None:
            return cls(key, None, after, None, None)
        if _is_same(before, after):
            return cls(key, before, after, None, Fraction(0))
        return cls(key, before, after, None, None)

    def without_law(self) -> Self:
        """The same, of which no law is kept: thousands of them take room."""
        before = None if self.before is None else self.before.without_law()
        return replace(self, before=before, after=self.after.without_law())

    @property
    def size(self) -> Fraction:
        """How far, either way; 0 where there is no number."""
        return abs(self.total or Fraction(0))

    @property
    def unit(self) -> str:
        """``days`` of a median, ``probability`` by a day, or ``nothing``."""
        if self.total is None:
            return "nothing"
        return "days" if self.by_date is None else "probability"


def split_moves(
    mixes: "Mixes",
    *,
    before: Mapping[RowKey, Said | None] | None,
    after: Mapping[RowKey, Said],
    rows: Sequence[RowKey],
) -> list[Move]:
    """Split what moved each row among own news, other families and the rest.

    Args:
        mixes: states between the two vintages.
        before: what the earlier one said; None for what this code says of its inputs.
        after: what the later one says.
        rows: rows of the later one.

    Raises:
        SeriesError: one of these series cannot be computed from a mix of inputs.
    """
    # row by row: a state keeps the bar of one row only, and a move no law
    return [
        _move(
            mixes,
            key,
            mixes.old.said(key) if before is None else before.get(key),
            after[key],
        ).without_law()
        for key in rows
    ]


class Mixes:
    """The states between two vintages.

    Attributes:
        settings_differ: whether thresholds or weights do.
        old: the old inputs, on the later day.
        new: the new ones.
        newer_figures: new figures under old thresholds and weights.
        older_figures: the other way round.
    """

    def __init__(self, difference: Difference, rows: Sequence[RowKey]) -> None:
        """Make what the code says of some mixes of the inputs."""
        causes = frozenset(difference.causes())
        settings = causes & _SETTINGS
        self.settings_differ = bool(settings)
        answers = Answers()
        self.old = State(difference.combine(()), rows, answers)
        self.new = self.old
        if causes:
            self.new = State(difference.combine(causes), rows, answers)
        self.newer_figures, self.older_figures = self.new, self.old
        if settings:
            self.newer_figures = State(
                difference.combine(causes - settings), rows, answers
            )
            self.older_figures = State(
                difference.combine(settings, benchmarks=()), rows, answers
            )
        self._pools: dict[tuple[bool, bool, frozenset[str]], Votes] = {}
        self._changes: dict[bool, frozenset[str]] = {}
        self._ordered: dict[bool, list[str]] = {}
        self._moved_by: dict[_PoolOf, Mapping[str, float]] = {}
        self._orders: dict[tuple[_PoolOf, ...], Sequence[str]] = {}

    def changed_families(self, key: RowKey) -> list[str]:
        """Families whose walk reads otherwise, and that a row may lean on."""
        if not (self.old.leans(key) or self.new.leans(key)):
            return []
        return self._in_order(bounded=self._is_bounded(key))

    def family_of(self, key: RowKey) -> str | None:
        """Family of a row's benchmark."""
        series = self.new.series_of(key) or self.old.series_of(key)
        return None if series is None else series.benchmark.family_id

    def own_family(self, key: RowKey) -> str | None:
        """Family of a row whose vote is that of the row's own benchmark."""
        series = self.new.series_of(key) or self.old.series_of(key)
        if series is None:
            return None
        family = series.benchmark.family_id
        bounded = self._is_bounded(key)
        votes = [one.votes(bounded=bounded).get(family) for one in (self.old, self.new)]
        speaks = any(
            vote is not None and vote.series.benchmark_id == series.benchmark_id
            for vote in votes
        )
        return family if speaks else None

    def voice_of(self, key: RowKey, family: str) -> Series | None:
        """The series with which a family speaks to a row, now or else then."""
        bounded = self._is_bounded(key)
        for state in (self.new, self.old):
            if (vote := state.votes(bounded=bounded).get(family)) is not None:
                return vote.series
        return None

    def others(self, key: RowKey, named: Collection[str | None]) -> list[str]:
        """Families with news for a row, but its own and those named."""
        aside = {*named, self.own_family(key)}
        return [one for one in self.changed_families(key) if one not in aside]

    def put_in(self, key: RowKey, *, own: bool, families: Iterable[str]) -> Said | None:
        """The old inputs with the new figures of some."""
        state = self.newer_figures if own else self.old
        return state.said(key, self.pool(key, frozenset(families), old=True))

    def taken_out(
        self, key: RowKey, *, own: bool, families: Iterable[str]
    ) -> Said | None:
        """The new inputs with the old figures of some."""
        state = self.older_figures if own else self.new
        return state.said(key, self.pool(key, frozenset(families), old=False))

    def pool(self, key: RowKey, families: frozenset[str], *, old: bool) -> Votes:
        """Votes of one vintage with those of some families from the other."""
        bounded = self._is_bounded(key)
        taken = families & self._changed(bounded=bounded)
        base, other = self._sides(old=old)
        if not taken:
            return base.leaning.votes
        name = (old, bounded, taken)
        if name not in self._pools:
            theirs = other.votes(bounded=bounded)
            put = [theirs[one] for one in sorted(taken) if one in theirs]
            self._pools[name] = base.leaning.votes.exchanged(
                taken, put, bounded=bounded
            )
        return self._pools[name]

    def shortlist(self, key: RowKey, families: Sequence[str]) -> list[str]:
        """Those of many families whose news move most what a row leans on."""
        chosen = frozenset(families)
        most = (family for family in self._by_size(key) if family in chosen)
        return sorted(islice(most, SHORTLISTED))

    def _by_size(self, key: RowKey) -> Sequence[str]:
        """Families that changed, those first that seem to move the pool of a row most."""
        bounded = self._is_bounded(key)
        pools = tuple(self._pool_of(key, old=old) for old in (True, False))
        if pools not in self._orders:
            sizes = [self._sizes(key, old=old) for old in (True, False)]
            self._orders[pools] = sorted(
                self._changed(bounded=bounded),
                key=lambda one: (-sum(size.get(one, 0.0) for size in sizes), one),
            )
        return self._orders[pools]

    def _pool_of(self, key: RowKey, *, old: bool) -> _PoolOf:
        """Whose votes the series of a row is pooled with; None where it has no walk."""
        base, _ = self._sides(old=old)
        leaning = base.walk(key)
        if leaning is None:
            return None
        domain = base.leaning.drifts.drifts.pooled_with(leaning)
        return old, self._is_bounded(key), domain

    def _sizes(self, key: RowKey, *, old: bool) -> Mapping[str, float]:
        """About how far the news of each family move the pool of a row."""
        base, other = self._sides(old=old)
        leaning, pool = base.walk(key), self._pool_of(key, old=old)
        if leaning is None:
            return {}
        if pool not in self._moved_by:
            bounded, drifts = self._is_bounded(key), base.leaning.drifts.drifts
            theirs = other.votes(bounded=bounded)
            self._moved_by[pool] = {
                family: drifts.moved_by(
                    family,
                    theirs[family].walk if family in theirs else None,
                    leaning=leaning,
                )
                for family in self._changed(bounded=bounded)
            }
        return self._moved_by[pool]

    def _sides(self, *, old: bool) -> tuple[State, State]:
        """The state of one vintage, and the other one's that figures come from."""
        if old:
            return self.old, self.newer_figures
        return self.new, self.older_figures

    def _changed(self, *, bounded: bool) -> frozenset[str]:
        """Families of one scale whose walk reads otherwise."""
        if bounded not in self._changes:
            old, new = (one.votes(bounded=bounded) for one in (self.old, self.new))
            self._changes[bounded] = frozenset(
                family
                for family in {*old, *new}
                if _reads(old.get(family)) != _reads(new.get(family))
            )
        return self._changes[bounded]

    def _in_order(self, *, bounded: bool) -> list[str]:
        if bounded not in self._ordered:
            self._ordered[bounded] = sorted(self._changed(bounded=bounded))
        return self._ordered[bounded]

    def _is_bounded(self, key: RowKey) -> bool:
        series = self.new.series_of(key) or self.old.series_of(key)
        return series is not None and series.benchmark.unit.is_bounded


def _move(mixes: Mixes, key: RowKey, before: Said | None, after: Said) -> Move:
    plain = Move.unsplit(key, before, after)
    if before is None or plain.total is not None:
        return plain
    if not (before.is_estimated and after.is_estimated):
        return plain
    by = day_to_compare(before, after)
    return _in_unit(mixes, plain, None) or _in_unit(mixes, plain, by) or plain


def _is_same(before: Said, after: Said) -> bool:
    """Whether nothing can have moved: one fact, the same law, or no answer twice."""
    if before.status != after.status:
        return False
    if after.status == "already_crossed":
        # the ledger keeps no day of a crossing
        return before.median in (None, after.median)
    return before is after or not after.is_estimated


def _in_unit(mixes: Mixes, move: Move, by: date | None) -> Move | None:
    """The move on one scale; None where a number is missing on the way."""
    key = move.key
    ends = [
        None if one is None else one.number(by) for one in (move.before, move.after)
    ]
    said = [mixes.old.said(key), mixes.new.said(key)]
    own = mixes.own_family(key)
    ours = frozenset({own} if own is not None else ())
    said += [
        mixes.put_in(key, own=True, families=ours),
        mixes.taken_out(key, own=True, families=ours),
    ]
    if mixes.settings_differ:
        said += [mixes.older_figures.said(key), mixes.newer_figures.said(key)]
    numbers = [None if one is None else one.number(by) for one in said]
    known = [one for one in (*ends, *numbers) if one is not None]
    if len(known) < len(ends) + len(numbers):
        return None
    start, end, old, new, own_in, own_out, *settings = known
    is_decided = move.after.status == "already_crossed"
    by_own = ((own_in - old) + (new - own_out)) / 2
    if is_decided and not settings:
        # a score decides the day of a crossing, whatever the pool would have said
        by_own = new - old
    by_settings = Fraction(0)
    if settings:
        alone, without = settings
        by_settings = ((alone - old) + (new - without)) / 2
    by_pool = (new - old) - by_own - by_settings
    unit = "days" if by is None else "probability"
    shared: list[Part] | None = []
    if abs(by_pool) >= LEAST_SHARED[unit]:
        shared = _share_pool(mixes, key, ours, by, (old, new))
    if shared is None:
        return None
    shared = [part for part in shared if abs(part.amount) >= LEAST_NAMED[unit]]
    left = by_pool - sum((part.amount for part in shared), Fraction(0))
    parts = [
        Part("own", by_own, mixes.family_of(key)),
        *shared,
        Part("together" if settings else "pool", left),
        Part("settings", by_settings),
        Part("rest", (end - start) - (new - old)),
    ]
    parts = [part for part in parts if part.amount]
    parts.sort(key=lambda part: (-abs(part.amount), part.kind, part.family_id or ""))
    return Move(key, move.before, move.after, by, end - start, parts)


def _share_pool(
    mixes: Mixes,
    key: RowKey,
    ours: frozenset[str],
    by: date | None,
    ends: tuple[Fraction, Fraction],
) -> list[Part] | None:
    """Parts of the families that seem to move most; None where one has no number."""
    old, new = ends
    parts = []
    for family in _largest(mixes, key, ours):
        alone = mixes.put_in(key, own=False, families={family})
        without = mixes.taken_out(key, own=False, families={family})
        numbers = [None if one is None else one.number(by) for one in (alone, without)]
        if None in numbers:
            return None
        put_in, taken_out = (one for one in numbers if one is not None)
        parts.append(Part("family", ((put_in - old) + (new - taken_out)) / 2, family))
    return parts


def _largest(mixes: Mixes, key: RowKey, ours: frozenset[str]) -> list[str]:
    """Families that seem to move a row most, put in alone and taken out alone."""
    families = [one for one in mixes.changed_families(key) if one not in ours]
    if len(families) <= NAMED_FAMILIES:
        return families
    if len(families) > SHORTLISTED:
        families = mixes.shortlist(key, families)
    moves = dict.fromkeys(families, 0.0)
    for state, is_old in ((mixes.old, True), (mixes.new, False)):
        years = state.years_to_median(key)
        start = state.nearly(key, mixes.pool(key, _NOBODY, old=is_old), years=years)
        for family in families:
            pool = mixes.pool(key, frozenset({family}), old=is_old)
            moves[family] += abs(state.nearly(key, pool, years=years) - start)
    most = sorted(families, key=lambda family: (-moves[family], family))
    return most[:NAMED_FAMILIES]


def _reads(vote: Vote | None) -> object:
    """All of a vote that reaches the series of others."""
    return None if vote is None else (vote.series.benchmark.domain, vote.content)
