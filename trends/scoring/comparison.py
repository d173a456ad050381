"""How sure is a difference of mean scores, when forecasts share fates.

Series of one family move together, and forecasts from successive origins aim at
overlapping futures. The first is answered by resampling whole families, the second
by counting how many separate origins the overlapping ones are worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtrit

from trends.scoring.arrays import Floats
from trends.scoring.streams import keyed_generator

BOOTSTRAP_FAMILIES: Final = 5
"""Families from which on resampling them gives an interval that means something."""


@dataclass(frozen=True)
class MeanDifference:
    """Mean of score differences and its interval over families.

    Attributes:
        mean: mean over all forecasts; negative where the first forecaster is better.
        low: lower end of the interval; None with fewer than two families, or where
            they do not differ at all.
        high: upper end.
        level: nominal coverage.
        n: forecasts.
        n_families: clusters resampled.
    """

    mean: float
    low: float | None
    high: float | None
    level: float
    n: int
    n_families: int


def mean_difference(
    differences: Floats,
    families: Sequence[str],
    *,
    key: str,
    seed: int,
    level: float = 0.95,
    n_resamples: int = 10_000,
) -> MeanDifference:
    """Mean of paired score differences with an interval over families.

    Whole families are drawn with replacement, so that what the forecasts of one
    family share is kept. The percentile interval is widened to a t interval's miss
    rates at G - 1 degrees of freedom, for it is too short with few families
    (Hesterberg 2015, section 5.3, https://doi.org/10.1080/00031305.2015.1089789).
    Two to four families have too few resamples for that: their interval is Student's
    t of the mean as a ratio of family totals (Cochran 1977, Sampling Techniques,
    section 9A.1), with G - 1 degrees of freedom, and wide.

    Args:
        differences: score of one forecaster minus that of another in the same case,
            shape (n,).
        families: ``family_id`` of each case.
        key: name of the comparison; its random numbers belong to it.
        seed: seed of the resampling.
        level: nominal coverage of the interval.
        n_resamples: bootstrap draws.

    Raises:
        ValueError: no case, or not one family a case.
    """
    if len(differences) == 0 or len(differences) != len(families):
        raise ValueError(f"{len(differences)} differences of {len(families)} cases")
    _, member = np.unique(np.asarray(families), return_inverse=True)
    counts = np.bincount(member)
    sums = np.asarray(np.bincount(member, weights=differences), dtype=np.float64)
    n_families = len(counts)
    low = high = None
    if 1 < n_families < BOOTSTRAP_FAMILIES:
        low, high = _t_interval(sums, counts, level)
    elif n_families > 1:
        picks = keyed_generator(key, seed=seed).integers(
            n_families, size=(n_resamples, n_families)
        )
        means = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
        miss = _widened_miss((1 - level) / 2, n_families)
        low, high = map(float, np.quantile(means, [miss, 1 - miss]))
    if low == high:
        low = high = None  # families that do not differ show no error, not none at all
    return MeanDifference(
        mean=float(np.mean(differences)),
        low=low,
        high=high,
        level=level,
        n=len(differences),
        n_families=n_families,
    )


def effective_origins(mean_scores: Floats, *, overlap: int) -> float:
    """How many separate origins are worth as much as these overlapping ones.

    n / (1 + 2 sum over k < overlap of (1 - k/n) r_k), with r_k the autocorrelation
    at lag k (Bayley and Hammersley 1946, https://doi.org/10.2307/2983560). Lags stop
    where targets no longer overlap, as in Diebold and Mariano (1995). Where the
    autocorrelations of a short record cannot be trusted (they say that overlap adds
    information, or are undefined) it is n / overlap, the origins that do not overlap.

    Args:
        mean_scores: score, or score difference, of each origin averaged over its
            cases; origins equally spaced and in order, shape (n,).
        overlap: lead time in steps between origins; 1 means no overlap.

    Returns:
        Between 1 and n.

    Raises:
        ValueError: no origin, or an overlap below 1.
    """
    n = len(mean_scores)
    if n == 0 or overlap < 1:
        raise ValueError(f"{n} origins, overlap {overlap}: both are at least 1")
    lags = np.arange(1, min(overlap, n))
    centred = mean_scores - np.mean(mean_scores)
    total = centred @ centred
    if len(lags) == 0 or total == 0:
        return max(1.0, n / overlap)
    correlations = np.array([centred[:-lag] @ centred[lag:] for lag in lags]) / total
    inflation = 1 + 2 * np.sum((1 - lags / n) * correlations)
    if inflation < 1:
        inflation = float(overlap)
    return float(np.clip(n / inflation, 1.0, n))


def interval_over_origins(
    mean_differences: Floats, *, overlap: int, level: float = 0.95
) -> tuple[float, float] | None:
    """Interval of the mean difference of a single family, over days of forecast.

    Student's t with ``effective_origins`` for n. It says nothing of other families.

    Args:
        mean_differences: of each origin, equally spaced and in order, shape (n,).
        overlap: as in ``effective_origins``.
        level: nominal coverage.

    Returns:
        None where the origins are worth less than two.
    """
    n = effective_origins(mean_differences, overlap=overlap)
    if n < 2:  # two make a variance
        return None
    mean = float(np.mean(mean_differences))
    error = np.std(mean_differences, ddof=1) / np.sqrt(n)
    reach = float(stdtrit(n - 1, (1 + level) / 2) * error)
    return mean - reach, mean + reach


def _t_interval(
    sums: Floats, counts: npt.NDArray[np.int_], level: float
) -> tuple[float, float]:
    """Student's t about sum(sums) / sum(counts), families being the sample."""
    n_families, n = len(sums), counts.sum()
    mean = sums.sum() / n
    squares = float(np.sum(np.square(sums - mean * counts)))
    error = np.sqrt(n_families / (n_families - 1) * squares) / n
    reach = float(stdtrit(n_families - 1, (1 + level) / 2) * error)
    return float(mean) - reach, float(mean) + reach


def _widened_miss(miss: float, n_families: int) -> float:
    """Normal miss rate at a t quantile, times the root of G/(G - 1) for variance."""
    t = stdtrit(n_families - 1, miss)
    return float(ndtr(t * np.sqrt(n_families / (n_families - 1))))
