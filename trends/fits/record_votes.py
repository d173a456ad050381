"""What series show of their records, and what the families say of it to each other."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from trends.fits.learned import Learned, Nearly, parameters_of
from trends.fits.links import Floats
from trends.fits.pace import WIDE, HyperCrowd, Told, learn_hypers
from trends.fits.panels import MANY_FAMILIES, MIN_POOL_FAMILIES, few
from trends.fits.regression import MeanFit
from trends.fits.seen import Seen, like_whom
from trends.fits.slopes import Lines, pool_slopes
from trends.fits.waiting import (
    WIDE_WAIT,
    WaitingCrowd,
    WaitingPrior,
    Watched,
    fit_waiting,
)
from trends.fits.walks import Prior

Flags = npt.NDArray[np.bool_]


class RecordVotes:
    """What the series of a vintage show of their records, one a family."""

    def __init__(
        self, votes: Sequence[Seen], *, exchange: "_Exchange | None" = None
    ) -> None:
        """Of votes, from ``one_vote_a_family``; or of those of a vintage but for a few."""
        self._all = votes
        self._step = exchange
        self._learned: dict[tuple[frozenset[str], str, str], Learned] = {}
        self._hyper_crowds: dict[tuple[str, str], HyperCrowd] = {}
        self._flagged: dict[tuple[str, str], Flags] = {}
        self._furthest: dict[tuple[str, str], list[str]] = {}

    @property
    def _exchange(self) -> "_Exchange":
        """From a vintage to these votes; not kept of itself, which nobody would free."""
        return _Exchange(self) if self._step is None else self._step

    @cached_property
    def votes(self) -> list[Seen]:
        """One of each family and scale."""
        if self._exchange.base is self:
            return list(self._all)
        return self._exchange.votes

    @cached_property
    def _watched(self) -> Watched:
        return Watched.joined([one.watched for one in self.votes])

    @cached_property
    def _told(self) -> Told:
        return Told.stacked([one.told for one in self.votes])

    @cached_property
    def _lines(self) -> Lines:
        return Lines.of([one.line for one in self.votes])

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where the votes of each family stand."""
        places: dict[str, list[int]] = {}
        for place, one in enumerate(self.votes):
            places.setdefault(one.family_id, []).append(place)
        return places

    def learn(self, seen: Seen, *, without: str | None = None) -> "Learned":
        """What other families say before a series is looked at.

        Of slopes and variances those of a like unit are asked; its own family never.

        Args:
            seen: the series.
            without: one more family that is left out.
        """
        aside = self.speaking({seen.family_id, without or seen.family_id})
        return _learn([(self, aside)], seen.scale, like_whom(seen))[0]

    def nearly_without(self, seen: Seen) -> "Nearly":
        """About what a series would learn with one other family left out.

        What a family changes is taken from the votes of all, the series' own among
        them: close enough to tell which are worth leaving out in earnest. Of very many
        families only those are tried that stand furthest from the others.
        """
        scale, like, own = seen.scale, like_whom(seen), self.learn(seen)
        families = [one for one in self._far(scale, like) if one != seen.family_id]
        of_all = self._of_all(scale, like)
        learned = _learn([(self, frozenset({one})) for one in families], scale, like)
        here, with_all, *less = parameters_of([own, of_all, *learned], seen)
        without = here + np.array(less).reshape(-1, len(here)) - with_all
        return Nearly(seen, families, here, without)

    def _far(self, scale: str, like: str) -> list[str]:
        """Families by name; of very many those whose slopes and waits stand apart."""
        if len(self._places) <= MANY_FAMILIES:
            return sorted(self._places)
        if (scale, like) not in self._furthest:
            self._furthest[scale, like] = self._furthest_of_all(scale, like)
        return self._furthest[scale, like]

    def _furthest_of_all(self, scale: str, like: str) -> list[str]:
        slopes = self._of_all(scale, like).slopes
        mean = 0.0 if slopes is None else slopes.mean
        by_slope = np.array(
            [
                abs(one.line.slope - mean) * np.sqrt(one.line.squares)
                if one.line is not None and like_whom(one) == like
                else 0.0
                for one in self.votes
            ]
        )
        half = MANY_FAMILIES // 2
        most = [
            np.argsort(-far, kind="stable")[:half] for far in (by_slope, self._pulls)
        ]
        return sorted({self.votes[place].family_id for place in np.concatenate(most)})

    def exchanged(
        self, families: Collection[str], put: Iterable[Seen], *, bounded: bool
    ) -> "RecordVotes":
        """The votes but those of some families on one scale, and these in their place."""
        out = [
            place
            for place in self.places_of(families)
            if self.votes[place].is_bounded == bounded
        ]
        exchange = _Exchange(self, out, list(put))
        if self._exchange.base is self:
            return RecordVotes([], exchange=exchange)
        return RecordVotes(exchange.votes)

    def _of_all(self, scale: str, like: str) -> Learned:
        return _learn([(self, frozenset())], scale, like)[0]

    def _learn_each(
        self, exchanges: Sequence["_Exchange"], scale: str, like: str
    ) -> list[Learned]:
        """What these votes say with a few of them exchanged, each time others."""
        put = list({id(one): one for each in exchanges for one in each.put}.values())
        kept = np.array([one.keeps(len(self.votes), put) for one in exchanges])
        flags = self._flags(scale, like), _flags(put, scale, like)
        on_scale, rising, watched = np.concatenate(flags, axis=1)
        lines = self._lines.and_also(Lines.of([one.line for one in put]))
        n_slopes = (kept & rising).sum(axis=1).tolist()
        slopes = [
            one if n >= MIN_POOL_FAMILIES else None
            for n, one in zip(n_slopes, pool_slopes(lines, kept & rising), strict=True)
        ]
        priors = [_prior(*one) for one in zip(slopes, n_slopes, strict=True)]
        waits: Sequence[WaitingPrior | None]
        likely: Sequence[Floats]
        if len(self.votes) > MANY_FAMILIES and any(one.is_one for one in exchanges):
            steps = [
                self._stepped(*one, scale, like)
                for one in zip(exchanges, priors, strict=True)
            ]
            waits, likely = zip(*steps, strict=True)
        else:
            told = Told.stacked([self._told, *(one.told for one in put)])
            likely = [
                learn_hypers(told.of(there & on_scale).under(prior))
                for there, prior in zip(kept, priors, strict=True)
            ]
            waited = Watched.joined([self._watched, *(one.watched for one in put)])
            enough = (kept & watched).sum(axis=1, keepdims=True) >= MIN_POOL_FAMILIES
            waits = fit_waiting(waited, kept & watched & enough)
        return [
            Learned(waiting or WIDE_WAIT, *one)
            for waiting, *one in zip(
                waits, likely, slopes, n_slopes, priors, strict=True
            )
        ]

    def _stepped(
        self, exchange: "_Exchange", prior: Prior, scale: str, like: str
    ) -> tuple[WaitingPrior | None, Floats]:
        """Waits and variances of very many, a few of them exchanged."""
        out, put = exchange.out, exchange.put
        lost, more = (
            told.under(prior)
            for told in (
                self._told.of([one for one in out if self.votes[one].scale == scale]),
                Told.stacked([one.told for one in put if one.scale == scale]),
            )
        )
        waiting = None
        if self._crowd is not None:
            watched = Watched.joined([one.watched for one in put])
            waiting = self._crowd.exchanged(out, watched)
        return waiting, self._hyper_crowd(scale, like).exchanged(lost, more)

    def speaking(self, families: Iterable[str]) -> frozenset[str]:
        """Those of some families that have a vote."""
        base, put = self._exchange.base, self._exchange.put
        return frozenset(
            family
            for family in families
            if base.places_of({family}) or any(one.family_id == family for one in put)
        )

    def places_of(self, families: Iterable[str]) -> list[int]:
        """Where the votes of some families stand, rising."""
        return sorted(place for one in families for place in self._places.get(one, ()))

    def _flags(self, scale: str, like: str) -> Flags:
        if (scale, like) not in self._flagged:
            self._flagged[scale, like] = _flags(self.votes, scale, like)
        return self._flagged[scale, like]

    def _hyper_crowd(self, scale: str, like: str) -> HyperCrowd:
        if (scale, like) not in self._hyper_crowds:
            prior = self._of_all(scale, like).prior
            votes = enumerate(self.votes)
            on_scale = [place for place, one in votes if one.scale == scale]
            told = self._told.of(on_scale).under(prior)
            self._hyper_crowds[scale, like] = HyperCrowd(told)
        return self._hyper_crowds[scale, like]

    @cached_property
    def _crowd(self) -> WaitingCrowd | None:
        """All votes; those that were not watched for a day say nothing."""
        return WaitingCrowd(self._watched) if self._watched.n.any() else None

    @property
    def _pulls(self) -> Floats:
        return np.zeros(len(self.votes)) if self._crowd is None else self._crowd.pulls


@dataclass(frozen=True)
class _Exchange:
    """Votes as those of a vintage, but for a few.

    Attributes:
        base: of the vintage.
        out: where votes of theirs stand that are left out, rising.
        put: votes in their place.
    """

    base: RecordVotes
    out: Sequence[int] = ()
    put: Sequence[Seen] = ()

    @property
    def votes(self) -> list[Seen]:
        """All of them, by scale and family."""
        gone = set(self.out)
        votes = enumerate(self.base.votes)
        left = [one for place, one in votes if place not in gone]
        return sorted([*left, *self.put], key=lambda one: (one.scale, one.family_id))

    @property
    def is_one(self) -> bool:
        """Whether any vote is another."""
        return bool(self.out or self.put)

    def less(self, families: Collection[str]) -> "_Exchange":
        """The same with some families left out too."""
        out = {*self.out, *self.base.places_of(families)}
        put = [one for one in self.put if one.family_id not in families]
        return _Exchange(self.base, sorted(out), put)

    def keeps(self, n: int, put: Sequence[Seen]) -> Flags:
        """Which of n votes of the vintage there are, and of those put in any exchange."""
        kept = np.ones(n + len(put), dtype=np.bool_)
        kept[self.out] = False
        ours = {id(one) for one in self.put}
        kept[n:] = [id(one) in ours for one in put]
        return kept


def learn_from_each(pools: Sequence[RecordVotes], seen: Seen) -> list[Learned]:
    """``RecordVotes.learn`` of each of several pools."""
    asked = [(pool, pool.speaking({seen.family_id})) for pool in pools]
    return _learn(asked, seen.scale, like_whom(seen))


def _learn(
    asked: Sequence[tuple[RecordVotes, frozenset[str]]], scale: str, like: str
) -> list[Learned]:
    """What pools say without some families; those of one vintage are learned together."""
    unknown: dict[RecordVotes, list[tuple[RecordVotes, frozenset[str]]]] = {}
    for pool, aside in dict.fromkeys(asked):
        if (aside, scale, like) not in pool._learned:
            unknown.setdefault(pool._exchange.base, []).append((pool, aside))
    for base, those in unknown.items():
        exchanges = [pool._exchange.less(aside) for pool, aside in those]
        learned = base._learn_each(exchanges, scale, like)
        for (pool, aside), one in zip(those, learned, strict=True):
            pool._learned[aside, scale, like] = one
    return [pool._learned[aside, scale, like] for pool, aside in asked]


def _flags(votes: Sequence[Seen], scale: str, like: str) -> Flags:
    """Who is on a scale, who rises in a like unit, and who was watched, shape (3, n)."""
    rows = [
        (
            one.scale == scale,
            one.scale == scale and like_whom(one) == like and len(one.points.years) > 1,
            one.exposure_years > 0,
        )
        for one in votes
    ]
    return np.array(rows, dtype=np.bool_).reshape(-1, 3).T


def _prior(slopes: MeanFit | None, n_families: int) -> Prior:
    """Of the slope of a family outside the pool, as that of a walk's drift."""
    if slopes is None:
        return WIDE
    variance = slopes.tau2 + slopes.variance
    return Prior(slopes.mean, variance * few(n_families) ** 2)
