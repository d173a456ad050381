"""How much forecast errors of different benchmarks go together, by lead time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from trends.fits.links import Floats
from trends.fits.streams import random_stream

N_RESAMPLES: Final = 2000
MIN_FAMILIES: Final = 3
HIGHEST: Final = 0.99
NIL: Final = 0.005
"""Transforms nearer to 0 or 1 count as this: a tail forecast is no finer."""


@dataclass(frozen=True)
class Dependence:
    """Correlation of a one-factor Gaussian copula at one lead time.

    Attributes:
        rho: common correlation of two benchmark families' errors.
        low: lower end of its 80% interval.
        high: upper end.
        n_origins: days of forecast with at least two families.
        n_families: benchmark families.
    """

    rho: float
    low: float
    high: float
    n_origins: int
    n_families: int


def fit_dependence(
    transforms: Floats,
    families: Sequence[str],
    origins: Sequence[date],
    *,
    lead_months: int,
    seed: int,
) -> Dependence | None:
    """Correlation between families of the normal scores of their transforms.

    Series of one family are averaged at each origin. rho is the mean product over
    pairs of families at the same origin over the mean square, both about 0: a bias that
    all share for years is dependence to whoever forecasts several benchmarks at once.
    The interval resamples blocks of origins as long as the lead time, and families.

    Args:
        transforms: probability-integral transforms, shape (n,).
        families: benchmark family of each.
        origins: day of forecast of each; monthly.
        lead_months: how far ahead.
        seed: of the resampling.

    Returns:
        None where fewer than three families share an origin.
    """
    names, member = np.unique(np.asarray(families), return_inverse=True)
    days, row = np.unique(np.asarray(origins), return_inverse=True)
    totals, counts = np.zeros((2, len(days), len(names)))
    np.add.at(totals, (row, member), ndtri(np.clip(transforms, NIL, 1 - NIL)))
    np.add.at(counts, (row, member), 1)
    present = counts > 0
    if present.sum(axis=1).max(initial=0) < MIN_FAMILIES:
        return None
    scores = np.divide(totals, counts, out=np.zeros_like(totals), where=present)
    stream = random_stream("dependence", seed, lead_months)
    draws = []
    for _ in range(N_RESAMPLES):
        picked = _blocks(stream, len(days), lead_months)
        chosen = stream.integers(len(names), size=len(names))
        weights = np.bincount(chosen, minlength=len(names)).astype(np.float64)
        draws.append(_correlation(scores[picked], present[picked], weights))
    low, high = np.nanquantile(draws, [0.1, 0.9])
    return Dependence(
        rho=_clipped(_correlation(scores, present, np.ones(len(names)))),
        low=_clipped(low),
        high=_clipped(high),
        n_origins=int((present.sum(axis=1) > 1).sum()),
        n_families=len(names),
    )


def _correlation(
    scores: Floats, present: npt.NDArray[np.bool_], weights: Floats
) -> float:
    """Weighted mean product of pairs of different families over the mean square."""
    given = weights * present
    weighted = given * scores
    products = weighted.sum(axis=1) ** 2 - (weighted**2).sum(axis=1)
    pairs = given.sum(axis=1) ** 2 - (given**2).sum(axis=1)
    if pairs.sum() == 0:
        return float("nan")
    square = (given * scores**2).sum() / given.sum()
    return float(products.sum() / pairs.sum() / square)


def _blocks(stream: np.random.Generator, n: int, length: int) -> npt.NDArray[np.intp]:
    """Origins drawn in circular blocks (Politis and Romano 1992)."""
    starts = stream.integers(n, size=-(-n // length))
    days = (starts[:, np.newaxis] + np.arange(length)) % n
    return days.ravel()[:n].astype(np.intp)


def _clipped(rho: float) -> float:
    return float(np.clip(rho, 0.0, HIGHEST))
