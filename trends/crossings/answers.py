"""The three answers to "when is this bar crossed": it is, nobody can say, or a law.

Each knows its status, its masses, its dates and its words, so that no table has to
ask which of the three it holds. A label is never empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple, Protocol

import numpy as np

from trends.crossings.distribution import CrossingDistribution
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats
from trends.words import percent

_MOST: Final = 2 / 3

_KNOWN_TO: Final = 0.01
"""No probability is known better."""


@dataclass(frozen=True)
class Masses:
    """Where the probability lies; all None if unknown.

    By projection_end, after it and never sum to 1; the last two sum to never.
    """

    p_crossed_by_as_of: float | None = None
    p_crossed_by_projection_end: float | None = None
    p_after_projection_end: float | None = None
    p_never: float | None = None
    p_above_ceiling: float | None = None
    p_progress_stops: float | None = None


class Told(NamedTuple):
    """What is said of some quantiles, a value each: their columns in the tables."""

    crossing_date: Sequence[date | None]
    crossing_label: Sequence[str]
    mc_error_days: Sequence[float | None]


class Answer(Protocol):
    """What the published tables need to know of one bar under one family."""

    @property
    def status(self) -> str:
        """One of ``tables.CROSSING_STATUSES``."""

    @property
    def reason(self) -> str:
        """What the answer rests on, or why there is none."""

    @property
    def n_draws(self) -> int:
        """Parameter draws behind it; 0 where it is exact."""

    @property
    def distribution(self) -> CrossingDistribution | None:
        """The law, where there is one."""

    @property
    def if_ever(self) -> "Answer":
        """The answer given that the bar is crossed at all."""

    def masses(self, as_of: date) -> Masses:
        """Where the probability lies."""

    def date_at(self, level: float) -> date | None:
        """The quantile; None where the distribution does not reach it."""

    def label_at(self, level: float) -> str:
        """The quantile in words."""

    def median_label(self, as_of: date) -> str:
        """The median in words, with what a reader could otherwise mistake."""

    def monte_carlo_error_days(self, level: float) -> float | None:
        """Monte Carlo error of the quantile."""

    def told_at(self, levels: Sequence[float]) -> Told:
        """Date, label and error of several quantiles."""


@dataclass(frozen=True)
class Crossed:
    """A published score has reached the bar."""

    on: date
    reason: str = "a published score has reached it"
    status: str = "already_crossed"
    n_draws: int = 0
    distribution: None = None

    @property
    def if_ever(self) -> "Crossed":
        """It is."""
        return self

    def masses(self, as_of: date) -> Masses:
        """All of it on a day that has passed."""
        return Masses(1.0, 1.0, 0.0, 0.0, 0.0, 0.0)

    def date_at(self, level: float) -> date:
        """The day of the crossing."""
        return self.on

    def label_at(self, level: float) -> str:
        """The day of the crossing, marked as a fact."""
        return f"crossed {self.on.isoformat()}"

    def median_label(self, as_of: date) -> str:
        """As ``label_at``."""
        return self.label_at(0.5)

    def monte_carlo_error_days(self, level: float) -> float:
        """A fact has none."""
        return 0.0

    def told_at(self, levels: Sequence[float]) -> Told:
        """The same at every level."""
        n = len(levels)
        return Told([self.on] * n, [self.label_at(0.5)] * n, [0.0] * n)


@dataclass(frozen=True)
class NotEstimated:
    """No law can be given, and ``reason`` says why."""

    reason: str
    status: str = "not_estimated"
    n_draws: int = 0
    distribution: None = None

    @property
    def if_ever(self) -> "NotEstimated":
        """As little is known of that."""
        return self

    def masses(self, as_of: date) -> Masses:
        """Unknown."""
        return Masses()

    def date_at(self, level: float) -> None:
        """There is none."""

    def label_at(self, level: float) -> str:
        """That nothing is estimated."""
        return "not estimated"

    def median_label(self, as_of: date) -> str:
        """That nothing is estimated, and why."""
        return f"not estimated: {self.reason}"

    def monte_carlo_error_days(self, level: float) -> None:
        """There is none."""

    def told_at(self, levels: Sequence[float]) -> Told:
        """The same at every level."""
        n = len(levels)
        return Told([None] * n, [self.label_at(0.5)] * n, [None] * n)


@dataclass(frozen=True)
class Estimated:
    """A distribution of the crossing date.

    Attributes:
        distribution: the law.
        reason: what it rests on.
        known_to: how far off its probabilities may be, which its words allow for.
    """

    distribution: CrossingDistribution
    reason: str
    known_to: float = _KNOWN_TO

    @property
    def status(self) -> str:
        """Expected if there is a median; else by where half the mass is."""
        if self.distribution.quantile(0.5) is not None:
            return "expected"
        return "never" if self.distribution.p_never >= 0.5 else "after_projection_end"

    @property
    def if_ever(self) -> "Estimated":
        """The same given that the bar is crossed at all, unless it hardly ever is.

        A share of what may be crossed is known less well than one of all.
        """
        law = self.distribution
        if law.p_never > 1 - 2 * self.known_to:
            return self
        known_to = self.known_to / (1 - law.p_never)
        return replace(self, distribution=law.if_ever, known_to=known_to)

    @property
    def n_draws(self) -> int:
        """Draws of the distribution."""
        return self.distribution.n_draws

    def masses(self, as_of: date) -> Masses:
        """Masses of the distribution."""
        law = self.distribution
        return Masses(
            law.p_by(as_of),
            law.p_by_projection_end,
            law.p_after_projection_end,
            law.p_never,
            law.p_above_ceiling,
            law.p_progress_stops,
        )

    def date_at(self, level: float) -> date | None:
        """The quantile, unless it lies beyond the mass or the projection's end."""
        return self.distribution.quantile(level)

    def label_at(self, level: float) -> str:
        """A month or, where the law cannot tell it, a year; "after 2050" or "never"."""
        return self.told_at([level]).crossing_label[0]

    def told_at(self, levels: Sequence[float]) -> Told:
        """Date, label and error of several quantiles, each worked out once."""
        unknown = [level for level in levels if level not in self._told]
        if unknown:
            told = zip(*self._tell(unknown), strict=True)
            self._told.update(zip(unknown, told, strict=True))
        found = [self._told[level] for level in levels]
        return Told(
            [day for day, _, _ in found],
            [label for _, label, _ in found],
            [error for _, _, error in found],
        )

    @cached_property
    def _told(self) -> dict[float, tuple[date | None, str, float | None]]:
        return {}

    def _tell(self, levels: Sequence[float]) -> Told:
        law, at = self.distribution, np.array(levels)
        days, errors = [law.quantile(level) for level in levels], law.error_days(at)
        unknown = self._unknown_days(at, errors) if any(days) else errors
        labels = [
            self._beyond(level) if day is None else _in_words(day, error)
            for day, level, error in zip(days, levels, unknown.tolist(), strict=True)
        ]
        return Told(days, labels, [_if_known(one) for one in errors.tolist()])

    def _unknown_days(self, levels: Floats, errors: Floats) -> Floats:
        """The most of Monte Carlo error, ``known_to`` and the ceiling's judgement."""
        law = self.distribution
        known_to = law.days_within(levels, self.known_to)
        moved = law.days_otherwise(levels)
        return np.asarray(np.max([errors, known_to, moved], axis=0))

    def _beyond(self, level: float) -> str:
        """In words, a quantile that has no date."""
        if level > 1 - self.distribution.p_never:
            return "never"
        return f"after {self.distribution.projection_end.year}"

    def median_label(self, as_of: date) -> str:
        """As ``label_at``, with the probability of never where that is the answer.

        A median before ``as_of`` claims nothing that was seen: the figures end
        earlier, and the label says so.
        """
        if self.status == "never":
            return f"never ({percent(self.distribution.p_never)}{self._why_never})"
        day = self.date_at(0.5)
        if day is not None and day <= as_of:
            end = self.distribution.start.isoformat()
            return f"{self.label_at(0.5)} (not seen: figures end {end})"
        return self.label_at(0.5)

    @property
    def _why_never(self) -> str:
        above, never = self.distribution.p_above_ceiling, self.distribution.p_never
        if above is None:
            return " probability"
        ceiling = "the bar may lie above the ceiling"
        if above > never * _MOST:
            return f": {ceiling}"
        if above < never * (1 - _MOST):
            return ": progress may stop"
        return f": {ceiling}, or progress may stop"

    def monte_carlo_error_days(self, level: float) -> float | None:
        """Of the quantile; 0 for an exact law."""
        return _if_known(float(self.distribution.error_days(np.array(level))))


def _if_known(days: float) -> float | None:
    return None if np.isnan(days) else days


def _in_words(day: date, error_days: float) -> str:
    """A day as "2027-03", "2027" or "2020s".

    The finest of the three that is at least twice its error wide, so that another seed,
    a probability a point away or a ceiling judged .01 higher prints the same or its
    neighbour. An unknown error, NaN, counts as large.
    """
    if error_days <= DAYS_PER_YEAR / 12 / 2:
        return day.isoformat()[:7]
    if error_days <= DAYS_PER_YEAR / 2:
        return str(day.year)
    return f"{day.year // 10}0s"


def interval_label(answer: Answer, low: float, high: float) -> str:
    """Two quantiles in words: "2027-03 to after 2050"."""
    return interval_words(*answer.told_at([low, high]).crossing_label)


def interval_words(first: str, last: str) -> str:
    """Two labels in one."""
    return first if first == last else f"{first} to {last}"
