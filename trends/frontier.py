"""Observations to series and their records.

The frontier of a series is its running maximum over release dates; its records are
the observations that raised it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate, chain
from typing import Final

import polars as pl

from trends.registry.harness import in_harness
from trends.registry.models import Benchmark
from trends.registry.series import Series
from trends.revisions import standing
from trends.tables import FRONTIER, SERIES_SCORES

_ASKED: Final = {
    "series_id": pl.String,
    "benchmark_id": pl.String,
    "reporter": pl.String,
    "rule": pl.String,
    "bound": pl.Float64,
}

LONGEST_LAG: Final = timedelta(days=183)
"""How long before its report a release is taken to lie at most, where no source says.

Of the shipped scores with both dates nine in ten were reported within so long.
"""


class Parts(Mapping[str, pl.DataFrame]):
    """Rows of a table by what a column says, in their order; none of an unknown name.

    Made in one pass: to filter a table for each of many series takes as many passes.
    The rows of a name are cut out as they are asked for: thousands of frames of a few
    rows take more memory than what is in them.
    """

    def __init__(self, table: pl.DataFrame, column: str) -> None:
        """Part a table by a column of text."""
        places: dict[str, list[range]] = {}
        first = 0
        for run in table.get_column(column).rle().to_list():
            rows = range(first, first := first + run["len"])
            places.setdefault(run["value"], []).append(rows)
        # a table in order of the names stands as it is, shared by all who part it
        if any(len(runs) > 1 for runs in places.values()):
            table = table[[*chain(*chain(*places.values()))]]
        self._rows = table.rechunk()
        n_rows = [sum(map(len, runs)) for runs in places.values()]
        self._runs = {
            name: (end - n, n)
            for name, n, end in zip(places, n_rows, accumulate(n_rows), strict=True)
        }

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Rows of that name."""
        return self._rows.slice(*self._runs.get(name, (0, 0)))

    def __contains__(self, name: object) -> bool:
        """Whether there is a row of that name."""
        return name in self._runs

    def __iter__(self) -> Iterator[str]:
        """Names, in the order in which they first occur."""
        return iter(self._runs)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._runs)


def parted(table: pl.DataFrame, column: str) -> dict[str, pl.DataFrame]:
    """As ``Parts``, all cut out at once: an unknown name is an error."""
    return dict(Parts(table, column))


def known_as_of(observations: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """OBSERVATIONS rows known on ``as_of``, by which the past is replayed.

    A score that was revised later stands as it did then. A row without the day of its report counts from its release, and so does each of a
    ``final_vintage`` benchmark, which may not have been public by then. Rows with no
    date at all are kept: they are published, though never fitted.
    """
    known = pl.col("known_on").is_null() | (pl.col("known_on") <= as_of)
    revised = pl.when(pl.col("revised_on") <= as_of).then("revised_on")
    return observations.filter(known).with_columns(revised_on=revised)


def public_as_of(
    observations: pl.DataFrame, as_of: date, benchmarks: Mapping[str, Benchmark]
) -> pl.DataFrame:
    """OBSERVATIONS rows that a reader could have seen on ``as_of``.

    Those known by then, of benchmarks that were public: a score counts from the later
    of ``known_on`` and its benchmark's first public day.

    Args:
        observations: OBSERVATIONS rows.
        as_of: the day.
        benchmarks: entries of the registry, by id.
    """
    hidden = [
        benchmark_id
        for benchmark_id, benchmark in benchmarks.items()
        if benchmark.first_public_on is not None and benchmark.first_public_on > as_of
    ]
    known = known_as_of(observations, as_of)
    return known.filter(~pl.col("benchmark_id").is_in(hidden))


def select_series_scores(
    observations: pl.DataFrame, series: Iterable[Series]
) -> pl.DataFrame:
    """Scores of each series that fits may use.

    Args:
        observations: OBSERVATIONS rows, already cut at the vintage's ``as_of``.
        series: series to gather; their views may overlap.

    Returns:
        SERIES_SCORES rows, of each entry the revision that stands. A score whose release date is not known stands at the
        last day it can have been (``frontier_date_basis`` says so); families that
        draw put it anywhere between its first and its last.
    """
    dated = standing(observations).with_columns(
        frontier_date=pl.coalesce("release_date", "release_latest"),
        release_earliest=pl.coalesce(
            "release_date", "release_earliest", pl.col("release_latest") - LONGEST_LAG
        ),
        release_latest=pl.coalesce("release_date", "release_latest"),
        frontier_date_basis=pl.when(pl.col("release_date").is_not_null())
        .then(pl.lit("release_date"))
        .otherwise(pl.lit("release_latest")),
    )
    return SERIES_SCORES.conform(_within_range(_of_series(dated, list(series))))


def _of_series(scores: pl.DataFrame, series: Sequence[Series]) -> pl.DataFrame:
    """Rows of each series, with its id and the most that its suite measures as ``bound``.

    All at once: to filter a table for each of a thousand series takes as many passes.
    """
    asked = pl.DataFrame(
        [
            (one.series_id, one.benchmark_id, reporter, one.harness, _bound(one))
            for one in series
            for reporter in one.reporters
        ],
        schema=_ASKED,
        orient="row",
    )
    belongs = pl.col("rule").is_null()
    for rule in sorted({one.harness for one in series if one.harness is not None}):
        belongs |= (pl.col("rule") == rule) & in_harness(rule)
    return scores.join(asked, on=["benchmark_id", "reporter"]).filter(belongs)


def _bound(series: Series) -> float | None:
    """What scores above the suite's range are known to reach, where they count."""
    measurable = series.benchmark.measurable_range
    if measurable is None or not series.censors_out_of_range:
        return None
    return measurable.high


def select_frontier(
    series_scores: pl.DataFrame, series: Iterable[Series]
) -> pl.DataFrame:
    """Keep each score that beat every earlier release of its series.

    The record is taken over the whole history. Restrict the fitting window
    afterwards, so that a window's first release is not mistaken for a record.

    Args:
        series_scores: SERIES_SCORES rows.
        series: the series, for the direction in which each improves.

    Returns:
        FRONTIER rows. Of several releases on one day only the best can enter; a
        tie with the standing record does not.
    """
    lower_is_better = [
        one.series_id for one in series if one.benchmark.direction == "lower"
    ]
    gain = (
        pl.when(pl.col("series_id").is_in(lower_is_better))
        .then(-pl.col("score"))
        .otherwise(pl.col("score"))
    )
    best_of_each_day = (
        series_scores.with_columns(gain=gain)
        .sort("series_id", "frontier_date", -pl.col("gain"), "observation_id")
        .unique(["series_id", "frontier_date"], keep="first", maintain_order=True)
    )
    earlier_best = pl.col("gain").cum_max().shift(1).over("series_id")
    records = best_of_each_day.filter(
        earlier_best.is_null() | (pl.col("gain") > earlier_best)
    )
    return FRONTIER.conform(records)


def mark_records(observations: pl.DataFrame, frontier: pl.DataFrame) -> pl.DataFrame:
    """OBSERVATIONS with ``is_record`` set for records of their whole benchmark."""
    records = frontier.filter(pl.col("series_id") == pl.col("benchmark_id"))
    return observations.with_columns(
        is_record=pl.col("observation_id").is_in(
            records.get_column("observation_id").implode()
        )
    )


def _within_range(scores: pl.DataFrame) -> pl.DataFrame:
    """Scores that fits may use; those above the suite's range are left out or bounds.

    A score known to be at least the most that the suite measures has no error of its
    own, since the published one is that of another number.
    """
    bound, exclusion = pl.col("bound"), pl.col("fit_exclusion")
    is_lower_bound = exclusion.eq_missing(pl.lit("out_of_range")) & bound.is_not_null()
    return (
        scores.with_columns(is_lower_bound=is_lower_bound)
        .filter(exclusion.is_null() | pl.col("is_lower_bound"))
        .with_columns(
            pl.when("is_lower_bound").then(instead).otherwise(name).alias(name)
            for name, instead in (
                ("score", bound),
                *((error, None) for error in ("standard_error", "ci_low", "ci_high")),
            )
        )
    )


def belongs_to(series: Series) -> pl.Expr:
    """Whether a row is of the series, by benchmark_id, reporter and harness."""
    belongs = (pl.col("benchmark_id") == series.benchmark_id) & pl.col(
        "reporter"
    ).is_in(list(series.reporters))
    if series.harness is not None:
        belongs &= in_harness(series.harness)
    return belongs
