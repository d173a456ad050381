# mypy: allow-untyped-decorators, allow-untyped-defs, allow-untyped-calls
"""Compiled kernels of simulated walks: what their records would show.

As in ``trends.fits.kernels`` nothing uses fastmath or parallel loops, and no kernel is
called from another module's: numba's cache would not notice a change there.
"""

from typing import Final

import numpy as np
from numba import njit

_SUMMED_AT_ONCE: Final = 128

# a division by zero gives infinity, as in numpy
_compiled = njit(nogil=True, cache=True, error_model="numpy")
_inlined = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)


@_inlined
def _sum_side_by_side(values, first, n):
    """Sum of ``n`` numbers from ``first`` on, in eight sums and what is left over."""
    total, done = 0.0, 0
    if n >= 8:
        r0, r1, r2, r3, r4, r5, r6, r7 = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        done = n - n % 8
        for i in range(first, first + done, 8):
            r0, r1 = r0 + values[i], r1 + values[i + 1]
            r2, r3 = r2 + values[i + 2], r3 + values[i + 3]
            r4, r5 = r4 + values[i + 4], r5 + values[i + 5]
            r6, r7 = r6 + values[i + 6], r7 + values[i + 7]
        total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(first + done, first + n):
        total += values[i]
    return total


@_compiled
def pairwise_sum(values, n):
    """Sum of the first ``n`` numbers in numpy's order: by halves down to 128.

    A function that calls itself cannot be read back from numba's cache.
    """
    if n <= _SUMMED_AT_ONCE:
        return _sum_side_by_side(values, 0, n)
    sums, waiting = np.empty(64), np.empty(64, dtype=np.int64)
    first, size, depth = 0, n, 0
    while True:
        while size > _SUMMED_AT_ONCE:
            half = size // 2
            half -= half % 8
            waiting[depth] = size - half
            size = half
            depth += 1
        total = _sum_side_by_side(values, first, size)
        first += size
        while depth > 0 and waiting[depth - 1] == 0:
            depth -= 1
            total = sums[depth] + total
        if depth == 0:
            return total
        sums[depth - 1] = total
        size = waiting[depth - 1]
        waiting[depth - 1] = 0


@_compiled
def realised_variance(noise, mean_drift, drift_sd, step, step_sd):
    """What the records of simulated walks show of their variance.

    Args:
        noise: standard normals, shape (walks, 1 + looks): of the drift, of each step.
        mean_drift: a year.
        drift_sd: between walks.
        step: years between looks.
        step_sd: standard deviation of a walk after one step.

    Returns:
        Sums over walks of ``squares`` and ``spread_years`` of ``ObservedWalk``.
    """
    n_walks, n_looks = noise.shape[0], noise.shape[1] - 1
    exposure = n_looks * step
    rises2, products, gaps2 = np.zeros(n_looks), np.zeros(n_looks), np.zeros(n_looks)
    squares, spreads = np.empty(n_walks), np.empty(n_walks)
    for walk in range(n_walks):
        drift = (mean_drift + drift_sd * noise[walk, 0]) * step
        level, highest, last_record = 0.0, 0.0, 0
        for look in range(1, n_looks + 1):
            level += drift + step_sd * noise[walk, look]
            rise, gap = 0.0, 0.0
            # a level that is no number becomes the highest, and is told
            if not level <= highest:
                rise, highest = level - highest, level
                gap, last_record = (look - last_record) * step, look
            rises2[look - 1] = rise * rise
            products[look - 1] = rise * gap
            gaps2[look - 1] = gap * gap
        silence = (n_looks - last_record) * step
        slope = highest / exposure
        apart = pairwise_sum(gaps2, n_looks) + silence * silence
        squares[walk] = (
            pairwise_sum(rises2, n_looks)
            - 2 * slope * pairwise_sum(products, n_looks)
            + slope * slope * apart
        )
        spreads[walk] = exposure - apart / exposure
    return pairwise_sum(squares, n_walks), pairwise_sum(spreads, n_walks)
