# mypy: allow-untyped-decorators, allow-untyped-defs, allow-untyped-calls
# ruff: noqa: PLR0917 (compiled functions have no keyword-only arguments)
"""Compiled kernels of the fitting engine: draw a resample, refit it, many times.

What calls each other is in this one module, because numba's cache does not notice a
change in a module it imports from. Nothing here uses fastmath or parallel loops:
a number depends on its resample alone, not on its neighbours, chunk or thread.

Random numbers come from Philox4x32-10 (Salmon et al. 2011, SC11, "Parallel random
numbers: as easy as 1, 2, 3"), a function of (key, counter). Word j of a resample is
output j mod 4 of the counter (j div 4, resample, stream): any of them can be had
without those before it. An index below n is (word n) >> 32, whose bias is n / 2^32.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LANES: Final = 16
"""Resamples that a line kernel fits side by side, in SIMD lanes.

Below 16 LLVM unrolls the loops over lanes before it would make vectors of them.
"""

CLUSTERS_OFF: Final = 0
CLUSTERS_RESAMPLED: Final = 1
CLUSTERS_WILD: Final = 2

FITTED: Final = 0
TOO_FEW_POINTS: Final = 1
ONE_DATE: Final = 2
NOT_UNIQUE: Final = 3
NOT_CONVERGED: Final = 4

LINE_COLUMNS: Final = 7
SIGMOID_COLUMNS: Final = 4
QUANTILE_COLUMNS: Final = 3

_CLUSTER_STREAM: Final = 0
_NOISE_STREAM: Final = 1
_DATE_STREAM: Final = 2

_X: Final = 0
_Z: Final = 1
_V: Final = 2
_W: Final = 3

_DAY: Final = 0
_COPIES: Final = 2

_FIRST_DAY: Final = 0
_LAST_DAY: Final = 1
_LEVEL: Final = 2
_ERROR: Final = 3
_VARIANCE: Final = 4
_CLUSTER: Final = 5
_FULL_FIT: Final = 6

_DAYS_PER_YEAR: Final = 365.25
_TWO_32: Final = 4294967296.0
_EPS: Final = float(np.finfo(np.float64).eps)
_SMALLEST_VARIANCE: Final = float(np.finfo(np.float64).tiny) ** 0.25
_MAX_STEPS: Final = 60
_MAX_POLISH_STEPS: Final = 200

# fmt: off
_CENTRE_TOP: Final = (
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
    45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
    133.14166789178437745, 3.387132872796366608,
)
_CENTRE_BOTTOM: Final = (
    5226.495278852545925, 28729.085735721942674, 39307.89580009271061,
    21213.794301586595867, 5394.1960214247511077, 687.1870074920579083,
    42.313330701600911252, 1.0,
)
_TAIL_TOP: Final = (
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
    1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
    4.6303378461565452959, 1.42343711074968357734,
)
_TAIL_BOTTOM: Final = (
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
    0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
    2.05319162663775882187, 1.0,
)
_FAR_TOP: Final = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
    0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
    5.4637849111641143699, 6.6579046435011037772,
)
_FAR_BOTTOM: Final = (
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
    7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
    0.59983220655588793769, 1.0,
)
_INVERSE_FACTORIALS: Final = (
    1 / 6227020800, 1 / 479001600, 1 / 39916800, 1 / 3628800, 1 / 362880, 1 / 40320,
    1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0,
)
# fmt: on

# a midpoint grid has nodes this many logits apart, to as far beyond the dates
_NODES: Final = 96
_LOGITS_BEYOND: Final = 3.0
_SLOPE_LEVELS: Final = 8

# values looked for one by one; to order all of them then costs no more
_MOST_WALKED: Final = 8


# a division by zero gives infinity, as in numpy; a check would cost the SIMD lanes
_compiled = njit(nogil=True, cache=True, error_model="numpy")
# a call with arrays counts references, 25 ns: helpers of one resample are inlined
_inlined = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)


class Sample(NamedTuple):
    """Points of one series in order of date, each array of shape (n,).

    Attributes:
        first_day: earliest day of release, in days since the series' epoch.
        last_day: latest day of release; equal to ``first_day`` where it is known.
        level: score on the scale of the fit, higher is better.
        error: standard error of ``level`` that is drawn as measurement noise.
        variance: known sampling variance of ``level``, for the weights of a line.
        cluster: number of the developer, from 0.
        fitted: level fitted to the full sample, for the wild bootstrap.
    """

    first_day: Floats
    last_day: Floats
    level: Floats
    error: Floats
    variance: Floats
    cluster: Ints
    fitted: Floats


class Draw(NamedTuple):
    """What a resample draws.

    Attributes:
        clusters: CLUSTERS_OFF, CLUSTERS_RESAMPLED or CLUSTERS_WILD.
        noise: whether to add measurement noise to the levels.
        dates: whether to draw days of release inside their intervals.
        records: whether to keep only the records of what was drawn.
        since_day: earliest day of the fitting window, applied after records.
        key0: low half of the Philox key.
        key1: high half of the Philox key.
    """

    clusters: int
    noise: bool
    dates: bool
    records: bool
    since_day: float
    key0: int
    key1: int


class Box(NamedTuple):
    """Where a three-parameter logistic is searched for.

    Attributes:
        ceiling: largest height above the floor.
        slope_low: smallest slope on the logit scale, per year.
        slope_high: largest slope.
        midpoint_low: earliest midpoint, in years since the epoch.
        midpoint_high: latest midpoint.
    """

    ceiling: float
    slope_low: float
    slope_high: float
    midpoint_low: float
    midpoint_high: float


# --- random numbers -----------------------------------------------------------------


@_inlined
def _philox(key0, key1, c0, c1, c2, c3):
    """Four 32-bit words (held in uint64) of Philox4x32-10."""
    mask = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    k0, k1 = np.uint64(key0), np.uint64(key1)
    x0, x1 = np.uint64(c0), np.uint64(c1)
    x2, x3 = np.uint64(c2), np.uint64(c3)
    for _ in range(10):
        low = x0 * np.uint64(0xD2511F53)
        high = x2 * np.uint64(0xCD9E8D57)
        x0, x1, x2, x3 = (
            (high >> half) ^ x1 ^ k0,
            high & mask,
            (low >> half) ^ x3 ^ k1,
            low & mask,
        )
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return x0, x1, x2, x3


@_inlined
def philox_words(key0, key1, resample, stream, n, words):
    """Fill ``words`` with the first n 32-bit words of one stream of one resample."""
    low = resample & 0xFFFFFFFF
    high = resample >> 32
    for block in range((n + 3) // 4):
        four = _philox(key0, key1, block, low, stream, high)
        for j in range(min(4, n - 4 * block)):
            words[4 * block + j] = four[j]


@_inlined
def _uniform(word):
    """A number in (0, 1), never 0 or 1."""
    return (np.float64(word) + 0.5) / _TWO_32


@_inlined
def _polynomial(x, coefficients):
    """Horner's scheme, the highest power first."""
    total = coefficients[0]
    for i in range(1, len(coefficients)):
        total = total * x + coefficients[i]
    return total


@_compiled
def standard_normal(p):
    """Quantile of the standard normal at p in (0, 1), to 1e-15 relative.

    Algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37:477).
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * _polynomial(r, _CENTRE_TOP) / _polynomial(r, _CENTRE_BOTTOM)
    r = np.sqrt(-np.log(p if q < 0 else 1.0 - p))
    if r <= 5.0:
        size = _polynomial(r - 1.6, _TAIL_TOP) / _polynomial(r - 1.6, _TAIL_BOTTOM)
    else:
        size = _polynomial(r - 5.0, _FAR_TOP) / _polynomial(r - 5.0, _FAR_BOTTOM)
    return -size if q < 0 else size


@_inlined
def _webb(word):
    """Webb's six-point weight: +-sqrt(1/2), +-1, +-sqrt(3/2) (Webb 2023)."""
    six = np.int64((word * np.uint64(6)) >> np.uint64(32))
    size = np.sqrt(0.5 * (six // 2 + 1))
    return size if six % 2 else -size


# --- one resample -------------------------------------------------------------------
# One table a series and one workspace a thread: an array taken out of a tuple costs
# a reference count, which is more than drawing a point.


@_compiled
def _table(sample):
    """The sample as rows of one array."""
    table = np.empty((7, sample.level.shape[0]))
    table[_FIRST_DAY] = sample.first_day
    table[_LAST_DAY] = sample.last_day
    table[_LEVEL] = sample.level
    table[_ERROR] = sample.error
    table[_VARIANCE] = sample.variance
    table[_CLUSTER] = sample.cluster
    table[_FULL_FIT] = sample.fitted
    return table


@_compiled
def _workspace(sample):
    """Scratch arrays: of the points, of the clusters, random words, an order."""
    n = sample.level.shape[0]
    n_clusters = sample.cluster.max() + 1
    words = np.empty(max(n, n_clusters), np.uint64)
    return np.empty((3, n)), np.empty(n_clusters), words, np.empty(n, np.int64)


@_inlined
def _draw_clusters(draw, resample, words, drawn):
    """What the draw makes of each developer: how many copies, or a Webb weight."""
    n_clusters = drawn.shape[0]
    for g in range(n_clusters):
        drawn[g] = 1.0 if draw.clusters == CLUSTERS_OFF else 0.0
    if draw.clusters == CLUSTERS_OFF:
        return
    philox_words(draw.key0, draw.key1, resample, _CLUSTER_STREAM, n_clusters, words)
    if draw.clusters == CLUSTERS_WILD:
        for g in range(n_clusters):
            drawn[g] = _webb(words[g])
        return
    for g in range(n_clusters):
        drawn[(words[g] * np.uint64(n_clusters)) >> np.uint64(32)] += 1.0


@_inlined
def _draw_points(table, draw, resample, points, drawn, words):
    """Fill ``points`` with day, level and number of copies of one resample.

    The copies of a point share its measurement noise and its day.
    """
    n = table.shape[1]
    _draw_clusters(draw, resample, words, drawn)
    for i in range(n):
        of_cluster = drawn[np.int64(table[_CLUSTER, i])]
        points[_DAY, i] = table[_FIRST_DAY, i]
        points[_Z, i] = table[_LEVEL, i]
        points[_COPIES, i] = of_cluster
        if draw.clusters == CLUSTERS_WILD:
            away = table[_LEVEL, i] - table[_FULL_FIT, i]
            points[_Z, i] = table[_FULL_FIT, i] + of_cluster * away
            points[_COPIES, i] = 1.0
    if draw.noise:
        philox_words(draw.key0, draw.key1, resample, _NOISE_STREAM, n, words)
        for i in range(n):
            if points[_COPIES, i] > 0 and table[_ERROR, i] > 0:
                noise = standard_normal(_uniform(words[i]))
                points[_Z, i] += table[_ERROR, i] * noise
    if draw.dates:
        n_drawn = 0
        for i in range(n):
            if table[_LAST_DAY, i] > table[_FIRST_DAY, i]:
                n_drawn = i + 1
        philox_words(draw.key0, draw.key1, resample, _DATE_STREAM, n_drawn, words)
        for i in range(n_drawn):
            days = table[_LAST_DAY, i] - table[_FIRST_DAY, i] + 1.0
            points[_DAY, i] += np.floor(_uniform(words[i]) * days)


@_inlined
def _keep_records(points, order):
    """Leave one copy of each point that beat every earlier day, and no other.

    Of one day only the best can enter; a tie with the standing record does not.
    """
    m = 0
    for i in range(points.shape[1]):
        if points[_COPIES, i] > 0:
            j = m
            while j > 0 and points[_DAY, order[j - 1]] > points[_DAY, i]:
                order[j] = order[j - 1]
                j -= 1
            order[j] = i
            m += 1
    record = -np.inf
    j = 0
    while j < m:
        best = order[j]
        today = points[_DAY, best]
        while j < m and points[_DAY, order[j]] == today:
            if points[_Z, order[j]] > points[_Z, best]:
                best = order[j]
            points[_COPIES, order[j]] = 0.0
            j += 1
        if points[_Z, best] > record:
            record = points[_Z, best]
            points[_COPIES, best] = 1.0


@_inlined
def _resample(table, draw, resample, points, drawn, words, order, block, lane):
    """Write the points of one resample into a lane of the block; how many there are."""
    _draw_points(table, draw, resample, points, drawn, words)
    if draw.records:
        _keep_records(points, order)
    m = 0
    for i in range(table.shape[1]):
        if points[_COPIES, i] > 0 and points[_DAY, i] >= draw.since_day:
            block[_X, m, lane] = points[_DAY, i] / _DAYS_PER_YEAR
            block[_Z, m, lane] = points[_Z, i]
            block[_V, m, lane] = table[_VARIANCE, i]
            block[_W, m, lane] = points[_COPIES, i]
            m += 1
    return m


@_compiled
def draw_points(sample, draw, resample, block):
    """Years, level, variance and copies of one resample into ``block``, (4, n, 1).

    Returns:
        The number of different points drawn.
    """
    points, drawn, words, order = _workspace(sample)
    return _resample(
        _table(sample), draw, resample, points, drawn, words, order, block, 0
    )


@_inlined
def _reason_not_to_fit(block, m, lane):
    """FITTED where at least three different points stand at two or more dates."""
    if m < 3:
        return TOO_FEW_POINTS
    for i in range(1, m):
        if block[_X, i, lane] != block[_X, 0, lane]:
            return FITTED
    return ONE_DATE


# --- straight line with Paule-Mandel variance ---------------------------------------
# Row r of a lane is at lane + r LANES of a flat array: the compiler then sees that no
# two rows overlap, and fits LANES resamples at once.


@_compiled
def _sums(block, m, known, tau2, line, sums):
    """Of every lane, sums of the residuals r from its line so far, x from its mean.

    With u = w/(known v + tau2) the rows of ``sums`` are those of u, u x, u r, u x^2,
    u x r and u r^2. Taken about a line near the answer they cancel nothing.
    """
    sums[: 6 * LANES] = 0.0
    for i in range(m):
        for lane in range(LANES):
            variance = max(known * block[_V, i, lane] + tau2[lane], _SMALLEST_VARIANCE)
            x = block[_X, i, lane] - line[lane]
            r = block[_Z, i, lane] - line[lane + LANES] - line[lane + 2 * LANES] * x
            u = block[_W, i, lane] / variance
            sums[lane] += u
            sums[lane + LANES] += u * x
            sums[lane + 2 * LANES] += u * r
            sums[lane + 3 * LANES] += u * x * x
            sums[lane + 4 * LANES] += u * x * r
            sums[lane + 5 * LANES] += u * r * r


@_compiled
def _steep_sums(block, m, tau2, line, sums):
    """As ``_sums``, and in rows 6 to 11 the same with u/(v + tau2) for u."""
    sums[:] = 0.0
    for i in range(m):
        for lane in range(LANES):
            variance = max(block[_V, i, lane] + tau2[lane], _SMALLEST_VARIANCE)
            x = block[_X, i, lane] - line[lane]
            r = block[_Z, i, lane] - line[lane + LANES] - line[lane + 2 * LANES] * x
            inverse = 1.0 / variance
            u = block[_W, i, lane] * inverse
            ux, ur = u * x, u * r
            sums[lane] += u
            sums[lane + LANES] += ux
            sums[lane + 2 * LANES] += ur
            sums[lane + 3 * LANES] += ux * x
            sums[lane + 4 * LANES] += ux * r
            sums[lane + 5 * LANES] += ur * r
            u *= inverse
            ux *= inverse
            ur *= inverse
            sums[lane + 6 * LANES] += u
            sums[lane + 7 * LANES] += ux
            sums[lane + 8 * LANES] += ur
            sums[lane + 9 * LANES] += ux * x
            sums[lane + 10 * LANES] += ux * r
            sums[lane + 11 * LANES] += ur * r


@_inlined
def _move_line(lane, sums, line):
    """Move one lane's line to the weighted least squares line of its sums.

    Rows of ``line``: mean x, level there, slope, sum of u, sum of u (x - mean x)^2.

    Returns:
        The sum of u r^2 about the new line.
    """
    x, r = sums[lane + LANES] / sums[lane], sums[lane + 2 * LANES] / sums[lane]
    xx = sums[lane + 3 * LANES] - sums[lane + LANES] * x
    xr = sums[lane + 4 * LANES] - sums[lane + LANES] * r
    rr = sums[lane + 5 * LANES] - sums[lane + 2 * LANES] * r
    line[lane] += x
    line[lane + LANES] += line[lane + 2 * LANES] * x + r
    line[lane + 2 * LANES] += xr / xx
    line[lane + 3 * LANES] = sums[lane]
    line[lane + 4 * LANES] = xx
    return max(0.0, rr - xr * xr / xx)


@_inlined
def _steepness(lane, sums):
    """Sum of u r^2/(v + tau2) about the line that ``_move_line`` moves to."""
    x, r = sums[lane + LANES] / sums[lane], sums[lane + 2 * LANES] / sums[lane]
    xx = sums[lane + 3 * LANES] - sums[lane + LANES] * x
    b = (sums[lane + 4 * LANES] - sums[lane + LANES] * r) / xx
    a = r - b * x
    return (
        sums[lane + 11 * LANES]
        - 2.0 * (a * sums[lane + 8 * LANES] + b * sums[lane + 10 * LANES])
        + a * a * sums[lane + 6 * LANES]
        + 2.0 * a * b * sums[lane + 7 * LANES]
        + b * b * sums[lane + 9 * LANES]
    )


@_compiled
def _ordinary(block, m, tau2, line, sums, free, rss):
    """Ordinary least squares of every lane: degrees of freedom, residual squares.

    A perfect fit leaves rounding noise, which is no scatter: it counts as zero.
    """
    tau2[:] = 1.0
    _sums(block, m, 0.0, tau2, line, sums)
    for lane in range(LANES):
        n = sums[lane]
        squares = sums[lane + 5 * LANES]
        level = abs(line[lane + LANES]) + abs(
            line[lane + 2 * LANES] * sums[lane + LANES] / n
        )
        rss[lane] = _move_line(lane, sums, line)
        free[lane] = n - 2.0
        if rss[lane] <= n * _EPS * (squares + n * level * level):
            rss[lane] = 0.0


@_compiled
def _paule_mandel(block, m, tau2, line, sums, free, rss, bracket):
    """Solve sum w r^2/(v + tau2) = n - 2 in every lane, 0 where even 0 leaves less.

    With Q the sum, 1/Q is almost a straight line in tau2, and exactly one where all
    variances are equal: Newton's method runs on it, kept inside a bracket by
    bisection. Q at rss/(n - 2) is at most n - 2, because that fit minimises it.
    """
    for lane in range(LANES):
        is_scattered = rss[lane] > 0 and free[lane] > 0
        tau2[lane] = 1e-12 * rss[lane] / free[lane] if is_scattered else 1.0
        bracket[lane] = tau2[lane]
        bracket[lane + LANES] = rss[lane] / free[lane] * (1 + 1e-9)
        bracket[lane + 2 * LANES] = 1.0 if is_scattered else 0.0
    _sums(block, m, 1.0, tau2, line, sums)
    waiting = 0
    for lane in range(LANES):
        q = _move_line(lane, sums, line)
        bracket[lane + 2 * LANES] *= 1.0 if q > free[lane] else 0.0
        known = rss[lane] / q
        start = max(0.1 * bracket[lane + LANES], bracket[lane + LANES] - known)
        tau2[lane] = start if bracket[lane + 2 * LANES] > 0 else 0.0
        waiting += bracket[lane + 2 * LANES] > 0
    for _ in range(_MAX_STEPS):
        if waiting == 0:
            return
        _steep_sums(block, m, tau2, line, sums)
        for lane in range(LANES):
            if bracket[lane + 2 * LANES] > 0:
                waiting -= _narrow(lane, tau2, free, line, sums, bracket)


@_compiled
def _narrow(lane, tau2, free, line, sums, bracket):
    """One safeguarded step of one lane; 1 once it has converged, else 0."""
    now = tau2[lane]
    steepness = _steepness(lane, sums)
    q = _move_line(lane, sums, line)
    bracket[lane if q > free[lane] else lane + LANES] = now
    new = now + q * (q / free[lane] - 1.0) / steepness
    if bracket[lane] <= new <= bracket[lane + LANES]:
        tau2[lane] = new
        converged = abs(new - now) <= 1e-8 * new
    else:
        tau2[lane] = 0.5 * (bracket[lane] + bracket[lane + LANES])
        converged = bracket[lane + LANES] - bracket[lane] <= 1e-13 * tau2[lane]
    if converged:
        bracket[lane + 2 * LANES] = 0.0
    return 1 if converged else 0


@_compiled
def _reference_line(table, line):
    """Ordinary least squares of the undrawn points, from which every lane starts."""
    n = table.shape[1]
    mean_x, mean_z, xx, xz = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        mean_x += table[_FIRST_DAY, i] / _DAYS_PER_YEAR / n
        mean_z += table[_LEVEL, i] / n
    for i in range(n):
        x = table[_FIRST_DAY, i] / _DAYS_PER_YEAR - mean_x
        xx += x * x
        xz += x * (table[_LEVEL, i] - mean_z)
    line[0] = mean_x
    line[1] = mean_z
    line[2] = xz / xx if xx > 0 else 0.0


@_compiled
def _draw_lanes(table, draw, first, last, points, drawn, words, order, block):
    """Draw a resample into every lane, the last again where they run out.

    Returns:
        The number of points of the longest; the shorter are filled with weight 0.
    """
    longest = 0
    for lane in range(LANES):
        resample = min(first + lane, last)
        m = _resample(table, draw, resample, points, drawn, words, order, block, lane)
        for i in range(m, table.shape[1]):
            block[_X, i, lane] = 0.0
            block[_Z, i, lane] = 0.0
            block[_V, i, lane] = 1.0
            block[_W, i, lane] = 0.0
        longest = max(longest, m)
    return longest


@_inlined
def _draw_copies(cluster, draw, first, last, drawn, words, block):
    """As ``_draw_lanes`` where only the number of copies differs between resamples."""
    for lane in range(LANES):
        _draw_clusters(draw, min(first + lane, last), words, drawn)
        for i in range(cluster.shape[0]):
            block[_W, i, lane] = drawn[cluster[i]]


@_compiled
def _reasons(block, m, present, reason):
    """FITTED where at least three different points stand at two or more dates.

    Rows of ``present``: how many points, their first and last x.
    """
    present[:LANES] = 0.0
    present[LANES : 2 * LANES] = np.inf
    present[2 * LANES :] = -np.inf
    for i in range(m):
        for lane in range(LANES):
            here = block[_W, i, lane] > 0
            x = block[_X, i, lane]
            present[lane] += 1.0 if here else 0.0
            present[lane + LANES] = min(present[lane + LANES], x if here else np.inf)
            present[lane + 2 * LANES] = max(
                present[lane + 2 * LANES], x if here else -np.inf
            )
    for lane in range(LANES):
        if present[lane] < 3:
            reason[lane] = TOO_FEW_POINTS
        elif present[lane + LANES] == present[lane + 2 * LANES]:
            reason[lane] = ONE_DATE
        else:
            reason[lane] = FITTED


@_compiled
def resample_lines(sample, draw, first, out, flags):
    """Fit a line with Paule-Mandel variance to resamples first, first + 1, ...

    Args:
        sample: points of the series, variance known or 0.
        draw: what a resample draws.
        first: number of the first resample.
        out: shape (count, LINE_COLUMNS), filled with intercept, slope, variance of
            the intercept, covariance, variance of the slope, tau2 and the number of
            points with their copies; NaN where there is no fit.
        flags: shape (count,), filled with FITTED or the reason why not.
    """
    table = _table(sample)
    points, drawn, words, order = _workspace(sample)
    block = np.empty((4, table.shape[1], LANES))
    tau2, free, rss = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    line, sums = np.empty(5 * LANES), np.empty(12 * LANES)
    bracket, present = np.empty(3 * LANES), np.empty(3 * LANES)
    reason, reference = np.empty(LANES, np.int8), np.empty(3)
    _reference_line(table, reference)
    equal = np.all(sample.variance == sample.variance[0])
    moves = draw.noise or draw.dates or draw.records or draw.since_day > -np.inf
    only_copies = draw.clusters != CLUSTERS_WILD and not moves
    m = 0
    if only_copies:
        nothing = Draw(CLUSTERS_OFF, False, False, False, -np.inf, 0, 0)
        m = _draw_lanes(table, nothing, 0, 0, points, drawn, words, order, block)
    count = out.shape[0]
    last = first + count - 1
    for start in range(0, count, LANES):
        now = first + start
        if only_copies:
            _draw_copies(sample.cluster, draw, now, last, drawn, words, block)
        else:
            m = _draw_lanes(table, draw, now, last, points, drawn, words, order, block)
        _reasons(block, m, present, reason)
        for lane in range(LANES):
            line[lane] = reference[0]
            line[lane + LANES] = reference[1]
            line[lane + 2 * LANES] = reference[2]
        _ordinary(block, m, tau2, line, sums, free, rss)
        if equal:
            for lane in range(LANES):
                known = sample.variance[0]
                tau2[lane] = max(0.0, rss[lane] / free[lane] - known)
                variance = max(known + tau2[lane], _SMALLEST_VARIANCE)
                line[lane + 3 * LANES] /= variance
                line[lane + 4 * LANES] /= variance
        else:
            _paule_mandel(block, m, tau2, line, sums, free, rss, bracket)
            _sums(block, m, 1.0, tau2, line, sums)
            for lane in range(LANES):
                _move_line(lane, sums, line)
        for lane in range(min(LANES, count - start)):
            flags[start + lane] = reason[lane]
            _write_line(line, lane, tau2[lane], free[lane] + 2.0, out, start + lane)
            if reason[lane] != FITTED:
                out[start + lane, :6] = np.nan


@_compiled
def _write_line(line, lane, tau2, n, out, row):
    """Parameters at x = 0 and their covariance, the weights taken as known."""
    out[row, 0] = line[lane + LANES] - line[lane + 2 * LANES] * line[lane]
    out[row, 1] = line[lane + 2 * LANES]
    out[row, 2] = (
        1.0 / line[lane + 3 * LANES] + line[lane] * line[lane] / line[lane + 4 * LANES]
    )
    out[row, 3] = -line[lane] / line[lane + 4 * LANES]
    out[row, 4] = 1.0 / line[lane + 4 * LANES]
    out[row, 5] = tau2
    out[row, 6] = n


# --- three-parameter logistic by variable projection --------------------------------


@_compiled
def exponential(x):
    """e^x for |x| <= 700 to 1e-15 relative, with the same bits on every machine.

    By Cody and Waite: x = k ln 2 + r, and a Taylor series in r.
    """
    shifter = 6755399441055744.0
    shifted = x * 1.4426950408889634 + shifter
    k = shifted - shifter
    r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10
    p = _polynomial(r, _INVERSE_FACTORIALS)
    power = (np.float64(shifted).view(np.int64) + 1023) << 52
    return p * np.int64(power).view(np.float64)


@_inlined
def _fall(slope, midpoint, x):
    """e^(-slope (x - midpoint)), kept finite."""
    return exponential(min(700.0, max(-700.0, -slope * (x - midpoint))))


@_compiled
def line_through(sample):
    """Intercept and slope of the line through the sample itself.

    A release whose day is not known stands in the middle of its interval. Through
    two points, or where all have one date, the slope is 0.
    """
    n = sample.level.shape[0]
    middle = (sample.first_day + sample.last_day) / 2
    if n < 3 or middle.max() == middle.min():
        return sample.level.mean(), 0.0
    undrawn = Sample(
        middle,
        middle,
        sample.level,
        sample.error,
        sample.variance,
        sample.cluster,
        sample.fitted,
    )
    nothing = Draw(CLUSTERS_OFF, False, False, False, -np.inf, 0, 0)
    out, flags = np.empty((1, LINE_COLUMNS)), np.empty(1, np.int8)
    resample_lines(undrawn, nothing, 0, out, flags)
    return out[0, 0], out[0, 1]


@_compiled
def sigmoid_nodes(box, x_first, x_last, nodes):
    """Grid of (midpoint, slope) in rows of ``nodes``; how many were written.

    Slopes rise geometrically through the box. Every slope has midpoints about as
    many logits apart, so that a steep curve is tried in every gap between dates.
    """
    ratio = np.log(box.slope_high / box.slope_low) / (_SLOPE_LEVELS - 1)
    logits = 0.0
    for s in range(_SLOPE_LEVELS):
        slope = box.slope_low * np.exp(ratio * s)
        logits += slope * (x_last - x_first) + 2 * _LOGITS_BEYOND
    written = 0
    for s in range(_SLOPE_LEVELS):
        slope = box.slope_low * np.exp(ratio * s)
        beyond = _LOGITS_BEYOND / slope
        low = max(box.midpoint_low, x_first - beyond)
        high = min(box.midpoint_high, x_last + beyond)
        share = (slope * (x_last - x_first) + 2 * _LOGITS_BEYOND) / logits
        count = max(2, int(share * _NODES))
        for j in range(count):
            if written < nodes.shape[1]:
                nodes[0, written] = low + (high - low) * j / (count - 1)
                nodes[1, written] = slope
                written += 1
    return written


@_compiled
def _heights(nodes, n_nodes, table, rise):
    """Curves of unit height: rows of ``rise`` are points, columns nodes."""
    for i in range(table.shape[1]):
        middle = 0.5 * (table[_FIRST_DAY, i] + table[_LAST_DAY, i])
        for j in range(n_nodes):
            fall = _fall(nodes[1, j], nodes[0, j], middle / _DAYS_PER_YEAR)
            rise[i, j] = 1.0 / (1.0 + fall)


@_inlined
def _best_node(block, kept, m, rise, n_nodes, ceiling, sums):
    """Node of the lowest sum of squares, with the best height at each node."""
    for j in range(n_nodes):
        sums[0, j] = 0.0
        sums[1, j] = 0.0
    for i in range(m):
        w = block[_W, i, 0]
        wz = w * block[_Z, i, 0]
        point = kept[i]
        for j in range(n_nodes):
            g = rise[point, j]
            sums[0, j] += w * g * g
            sums[1, j] += wz * g
    best, lowest = 0, np.inf
    for j in range(n_nodes):
        height = min(ceiling, max(0.0, sums[1, j] / sums[0, j]))
        loss = height * (height * sums[0, j] - 2.0 * sums[1, j])
        if loss < lowest:
            best, lowest = j, loss
    return best


@_inlined
def _sigmoid_loss(block, m, midpoint, slope, ceiling, fall):
    """Half the sum of squares at the best height, and that height.

    Leaves e^(-slope (x - midpoint)) of every point in ``fall`` for the derivatives.
    """
    gg, gz = 0.0, 0.0
    for i in range(m):
        fall[i] = _fall(slope, midpoint, block[_X, i, 0])
    for i in range(m):
        g = 1.0 / (1.0 + fall[i])
        gg += block[_W, i, 0] * g * g
        gz += block[_W, i, 0] * g * block[_Z, i, 0]
    height = min(ceiling, max(0.0, gz / gg))
    loss = 0.0
    for i in range(m):
        g = 1.0 / (1.0 + fall[i])
        r = block[_Z, i, 0] - height * g
        loss += block[_W, i, 0] * r * r
    return 0.5 * loss, height


@_inlined
def _sigmoid_derivatives(block, m, midpoint, slope, height, is_free, fall, d):
    """Gradient and Hessian in (midpoint, slope), the height projected out.

    With f = A g(k (x - m)), residual r and g' = g (1 - g). While the height A is
    free the Hessian is the Schur complement of the three-parameter one; on its bound
    A is a constant. ``d`` is filled with the gradient (2), the Hessian mm, mk, kk
    and the Gauss-Newton diagonal (2), which is never negative.
    """
    gg, gp, gpu, pp, ppu, ppuu = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    rp, rpu, rq, rqu, rquu = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(m):
        w = block[_W, i, 0]
        u = block[_X, i, 0] - midpoint
        g = 1.0 / (1.0 + fall[i])
        p = fall[i] * g * g
        q = p * (fall[i] - 1.0) * g
        r = block[_Z, i, 0] - height * g
        wp, wq = w * p, w * q
        gg += w * g * g
        gp += wp * g
        gpu += wp * g * u
        pp += wp * p
        ppu += wp * p * u
        ppuu += wp * p * u * u
        rp += wp * r
        rpu += wp * r * u
        rq += wq * r
        rqu += wq * r * u
        rquu += wq * r * u * u
    a, k = height, slope
    d[0] = a * k * rp
    d[1] = -a * rpu
    d[5] = a * a * k * k * pp
    d[6] = a * a * ppuu
    d[2] = d[5] - a * k * k * rq
    d[3] = -a * a * k * ppu + a * k * rqu + a * rp
    d[4] = d[6] - a * rquu
    if is_free:
        of_m = k * rp - k * a * gp
        of_k = a * gpu - rpu
        d[2] -= of_m * of_m / gg
        d[3] -= of_m * of_k / gg
        d[4] -= of_k * of_k / gg


@_inlined
def _damped_step(d, damping, hold_m, hold_k):
    """Newton step with the diagonal raised; zero where a parameter is held.

    Returns the two steps and whether the raised Hessian was positive definite.
    """
    mm, mk, kk = d[2] + damping * d[5], d[3], d[4] + damping * d[6]
    if hold_m and hold_k:
        return 0.0, 0.0, True
    if hold_m:
        return 0.0, -d[1] / kk, kk > 0
    if hold_k:
        return -d[0] / mm, 0.0, mm > 0
    determinant = mm * kk - mk * mk
    step_m = (mk * d[1] - kk * d[0]) / determinant
    step_k = (mk * d[0] - mm * d[1]) / determinant
    return step_m, step_k, mm > 0 and determinant > 1e-14 * mm * kk


@_inlined
def _inside(box, midpoint, slope):
    """The nearest point of the box."""
    return (
        min(box.midpoint_high, max(box.midpoint_low, midpoint)),
        min(box.slope_high, max(box.slope_low, slope)),
    )


@_compiled
def polish_sigmoid(block, m, midpoint, slope, box, fall, d):
    """Local minimum from a start, by Newton's method damped as by Levenberg.

    Returns:
        Height, midpoint, slope, half the sum of squares, and whether it converged.
    """
    loss, height = _sigmoid_loss(block, m, midpoint, slope, box.ceiling, fall)
    damping = 1e-3
    size = 0.0
    for i in range(m):
        size += block[_W, i, 0] * block[_Z, i, 0] * block[_Z, i, 0]
    for _ in range(_MAX_POLISH_STEPS):
        is_free = 0.0 < height < box.ceiling
        _sigmoid_derivatives(block, m, midpoint, slope, height, is_free, fall, d)
        hold_m = (midpoint <= box.midpoint_low and d[0] > 0) or (
            midpoint >= box.midpoint_high and d[0] < 0
        )
        hold_k = (slope <= box.slope_low and d[1] > 0) or (
            slope >= box.slope_high and d[1] < 0
        )
        step_m, step_k, is_convex = _damped_step(d, 0.0, hold_m, hold_k)
        # a descent that rounding hides in the loss is taken whole, once
        is_last = is_convex and -(d[0] * step_m + d[1] * step_k) <= 1e-13 * loss
        while not is_last:
            step_m, step_k, is_convex = _damped_step(d, damping, hold_m, hold_k)
            if is_convex:
                new_m, new_k = _inside(box, midpoint + step_m, slope + step_k)
                new_loss, new_height = _sigmoid_loss(
                    block, m, new_m, new_k, box.ceiling, fall
                )
                if new_loss <= loss:
                    break
            damping = max(4.0 * damping, 1e-3)
            if damping > 1e12:
                return height, midpoint, slope, loss, loss <= _EPS * size
        if is_last:
            midpoint, slope = _inside(box, midpoint + step_m, slope + step_k)
            loss, height = _sigmoid_loss(block, m, midpoint, slope, box.ceiling, fall)
            return height, midpoint, slope, loss, True
        moved = abs(new_m - midpoint) * slope + abs(new_k - slope) / slope
        midpoint, slope, height, loss = new_m, new_k, new_height, new_loss
        damping = 0.0 if damping < 1e-6 else 0.1 * damping
        if moved < 1e-13 or loss <= _EPS * _EPS * size:
            return height, midpoint, slope, loss, True
    return height, midpoint, slope, loss, False


@_compiled
def best_sigmoid(sample, box, starts):
    """Lowest local minimum of the sample itself, from every start given.

    Args:
        sample: points of the series on the score scale, above their floor.
        box: bounds of the search.
        starts: shape (2, k), midpoints and slopes.

    Returns:
        Height, midpoint, slope, sum of squares and whether the best converged.
    """
    n = sample.level.shape[0]
    block = np.empty((4, n, 1))
    for i in range(n):
        middle = 0.5 * (sample.first_day[i] + sample.last_day[i])
        block[_X, i, 0] = middle / _DAYS_PER_YEAR
        block[_Z, i, 0] = sample.level[i]
        block[_W, i, 0] = 1.0
    fall, d = np.empty(n), np.empty(7)
    best = (0.0, 0.0, 0.0, np.inf, False)
    for j in range(starts.shape[1]):
        found = polish_sigmoid(block, n, starts[0, j], starts[1, j], box, fall, d)
        if found[3] < best[3]:
            best = found
    return best[0], best[1], best[2], 2.0 * best[3], best[4]


@_compiled
def sigmoid_optimum(sample, box):
    """As ``best_sigmoid``, from every node of the grid."""
    x_first, x_last = np.inf, -np.inf
    for i in range(sample.level.shape[0]):
        middle = (sample.first_day[i] + sample.last_day[i]) / 2 / _DAYS_PER_YEAR
        x_first, x_last = min(x_first, middle), max(x_last, middle)
    nodes = np.empty((2, 2 * _NODES))
    n_nodes = sigmoid_nodes(box, x_first, x_last, nodes)
    return best_sigmoid(sample, box, nodes[:, :n_nodes].copy())


@_inlined
def _kept_points(points, since_day, kept):
    """Numbers of the points that a resample put into its block, in their order."""
    m = 0
    for i in range(points.shape[1]):
        if points[_COPIES, i] > 0 and points[_DAY, i] >= since_day:
            kept[m] = i
            m += 1


@_compiled
def resample_sigmoids(sample, draw, box, start, first, out, flags):
    """Fit three-parameter logistics to resamples first, first + 1, ...

    Each is polished from the best node of a grid and from the full sample's optimum,
    and the lower is kept.

    Args:
        sample: points of the series on the score scale, above their floor.
        draw: what a resample draws.
        box: bounds of the search.
        start: (midpoint, slope) of the full sample's optimum.
        first: number of the first resample.
        out: shape (count, SIGMOID_COLUMNS), filled with height above the floor,
            midpoint, slope and sum of squares; NaN where there is no fit.
        flags: shape (count,), filled with FITTED or the reason why not.
    """
    table = _table(sample)
    points, drawn, words, order = _workspace(sample)
    n = table.shape[1]
    kept = np.empty(n, np.int64)
    block = np.empty((4, n, 1))
    nodes = np.empty((2, 2 * _NODES))
    years = _DAYS_PER_YEAR
    n_nodes = sigmoid_nodes(
        box, table[_FIRST_DAY, 0] / years, table[_LAST_DAY].max() / years, nodes
    )
    rise = np.empty((n, n_nodes))
    _heights(nodes, n_nodes, table, rise)
    sums = np.empty((2, n_nodes))
    fall, d = np.empty(n), np.empty(7)
    for row in range(out.shape[0]):
        m = _resample(table, draw, first + row, points, drawn, words, order, block, 0)
        flags[row] = _reason_not_to_fit(block, m, 0)
        out[row] = np.nan
        if flags[row] != FITTED:
            continue
        _kept_points(points, draw.since_day, kept)
        j = _best_node(block, kept, m, rise, n_nodes, box.ceiling, sums)
        found = polish_sigmoid(block, m, nodes[0, j], nodes[1, j], box, fall, d)
        other = polish_sigmoid(block, m, start[0], start[1], box, fall, d)
        if other[3] < found[3]:
            found = other
        out[row, 0] = found[0]
        out[row, 1] = found[1]
        out[row, 2] = found[2]
        out[row, 3] = 2.0 * found[3]
        if not found[4]:
            flags[row] = NOT_CONVERGED


# --- quantile line ------------------------------------------------------------------


@_compiled
def _weighted_quantile(value, weight, partner, m, target):
    """Point at which the cumulative weight, in order of value, reaches the target.

    Quickselect with three-way partition; the three arrays are reordered.

    Returns:
        The value, its partner, and whether the next value would do as well.
    """
    low, high = 0, m - 1
    below = 0.0
    while True:
        pivot = _middle_of_three(value[low], value[(low + high) // 2], value[high])
        less, i, more = low, low, high
        weight_less, weight_equal = 0.0, 0.0
        while i <= more:
            if value[i] < pivot:
                weight_less += weight[i]
                _swap(value, weight, partner, less, i)
                less += 1
                i += 1
            elif value[i] > pivot:
                _swap(value, weight, partner, i, more)
                more -= 1
            else:
                weight_equal += weight[i]
                i += 1
        reached = below + weight_less + weight_equal
        if less > low and below + weight_less >= target:
            high = less - 1
        elif more == high or reached >= target:
            is_tied = abs(reached - target) <= 1e-12 * abs(target)
            return value[less], partner[less], is_tied
        else:
            below = reached
            low = more + 1


@_inlined
def _swap(value, weight, partner, i, j):
    value[i], value[j] = value[j], value[i]
    weight[i], weight[j] = weight[j], weight[i]
    partner[i], partner[j] = partner[j], partner[i]


@_inlined
def _middle_of_three(a, b, c):
    return max(min(a, b), min(max(a, b), c))


@_inlined
def _rotate(block, m, centre, near, quantile, value, weight, partner):
    """Best line through one point: a weighted quantile of the slopes to the others.

    A point to the left turns upwards when the line turns downwards, so its quantile
    is the complement. Of points at one date none is reached by turning. It is looked
    for from ``near``, a slope that few others part from the best.
    """
    k = 0
    target, below = 0.0, 0.0
    for i in range(m):
        run = block[_X, i, 0] - block[_X, centre, 0]
        if run != 0.0:
            value[k] = (block[_Z, i, 0] - block[_Z, centre, 0]) / run
            weight[k] = block[_W, i, 0] * abs(run)
            target += weight[k] * (quantile if run > 0 else 1.0 - quantile)
            below += weight[k] if value[k] < near else 0.0
            partner[k] = i
            k += 1
    place = _walk(value, weight, k, near, below, target)
    if place >= 0:
        return value[place], partner[place], False
    return _weighted_quantile(value, weight, partner, k, target)


@_inlined
def _walk(value, weight, m, near, below, target):
    """Place of a weighted quantile, from a value near it on to the next and the next.

    Args:
        value: shape (m,) or more.
        weight: of each value.
        m: how many there are.
        near: where to begin.
        below: weight of the values below it.
        target: what the cumulative weight reaches at the quantile.

    Returns:
        A place that holds it; -1 where it is far or rounding could tip the balance.
    """
    upwards = below < target
    # of two values, the nearer is the smaller of them times this sign
    sign = 1.0 if upwards else -1.0
    at, above = sign * near, below
    is_first = upwards
    for _ in range(_MOST_WALKED):
        nearest, place, reached = np.inf, -1, 0.0
        for i in range(m):
            ahead = sign * value[i]
            if (ahead > at or (is_first and ahead == at)) and ahead <= nearest:
                reached = weight[i] + (reached if ahead == nearest else 0.0)
                nearest, place = ahead, i
        if place < 0:
            return -1
        at, is_first = nearest, False
        if upwards:
            below, above = above, above + reached
        else:
            below, above = below - reached, below
        if below < target <= above:
            rounding = 1e-9 * target
            is_sure = below < target - rounding and above > target + rounding
            return place if is_sure else -1
    return -1


@_inlined
def _stands(block, m, centre, slope, quantile):
    """Whether a line through one point is surely the best, told without ordering.

    As ``_rotate`` would find it, where no rounding can tip the balance.
    """
    below, equal, target = 0.0, 0.0, 0.0
    for i in range(m):
        run = block[_X, i, 0] - block[_X, centre, 0]
        weight = block[_W, i, 0] * abs(run)
        target += weight * (quantile if run > 0 else 1.0 - quantile)
        turned = (block[_Z, i, 0] - block[_Z, centre, 0]) / run
        below += weight if turned < slope else 0.0
        equal += weight if turned == slope else 0.0
    rounding = 1e-9 * target
    return below < target - rounding and below + equal > target + rounding


@_inlined
def _check_loss(block, m, centre, slope, quantile):
    """Koenker and Bassett's loss of the line through one point."""
    loss = 0.0
    for i in range(m):
        run = block[_X, i, 0] - block[_X, centre, 0]
        r = block[_Z, i, 0] - block[_Z, centre, 0] - slope * run
        loss += block[_W, i, 0] * r * (quantile if r > 0 else quantile - 1.0)
    return loss


@_compiled
def _through_some_point(block, m, slope, near, quantile, value, weight, partner):
    """Point through which the best line of a given slope goes, near some intercept."""
    total, below = 0.0, 0.0
    for i in range(m):
        value[i] = block[_Z, i, 0] - slope * block[_X, i, 0]
        weight[i] = block[_W, i, 0]
        partner[i] = i
        total += weight[i]
        below += weight[i] if value[i] < near else 0.0
    place = _walk(value, weight, m, near, below, quantile * total)
    if place >= 0:
        return place
    return _weighted_quantile(value, weight, partner, m, quantile * total)[1]


@_compiled
def _intercept(table, level, slope, quantile, value, weight, partner):
    """Of the best line of a given slope through all points, at their first days."""
    n = table.shape[1]
    for i in range(n):
        value[i] = level[i] - slope * table[_FIRST_DAY, i] / _DAYS_PER_YEAR
        weight[i] = 1.0
    return _weighted_quantile(value, weight, partner, n, quantile * n)[0]


@_compiled
def _quantile_line(block, m, slope, near, quantile, value, weight, partner):
    """Exact minimum of the quantile loss by rotating a line from point to point.

    The loss is convex and a minimum goes through two points. A line is a minimum when
    rotating it about any point that it goes through does not lower the loss: those
    rotations are the edges at which the loss bends (Barrodale and Roberts 1973 for
    the median). A line through three or more points is tried about each of them.

    Args:
        block: of one resample.
        m: points in it.
        slope: to begin with.
        near: an intercept about which that of this slope is looked for.
        quantile: which.
        value: scratch, as are weight and partner.
        weight: scratch.
        partner: scratch.

    Returns:
        Intercept, slope, loss, whether another line would do as well, and the places
        of two points on the line.
    """
    centre = _through_some_point(
        block, m, slope, near, quantile, value, weight, partner
    )
    slope, other, is_tied = _rotate(
        block, m, centre, slope, quantile, value, weight, partner
    )
    loss = _check_loss(block, m, centre, slope, quantile)
    is_lower = True
    while is_lower:
        is_lower = False
        for i in range(m):
            run = block[_X, i, 0] - block[_X, centre, 0]
            rise = block[_Z, i, 0] - block[_Z, centre, 0]
            on_line = abs(rise - slope * run) <= 1e-12 * (abs(rise) + abs(slope * run))
            if i == centre or not (i == other or on_line):
                continue
            lower = loss * (1.0 - 1e-14)
            if _stands(block, m, i, slope, quantile) and not (
                _check_loss(block, m, i, slope, quantile) < lower
            ):
                continue
            turned, next_other, tied_here = _rotate(
                block, m, i, slope, quantile, value, weight, partner
            )
            is_tied = is_tied or tied_here
            new_loss = _check_loss(block, m, i, turned, quantile)
            if new_loss < lower:
                centre, other, slope, loss = i, next_other, turned, new_loss
                is_tied, is_lower = tied_here, True
                break
    intercept = block[_Z, centre, 0] - slope * block[_X, centre, 0]
    return intercept, slope, loss, is_tied, centre, other


@_inlined
def _line_of_two(block, m, centre, other, quantile):
    """The line through two points, and whether it surely is the only best."""
    run = block[_X, other, 0] - block[_X, centre, 0]
    slope = (block[_Z, other, 0] - block[_Z, centre, 0]) / run
    intercept = block[_Z, centre, 0] - slope * block[_X, centre, 0]
    loss = _check_loss(block, m, centre, slope, quantile)
    stands = True
    for i in range(m):
        run = block[_X, i, 0] - block[_X, centre, 0]
        rise = block[_Z, i, 0] - block[_Z, centre, 0]
        on_line = abs(rise - slope * run) <= 1e-12 * (abs(rise) + abs(slope * run))
        if on_line or i == other:
            stands = stands and _stands(block, m, i, slope, quantile)
    return (intercept, slope, loss, False, centre, other), stands


@_compiled
def resample_quantiles(sample, draw, quantile, others, slopes, first, out, flags):
    """Fit quantile lines to resamples first, first + 1, ...

    Of points that have other levels too, as under another ceiling, the best line often
    goes through the same two: that is looked at before a line is searched for.

    Args:
        sample: points of the series on the link scale.
        draw: what a resample draws.
        quantile: which, in (0, 1).
        others: other levels of the same points, shape (k, n), in the sample's order.
            They are taken as they are: nothing is drawn of them but points and days.
        slopes: to begin with, of the sample and of each of the others, shape (1 + k,).
        first: number of the first resample.
        out: shape (1 + k, count, QUANTILE_COLUMNS), filled with intercept, slope and
            loss; NaN where there is no fit.
        flags: shape (1 + k, count), filled with FITTED, NOT_UNIQUE where another line
            does as well, or the reason why there is no fit.
    """
    table = _table(sample)
    points, drawn, words, order = _workspace(sample)
    n = table.shape[1]
    block = np.empty((4, n, 1))
    value, weight, partner = np.empty(n), np.empty(n), np.empty(n, np.int64)
    kept = np.empty(n, np.int64)
    near = np.empty(out.shape[0])
    for k in range(out.shape[0]):
        level = others[k - 1] if k > 0 else table[_LEVEL]
        near[k] = _intercept(table, level, slopes[k], quantile, value, weight, partner)
    for row in range(out.shape[1]):
        m = _resample(table, draw, first + row, points, drawn, words, order, block, 0)
        flags[:, row] = _reason_not_to_fit(block, m, 0)
        if flags[0, row] != FITTED:
            out[:, row] = np.nan
            continue
        _kept_points(points, draw.since_day, kept)
        found, stands = (0.0, 0.0, 0.0, False, 0, 0), False
        for k in range(out.shape[0]):
            if k > 0:
                for i in range(m):
                    block[_Z, i, 0] = others[k - 1, kept[i]]
                found, stands = _line_of_two(block, m, found[4], found[5], quantile)
            if not stands:
                found = _quantile_line(
                    block, m, slopes[k], near[k], quantile, value, weight, partner
                )
            out[k, row, 0] = found[0]
            out[k, row, 1] = found[1]
            out[k, row, 2] = found[2]
            if found[3]:
                flags[k, row] = NOT_UNIQUE
