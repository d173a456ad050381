"""A stated belief as a distribution, and how far one distribution is from another."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
from scipy.special import ndtr, ndtri

from trends.crossings.answers import Answer, Crossed
from trends.dates import DAYS_PER_YEAR, years_between
from trends.fits.links import Floats

WINDOW_YEARS: Final = 10
"""Distances are taken over this many years from as_of."""

Shape = Literal["lognormal", "weibull"]
Point = tuple[date, float]
"""A day, and the probability by then."""


@dataclass(frozen=True)
class Belief:
    """The curve of one shape through two probabilities.

    Both shapes are straight lines against ln(years since it was made): the lognormal
    on the normal quantile, the Weibull on ln(-ln(1 - p)).

    Attributes:
        shape: which of the two.
        made_on: day at which the time to the event starts.
        location: value of ln(years) at which the transformed probability is zero.
        scale: ln(years) for each unit of the transformed probability; for the
            lognormal the two are mu and sigma.
    """

    shape: Shape
    made_on: date
    location: float
    scale: float

    def p_by(self, days: Floats) -> Floats:
        """P(event) by each day, given as ordinals."""
        years = np.maximum(days - self.made_on.toordinal(), 0.0) / DAYS_PER_YEAR
        log_years = np.log(years, out=np.full_like(years, -np.inf), where=years > 0)
        standard = (log_years - self.location) / self.scale
        if self.shape == "lognormal":
            return np.asarray(ndtr(standard))
        return np.asarray(-np.expm1(-np.exp(standard)))

    def quantile(self, level: float) -> date:
        """Last whole day before the level is reached."""
        years = np.exp(self.location + self.scale * _transformed(self.shape, level))
        return self.made_on + timedelta(days=int(years * DAYS_PER_YEAR))


def belief_through(shape: Shape, made_on: date, first: Point, second: Point) -> Belief:
    """The one curve of the shape through two points.

    Raises:
        ValueError: the points are no rising curve after ``made_on``.
    """
    (day1, p1), (day2, p2) = sorted([first, second])
    if not (made_on < day1 < day2 and 0 < p1 < p2 < 1):
        raise ValueError(
            f"no {shape} from {made_on} goes through {p1:g} by {day1} and {p2:g} by "
            f"{day2}: the second should be later and more likely"
        )
    log1 = np.log(years_between(made_on, day1))
    log2 = np.log(years_between(made_on, day2))
    q1, q2 = _transformed(shape, p1), _transformed(shape, p2)
    scale = (log2 - log1) / (q2 - q1)
    return Belief(shape, made_on, float(log1 - scale * q1), float(scale))


def distance_years(answer: Answer, belief: Belief, *, as_of: date) -> float | None:
    """Integral of |F - G| over the window from as_of, in years.

    It is the Wasserstein-1 distance of the two laws with everything outside the window
    moved to its ends, so that mass at "never" counts, but not infinitely.
    """
    days = as_of.toordinal() + np.arange(WINDOW_YEARS * DAYS_PER_YEAR)
    if isinstance(answer, Crossed):
        ours = (days >= answer.on.toordinal()).astype(np.float64)
    elif answer.distribution is None:
        return None
    else:
        law = answer.distribution
        known = law.start.toordinal() + np.arange(len(law.cdf))
        ours = np.interp(days, known, law.cdf, left=0.0)
    return float(np.sum(np.abs(ours - belief.p_by(days)))) / DAYS_PER_YEAR


def _transformed(shape: Shape, level: float) -> float:
    if shape == "lognormal":
        return float(ndtri(level))
    return float(np.log(-np.log1p(-level)))
