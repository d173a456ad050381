"""What each trend family says of one bar."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from trends.crossings.answers import Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution, mixture
from trends.crossings.first_passage import first_passage_cdf, never_probability
from trends.crossings.line_crossing import (
    LineDraws,
    draw_lines,
    line_distribution,
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
        answer: a law, or why there is none.
        share_past: share of line draws already past the bar and conditioned away;
            None for the drift family.
    """

    answer: Estimated | NotEstimated
    share_past: float | None = None


def estimand(trend: TrendFamily) -> str:
    """What the dates of a family are dates of."""
    return "first_record" if trend is TrendFamily.DRIFT else "trend_line"


class FittedTrend:
    """The fits of one family to one series, ready to be asked about bars.

    Line families are drawn once, so that all bars of a ladder share their draws and
    a harder bar is never crossed before an easier one.
    """

    def __init__(
        self, series: Series, fits: pl.DataFrame, *, seed: int, n_draws: int
    ) -> None:
        """Args: TREND_FITS rows of one series and family, with at least one row."""
        self._series = series
        self._fits = fits.to_dicts()
        self._reason = str(self._fits[0]["status_reason"])
        self._trend = TrendFamily(self._fits[0]["trend"])
        self._start: date = self._fits[0]["observed_through"]
        self._is_fitted = self._fits[0]["fit_status"] == "fitted"
        draws_lines = self._is_fitted and self._trend is not TrendFamily.DRIFT
        self._draws = self._draw(seed, n_draws) if draws_lines else []

    def ask(self, bar: float, *, projection_end: date) -> Outcome:
        """When is ``bar`` (stored units) crossed, given that it was not seen crossed?

        Time runs from the last day observed to ``projection_end``.
        """
        if not self._is_fitted:
            return Outcome(NotEstimated(self._reason))
        if self._trend is TrendFamily.DRIFT:
            return self._first_passage(bar, projection_end)
        return self._line_crossing(bar, projection_end)

    def _link(self, fit: dict[str, object]) -> Link:
        ceiling = fit["ceiling"]
        return Link.of(
            self._series.benchmark, ceiling if isinstance(ceiling, float) else None
        )

    def _first_passage(self, bar: float, projection_end: date) -> Outcome:
        days = np.arange((projection_end - self._start).days + 1, dtype=np.float64)
        parts = []
        for fit in self._fits:
            law = {
                "distance": self._link(fit).of_bar(bar) - fit["intercept"],
                "drift": fit["slope_per_year"],
                "drift_variance": fit["slope_per_year_se"] ** 2,
                "variance_per_year": fit["sigma2_per_year"],
            }
            part = CrossingDistribution(
                start=self._start,
                cdf=first_passage_cdf(days / DAYS_PER_YEAR, **law),
                p_never=never_probability(**law),
                n_draws=0,
            )
            parts.append((part, _weight(fit)))
        return Outcome(Estimated(mixture(parts), self._reason))

    def _line_crossing(self, bar: float, projection_end: date) -> Outcome:
        crossing_days: Floats = np.concatenate(
            [
                draws.crossing_days(self._link(fit).of_bar(bar), start=self._start)
                for fit, draws in zip(self._fits, self._draws, strict=True)
            ]
        )
        distribution, share_past = line_distribution(
            crossing_days, start=self._start, projection_end=projection_end
        )
        if distribution is None:
            reason = (
                f"the line is past this bar in {share_past:.0%} of draws although no "
                "score is: it contradicts the record"
            )
            return Outcome(NotEstimated(reason), share_past)
        return Outcome(Estimated(distribution, self._reason), share_past)

    def _draw(self, seed: int, n_draws: int) -> list[LineDraws]:
        shares = np.array([_weight(fit) for fit in self._fits])
        counts = _apportion(n_draws, shares)
        return [
            draw_lines(
                random_stream(
                    seed=seed,
                    series_id=self._series.series_id,
                    trend=self._trend.value,
                    block=block,
                ),
                estimate=(fit["intercept"], fit["slope_per_year"]),
                covariance=_covariance(fit),
                df=fit["df"],
                epoch=fit["epoch_date"],
                n_draws=count,
            )
            for block, (fit, count) in enumerate(zip(self._fits, counts, strict=True))
        ]


def _weight(fit: dict[str, object]) -> float:
    weight = fit["ceiling_weight"]
    return weight if isinstance(weight, float) else 1.0


def _covariance(fit: dict[str, float]) -> Floats:
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
