"""Series dealt into shards, and what each shard makes of its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from trends.pipeline.guards import LeftOut, as_reasons, without
from trends.pipeline.parts import (
    State,
    read_frame,
    read_json,
    scan_frame,
    state_of,
)
from trends.pipeline.plan import Plan
from trends.registry import Registry
from trends.registry.scenarios import Scenario
from trends.registry.series import Series
from trends.tables import (
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    FRONTIER,
    SCORE_FORECAST,
    SERIES_SCORES,
    Table,
)
from trends.tables.slices import Frame, merged

if TYPE_CHECKING:
    from trends.crossings import Crossings, Vintage
    from trends.fits.votes import Votes

SERIES_OF_A_SHARD: Final = 64
"""Fitted by one task: a few seconds of work, and no more in memory at a time."""

LEFT_OUT: Final = "left_out.json"

VOTES: Final = "votes.json"
"""What all series say of each other, in the part with the records."""

OF_CROSSINGS: Final = (
    CROSSING_SUMMARY,
    CROSSING_QUANTILES,
    CROSSING_CDF,
    SCORE_FORECAST,
)
"""Tables of which each shard makes its own rows."""


def fit_shards(folder: Path) -> list[int]:
    """Numbers of the shards into which the series are dealt, as many as they need."""
    return list(range(_n_shards(Plan(folder))))


def series_of_shard(plan: Plan, shard: int) -> list[str]:
    """Ids of the series of a shard; no result depends on which they are.

    They are dealt in the order of their thresholds, so that the rows of one shard
    stand together where tables are joined.
    """
    first: dict[str, str] = {}
    for threshold, series in sorted(plan.thresholds, key=lambda one: one[0].id):
        first.setdefault(series.series_id, threshold.id)
    names = (one.series_id for one in plan.series)
    ids = sorted(names, key=lambda name: (first.get(name, name), name))
    start, end = (len(ids) * n // _n_shards(plan) for n in (shard, shard + 1))
    return ids[start:end]


def shard_name(folder: Path, shard: int) -> str:
    """A shard in words: which of how many, and how many series it has."""
    plan = Plan(folder)
    n_here = len(series_of_shard(plan, shard))
    return f"shard {shard + 1} of {_n_shards(plan)}: {n_here} series"


def _n_shards(plan: Plan) -> int:
    return -(-len(plan.series) // SERIES_OF_A_SHARD)


def fit_series(
    plan: Plan, records: Path, left_out: LeftOut, *, wanted: Sequence[str]
) -> tuple[pl.DataFrame, LeftOut]:
    """TREND_FITS of the wanted series, and which of them cannot be computed."""
    from trends.fits import fit_or_leave_out

    votes = known_votes(plan, records, left_out)
    frontier, scores = (
        without(read_frame(records, table), left_out)
        for table in (FRONTIER, SERIES_SCORES)
    )
    if votes is not None:
        ours = pl.col("series_id").is_in(_with_views(plan, wanted))
        frontier, scores = frontier.filter(ours), scores.filter(ours)
    return fit_or_leave_out(
        frontier,
        scores,
        plan.series,
        wanted=wanted,
        as_of=plan.as_of,
        run_id=plan.run_id,
        missing=why_missing(plan.series, plan.registry, plan.stopped)
        | as_reasons(left_out),
        weights=plan.registry.weights,
        votes=votes,
    )


def _with_views(plan: Plan, wanted: Collection[str]) -> list[str]:
    """Ids of the wanted series and of the views of their tests, which lend to them."""
    tests = {one.test_id for one in plan.series if one.series_id in wanted}
    return [one.series_id for one in plan.series if one.test_id in tests]


def observe_votes(
    plan: Plan, scores: pl.DataFrame, frontier: pl.DataFrame
) -> dict[str, object]:
    """What all series say of each other, for ``known_votes``.

    Nothing where one cannot be observed: the shard that has it then says which.
    """
    from trends.fits.failures import SeriesError
    from trends.fits.leaning import LeaningFits
    from trends.fits.votes import dump_votes

    try:
        fits = LeaningFits.of(
            plan.series,
            frontier,
            scores,
            as_of=plan.as_of,
            weights=plan.registry.weights,
        )
        return {"votes": dump_votes(fits.votes)}
    except SeriesError:
        return {"votes": None}


def known_votes(plan: Plan, records: Path, left_out: LeftOut) -> "Votes | None":
    """What all series say of each other; None once a series more is left out."""
    if left_out != read_left_out(records):
        return None
    return _votes_in(records, state_of(records, VOTES), plan.run_id)


@lru_cache(maxsize=1)
def _votes_in(records: Path, _state: State, _run_id: str) -> "Votes | None":
    """Read once a process: what is learned of all series serves every shard."""
    from trends.fits.votes import load_votes

    votes: Any = read_json(records / VOTES)["votes"]
    if votes is None:
        return None
    plan = Plan(records.parent)
    return load_votes(votes, plan.series, plan.registry.weights)


@dataclass(frozen=True)
class Crossed:
    """What the fits say of bars and scores.

    Attributes:
        summary: CROSSING_SUMMARY rows.
        quantiles: CROSSING_QUANTILES rows.
        cdf: CROSSING_CDF rows.
        scores: SCORE_FORECAST rows.
    """

    summary: pl.DataFrame
    quantiles: Frame
    cdf: Frame
    scores: Frame

    @property
    def tables(self) -> dict[Table, Frame]:
        """By table."""
        return {
            CROSSING_SUMMARY: self.summary,
            CROSSING_QUANTILES: self.quantiles,
            CROSSING_CDF: self.cdf,
            SCORE_FORECAST: self.scores,
        }

    def told_of(self, scenarios: Iterable[Scenario]) -> "Crossings":
        """In memory, and of the CDF the rows and columns that some are told from.

        Those are headlines and scenarios, and they ask for probabilities by a day.

        Args:
            scenarios: those whose gates are bars.
        """
        from trends.crossings import Crossings

        gates = {
            gate.threshold
            for scenario in scenarios
            for dimension in scenario.dimensions.values()
            for gate in dimension.gates
        }
        wanted = pl.col("is_headline") | pl.col("threshold_id").is_in(list(gates))
        key = ["threshold_id", "bar_id", "trend"]
        rows = self.summary.lazy().filter(wanted).select(key)
        cdf = self.cdf.lazy().join(rows, on=key, how="semi")
        return Crossings(
            self.summary,
            CROSSING_QUANTILES.frame([]),
            cdf.select(*key, "by_date", "p_crossed").collect(engine="streaming"),
        )

    @classmethod
    def joined(cls, folders: Sequence[Path]) -> "Crossed":
        """From the parts of all shards; large tables are read as they are written.

        A threshold is of one series, and a series of one shard.
        """
        summary = pl.concat(read_frame(folder, CROSSING_SUMMARY) for folder in folders)
        quantiles, cdf, scores = (
            merged([scan_frame(folder, table) for folder in folders], table.key[0])
            for table in (CROSSING_QUANTILES, CROSSING_CDF, SCORE_FORECAST)
        )
        return cls(CROSSING_SUMMARY.conform(summary), quantiles, cdf, scores)


def cross_series(
    plan: Plan,
    records: Path,
    trend_fits: pl.DataFrame,
    left_out: LeftOut,
    *,
    wanted: Collection[str],
) -> Crossed:
    """Crossing dates of the thresholds of the wanted series, and forecast scores.

    Raises:
        SeriesError: those of one series cannot be computed.
    """
    from trends.crossings import cross_bars, forecast_scores, with_pool_influence
    from trends.crossings.looks import Looks

    votes = known_votes(plan, records, left_out)
    scores, frontier = (
        without(read_frame(records, table), left_out)
        for table in (SERIES_SCORES, FRONTIER)
    )
    if votes is not None:
        ours = pl.col("series_id").is_in(_with_views(plan, wanted))
        scores, frontier = scores.filter(ours), frontier.filter(ours)
    thresholds = [one for one in plan.thresholds if one[1].series_id in wanted]
    vintage = vintage_of(plan)
    looks: dict[str, Looks] = {}
    found = cross_bars(
        trend_fits, scores, frontier, thresholds, vintage=vintage, looks=looks
    )
    summary = with_pool_influence(
        found.summary,
        trend_fits=trend_fits,
        series_scores=scores,
        frontier=frontier,
        series=plan.series,
        thresholds=thresholds,
        vintage=vintage,
        known=votes,
        looks=looks,
    )
    series = [one for one in plan.series if one.series_id in wanted]
    return Crossed(
        summary,
        found.quantiles,
        found.cdf,
        forecast_scores(
            trend_fits, scores, frontier, series, vintage=vintage, looks=looks
        ),
    )


def vintage_of(plan: Plan) -> "Vintage":
    """What is the same for every row of a run."""
    from trends.crossings import Vintage

    return Vintage.of(
        plan.registry,
        as_of=plan.as_of,
        run_id=plan.run_id,
        seed=plan.seed,
        n_draws=plan.draws,
    )


def read_left_out(folder: Path) -> LeftOut:
    """Series that a stage left out."""
    return {name: str(why) for name, why in read_json(folder / LEFT_OUT).items()}


def why_missing(
    series: Iterable[Series], registry: Registry, stopped: Mapping[str, str]
) -> dict[str, str]:
    """For each series of a source that was stopped, the words for its rows."""
    benchmarks = {
        benchmark: f"source {source} was stopped: {reason}"
        for source, reason in stopped.items()
        for benchmark in registry.sources[source].benchmarks
    }
    return {
        one.series_id: benchmarks[one.benchmark_id]
        for one in series
        if one.benchmark_id in benchmarks
    }
