"""Evidence against a forecast, as capital won by betting against it.

An e-value is what one unit staked against a forecast has become: its expectation is at
most 1 if the forecast is right (Shafer 2021, JRSS A 184:407). The product of e-values
of successive forecasts, each made in the knowledge of what came before, is an
e-process: it ever reaches 1/alpha with probability at most alpha (Ville 1939), however
often it is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

ALPHA: Final = 0.05
"""Share of false alarms that is accepted."""

_LOWEST: Final = 0.01
"""Ranks below this, the lowest level that is published, are one outcome. The law of a
record that was set on the last day seen gives none to follow a probability of 0, which
a forecast made of whole days cannot mean."""

_SMALLEST: Final = 1e-12
"""Ranks nearer to 1 count as this near: no forecast is known to more digits."""

_MOST: Final = 1e4
"""Capital beyond this is given away, so that an alarm can lapse once forecasts hold."""


@dataclass(frozen=True)
class Evidence:
    """Capital of two bets against a forecast: records too slow, and too fast."""

    slower: float = 1.0
    faster: float = 1.0

    @property
    def both(self) -> float:
        """Half the stake on each: itself an e-value."""
        return (self.slower + self.faster) / 2

    def times(self, next_one: "Evidence") -> "Evidence":
        """The capital after it was all staked once more."""
        return Evidence(
            min(self.slower * next_one.slower, _MOST),
            min(self.faster * next_one.faster, _MOST),
        )


def bet_against(low: float, high: float, *, p_no_record: float) -> Evidence:
    """E-values of one outcome of a forecast.

    The rank of what was found is u = P(record <= found). Where there is no new record
    the law has an atom: u lies between 0 and ``p_no_record``, and the bet pays its
    mean over that interval, which keeps its expectation and needs no random number.

    The bet on slow records pays the average over kappa in (0, 1) of kappa u^(kappa-1),
    (1 - u + u ln u)/(u ln^2 u) with integral (u - 1)/ln u (Vovk and Wang 2021, Annals
    of Statistics 49:1736, section 2). The bet on fast records pays the same of 1 - u,
    but stakes only q = 1 - ``p_no_record``: its odds on the last percents of u are
    long, so that a full stake in each of many short windows, most without a record,
    would lose everything however fast records came.

    Args:
        low: lower end of u.
        high: upper end; the same where there is a new record.
        p_no_record: probability that the forecast gave to no new record.
    """
    q = 1 - p_no_record
    fast = _mean_payment(1 - high, 1 - low)
    slow_low, slow_high = (0.0, _LOWEST) if high < _LOWEST else (low, high)
    return Evidence(slower=_mean_payment(slow_low, slow_high), faster=1 - q + q * fast)


def raise_alarms(evidence: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Which of n e-values are alarms: e-BH (Wang and Ramdas 2022, JRSS B 84:822).

    The k largest, for the largest k at which each is at least n / (k alpha). Whatever
    their dependence, false alarms are on average at most alpha of those standing at a
    vintage; and since alarms need a mean e-value of 1/alpha, the chance that one is
    ever raised while every forecast is right is at most alpha for a roster that stays.
    """
    values = np.asarray(evidence, dtype=np.float64)
    n = len(values)
    largest_first = np.sort(values)[::-1]
    enough = largest_first * np.arange(1, n + 1) >= n / ALPHA
    if not enough.any():
        return np.zeros(n, dtype=np.bool_)
    return np.asarray(values >= largest_first[np.flatnonzero(enough)[-1]])


def _mean_payment(low: float, high: float) -> float:
    """Mean over [low, high] of the bet on small u."""
    high = max(high, _SMALLEST)
    if high - low > _SMALLEST:
        return (_integral(high) - _integral(low)) / (high - low)
    return _payment(high)


def _payment(u: float) -> float:
    """(1 - u + u ln u)/(u ln^2 u), from infinity at 0 to 1/2 at 1."""
    t = -np.log(u)
    if t < 1e-3:
        return float(0.5 + t / 6)
    return float((np.expm1(t) - t) / t**2)


def _integral(u: float) -> float:
    """(u - 1)/ln u, from 0 at 0 to 1 at 1."""
    if u in {0.0, 1.0}:
        return u
    return float((u - 1) / np.log(u))
