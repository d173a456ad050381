"""How long a record stands, whatever the rise that ends it.

Releases come about as regularly as the calendars of the developers: a random walk,
which touches its maximum again at once or not for long, does not have such a law. So
the time to the next record has a law of its own. The hazard of a record of age t is
lambda k t^(k-1): a Weibull law, Poisson at k = 1. The rate lambda differs between
series as a gamma, so that what a series has shown of its own rate adds to the gamma's
parameters (a conjugate law: Cook and Lawless 2007, section 3.5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gamma, gammaln

from trends.fits.compiled import record_kernels
from trends.fits.links import Floats

RECENT_YEARS: Final = 1.5
"""The recent pace is that of so long; of 6 to 18 months none forecasts better."""

_POWER_SPREAD: Final = 0.3
"""Standard deviation of ln k before any record is seen, about Poisson's 0."""

_DISPERSION_MEAN: Final = 0.5
"""Mean of the squared coefficient of variation of rates, an exponential law."""

_POWERS: Final = np.geomspace(0.5, 2.0, 17)
_DISPERSIONS: Final = np.geomspace(0.01, 4.0, 9)
_POWER, _DISPERSION = (
    grid.ravel() for grid in np.meshgrid(_POWERS, _DISPERSIONS, indexing="ij")
)


@dataclass(frozen=True)
class Stands:
    """How long each record of a series stood, as far as it was recent.

    Attributes:
        from_age: years that a beaten record was old when the recent time began, 0 for
            one set since; shape (n,).
        to_age: years that it was old when it was beaten, shape (n,).
        silent_from: the same of the record that stands.
        silent_years: its age.
    """

    from_age: Floats
    to_age: Floats
    silent_from: float
    silent_years: float

    @classmethod
    def of(cls, set_at: Floats, seen_until: float) -> "Stands":
        """Of records set at these times, shape (n + 1,), in years and rising."""
        recent = seen_until - RECENT_YEARS
        from_age = np.maximum(recent - set_at, 0.0)
        to_age = np.diff(set_at)
        beaten = set_at[1:] > recent
        return cls(
            from_age=from_age[:-1][beaten],
            to_age=to_age[beaten],
            silent_from=float(from_age[-1]),
            silent_years=float(seen_until - set_at[-1]),
        )

    def exposures(self, powers: Floats) -> Floats:
        """Integrated hazard of a rate of 1 under each power, of its shape."""
        k = powers[..., np.newaxis]
        beaten: Floats = np.sum(self.to_age**k - self.from_age**k, axis=-1)
        return beaten + self.silent_years**powers - self.silent_from**powers

    @property
    def n(self) -> int:
        """Records beaten."""
        return len(self.to_age)


@dataclass(frozen=True)
class WaitingLaw:
    """The time until the record that stands is beaten.

    Attributes:
        shape: of the gamma law of the rate; records seen among it.
        exposure: its other parameter, in years to the power.
        power: k of the hazard, 1 for a Poisson process.
        silent_years: how long the record has stood.
    """

    shape: float
    exposure: float
    power: float
    silent_years: float

    @cached_property
    def age(self) -> tuple[float, float]:
        """How old the standing record is at some time: mean in years, and variance.

        The age of a renewal process at its mean rate, whose moments are those of the
        wait X over its mean: E[X^2]/(2 E[X]) and E[X^3]/(3 E[X]) (Cox 1962, chapter 5).
        A time falls into long waits more often than into short ones.
        """
        scale = (self.shape / self.exposure) ** (-1 / self.power)
        first, second, third = gamma(1 + np.array([1.0, 2.0, 3.0]) / self.power)
        mean = scale * second / (2 * first)
        return float(mean), float(scale**2 * third / (3 * first) - mean**2)

    def p_record(self, years: Floats) -> Floats:
        """P(a record within so many years): the rate's gamma integrated out."""
        old = self.silent_years + years
        more = old**self.power - self.silent_years**self.power
        found: Floats = -np.expm1(-self.shape * np.log1p(more / self.exposure))
        return found


@dataclass(frozen=True)
class WaitingPrior:
    """The law of rates between series, and the power common to them.

    Attributes:
        rate: mean of the rates, per year to the power.
        dispersion: their variance over the square of their mean.
        power: k of the hazard.
        n_families: families it was learned from.
    """

    rate: float
    dispersion: float
    power: float
    n_families: int

    def given(self, own: Stands) -> WaitingLaw:
        """The law of a series that has shown so much."""
        shape = 1 / self.dispersion
        return WaitingLaw(
            shape=shape + own.n,
            exposure=shape / self.rate + float(own.exposures(np.array(self.power))),
            power=self.power,
            silent_years=own.silent_years,
        )


@dataclass(frozen=True)
class Watched:
    """What series show of their waits under each setting of the grid, a row a series.

    Attributes:
        n: records beaten, shape (s,).
        exposures: integrated hazard of a rate of 1, shape (s, k).
        logs: sum of the logarithms of ages at which records were beaten, shape (s,).
        chances: logarithm of Gamma(1/phi + n)/Gamma(1/phi), shape (s, k).
    """

    n: Floats
    exposures: Floats
    logs: Floats
    chances: Floats

    @classmethod
    def of(cls, stands: Sequence[Stands]) -> "Watched":
        """Of any number of series."""
        n = np.array([one.n for one in stands], dtype=np.float64)
        shape, exposures = 1 / _DISPERSION, [one.exposures(_POWER) for one in stands]
        return cls(
            n=n,
            exposures=np.array(exposures).reshape(-1, len(_POWER)),
            logs=np.array([np.log(one.to_age).sum() for one in stands]),
            chances=gammaln(shape + n[:, np.newaxis]) - gammaln(shape),
        )

    @classmethod
    def joined(cls, watched: Sequence["Watched"]) -> "Watched":
        """The rows of all of them, in order."""
        everything = [cls.of([]), *watched]
        return cls(
            np.concatenate([one.n for one in everything]),
            np.concatenate([one.exposures for one in everything]),
            np.concatenate([one.logs for one in everything]),
            np.concatenate([one.chances for one in everything]),
        )

    def only(self, rows: Sequence[int]) -> "Watched":
        """Some of the series."""
        return Watched(
            self.n[rows], self.exposures[rows], self.logs[rows], self.chances[rows]
        )


WIDE_WAIT: Final = WaitingPrior(rate=2.0, dispersion=4.0, power=1.0, n_families=0)
"""Of a rate about which no other family says anything: about a record in half a year,
worth a quarter of a record seen."""


def fit_waiting(
    watched: Watched, kept: npt.NDArray[np.bool_] | None = None
) -> list[WaitingPrior | None]:
    """Learn the law of rates from what other series show, one a family.

    The mean rate is the one most likely under each power and dispersion; these two are
    averaged over their posterior on a grid, so that a new record moves them smoothly.

    Args:
        watched: a row a series.
        kept: which series there are in each of several sets, shape (c, s); one of all
            by default.

    Returns:
        Of each set; None where no record was ever beaten.
    """
    if kept is None:
        kept = np.ones((1, len(watched.n)), dtype=np.bool_)
    found: list[WaitingPrior | None] = [None] * len(kept)
    told = np.flatnonzero(kept @ watched.n)
    if len(told):
        ours = kept[told]
        rates = likeliest_rates(watched.n, watched.exposures, _DISPERSION, ours)
        fits = np.array(
            [
                _log_likelihood(watched, *one)
                for one in zip(rates, ours.astype(np.float64), strict=True)
            ]
        )
        priors = _priors(
            rates, fits, ours @ watched.n, ours @ watched.logs, ours.sum(1)
        )
        for place, prior in zip(told, priors, strict=True):
            found[place] = prior
    return found


class WaitingCrowd:
    """What many series show of their waits, and what they show without a few.

    Attributes:
        watched: the series; some record was beaten.
    """

    def __init__(self, watched: Watched) -> None:
        """Find the likeliest mean rates of all."""
        self.watched = watched
        self._rates = likeliest_rates(watched.n, watched.exposures, _DISPERSION)[0]
        self._weights = 1 / (1 + _DISPERSION * self._rates * watched.exposures)
        self._counted = watched.n @ self._weights
        self._exposed = (self._weights * watched.exposures).sum(axis=0)
        self._fits = self._logs(watched)

    def exchanged(self, rows: Sequence[int], put: Watched) -> WaitingPrior:
        """The same without some of the series and with others: one step on from all.

        Fits are those at the rates of all, where to first order they do not depend on
        them.

        Args:
            rows: of the series that are left out.
            put: the others; a row each.
        """
        out, lost = self._weights[rows], self.watched.only(rows)
        more = 1 / (1 + _DISPERSION * self._rates * put.exposures)
        rates = (self._counted - lost.n @ out + put.n @ more) / (
            self._exposed
            - (out * lost.exposures).sum(axis=0)
            + (more * put.exposures).sum(axis=0)
        )
        fits = self._fits - self._logs(lost) + self._logs(put)
        of_all, of_lost, of_put = (
            np.array([one.n.sum(), one.logs.sum(), len(one.n)])
            for one in (self.watched, lost, put)
        )
        told = (of_all - of_lost + of_put)[:, np.newaxis]
        return _priors(rates[np.newaxis], fits[np.newaxis], *told)[0]

    @property
    def pulls(self) -> Floats:
        """How far each series pulls the mean rate, about, shape (s,)."""
        middle = int(np.argmax(self._fits))
        expected = self._rates[middle] * self.watched.exposures[:, middle]
        found: Floats = np.abs((self.watched.n - expected) * self._weights[:, middle])
        return found

    def _logs(self, watched: Watched) -> Floats:
        """Log likelihood of some series at the rates of all, all but powers of age."""
        return _log_likelihood(watched, self._rates, np.ones(len(watched.n)))


def _log_likelihood(watched: Watched, rates: Floats, kept: Floats) -> Floats:
    """Of series at some rates, all but powers of age, shape (k,).

    Args:
        watched: the series.
        rates: mean of each setting, shape (k,).
        kept: 1 of those that are there, 0 of others, shape (s,).
    """
    n, shape = kept * watched.n, 1 / _DISPERSION
    scale = shape / rates
    wider = np.log1p(watched.exposures / scale)
    found: Floats = (
        kept @ watched.chances
        - shape * (kept @ wider)
        - n.sum() * np.log(scale)
        - n @ wider
    )
    return found


def _priors(
    rates: Floats, fits: Floats, n: Floats, logs: Floats, sizes: Floats
) -> list[WaitingPrior]:
    """Averaged over the posterior of power and dispersion, of each set.

    Args:
        rates: likeliest under each setting, shape (c, k).
        fits: log likelihoods at those, all but powers of age, shape (c, k).
        n: records beaten, shape (c,).
        logs: sums of the logarithms of ages at which they were, shape (c,).
        sizes: numbers of families, shape (c,).
    """
    fits = fits + np.outer(n, np.log(_POWER)) + np.outer(logs, _POWER - 1)
    fits -= np.square(np.log(_POWER) / _POWER_SPREAD) / 2
    # the grid is even in ln, the prior exponential
    fits += np.log(_DISPERSION) - _DISPERSION / _DISPERSION_MEAN
    weights = np.exp(fits - fits.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    means = [
        np.exp((weights * np.log(of)).sum(axis=1)).tolist()
        for of in (rates, _DISPERSION, _POWER)
    ]
    return [
        WaitingPrior(rate, dispersion, power, int(size))
        for rate, dispersion, power, size in zip(*means, sizes, strict=True)
    ]


def likeliest_rates(
    n: Floats,
    exposures: Floats,
    dispersions: Floats,
    kept: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """The likeliest mean rate m: sum (n - m E)/(1 + phi m E) = 0 over series.

    The negative binomial law of counts with its variance known (McCullagh and Nelder
    1989, section 6.2), by Newton's method from the pooled rate.

    Args:
        n: records of each series, shape (s,).
        exposures: E of each, a column a setting, shape (s, k).
        dispersions: phi of each setting, shape (k,).
        kept: which series there are in each of several sets, shape (c, s); one of all
            by default.

    Returns:
        Rates, shape (c, k).
    """
    if kept is None:
        kept = np.ones((1, len(n)), dtype=np.bool_)
    found: Floats = record_kernels().likeliest_rates(kept, n, exposures, dispersions)
    return found
