"""The distribution of one crossing date, which need not reach 1.

Probabilities are made here, and freed of rounding here: what leaves is in [0, 1], does
not fall, and sums to 1. What is further off than rounding is refused, not mended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Final

import numpy as np

from trends.fits.compiled import level_kernels
from trends.fits.links import Floats

Judge = Callable[[], tuple["CrossingDistribution", ...]]

_ROUNDING: Final = 1e-12

_MOST_ROUNDING: Final = 1e-6
"""Sums over grids of ceilings and laws computed in logs stay well below; a wrong law
does not."""


@dataclass(frozen=True)
class CrossingDistribution:
    """P(crossed by the end of a day) from the day the figures end.

    The masses by projection_end, after it and never are probabilities that sum to 1,
    whatever rounding does to the numbers that it is made from.

    Attributes:
        start: last day observed; ``cdf[k]`` belongs to ``start`` + k days.
        cdf: shape (days + 1,), rising, from ``start`` to projection_end.
        p_never: probability that the bar is never crossed.
        n_draws: parameter draws behind it; 0 where the law is exact.
        cdf_error: Monte Carlo standard error of ``cdf``, of its shape.
        p_above_ceiling: the part of ``p_never`` in which no score reaches so high; in
            the rest progress stops. None where the two are not told apart.
        judge_otherwise: makes ``otherwise``, which only labels ask for.
    """

    start: date
    cdf: Floats
    p_never: float
    n_draws: int
    cdf_error: Floats
    p_above_ceiling: float | None = None
    judge_otherwise: Judge = tuple

    def __post_init__(self) -> None:
        """Take off what is rounding.

        Raises:
            ValueError: probabilities leave [0, 1], fall, or exceed 1 with that of
                never by more.
        """
        given = np.ascontiguousarray(self.cdf, dtype=np.float64)
        cdf, fall, is_within = level_kernels().settled(given, _MOST_ROUNDING)
        if not is_within:
            as_probabilities(given)  # refuses them, and says which
        beyond = self.p_never + float(cdf[-1]) - 1
        if fall > _MOST_ROUNDING or beyond > _MOST_ROUNDING:
            raise ValueError(
                f"no law of a date: it falls by {fall:g} and its masses exceed 1 by "
                f"{beyond:g}"
            )
        never = float(as_probabilities(self.p_never))
        object.__setattr__(self, "cdf", cdf)
        never = min(never, 1 - float(cdf[-1]) + _ROUNDING)
        object.__setattr__(self, "p_never", never)
        if self.p_above_ceiling is not None:
            above = min(self.p_above_ceiling, never)
            object.__setattr__(self, "p_above_ceiling", above)

    @classmethod
    def exact(
        cls,
        start: date,
        cdf: Floats,
        *,
        p_never: float,
        p_above_ceiling: float | None = None,
        judge_otherwise: Judge = tuple,
    ) -> "CrossingDistribution":
        """A law that was computed, not drawn."""
        none = np.zeros_like(cdf)
        return cls(start, cdf, p_never, 0, none, p_above_ceiling, judge_otherwise)

    @classmethod
    def averaged(
        cls,
        start: date,
        cdfs: Floats,
        p_never: Floats,
        *,
        p_above_ceiling: float | None = None,
        judge_otherwise: Judge = tuple,
    ) -> "CrossingDistribution":
        """The mean of equally likely laws, drawn unless there is but one.

        Args:
            start: last day observed.
            cdfs: a law a row, shape (k, days + 1).
            p_never: of each, shape (k,).
            p_above_ceiling: of all.
            judge_otherwise: of all.
        """
        k = len(cdfs)
        if k == 1:
            return cls.exact(
                start,
                cdfs[0],
                p_never=float(p_never[0]),
                p_above_ceiling=p_above_ceiling,
                judge_otherwise=judge_otherwise,
            )
        cdf, error = level_kernels().mean_and_error(np.ascontiguousarray(cdfs))
        return cls(
            start=start,
            cdf=cdf,
            p_never=float(p_never.mean()),
            n_draws=k,
            cdf_error=error,
            p_above_ceiling=p_above_ceiling,
            judge_otherwise=judge_otherwise,
        )

    @classmethod
    def counted(
        cls,
        start: date,
        days: Floats,
        *,
        n_days: int,
        p_above_ceiling: float | None = None,
    ) -> "CrossingDistribution":
        """The share of draws that has crossed by each day.

        Args:
            start: last day observed.
            days: days from ``start`` to the crossing of each draw, infinite for
                never, shape (n,).
            n_days: last day of the distribution, counted from ``start``.
            p_above_ceiling: the part of those never in which no score reaches so high.
        """
        within = days[days <= n_days].astype(np.int64)
        cdf = np.cumsum(np.bincount(within, minlength=n_days + 1)) / len(days)
        return cls(
            start=start,
            cdf=cdf,
            p_never=float(np.mean(np.isinf(days))),
            n_draws=len(days),
            cdf_error=np.sqrt(cdf * (1 - cdf) / len(days)),
            p_above_ceiling=p_above_ceiling,
        )

    @cached_property
    def otherwise(self) -> tuple["CrossingDistribution", ...]:
        """The law under ceilings judged a little lower, and higher.

        None where no ceiling is judged, or a curve does not ask.
        """
        return self.judge_otherwise()

    @cached_property
    def if_ever(self) -> "CrossingDistribution":
        """The law given that the bar is crossed at all: without dates where it is not.

        Monte Carlo errors are those of the date, as if ``p_never`` were known.
        """
        ever = max(1 - self.p_never, float(self.cdf[-1])) or 1.0
        return CrossingDistribution(
            start=self.start,
            cdf=self.cdf / ever,
            p_never=0.0,
            n_draws=self.n_draws,
            cdf_error=self.cdf_error / ever,
            judge_otherwise=lambda: tuple(law.if_ever for law in self.otherwise),
        )

    @property
    def projection_end(self) -> date:
        """Last day of the distribution."""
        return self.start + timedelta(days=len(self.cdf) - 1)

    @property
    def p_by_projection_end(self) -> float:
        """Probability of a crossing by projection_end."""
        return float(self.cdf[-1])

    @property
    def p_progress_stops(self) -> float | None:
        """The rest of ``p_never``."""
        if self.p_above_ceiling is None:
            return None
        return self.p_never - self.p_above_ceiling

    @property
    def p_after_projection_end(self) -> float:
        """Probability of a crossing later than that."""
        return max(0.0, 1.0 - self.p_by_projection_end - self.p_never)

    def p_by(self, day: date) -> float:
        """Probability of a crossing by the end of ``day``; 0 before the figures end."""
        position = (day - self.start).days
        if position < 0:
            return 0.0
        return float(self.cdf[min(position, len(self.cdf) - 1)])

    def p_by_each(self, days: Sequence[date]) -> Floats:
        """``p_by`` of each day, shape (len(days),)."""
        positions = np.array([(day - self.start).days for day in days], dtype=np.int64)
        seen = self.cdf[np.clip(positions, 0, len(self.cdf) - 1)]
        return np.where(positions < 0, 0.0, seen)

    def quantile(self, level: float) -> date | None:
        """First day by which the probability reaches ``level``.

        None when the distribution does not reach it by projection_end.
        """
        position = int(self.cdf.searchsorted(level - _ROUNDING))
        if position == len(self.cdf):
            return None
        return self.start + timedelta(days=position)

    def days_at(self, levels: Floats) -> Floats:
        """``quantile`` in days from ``start``; NaN for None."""
        positions = self.cdf.searchsorted(levels - _ROUNDING)
        return np.where(positions == len(self.cdf), np.nan, positions)

    def error_days(self, levels: Floats) -> Floats:
        """Standard error of ``days_at`` from drawing finitely often; NaN if unknown.

        As ``days_within`` one standard error of the CDF; 0 for an exact law.
        """
        days = self.days_at(levels)
        reached = np.nan_to_num(days).astype(np.intp)
        errors = self.days_within(levels, self.cdf_error[reached])
        return np.where(np.isnan(days), np.nan, errors)

    def days_within(self, levels: Floats, reach: Floats | float) -> Floats:
        """Half the days between the quantiles ``reach`` to either side of levels.

        NaN where either has no date.
        """
        low = self.days_at(np.maximum(levels - reach, _ROUNDING))
        return (self.days_at(levels + reach) - low) / 2

    def days_otherwise(self, levels: Floats) -> Floats:
        """How far at most quantiles move with the judgement of the ceiling.

        NaN where a quantile, or one of the others, has no date.
        """
        days = self.days_at(levels)
        moved = [law.days_at(levels) - days for law in (self, *self.otherwise)]
        return np.asarray(np.abs(moved).max(axis=0))


def as_probabilities(values: Floats | float) -> Floats:
    """Numbers that differ from probabilities by rounding at most, made such.

    Raises:
        ValueError: some are further off, or no numbers.
    """
    found = np.asarray(values, dtype=np.float64)
    inside = (found >= -_MOST_ROUNDING) & (found <= 1 + _MOST_ROUNDING)
    if not inside.all():
        raise ValueError(f"no probabilities: {found[~inside][:3]}")
    return np.clip(found, 0.0, 1.0)


def mixture(
    parts: list[tuple[CrossingDistribution, float]],
) -> CrossingDistribution:
    """Average of independent distributions over the same days.

    Args:
        parts: distributions with weights that sum to 1.
    """
    first = parts[0][0]
    squared_errors = [np.square(weight * part.cdf_error) for part, weight in parts]
    above = [(part.p_above_ceiling, weight) for part, weight in parts]
    return CrossingDistribution(
        start=first.start,
        cdf=np.sum([weight * part.cdf for part, weight in parts], axis=0),
        p_never=sum(weight * part.p_never for part, weight in parts),
        n_draws=sum(part.n_draws for part, _ in parts),
        cdf_error=np.sqrt(np.sum(squared_errors, axis=0)),
        p_above_ceiling=None
        if any(share is None for share, _ in above)
        else sum(weight * (share or 0.0) for share, weight in above),
        judge_otherwise=partial(_mixtures, parts),
    )


def _mixtures(
    parts: list[tuple[CrossingDistribution, float]],
) -> tuple[CrossingDistribution, ...]:
    """Of what parts say otherwise; none where one does not tell, that would move too."""
    weights = [weight for _, weight in parts]
    judged = zip(*(part.otherwise for part, _ in parts), strict=False)
    return tuple(mixture(list(zip(laws, weights, strict=True))) for laws in judged)
