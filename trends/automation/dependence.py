"""Several dates at once: a one-factor Gaussian copula, integrated and not drawn.

Gate i is crossed by t exactly when sqrt(rho) Z + sqrt(1 - rho) E_i is at most the
normal quantile of F_i(t), with Z and every E_i independent standard normals (Li 2000,
"On default correlation"; Vasicek 1987). Given Z the gates are independent, so that
"k of n" is a Poisson-binomial tail, and the average over Z is one integral. It is what
reordering each gate's own draws would estimate: every marginal stays F_i, the mass of
"never" is the part of F_i that is missing, and there is no Monte Carlo error to add.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from scipy.special import ndtri

from trends.crossings.distribution import as_probabilities
from trends.fits.compiled import level_kernels
from trends.fits.links import Floats

_FACTOR_REACH: Final = 8.5
"""Beyond this many standard deviations of Z lies less than 1e-16 of its mass."""

Dimension = tuple[int, Floats]
"""How many gates are needed, and P(crossed) of each, shape (gates, days)."""


@dataclass(frozen=True)
class Rho:
    """A correlation of the common factor, with its interval where it was fitted.

    Probabilities are averaged over the equally likely values, where there are any.
    """

    value: float
    low: float | None = None
    high: float | None = None
    lead_time_months: float | None = None
    equally_likely: tuple[float, ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """What it may be, each as likely."""
        return self.equally_likely or (self.value,)


@dataclass(frozen=True)
class FittedDependence:
    """Correlation of forecast errors between benchmarks, by lead time.

    Attributes:
        lead_times_months: rising.
        rho: estimate at each of them, in [0, 1).
        low: lower end of its interval.
        high: upper end of its interval.
        run_id: backtest that made them.
        equally_likely: for each lead time as many values of rho, rising.
    """

    lead_times_months: tuple[float, ...]
    rho: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    run_id: str
    equally_likely: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no copula can be built from.

        Raises:
            ValueError: lengths differ, lead times or likely values do not rise, or a
                rho is outside [0, 1).
        """
        n = len(self.lead_times_months)
        if n == 0 or {len(self.rho), len(self.low), len(self.high)} != {n}:
            raise ValueError(f"run {self.run_id}: one rho, low and high a lead time")
        if list(self.lead_times_months) != sorted(set(self.lead_times_months)):
            raise ValueError(
                f"run {self.run_id}: lead times {self.lead_times_months} do not rise"
            )
        likely = self.equally_likely
        if likely and (len(likely) != n or len({len(one) for one in likely}) > 1):
            raise ValueError(f"run {self.run_id}: as many likely rho a lead time")
        if any(list(one) != sorted(one) for one in likely):
            raise ValueError(f"run {self.run_id}: likely rho {likely} do not rise")
        if not all(0 <= rho < 1 for rho in chain(self.rho, *likely)):
            raise ValueError(
                f"run {self.run_id}: rho {self.rho} is outside [0, 1): one common "
                "factor cannot carry it"
            )

    def at(self, lead_time_months: float | None) -> Rho:
        """Rho at a lead time, linear between the fitted ones and held beyond them.

        None asks for the longest.
        """
        leads = self.lead_times_months
        lead = leads[-1] if lead_time_months is None else lead_time_months
        lead = min(max(lead, leads[0]), leads[-1])
        value, low, high, *likely = (
            float(np.interp(lead, leads, one))
            for one in (
                self.rho,
                self.low,
                self.high,
                *np.transpose(self.equally_likely),
            )
        )
        return Rho(value, low, high, lead, tuple(likely))


def averaged_probability(dimensions: Sequence[Dimension], rho: Rho) -> Floats:
    """``joint_probability`` averaged over what rho may be, shape (days,).

    A gate by itself keeps its law whatever rho is.
    """
    is_alone = sum(len(crossed) for _, crossed in dimensions) == 1
    return joint_probability(dimensions, *((0.0,) if is_alone else rho.values))


def joint_probability(dimensions: Sequence[Dimension], *rhos: float) -> Floats:
    """P(every dimension has enough gates crossed) by each day.

    Args:
        dimensions: at least one; all with the same days. No gate may stand twice.
        rhos: equally likely correlations of the normals of any two gates, in [0, 1). At
            0 gates are independent; towards 1 all of them follow the common factor.

    Returns:
        Shape (days,); probabilities, whatever rounding those given have.

    Raises:
        ValueError: a rho is outside [0, 1), or what is given are no probabilities.
    """
    for rho in rhos:
        if not 0 <= rho < 1:
            raise ValueError(f"rho {rho} is outside [0, 1): no such common factor")
    # the normal quantile of 1 + 2e-16 is NaN
    dimensions = [(needed, as_probabilities(crossed)) for needed, crossed in dimensions]
    normals = ndtri(np.concatenate([crossed for _, crossed in dimensions]))
    sizes = np.array([(needed, len(crossed)) for needed, crossed in dimensions])
    found = [
        level_kernels().joint_chances(normals, sizes, *_factor(rho), rho)
        if rho
        else _all_of(dimensions)
        for rho in rhos
    ]
    return as_probabilities(np.mean(found, axis=0))


def _factor(rho: float) -> tuple[Floats, Floats]:
    """Values of the common factor, close enough together for rho, and their weights."""
    step = min(0.2, np.sqrt((1 - rho) / rho) / 3)
    nodes = int(np.ceil(_FACTOR_REACH / step))
    factor = np.linspace(-_FACTOR_REACH, _FACTOR_REACH, 2 * nodes + 1)
    weights = np.exp(-(factor**2) / 2)
    return factor, weights / weights.sum()


def at_least(needed: int, probabilities: Floats) -> Floats:
    """P(at least ``needed`` of independent events), a Poisson-binomial tail.

    Args:
        needed: from 1 to the number of events.
        probabilities: shape (..., events, days).

    Returns:
        Shape (..., days).
    """
    events = np.moveaxis(probabilities, -2, 0)
    if needed == len(events):
        return np.asarray(np.prod(events, axis=0))
    exactly = np.zeros((needed + 1, *events.shape[1:]))
    exactly[0] = 1.0
    for happens in events:
        # The last row is "needed or more" and is never left.
        moves = exactly[:-1] * happens
        exactly[:-1] -= moves
        exactly[1:] += moves
    return np.asarray(exactly[-1])


def _all_of(dimensions: Sequence[Dimension]) -> Floats:
    return np.asarray(
        np.prod([at_least(needed, crossed) for needed, crossed in dimensions], axis=0)
    )
