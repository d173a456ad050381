"""First passage of Brownian motion whose drift is itself uncertain: exact laws."""

from collections.abc import Sequence

import numpy as np
from scipy.special import log_ndtr, ndtr

from trends.crossings.day_curves import DayCurves, day_knots
from trends.dates import DAYS_PER_YEAR
from trends.fits.compiled import level_kernels
from trends.fits.links import Floats
from trends.fits.walks import WalkLaw


def record_cdf(law: WalkLaw, rise: float, *, n_days: int) -> tuple[Floats, float]:
    """When does a walk set a record ``rise`` above its last one?

    The mixture of first-passage laws over the walk's depths.

    Args:
        law: where the walk stands and how it drifts.
        rise: from the record to the bar on the link scale; may be infinite.
        n_days: last day asked for.

    Returns:
        Probability by the end of day 0, 1, ... n_days; probability of never.
    """
    cdfs, nevers = walk_cdfs([(law, rise)], day_knots(n_days))
    return DayCurves.through(n_days, cdfs[0]).each_day(), float(nevers[0])


def walk_cdfs(
    walks: Sequence[tuple[WalkLaw, float]], knots: Floats
) -> tuple[Floats, Floats]:
    """``record_cdf`` of several walks and rises at some days, a row each.

    A walk that stands more than once, as histories that do not touch it leave it, is
    worked out once.

    Args:
        walks: each with its rise.
        knots: from ``day_knots``.
    """
    keys = [(id(law), rise) for law, rise in walks]
    place = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    distinct = dict(zip(keys, walks, strict=True)).values()
    cdfs, nevers = zip(*(_at(knots, *walk) for walk in distinct), strict=True)
    rows = [place[key] for key in keys]
    return np.array(cdfs)[rows], np.array(nevers)[rows]


def _at(knots: Floats, law: WalkLaw, rise: float) -> tuple[Floats, float]:
    """Probability by each of some days, and that of never."""
    (cdf,) = record_exceedance(law, np.array([rise]), years=knots / DAYS_PER_YEAR).T
    never = law.weights @ never_probability(
        distance=rise - law.depths,
        drift=law.drifts,
        drift_variance=law.drift_variance,
        variance_per_year=law.variance_per_year,
    )
    return np.maximum.accumulate(cdf), float(never)


def record_exceedance(law: WalkLaw, rises: Floats, *, years: Floats) -> Floats:
    """How likely does the record stand at least so far above today's after ``years``?

    The law of ``record_cdf`` read the other way: P(M(h) >= y0 + a) as a function of a.

    Args:
        law: where the walk stands and how it drifts.
        rises: a >= 0 on the link scale, shape (n,); may be infinite.
        years: h >= 0, shape (k,).

    Returns:
        Probabilities, right to 1e-14, not rising in ``rises``; shape (k, n).
    """
    found: Floats = level_kernels().record_chances(
        rises,
        law.depths,
        law.weights,
        np.array(law.drifts),
        law.drift_variance,
        law.variance_per_year,
        years,
    )
    return found


def first_passage_cdf(
    years: Floats,
    *,
    distance: Floats | float,
    drift: Floats | float,
    drift_variance: float,
    variance_per_year: float,
) -> Floats:
    """P(max over [0, h] of b u + sigma B_u >= a) for b ~ N(drift, drift_variance).

    For known b this is the inverse Gaussian law with its defect (Chhikara and Folks
    1989, section 2), F(h|b) = Phi((b h - a)/(sigma sqrt h)) + exp(2 a b/sigma^2)
    Phi((-b h - a)/(sigma sqrt h)). Averaged over a normal b with mean m, variance V,
    completing the square gives

        Phi((m h - a)/s) + exp(2 a m/sigma^2 + 2 a^2 V/sigma^4)
        Phi((-(m + 2 a V/sigma^2) h - a)/s),   s^2 = sigma^2 h + V h^2,

    evaluated in logs, since the exponential overflows where Phi underflows.

    Args:
        years: times h >= 0 since the start, shape (n,).
        distance: a >= 0, from the start to the bar on the link scale; may be infinite;
            a number or shape (k, 1).
        drift: m, per year; a number or shape (k, 1).
        drift_variance: V >= 0.
        variance_per_year: sigma^2 > 0.

    Returns:
        Probabilities, shape (n,) or (k, n), not falling in ``years``.
    """
    h = np.maximum(years, np.finfo(np.float64).tiny)
    ahead = _ahead(distance)
    passed = _passed(h, ahead, drift, drift_variance, variance_per_year)
    passed = np.where(np.equal(ahead, distance), passed, np.less_equal(distance, 0.0))
    return np.maximum.accumulate(passed, axis=-1)


def never_probability(
    *,
    distance: Floats | float,
    drift: Floats | float,
    drift_variance: float,
    variance_per_year: float,
) -> Floats:
    """P(the bar is never reached): E[1 - exp(2 a b/sigma^2); b < 0].

    The limit of ``first_passage_cdf`` for h to infinity, taken from 1; elementwise.
    """
    ahead = _ahead(distance)
    if drift_variance == 0:
        never = -np.expm1(np.minimum(0.0, 2 * ahead * drift / variance_per_year))
    else:
        tilt, log_weight = _tilt(ahead, drift, drift_variance, variance_per_year)
        spread = np.sqrt(drift_variance)
        returns = np.exp(np.minimum(log_weight + log_ndtr(-tilt / spread), 0.0))
        never = np.clip(ndtr(-drift / spread) - returns, 0.0, 1.0)
    return np.where(np.equal(ahead, distance), never, np.isinf(distance))


def _ahead(distance: Floats | float) -> Floats:
    """Distances to bars that are ahead and can be reached; 1 in place of others."""
    inside = np.isfinite(distance) & np.greater(distance, 0.0)
    return np.where(inside, distance, 1.0)


def _passed(
    years: Floats | float,
    distance: Floats | float,
    drift: Floats | float,
    drift_variance: float,
    variance_per_year: float,
) -> Floats:
    """The formula of ``first_passage_cdf`` for times and distances above 0."""
    tilt, log_weight = _tilt(distance, drift, drift_variance, variance_per_year)
    scale = np.sqrt(variance_per_year * years + drift_variance * np.square(years))
    direct = ndtr((drift * years - distance) / scale)
    log_reflected = log_weight + log_ndtr((-tilt * years - distance) / scale)
    reflected = np.exp(np.minimum(log_reflected, 0.0))
    return np.asarray(np.clip(direct + reflected, 0.0, 1.0))


def _tilt(
    distance: Floats | float,
    drift: Floats | float,
    drift_variance: float,
    variance_per_year: float,
) -> tuple[Floats | float, Floats | float]:
    """Mean drift under the reflected measure, and the log of its weight."""
    pull = 2 * distance / variance_per_year
    return (
        drift + pull * drift_variance,
        pull * drift + pull**2 * drift_variance / 2,
    )
