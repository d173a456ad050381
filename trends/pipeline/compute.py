"""The tables of a run, made without the series that cannot be in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from trends.changes import (
    Inputs,
    InputsError,
    compare_with_previous,
    load_inputs,
)
from trends.frontier import mark_records
from trends.ledger import Entry
from trends.outputs import (
    read_table,
    read_tripwires,
)
from trends.pipeline.errors import NothingFittedError
from trends.pipeline.guards import Guard, LeftOut, as_reasons, without
from trends.pipeline.marks import with_marks
from trends.pipeline.parts import read_frame, read_json
from trends.pipeline.past import history_of
from trends.pipeline.plan import Plan
from trends.pipeline.shards import Crossed, cross_series, fit_series, read_left_out
from trends.registry.published import (
    contest_rows,
    high_bar_rows,
    stood_rows,
    thresholds_table,
)
from trends.registry.series import forecast_benchmarks
from trends.tables import (
    CHANGES,
    COMMON_PACE,
    CONTEST,
    CONTRACT_VERSION,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    FRONTIER,
    HEADLINE,
    HIGH_BARS,
    OBSERVATIONS,
    PUBLISHED,
    QUARANTINE,
    RECORDS_STOOD,
    SCORE_FORECAST,
    SERIES_SCORES,
    THRESHOLDS,
    TRACK_RECORD,
    TREND_FITS,
    TRIPWIRES,
    Table,
)
from trends.tables.slices import Frame
from trends.words import headline_rows

if TYPE_CHECKING:
    from trends.crossings import Crossings


@dataclass(frozen=True)
class Made:
    """What the tables of a run are computed from.

    Attributes:
        plan: the run.
        records: its part with the scores and records of all series.
        shards: its parts with their fits.
        crossed: its parts with their crossing dates and forecast scores.
    """

    plan: Plan
    records: Path
    shards: Sequence[Path]
    crossed: Sequence[Path] = ()


def compute_tables(made: Made, left_out: LeftOut) -> tuple[dict[Table, Frame], LeftOut]:
    """The published tables, and what was left out once all others were computed."""
    from trends.fits.failures import SeriesError

    while True:
        fits, left_out = _all_fits(made, left_out)
        refuse_nothing(read_frame(made.records, SERIES_SCORES), left_out)
        try:
            crossed = _crossed(made, fits, left_out)
            return _tables_of(made, fits, crossed, left_out), left_out
        except SeriesError as error:
            if error.series_id in left_out:
                raise
            left_out = left_out | _placed(made, {error.series_id: error.why})


def check_tables(
    made: Made, tables: Mapping[Table, Frame], left_out: LeftOut
) -> tuple[dict[str, Any], LeftOut]:
    """What the suites report, and which series their rows cost."""
    guard = guard_of(made)
    reports: dict[str, Any] = read_json(made.records / "report.json")
    found: LeftOut = {}
    for table in PUBLISHED:
        reports[table.name], more = guard.check(table, tables[table], left_out | found)
        found |= more
    return reports, found


def guard_of(made: Made) -> Guard:
    """The run's suites, with all series that were read, also those left out."""
    return Guard(made.plan, read_frame(made.records, OBSERVATIONS))


def refuse_nothing(scores: pl.DataFrame, left_out: LeftOut) -> None:
    """Stop where no series is left.

    Raises:
        NothingFittedError: every series was left out.
    """
    if without(scores, left_out).is_empty():
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise NothingFittedError(f"every series was left out: {reasons}")


def _all_fits(made: Made, left_out: LeftOut) -> tuple[pl.DataFrame, LeftOut]:
    """Of all series, from the shards unless one more series is left out since."""
    known = read_left_out(made.records)
    failed = {
        name: why for one in made.shards for name, why in read_left_out(one).items()
    }
    if not failed and left_out == known:
        return TREND_FITS.conform(
            pl.concat(read_frame(shard, TREND_FITS) for shard in made.shards)
        ), left_out
    # the shards had it in their pool
    left_out = left_out | _placed(made, failed)
    wanted = sorted(one.series_id for one in made.plan.series)
    fits, more = fit_series(made.plan, made.records, left_out, wanted=wanted)
    return fits, left_out | _placed(made, more)


def _crossed(made: Made, trend_fits: pl.DataFrame, left_out: LeftOut) -> Crossed:
    """Of all series, from the shards unless one more series is left out since.

    Raises:
        NothingFittedError: no trend could be fitted to any series.
        SeriesError: what concerns one series cannot be computed.
    """
    from trends.fits.failures import SeriesError

    if not trend_fits.filter(pl.col("fit_status") == "fitted").height:
        reasons = trend_fits.get_column("status_reason").unique().sort().to_list()
        raise NothingFittedError(f"no trend could be fitted: {'; '.join(reasons)}")
    if left_out == read_left_out(made.records):
        for folder in made.crossed:
            for name, why in read_left_out(folder).items():
                raise SeriesError(name, why)
        return Crossed.joined(made.crossed)
    wanted = {one.series_id for one in made.plan.series}
    return cross_series(made.plan, made.records, trend_fits, left_out, wanted=wanted)


def _placed(made: Made, failed: LeftOut) -> LeftOut:
    """Series that cannot be computed, with the lines that they were read from."""
    if not failed:
        return {}
    guard = guard_of(made)
    return {name: f"{why} ({guard.where(name)})" for name, why in failed.items()}


def _tables_of(
    made: Made, trend_fits: pl.DataFrame, crossed: Crossed, left_out: LeftOut
) -> dict[Table, Frame]:
    from trends.pipeline.scenarios import scenario_tables

    plan = made.plan
    crossings = crossed.told_of(plan.registry.scenarios.values())
    frontier = without(read_frame(made.records, FRONTIER), left_out)
    observations = mark_records(read_frame(made.records, OBSERVATIONS), frontier)
    thresholds = thresholds_table(plan.thresholds)
    quarantine = plan.ingest.quarantine
    inputs = Inputs(
        _not_left_out(plan.ingest.observations, left_out),
        plan.registry,
        plan.as_of,
        plan.seed,
        plan.draws,
    )
    old = _load_previous(plan)
    entries = plan.past.read_entries(plan.workspace.ledger)
    trusted = _not_left_out(observations, left_out)
    summary = with_marks(
        _with_changes(plan, old, crossings, trusted),
        quarantine.filter(~pl.col("source_id").is_in(list(plan.stopped))),
        plan.thresholds,
        registry=plan.registry,
        as_of=plan.as_of,
    )
    return {
        HEADLINE: headline_rows(summary, crossings.cdf, thresholds),
        CROSSING_SUMMARY: summary,
        CHANGES: _changes(
            plan, old, replace(crossings, summary=summary), trusted, entries
        ),
        TRIPWIRES: _tripwires(plan, old, observations, left_out),
        CROSSING_QUANTILES: crossed.quantiles,
        CROSSING_CDF: crossed.cdf,
        **_record_tables(plan, summary, crossings.cdf, trusted, entries),
        SCORE_FORECAST: crossed.scores,
        COMMON_PACE: _common_pace(plan, frontier),
        RECORDS_STOOD: _stamped(plan, RECORDS_STOOD, stood_rows(plan.registry)),
        HIGH_BARS: _stamped(plan, HIGH_BARS, high_bar_rows(plan.registry)),
        CONTEST: _stamped(plan, CONTEST, contest_rows(plan.registry)),
        TREND_FITS: trend_fits,
        OBSERVATIONS: observations,
        THRESHOLDS: thresholds,
        QUARANTINE: quarantine,
        **scenario_tables(
            inputs,
            replace(crossings, summary=summary),
            thresholds,
            known=observations,
            run_id=plan.run_id,
        ),
    }


def _common_pace(plan: Plan, frontier: pl.DataFrame) -> pl.DataFrame:
    """How fast all frontiers moved together, by month."""
    from trends.fits.common_pace import common_pace_rows, fit_common_pace, watched_rises

    rises = watched_rises(plan.series, frontier, as_of=plan.as_of)
    return _stamped(plan, COMMON_PACE, common_pace_rows(fit_common_pace(rises)))


def _stamped(
    plan: Plan, table: Table, rows: Sequence[Mapping[str, object]]
) -> pl.DataFrame:
    """Rows as a table of the run."""
    stamps: dict[str, object] = {
        "as_of": plan.as_of,
        "run_id": plan.run_id,
        "contract_version": CONTRACT_VERSION,
    }
    return table.conform(table.frame([{**row, **stamps} for row in rows]))


def _changes(
    plan: Plan,
    old: Inputs | None,
    crossings: "Crossings",
    observations: pl.DataFrame,
    entries: Sequence[Entry],
) -> pl.DataFrame:
    """What moved each headline since earlier days."""
    from trends.changes.attribution import published_tables
    from trends.changes.windows import changes_table
    from trends.pipeline.moved import earlier_vintages

    new = Inputs(observations, plan.registry, plan.as_of, plan.seed, plan.draws)
    published = None
    if plan.previous is not None:
        headlines = crossings.summary.filter("is_headline")
        published = published_tables(plan.previous, headlines)
    earlier = earlier_vintages(plan, new, published=published, old=old, entries=entries)
    return changes_table(new, crossings, earlier, run_id=plan.run_id)


def _record_tables(
    plan: Plan,
    summary: pl.DataFrame,
    cdf: pl.DataFrame,
    observations: pl.DataFrame,
    entries: Sequence[Entry],
) -> dict[Table, pl.DataFrame]:
    """What earlier vintages said, and how it came out as far as figures go."""
    from trends.ledger.scores import score_entries
    from trends.ledger.track_record import track_record

    scores = score_entries(entries, observations, plan.registry, today=plan.as_of)
    history = history_of(
        plan.past,
        entries,
        summary=summary,
        cdf=cdf,
        code_sha256=str(plan.facts["code"]),
        as_of=plan.as_of,
    )
    if isinstance(wanted := plan.facts["thresholds"], list):
        ours = pl.col("threshold_id").is_in(wanted)
        history = {table: rows.filter(ours) for table, rows in history.items()}
    return {
        **history,
        TRACK_RECORD: track_record(scores, as_of=plan.as_of, run_id=plan.run_id),
    }


def _not_left_out(observations: pl.DataFrame, left_out: LeftOut) -> pl.DataFrame:
    """Rows of benchmarks that are not left out whole."""
    return observations.filter(~pl.col("benchmark_id").is_in(list(left_out)))


def _with_changes(
    plan: Plan,
    old: Inputs | None,
    crossings: "Crossings",
    observations: pl.DataFrame,
) -> pl.DataFrame:
    """The summary beside the previous vintage; a cause for each headline that moved."""
    from trends.changes.attribution import (
        name_causes,
        published_tables,
        split_changes,
    )
    from trends.changes.coalitions import Difference
    from trends.fits.failures import SeriesError

    if plan.previous is None:
        return compare_with_previous(crossings.summary, CROSSING_SUMMARY.frame([]))
    before = published_tables(plan.previous, crossings.summary.filter("is_headline"))
    summary = compare_with_previous(crossings.summary, before.summary)
    moved = summary.filter(
        pl.col("is_headline") & (pl.col("change_cause") == "not_attributed")
    )
    if old is None or moved.is_empty():
        # of what an older version published, the rows say that no cause is known
        return summary
    new = Inputs(observations, plan.registry, plan.as_of, plan.seed, plan.draws)
    difference = Difference.between(old, new)
    try:
        splits = split_changes(
            difference,
            before=before,
            after=crossings,
            rows=moved.select("threshold_id", "bar_id", "trend").rows(),
            # this run is what its own code makes of all that is new
            known={frozenset(difference.causes()): crossings},
        )
    except SeriesError:
        # old figures that cannot be computed cost a cause, not a series of this run
        return summary
    return name_causes(summary, [split for split in splits if split is not None])


def _tripwires(
    plan: Plan, old: Inputs | None, observations: pl.DataFrame, left_out: LeftOut
) -> pl.DataFrame:
    """Evidence of the new figures against what the previous vintage forecast.

    Series for calibration are not watched: no reader was told a date of them.
    """
    from trends.changes.coalitions import compare_scores
    from trends.tripwires import Published, watch_records

    series = forecast_benchmarks(plan.registry)
    if old is None or plan.previous is None:
        nothing = OBSERVATIONS.frame([])
        return watch_records(
            None, nothing, series, as_of=plan.as_of, run_id=plan.run_id
        )
    published = Published(
        as_of=old.as_of,
        series=forecast_benchmarks(old.registry),
        observations=old.observations,
        trend_fits=read_table(plan.previous, TREND_FITS),
        tripwires=read_tripwires(plan.previous),
    )
    return watch_records(
        published,
        compare_scores(old.observations, observations).added,
        series,
        as_of=plan.as_of,
        run_id=plan.run_id,
        left_out=as_reasons(left_out),
    )


def _load_previous(plan: Plan) -> Inputs | None:
    """Inputs of the previous vintage; None if there is none, or it is too old."""
    if plan.previous is None:
        return None
    try:
        return load_inputs(plan.previous)
    except InputsError:
        return None
