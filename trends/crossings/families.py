"""What each trend family says of one bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from trends.crossings.answers import Answer, Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution, mixture
from trends.crossings.first_passage import first_passage_cdf, never_probability
from trends.crossings.line_crossing import (
    LineDraws,
    draw_lines,
    line_distributions,
    random_stream,
)
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats, Link
from trends.registry.models import TrendFamily
from trends.registry.series import Series


@dataclass(frozen=True)
class Outcome:
    """One family's answer for one bar.

    Attributes:
        answer: a law, why there is none, or that it is crossed.
        share_past: share of line draws already past the bar and conditioned away;
            None for the drift family.
    """

    answer: Answer
    share_past: float | None = None


@dataclass(frozen=True)
class OpenBar:
    """A bar that no score has reached.

    Attributes:
        value: in stored units.
        margin: how far above it, on the link scale, a score must be to count.
    """

    value: float
    margin: float = 0.0


def ask_ladder(
    series: Series,
    fits: pl.DataFrame,
    bars: Sequence[OpenBar],
    *,
    projection_end: date,
    seed: int,
    n_draws: int,
) -> list[Outcome]:
    """When is each open bar of a ladder crossed, given that none was seen crossed?

    Args:
        series: the series.
        fits: its TREND_FITS rows of one family, at least one.
        bars: easy to hard.
        projection_end: last day of the distributions.
        seed: seed of the draws of line families.
        n_draws: how many.
    """
    rows = fits.to_dicts()
    reason = str(rows[0]["status_reason"])
    if rows[0]["fit_status"] != "fitted":
        return [Outcome(NotEstimated(reason)) for _ in bars]
    ladder = _Ladder(series, rows, bars, rows[0]["observed_through"], projection_end)
    if rows[0]["trend"] == TrendFamily.DRIFT.value:
        return [Outcome(Estimated(law, reason)) for law in ladder.first_passages()]
    return ladder.line_crossings(reason, seed=seed, n_draws=n_draws)


@dataclass(frozen=True)
class _Ladder:
    """The open bars of one threshold before the fits of one family."""

    series: Series
    fits: list[dict[str, Any]]
    bars: Sequence[OpenBar]
    start: date
    projection_end: date

    def first_passages(self) -> list[CrossingDistribution]:
        """The law of the random walk for each bar, averaged over ceilings."""
        days = np.arange((self.projection_end - self.start).days + 1, dtype=np.float64)
        years = days / DAYS_PER_YEAR
        return [
            mixture(
                [
                    (self._first_passage(fit, bar, years), _weight(fit))
                    for fit in self.fits
                ]
            )
            for bar in self.bars
        ]

    def line_crossings(self, reason: str, *, seed: int, n_draws: int) -> list[Outcome]:
        """What draws of the line say of each bar, all bars on the same draws."""
        draws = self._draw(seed, n_draws)
        days = [
            np.concatenate(
                [
                    lines.crossing_days(self._level(fit, bar), start=self.start)
                    for fit, lines in zip(self.fits, draws, strict=True)
                ]
            )
            for bar in self.bars
        ]
        laws, shares = line_distributions(
            days, start=self.start, projection_end=self.projection_end
        )
        return [
            Outcome(
                NotEstimated(
                    f"the line is past this bar in {share:.0%} of draws although no "
                    "score is: it contradicts the record"
                )
                if law is None
                else Estimated(law, reason),
                share,
            )
            for law, share in zip(laws, shares, strict=True)
        ]

    def _first_passage(
        self, fit: dict[str, Any], bar: OpenBar, years: Floats
    ) -> CrossingDistribution:
        law = {
            "distance": self._level(fit, bar) - fit["intercept"],
            "drift": fit["slope_per_year"],
            "drift_variance": fit["slope_per_year_se"] ** 2,
            "variance_per_year": fit["sigma2_per_year"],
        }
        return CrossingDistribution(
            start=self.start,
            cdf=first_passage_cdf(years, **law),
            p_never=never_probability(**law),
            n_draws=0,
        )

    def _level(self, fit: dict[str, Any], bar: OpenBar) -> float:
        return Link.of(self.series.benchmark, fit["ceiling"]).of_bar(bar.value) + (
            bar.margin
        )

    def _draw(self, seed: int, n_draws: int) -> list[LineDraws]:
        counts = _apportion(n_draws, np.array([_weight(fit) for fit in self.fits]))
        return [
            draw_lines(
                random_stream(
                    seed=seed,
                    series_id=self.series.series_id,
                    trend=fit["trend"],
                    block=block,
                ),
                estimate=(fit["intercept"], fit["slope_per_year"]),
                covariance=_covariance(fit),
                df=fit["df"],
                epoch=fit["epoch_date"],
                n_draws=count,
            )
            for block, (fit, count) in enumerate(zip(self.fits, counts, strict=True))
        ]


def _weight(fit: dict[str, Any]) -> float:
    return 1.0 if fit["ceiling_weight"] is None else float(fit["ceiling_weight"])


def _covariance(fit: dict[str, Any]) -> Floats:
    between = fit["intercept_slope_cov"]
    return np.array(
        [
            [fit["intercept_se"] ** 2, between],
            [between, fit["slope_per_year_se"] ** 2],
        ]
    )


def _apportion(total: int, shares: Floats) -> list[int]:
    """Whole numbers that sum to ``total``, in proportion to ``shares``."""
    edges = np.rint(np.cumsum(shares) * total).astype(int)
    return [int(count) for count in np.diff(edges, prepend=0)]
