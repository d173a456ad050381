"""The charts of a run, by where they stand on the page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from trends.report.charts import (
    Bars,
    Chart,
    benchmark,
    calibration,
    common_pace,
    ladder,
    outlook,
    scenario,
)
from trends.words import DOMAIN_TITLES


class Drawn(NamedTuple):
    """The charts of a run by where they stand on the page.

    Attributes:
        answer: the default scenario at a glance, beside what others say.
        ladders: of intervals, by domain.
        pace: how fast all frontiers moved together.
        calibration: of past forecasts.
        scenarios: by scenario.
        benchmarks: by benchmark.
    """

    answer: Sequence[Chart]
    ladders: Sequence[Chart]
    pace: Sequence[Chart]
    calibration: Sequence[Chart]
    scenarios: Mapping[str, Sequence[Chart]]
    benchmarks: Mapping[str, Sequence[Chart]]

    def of_all(self) -> Iterator[Chart]:
        """The charts that speak of no single scenario or benchmark."""
        yield from self.answer
        yield from self.ladders
        yield from self.pace
        yield from self.calibration

    def every(self) -> Iterator[Chart]:
        """Every chart, in the order of the page."""
        yield from self.of_all()
        for charts in (*self.scenarios.values(), *self.benchmarks.values()):
            yield from charts


def draw(tables: Mapping[str, pl.DataFrame], known: Drawn | None = None) -> Drawn:
    """Every chart of a run.

    Args:
        tables: published tables by name.
        known: charts of the same tables with more benchmarks, to take over.
    """
    of_benchmarks = {} if known is None else known.benchmarks
    bars = Bars(tables)
    scenarios = tables["automation"]["scenario_id"].unique().sort()
    benchmarks = tables["thresholds"]["benchmark_id"].unique().sort()
    return Drawn(
        answer=_there([outlook(tables)]),
        ladders=_there(ladder(bars, domain) for domain in DOMAIN_TITLES),
        pace=_there([common_pace(tables)]),
        calibration=calibration(tables),
        scenarios={one: _there([scenario(tables, one)]) for one in scenarios},
        benchmarks={
            one: of_benchmarks[one] if one in of_benchmarks else benchmark(bars, one)
            for one in benchmarks
        },
    )


def _there(charts: Iterator[Chart | None] | list[Chart | None]) -> list[Chart]:
    return [chart for chart in charts if chart is not None]
