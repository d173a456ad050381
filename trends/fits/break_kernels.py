# mypy: allow-untyped-decorators, allow-untyped-defs, allow-untyped-calls
# ruff: noqa: PLR0917 (compiled functions have no keyword-only arguments)
"""Compiled kernels of the break test: F at every place, and releases without a break.

As in ``trends.fits.kernels`` nothing uses fastmath or parallel loops, and no kernel is
called from another module's: numba's cache would not notice a change there.
"""

import numpy as np
from numba import njit

_EPS = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)

# a division by zero gives infinity, as in numpy
_compiled = njit(nogil=True, cache=True, error_model="numpy")
_inlined = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)


@_inlined
def _squares(w, wx, wxx, wy, wxy, wyy):
    """Residual sum of squares of a weighted line, from its sums."""
    if w <= 0:
        w = 1.0
    xx, xy, yy = wxx - wx * wx / w, wxy - wx * wy / w, wyy - wy * wy / w
    return max(yy - (xy * xy / xx if xx > 0 else 0.0), 0.0)


@_compiled
def f_statistics(x, levels, weights, records, min_side, trim):
    """F of a break after each record of each row, -1 elsewhere.

    Lines before and after each place come from running sums over the records.

    Args:
        x: days of releases about their mean, shape (n,).
        levels: about the mean of their row, shape (rows, n).
        weights: the largest is 1, shape (n,).
        records: whether a release is one, shape (rows, n).
        min_side: records that each side keeps at least.
        trim: share of them that each side keeps.

    Returns:
        Of shape (rows, n).
    """
    f = np.full(levels.shape, -1.0)
    sums = np.zeros((levels.shape[1] + 1, 6))
    places = np.empty(levels.shape[1], np.int64)
    for row in range(levels.shape[0]):
        n = 0
        for i in range(levels.shape[1]):
            if records[row, i]:
                w, y = weights[i], levels[row, i]
                before, after = sums[n], sums[n + 1]
                after[0] = before[0] + w
                after[1] = before[1] + w * x[i]
                after[2] = before[2] + w * x[i] * x[i]
                after[3] = before[3] + w * y
                after[4] = before[4] + w * x[i] * y
                after[5] = before[5] + w * (y * y)
                places[n] = i
                n += 1
        w, wx, wxx, wy, wxy, wyy = sums[n]
        one_line = _squares(w, wx, wxx, wy, wxy, wyy)
        edge = max(min_side, int(np.ceil(trim * n)))
        for k in range(edge, n - edge + 1):
            a, ax, axx, ay, axy, ayy = sums[k]
            two_lines = _squares(a, ax, axx, ay, axy, ayy) + _squares(
                w - a, wx - ax, wxx - axx, wy - ay, wxy - axy, wyy - ayy
            )
            left = max(two_lines, _EPS * one_line)
            if left > 0:
                f[row, places[k - 1]] = (one_line - two_lines) / 2 * (n - 4) / left
    return f


@_compiled
def walk_about_a_line(x, y, gaps, shares):
    """The share of a walk in the variance about a line, by restricted likelihood.

    Constant, x and y are made white by a Kalman filter, which for a walk is what the
    Cholesky root of its covariance is, in n steps of one number (Harvey 1989, 3.4).

    Args:
        x: days about their mean, shape (n,).
        y: levels, shape (n,).
        gaps: variance of the walk's steps, were all of the variance its; shape (n,).
        shares: those to choose from, shape (k,).

    Returns:
        The share, the variance, and intercept and slope of the line.
    """
    n = len(y)
    df = n - 2
    highest = -np.inf
    best = (shares[0], 0.0, 0.0, 0.0)
    one, sloped, levels = np.empty(n), np.empty(n), np.empty(n)
    for share in shares:
        unsure, one_seen, x_seen, y_seen = 0.0, 0.0, 0.0, 0.0
        logs, ones = 0.0, 0.0
        for i in range(n):
            unsure += share * gaps[i]
            spread = unsure + (1 - share)
            root, gain = np.sqrt(spread), unsure / spread
            one[i] = (1 - one_seen) / root
            sloped[i] = (x[i] - x_seen) / root
            levels[i] = (y[i] - y_seen) / root
            one_seen += gain * (1 - one_seen)
            x_seen += gain * (x[i] - x_seen)
            y_seen += gain * (y[i] - y_seen)
            unsure = unsure * (1 - share) / spread
            logs += np.log(spread)
            ones += one[i] * one[i]
        # Gram and Schmidt's basis of both columns of the line
        height = np.sqrt(ones)
        along = 0.0
        for i in range(n):
            one[i] /= height
            along += one[i] * sloped[i]
        squares = 0.0
        for i in range(n):
            sloped[i] -= along * one[i]
            squares += sloped[i] * sloped[i]
        width = np.sqrt(squares)
        of_one, of_slope = 0.0, 0.0
        for i in range(n):
            sloped[i] /= width
            of_one += one[i] * levels[i]
            of_slope += sloped[i] * levels[i]
        rest = 0.0
        for i in range(n):
            residual = levels[i] - of_one * one[i] - of_slope * sloped[i]
            rest += residual * residual
        # nothing off the line: any share describes it
        variance = max(rest / df, _TINY)
        likely = -df / 2 * np.log(variance) - (
            logs / 2 + np.log(height) + np.log(width)
        )
        if likely > highest:
            highest = likely
            slope = of_slope / width
            best = (share, variance, (of_one - along * slope) / height, slope)
    return best
