"""What series show of their records, and what the families say of it to each other."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from trends.fits.links import Floats
from trends.fits.pace import (
    MIN_POINTS,
    WIDE,
    Hyper,
    HyperCrowd,
    Told,
    learn_hypers,
)
from trends.fits.panels import MANY_FAMILIES, MIN_POOL_FAMILIES, few
from trends.fits.record_law import RecordLaw
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

_STEP: Final = 0.05
"""Of a finite difference of a parameter."""


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
        self._rising_votes: dict[tuple[str, str], _Rising] = {}
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
        aside = frozenset({seen.family_id, without or seen.family_id})
        return self._learn_once(aside, seen.scale, like_whom(seen))

    def nearly_without(self, seen: Seen) -> "Nearly":
        """About what a series would learn with one other family left out.

        What a family changes is taken from the votes of all, the series' own among
        them: close enough to tell which are worth leaving out in earnest. Of very many
        families only those are tried that stand furthest from the others.
        """
        scale, like, own = seen.scale, like_whom(seen), self.learn(seen)
        whole = self._learn_once(frozenset(), scale, like)
        families = [one for one in self._far(scale, like) if one != seen.family_id]
        less = [self._learn_once(frozenset({one}), scale, like) for one in families]
        here, of_all = own.parameters(seen), whole.parameters(seen)
        found = [here + one.parameters(seen) - of_all for one in less]
        return Nearly(seen, families, here, np.array(found).reshape(-1, len(here)))

    def _far(self, scale: str, like: str) -> list[str]:
        """Families by name; of very many those whose slopes and waits stand apart."""
        if len(self._places) <= MANY_FAMILIES:
            return sorted(self._places)
        if (scale, like) not in self._furthest:
            self._furthest[scale, like] = self._furthest_of_all(scale, like)
        return self._furthest[scale, like]

    def _furthest_of_all(self, scale: str, like: str) -> list[str]:
        slopes = self._learn_once(frozenset(), scale, like).slopes
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
        if len(self.votes) > MANY_FAMILIES and self._exchange.base is self:
            return RecordVotes([], exchange=exchange)
        return RecordVotes(exchange.votes)

    def _learn_once(self, aside: frozenset[str], scale: str, like: str) -> "Learned":
        key = aside, scale, like
        if key not in self._learned:
            self._learned[key] = self._learn(aside, scale, like)
        return self._learned[key]

    def _learn(self, aside: frozenset[str], scale: str, like: str) -> "Learned":
        base, out, put = self._exchange.less(aside)
        n_rising, slopes = base.rising(scale, like).exchanged(out, put)
        prior = _prior(slopes, n_rising)
        if (aside or out or put) and len(base.votes) > MANY_FAMILIES:
            waiting, likely = base.step(out, put, scale, prior, like)
        else:
            gone = set(out)
            others = [place for place in range(len(self.votes)) if place not in gone]
            on_scale = [place for place in others if self.votes[place].scale == scale]
            watched = [one for one in others if self.votes[one].exposure_years > 0]
            enough = len(watched) >= MIN_POOL_FAMILIES
            waiting = fit_waiting(self._watched.only(watched)) if enough else None
            likely = learn_hypers(self._told.of(on_scale).under(prior))
        return Learned(
            waiting=WIDE_WAIT if waiting is None else waiting,
            likely=likely,
            slopes=slopes,
            n_slopes=n_rising,
        )

    def step(
        self,
        out: Sequence[int],
        put: Sequence[Seen],
        scale: str,
        prior: Prior,
        like: str,
    ) -> tuple[WaitingPrior | None, Floats]:
        """Waits and variances of very many, a few of them exchanged."""
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

    def places_of(self, families: Iterable[str]) -> list[int]:
        """Where the votes of some families stand, rising."""
        return sorted(place for one in families for place in self._places.get(one, ()))

    def rising(self, scale: str, like: str) -> "_Rising":
        """The votes whose slopes are pooled for series of a unit."""
        if (scale, like) not in self._rising_votes:
            found = _Rising(self.votes, scale, like)
            self._rising_votes[scale, like] = found
        return self._rising_votes[scale, like]

    def _hyper_crowd(self, scale: str, like: str) -> HyperCrowd:
        if (scale, like) not in self._hyper_crowds:
            prior = self._learn_once(frozenset(), scale, like).prior
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

    def less(
        self, families: Collection[str]
    ) -> tuple[RecordVotes, list[int], list[Seen]]:
        """The same with some families left out too."""
        out = {*self.out, *self.base.places_of(families)}
        put = [one for one in self.put if one.family_id not in families]
        return self.base, sorted(out), put


class _Rising:
    """Votes of a like unit with more than one point, whose slopes are pooled."""

    def __init__(self, votes: Sequence[Seen], scale: str, like: str) -> None:
        self._of = scale, like
        self._places = np.array(
            [place for place, one in enumerate(votes) if self._is_in(one)], dtype=int
        )
        self._lines = Lines.of([votes[place].line for place in self._places])

    def exchanged(
        self, out: Sequence[int], put: Sequence[Seen]
    ) -> tuple[int, MeanFit | None]:
        """How many there are without some and with others, and what their slopes are.

        None where they are too few.
        """
        lines = self._lines.only(~np.isin(self._places, out))
        if more := [one.line for one in put if self._is_in(one)]:
            lines = lines.and_also(Lines.of(more))
        n = len(lines.fixed)
        return n, pool_slopes(lines) if n >= MIN_POOL_FAMILIES else None

    def _is_in(self, one: Seen) -> bool:
        return (one.scale, like_whom(one)) == self._of and len(one.points.years) > 1


@dataclass(frozen=True)
class Learned:
    """What other families say before a series is looked at.

    Attributes:
        waiting: of waiting times; wide where too few families say anything.
        likely: of the trend's variances, on their grid.
        slopes: of slopes; None where too few families say anything.
        n_slopes: families behind it.
    """

    waiting: WaitingPrior
    likely: Floats
    slopes: MeanFit | None
    n_slopes: int

    @property
    def prior(self) -> Prior:
        """Of the slope."""
        return _prior(self.slopes, self.n_slopes)

    def parameters(self, seen: Seen) -> Floats:
        """All that a law of a series is made from besides its own points, shape (7,).

        Mean slope; logarithms of its variance, of scatter and wander, and of the rate
        of records, its dispersion and its power. What nobody says is not a number.
        """
        waiting, hyper = self.waiting, seen.hyper(self.likely, self.prior)
        logs = [self.prior.variance, hyper.scatter, hyper.wander]
        of_waits = [waiting.rate, waiting.dispersion, waiting.power]
        mean = self.prior.mean if self.slopes is not None else np.nan
        return np.array([mean, *np.log([*logs, *of_waits])])

    def tells(self, seen: Seen) -> bool:
        """Whether it says enough beside what a series shows itself.

        Others stand in for a slope that it does not show, and for waits of which it has
        seen no end.
        """
        of_slope = self.slopes is not None or len(seen.points.years) >= MIN_POINTS
        of_waits = self.waiting.n_families > 0 or seen.stands.n > 0
        return of_slope and of_waits


@dataclass(frozen=True)
class Nearly:
    """About what a series would learn with one other family left out.

    Attributes:
        seen: what the series shows itself.
        family_ids: n other families, by name.
        parameters: as they are, shape (7,).
        without: without each family, shape (n, 7).
    """

    seen: Seen
    family_ids: list[str]
    parameters: Floats
    without: Floats

    def law(self, parameters: Floats) -> RecordLaw:
        """Of the series with these parameters, shape (7,)."""
        variance, scatter, wander, rate, dispersion, power = np.exp(parameters[1:])
        hyper, prior = Hyper(scatter, wander), Prior(float(parameters[0]), variance)
        waiting = WaitingPrior(rate, dispersion, power, len(self.family_ids))
        seen = self.seen
        return RecordLaw(
            seen.record,
            seen.trend(hyper, prior),
            hyper,
            waiting.given(seen.stands),
            seen.ahead,
        )

    def moves(self, of: Callable[[RecordLaw], float]) -> Floats:
        """About how much each family's absence moves a number, to first order.

        Infinite where something would be said no more. A parameter that nobody states
        as it is moves nothing.

        Args:
            of: the number, of a law.

        Returns:
            Shape (n,).
        """
        stated = np.isfinite(self.parameters)
        base = np.where(stated, self.parameters, 0.0)
        changes = np.where(stated, self.without - self.parameters, 0.0)
        slopes = np.zeros(len(base))
        for place in np.flatnonzero(stated):
            step = np.zeros(len(base))
            step[place] = _STEP
            slopes[place] = of(self.law(base + step)) - of(self.law(base - step))
        found: Floats = changes @ slopes / (2 * _STEP)
        return np.where(np.isfinite(found), found, np.inf)


def _prior(slopes: MeanFit | None, n_families: int) -> Prior:
    """Of the slope of a family outside the pool, as that of a walk's drift."""
    if slopes is None:
        return WIDE
    variance = slopes.tau2 + slopes.variance
    return Prior(slopes.mean, variance * few(n_families) ** 2)
