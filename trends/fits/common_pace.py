"""How fast all frontiers moved together, month by month, against their mean.

In month t the record of family j rises by a_j + g_t + own noise, in units of the mean
pace of its scale: a_j is its own level (free), g the common pace, a stationary process
that forgets over months and has mean 0 over those of the figures. Records do not fall, so
that no pace is below 0. Strength and memory of g are integrated out on a grid, so that
figures that show no common pace give a flat line. Noise is as large in every family:
weighed by their own, those whose records hardly move would decide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtr

from trends.dates import last_day_of_period, month_ends, years_between
from trends.fits.failures import about
from trends.fits.lines import Row
from trends.fits.links import Floats, Link
from trends.fits.one_a_family import one_vote_a_family
from trends.frontier import Parts
from trends.registry.series import Series
from trends.registry.weights import scale_of

MIN_FAMILIES: Final = 8
"""Months with fewer families have no common pace."""

STRENGTHS: Final = np.linspace(0.1, 1.5, 15)
"""Standard deviations of the common pace, over the mean pace; each as likely."""

MEMORIES: Final = (0.25, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Months in which the common pace forgets; each as likely."""

_LEAST_NOISE: Final = 1e-6
"""Of a month: families that all rise steadily leave none."""

_HALVINGS: Final = 50
"""Of the span in which a quantile is looked for."""


@dataclass(frozen=True)
class Rises:
    """Rises of one family's record in consecutive months.

    Attributes:
        scale: link scale; rises of one scale are compared.
        first: number of the first month.
        values: shape (n,); 0 where the record stood.
    """

    scale: str
    first: int
    values: Floats


@dataclass(frozen=True)
class CommonPace:
    """The common pace over its mean of all months: 1 is as fast as on average.

    Attributes:
        months: number of each month, rising; those with enough families.
        median: shape (months,).
        low: 10% quantile.
        high: 90% quantile.
        n_families: families watched in each month.
    """

    months: list[int]
    median: Floats
    low: Floats
    high: Floats
    n_families: list[int]


def fit_common_pace(families: Sequence[Rises]) -> CommonPace | None:
    """The pace that families share, one vote each.

    Args:
        families: one of each, in any order; those watched for less than two months,
            and all of a scale whose records never rose, say nothing.

    Returns:
        None where no two months have enough families.
    """
    paced = _in_mean_paces(families)
    counts: dict[int, int] = {}
    for one in paced:
        for month in range(one.first, one.first + len(one.values)):
            counts[month] = counts.get(month, 0) + 1
    months = sorted(month for month, n in counts.items() if n >= MIN_FAMILIES)
    seen = _seen_in(paced, months)
    if not seen:
        return None
    precision, pull = _own_parts(seen, len(months))
    lags = np.abs(np.subtract.outer(np.array(months), np.array(months)))
    about_mean = np.eye(len(months)) - 1 / len(months)
    logs, means, variances = [], [], []
    for memory in MEMORIES:
        kernel = np.exp(-lags / memory)
        for strength in STRENGTHS:
            covariance = strength**2 * kernel
            inner = np.eye(len(months)) + precision @ covariance
            posterior = covariance @ np.linalg.inv(inner)
            mean = posterior @ pull
            logs.append((pull @ mean - np.linalg.slogdet(inner)[1]) / 2)
            means.append(about_mean @ mean)
            variances.append(np.diag(about_mean @ posterior @ about_mean))
    weights = np.exp(np.array(logs) - max(logs))
    low, median, high = _quantiles(
        weights / weights.sum(), np.array(means), np.array(variances)
    )
    low, median, high = (np.maximum(1 + one, 0.0) for one in (low, median, high))
    return CommonPace(months, median, low, high, [counts[month] for month in months])


def common_pace_rows(found: CommonPace | None) -> list[Row]:
    """The COMMON_PACE rows without their stamps; none where nothing was found."""
    if found is None:
        return []
    return [
        {
            "month": last_day_of_period(
                f"{(month - 1) // 12}-{(month - 1) % 12 + 1:02}"
            ),
            "pace": float(found.median[i]),
            "pace_lo80": float(found.low[i]),
            "pace_hi80": float(found.high[i]),
            "n_families": found.n_families[i],
        }
        for i, month in enumerate(found.months)
    ]


def _in_mean_paces(families: Sequence[Rises]) -> list[Rises]:
    """Rises over the mean of their scale, each family alike."""
    found = []
    for scale in sorted({one.scale for one in families}):
        ours = [one for one in families if one.scale == scale and len(one.values) > 1]
        mean = np.mean([one.values.mean() for one in ours]) if ours else 0.0
        if mean > 0:
            found += [Rises(scale, one.first, one.values / mean) for one in ours]
    return found


def _seen_in(
    families: Sequence[Rises], months: Sequence[int]
) -> list[tuple[npt.NDArray[np.intp], Floats]]:
    """Places of a family's months and its rises about its own level.

    Of those that were watched in two of the months.
    """
    numbers = np.array(months, dtype=np.int64)
    found = []
    for one in families:
        rows = np.flatnonzero(
            (numbers >= one.first) & (numbers < one.first + len(one.values))
        )
        if len(rows) > 1:
            values = one.values[numbers[rows] - one.first]
            found.append((rows, values - values.mean()))
    return found


def _own_parts(
    seen: Sequence[tuple[npt.NDArray[np.intp], Floats]], n_months: int
) -> tuple[Floats, Floats]:
    """Precision of the common pace, and precision times what it would be.

    Shapes (months, months) and (months,); own levels are integrated out.
    """
    degrees = sum(len(values) - 1 for _, values in seen)
    squares = sum(float(values @ values) for _, values in seen)
    noise = max(squares / degrees, _LEAST_NOISE)
    precision, pull = np.zeros((n_months, n_months)), np.zeros(n_months)
    for rows, values in seen:
        precision[np.ix_(rows, rows)] += (np.eye(len(rows)) - 1 / len(rows)) / noise
        pull[rows] += values / noise
    return precision, pull


def _quantiles(weights: Floats, means: Floats, variances: Floats) -> Floats:
    """10, 50 and 90% quantiles of mixtures of normals, shape (3, months).

    Args:
        weights: shape (parts,).
        means: shape (parts, months).
        variances: same shape; 0 is a certain value.
    """
    spread = np.sqrt(np.maximum(variances, 1e-12))
    levels = np.array([0.1, 0.5, 0.9])[:, np.newaxis]
    shape = (3, means.shape[1])
    low = np.broadcast_to((means - 9 * spread).min(axis=0), shape).copy()
    high = np.broadcast_to((means + 9 * spread).max(axis=0), shape).copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = np.einsum(
            "p,pqm->qm", weights, ndtr((middle - means[:, None]) / spread[:, None])
        )
        low = np.where(below < levels, middle, low)
        high = np.where(below < levels, high, middle)
    return np.asarray((low + high) / 2)


@dataclass(frozen=True)
class _Watched:
    """A series whose record was watched for whole months."""

    series: Series
    exposure_years: float
    rises: Rises

    @property
    def scale(self) -> str:
        """On which its rises are compared."""
        return self.rises.scale


def watched_rises(
    series: Iterable[Series], frontier: pl.DataFrame, *, as_of: date
) -> list[Rises]:
    """Monthly rises of the series that speaks for each family.

    Args:
        series: every series of the vintage.
        frontier: FRONTIER rows of all of them.
        as_of: information cut-off.

    Raises:
        SeriesError: a score of a series cannot be brought on its link scale.
    """
    records = Parts(frontier, "series_id")
    seen = []
    for one in sorted(series, key=lambda one: one.series_id):
        if (rows := records[one.series_id]).height:
            with about(one.series_id, "common pace"):
                seen.append(_watch(one, rows, as_of))
    return [one.rises for one in one_vote_a_family(seen)]


def _watch(series: Series, records: pl.DataFrame, as_of: date) -> _Watched:
    benchmark = series.benchmark
    ceiling = None if benchmark.ceiling is None else benchmark.ceiling.values[-1]
    link = Link.of(benchmark, ceiling)
    levels = link.of_scores(records.get_column("score").to_numpy())
    days = records.get_column("frontier_date").to_list()
    end = max(series.observed_through(as_of), days[-1])
    ends = month_ends(days[0], end)
    standing = np.searchsorted(np.array(days), np.array(ends), side="right") - 1
    first = 12 * ends[0].year + ends[0].month + 1 if ends else 0
    return _Watched(
        series,
        years_between(days[0], end),
        Rises(
            scale_of(is_bounded=benchmark.unit.is_bounded),
            first,
            np.diff(levels[standing]),
        ),
    )
