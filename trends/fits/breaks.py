"""Does one straight line hold for the whole series? sup-F with a wild bootstrap.

The result is reported beside the fit and chooses nothing: no window, no family.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from trends.fits.links import Floats

MIN_POINTS: Final = 8
"""Points below which no break is looked for."""

MIN_SIDE: Final = 3
"""Points that each side keeps: a line and something to tell its error by."""

TRIM: Final = 0.15
"""Share of the points at either end before and after which no break is sought."""

N_RESAMPLES: Final = 4999
"""A p-value of 0.05 then has a Monte Carlo error of 0.003."""

WEBB: Final = np.sqrt([0.5, 1.0, 1.5]) * np.array([[-1.0], [1.0]])
"""Six weights of mean 0 and variance 1: with two there are 128 resamples of 8 points.

Webb (2023, Canadian Journal of Economics 56:839).
"""


@dataclass(frozen=True)
class BreakTest:
    """The place at which two lines fit best, and how often chance does as well.

    Attributes:
        sup_f: largest F over the places searched.
        p_value: share of resamples of one line with a sup_f as large.
        first_after: index of the first point of the second line.
    """

    sup_f: float
    p_value: float
    first_after: int


def break_test(
    x: Floats,
    y: Floats,
    variance: Floats,
    generator: np.random.Generator,
    *,
    n_resamples: int = N_RESAMPLES,
) -> BreakTest | None:
    """Test one line against two with a break at an unknown date (Andrews 1993).

    Both intercept and slope may change, so that a jump and a change of pace count. F
    has 2 and n - 4 degrees of freedom at each place over the central 70% of the points;
    its largest value has no F distribution, because the place was searched for. The
    p-value compares it with the largest value in resamples that keep dates, weights
    and one line, and turn each residual by a weight of its own: the fixed-regressor
    bootstrap of Hansen (2000, J. Econometrics 97:93) with residuals over 1 - leverage
    (Davidson and Flachaire 2008, J. Econometrics 146:162) and Webb's weights. The
    sample itself counts among the resamples.

    Residuals are turned one by one, so that points must scatter independently. Records do
    not: each is above the last. Of series of 12 records without a break, 33% have
    p <= 0.05 where releases scatter about a line and 53% where they walk with drift;
    of independent points, 3 to 6.5% (``tests/test_breaks.py``). So a large p speaks for
    the line, but a small one is weak evidence of a break.

    Args:
        x: shape (n,), rising.
        y: shape (n,).
        variance: of y about the line, known and between releases, shape (n,).
        generator: of the weights.
        n_resamples: how many.

    Returns:
        None with fewer than 8 points or with points that lie on the line.

    Raises:
        ValueError: x does not rise, so that no place separates the points.
    """
    if np.any(np.diff(x) <= 0):
        raise ValueError(f"a break lies between two dates, these do not rise: {x}")
    if len(x) < MIN_POINTS or np.min(variance) <= 0:
        return None
    root = 1 / np.sqrt(variance)
    line = np.linalg.qr(np.column_stack([root, root * x]))[0]
    places = _places(len(x))
    second_lines = _second_lines(x, root, line, places)
    residuals = _residuals((y * root)[np.newaxis], line)[0]
    found = _f_statistics(residuals[np.newaxis], second_lines)[0]
    leverage = np.sum(np.square(line), axis=1)
    weights = generator.choice(WEBB.ravel(), (n_resamples, len(x)))
    drawn = weights * (residuals / np.maximum(1 - leverage, 1e-8))
    largest = np.max(_f_statistics(_residuals(drawn, line), second_lines), axis=1)
    as_large = np.sum(largest >= np.max(found))
    return BreakTest(
        sup_f=float(np.max(found)),
        p_value=float((1 + as_large) / (1 + n_resamples)),
        first_after=int(places[np.argmax(found)]),
    )


def _places(n: int) -> range:
    """Indices of the first point after a break."""
    edge = max(MIN_SIDE, ceil(TRIM * n))
    return range(edge, n - edge + 1)


def _second_lines(x: Floats, root: Floats, line: Floats, places: range) -> Floats:
    """What a break at each place adds to the line, orthonormal, (n, 2, n_places)."""
    bases = []
    for first in places:
        after = np.where(np.arange(len(x)) >= first, root, 0.0)
        added = np.column_stack([after, after * (x - x[first])])
        bases.append(np.linalg.qr(added - line @ (line.T @ added))[0])
    return np.stack(bases, axis=2)


# einsum sums in an order of its own that BLAS, with its threads, does not promise


def _residuals(samples: Floats, line: Floats) -> Floats:
    """Rows less their projection on the line."""
    levels = np.einsum("rn,np->rp", samples, line)
    return np.asarray(samples - np.einsum("rp,np->rn", levels, line))


def _f_statistics(residuals: Floats, second_lines: Floats) -> Floats:
    """F of each row at each place, shape (n_rows, n_places)."""
    n = residuals.shape[1]
    gained = np.sum(
        np.square(np.einsum("rn,npk->rpk", residuals, second_lines)), axis=1
    )
    total = np.einsum("rn,rn->r", residuals, residuals)[:, np.newaxis]
    left = np.maximum(total - gained, np.finfo(np.float64).eps * total)
    return np.asarray((gained / 2) / (left / (n - 4)))
