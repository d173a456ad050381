"""Scores of one series and what a resample of them draws, as the engine takes them.

A resample is known by its number. Its random numbers depend on the seed, the series
and that number alone, so that no worker, chunk, order or other series changes them,
1,000 resamples are the first of 10,000, and all families of a series see the same
developers, measurement errors and dates.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from trends.dates import DAYS_PER_YEAR
from trends.fits.compiled import kernels
from trends.fits.links import Floats

Clusters = Literal["off", "resampled", "wild"]
Order = npt.NDArray[np.intp]


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
            if not np.isfinite(values).all():
                raise ValueError(f"{name} must be finite, got {values}")
        if len(self.developers) == 0:
            raise ValueError("no points: there is nothing to resample")
        if self.errors.min() < 0 or self.variances.min() < 0:
            raise ValueError("errors and variances must not be negative")
        if (self.last_days < self.first_days).any():
            raise ValueError("a release's last day lies before its first")

    @property
    def years(self) -> Floats:
        """Middle of each release's interval in years since the epoch."""
        return (self.first_days + self.last_days) / 2 / DAYS_PER_YEAR

    @cached_property
    def sample(self) -> Any:
        """As the kernels take them, by date, so that the rows' order changes no draw.

        Made once for all families: it is what one thread does while others wait.
        """
        columns = np.array(
            [
                self.first_days,
                self.last_days,
                self.levels,
                self.errors,
                self.variances,
                self.levels if self.fitted is None else self.fitted,
            ],
            np.float64,
        ).take(self.order, axis=1)
        cluster = self._clusters.take(self.order)
        return kernels().Sample(*columns[:5], cluster, columns[5])

    @cached_property
    def order(self) -> Order:
        """By date, then level, then developer."""
        keys = self._clusters, self.levels, self.last_days, self.first_days
        return np.lexsort(keys)

    @cached_property
    def _clusters(self) -> Order:
        number = {name: k for k, name in enumerate(sorted(set(self.developers)))}
        return np.array([number[name] for name in self.developers])


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

    @cached_property
    def draw(self) -> Any:
        """As the kernels take it."""
        code = f"CLUSTERS_{self.clusters.upper()}"
        return kernels().Draw(
            getattr(kernels(), code),
            self.noise,
            self.dates,
            self.records,
            float(self.since_day),
            *self.key,
        )
