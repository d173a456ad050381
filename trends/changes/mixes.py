"""The states between two vintages: the inputs of one with some figures of the other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Final

from trends.changes.amounts import Amount
from trends.changes.coalitions import SETTINGS, Difference
from trends.changes.said import RowKey, Said
from trends.changes.states import State
from trends.fits.votes import Vote, Votes
from trends.registry.models import Domain
from trends.registry.series import Series

SHORTLISTED: Final = 20
"""Of more families that have news for a row only those are tried that in closed form
move its pool most."""

_PoolOf = tuple[bool, bool, Domain | None] | None
"""Votes that a series is pooled with: of which vintage and scale, and the domain."""


class Mixes:
    """The states between two vintages.

    Attributes:
        settings_differ: whether thresholds or weights do.
        old: the old inputs, on the later day.
        new: the new ones.
        newer_figures: new figures under old thresholds and weights.
        older_figures: the other way round.
    """

    def __init__(
        self, difference: Difference, rows: Sequence[RowKey], new: State
    ) -> None:
        """Make what the code says of some mixes of the inputs.

        Args:
            difference: the inputs of the two vintages.
            rows: the rows that are asked for.
            new: the state of the new inputs.
        """
        causes = frozenset(difference.causes())
        settings = causes & SETTINGS
        self.settings_differ = bool(settings)
        self.old = self.new = new
        if causes:
            self.old = State(difference.combine(()), rows)
        self.newer_figures, self.older_figures = self.new, self.old
        if settings:
            self.newer_figures = State(difference.combine(causes - settings), rows)
            self.older_figures = State(
                difference.combine(settings, benchmarks=()), rows
            )
        self._speakers: dict[tuple[State, RowKey], State] = {}
        self._pools: dict[tuple[bool, bool, frozenset[str]], Votes] = {}
        self._changes: dict[bool, frozenset[str]] = {}
        self._ordered: dict[bool, list[str]] = {}
        self._moved_by: dict[_PoolOf, Mapping[str, float]] = {}
        self._orders: dict[tuple[_PoolOf, ...], Sequence[str]] = {}

    def said(self, key: RowKey, state: State) -> Said | None:
        """What one of these states says of a row."""
        return self._speaker(key, state).said(key, state.leaning.votes)

    def number(
        self, key: RowKey, by: date | None, state: State, among: Votes | None = None
    ) -> Amount | None:
        """``Said.number`` of one of these states, of whichever votes the row leans on."""
        speaker = self._speaker(key, state)
        leans = among is not None and speaker.leans(key)
        return speaker.number(key, by, among if leans else state.leaning.votes)

    def _speaker(self, key: RowKey, state: State) -> State:
        """Whom to ask what a state says: the new one, where both read the row alike."""
        if state is self.new:
            return state
        if (state, key) not in self._speakers:
            is_same = state.reads_as(self.new, key)
            self._speakers[state, key] = self.new if is_same else state
        return self._speakers[state, key]

    def changed_families(self, key: RowKey) -> list[str]:
        """Families whose walk reads otherwise, and that a row may lean on."""
        states = (self._speaker(key, self.old), self.new)
        if not any(one.leans(key) for one in states):
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

    def put_in(
        self, key: RowKey, by: date | None, *, own: bool, families: Iterable[str]
    ) -> Amount | None:
        """The number under the old inputs with the new figures of some."""
        state = self.newer_figures if own else self.old
        pool = self.pool(key, frozenset(families), old=True)
        return self.number(key, by, state, pool)

    def taken_out(
        self, key: RowKey, by: date | None, *, own: bool, families: Iterable[str]
    ) -> Amount | None:
        """The number under the new inputs with the old figures of some."""
        state = self.older_figures if own else self.new
        pool = self.pool(key, frozenset(families), old=False)
        return self.number(key, by, state, pool)

    def nearly(
        self, key: RowKey, families: Iterable[Collection[str]], *, old: bool
    ) -> list[float]:
        """About P(crossed) by the date if ever of one vintage, with some exchanged each time."""
        base, _ = self._sides(old=old)
        speaker = self._speaker(key, base)
        years = speaker.years_to_date(key, base.leaning.votes)
        pools = [self.pool(key, frozenset(some), old=old) for some in families]
        return speaker.nearly(key, pools, years=years)

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


def _reads(vote: Vote | None) -> object:
    """All of a vote that reaches the series of others."""
    return None if vote is None else (vote.series.benchmark.domain, vote.content)
