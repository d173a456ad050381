"""One family more or less among very many: a small step, taken in closed form.

To fit a pool anew without each of n families costs n fits of n walks. Where there are
many, the fit without one lies so near to that with all that a step of Newton's method
reaches it: ``Crowd`` fits once, sees by small changes how the fit answers itself, and
takes each step from there.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from trends.fits.links import Floats
from trends.fits.regression import MeanFit, fit_mean
from trends.fits.walks import (
    ObservedWalk,
    VarianceFit,
    depths_of,
    fit_drifts_between,
    known_share,
    simulated_records,
)

_STEP: Final = 1e-3
"""Of finite differences, in standard deviations of a drift outside the crowd."""

_STEP_OF_VARIANCE: Final = 0.02
"""The same of the logarithm of sigma^2; the fit is iterated to 1e-6 only."""

_STEP_SIMULATED: Final = 0.05
"""Of what simulated walks answer to, in standard deviations of a drift of a year."""


class Crowd:
    """The pool of very many walks, and what it would be with a few others.

    Attributes:
        fit: the mean drift of all of them.
    """

    def __init__(self, walks: Sequence[ObservedWalk], variance_per_year: float) -> None:
        """Fit the pool of all walks.

        Args:
            walks: each with ``exposure_years`` above 0.
            variance_per_year: sigma^2.
        """
        self.fit = fit_drifts_between(walks, variance_per_year)
        self._walks, self._variance_per_year = walks, variance_per_year
        self._each = self._sums(walks, self.fit)
        self._all = self._each.sum(axis=1)
        self._by_mean, self._by_tau2 = self._answers()
        self._by_variance = self._answer_to_variance()

    def without(self, place: int) -> MeanFit:
        """The fit of all but one."""
        return self.exchanged([place], [])

    def exchanged(
        self,
        lost: Sequence[int],
        gained: Sequence[ObservedWalk],
        log_variance: float = 0.0,
    ) -> MeanFit:
        """The fit without some walks and with others.

        Args:
            lost: places of walks that are left out.
            gained: walks that come in.
            log_variance: by how much the logarithm of sigma^2 is another.
        """
        more = self._sums(gained, self.fit).sum(axis=1)
        less = self._each[:, list(lost)].sum(axis=1)
        return MeanFit(*(float(one) for one in self._moved(more - less, log_variance)))

    def without_each(self) -> tuple[Floats, Floats, Floats]:
        """Mean, its variance and tau2 of the fit without each walk, shape (n,) each."""
        return self._moved(-self._each, 0.0)

    def _moved(
        self, change: Floats, log_variance: float
    ) -> tuple[Floats, Floats, Floats]:
        """The fit whose sums differ by ``change``: mean, its variance, tau2.

        Args:
            change: of the sums of ``_sums``, shape (8,), or (8, n) for n fits.
            log_variance: by how much the logarithm of sigma^2 differs.
        """
        mean, tau2 = self._step(change)
        by_mean, by_tau2 = self._by_mean, self._by_tau2
        # (1 - J) x = step, with J how the sums of the others answer to mean and tau2
        held = by_mean[1] / (1 - by_mean[0])
        tau2 = (tau2 + held * mean) / (1 - by_tau2[1] - held * by_tau2[0])
        tau2 = tau2 + self._by_variance[1] * log_variance
        tau2 = np.maximum(tau2, -self.fit.tau2)
        mean = (mean + by_tau2[0] * tau2) / (1 - by_mean[0])
        mean = mean + self._by_variance[0] * log_variance
        information = (
            self._all[-1]
            + change[-1]
            + by_mean[2] * mean
            + by_tau2[2] * tau2
            + self._by_variance[2] * log_variance
        )
        return (
            np.asarray(self.fit.mean + mean),
            np.asarray(1 / information),
            np.asarray(self.fit.tau2 + tau2),
        )

    def _step(self, change: Floats) -> tuple[Floats, Floats]:
        """How far mean and tau2 move with the depths of the others as they are."""
        n, w, wa, waa, w2, w2a, w2aa, _ = (self._all + change.T).T
        shift = (wa - self._all[2]) / w
        excess = waa - w * shift**2
        falls = w2aa - 2 * shift * w2a + shift**2 * w2
        tau2 = np.maximum(excess * (excess / (n - 1) - 1) / falls, -self.fit.tau2)
        return shift - (w2a - shift * w2) / w * tau2, tau2

    def _answers(self) -> tuple[Floats, Floats]:
        """Derivatives of mean, tau2 and information by mean and by tau2."""
        mean, tau2 = self.fit.mean, self.fit.tau2
        step = _STEP * float(np.sqrt(tau2 + self.fit.variance))
        return (
            (self._again(mean + step, tau2) - self._again(mean - step, tau2))
            / (2 * step),
            (self._again(mean, tau2 + step**2 / _STEP) - self._again(mean, tau2))
            / (step**2 / _STEP),
        )

    def _again(self, mean: float, tau2: float) -> Floats:
        """Mean, tau2 and information of one more round that starts from here."""
        exposures, gains, known = self._data(self._walks)
        seen = 1 / float(np.sum(1 / (known + tau2)))
        expected, unseen = depths_of(
            self._walks, mean, tau2 + seen, self._variance_per_year
        )
        fit = fit_mean((gains + expected) / exposures, known)
        told = known_share(unseen, exposures, known + tau2) / (known + tau2)
        return np.array([fit.mean, fit.tau2, float(np.sum(told))])

    def _answer_to_variance(self) -> Floats:
        """Derivatives of mean, tau2 and information by the logarithm of sigma^2."""
        other = fit_drifts_between(
            self._walks, self._variance_per_year * float(np.exp(_STEP_OF_VARIANCE))
        )
        return (
            np.array(
                [
                    other.mean - self.fit.mean,
                    other.tau2 - self.fit.tau2,
                    1 / other.variance - 1 / self.fit.variance,
                ]
            )
            / _STEP_OF_VARIANCE
        )

    def _sums(self, walks: Sequence[ObservedWalk], fit: MeanFit) -> Floats:
        """What each walk adds to the sums of the fit, shape (8, n).

        Of 1, w, w a, w a^2, w^2, w^2 a, w^2 a^2 with weights w and drifts a away from
        the mean, and of the information on the mean.
        """
        exposures, gains, known = self._data(walks)
        seen = 1 / float(np.sum(1 / (self._data(self._walks)[2] + fit.tau2)))
        expected, unseen = depths_of(
            walks, fit.mean, fit.tau2 + seen, self._variance_per_year
        )
        spread = known + fit.tau2
        w, a = 1 / spread, (gains + expected) / exposures - fit.mean
        told = known_share(unseen, exposures, spread) / spread
        sums = [np.ones_like(w), w, w * a, w * a**2, w**2, w**2 * a, w**2 * a**2, told]
        return np.array(sums)

    def _data(self, walks: Sequence[ObservedWalk]) -> tuple[Floats, Floats, Floats]:
        exposures = np.array([walk.exposure_years for walk in walks])
        gains = np.array([walk.gain for walk in walks])
        return exposures, gains, self._variance_per_year / exposures


class CrowdVariance:
    """The variance of very many walks, and what it would be with a few others."""

    def __init__(self, fit: VarianceFit, walks: Sequence[ObservedWalk]) -> None:
        """See how the fit of all walks answers itself.

        Args:
            fit: of ``walks``; sigma^2 above 0.
            walks: each with ``spread_years`` above 0.
        """
        self._fit, self._walks = fit, walks
        self._each = np.array(
            [
                [walk.squares for walk in walks],
                [walk.spread_years for walk in walks],
                fit.squares,
                fit.spreads,
            ]
        )
        self._all = self._each.sum(axis=1)
        self._crowd = Crowd(walks, fit.per_year)
        between, sd = fit.between, float(np.sqrt(fit.between.tau2 + fit.per_year))
        steps = (
            (replace(between, mean=between.mean + _STEP_SIMULATED * sd), 1.0),
            (replace(between, tau2=between.tau2 + _STEP_SIMULATED * sd**2), 1.0),
            (
                fit_drifts_between(walks, fit.per_year * np.exp(_STEP_OF_VARIANCE)),
                float(np.exp(_STEP_OF_VARIANCE)),
            ),
        )
        self._by_mean, self._by_tau2, self._by_variance = (
            self._log_share(*step) / width
            for step, width in zip(
                steps,
                (_STEP_SIMULATED * sd, _STEP_SIMULATED * sd**2, _STEP_OF_VARIANCE),
                strict=True,
            )
        )

    def log_moved(self, lost: Sequence[int], gained: Sequence[ObservedWalk]) -> float:
        """By how much the logarithm of sigma^2 moves when walks are exchanged.

        Args:
            lost: places of walks that are left out.
            gained: walks that come in, each with ``spread_years`` above 0.
        """
        fit = self._fit
        more = self._simulated(gained, fit.between, fit.per_year).sum(axis=1)
        moved = self._all - self._each[:, list(lost)].sum(axis=1) + more
        # none that is left moved: as small a variance as a number can be
        logs = np.log(np.maximum(moved / self._all, np.finfo(np.float64).tiny))
        between = self._crowd.exchanged(lost, gained)
        share = (
            logs[2]
            - logs[3]
            + self._by_mean * (between.mean - self._crowd.fit.mean)
            + self._by_tau2 * (between.tau2 - self._crowd.fit.tau2)
        )
        return float(logs[0] - logs[1] - share) / (1 + self._by_variance)

    def _log_share(self, between: MeanFit, times: float) -> float:
        """Logarithm of the share of variance that is seen, over that of the fit.

        Args:
            between: drifts of the walks.
            times: sigma^2 over that of the fit.
        """
        variance = self._fit.per_year * times
        sums = self._simulated(self._walks, between, variance).sum(axis=1)
        return float(np.log(sums[2] / sums[3] / times * self._all[3] / self._all[2]))

    @staticmethod
    def _simulated(
        walks: Sequence[ObservedWalk], between: MeanFit, variance_per_year: float
    ) -> Floats:
        """Squares and spread as observed and as simulated, shape (4, n)."""
        found = [
            (
                walk.squares,
                walk.spread_years,
                *simulated_records(walk, between, variance_per_year),
            )
            for walk in walks
        ]
        return np.array(found, dtype=np.float64).reshape(-1, 4).T
