"""Ten invented points, and ways to draw them again."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import special

from trends.fits.engine import Job, refit
from trends.fits.links import Floats
from trends.fits.samples import Points, Resampling

Words = list[int]

DAYS = np.array([-411.0, -300.0, -188.0, -90.0, -90.0, 12.0, 77.0, 160.0, 301.0, 390.0])
YEARS = DAYS / 365.25
LEVELS = np.array([-1.9, -1.1, -1.4, -0.2, -0.8, 0.7, 0.1, 0.9, 2.2, 1.6])
VARIANCES = np.array([0.31, 0.05, 0.12, 0.22, 0.02, 0.09, 0.4, 0.07, 0.15, 0.03])
DEVELOPERS = ["a", "b", "c", "a", "d", "b", "e", "a", "f", "c"]
POINTS = Points(
    first_days=DAYS,
    last_days=DAYS,
    levels=LEVELS,
    errors=np.sqrt(VARIANCES),
    variances=VARIANCES,
    developers=DEVELOPERS,
)
SCORES = replace(POINTS, levels=special.expit(LEVELS), errors=np.full(10, 0.03))
MONTHS = replace(POINTS, last_days=DAYS + np.array([0, 30, 0, 9, 0, 0, 30, 0, 5, 0.0]))
PLAIN = Resampling(
    seed=7,
    series_id="invented",
    vintage=0,
    count=400,
    clusters="resampled",
    noise=False,
    dates=False,
    records=False,
)
ALL_LAYERS = replace(PLAIN, noise=True, dates=True, records=True)


def philox(counter: Words, key: Words) -> Words:
    """Philox4x32-10 in whole numbers, from the paper."""
    x, k = list(counter), list(key)
    for _ in range(10):
        low, high = x[0] * 0xD2511F53, x[2] * 0xCD9E8D57
        x = [
            (high >> 32) ^ x[1] ^ k[0],
            high % 2**32,
            (low >> 32) ^ x[3] ^ k[1],
            low % 2**32,
        ]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return x


def words(resampling: Resampling, resample: int, stream: int, n: int) -> Floats:
    key = list(resampling.key)
    blocks = [
        philox([block, resample, stream, 0], key) for block in range((n + 3) // 4)
    ]
    return np.concatenate(blocks)[:n].astype(np.float64)


def by_date(points: Points) -> Points:
    """The same points in the order in which resamples see them."""
    names = np.array(points.developers)
    order = np.lexsort((names, points.levels, points.last_days, points.first_days))
    return Points(
        first_days=points.first_days[order],
        last_days=points.last_days[order],
        levels=points.levels[order],
        errors=points.errors[order],
        variances=points.variances[order],
        developers=list(names[order]),
    )


def drawn(
    points: Points, resampling: Resampling, resample: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Years, levels, variances and copies of one resample, in numpy."""
    points = by_date(points)
    n = len(points.levels)
    names, cluster = np.unique(points.developers, return_inverse=True)
    picks = np.floor(words(resampling, resample, 0, len(names)) * len(names) / 2**32)
    copies = np.bincount(picks.astype(int), minlength=len(names))[cluster].astype(
        np.float64
    )
    levels, days = points.levels.copy(), points.first_days.copy()
    if resampling.noise:
        p = (words(resampling, resample, 1, n) + 0.5) / 2**32
        levels += points.errors * special.ndtri(p)
    if resampling.dates:
        p = (words(resampling, resample, 2, n) + 0.5) / 2**32
        days += np.floor(p * (points.last_days - points.first_days + 1))
    keep = copies > 0
    if resampling.records:
        best = -np.inf
        keep = np.zeros(n, dtype=bool)
        for day in np.unique(days[copies > 0]):
            today = np.flatnonzero((days == day) & (copies > 0))
            top = today[np.argmax(levels[today])]
            if levels[top] > best:
                best, keep[top], copies[top] = levels[top], True, 1
    keep &= days >= resampling.since_day
    return days[keep] / 365.25, levels[keep], points.variances[keep], copies[keep]


def exact(days: Floats, levels: Floats, developers: list[str] | None = None) -> Points:
    """Points without any known error."""
    zeros = np.zeros(len(days))
    names = ["a"] * len(days) if developers is None else developers
    return Points(days, days, levels, zeros, zeros, names)


def run(family: Any, points: Points, resampling: Resampling) -> Any:
    (fits,) = refit([Job(family, points, resampling)], workers=1)
    return fits


def paule_mandel_line(x: Floats, y: Floats, v: Floats, w: Floats) -> Floats:
    """The line kernel in numpy, with rows repeated and tau2 by bisection."""
    x, y, v = (np.repeat(values, w.astype(int)) for values in (x, y, v))
    design = np.column_stack([np.ones_like(x), x])
    df = len(x) - 2

    def solve(total: Floats) -> tuple[Any, Any, float]:
        root = 1 / np.sqrt(total)[:, np.newaxis]
        beta = np.linalg.lstsq(design * root, y * root[:, 0], rcond=None)[0]
        information = (design * root).T @ (design * root)
        squares = float(np.sum((y - design @ beta) ** 2 / total))
        return beta, np.linalg.inv(information), squares

    low, high = 0.0, solve(np.ones_like(y))[2] / df
    if solve(v + 1e-12 * high)[2] <= df:
        high = 0.0
    while high - low > 1e-15 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if solve(v + middle)[2] > df else (low, middle)
    beta, covariance, _ = solve(v + high)
    return np.array([*beta, *covariance[np.triu_indices(2)], high, len(x)])
