# mypy: allow-untyped-decorators, allow-untyped-defs, allow-untyped-calls
# ruff: noqa: PLR0917 (compiled functions have no keyword-only arguments)
"""Compiled kernels of the law of records: a trend's filter, what others say, the way on.

As in ``trends.fits.kernels`` nothing uses fastmath or parallel loops, and no kernel is
called from another module's: numba's cache would not notice a change there.
"""

from typing import Final

import numpy as np
from numba import njit

_NEAR: Final = 1e-10
"""Relative, of the last step of a method whose errors are squared from step to step."""

# a division by zero gives infinity, as in numpy
_compiled = njit(nogil=True, cache=True, error_model="numpy")
_inlined = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)


@_compiled
def are_among_best(levels, n_best):
    """Which of some levels were among so many best when they came, shape (n,)."""
    found, best = np.zeros(levels.shape, np.bool_), np.full(n_best, -np.inf)
    for i in range(levels.shape[0]):
        if levels[i] > best[0]:
            found[i], best[0] = True, levels[i]
            best.sort()
    return found


@_inlined
def _forward(known, wander, years):
    """Variances of level and slope so many years later, nothing seen between."""
    level, shared, slope = known
    return (
        level + 2 * years * shared + years**2 * slope + wander * years**3 / 3,
        shared + years * slope + wander * years**2 / 2,
        slope + wander * years,
    )


@_inlined
def _looked(known, scatter):
    """Variances after a point with so much scatter, and that of its surprise."""
    level, shared, slope = known
    spread = level + scatter
    # written as shares, so that no rounding makes a variance negative
    after = (
        level * scatter / spread,
        shared * scatter / spread,
        slope - shared / spread * shared,
    )
    return after, spread


@_compiled
def run_filter(years, curves, scatter, wander, slopes, slope_variance, after):
    """The Kalman filter of a local linear trend, under each pair of variances.

    The level has no prior: the first point is it, with its scatter.

    Args:
        years: of the points, shape (n,), rising.
        curves: levels of several curves, shape (n, c).
        scatter: s^2 of each point under each pair, shape (n, k).
        wander: q of each pair, shape (k,).
        slopes: of each curve at the first point, shape (c,).
        slope_variance: of those.
        after: years from the last point to the time of the state.

    Returns:
        Sums over points after the first: of products of two curves' surprises over
        their variance, shape (k, c, c), and of the logarithms of that variance, shape
        (k,). Then level and slope of each curve, shape (k, 2, c); and the variance of
        the level, the covariance and the variance of the slope, shape (k, 3).
    """
    (n, n_curves), n_pairs = curves.shape, wander.shape[0]
    products, logs = np.zeros((n_pairs, n_curves, n_curves)), np.zeros(n_pairs)
    means, variances = np.empty((n_pairs, 2, n_curves)), np.empty((n_pairs, 3))
    level, slope, off = np.empty(n_curves), np.empty(n_curves), np.empty(n_curves)
    for pair in range(n_pairs):
        level[:], slope[:] = curves[0], slopes
        known = (scatter[0, pair], 0.0, slope_variance)
        for i in range(1, n):
            gap = years[i] - years[i - 1]
            if gap > 0:
                known = _forward(known, wander[pair], gap)
            of_level, of_slope = known[0], known[1]
            known, spread = _looked(known, scatter[i, pair])
            logs[pair] += np.log(spread)
            for a in range(n_curves):
                level[a] += gap * slope[a]
                off[a] = curves[i, a] - level[a]
                level[a] += of_level / spread * off[a]
                slope[a] += of_slope / spread * off[a]
                for b in range(a + 1):
                    products[pair, a, b] += off[a] * off[b] / spread
        for a in range(n_curves):
            means[pair, 0, a] = level[a] + after * slope[a]
            means[pair, 1, a] = slope[a]
            for b in range(a):
                products[pair, b, a] = products[pair, a, b]
        for place, one in enumerate(_forward(known, wander[pair], after)):
            variances[pair, place] = one
    return products, logs, means, variances


@_compiled
def score_log_likelihood(
    years, levels, variances, scatter, wander, slope, slope_variance, rooms, error, told
):
    """Log likelihood of points whose errors are those of where they are expected.

    Args:
        years: of n points, rising.
        levels: of each under each ceiling, shape (c, n).
        variances: of their scores, shape (n,).
        scatter: s^2 of each pair of variances, shape (k,).
        wander: q of each pair, shape (k,).
        slope: of the trend, before the points are looked at.
        slope_variance: of that.
        rooms: range of scores below each ceiling, shape (c,).
        error: of the best score.
        told: levels beyond which a score is not told from the ends of the range.

    Returns:
        Shape (c, k), but for a constant.
    """
    found = np.zeros((levels.shape[0], wander.shape[0]))
    for row in range(levels.shape[0]):
        room = rooms[row]
        first = _steepness(levels[row, 0], room, error, told)
        for pair in range(wander.shape[0]):
            level, rise = levels[row, 0], slope
            known = (scatter[pair] + variances[0] * first**2, 0.0, slope_variance)
            for i in range(1, years.shape[0]):
                gap = years[i] - years[i - 1]
                known = _forward(known, wander[pair], gap)
                level += gap * rise
                of_level, of_slope = known[0], known[1]
                steep = _steepness(level, room, error, told)
                own = scatter[pair] + variances[i] * steep**2
                known, spread = _looked(known, own)
                off = levels[row, i] - level
                level += of_level / spread * off
                rise += of_slope / spread * off
                found[row, pair] -= (np.log(spread) + off**2 / spread) / 2
    return found


@_inlined
def _steepness(level, room, error, told):
    """Derivative of the level by the score."""
    hazard = np.exp(-min(max(level, told[0]), told[1]))
    left = -np.expm1(room / error * np.expm1(-hazard))
    return left * np.exp(hazard) / (room * hazard)


@_compiled
def posterior_means(logs, likely, scatter, wander):
    """Means of s^2 and q on a grid, from log likelihoods and a prior, (k,) each."""
    highest = logs.max()
    total, of_scatter, of_wander = 0.0, 0.0, 0.0
    for pair in range(logs.shape[0]):
        weight = likely[pair] * np.exp(logs[pair] - highest)
        total += weight
        of_scatter += weight * scatter[pair]
        of_wander += weight * wander[pair]
    return of_scatter / total, of_wander / total


@_compiled
def learn_weights(relative, even, rounds):
    """As ``trends.fits.pace.learn_hypers``: so many steps of the EM algorithm.

    Args:
        relative: likelihoods of each family at each place of a grid, over any number
            of its own, shape (n, k).
        even: the distribution to begin with, shape (k,).
        rounds: steps.
    """
    n_families, n_places = relative.shape
    # by place too: sums over places are then of many families at once
    likely, by_place = even.copy(), relative.T.copy()
    totals, pulls = np.empty(n_families), np.empty(n_places)
    for _ in range(rounds):
        totals[:], pulls[:] = 0.0, 0.0
        for k in range(n_places):
            for row in range(n_families):
                totals[row] += by_place[k, row] * likely[k]
        for row in range(n_families):
            share = 1 / totals[row]
            for k in range(n_places):
                pulls[k] += relative[row, k] * share
        likely = (even + likely * pulls) / (n_families + 1)
    return likely


@_compiled
def scatter_about_mean(y, known_variance):
    """tau2 at which sum (y - mean)^2/(v + tau2) = n - 1; 0 where it is less at 0.

    As ``trends.fits.regression.scatter`` by Newton's method from the left, with the mean
    that each tau2 weighs.

    Args:
        y: shape (n,), n above 1.
        known_variance: v, shape (n,).
    """
    n, mean, squares, size = y.shape[0], y.mean(), 0.0, 0.0
    for i in range(n):
        squares += (y[i] - mean) ** 2
        size += y[i] ** 2
    if squares <= n * np.finfo(np.float64).eps * size:
        return 0.0
    free, tau2, is_first = n - 1, 1e-12 * squares / (n - 1), True
    while True:
        total, weighted, q, fall = 0.0, 0.0, 0.0, 0.0
        for i in range(n):
            weight = 1 / (known_variance[i] + tau2)
            total += weight
            weighted += weight * y[i]
        for i in range(n):
            weight = 1 / (known_variance[i] + tau2)
            away = (y[i] - weighted / total) ** 2
            q += weight * away
            fall += weight**2 * away
        step = q * (q / free - 1) / fall
        if is_first and step <= 0:
            return 0.0
        if not step > 1e-15 * tau2:
            return tau2
        tau2, is_first = tau2 + step, False


@_compiled
def line_with_scatter(x, y, known_variance):
    """Line and tau2 at which sum (y - line)^2/(v + tau2) = n - 2; 0 if less at 0.

    As ``scatter_about_mean``, with the line that each tau2 weighs. It is the line of
    ``trends.fits.regression.fit_line``, without its errors.

    Args:
        x: shape (n,), at least three different values.
        y: shape (n,).
        known_variance: v, shape (n,).

    Returns:
        Intercept, slope and tau2.
    """
    n = x.shape[0]
    free, size, squares = n - 2, 0.0, 0.0
    weights = np.ones(n)
    middle, height, slope = _weighted_line(x, y, weights)
    for i in range(n):
        size += y[i] ** 2
        squares += (y[i] - height - slope * (x[i] - middle)) ** 2
    tau2 = 0.0
    if squares > n * np.finfo(np.float64).eps * size:
        tau2, is_first = 1e-12 * squares / free, True
        while True:
            q, fall = 0.0, 0.0
            for i in range(n):
                weights[i] = 1 / (known_variance[i] + tau2)
            middle, height, slope = _weighted_line(x, y, weights)
            for i in range(n):
                away = (y[i] - height - slope * (x[i] - middle)) ** 2
                q += weights[i] * away
                fall += weights[i] ** 2 * away
            step = q * (q / free - 1) / fall
            if is_first and step <= 0:
                tau2 = 0.0
                break
            tau2, is_first = tau2 + step, False
            if not step > _NEAR * tau2:
                break
    smallest = np.finfo(np.float64).tiny ** 0.25
    for i in range(n):
        weights[i] = 1 / max(known_variance[i] + tau2, smallest)
    middle, height, slope = _weighted_line(x, y, weights)
    return height - slope * middle, slope, tau2


@_inlined
def _weighted_line(x, y, weights):
    """Mean of x, of y, and slope."""
    total, middle, height = 0.0, 0.0, 0.0
    for i in range(x.shape[0]):
        total += weights[i]
        middle += weights[i] * x[i]
        height += weights[i] * y[i]
    middle, height = middle / total, height / total
    xx, xy = 0.0, 0.0
    for i in range(x.shape[0]):
        xx += weights[i] * (x[i] - middle) ** 2
        xy += weights[i] * (x[i] - middle) * (y[i] - height)
    return middle, height, xy / xx


@_compiled
def pool_lines(kept, slopes, squares, residuals, degrees, least):
    """As ``trends.fits.slopes.pool_slopes``, of several sets of lines.

    Args:
        kept: which lines there are in each set, shape (c, n).
        slopes: of each line, shape (n,).
        squares: of days about their mean, shape (n,).
        residuals: sums of their squares, shape (n,).
        degrees: of freedom, shape (n,).
        least: variance about the lines.

    Returns:
        Mean, its variance and tau2, shape (c, 3); no numbers without a degree.
    """
    n_sets, n_lines = kept.shape
    found = np.full((n_sets, 3), np.nan)
    y, known = np.empty(n_lines), np.empty(n_lines)
    for row in range(n_sets):
        n, left, free = 0, 0.0, 0.0
        for i in range(n_lines):
            if kept[row, i]:
                y[n], known[n] = slopes[i], squares[i]
                left, free, n = left + residuals[i], free + degrees[i], n + 1
        if free == 0:
            continue
        for i in range(n):
            known[i] = max(left / free, least) / known[i]
        tau2 = scatter_about_mean(y[:n], known[:n]) if n > 1 else 0.0
        total, weighted = 0.0, 0.0
        for i in range(n):
            weight = 1 / (known[i] + tau2)
            total, weighted = total + weight, weighted + weight * y[i]
        found[row] = weighted / total, 1 / total, tau2
    return found


@_compiled
def likeliest_rates(kept, n, exposures, dispersions):
    """As ``trends.fits.waiting.likeliest_rates``; some record was beaten in each set.

    The score falls with the rate and is convex: a step from the right may lead below 0,
    and is then one to the half.
    """
    n_sets, (n_series, n_settings) = kept.shape[0], exposures.shape
    found = np.empty((n_sets, n_settings))
    score, fall = np.empty(n_settings), np.empty(n_settings)
    for row in range(n_sets):
        records, exposed = 0.0, np.zeros(n_settings)
        for i in range(n_series):
            if kept[row, i]:
                records += n[i]
                exposed += exposures[i]
        rates, is_near = records / exposed, False
        while not is_near:
            score[:], fall[:] = 0.0, 0.0
            for i in range(n_series):
                if kept[row, i]:
                    for k in range(n_settings):
                        weight = 1 / (1 + dispersions[k] * rates[k] * exposures[i, k])
                        weighed = exposures[i, k] * weight
                        score[k] += n[i] * weight - rates[k] * weighed
                        fall[k] += (1 + dispersions[k] * n[i]) * weighed * weight
            is_near = True
            for k in range(n_settings):
                step = max(score[k] / fall[k], -rates[k] / 2)
                rates[k] += step
                is_near = is_near and abs(step) <= _NEAR * rates[k]
        found[row] = rates
    return found


@_compiled
def follow(years, kept, trends, stands):
    """Mean and standard deviation of the frontier so many years from now.

    Both wander apart from the day of the trend, on the same side of it or on two; of a
    walk of slopes over s and t > s, levels have the covariance s^2 (3t - s)/6.

    Args:
        years: shape (k,).
        kept: of today's distance from the trend, at each of them.
        trends: of each law level and slope, variance of the level, covariance and
            variance of the slope, shape (h, 5).
        stands: of each law today's record, how the slope wanders a year, years from
            now to the day of the trend, how far above the level of its day a record
            stands, the variance of that, years since the record that a frontier is was
            set, and the variance of those, shape (h, 7).

    Returns:
        Both of shape (h, k).
    """
    shape = trends.shape[0], years.shape[0]
    middle, deviation = np.empty(shape), np.empty(shape)
    for law in range(shape[0]):
        level, slope, level_variance, covariance, slope_variance = trends[law]
        record, wander, ahead, above, scatter, age, age_variance = stands[law]
        start = level + above - slope * age
        spread = scatter + slope**2 * age_variance
        for k in range(shape[1]):
            # of the slope: the trend at that time, less what is kept of it today
            lost, rising = 1 - kept[k], (years[k] - ahead) + kept[k] * ahead
            later, earlier = max(years[k] - ahead, 0.0), max(ahead - years[k], 0.0)
            both = later**3 + earlier**3 + kept[k] ** 2 * ahead**3
            shared = kept[k] * earlier**2 * (3 * ahead - earlier)
            middle[law, k] = lost * start + slope * rising + kept[k] * record
            deviation[law, k] = np.sqrt(
                lost**2 * level_variance
                + 2 * lost * rising * covariance
                + rising**2 * slope_variance
                + wander * (both - shared) / 3
                + (1 - kept[k] ** 2) * spread
            )
    return middle, deviation
