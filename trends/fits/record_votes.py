"""What series show of their records, and what the families say of it to each other."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from trends.dates import years_since
from trends.fits.links import GOMPERTZ, Floats, Link, gompertz
from trends.fits.pace import (
    MIN_POINTS,
    WIDE,
    Hyper,
    HyperCrowd,
    Line,
    Points,
    Told,
    fit_hyper,
    learn_hypers,
    local_trend,
    pool_slopes,
)
from trends.fits.panels import MANY_FAMILIES, MIN_POOL_FAMILIES, few
from trends.fits.record_law import RecordLaw
from trends.fits.regression import MeanFit
from trends.fits.waiting import (
    WIDE_WAIT,
    Stands,
    WaitingCrowd,
    WaitingPrior,
    Watched,
    fit_waiting,
)
from trends.fits.walks import Prior
from trends.registry.series import Series

_STEP: Final = 0.05
"""Of a finite difference of a parameter."""


@dataclass(frozen=True)
class Seen:
    """What a series shows of its records under one ceiling.

    Attributes:
        series: the series.
        scale: on which it is compared with others.
        points: its top scores; years since the first score.
        stands: how long its records stood.
        record: today's, on the link scale.
        until: the last look, in years since the first score.
    """

    series: Series
    scale: str
    points: Points
    stands: Stands
    record: float
    until: float

    @property
    def family_id(self) -> str:
        """Of its benchmark."""
        return self.series.benchmark.family_id

    @property
    def is_bounded(self) -> bool:
        """Whether its scores are shares."""
        return self.series.benchmark.unit.is_bounded

    @property
    def exposure_years(self) -> float:
        """From the first score to the last look."""
        return self.until

    @cached_property
    def told(self) -> Told:
        """What its points say of slope and variances."""
        return Told.by(self.points)

    @cached_property
    def line(self) -> Line | None:
        """The straight line through its points."""
        return Line.through(self.points)

    @cached_property
    def watched(self) -> Watched:
        """What its stands say of waits; one row."""
        return Watched.of([self.stands])


def see_records(
    series: Series,
    records: pl.DataFrame,
    scores: pl.DataFrame,
    ceiling: float | None,
    observed_through: date,
) -> Seen:
    """What one series shows of its records under one ceiling.

    Scores after the last look say nothing: of a test that is closed they are those of
    models that nobody takes for the frontier.

    Args:
        series: the series.
        records: its FRONTIER rows.
        scores: its SERIES_SCORES rows.
        ceiling: one of its prior; None takes the largest.
        observed_through: last day on which a record could have been seen.
    """
    if ceiling is None and series.benchmark.ceiling is not None:
        ceiling = series.benchmark.ceiling.values[-1]
    link = Link.of(series.benchmark, ceiling)
    set_on = records.get_column("frontier_date").to_list()
    end = max(observed_through, set_on[-1])
    times = years_since(set_on[0], [*set_on, end])
    days = years_since(set_on[0], scores.get_column("frontier_date").to_list())
    levels = on_scale(link, link.of_scores(scores.get_column("score").to_numpy()))
    best = on_scale(link, link.of_scores(records.get_column("score").to_numpy()[-1:]))
    watched = days <= times[-1]
    return Seen(
        series=series,
        scale=_scale_name(link),
        points=Points.among(days[watched], levels[watched]),
        stands=Stands.of(times[:-1], float(times[-1])),
        record=float(best[0]),
        until=float(times[-1]),
    )


def on_scale(link: Link, levels: Floats) -> Floats:
    """Levels of a link on the scale of this family: of bounded scores Gompertz'."""
    return gompertz(levels) if link.name == "logit" else levels


class RecordVotes:
    """What the series of a vintage show of their records, one a family.

    Attributes:
        votes: one of each family and scale.
    """

    def __init__(self, votes: Sequence[Seen]) -> None:
        """Of votes, from ``one_vote_a_family``."""
        self.votes = list(votes)
        self._watched = Watched.joined([one.watched for one in self.votes])
        self._told = Told.stacked([one.told for one in self.votes])
        self._learned: dict[tuple[frozenset[str], str, str], Learned] = {}
        self._hyper_crowds: dict[tuple[str, str], HyperCrowd] = {}

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
        here = own.parameters(seen)
        found = [here + one.parameters(seen) - whole.parameters(seen) for one in less]
        return Nearly(seen, families, here, np.array(found).reshape(-1, len(here)))

    def _far(self, scale: str, like: str) -> list[str]:
        """Families by name; of very many those whose slopes and waits stand apart."""
        families = sorted({one.family_id for one in self.votes})
        if len(families) <= MANY_FAMILIES:
            return families
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
        left = [
            one
            for one in self.votes
            if one.is_bounded != bounded or one.family_id not in families
        ]
        return RecordVotes(
            sorted([*left, *put], key=lambda one: (one.scale, one.family_id))
        )

    def _learn_once(self, aside: frozenset[str], scale: str, like: str) -> "Learned":
        key = aside, scale, like
        if key not in self._learned:
            self._learned[key] = self._learn(aside, scale, like)
        return self._learned[key]

    def _learn(self, aside: frozenset[str], scale: str, like: str) -> "Learned":
        others = [
            place for place, one in enumerate(self.votes) if one.family_id not in aside
        ]
        on_scale = [place for place in others if self.votes[place].scale == scale]
        alike = [place for place in on_scale if like_whom(self.votes[place]) == like]
        rising = [place for place in alike if len(self.votes[place].points.years) > 1]
        slopes = None
        if len(rising) >= MIN_POOL_FAMILIES:
            slopes = pool_slopes(self.votes[place].line for place in rising)
        prior = _prior(slopes, len(rising))
        if aside and len(self.votes) > MANY_FAMILIES:
            waiting, likely = self._step(aside, scale, like, prior)
        else:
            watched = [one for one in others if self.votes[one].exposure_years > 0]
            enough = len(watched) >= MIN_POOL_FAMILIES
            waiting = fit_waiting(self._watched.only(watched)) if enough else None
            likely = learn_hypers(self._told.of(on_scale).under(prior))
        return Learned(
            waiting=WIDE_WAIT if waiting is None else waiting,
            likely=likely,
            slopes=slopes,
            n_slopes=len(rising),
        )

    def _step(
        self, aside: frozenset[str], scale: str, like: str, prior: Prior
    ) -> tuple[WaitingPrior | None, Floats]:
        """Waits and variances without a few of very many families."""
        out = [place for place, one in enumerate(self.votes) if one.family_id in aside]
        on_scale = [place for place in out if self.votes[place].scale == scale]
        told = self._told.of(on_scale).under(prior)
        waiting = None if self._crowd is None else self._crowd.without(out)
        return waiting, self._hyper_crowd(scale, like).without(told)

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
        waiting, hyper = self.waiting, fit_hyper(seen.told, self.likely, self.prior)
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
            local_trend(seen.points, hyper, prior, seen.until),
            hyper,
            waiting.given(seen.stands),
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


def like_whom(seen: Seen) -> str:
    """Whose slopes are comparable: bounded scores, or scores in the same unit."""
    if seen.scale == GOMPERTZ:
        return f"{GOMPERTZ} scale"
    return seen.series.benchmark.unit.value


def _scale_name(link: Link) -> str:
    return GOMPERTZ if link.name == "logit" else "ln"
