"""Confidence in the date at which a three-parameter logistic reaches a bar.

A date T is judged by how much worse the curve fits when it has to pass the bar y on
that day: F(T) = (RSS(T) - RSS) / (RSS / df). The signed root of F against t(df) gives
a confidence distribution over T that needs no draws, holds however curved the problem
is, and leaves its mass for "never" to T = infinity, where the ceiling itself is y
(Bates and Watts 1988, Nonlinear Regression Analysis, section 6.1).

Scores near the floor or the ceiling scatter less than those between, so F is scaled
by the ratio of the naive variance of the fitted score at T to its sandwich variance
(Kent 1982, Biometrika 69:19), with HC3 residuals (Long and Ervin 2000, American
Statistician 54:217).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from trends.fits.links import Floats
from trends.fits.sigmoid_optimum import (
    MIDPOINT_REACH_YEARS,
    SLOPE_HIGH,
    SLOPE_LOW,
    SigmoidFit,
)

MAX_LEVERAGE: Final = 0.95
"""A point that fixes a parameter alone has no residual left to judge it by."""

_SLOPES: Final = 10
_MIDPOINTS: Final = 12
_LOGITS_BEYOND: Final = 4.0
_MAX_STEPS: Final = 100
_LEAST_DAMPING: Final = 1e-9
_TOLERANCE: Final = 1e-10
_SATURATED_LOGITS: Final = 30.0


@dataclass(frozen=True)
class SigmoidProfile:
    """A fitted three-parameter logistic before the scores it was fitted to.

    Attributes:
        years: dates of the scores since the epoch, shape (n,).
        levels: scores above the floor, shape (n,).
        max_height: largest ceiling less the floor.
        fit: lowest sum of squares in the box.
    """

    years: Floats
    levels: Floats
    max_height: float
    fit: SigmoidFit

    def confidence(self, dates: Floats, bars: Floats) -> Floats:
        """Confidence that each bar is reached by each date, elementwise.

        Args:
            dates: years since the epoch; infinite for "ever".
            bars: scores above the floor; one at or above ``max_height`` is reached by
                no curve of the family.
        """
        found = np.zeros(len(dates))
        inside = bars < self.max_height
        roots = self._signed_roots(dates[inside], bars[inside])
        found[inside] = stdtr(self.fit.df, roots)
        return found

    def free_covariance(self) -> Floats:
        """s^2 (J'J)^-1 of the parameters off their bounds, NaN for those on them.

        Order: height, midpoint, slope. All NaN where the scores fix no such matrix.
        """
        covariance = np.full((3, 3), np.nan)
        free = self._free
        inverse = _inverse_gram(self._jacobian(self.years)[:, free])
        if inverse is not None:
            covariance[np.ix_(free, free)] = self.fit.rss / self.fit.df * inverse
        return covariance

    def _signed_roots(self, dates: Floats, bars: Floats) -> Floats:
        """Roots of the scaled F, positive where the fit is past the bar by then."""
        rss = constrained_rss(self, dates, bars)
        variance = max(self.fit.rss / self.fit.df, float(np.finfo(np.float64).tiny))
        excess = np.maximum(rss - self.fit.rss, 0.0) / variance
        past = self.fit.at(dates) >= bars
        roots: Floats = np.where(past, 1, -1) * np.sqrt(excess * self._scale(dates))
        return roots

    def _scale(self, dates: Floats) -> Floats:
        """Naive over sandwich variance of the fitted score at each date.

        Where the curve is flat the ratio is that of its limit.
        """
        free = self._free
        jacobian = self._jacobian(self.years)[:, free]
        inverse = _inverse_gram(jacobian)
        if inverse is None:
            return np.ones(len(dates))
        flat = self.fit.midpoint_years + _SATURATED_LOGITS / self.fit.slope_per_year
        gradient = self._jacobian(np.minimum(dates, flat))[:, free]
        weights = jacobian @ inverse @ gradient.T
        leverage = np.sum((jacobian @ inverse) * jacobian, axis=1)
        residuals = (self.levels - self.fit.at(self.years)) / (
            1 - np.minimum(leverage, MAX_LEVERAGE)
        )
        sandwich = np.square(residuals) @ np.square(weights)
        naive = self.fit.rss / self.fit.df * np.sum(np.square(weights), axis=0)
        known = (naive > 0) & (sandwich > 0)
        ratio = np.ones(len(dates))
        np.divide(naive, sandwich, out=ratio, where=known)
        return ratio

    @property
    def _free(self) -> list[int]:
        """Parameters off their bounds, of (height, midpoint, slope)."""
        fit = self.fit
        low = self.years.min() - MIDPOINT_REACH_YEARS
        high = self.years.max() + MIDPOINT_REACH_YEARS
        is_free = (
            0 < fit.height < self.max_height,
            low < fit.midpoint_years < high,
            SLOPE_LOW < fit.slope_per_year < SLOPE_HIGH,
        )
        return [i for i, free in enumerate(is_free) if free]

    def _jacobian(self, years: Floats) -> Floats:
        """Derivatives of the fitted score, a row a date."""
        fit = self.fit
        unit = fit.at(years) / fit.height
        bend = fit.height * unit * (1 - unit)
        return np.column_stack(
            [unit, -fit.slope_per_year * bend, (years - fit.midpoint_years) * bend]
        )


def constrained_rss(profile: SigmoidProfile, dates: Floats, bars: Floats) -> Floats:
    """Lowest sum of squares among curves of the box through each (date, bar).

    The curve through (T, y) is y (1 + e^u) / (1 + e^(u + k (T - t))): its height is
    y (1 + e^u), so that a largest height is a largest u, and two parameters are left
    in a box. At T = infinity the height is y and u counts from the last score. All
    problems are solved at once by Gauss-Newton steps damped as by Levenberg, from the
    best node of a grid and from the fit itself.

    Args:
        profile: the scores and their fit.
        dates: shape (k,), infinite for a ceiling at the bar.
        bars: shape (k,), scores above the floor and below the largest height.
    """
    if len(dates) == 0:
        return np.zeros(0)
    problems = _Problems.of(profile, dates, bars)
    midpoints, slopes = _nodes(profile)
    rss = np.column_stack(
        [
            problems.rss(*problems.through(m, k))
            for m, k in zip(midpoints, slopes, strict=True)
        ]
    )
    best = np.argmin(rss, axis=1)
    fit = profile.fit
    from_fit = np.full(len(dates), fit.midpoint_years), fit.slope_per_year
    return np.minimum(
        problems.polish(*problems.through(midpoints[best], slopes[best])),
        problems.polish(*problems.through(*from_fit)),
    )


@dataclass(frozen=True)
class _Problems:
    """Curves through one (date, bar) each; arrays of shape (k, n) or (k,).

    Attributes:
        before: years from each score to the reference date: the date, or the last
            score where the date is infinite.
        reference: that date.
        is_finite: 1 where it is the date itself, else 0.
        bars: scores above the floor.
        low: smallest u.
        high: largest u.
        levels: the scores, shape (n,).
    """

    before: Floats
    reference: Floats
    is_finite: Floats
    bars: Floats
    low: Floats
    high: Floats
    levels: Floats

    @classmethod
    def of(cls, profile: SigmoidProfile, dates: Floats, bars: Floats) -> "_Problems":
        """The problems of one profile."""
        finite = np.isfinite(dates)
        reference = np.where(finite, dates, profile.years.max())
        before = reference[:, np.newaxis] - profile.years
        reach = SLOPE_HIGH * (np.abs(before).max(axis=1) + MIDPOINT_REACH_YEARS)
        highest = np.log(profile.max_height / bars - 1)
        return cls(
            before=before,
            reference=reference,
            is_finite=finite.astype(np.float64),
            bars=bars,
            low=-reach,
            high=np.where(finite, highest, SLOPE_HIGH * MIDPOINT_REACH_YEARS),
            levels=profile.levels,
        )

    def through(
        self, midpoints: Floats, slopes: Floats | float
    ) -> tuple[Floats, Floats]:
        """(u, k) of curves with these midpoints, their height kept in the box."""
        k = np.broadcast_to(np.asarray(slopes, dtype=np.float64), self.bars.shape)
        return np.clip(k * (midpoints - self.reference), self.low, self.high), k.copy()

    def curves(self, u: Floats, k: Floats) -> tuple[Floats, Floats]:
        """The curves at the scores, and e^(u + k (T - t)) of each."""
        fall = np.exp(
            np.minimum(u[:, np.newaxis] + k[:, np.newaxis] * self.before, 700)
        )
        height = self.bars * (1 + self.is_finite * np.exp(u))
        return height[:, np.newaxis] / (1 + fall), fall

    def rss(self, u: Floats, k: Floats) -> Floats:
        """Sum of squares of each."""
        total: Floats = np.sum(np.square(self.levels - self.curves(u, k)[0]), axis=1)
        return total

    def polish(self, u: Floats, k: Floats) -> Floats:
        """Sum of squares at the local minimum that each start leads to."""
        rss, damping = self.rss(u, k), np.full(len(u), 1e-3)
        active = np.arange(len(u))
        for _ in range(_MAX_STEPS):
            now = self._only(active)
            step_u, step_k = now._step(u[active], k[active], damping[active])
            new_u = np.clip(u[active] + step_u, now.low, now.high)
            new_k = np.clip(k[active] + step_k, SLOPE_LOW, SLOPE_HIGH)
            new_rss = now.rss(new_u, new_k)
            lower = new_rss <= rss[active]
            gain = rss[active] - new_rss
            took = active[lower]
            u[took], k[took], rss[took] = new_u[lower], new_k[lower], new_rss[lower]
            damping[active] *= np.where(lower, 0.1, 10.0)
            damping = np.maximum(damping, _LEAST_DAMPING)
            done = (lower & (gain <= _TOLERANCE * new_rss)) | (damping[active] > 1e10)
            active = active[~done]
            if len(active) == 0:
                break
        return rss

    def _only(self, rows: npt.NDArray[np.int64]) -> "_Problems":
        return _Problems(
            before=self.before[rows],
            reference=self.reference[rows],
            is_finite=self.is_finite[rows],
            bars=self.bars[rows],
            low=self.low[rows],
            high=self.high[rows],
            levels=self.levels,
        )

    def _step(self, u: Floats, k: Floats, damping: Floats) -> tuple[Floats, Floats]:
        """Damped Gauss-Newton step in (u, k); a parameter held at a bound stays."""
        curve, fall = self.curves(u, k)
        falling = fall / (1 + fall)
        rising = self.is_finite * np.exp(u) / (1 + np.exp(u))
        by_u = curve * (rising[:, np.newaxis] - falling)
        by_k = -curve * falling * self.before
        residual = self.levels - curve
        down_u, down_k = np.sum(by_u * residual, 1), np.sum(by_k * residual, 1)
        held_u = ((u <= self.low) & (down_u < 0)) | ((u >= self.high) & (down_u > 0))
        held_k = ((k <= SLOPE_LOW) & (down_k < 0)) | ((k >= SLOPE_HIGH) & (down_k > 0))
        tiny = np.sqrt(np.finfo(np.float64).tiny)
        uu = np.sum(by_u * by_u, 1) * (1 + damping) + tiny
        kk = np.sum(by_k * by_k, 1) * (1 + damping) + tiny
        uk = np.where(held_u | held_k, 0.0, np.sum(by_u * by_k, 1))
        down_u, down_k = np.where(held_u, 0.0, down_u), np.where(held_k, 0.0, down_k)
        determinant = uu * kk - uk * uk
        return (
            (kk * down_u - uk * down_k) / determinant,
            (uu * down_k - uk * down_u) / determinant,
        )


def _nodes(profile: SigmoidProfile) -> tuple[Floats, Floats]:
    """Midpoints and slopes of a grid: slopes rise geometrically through the box."""
    first, last = profile.years.min(), profile.years.max()
    slopes = np.geomspace(SLOPE_LOW, SLOPE_HIGH, _SLOPES)
    reach = np.minimum(_LOGITS_BEYOND / slopes, MIDPOINT_REACH_YEARS)
    midpoints = np.linspace(first - reach, last + reach, _MIDPOINTS)
    return midpoints.ravel(), np.tile(slopes, _MIDPOINTS)


def _inverse_gram(jacobian: Floats) -> Floats | None:
    """(J'J)^-1 by a QR decomposition of the scaled columns; None if singular."""
    length = np.linalg.norm(jacobian, axis=0)
    if jacobian.shape[1] == 0 or not np.all(length > 0):
        return None
    root = np.linalg.qr(jacobian / length, mode="r")
    if np.min(np.abs(np.diag(root))) <= len(jacobian) * np.finfo(np.float64).eps:
        return None
    half = np.linalg.inv(root) / length[:, np.newaxis]
    inverse: Floats = half @ half.T
    return inverse
