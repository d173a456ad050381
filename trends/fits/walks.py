"""Random walks of which only the records are seen: where they are, how they move.

A walk X with drift b and variance sigma^2 a year is looked at on some days; what is
published is its running maximum. After the last record it has been below that record
at every look, so it stands at X = y0 + x with a depth x <= 0 whose law is known. To
set x = 0 would start every forecast too high, and to set the drift at (y0 - y1)/D
would make it too steep.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from trends.fits.compiled import level_kernels, walk_kernels
from trends.fits.links import Floats
from trends.fits.regression import MeanFit, fit_mean

LOOK_CORRECTION: Final = 0.5826
"""-zeta(1/2)/sqrt(2 pi): a walk looked at every dt has as good as crossed a level
when it is 0.5826 sigma sqrt(dt) short of it (Broadie, Glasserman and Kou 1997,
Mathematical Finance 7:325).
"""

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(32)
_MAX_STEPS: Final = 100
_N_SIMULATED: Final = 200
_SMALLEST_SHARE: Final = 0.3

_MOST_MISSING: Final = 0.9
"""Of what a walk says of its drift; one that never showed a record says next to nothing
but that it did not rise."""


@dataclass(frozen=True)
class ObservedWalk:
    """What one series shows of its walk.

    Attributes:
        level: current record y0 on the link scale.
        gain: y0 less the first record.
        exposure_years: D, from the first record to the last look.
        silent_years: from the last record to the last look.
        n_looks: days looked at after the first.
        n_silent_looks: those after the last record; none of them showed a record.
        squares: sum over steps between records of (dz - b dt)^2 with b = gain / D,
            silence being a step of its own.
        spread_years: D less sum dt^2 / D, what ``squares`` would be sigma^2 times if
            all of the walk were seen.
    """

    level: float
    gain: float
    exposure_years: float
    silent_years: float
    n_looks: int
    n_silent_looks: int
    squares: float
    spread_years: float

    @property
    def slope(self) -> float:
        """Rise of the record a year; steeper than the walk's drift on average."""
        return self.gain / self.exposure_years if self.exposure_years else 0.0


@dataclass(frozen=True)
class Prior:
    """What is known of a drift before its own series is looked at.

    Attributes:
        mean: per year.
        variance: infinite where nothing is known.
    """

    mean: float
    variance: float


@dataclass(frozen=True)
class WalkLaw:
    """Where a walk stands and how it drifts, given its records and its silence.

    A mixture of ``len(depths)`` walks; each starts ``depths`` from the record (not
    above it) and has a normal drift.

    Attributes:
        depths: shape (k,), on the link scale.
        weights: shape (k,), summing to 1.
        drifts: shape (k,), mean drift a year of a walk at that depth.
        drift_variance: variance of the drift around it.
        variance_per_year: sigma^2.
        own_weight: share of the own series in ``drifts``, the rest is the prior's.
    """

    depths: Floats
    weights: Floats
    drifts: Floats
    drift_variance: float
    variance_per_year: float
    own_weight: float

    @property
    def drift(self) -> float:
        """Mean drift a year."""
        return float(self.weights @ self.drifts)

    @property
    def drift_se(self) -> float:
        """Standard deviation of the drift a year."""
        between = self.weights @ np.square(self.drifts - self.drift)
        return float(np.sqrt(self.drift_variance + between))


def walk_law(walk: ObservedWalk, prior: Prior, variance_per_year: float) -> WalkLaw:
    """``walk_laws`` of one walk."""
    return walk_laws([walk], prior, variance_per_year)[0]


def walk_laws(
    walks: Sequence[ObservedWalk], prior: Prior, variance_per_year: float
) -> list[WalkLaw]:
    """Posterior of each walk's depth below its record and of its drift.

    Given the depth x, the drift is normal: y0 + x less the first record over D is all
    that a Brownian path says of it. ``depths`` gives the law of x.
    """
    depths, weights = _depths(walks, prior, variance_per_year)
    return [
        _law(walk, prior, variance_per_year, *told)
        for walk, *told in zip(walks, depths, weights, strict=True)
    ]


def _law(
    walk: ObservedWalk,
    prior: Prior,
    variance_per_year: float,
    depths: Floats,
    weights: Floats,
) -> WalkLaw:
    if not walk.silent_years > 0:
        depths, weights = np.zeros(1), np.ones(1)
    own = (walk.gain + depths) / walk.exposure_years if walk.exposure_years else 0.0
    own_variance = _slope_variance(walk.exposure_years, variance_per_year)
    own_weight = float(_weight(own_variance, prior.variance))
    drifts = own_weight * own + (1 - own_weight) * prior.mean
    return WalkLaw(
        depths=depths,
        weights=weights,
        drifts=np.broadcast_to(drifts, depths.shape),
        drift_variance=float(_both(own_variance, prior.variance)),
        variance_per_year=variance_per_year,
        own_weight=own_weight,
    )


def fit_drifts_between(
    walks: Sequence[ObservedWalk], variance_per_year: float
) -> MeanFit:
    """Mean drift of walks and the variance of drifts between them.

    Alternates two steps until the mean stands still: expected depth of each walk
    under the current mean; random-effects mean (``fit_mean``) of the drifts
    (gain + depth) / D with variances sigma^2 / D. The variance of the mean is that
    with depths seen, enlarged by what is not known for want of them (Louis 1982,
    JRSS B 44:226).
    """
    gains = np.array([walk.gain for walk in walks])
    exposures = np.array([walk.exposure_years for walk in walks])
    variances = variance_per_year / exposures
    fit = fit_mean(gains / exposures, variances)
    for _ in range(_MAX_STEPS):
        before = fit.mean
        prior = Prior(fit.mean, fit.tau2 + fit.variance)
        depths, weights = _depths(walks, prior, variance_per_year)
        expected = (depths * weights).sum(axis=1)
        fit = fit_mean((gains + expected) / exposures, variances)
        if abs(fit.mean - before) <= 1e-6 * np.sqrt(fit.variance):
            break
    unseen = (np.square(depths - expected[:, np.newaxis]) * weights).sum(axis=1)
    spread = variances + fit.tau2
    told = known_share(unseen, exposures, spread)
    return replace(fit, variance=1 / float(np.sum(told / spread)))


def known_share(unseen: Floats, exposures: Floats, spread: Floats) -> Floats:
    """Share of what each walk says of its drift that is not lost with its depth.

    Args:
        unseen: variance of the depth.
        exposures: years observed.
        spread: variance of the drift that the walk shows, tau2 included.
    """
    return 1 - np.minimum(unseen / (np.square(exposures) * spread), _MOST_MISSING)


def depths_of(
    walks: Sequence[ObservedWalk],
    mean: float,
    variance: float,
    variance_per_year: float,
) -> tuple[Floats, Floats]:
    """Expected depth of each walk below its record and its variance, shape (w,) each.

    Args:
        walks: the walks.
        mean: of drifts before a walk is looked at.
        variance: the same.
        variance_per_year: sigma^2.
    """
    if not walks:
        return np.zeros(0), np.zeros(0)
    depths, weights = _depths(walks, Prior(mean, variance), variance_per_year)
    expected = (depths * weights).sum(axis=1)
    away = np.square(depths - expected[:, np.newaxis])
    return expected, (away * weights).sum(axis=1)


def own_drifts(
    walks: Sequence[ObservedWalk], between: MeanFit, variance_per_year: float
) -> tuple[Floats, Floats]:
    """Drift a year that each walk shows, and its known variance: the mean's data.

    Args:
        walks: those of ``between``.
        between: from ``fit_drifts_between``.
        variance_per_year: sigma^2.

    Returns:
        (gain + expected depth) / D and sigma^2 / D, both of shape (w,).
    """
    exposures = np.array([walk.exposure_years for walk in walks])
    gains = np.array([walk.gain for walk in walks])
    prior = Prior(between.mean, between.tau2 + between.variance)
    depths, weights = _depths(walks, prior, variance_per_year)
    expected = (depths * weights).sum(axis=1)
    return (gains + expected) / exposures, variance_per_year / exposures


@dataclass(frozen=True)
class VarianceFit:
    """Variance a year common to walks, and what each of them has to do with it.

    Attributes:
        per_year: sigma^2.
        between: drifts of the walks under it.
        squares: shape (w,), of the simulated records of each walk.
        spreads: shape (w,), what they would be sigma^2 times if all were seen.
    """

    per_year: float
    between: MeanFit
    squares: Floats
    spreads: Floats


def estimate_variance(walks: Sequence[ObservedWalk]) -> float:
    """Variance a year common to walks of which only the records are seen.

    Args:
        walks: at least one with ``spread_years`` above 0.
    """
    return fit_variance([walk for walk in walks if walk.spread_years > 0]).per_year


def fit_variance(walks: Sequence[ObservedWalk]) -> VarianceFit:
    """``estimate_variance``, with how it came about.

    The realised variance, sum of ``squares`` over sum of ``spread_years``, is too
    small: where a walk is under its record nothing of it is seen. How much too small
    is found by simulating the same walks with the same looks, and divided out until
    the simulated realised variance is the one that was found (indirect inference:
    Gourieroux, Monfort and Renault 1993, Journal of Applied Econometrics 8:S85).

    Args:
        walks: at least one, each with ``spread_years`` above 0.
    """
    spread = sum(walk.spread_years for walk in walks)
    realised = sum(walk.squares for walk in walks) / spread
    nothing = np.zeros(len(walks))
    fit = VarianceFit(realised, MeanFit(0.0, 0.0, 0.0), nothing, nothing)
    for _ in range(_MAX_STEPS):
        before = fit.per_year
        if before == 0:
            break
        between = fit_drifts_between(walks, before)
        seen = [simulated_records(walk, between, before) for walk in walks]
        squares, spreads = np.array(seen).T
        share = float(np.cumsum(squares)[-1] / np.cumsum(spreads)[-1] / before)
        fit = VarianceFit(
            realised / max(share, _SMALLEST_SHARE), between, squares, spreads
        )
        if abs(fit.per_year - before) <= 3e-3 * fit.per_year:
            break
    return fit


def _depths(
    walks: Sequence[ObservedWalk], prior: Prior, variance_per_year: float
) -> tuple[Floats, Floats]:
    """Nodes and weights of the law of each walk's depth, both of shape (w, k).

    Until the last record the path fixes the drift up to N(m, V); at the last look,
    s years later, a free walk would stand at N(m s, sigma^2 s + V s^2). Having been
    below the record at that look and at the n - 1 before it multiplies the density
    by 1{x < 0} (1 - exp(-2 c (c - x) / (sigma^2 s))), the chance that a Brownian
    bridge from 0 to x stays below c = 0.5826 sigma sqrt(s / (n - 1)).
    """
    shown = [
        (walk.gain, walk.exposure_years, walk.silent_years, walk.n_silent_looks)
        for walk in walks
    ]
    found: tuple[Floats, Floats] = level_kernels().depths_below(
        np.array(shown),
        prior.mean,
        prior.variance,
        variance_per_year,
        LOOK_CORRECTION,
        _NODES,
        _NODE_WEIGHTS,
    )
    return found


@lru_cache(maxsize=128)
def _noise(n_looks: int) -> Floats:
    """Standard normals of simulated walks: for each its drift, then its steps.

    The same numbers whoever asks, so that an estimate is a function of its data.
    """
    generator = np.random.Generator(np.random.Philox(key=n_looks))
    return generator.standard_normal((_N_SIMULATED, 1 + n_looks))


def simulated_records(
    walk: ObservedWalk, between: MeanFit, variance_per_year: float
) -> tuple[float, float]:
    """Squares and spread, as in ``ObservedWalk``, of what copies of a walk would show.

    Summed over copies with the same looks, their drifts drawn from ``between``.
    """
    step = walk.exposure_years / walk.n_looks
    squares, spread = walk_kernels().realised_variance(
        _noise(walk.n_looks),
        between.mean,
        np.sqrt(between.tau2),
        step,
        np.sqrt(variance_per_year * step),
    )
    return float(squares), float(spread)


def _slope_variance(years: Floats | float, variance_per_year: float) -> Floats:
    """Variance of a drift seen for so many years; infinite for none."""
    years = np.asarray(years, dtype=np.float64)
    return np.divide(
        variance_per_year, years, out=np.full_like(years, np.inf), where=years > 0
    )


def _weight(own_variance: Floats, prior_variance: float) -> Floats:
    """Share of an estimate in its posterior mean; of two that say nothing, none."""
    if np.isinf(prior_variance):
        return np.where(np.isinf(own_variance), 0.0, 1.0)
    return prior_variance / (prior_variance + own_variance)


def _both(own_variance: Floats, prior_variance: float) -> Floats:
    """Variance of the posterior of two normal sources."""
    with np.errstate(divide="ignore"):
        precision = 1 / own_variance + np.reciprocal(prior_variance)
        return np.asarray(1 / precision)
