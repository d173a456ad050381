"""What other families say of a series' records, and about what they say without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from trends.fits.links import Floats
from trends.fits.pace import MIN_POINTS, Hyper
from trends.fits.record_law import RecordLaw, exceedances
from trends.fits.regression import MeanFit
from trends.fits.seen import Seen
from trends.fits.waiting import WaitingPrior
from trends.fits.walks import Prior

_STEP: Final = 0.05
"""Of a finite difference of a parameter."""


@dataclass(frozen=True)
class Learned:
    """What other families say before a series is looked at.

    Attributes:
        waiting: of waiting times; wide where too few families say anything.
        likely: of the trend's variances, on their grid.
        slopes: of slopes; None where too few families say anything.
        n_slopes: families behind it.
        prior: of the slope.
    """

    waiting: WaitingPrior
    likely: Floats
    slopes: MeanFit | None
    n_slopes: int
    prior: Prior

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

    def moves(self, level: float, years: float) -> Floats:
        """About how much each family's absence moves a chance, to first order.

        Infinite where something would be said no more. A parameter that nobody states
        as it is moves nothing.

        Args:
            level: as for ``chances``.
            years: likewise.

        Returns:
            Shape (n,).
        """
        stated = np.isfinite(self.parameters)
        base = np.where(stated, self.parameters, 0.0)
        changes = np.where(stated, self.without - self.parameters, 0.0)
        steps = _STEP * np.eye(len(base))[stated]
        up, down = (
            chances(self.seen, base + one, level, years) for one in (steps, -steps)
        )
        found: Floats = changes[:, stated] @ (up - down) / (2 * _STEP)
        return np.where(np.isfinite(found), found, np.inf)


def parameters_of(learned: Sequence[Learned], seen: Seen) -> Floats:
    """All that laws of a series are made from besides its own points, shape (c, 7).

    Mean slope; logarithms of its variance, of scatter and wander, and of the rate of
    records, its dispersion and its power. What nobody says is not a number.

    Args:
        learned: what others say, each time others.
        seen: what the series shows itself.
    """
    priors = [one.prior for one in learned]
    scatter, wander = seen.hypers(np.array([one.likely for one in learned]), priors)
    rows = [
        (one.prior.variance, waits.rate, waits.dispersion, waits.power)
        for one in learned
        for waits in [one.waiting]
    ]
    variance, *of_waits = np.transpose(rows)
    means = [np.nan if one.slopes is None else one.prior.mean for one in learned]
    logs = np.log([variance, scatter, wander, *of_waits])
    return np.column_stack([means, logs.T])


def chances(seen: Seen, parameters: Floats, level: float, years: float) -> Floats:
    """P(a series reaches a level within so many years) under each of some laws.

    Args:
        seen: what the series shows itself.
        parameters: of the laws, as of ``parameters_of``, shape (c, 7).
        level: not below its record, on the link scale.
        years: above 0.

    Returns:
        Shape (c,).
    """
    laws = [_law(seen, one) for one in np.nan_to_num(parameters)]
    found: Floats = exceedances(laws, np.array([level]), np.array([years]))[:, 0, 0]
    return found


def _law(seen: Seen, parameters: Floats) -> RecordLaw:
    variance, scatter, wander, rate, dispersion, power = np.exp(parameters[1:]).tolist()
    hyper, prior = Hyper(scatter, wander), Prior(float(parameters[0]), variance)
    waiting = WaitingPrior(rate, dispersion, power, 0)
    return RecordLaw(
        seen.record,
        seen.trend(hyper, prior),
        hyper,
        waiting.given(seen.stands),
        seen.ahead,
    )
