"""Refit trends to thousands of resamples: the fitting engine.

The kernels release the interpreter; everything else holds it, whatever thread it runs
in, and so bounds what more cores can do. It is kept small: a series is brought into
order once, each thread prepares, fits and reads its own work.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Protocol, TypeVar, overload

import numpy as np
import numpy.typing as npt

from trends.dates import DAYS_PER_YEAR
from trends.fits.compiled import kernels
from trends.fits.links import Floats
from trends.fits.samples import Points, Resampling
from trends.fits.sigmoid_optimum import box, optimum, unit_sigmoid

Ints = npt.NDArray[np.int64]
Reasons = npt.NDArray[np.int8]

CHUNK: Final = 2048
"""Resamples that one thread fits at a time."""

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

Read = TypeVar("Read")


class Family(Protocol):
    """A trend family as the engine sees it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what is fitted."""

    def prepare(self, points: Points, resampling: Resampling) -> Refit:
        """The once-per-series work, and what fits a chunk of resamples.

        Args:
            points: of the series.
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
        sample, draw = points.sample, resampling.draw
        if resampling.clusters == "wild" and points.fitted is None:
            intercept, slope = kernels().line_through(sample)
            sample = sample._replace(fitted=intercept + slope * _years(sample))

        def refit(first: int, values: Floats, reasons: Reasons) -> None:
            kernels().resample_lines(sample, draw, first, values, reasons)

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
        height, midpoint, slope, *_ = optimum(points, max_height=self.max_height)
        sample, draw = points.sample, resampling.draw
        if resampling.clusters == "wild" and points.fitted is None:
            rise = height * unit_sigmoid(_years(sample), midpoint, slope)
            sample = sample._replace(fitted=rise)
        bounds = box(points, self.max_height)
        start = np.array([midpoint, slope])

        def refit(first: int, values: Floats, reasons: Reasons) -> None:
            kernels().resample_sigmoids(
                sample, draw, bounds, start, first, values, reasons
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
        refit_alike = self._prepare([points], resampling)

        def refit(first: int, values: Floats, reasons: Reasons) -> None:
            refit_alike(first, values[np.newaxis], reasons[np.newaxis])

        return refit

    def refit_alike(
        self, alike: Sequence[Points], resampling: Resampling
    ) -> list[Fits]:
        """Lines of the same resamples of points, under each of several ceilings.

        Args:
            alike: the same points on different scales that keep their order.
            resampling: what each resample draws; noise would differ between scales.

        Raises:
            ValueError: noise or records were asked for, or a wild bootstrap.
        """
        if resampling.noise or resampling.records:
            raise ValueError("noise and records differ between ceilings")
        shape = len(alike), resampling.count
        values, reasons = (
            np.empty((*shape, len(self.columns))),
            np.empty(shape, np.int8),
        )
        self._prepare(alike, resampling)(0, values, reasons)
        return [Fits(self.columns, *of) for of in zip(values, reasons, strict=True)]

    def _prepare(self, alike: Sequence[Points], resampling: Resampling) -> Refit:
        if not 0 < self.quantile < 1:
            raise ValueError(f"quantile {self.quantile} lies outside (0, 1)")
        if resampling.clusters == "wild":
            raise ValueError("a wild bootstrap does not keep the residuals' quantile")
        sample, draw = alike[0].sample, resampling.draw
        others = np.array([one.levels[alike[0].order] for one in alike[1:]])
        others = others.reshape(-1, len(sample.level))
        slopes = np.array([kernels().line_through(one.sample)[1] for one in alike])

        def refit(first: int, values: Floats, reasons: Reasons) -> None:
            kernels().resample_quantiles(
                sample, draw, self.quantile, others, slopes, first, values, reasons
            )

        return refit


@dataclass(frozen=True)
class Job:
    """One family to refit to the resamples of one series."""

    family: Family
    points: Points
    resampling: Resampling


@overload
def refit(jobs: Iterable[Job], *, workers: int) -> Iterator[Fits]: ...
@overload
def refit(
    jobs: Iterable[Job], *, workers: int, read: Callable[[Fits], Read]
) -> Iterator[Read]: ...
def refit(
    jobs: Iterable[Job], *, workers: int, read: Callable[[Fits], object] = lambda f: f
) -> Iterator[object]:
    """Refit every job's family to its resamples, in threads over chunks.

    Args:
        jobs: taken one by one, so that they may be made while others are fitted.
        workers: threads; the kernels release the interpreter.
        read: what is wanted of the fits, called in the thread that fitted the last
            of them, so that no thread reads for all.

    Yields:
        One result a job, in order; a few are in memory at a time.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[object]] = deque()
        for job in jobs:
            work = _Work(job, read, pool)
            pool.submit(work.begin)
            waiting.append(work.result)
            if len(waiting) > 4 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def fit_once(family: Family, points: Points) -> Floats:
    """The family's fit to the points themselves, nothing drawn.

    A release whose day is not known stands in the middle of its interval.

    Returns:
        One value a column of the family; NaN where the points fix no fit.
    """
    middle = (points.first_days + points.last_days) / 2
    points = replace(points, first_days=middle, last_days=middle)
    values = np.empty((1, len(family.columns)))
    family.prepare(points, _NOTHING)(0, values, np.empty(1, np.int8))
    row: Floats = values[0]
    return row


_NOTHING: Final = Resampling(
    0, "", 0, 1, "off", noise=False, dates=False, records=False
)
"""One resample in which nothing is drawn."""


class _Work(Generic[Read]):
    """A job under way: whichever thread fits its last chunk also reads it."""

    def __init__(
        self, job: Job, read: Callable[[Fits], Read], pool: ThreadPoolExecutor
    ) -> None:
        self.result: Future[Read] = Future()
        self._job, self._read, self._pool = job, read, pool
        self._lock = threading.Lock()
        self._left = -(-job.resampling.count // CHUNK)

    def begin(self) -> None:
        """Prepare, hand on all chunks but the first, and fit that."""
        with self._failing():
            count, family = self._job.resampling.count, self._job.family
            refit = family.prepare(self._job.points, self._job.resampling)
            values = np.empty((count, len(family.columns)))
            fits = Fits(family.columns, values, np.empty(count, np.int8))
            for first in range(CHUNK, count, CHUNK):
                self._pool.submit(self._fit, refit, fits, first)
            self._fit(refit, fits, 0)

    def _fit(self, refit: Refit, fits: Fits, first: int) -> None:
        with self._failing():
            chunk = slice(first, first + CHUNK)
            refit(first, fits.values[chunk], fits.reasons[chunk])
            with self._lock:
                self._left -= 1
                is_last = self._left <= 0
            if is_last:
                self.result.set_result(self._read(fits))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Raise the first error where the result is waited for."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised again by result()
            with self._lock:
                if not self.result.done():
                    self.result.set_exception(error)


def _years(sample: Any) -> Floats:
    """Middle of each release's interval in years since the epoch."""
    years: Floats = (sample.first_day + sample.last_day) / 2 / DAYS_PER_YEAR
    return years
