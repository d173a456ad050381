"""Confidence sets for the date at which a fitted curve reaches a bar.

A set is the dates that a test at some level does not reject, so it need not be an
interval: a trend that may not rise leaves "never" in it, and one that says nothing
leaves every date.
"""

from dataclasses import dataclass
from math import inf, sqrt
from typing import Final

import numpy as np
from scipy import optimize, stats

from trends.fits.links import Floats
from trends.fits.sigmoid_profile import SigmoidProfile

FARTHEST_YEARS: Final = 1000.0
"""How far from the scores a profile set is followed; beyond it an end is open."""


@dataclass(frozen=True)
class Interval:
    """Years from ``low`` to ``high``; infinite where it is open."""

    low: float
    high: float


@dataclass(frozen=True)
class ConfidenceSet:
    """The dates that are not rejected.

    Attributes:
        parts: apart and in order, in years since the epoch of the fit. None: every
            date is rejected. One: an interval, a half-line or the whole line. Two:
            half-lines, all but the dates between them.
        has_never: whether "the bar is never reached" is not rejected either.
    """

    parts: tuple[Interval, ...]
    has_never: bool

    @property
    def is_bounded(self) -> bool:
        """Whether it is an interval of dates and nothing else."""
        return (
            len(self.parts) == 1
            and -inf < self.parts[0].low
            and self.parts[0].high < inf
            and not self.has_never
        )

    def __contains__(self, years: float) -> bool:
        """Whether a date is in it."""
        return any(part.low <= years <= part.high for part in self.parts)


def fieller_set(
    *,
    estimate: tuple[float, float],
    covariance: Floats,
    df: float,
    bar: float,
    coverage: float,
) -> ConfidenceSet:
    """Where a straight line reaches a bar (Fieller 1954, JRSS B 16:175).

    {t: (b0 + b1 t - y)^2 <= q^2 (V00 + 2 t V01 + t^2 V11)}, with q of t(df). It is an
    interval where the slope differs from 0 at this level. Where it does not, "never"
    belongs to the set, and so do far dates to either side.

    Args:
        estimate: intercept b0 and slope b1.
        covariance: V, shape (2, 2).
        df: degrees of freedom.
        bar: y, on the scale of the line.
        coverage: probability with which the set holds the true date.
    """
    b0, b1 = estimate[0] - bar, estimate[1]
    q2 = float(stats.t.ppf((1 + coverage) / 2, df)) ** 2
    a = b1**2 - q2 * float(covariance[1, 1])
    half_b = b0 * b1 - q2 * float(covariance[0, 1])
    c = b0**2 - q2 * float(covariance[0, 0])
    if a == 0:
        return _half_line(half_b, c)
    discriminant = half_b**2 - a * c
    if discriminant < 0 and a < 0:
        return ConfidenceSet((Interval(-inf, inf),), has_never=True)
    # with a > 0 it is negative by rounding only: the fitted line's own date is a member
    half_width = sqrt(max(discriminant, 0.0))
    low, high = sorted((-half_b + sign * half_width) / a for sign in (-1, 1))
    if a > 0:
        return ConfidenceSet((Interval(low, high),), has_never=b1 <= 0)
    return ConfidenceSet((Interval(-inf, low), Interval(high, inf)), has_never=True)


def profile_set(
    profile: SigmoidProfile, *, bar: float, coverage: float
) -> ConfidenceSet:
    """Where a logistic with an estimated ceiling reaches a bar.

    The dates whose confidence lies between (1 - coverage) / 2 and (1 + coverage) / 2:
    the set that the scaled profile likelihood does not reject.

    Args:
        profile: the fitted scores.
        bar: score above the floor.
        coverage: probability with which the set holds the true date.
    """
    tail = (1 - coverage) / 2
    ever = float(profile.confidence(np.array([inf]), np.array([bar]))[0])
    has_never = ever <= 1 - tail
    if ever < tail:
        return ConfidenceSet((), has_never)
    low = _reached_with(profile, bar, tail)
    high = inf if has_never else _reached_with(profile, bar, 1 - tail)
    return ConfidenceSet((Interval(low, high),), has_never)


def _reached_with(profile: SigmoidProfile, bar: float, confidence: float) -> float:
    """First date by which the bar is reached with this confidence."""
    last = float(profile.years.max())
    steps = np.concatenate(
        [
            np.linspace(profile.years.min() - FARTHEST_YEARS, last - 10, 40),
            np.linspace(last - 10, last + 10, 400)[1:],
            last + np.geomspace(10, FARTHEST_YEARS, 60)[1:],
        ]
    )
    found = profile.confidence(steps, np.full(len(steps), bar))
    if found[0] >= confidence:
        return -inf
    if found.max() < confidence:
        return inf
    after = int(np.argmax(found >= confidence))

    def excess(years: float) -> float:
        reached = profile.confidence(np.array([years]), np.array([bar]))
        return float(reached[0]) - confidence

    return float(optimize.brentq(excess, steps[after - 1], steps[after], xtol=1e-9))


def _half_line(half_b: float, c: float) -> ConfidenceSet:
    """{t: 2 half_b t + c <= 0}: the slope differs from 0 by exactly the quantile."""
    if half_b == 0:
        return ConfidenceSet((Interval(-inf, inf),) if c <= 0 else (), has_never=True)
    end = -c / (2 * half_b)
    part = Interval(-inf, end) if half_b > 0 else Interval(end, inf)
    return ConfidenceSet((part,), has_never=True)
