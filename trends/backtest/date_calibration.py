"""How often intervals of dates held the date, and between which quantiles 80% came.

F(T), the probability that a forecast gave to a crossing by the day T on which it
came, is uniform where forecasts are right. Most dates are yet to come: F(T) is then
known to lie above F(end of the figures). It is right-censored, and its law is
estimated by Kaplan and Meier (1958), each benchmark family weighing the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.backtest.calibration import MIN_FAMILIES
from trends.fits.links import Floats
from trends.registry.models import TrendFamily
from trends.registry.weights import DateInterval, Scale

_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class DateCoverage:
    """How often date intervals held the date, as far as the data can tell.

    Attributes:
        coverage: estimated P(low < F(T) <= high); None where no bar was watched to
            the end of its interval.
        came_before: estimated P(F(T) <= low), (1 - nominal)/2 where right.
        lower_level: the quantile before which no more than (1 - nominal)/2 of dates
            came; None with too few families to say.
        upper_level: the quantile after which no more came; None also where no bar was
            watched that long.
        came_before_left_out: share of each family's dates that came before the lower
            quantile that the other families give, averaged over families.
        came_after_left_out: the same of the upper quantile.
        n: forecasts of a date.
        n_crossed: of those, how many dates came within the window.
        n_families: benchmark families.
    """

    coverage: float | None
    came_before: float | None
    lower_level: float | None
    upper_level: float | None
    came_before_left_out: float | None
    came_after_left_out: float | None
    n: int
    n_crossed: int
    n_families: int


def date_coverage(
    transforms: Floats,
    crossed: Sequence[bool],
    families: Sequence[str],
    *,
    nominal: float,
) -> DateCoverage:
    """Coverage of central date intervals, and the quantiles that would have it.

    Args:
        transforms: F(T), or F(end) where not crossed, shape (n,).
        crossed: whether the date came.
        families: benchmark family of each.
        nominal: for example 0.8.
    """
    everything = _Watched(
        transforms, np.asarray(crossed, dtype=bool), np.asarray(families)
    )
    low, high = (1 - nominal) / 2, (1 + nominal) / 2
    above_low = everything.later_than(low)
    inside = None
    # where the last bar watched was crossed, nothing past it was seen, and not nothing
    if above_low is not None and (above_low <= 0 or np.any(transforms >= high)):
        inside = above_low - (everything.later_than(high) or 0.0)
    before, after = [], []
    for name in everything.names:
        own, rest = everything.split(name)
        lower, upper = rest.levels(low)
        if lower is not None and (earlier := own.earlier_than(lower)) is not None:
            before.append(earlier)
        if upper is not None and (later := own.later_than(upper)) is not None:
            after.append(later)
    lower, upper = everything.levels(low)
    return DateCoverage(
        coverage=inside,
        came_before=None if above_low is None else 1 - above_low,
        lower_level=lower,
        upper_level=upper,
        came_before_left_out=float(np.mean(before)) if before else None,
        came_after_left_out=float(np.mean(after)) if after else None,
        n=len(transforms),
        n_crossed=int(everything.came.sum()),
        n_families=len(everything.names),
    )


def date_interval(
    found: DateCoverage, *, scale: Scale, trend: TrendFamily, nominal: float
) -> DateInterval:
    """The same as a row of weights.yaml, to four decimals."""
    return DateInterval(
        scale=scale,
        trend=trend,
        nominal=nominal,
        coverage=rounded(found.coverage),
        came_before=rounded(found.came_before),
        lower_level=rounded(found.lower_level),
        upper_level=rounded(found.upper_level),
        came_before_left_out=rounded(found.came_before_left_out),
        came_after_left_out=rounded(found.came_after_left_out),
        n_forecasts=found.n,
        n_crossed=found.n_crossed,
        n_families=found.n_families,
    )


def rounded(value: float | None) -> float | None:
    """To four decimals, of what is known."""
    return None if value is None else round(value, 4)


@dataclass(frozen=True)
class _Watched:
    """Transforms of dates, and of ends of the figures where no date came.

    Attributes:
        transforms: shape (n,).
        came: whether it is that of a date.
        families: benchmark family of each.
    """

    transforms: Floats
    came: npt.NDArray[np.bool_]
    families: npt.NDArray[np.str_]

    @property
    def names(self) -> npt.NDArray[np.str_]:
        return np.unique(self.families)

    def split(self, name: str) -> tuple["_Watched", "_Watched"]:
        """One family, and the others."""
        ours = self.families == name
        own, rest = (
            _Watched(self.transforms[kept], self.came[kept], self.families[kept])
            for kept in (ours, ~ours)
        )
        return own, rest

    def later_than(self, at: float) -> float | None:
        """P(F(T) > at); None where nobody is watched that long."""
        times, later = self._survival()
        past = times <= at
        survival = float(later[past][-1]) if past.any() else 1.0
        return survival if np.any(self.transforms >= at) or survival <= 0 else None

    def earlier_than(self, at: float) -> float | None:
        """P(F(T) < at); None where nobody is watched that long."""
        later = self.later_than(np.nextafter(at, 0.0))
        return None if later is None else 1 - later

    def levels(self, miss: float) -> tuple[float | None, float | None]:
        """Levels of F beyond which, on either side, no more than ``miss`` of T lie.

        The family that is forecast next stands among those watched and is missed, the
        cost of a finite number of families.
        """
        n = len(self.names)
        if 1 / (n + 1) > miss + _ROUNDING:
            return None, None
        times, later = self._survival()
        came = 1 - later
        # a date on the end of an interval is inside it
        too_many = times[(n * came + 1) / (n + 1) > miss + _ROUNDING]
        enough = times[n * came / (n + 1) >= 1 - miss - _ROUNDING]
        return self._first_watched(too_many), self._first_watched(enough)

    def _first_watched(self, levels: Floats) -> float | None:
        """The first of them, if as much as five families was watched to there.

        Of bars whose dates came nobody knows how long they would have been watched;
        the share that is watched to a level is estimated as that of dates is, with
        the ends of the figures for events.
        """
        if len(levels) == 0:
            return None
        ends = _Watched(self.transforms, ~self.came, self.families)
        watched = 1 - (ends.earlier_than(levels[0]) or 0.0)
        return float(levels[0]) if watched * len(self.names) >= MIN_FAMILIES else None

    def _survival(self) -> tuple[Floats, Floats]:
        """Transforms at which dates came, rising, and P(F(T) > each) (Kaplan-Meier)."""
        _, member = np.unique(self.families, return_inverse=True)
        weights = 1 / np.bincount(member)[member]
        times, place = np.unique(self.transforms[self.came], return_inverse=True)
        here = np.zeros(len(times))
        np.add.at(here, place, weights[self.came])
        order = np.argsort(self.transforms)
        gone = np.concatenate([[0.0], np.cumsum(weights[order])])
        first = np.searchsorted(self.transforms[order], times, side="left")
        at_risk = gone[-1] - gone[first]
        left = 1 - here / at_risk
        # of the last one watched nothing is left, whatever the sums were rounded to
        left[left < _ROUNDING] = 0.0
        return times, np.asarray(np.cumprod(left), dtype=np.float64)
