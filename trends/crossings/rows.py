"""One row a bar and trend: from fits and scores to the published tables."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import product
from typing import Final, TypeVar

import polars as pl

from trends.crossings.answers import Answer, Crossed, Told, interval_words
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.families import Ladder, OpenBar
from trends.crossings.looks import Looks
from trends.crossings.outcomes import Outcome, pool_outcomes
from trends.crossings.resolution import Resolution, resolve_bars
from trends.crossings.row_words import is_beyond_suite, median_words, past_words
from trends.crossings.vintage import Vintage
from trends.dates import month_ends
from trends.fits.failures import about
from trends.frontier import Parts, parted
from trends.registry.models import Bar, Threshold, TrendFamily
from trends.registry.series import Series
from trends.registry.weights import DateInterval
from trends.tables import (
    CONTRACT_VERSION,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
)
from trends.words import BEYOND_SUITE

QUANTILE_LEVELS: Final = (
    0.01,
    0.025,
    *(round(0.05 * step, 2) for step in range(1, 20)),
    0.975,
    0.99,
)
"""The 23 levels that the hubverse forecasting hubs use."""

Row = dict[str, object]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Crossings:
    """The three published tables of crossing dates."""

    summary: pl.DataFrame
    quantiles: pl.DataFrame
    cdf: pl.DataFrame


def cross_bars(
    trend_fits: pl.DataFrame,
    series_scores: pl.DataFrame,
    frontier: pl.DataFrame,
    thresholds: Sequence[tuple[Threshold, Series]],
    *,
    vintage: Vintage,
    cdf_only: Collection[tuple[str, str, str]] | None = None,
    looks: dict[str, Looks] | None = None,
) -> Crossings:
    """Distribution of the crossing date of every bar under every family it names.

    Args:
        trend_fits: TREND_FITS rows of every series that a threshold speaks of.
        series_scores: SERIES_SCORES rows of the same series.
        frontier: FRONTIER rows of the same series.
        thresholds: each threshold with its series.
        vintage: cut-off, run id, seed and number of draws.
        cdf_only: threshold, bar and trend of each law whose CDF is written out, and no
            quantiles; None for both of every law.
        looks: at the figures of each series, taken up and added to.

    Returns:
        CROSSING_SUMMARY, CROSSING_QUANTILES and CROSSING_CDF rows. A bar that is
        crossed or not estimated has no CDF.

    Raises:
        SeriesError: those of one series cannot be computed.
    """
    summary: list[Row] = []
    quantiles: list[Row] = []
    cdf: list[Row] = []
    of_series = [
        Parts(table, "series_id") for table in (trend_fits, series_scores, frontier)
    ]
    looks = {} if looks is None else looks
    for threshold, series in thresholds:
        fits, scores, records = (parts[series.series_id] for parts in of_series)
        figures = looks.setdefault(series.series_id, Looks(series, scores, records))
        cases = _cases(threshold, figures, fits=fits, vintage=vintage)
        with about(series.series_id, f"crossing dates of {threshold.id}"):
            for case in cases:
                summary.append(case.summary())
                if cdf_only is None:
                    quantiles.append(case.quantiles())
                if cdf_only is None or case.key in cdf_only:
                    cdf.extend(case.cdf())
    return Crossings(
        summary=CROSSING_SUMMARY.conform(CROSSING_SUMMARY.frame(summary)),
        quantiles=CROSSING_QUANTILES.conform(
            CROSSING_QUANTILES.exploded(quantiles, "quantile_level", *Told._fields)
        ),
        cdf=CROSSING_CDF.conform(CROSSING_CDF.exploded(cdf, "by_date", "p_crossed")),
    )


@lru_cache(maxsize=64)
def _months(start: date, end: date) -> tuple[date, ...]:
    return tuple(month_ends(start, end))


@dataclass(frozen=True)
class _Case:
    """One bar under one family."""

    threshold: Threshold
    series: Series
    bar: Bar
    trend: TrendFamily
    rank: int
    outcome: Outcome
    resolution: Resolution
    standing: Row
    vintage: Vintage

    @property
    def key(self) -> tuple[str, str, str]:
        """Threshold, bar and trend."""
        return self.threshold.id, self.bar.id, self.trend.value

    @property
    def answer(self) -> Answer:
        """What the family says of the bar."""
        return self.outcome.answer

    def summary(self) -> Row:
        """The CROSSING_SUMMARY row."""
        answer, resolution, threshold = self.answer, self.resolution, self.threshold
        headline = self.bar.headline and self.trend is threshold.headline_trend
        past, told = self._past, self._told
        dates, labels = _by_level(told.crossing_date), _by_level(told.crossing_label)
        title = self.series.title_on(self.vintage.as_of)
        return (
            self._key()
            | self.standing
            | vars(answer.masses(self.vintage.as_of))
            | {
                "threshold_label": f"{title}: {self.bar.label}",
                "is_headline": headline,
                "crossing_status": answer.status,
                "median_label": self._label(answer),
                "interval80_label": interval_words(labels[0.1], labels[0.9]),
                "median_date": dates[0.5],
                "q10_date": dates[0.1],
                "q25_date": dates[0.25],
                "q75_date": dates[0.75],
                "q90_date": dates[0.9],
                "date_lo": resolution.below_until,
                "date_hi": resolution.crossed_on,
                "contested": resolution.contested,
                "coverage80_backtest": None if past is None else past.coverage,
                "n_backtest": 0 if past is None else past.n_forecasts,
                "projection_end": threshold.projection_end,
                "sort_rank": self.rank,
                "bar_value": self.bar.value,
                "score_unit": self.series.benchmark.unit.value,
                "change_cause": "first_vintage",
                "status_reason": self._reason(),
                "n_draws": answer.n_draws,
                "n_draws_failed": self.outcome.n_failed,
                "mc_error_days": _by_level(told.mc_error_days)[0.5],
                "estimand": self._estimand(),
                "threshold_version": threshold.version,
                "p_line_already_past": self.outcome.share_past,
                "lo80_calibrated_date": past and self._at(past.lower_level),
                "superseded_by": self.series.superseded_by,
                "withheld": self._withheld,
                "coverage80_at_most": None if past is None else past.at_most,
                "series_ended": self.series.ended,
                "short_title": threshold.short_title or self.series.benchmark.title,
                "short_label": self.bar.in_short,
                "view_of": self.series.view_of,
            }
            | self._if_ever()
        )

    def quantiles(self) -> Row:
        """The CROSSING_QUANTILES rows in one."""
        return (
            self._key()
            | self._told._asdict()
            | {
                "quantile_level": QUANTILE_LEVELS,
                "crossing_status": self.answer.status,
            }
        )

    def cdf(self) -> Iterator[Row]:
        """The CROSSING_CDF rows in one, from the month in which the figures end."""
        law = self.answer.distribution
        if law is not None:
            days = _months(law.start, law.projection_end)
            yield self._key() | {
                "by_date": days,
                "p_crossed": law.p_by_each(days).tolist(),
            }

    @cached_property
    def _told(self) -> Told:
        return self.answer.told_at(QUANTILE_LEVELS)

    def _estimand(self) -> str:
        is_of_a_line = not self.trend.leans_in_part
        crossed = self.resolution.crossed_on is not None
        return "trend_line" if is_of_a_line and not crossed else "first_record"

    def _key(self) -> Row:
        return {
            "as_of": self.vintage.as_of,
            "threshold_id": self.threshold.id,
            "bar_id": self.bar.id,
            "trend": self.trend.value,
            "run_id": self.vintage.run_id,
            "contract_version": CONTRACT_VERSION,
        }

    def _label(self, answer: Answer) -> str:
        return median_words(
            answer, self.series, self.bar.value, as_of=self.vintage.as_of
        )

    def _if_ever(self) -> Row:
        """The date given that it is crossed at all, and what a ceiling's judgement moves."""
        if_ever = self.answer.if_ever
        return {
            "median_if_ever": if_ever.date_at(0.5),
            "if_ever_label": self._label(if_ever),
        } | _if_ceilings_differ(self.answer.distribution, if_ever.distribution)

    @property
    def _past(self) -> DateInterval | None:
        """How such intervals did in the backtest; None for a fact, or if unknown."""
        if self.answer.distribution is None:
            return None
        return self.vintage.date_interval(self.series, self.trend)

    @property
    def _withheld(self) -> str | None:
        """Why the labels are to hold no date."""
        rule = self.vintage.withholding
        return None if rule is None else rule.words(self._past)

    def _at(self, level: float | None) -> date | None:
        return None if level is None else self.answer.date_at(level)

    def _reason(self) -> str:
        words = [BEYOND_SUITE] if is_beyond_suite(self.series, self.bar.value) else []
        if self.resolution.doubt is not None:
            words.append(self.resolution.doubt)
        words.append(self.answer.reason)
        if self._past is not None:
            words.append(past_words(self._past))
        return "; ".join(words)


def _by_level(values: Sequence[_T]) -> dict[float, _T]:
    return dict(zip(QUANTILE_LEVELS, values, strict=True))


def _if_ceilings_differ(
    law: CrossingDistribution | None, if_ever: CrossingDistribution | None
) -> Row:
    """Medians and never under ceilings judged lower and higher; empty without any."""
    if law is None or if_ever is None or not law.otherwise:
        return {}
    return {
        f"{name}_if_ceiling_{end}": told
        for end, judged, ever in zip(
            ("lower", "higher"), law.otherwise, if_ever.otherwise, strict=True
        )
        for name, told in (
            ("median", judged.quantile(0.5)),
            ("p_never", judged.p_never),
            ("median_if_ever", ever.quantile(0.5)),
        )
    }


def open_ladder(
    threshold: Threshold, figures: Looks, as_of: date
) -> tuple[list[tuple[Bar, Resolution]], Ladder]:
    """Every bar with what is known of it, and the ladder of those still open.

    Args:
        threshold: the threshold.
        figures: of its series.
        as_of: information cut-off.
    """
    series = figures.series
    resolutions = resolve_bars(
        figures.scores,
        bars=[bar.value for bar in threshold.bars],
        rule=threshold.crossing_rule,
        benchmark=series.benchmark,
    )
    rungs = list(zip(threshold.bars, resolutions, strict=True))
    ladder = Ladder(
        figures=figures,
        bars=[
            OpenBar(bar.value, resolution.margin)
            for bar, resolution in rungs
            if resolution.crossed_on is None
        ],
        start=series.observed_through(as_of),
        projection_end=threshold.projection_end,
    )
    return rungs, ladder


def _cases(
    threshold: Threshold, figures: Looks, *, fits: pl.DataFrame, vintage: Vintage
) -> Iterator[_Case]:
    """Every bar of one threshold under every family it names, easy to hard."""
    series = figures.series
    standing = _standing(fits, figures.records)
    rungs, ladder = open_ladder(threshold, figures, vintage.as_of)
    outcomes = {
        trend: iter(answers)
        for trend, answers in _ask(ladder, threshold.trends, fits, vintage).items()
    }
    for rank, ((bar, resolution), trend) in enumerate(
        product(rungs, threshold.trends), start=1
    ):
        crossed = resolution.crossed_on
        outcome = Outcome(Crossed(crossed)) if crossed else next(outcomes[trend])
        yield _Case(
            threshold=threshold,
            series=series,
            bar=bar,
            trend=trend,
            rank=rank,
            outcome=outcome,
            resolution=resolution,
            standing=standing,
            vintage=vintage,
        )


def _ask(
    ladder: Ladder,
    trends: Sequence[TrendFamily],
    fits: pl.DataFrame,
    vintage: Vintage,
) -> dict[TrendFamily, list[Outcome]]:
    """What the families asked for say of the open bars.

    The ensemble pools the families of its benchmark, asked for or not.
    """
    pooled = TrendFamily.ENSEMBLE in trends
    of_trend = parted(fits, "trend")
    outcomes: dict[TrendFamily, list[Outcome]] = {
        trend: ladder.ask(of_trend[trend.value], vintage.draws)
        for trend in ladder.series.benchmark.trends
        if trend in trends or (pooled and trend.is_pooled)
    }
    if pooled:
        members = {trend: outcomes[trend] for trend in outcomes if trend.is_pooled}
        outcomes[TrendFamily.ENSEMBLE] = pool_outcomes(
            members, vintage.ensemble_weights(ladder.series)
        )
    return {trend: outcomes[trend] for trend in trends}


def _standing(fits: pl.DataFrame, records: pl.DataFrame) -> Row:
    """The standing record of a series, and how much is known of it."""
    fit = fits.row(0, named=True)
    record = records.tail(1).to_dicts()[0] if records.height else {}
    return {
        "frontier_score": record.get("score"),
        "frontier_model_name": record.get("model_name"),
        "frontier_date": record.get("frontier_date"),
        "n_observations": fit["n_observations"],
        "n_records": fit["n_records"],
        "observed_through": fit["observed_through"],
    }
