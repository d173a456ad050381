"""How much forecast errors of different benchmarks go together, by lead time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from trends.fits.common_factor import Panel, rho_law
from trends.fits.links import Floats

MIN_FAMILIES: Final = 3
HIGHEST: Final = 0.99
NIL: Final = 0.005
"""Transforms nearer to 0 or 1 count as this: a tail forecast is no finer."""

LEVELS: Final = (np.arange(10) + 0.5) / 10
"""Of the equally likely values over which forecasts average."""


@dataclass(frozen=True)
class Dependence:
    """Correlation of a one-factor Gaussian copula at one lead time.

    Attributes:
        rho: common correlation of two benchmark families' errors, about their own
            levels; the median of what it may be.
        low: lower end of the likeliest values that hold 80% of the probability.
        high: upper end.
        equally_likely: ten values, rising.
        n_origins: days of forecast with at least two families.
        n_families: benchmark families with at least two of these days.
    """

    rho: float
    low: float
    high: float
    equally_likely: tuple[float, ...]
    n_origins: int
    n_families: int


def fit_dependence(
    transforms: Floats,
    families: Sequence[str],
    origins: Sequence[date],
    *,
    lead_months: int,
) -> Dependence | None:
    """What rho may be, from the normal scores of transforms.

    Series of one family are averaged at each origin: one vote a family. Only pairs of
    families tell: origins with one family have no say. Own level and spread of each
    family are taken out, so that a bias in all forecasts of a family, or of all
    families for all years, is no dependence.

    Args:
        transforms: probability-integral transforms, shape (n,).
        families: benchmark family of each.
        origins: day of forecast of each; monthly.
        lead_months: how far ahead.

    Returns:
        None where fewer than three families share origins with others twice.
    """
    names, member = np.unique(np.asarray(families), return_inverse=True)
    days, row = np.unique(np.asarray(origins), return_inverse=True)
    totals, counts = np.zeros((2, len(days), len(names)))
    np.add.at(totals, (row, member), ndtri(np.clip(transforms, NIL, 1 - NIL)))
    np.add.at(counts, (row, member), 1)
    rows, columns = _shared(counts > 0)
    if len(columns) < MIN_FAMILIES:
        return None
    kept = counts[np.ix_(rows, columns)]
    panel = Panel(
        values=totals[np.ix_(rows, columns)] / np.maximum(kept, 1),
        present=kept > 0,
        months=np.array([12 * day.year + day.month for day in days[rows]]),
        overlap=lead_months,
    )
    law = rho_law(panel)
    low, high = law.densest(0.8)
    return Dependence(
        rho=min(float(law.quantile(np.array([0.5]))[0]), HIGHEST),
        low=min(low, HIGHEST),
        high=min(high, HIGHEST),
        equally_likely=tuple(np.minimum(law.quantile(LEVELS), HIGHEST).tolist()),
        n_origins=len(rows),
        n_families=len(columns),
    )


def _shared(
    present: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Days with two families, and families with two such days; the most there are."""
    rows, columns = (np.ones(n, dtype=bool) for n in present.shape)
    while True:
        given = present & rows[:, np.newaxis] & columns
        kept = given.sum(axis=1) > 1, given.sum(axis=0) > 1
        if (kept[0] == rows).all() and (kept[1] == columns).all():
            return np.flatnonzero(rows), np.flatnonzero(columns)
        rows, columns = kept
