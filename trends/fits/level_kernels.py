# mypy: allow-untyped-decorators, allow-untyped-defs, allow-untyped-calls
# ruff: noqa: PLR0917 (compiled functions have no keyword-only arguments)
"""Compiled kernels of laws of levels: a line with scatter, a walk's record, the next one.

As in ``trends.fits.kernels`` nothing uses fastmath or parallel loops, and no kernel is
called from another module's: numba's cache would not notice a change there.

The normal law and its Mills ratio are Taylor series about the nearest of evenly spaced
nodes, right to 1e-15: a call of erfc takes four times as long.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.special import erfcx, ndtr

_PER_UNIT: Final = 64
_DEGREE: Final = 5
_FAR: Final = 8.5
"""In deviations; beyond lies less than 1e-16."""

_LONG: Final = 32.0
"""Beyond, the Mills ratio is its asymptotic series, to 1e-12 of itself."""

_FAR_BELOW: Final = -36.0
"""In deviations; further below, erfc is 0."""

_LIKELY: Final = -4.0
"""In deviations; above, the normal law is known to 1e-10 of itself."""

_ROOT_TAU: Final = float(np.sqrt(2 * np.pi))


def _series_of_normal() -> npt.NDArray[np.float64]:
    """Of the distribution function; f' = -x f of the density f."""
    x = np.arange(-_FAR * _PER_UNIT, _FAR * _PER_UNIT + 1) / _PER_UNIT
    terms = [np.exp(-(x**2) / 2) / _ROOT_TAU]
    terms.append(-x * terms[0])
    for n in range(1, _DEGREE - 1):
        terms.append(-(x * terms[n] + terms[n - 1]) / (n + 1))
    return np.array([ndtr(x), *(one / (n + 1) for n, one in enumerate(terms))]).T


def _series_of_mills() -> npt.NDArray[np.float64]:
    """Of R(x) = P(above x) over the density at x; R' = x R - 1."""
    x = np.arange(_LONG * _PER_UNIT + 1) / _PER_UNIT
    terms = [np.sqrt(np.pi / 2) * erfcx(x / np.sqrt(2))]
    terms.append(x * terms[0] - 1)
    for n in range(1, _DEGREE):
        terms.append((x * terms[n] + terms[n - 1]) / (n + 1))
    return np.array(terms).T


_NORMAL: Final = np.ascontiguousarray(_series_of_normal())
_MILLS: Final = np.ascontiguousarray(_series_of_mills())

# a division by zero gives infinity, as in numpy
_compiled = njit(nogil=True, cache=True, error_model="numpy")
_inlined = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)


@_inlined
def _along(series, place, away):
    """The Taylor series of a node so far away."""
    of = series[place]
    square = away * away
    # in pairs, which a processor works out side by side
    last = (of[2] + of[3] * away) + (of[4] + of[5] * away) * square
    return (of[0] + of[1] * away) + last * square


@_inlined
def _normal(x):
    """P(a standard normal is at most x)."""
    if abs(x) < _FAR:
        place = int((x + _FAR) * _PER_UNIT + 0.5)
        return _along(_NORMAL, place, x + _FAR - place / _PER_UNIT)
    if x < 0:
        return 0.0
    return 1.0 if x > 0 else x


@_inlined
def _mills(x):
    """P(a standard normal is above x) over its density at x, for x not below 0."""
    if not x <= _LONG:  # NaN has no place in the table
        u = 1 / x**2
        return (1 - u * (1 - 3 * u * (1 - 5 * u * (1 - 7 * u)))) / x
    place = int(x * _PER_UNIT + 0.5)
    return _along(_MILLS, place, x - place / _PER_UNIT)


@_compiled
def shares_above(levels, bars, scatter):
    """P(a level drawn from these, with normal scatter, reaches each bar).

    Args:
        levels: equally likely, shape (n,).
        bars: shape (k,); may be infinite.
        scatter: standard deviation, above 0.

    Returns:
        Shape (k,).
    """
    found = np.zeros(bars.shape)
    per = 1 / scatter
    for k in range(bars.shape[0]):
        bar = bars[k] * per
        for level in levels:
            found[k] += _normal(level * per - bar)
    return found / levels.shape[0]


@_compiled
def record_chances(rises, depths, weights, drifts, drift_variance, variance, years):
    """P(a walk of unknown drift has risen so far above its record by some times).

    ``trends.crossings.first_passage.first_passage_cdf`` averaged over depths.

    Args:
        rises: from the record to each bar, shape (n,); may be infinite.
        depths: where the walk may stand below it, shape (d,).
        weights: of these, shape (d,).
        drifts: mean drift a year at each, shape (d,).
        drift_variance: of the drift around it.
        variance: sigma^2 a year.
        years: not below 0, shape (k,).

    Returns:
        Shape (k, n).
    """
    found = np.zeros((years.shape[0], rises.shape[0]))
    for k in range(years.shape[0]):
        h = years[k]
        per = 1 / np.sqrt(variance * h + drift_variance * h**2)
        turn = 1 + 2 * drift_variance * h / variance
        for j in range(rises.shape[0]):
            if rises[j] == np.inf:
                continue
            for i in range(depths.shape[0]):
                away, gone = rises[j] - depths[i], drifts[i] * h
                if away <= 0:
                    found[k, j] += weights[i]
                    continue
                direct, ahead = (gone - away) * per, (gone + turn * away) * per
                passed = _normal(direct)
                if ahead < 0:
                    pull = 2 * away / variance
                    log_weight = pull * drifts[i] + pull**2 * drift_variance / 2
                    passed += np.exp(log_weight) * _normal(-ahead)
                elif abs(direct) < _FAR:
                    # weight times density there is the density of the direct term
                    density = np.exp(-(direct**2) / 2) / _ROOT_TAU
                    passed += density * _mills(ahead)
                found[k, j] += weights[i] * min(passed, 1.0)
            found[k, j] = min(found[k, j], 1.0)
    return found


@_compiled
def log_ndtr(away):
    """Logarithm of the standard normal distribution function, to 1e-14."""
    if away > _FAR_BELOW:
        if away > 0:
            return np.log1p(-math.erfc(away / np.sqrt(2.0)) / 2)
        return np.log(math.erfc(-away / np.sqrt(2.0)) / 2)
    # Abramowitz and Stegun 1964, 26.2.12
    u = 1 / away**2
    series = u * (-1 + u * (3 + u * (-15 + u * 105)))
    return -(away**2) / 2 - np.log(-away) - np.log(_ROOT_TAU) + np.log1p(series)


@_compiled
def highest_chances(levels, record, beaten_by, middle, spread, asked):
    """P(reached by then) at some of the times, the highest so far, under some laws.

    Args:
        levels: under each law, not below the record, shape (h, n).
        record: today's, shape (h,).
        beaten_by: P(the record is beaten) by each time, shape (h, t).
        middle: mean of the frontier at each time, of the same shape.
        spread: its standard deviation, of the same shape.
        asked: places of those times, not falling, shape (k,).

    Returns:
        Shape (h, k, n).
    """
    n_laws, n_levels = levels.shape
    found = np.empty((n_laws, asked.shape[0], n_levels))
    for law in range(n_laws):
        row, so_far = 0, np.zeros(n_levels)
        for place in range(asked[-1] + 1):
            mean, per = middle[law, place], 1 / spread[law, place]
            beaten, most = (mean - record[law]) * per, beaten_by[law, place]
            share = most / _normal(beaten)
            for i in range(n_levels):
                reached = (mean - levels[law, i]) * per
                if beaten > _LIKELY:
                    chance = min(share * _normal(reached), most)
                else:
                    log_chance = log_ndtr(reached) - log_ndtr(beaten)
                    chance = most * np.exp(np.minimum(log_chance, 0.0))
                so_far[i] = np.maximum(so_far[i], chance)
            while row < asked.shape[0] and asked[row] == place:
                found[law, row] = so_far
                row += 1
    return found


@_compiled
def joint_chances(normals, sizes, factor, weights, rho):
    """P(every group of events has enough that happen), given what correlates them all.

    Args:
        normals: normal quantile of each event's probability by each time, the groups
            one after the other, shape (events, t).
        sizes: of each group how many must happen, and how many it has, shape (g, 2).
        factor: values of the common factor, shape (z,).
        weights: of these, shape (z,).
        rho: correlation of two events' normals, above 0 and below 1.

    Returns:
        Shape (t,).
    """
    found = np.zeros(normals.shape[1])
    exactly = np.empty(sizes[:, 0].max() + 1)
    shifts, per = np.sqrt(rho) * factor, 1 / np.sqrt(1 - rho)
    for t in range(normals.shape[1]):
        for z in range(factor.shape[0]):
            chance, event = weights[z], 0
            for group in range(sizes.shape[0]):
                needed, size = sizes[group]
                # the last is "needed or more" and is never left
                exactly[:] = 0.0
                exactly[0] = 1.0
                for done in range(size):
                    happens = _normal((normals[event, t] - shifts[z]) * per)
                    event += 1
                    if needed == size:
                        chance *= happens
                        continue
                    for k in range(min(done, needed - 1), -1, -1):
                        moved = exactly[k] * happens
                        exactly[k] -= moved
                        exactly[k + 1] += moved
                if needed < size:
                    chance *= exactly[needed]
            found[t] += chance
    return found


@_compiled
def monotone_slopes(gaps, values):
    """Slopes at knots of curves that do not fall (Fritsch and Butland 1984).

    Args:
        gaps: between the knots, shape (knots - 1,).
        values: at the knots, none below the one before, shape (k, knots).

    Returns:
        Of the shape of the values.
    """
    slopes, last = np.zeros(values.shape), gaps.shape[0] - 1
    for row in range(values.shape[0]):
        rises = np.diff(values[row]) / gaps
        for knot in range(last):
            before, after = rises[knot], rises[knot + 1]
            if before > 0 and after > 0:
                near = gaps[knot] + 2 * gaps[knot + 1]
                far = 2 * gaps[knot] + gaps[knot + 1]
                both = 3 * (gaps[knot] + gaps[knot + 1]) * before * after
                slopes[row, knot + 1] = both / (near * after + far * before)
        for place, end, inner in ((0, 0, min(1, last)), (-1, last, max(last - 1, 0))):
            share = gaps[end] / (gaps[end] + gaps[inner])
            ahead = rises[end] * (1 + share) - rises[inner] * share
            slopes[row, place] = max(ahead, 0.0)
    return slopes


@_compiled
def settled(cdf, most):
    """A CDF made to rise within [0, 1], and what is wrong with it.

    Args:
        cdf: shape (n,).
        most: how far beyond 0 and 1 it may lie.

    Returns:
        Shape (n,); how far it was raised at most; and whether it lies within.
    """
    found, so_far, raised, within = np.empty(cdf.shape), 0.0, 0.0, True
    for k in range(cdf.shape[0]):
        within = within and -most <= cdf[k] <= 1 + most
        so_far = max(so_far, min(cdf[k], 1.0))
        found[k] = so_far
        raised = max(raised, so_far - cdf[k])
    return found, raised, within


@_compiled
def follow_days(values, slopes, before, of_rise, of_slope, of_next_slope):
    """Curves from day to day, by what their values and slopes at knots count there.

    Args:
        values: at the knots, shape (k, knots).
        slopes: there, of the same shape.
        before: of each day the knot before it, shape (d,).
        of_rise: what the rise to the next knot counts, shape (d,).
        of_slope: what the slope at the knot before counts, shape (d,).
        of_next_slope: and that at the next one, shape (d,).

    Returns:
        Between 0 and 1, shape (k, d).
    """
    n_curves, n_days = values.shape[0], before.shape[0]
    daily = np.empty((n_curves, n_days))
    for row in range(n_curves):
        value, slope = values[row], slopes[row]
        for day in range(n_days):
            knot = before[day]
            at = value[knot] + (value[knot + 1] - value[knot]) * of_rise[day]
            at += slope[knot] * of_slope[day]
            at += slope[knot + 1] * of_next_slope[day]
            daily[row, day] = np.minimum(np.maximum(at, 0.0), 1.0)
    return daily


@_compiled
def mean_and_error(laws):
    """Of equally likely laws on each day, shape (k, d), k above 1; shape (d,) each."""
    n, n_days = laws.shape
    mean, error = np.zeros(n_days), np.zeros(n_days)
    for row in range(n):
        mean += laws[row]
    mean /= n
    for row in range(n):
        for day in range(n_days):
            error[day] += (laws[row, day] - mean[day]) ** 2
    return mean, np.sqrt(error / (n - 1)) / np.sqrt(n)


@_compiled
def depths_below(
    shown, prior_mean, prior_variance, variance, correction, nodes, node_weights
):
    """As ``trends.fits.walks.walk_laws``: where walks may stand below their records.

    Args:
        shown: gain, years observed, silent years and silent looks of each walk, (w, 4).
        prior_mean: of the drift.
        prior_variance: of it; may be infinite.
        variance: sigma^2 a year.
        correction: of a walk that is looked at now and then, ``LOOK_CORRECTION``.
        nodes: of a rule of quadrature on [-1, 1], shape (k,).
        node_weights: its weights, shape (k,).

    Returns:
        Depths and their weights, both of shape (w, k).
    """
    n_walks, n_nodes = shown.shape[0], nodes.shape[0]
    depths = np.zeros((n_walks, n_nodes))
    weights = np.full((n_walks, n_nodes), 1 / n_nodes)
    for row in range(n_walks):
        gain, exposure, silent, looks = shown[row]
        if not silent > 0:
            continue
        moving = exposure - silent
        own, own_variance, weight = 0.0, np.inf, 0.0
        if moving > 0:
            own, own_variance = gain / moving, variance / moving
            weight = 1.0
        if prior_variance < np.inf:
            weight = prior_variance / (prior_variance + own_variance)
        mean = (weight * own + (1 - weight) * prior_mean) * silent
        both = 1 / (1 / own_variance + 1 / prior_variance)
        unseen = variance * silent + both * silent**2
        lowest = min(mean, 0.0) - 6 * np.sqrt(unseen)
        highest = -np.inf
        for k in range(n_nodes):
            depths[row, k] = lowest * (1 - nodes[k]) / 2
            weights[row, k] = -((depths[row, k] - mean) ** 2) / (2 * unseen)
            highest = max(highest, weights[row, k])
        total, bridge = 0.0, variance * silent
        short = correction * np.sqrt(bridge / max(looks - 1, 1.0))
        for k in range(n_nodes):
            density = np.exp(weights[row, k] - highest) * node_weights[k]
            if looks > 1:
                density *= -np.expm1(-2 * short * (short - depths[row, k]) / bridge)
            weights[row, k] = density
            total += density
        weights[row] /= total
    return depths, weights
