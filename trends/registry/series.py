"""Series: the observations of one benchmark that are fitted together.

A benchmark is one series with every harness and reporter it accepts. A threshold
may ask for a view of it: one harness only, some reporters only, or with the scores
above what its suite measures, as lower bounds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from trends.registry.contents import Registry, series_id
from trends.registry.models import Benchmark, Reporter, SeriesRule
from trends.registry.succession import successor_of
from trends.registry.views import lead_of

OLD_FIGURES: Final = timedelta(days=180)
"""Figures that end longer ago are called old beside every date made of them."""


@dataclass(frozen=True)
class Series:
    """One series: its id, its benchmark, and which observations belong to it.

    ``successor`` is the benchmark that took the place of its benchmark, if one did;
    ``lead`` the one that leads where its benchmark is another view of a test.
    """

    series_id: str
    benchmark_id: str
    benchmark: Benchmark
    harness: str | None
    reporters: tuple[Reporter, ...]
    censors_out_of_range: bool = False
    successor: Benchmark | None = None
    lead: Benchmark | None = None

    def title_on(self, as_of: date) -> str:
        """Title of its benchmark, with what a reader must know of its figures.

        That a company measures itself; what took its place, else that nobody adds to
        it, else that they are old.
        """
        title = self.benchmark.title
        if self.benchmark.mover == "company":
            title += ", own measure"
        if self.successor is not None:
            return f"{title} (superseded by {self.successor.title})"
        if (closed_on := self.benchmark.closed_on) is not None:
            return f"{title} (no new score since {closed_on})"
        end = self.observed_through(as_of)
        return f"{title} (figures end {end})" if as_of - end > OLD_FIGURES else title

    @property
    def ended(self) -> str | None:
        """Since when nobody adds scores to its benchmark, and how that is known."""
        if self.benchmark.closed_on is None:
            return None
        return f"{self.benchmark.closed_on}: {self.benchmark.closed_because}"

    @property
    def is_whole_benchmark(self) -> bool:
        """Whether nothing of the benchmark is left out."""
        return self.series_id == self.benchmark_id

    @property
    def superseded_by(self) -> str | None:
        """Id of the benchmark that took the place of its benchmark, if one did."""
        return self.benchmark.superseded_by if self.successor else None

    @property
    def test_id(self) -> str:
        """Id of the benchmark that leads among the views of its test, often its own."""
        return self.view_of or self.benchmark_id

    @property
    def view_of(self) -> str | None:
        """Id of the benchmark that leads where its benchmark is another view of a test."""
        return self.benchmark.view_of if self.lead else None

    def observed_through(self, as_of: date) -> date:
        """Last day on which this series could have shown a record.

        A fact of the registry, never the clock: silence after the figures end is
        not stagnation, nor is that of a suite whose best scores are out of its range.
        """
        days = [as_of, self.benchmark.observed_through]
        if self.benchmark.closed_on is not None:
            days.append(self.benchmark.closed_on)
        if self.benchmark.measured_through is not None:
            days.append(self.benchmark.measured_through)
        if (last := self._last_day_in_range()) is not None:
            days.append(last)
        return min(days)

    def _last_day_in_range(self) -> date | None:
        """The day before the first score out of range; that day where it is a bound."""
        limit = self.benchmark.measurable_range
        if limit is None or limit.beyond == "keep" or limit.passed_on is None:
            return None
        if self.censors_out_of_range:
            return limit.passed_on
        return limit.passed_on - timedelta(days=1)


def select_series(rule: SeriesRule, registry: Registry) -> Series:
    """The series that a threshold's rule selects."""
    benchmark = registry.benchmarks[rule.benchmark]
    return Series(
        series_id=series_id(rule, benchmark),
        benchmark_id=rule.benchmark,
        benchmark=benchmark,
        harness=None if rule.harness == "any" else rule.harness,
        reporters=tuple(rule.reporters or benchmark.reporters),
        censors_out_of_range=rule.out_of_range == "censored",
        successor=successor_of(benchmark, registry),
        lead=lead_of(benchmark, registry),
    )


def whole_benchmarks(registry: Registry) -> list[Series]:
    """Every benchmark as a whole."""
    return [
        select_series(SeriesRule(benchmark=one), registry)
        for one in registry.benchmarks
    ]


def other_views(one: Series, series: Iterable[Series], *, as_of: date) -> list[Series]:
    """The other whole benchmarks that are views of its test, public by a day, by id."""
    found = [
        other
        for other in series
        if other.test_id == one.test_id
        and other.benchmark_id != one.benchmark_id
        and other.is_whole_benchmark
        and (other.benchmark.first_public_on or date.min) <= as_of
    ]
    return sorted(found, key=lambda other: other.series_id)


def forecast_benchmarks(registry: Registry) -> list[Series]:
    """Every benchmark as a whole but those carried for calibration."""
    return [
        one for one in whole_benchmarks(registry) if one.benchmark.role == "forecast"
    ]


def every_series(registry: Registry, *, with_drafts: bool = False) -> list[Series]:
    """Every benchmark as a whole, and every view that an active threshold takes.

    Args:
        registry: benchmarks and thresholds.
        with_drafts: add the views that other thresholds take, for which a draft of a
            run may have been asked.
    """
    views = [
        select_series(threshold.series, registry)
        for threshold in registry.thresholds.values()
        if with_drafts or threshold.status == "active"
    ]
    series = [*whole_benchmarks(registry), *views]
    return list({one.series_id: one for one in series}.values())
