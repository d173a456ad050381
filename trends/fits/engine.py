"""Refit trends to thousands of resamples: the fitting engine.

A resample is known by its number. Its random numbers depend on the seed, the series
and that number alone, so that no worker, chunk, order or other series changes them,
1,000 resamples are the first of 10,000, and all families of a series see the same
developers, measurement errors and dates.

The compiled kernels are imported when the first fit is asked for, not before.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Any, Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats

Ints = npt.NDArray[np.int64]
Reasons = npt.NDArray[np.int8]
Clusters = Literal["off", "resampled", "wild"]

CHUNK: Final = 2048
"""Resamples that one thread fits at a time."""

SLOPE_LOW: Final = 0.05
SLOPE_HIGH: Final = 6.0
"""Logits a year between which a three-parameter logistic is searched for.

Steeper curves step between two dates, and every gap has such a minimum.
"""

MIDPOINT_REACH_YEARS: Final = 20.0
"""How far outside the dates a midpoint may lie."""

REASONS: Final = (
    "fitted",
    "fewer than three points drawn",
    "all points drawn at one date",
    "another line fits as well",
    "not converged",
)
"""What each code of ``Fits.reasons`` means."""

_FITTED: Final = 0
_NOT_UNIQUE: Final = 3


@dataclass(frozen=True)
class Points:
    """Scores of one series on the scale of the fit, higher is better.

    Attributes:
        first_days: earliest day of release in days since the epoch, shape (n,).
        last_days: latest day of release; equal where the day is known.
        levels: scores on the link scale; for ``Sigmoid``, scores above the floor.
        errors: standard errors of the levels, drawn as measurement noise; 0 for none.
        variances: known sampling variances, for the weights of a line.
        developers: who made each.
        fitted: levels around which a wild bootstrap turns the residuals; None for
            the family's own fit to all of the points.
    """

    first_days: Floats
    last_days: Floats
    levels: Floats
    errors: Floats
    variances: Floats
    developers: Sequence[str]
    fitted: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse what the kernels would turn into silent nonsense."""
        for name in ("first_days", "last_days", "levels", "errors", "variances"):
            values = getattr(self, name)
            if len(values) != len(self.developers):
                raise ValueError(
                    f"{len(values)} {name} for {len(self.developers)} developers"
                )
            if not np.all(np.isfinite(values)):
                raise ValueError(f"{name} must be finite, got {values}")
        if len(self.developers) == 0:
            raise ValueError("no points: there is nothing to resample")
        if np.any(self.errors < 0) or np.any(self.variances < 0):
            raise ValueError("errors and variances must not be negative")
        if np.any(self.last_days < self.first_days):
            raise ValueError("a release's last day lies before its first")

    @property
    def years(self) -> Floats:
        """Middle of each release's interval in years since the epoch."""
        return (self.first_days + self.last_days) / 2 / DAYS_PER_YEAR

    def in_order(self) -> "Points":
        """The same points by date, so that the rows' order changes no draw."""
        order = np.lexsort(
            (np.array(self.developers), self.levels, self.last_days, self.first_days)
        )
        return Points(
            first_days=self.first_days[order],
            last_days=self.last_days[order],
            levels=self.levels[order],
            errors=self.errors[order],
            variances=self.variances[order],
            developers=[self.developers[i] for i in order],
            fitted=None if self.fitted is None else self.fitted[order],
        )


@dataclass(frozen=True)
class Resampling:
    """Which resamples are drawn and what each of them draws.

    Attributes:
        seed: of the whole run.
        series_id: the series, so that each has a stream of its own.
        vintage: what was known, for example the number of points at an origin of the
            backtest; 0 where there is only one.
        count: how many.
        clusters: "resampled" draws developers with replacement; "wild" keeps them
            and turns their residuals by Webb's six-point weights, for fewer than six
            developers (Webb 2023, Canadian Journal of Economics 56:839).
        noise: add each score's measurement error.
        dates: draw each release inside its interval.
        records: keep only the records of what was drawn; else all points.
        since_day: first day of the fitting window, applied after the records.
    """

    seed: int
    series_id: str
    vintage: int
    count: int
    clusters: Clusters
    noise: bool
    dates: bool
    records: bool
    since_day: float = -np.inf

    @property
    def key(self) -> tuple[int, int]:
        """The two halves of this stream's Philox key."""
        name = f"{self.seed}|{self.series_id}|{self.vintage}".encode()
        digest = hashlib.sha256(name).digest()
        low = int.from_bytes(digest[:4], "little")
        return low, int.from_bytes(digest[4:8], "little")


@dataclass(frozen=True)
class Fits:
    """Refits of one family, a row a resample.

    Attributes:
        columns: names of the columns of ``values``.
        values: NaN where there is no fit.
        reasons: code of each row, an index into ``REASONS``.
    """

    columns: tuple[str, ...]
    values: Floats
    reasons: Reasons

    def column(self, name: str) -> Floats:
        """One parameter of every resample."""
        return self.values[:, self.columns.index(name)]

    @property
    def n_failed(self) -> int:
        """Resamples without a fit; one fit among equals is a fit."""
        return int(np.sum((self.reasons != _FITTED) & (self.reasons != _NOT_UNIQUE)))

    @property
    def n_not_unique(self) -> int:
        """Resamples in which another line would fit as well."""
        return int(np.sum(self.reasons == _NOT_UNIQUE))

    def share_at(self, name: str, bound: float) -> float:
        """Share of the fitted resamples in which a parameter sits on a bound."""
        values = self.column(name)
        return float(np.mean(values[np.isfinite(values)] == bound))


Refit = Callable[[int, Floats, Reasons], None]
"""Fits resamples from a first number into slices of values and reasons."""


class Family(Protocol):
    """A trend family as the engine sees it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what is fitted."""

    def prepare(self, points: Points, resampling: Resampling) -> Refit:
        """The once-per-series work, and what fits a chunk of resamples.

        Args:
            points: ``in_order()``.
            resampling: what each resample draws.
        """


@dataclass(frozen=True)
class Line:
    """Straight line by weighted least squares with Paule-Mandel variance.

    The intercept is the level at the epoch; variances take the weights as known.
    """

    columns: tuple[str, ...] = (
        "intercept",
        "slope_per_year",
        "intercept_variance",
        "intercept_slope_cov",
        "slope_variance",
        "tau2",
        "n_points",
    )

    def prepare(self, points: Points, resampling: Resampling) -> Refit:
        """As ``Family.prepare``."""
        if resampling.clusters == "wild" and points.fitted is None:
            intercept, slope = fit_once(self, points)[:2]
            points = replace(points, fitted=intercept + slope * points.years)
        sample, draw = _sample(points), _draw(resampling)

        def refit(first: int, values: Floats, reasons: Reasons) -> None:
            _kernels().resample_lines(sample, draw, first, values, reasons)

        return refit


@dataclass(frozen=True)
class Sigmoid:
    """Three-parameter logistic by bounded least squares, on the score scale.

    score - floor = height / (1 + exp(-slope (t - midpoint))).

    Attributes:
        max_height: largest ceiling less the floor.
    """

    max_height: float
    columns: tuple[str, ...] = ("height", "midpoint_years", "slope_per_year", "rss")

    def prepare(self, points: Points, resampling: Resampling) -> Refit:
        """As ``Family.prepare``."""
        optimum = fit_sigmoid(points, max_height=self.max_height)
        if resampling.clusters == "wild" and points.fitted is None:
            points = replace(points, fitted=optimum.at(points.years))
        sample, draw = _sample(points), _draw(resampling)
        box = _box(points, self.max_height)
        start = np.array([optimum.midpoint_years, optimum.slope_per_year])

        def refit(first: int, values: Floats, reasons: Reasons) -> None:
            _kernels().resample_sigmoids(
                sample, draw, box, start, first, values, reasons
            )

        return refit


@dataclass(frozen=True)
class QuantileLine:
    """Exact linear quantile regression.

    Attributes:
        quantile: which, in (0, 1).
    """

    quantile: float
    columns: tuple[str, ...] = ("intercept", "slope_per_year", "loss")

    def prepare(self, points: Points, resampling: Resampling) -> Refit:
        """As ``Family.prepare``.

        Raises:
            ValueError: a wild bootstrap was asked for. Its weights keep the mean of
                the residuals, not their quantile.
        """
        if not 0 < self.quantile < 1:
            raise ValueError(f"quantile {self.quantile} lies outside (0, 1)")
        if resampling.clusters == "wild":
            raise ValueError("a wild bootstrap does not keep the residuals' quantile")
        sample, draw = _sample(points), _draw(resampling)
        slope = 0.0
        if len(points.levels) > 2 and np.ptp(points.years) > 0:
            slope = fit_once(Line(), points)[1]

        def refit(first: int, values: Floats, reasons: Reasons) -> None:
            _kernels().resample_quantiles(
                sample, draw, self.quantile, slope, first, values, reasons
            )

        return refit


@dataclass(frozen=True)
class Job:
    """One family to refit to the resamples of one series."""

    family: Family
    points: Points
    resampling: Resampling


def refit(jobs: Iterable[Job], *, workers: int) -> Iterator[Fits]:
    """Refit every job's family to its resamples, in threads over chunks.

    Args:
        jobs: taken one by one, so that they may be made while others are fitted.
        workers: threads; the kernels release the interpreter.

    Yields:
        One result a job, in order; a few are in memory at a time.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[Fits, list[Future[None]]]] = deque()
        for job in jobs:
            waiting.append(_start(job, pool))
            if len(waiting) > 2 * workers:
                yield _finish(*waiting.popleft())
        while waiting:
            yield _finish(*waiting.popleft())


def fit_once(family: Family, points: Points) -> Floats:
    """The family's fit to the points themselves, nothing drawn.

    A release whose day is not known stands in the middle of its interval.

    Returns:
        One value a column of the family; NaN where the points fix no fit.
    """
    nothing = Resampling(0, "", 0, 1, "off", noise=False, dates=False, records=False)
    middle = (points.first_days + points.last_days) / 2
    points = replace(points, first_days=middle, last_days=middle)
    values = np.empty((1, len(family.columns)))
    family.prepare(points.in_order(), nothing)(0, values, np.empty(1, np.int8))
    row: Floats = values[0]
    return row


@dataclass(frozen=True)
class SigmoidFit:
    """Three-parameter logistic of one sample.

    Attributes:
        height: ceiling less the floor.
        midpoint_years: where half the height is reached, since the epoch.
        slope_per_year: on the logit scale.
        rss: sum of squared residuals.
        df: points less three.
        covariance: of (height, midpoint, slope), s^2 (J'J)^-1 with s^2 = rss / df, as
            R's nls and NIST print it; NaN without degrees of freedom. It means nothing
            for a parameter on its bound.
        is_converged: whether the solver met its tolerance.
    """

    height: float
    midpoint_years: float
    slope_per_year: float
    rss: float
    df: int
    covariance: Floats = field(repr=False)
    is_converged: bool

    def at(self, years: Floats) -> Floats:
        """Fitted score above the floor."""
        return _unit_sigmoid(years, self.midpoint_years, self.slope_per_year) * (
            self.height
        )


def fit_sigmoid(
    points: Points, *, max_height: float, starts: Floats | None = None
) -> SigmoidFit:
    """Lowest sum of squares over a grid of starts, with standard errors.

    Args:
        points: scores above their floor.
        max_height: largest ceiling less the floor. Infinite lifts every bound, for
            data that are no benchmark; then ``starts`` are needed.
        starts: shape (2, k), midpoints and slopes; None for the grid.
    """
    kernels = _kernels()
    box = _box(points, max_height)
    if starts is None:
        if np.isinf(max_height):
            raise ValueError("an unbounded logistic needs starts: no grid covers it")
        nodes = np.empty((2, 2 * len(points.levels) + 200))
        n = kernels.sigmoid_nodes(box, points.years.min(), points.years.max(), nodes)
        starts = nodes[:, :n].copy()
    height, midpoint, slope, rss, converged = kernels.best_sigmoid(
        _sample(points), box, np.asarray(starts, dtype=np.float64)
    )
    unit = _unit_sigmoid(points.years, midpoint, slope)
    bend = height * unit * (1 - unit)
    jacobian = np.column_stack([unit, -slope * bend, (points.years - midpoint) * bend])
    df = len(points.levels) - 3
    return SigmoidFit(
        height=height,
        midpoint_years=midpoint,
        slope_per_year=slope,
        rss=rss,
        df=df,
        covariance=_covariance(jacobian, rss, df),
        is_converged=converged,
    )


def _unit_sigmoid(years: Floats, midpoint: float, slope: float) -> Floats:
    logits = np.clip(slope * (years - midpoint), -700, 700)
    unit: Floats = 1 / (1 + np.exp(-logits))
    return unit


def _covariance(jacobian: Floats, rss: float, df: int) -> Floats:
    """s^2 (J'J)^-1 through a QR decomposition of the scaled columns."""
    if df <= 0:
        return np.full((3, 3), np.nan)
    length = np.linalg.norm(jacobian, axis=0)
    if not np.all(length > 0):
        return np.full((3, 3), np.nan)
    root = np.linalg.qr(jacobian / length, mode="r")
    if np.min(np.abs(np.diag(root))) <= len(jacobian) * np.finfo(np.float64).eps:
        return np.full((3, 3), np.nan)
    inverse = np.linalg.inv(root) / length[:, np.newaxis]
    covariance: Floats = rss / df * inverse @ inverse.T
    return covariance


def _start(job: Job, pool: ThreadPoolExecutor) -> tuple[Fits, list[Future[None]]]:
    count, columns = job.resampling.count, job.family.columns
    fits = Fits(columns, np.empty((count, len(columns))), np.empty(count, np.int8))
    fit_chunk = job.family.prepare(job.points.in_order(), job.resampling)
    futures = [
        pool.submit(
            fit_chunk,
            first,
            fits.values[first : first + CHUNK],
            fits.reasons[first : first + CHUNK],
        )
        for first in range(0, count, CHUNK)
    ]
    return fits, futures


def _finish(fits: Fits, futures: list[Future[None]]) -> Fits:
    for future in futures:
        future.result()
    return fits


def _sample(points: Points) -> Any:
    """The points as the kernels take them."""
    _, cluster = np.unique(np.array(points.developers), return_inverse=True)
    fitted = points.levels if points.fitted is None else points.fitted
    return _kernels().Sample(
        *(
            np.ascontiguousarray(values, dtype=np.float64)
            for values in (
                points.first_days,
                points.last_days,
                points.levels,
                points.errors,
                points.variances,
            )
        ),
        cluster=cluster.astype(np.int64),
        fitted=np.ascontiguousarray(fitted, dtype=np.float64),
    )


def _draw(resampling: Resampling) -> Any:
    kernels = _kernels()
    codes = {
        "off": kernels.CLUSTERS_OFF,
        "resampled": kernels.CLUSTERS_RESAMPLED,
        "wild": kernels.CLUSTERS_WILD,
    }
    return kernels.Draw(
        codes[resampling.clusters],
        resampling.noise,
        resampling.dates,
        resampling.records,
        float(resampling.since_day),
        *resampling.key,
    )


def _box(points: Points, max_height: float) -> Any:
    if np.isinf(max_height):
        return _kernels().Box(np.inf, 1e-300, np.inf, -np.inf, np.inf)
    return _kernels().Box(
        float(max_height),
        SLOPE_LOW,
        SLOPE_HIGH,
        points.first_days.min() / DAYS_PER_YEAR - MIDPOINT_REACH_YEARS,
        points.last_days.max() / DAYS_PER_YEAR + MIDPOINT_REACH_YEARS,
    )


@cache
def _kernels() -> Any:
    """The compiled kernels; numba takes a second to import."""
    return import_module("trends.fits.kernels")
