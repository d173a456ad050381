"""The time from "the bars are crossed" to "automated R&D": a prior, or a question."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.fft import next_fast_len
from scipy.special import ndtr, ndtri

from trends.crossings.answers import Answer, Crossed, Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats
from trends.registry.scenarios import TranslationGap

DAYS_PER_MONTH: Final = DAYS_PER_YEAR / 12

Complexes = npt.NDArray[np.complex128]


def delayed(answer: Answer, gap: TranslationGap, *, projection_end: date) -> Answer:
    """The answer for T + G, with G independent of T: never stays never.

    The day on which the bars were crossed may be known; T + G is not.
    """
    if isinstance(answer, NotEstimated):
        return answer
    law = answer.distribution or _step(answer, projection_end)
    return Estimated(_convolved(law, gap), answer.reason)


def lognormal_parameters(gap: TranslationGap) -> tuple[float, float]:
    """Mean and standard deviation of ln G, G in months."""
    low, high = np.log([gap.q10_months, gap.q90_months])
    return (low + high) / 2, (high - low) / (2 * float(ndtri(0.9)))


def implied_gap_months(answer: Answer, *, by: date, probability: float) -> float | None:
    """The constant G at which P(T + G <= by) is the probability.

    None where there is none at or above zero: we are already later, or unknown.
    """
    day = _day_of(answer, probability)
    if day is None or day > by.toordinal():
        return None
    return (by.toordinal() - day) / DAYS_PER_MONTH


def p_by(answer: Answer, day: date) -> float | None:
    """P(by the end of the day); None where nothing is estimated."""
    if isinstance(answer, Crossed):
        return float(answer.on <= day)
    return None if answer.distribution is None else answer.distribution.p_by(day)


def _day_of(answer: Answer, probability: float) -> float | None:
    """Ordinal, with fractions, at which the law reaches the probability."""
    if isinstance(answer, Crossed):
        return float(answer.on.toordinal())
    law = answer.distribution
    if law is None or law.cdf[-1] < probability:
        return None
    position = int(np.searchsorted(law.cdf, probability))
    day = float(law.start.toordinal() + position)
    if position == 0:
        return day
    before, after = law.cdf[position - 1 : position + 1]
    return day - float((after - probability) / (after - before))


def _step(answer: Answer, projection_end: date) -> CrossingDistribution:
    start = answer.date_at(0.5)
    if start is None:
        raise ValueError("an answer without a law must be a known day")
    n_days = (projection_end - start).days + 1
    return CrossingDistribution.exact(start, np.ones(n_days), p_never=0.0)


def _convolved(law: CrossingDistribution, gap: TranslationGap) -> CrossingDistribution:
    """The law of T + G on T's own days; what lies beyond them is after the end.

    Its Monte Carlo error is taken as if errors on different days were the same one,
    which is the most that it can be.
    """
    mass = _transformed_mass(lognormal_parameters(gap), len(law.cdf))
    cdf = np.clip(_sum_law(law.cdf, mass), 0.0, law.cdf)
    error = law.cdf_error
    if error.any():
        error = np.clip(_sum_law(error, mass), 0.0, None)
    return replace(law, cdf=np.maximum.accumulate(cdf), cdf_error=error)


def _sum_law(values: Floats, mass: Complexes) -> Floats:
    """The first days of a convolution with a law whose transform is given."""
    padded = _padded(len(values))
    product = np.fft.rfft(values, padded) * mass
    return np.fft.irfft(product, padded)[: len(values)]


@lru_cache(maxsize=64)
def _transformed_mass(lognormal: tuple[float, float], n_days: int) -> Complexes:
    """P(G rounds to each whole number of days), transformed.

    Padding keeps the far end of a convolution out of its first days.
    """
    mean, sd = lognormal
    edges = (np.arange(n_days) + 0.5) / DAYS_PER_MONTH
    mass = np.diff(ndtr((np.log(edges) - mean) / sd), prepend=0.0)
    return np.fft.rfft(mass, _padded(n_days))


def _padded(n_days: int) -> int:
    """At least twice as many; a transform of a length with a large factor takes long."""
    return int(next_fast_len(2 * n_days, real=True))
