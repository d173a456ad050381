"""Scores of forecasts of a number, in the number's own unit.

Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
estimation. Journal of the American Statistical Association 102, 359-378.
https://doi.org/10.1198/016214506000001437
"""

import numpy as np

from trends.scoring.arrays import ROUNDING, Booleans, Floats, squared_distance


def crps_sample(sample: Floats, observed: Floats | float) -> Floats:
    """Continuous ranked probability score of the empirical law of draws.

    E|X - y| - E|X - X'|/2, both means over the draws themselves (Gneiting and
    Raftery 2007, equation 21), through the order statistics.

    Args:
        sample: draws, shape (..., m).
        observed: what came, shape (...).

    Returns:
        Shape (...), in the unit of the draws.
    """
    ordered = np.sort(sample, axis=-1)
    m = ordered.shape[-1]
    to_observed = np.abs(ordered - np.asarray(observed)[..., np.newaxis]).mean(axis=-1)
    # sum over pairs of |x_i - x_j| / (2 m^2)
    spread = ordered @ (2 * np.arange(1, m + 1) - m - 1.0) / m**2
    return np.asarray(to_observed - spread)


def crps_cdf(grid: Floats, cdf: Floats, observed: float) -> float:
    """Continuous ranked probability score of a law given on a grid.

    Args:
        grid: rising points, shape (n,).
        cdf: P(X <= point), shape (n,), straight between points; it is 0 before the
            first one, so a positive first value is an atom there, and must reach 1.
        observed: what came; may lie outside the grid.

    Raises:
        ValueError: not a CDF, or mass is missing above the grid: then the score is
            infinite, and only one over a window can be given.
    """
    if cdf[-1] < 1 - ROUNDING:
        raise ValueError(
            f"the CDF ends at {cdf[-1]}, not 1: mass beyond the grid has no CRPS; "
            "score it over a window instead"
        )
    inside = squared_distance(grid, cdf, step_at=observed)
    first, last = float(grid[0]), float(grid[-1])
    return inside + max(0.0, first - observed) + max(0.0, observed - last)


def pinball_score(
    quantile: Floats | float, level: Floats | float, observed: Floats | float
) -> Floats:
    """Quantile score (1{y <= q} - level)(q - y), without a factor of 2.

    Arguments broadcast against each other.

    Raises:
        ValueError: a level outside 0 to 1.
    """
    levels, gap = np.asarray(level), np.asarray(quantile) - np.asarray(observed)
    if not np.all((levels > 0) & (levels < 1)):
        raise ValueError(f"quantile levels must lie between 0 and 1, got {level}")
    return np.asarray(((gap >= 0) - levels) * gap)


def weighted_interval_score(
    quantiles: Floats, levels: Floats, observed: Floats | float
) -> Floats:
    """Mean over levels of twice the pinball score: a CRPS from quantiles.

    With K central intervals of miss rates a_k this is the weighted interval score
    (|y - median|/2 + sum a_k/2 IS_k)/(K + 1/2) of Bracher et al. (2021),
    https://doi.org/10.1371/journal.pcbi.1008618, and tends to the CRPS.

    Args:
        quantiles: shape (..., n), rising.
        levels: shape (n,), symmetric about 1/2 and including it.
        observed: shape (...).

    Raises:
        ValueError: levels are not symmetric about a median, or quantiles cross.
    """
    if len(levels) % 2 == 0 or not np.allclose(levels + levels[::-1], 1):
        raise ValueError(f"levels must be symmetric about a median, got {levels}")
    if not np.all(np.diff(quantiles, axis=-1) >= 0):
        raise ValueError("quantiles cross: a higher level has a lower value")
    y = np.asarray(observed)[..., np.newaxis]
    return np.asarray(2 * pinball_score(quantiles, levels, y).mean(axis=-1))


def interval_score(
    low: Floats | float, high: Floats | float, observed: Floats | float, *, miss: float
) -> Floats:
    """Width of a central interval and, where it misses, 2/miss times by how much.

    (u - l) + (2/a)(l - y)1{y < l} + (2/a)(y - u)1{y > u} (Gneiting and Raftery 2007,
    equation 43).

    Args:
        low: lower end, the quantile at miss/2.
        high: upper end, the quantile at 1 - miss/2.
        observed: what came.
        miss: 1 minus the nominal coverage: 0.2 for an 80% interval.

    Raises:
        ValueError: ``miss`` outside 0 to 1, or an interval with low above high.
    """
    low, high, y = np.asarray(low), np.asarray(high), np.asarray(observed)
    if not 0 < miss < 1:
        raise ValueError(f"miss must lie between 0 and 1, got {miss}")
    if np.any(low > high):
        raise ValueError(f"an interval runs from {low} down to {high}")
    outside = np.maximum(low - y, 0) + np.maximum(y - high, 0)
    return np.asarray(high - low + 2 / miss * outside)


def covers(
    low: Floats | float, high: Floats | float, observed: Floats | float
) -> Booleans:
    """Whether the closed interval holds what came."""
    return np.asarray((low <= np.asarray(observed)) & (np.asarray(observed) <= high))


def pit(
    p_below: Floats | float, p_at_or_below: Floats | float, uniform: Floats | float
) -> Floats:
    """Randomised probability integral transform, uniform where the law is true.

    F(y-) + V (F(y) - F(y-)) (Czado, Gneiting and Held 2009, with V random), which an
    atom needs: the frontier stands still with positive probability.

    Args:
        p_below: P(X < y).
        p_at_or_below: P(X <= y).
        uniform: V, from ``keyed_uniforms``.

    Raises:
        ValueError: P(X < y) above P(X <= y), or either outside 0 to 1.
    """
    below, upto = np.asarray(p_below), np.asarray(p_at_or_below)
    if np.any((below < 0) | (below > upto) | (upto > 1)):
        raise ValueError(f"not a CDF: P(X < y) = {below}, P(X <= y) = {upto}")
    return np.asarray(below + np.asarray(uniform) * (upto - below))


def pit_sample(
    sample: Floats, observed: Floats | float, uniform: Floats | float
) -> Floats:
    """``pit`` of the empirical law of draws, shape (..., m)."""
    y = np.asarray(observed)[..., np.newaxis]
    return pit((sample < y).mean(axis=-1), (sample <= y).mean(axis=-1), uniform)
