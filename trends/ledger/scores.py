"""The record: each frozen forecast against what came, where it is due.

A forecast is due at a date once the series' figures reach that date, whatever they
show: so what is scored does not depend on how it turned out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf
from typing import Final

import numpy as np
import polars as pl

from trends.crossings import at_bar
from trends.dates import add_months
from trends.frontier import parted, select_series_scores
from trends.ledger.entries import LEAD_MONTHS, Entry, Forecast, interpolate
from trends.registry import Registry, Reporter
from trends.registry.series import Series
from trends.revisions import standing
from trends.scoring import brier_score, covers, integrated_brier, log_score

WINDOW_MONTHS: Final = 24
"""Longest window of the integrated Brier score."""

LOG_FLOOR: Final = 0.001
"""No outcome counts as having been given less than this in the logarithmic score."""

COVERAGES: Final = {0.5: (0.25, 0.75), 0.8: (0.1, 0.9), 0.9: (0.05, 0.95)}
"""Central intervals whose coverage is counted, each with its two quantile levels."""

_FORECAST: Final = {
    "kind": pl.String,
    "as_of": pl.Date,
    "threshold_id": pl.String,
    "bar_id": pl.String,
    "is_headline": pl.Boolean,
    "family_id": pl.String,
    "cut_on": pl.String,
}

PROBABILITY_SCORES: Final = _FORECAST | {
    "lead_months": pl.Int64,
    "by_date": pl.Date,
    "is_due": pl.Boolean,
    "p_crossed": pl.Float64,
    "crossed": pl.Boolean,
    "brier": pl.Float64,
    "log_score_nats": pl.Float64,
}

DATE_SCORES: Final = _FORECAST | {
    "window_days": pl.Int64,
    "integrated_brier": pl.Float64,
    "integrated_brier_no_change": pl.Float64,
}

COVERAGE_SCORES: Final = _FORECAST | {
    "level": pl.Float64,
    "is_due": pl.Boolean,
    "covered": pl.Boolean,
}


@dataclass(frozen=True)
class ScoreTables:
    """Scores of single forecasts; columns as in the constants of this module.

    Attributes:
        probabilities: of a crossing by 3 to 24 months ahead, all open bars.
        dates: the law of the date over the window so far, headline bars.
        coverage: whether intervals of the date hold it, headline bars.
    """

    probabilities: pl.DataFrame
    dates: pl.DataFrame
    coverage: pl.DataFrame


def score_entries(
    entries: Sequence[Entry],
    observations: pl.DataFrame,
    registry: Registry,
    *,
    today: date,
) -> ScoreTables:
    """Resolve and score every open forecast.

    Args:
        entries: entries of the ledger.
        observations: OBSERVATIONS rows of the latest ingest.
        registry: today's, for how far each benchmark's figures reach.
        today: nothing is due later, however far the figures reach.
    """
    outcomes = _Outcomes(observations, registry, today)
    cases = [
        case
        for entry in entries
        for forecast in entry.forecasts
        if forecast.is_open and (case := outcomes.resolve(entry, forecast)) is not None
    ]
    headlines = [case for case in cases if case.forecast.is_headline]
    return ScoreTables(
        probabilities=_frame(cases, _Case.probabilities, PROBABILITY_SCORES),
        dates=_frame(headlines, _Case.date_score, DATE_SCORES),
        coverage=_frame(headlines, _Case.coverage, COVERAGE_SCORES),
    )


@dataclass(frozen=True)
class _Case:
    """One forecast, and what is known of its outcome.

    Attributes:
        crossed_on: T, the day the first score at the bar was public; None if none is.
        data_end: last day on which one could have been seen.
    """

    entry: Entry
    forecast: Forecast
    crossed_on: date | None
    data_end: date

    def happened_by(self, day: date) -> bool:
        return self.crossed_on is not None and self.crossed_on <= day

    def probabilities(self) -> Iterator[dict[str, object]]:
        for lead in LEAD_MONTHS:
            day = add_months(self.entry.as_of, lead)
            p = min(1.0, interpolate(self.forecast.p_crossed, day))
            is_due = day <= self.data_end
            crossed = self.happened_by(day)
            yield self._key() | {
                "lead_months": lead,
                "by_date": day,
                "is_due": is_due,
                "p_crossed": p,
                "crossed": crossed if is_due else None,
                "brier": float(brier_score(p, crossed)) if is_due else None,
                "log_score_nats": float(log_score(p, crossed, floor=LOG_FLOOR))
                if is_due
                else None,
            }

    def date_score(self) -> Iterator[dict[str, object]]:
        start = self.entry.as_of
        end = min(add_months(start, WINDOW_MONTHS), self.data_end)
        if end <= start:
            return
        p_crossed = self.forecast.p_crossed
        nodes = sorted({*(day for day in p_crossed if day < end), end})
        days = np.array([(day - start).days for day in nodes], dtype=np.float64)
        cdf = np.array([interpolate(p_crossed, day) for day in nodes])
        after = inf if self.crossed_on is None else (self.crossed_on - start).days
        no_change = np.zeros_like(cdf)
        yield self._key() | {
            "window_days": (end - start).days,
            "integrated_brier": integrated_brier(days, cdf, crossed_after_days=after),
            "integrated_brier_no_change": integrated_brier(
                days, no_change, crossed_after_days=after
            ),
        }

    def coverage(self) -> Iterator[dict[str, object]]:
        for level, (lower, upper) in COVERAGES.items():
            low = self.forecast.quantiles[lower]
            high = self.forecast.quantiles[upper]
            is_due = low is not None and high is not None and high <= self.data_end
            yield self._key() | {
                "level": level,
                "is_due": is_due,
                "covered": self._covers(low, high) if is_due else None,
            }

    def _covers(self, low: date | None, high: date | None) -> bool:
        if self.crossed_on is None or low is None or high is None:
            return False
        ends = low.toordinal(), high.toordinal()
        return bool(covers(*ends, self.crossed_on.toordinal()))

    def _key(self) -> dict[str, object]:
        forecast = self.forecast
        return {
            "kind": self.entry.kind,
            "as_of": self.entry.as_of,
            "threshold_id": forecast.threshold_id,
            "bar_id": forecast.bar_id,
            "is_headline": forecast.is_headline,
            "family_id": forecast.family_id,
            "cut_on": "release_date" if _is_cut_on_release(self) else "reported_on",
        }


class _Outcomes:
    """What came of forecasts, asked once for all vintages that forecast one bar."""

    def __init__(
        self, observations: pl.DataFrame, registry: Registry, today: date
    ) -> None:
        self._of_benchmark = parted(observations, "benchmark_id")
        self._benchmarks = registry.benchmarks
        self._today = today
        self._known: dict[tuple[object, ...], date | None] = {}

    def resolve(self, entry: Entry, forecast: Forecast) -> _Case | None:
        """What came of a forecast.

        None where the registry dropped its benchmark or no figure of it is held:
        nobody could have seen a crossing.
        """
        benchmark = self._benchmarks.get(forecast.benchmark_id)
        figures = self._of_benchmark.get(forecast.benchmark_id)
        if benchmark is None or figures is None:
            return None
        series = Series(
            series_id=forecast.threshold_id,
            benchmark_id=forecast.benchmark_id,
            benchmark=benchmark.model_copy(update={"direction": forecast.direction}),
            harness=forecast.harness,
            reporters=tuple(Reporter(one) for one in forecast.reporters),
        )
        case = _Case(entry, forecast, None, series.observed_through(self._today))
        rule = (
            forecast.benchmark_id,
            forecast.harness,
            forecast.reporters,
            forecast.direction,
            forecast.counts_if,
            forecast.bar_value,
            _is_cut_on_release(case),
        )
        if rule not in self._known:
            self._known[rule] = _first_at_bar(case, figures, series)
        return replace(case, crossed_on=self._known[rule])


def _first_at_bar(
    case: _Case, observations: pl.DataFrame, series: Series
) -> date | None:
    """Day on which the first score at the bar was public; None where there is none.

    A score that was revised below the bar does not count. One that was revised and
    stays at the bar counts from its first revision at the bar, since that was public.
    """
    entry = pl.coalesce("entry_id", "observation_id").alias("entry")
    told = observations.select("observation_id", "known_on_basis", "known_on", entry)
    stands = standing(observations).get_column("observation_id").implode()
    every = observations.with_columns(revised_on=pl.lit(None, pl.Date))
    scores = select_series_scores(every, [series]).join(told, on="observation_id")
    reached = at_bar(
        scores,
        bar=case.forecast.bar_value,
        counts_if=case.forecast.counts_if,
        benchmark=series.benchmark,
    )
    at = scores.filter(pl.Series(reached)).filter(
        pl.col("observation_id").is_in(stands).any().over("entry")
    )
    seen_on = pl.when(pl.col("known_on_basis") == "retrieved_on").then("known_on")
    public_on = (
        pl.col("frontier_date")
        if _is_cut_on_release(case)
        else pl.max_horizontal("frontier_date", pl.coalesce(seen_on, "reported_on"))
    )
    first: date | None = at.select(public_on.min()).item()
    return first


def _is_cut_on_release(case: _Case) -> bool:
    """Replays of a series whose rows carry one late reported_on use release dates."""
    return case.entry.kind == "replayed" and case.forecast.final_vintage


def _frame(
    cases: Sequence[_Case],
    rows: Callable[[_Case], Iterator[dict[str, object]]],
    schema: Mapping[str, type[pl.DataType]],
) -> pl.DataFrame:
    return pl.DataFrame(
        [row for case in cases for row in rows(case)], schema=dict(schema)
    )
