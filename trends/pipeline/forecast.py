"""Observations to published crossing dates, stage by stage.

The stages hand each other folders, so that each can run in a process of its own and
run again without harm.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from trends.changes import (
    REGISTRY_FILE,
    Inputs,
    InputsError,
    compare_medians,
    load_inputs,
)
from trends.frontier import (
    known_as_of,
    mark_records,
    public_as_of,
    select_frontier,
    select_series_scores,
)
from trends.outputs import (
    headline_markdown,
    lines_about,
    point_latest,
    read_table,
    read_tripwires,
    standing_alarms,
    waiting_lines,
    write_run,
)
from trends.pipeline.errors import NothingFittedError
from trends.pipeline.parts import Content, library_versions, once, read_json
from trends.pipeline.plan import ForecastRequest, Plan, plan_forecast
from trends.pipeline.quality import summarise, warnings_of
from trends.pipeline.waiting import mark_waiting
from trends.registry import dump_registry
from trends.registry.published import thresholds_table
from trends.registry.series import whole_benchmarks
from trends.tables import (
    CARRIED,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    FRONTIER,
    OBSERVATIONS,
    PUBLISHED,
    QUARANTINE,
    SCORE_FORECAST,
    SERIES_SCORES,
    THRESHOLDS,
    TREND_FITS,
    TRIPWIRES,
    Table,
)
from trends.validation import ValidationError, validate
from trends.workspace import Workspace

if TYPE_CHECKING:
    from trends.crossings import Crossings

N_SHARDS: Final = 2


@dataclass(frozen=True)
class PublishedRun:
    """A finished run.

    Attributes:
        run_id: hash of everything it used.
        path: its folder.
        published: whether it is a result; false for a draft.
        headline: one row a threshold, as in crossing_summary.
        tripwires: benchmarks whose forecasts new figures broke, as in tripwires.
        stopped: sources left out, each with the reason.
        waiting: a line for each better score in quarantine.
        warnings: how often each expectation that only warns was broken.
    """

    run_id: str
    path: Path
    published: bool
    headline: list[dict[str, object]]
    tripwires: list[dict[str, object]]
    stopped: dict[str, str]
    waiting: list[str]
    warnings: dict[str, int]


def forecast(
    request: ForecastRequest,
    workspace: Workspace,
    *,
    published_at: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> PublishedRun:
    """All stages in this process, on the latest ingest."""
    folder = plan_forecast(request, workspace=workspace)
    progress("frontier: selecting records")
    select_records(folder)
    for shard in fit_shards(folder):
        progress(f"fits: shard {shard + 1} of {N_SHARDS}")
        fit_shard(folder, shard)
    progress("crossings: finding crossing dates")
    cross_bars(folder)
    progress("outputs: checking and writing")
    return publish(folder, published_at=published_at)


def select_records(folder: Path) -> Path:
    """Cut the observations at as_of, gather the series, and select their records."""
    return once(folder / "records", lambda: _records(Plan(folder)))


def fit_shards(folder: Path) -> list[int]:
    """Numbers of the shards into which the series are dealt."""
    return list(range(min(N_SHARDS, len(Plan(folder).series))))


def fit_shard(folder: Path, shard: int) -> Path:
    """Fit every trend to the series of one shard; the drift pool is drawn from all."""
    return once(folder / f"fits-{shard}", lambda: _fits(Plan(folder), shard))


def cross_bars(folder: Path) -> Path:
    """Distribution of the crossing date of every bar, and all published tables.

    Raises:
        NothingFittedError: no trend could be fitted to any series.
    """
    return once(folder / "tables", lambda: _published_tables(Plan(folder)))


def publish(folder: Path, *, published_at: datetime) -> PublishedRun:
    """Check every published table, write the run whole, and make it the latest.

    A draft is written apart and never becomes the latest.

    Raises:
        ValidationError: a table breaks a critical expectation of its suite.
        OutputError: the run's folder is there, but not as it was written.
    """
    plan = Plan(folder)
    checked = once(folder / "checked", lambda: _quality(plan))
    quality = read_json(checked / "quality.json")
    alarms = _read(folder / "tables", TRIPWIRES).filter("alarm").to_dicts()
    run = write_run(
        {table.name: _read(folder / "tables", table) for table in PUBLISHED}
        | _carried(plan),
        as_of=plan.as_of,
        run_id=plan.run_id,
        results=plan.workspace.results,
        quality=quality,
        provenance={**plan.facts, "libraries": library_versions()},
        readme_headline=headline_markdown(
            _read(folder / "tables", CROSSING_SUMMARY),
            alarms=alarms,
            quarantine=_read(folder / "tables", QUARANTINE),
        ),
        run_facts={"published_at": published_at.isoformat(), "reason": plan.reason},
        internal={REGISTRY_FILE: dump_registry(plan.registry)},
        draft=not plan.publish,
    )
    if plan.publish:
        point_latest(run, results=plan.workspace.results, published_at=published_at)
    summary = read_table(run, CROSSING_SUMMARY)
    return PublishedRun(
        run_id=plan.run_id,
        path=run,
        published=plan.publish,
        headline=summary.filter("is_headline").to_dicts(),
        tripwires=standing_alarms(run),
        stopped=plan.stopped,
        waiting=waiting_lines(run),
        warnings=warnings_of(quality),
    )


def _records(plan: Plan) -> dict[str, Content]:
    from trends.crossings import mark_contradicted

    everything = OBSERVATIONS.filled_up(_read(plan.ingest, OBSERVATIONS))
    known = (
        known_as_of(everything, plan.as_of)
        if plan.replay
        else public_as_of(everything, plan.as_of, plan.registry.benchmarks)
    )
    series_scores = select_series_scores(known, plan.series)
    if series_scores.is_empty():
        raise NothingFittedError(f"no dated score is known as of {plan.as_of}")
    frontier = select_frontier(series_scores, plan.series)
    return {
        "series_scores.parquet": series_scores,
        "frontier.parquet": frontier,
        "observations.parquet": mark_contradicted(
            mark_records(known, frontier), series_scores, frontier, plan.series
        ),
        "report.json": {
            SERIES_SCORES.name: _check(plan, SERIES_SCORES, series_scores),
            FRONTIER.name: _check(plan, FRONTIER, frontier),
        },
    }


def _fits(plan: Plan, shard: int) -> dict[str, Content]:
    from trends.fits import fit_trends

    records = plan.folder / "records"
    ids = sorted(one.series_id for one in plan.series)
    fits = fit_trends(
        _read(records, FRONTIER),
        _read(records, SERIES_SCORES),
        plan.series,
        wanted=ids[shard::N_SHARDS],
        as_of=plan.as_of,
        run_id=plan.run_id,
        missing=_why_missing(plan),
        weights=plan.registry.weights,
    )
    return {"trend_fits.parquet": fits}


def _published_tables(plan: Plan) -> dict[str, Content]:
    from trends.crossings import Vintage, forecast_scores, with_pool_influence
    from trends.crossings import cross_bars as find_crossings
    from trends.pipeline.scenarios import scenario_tables

    shards = [plan.folder / f"fits-{shard}" for shard in fit_shards(plan.folder)]
    trend_fits = TREND_FITS.conform(
        pl.concat(_read(shard, TREND_FITS) for shard in shards)
    )
    if not trend_fits.filter(pl.col("fit_status") == "fitted").height:
        reasons = trend_fits.get_column("status_reason").unique().sort().to_list()
        raise NothingFittedError(f"no trend could be fitted: {'; '.join(reasons)}")
    records = plan.folder / "records"
    scores, frontier = _read(records, SERIES_SCORES), _read(records, FRONTIER)
    vintage = Vintage(
        as_of=plan.as_of,
        run_id=plan.run_id,
        seed=plan.seed,
        n_draws=plan.draws,
        weights=plan.registry.weights,
    )
    crossings = find_crossings(
        trend_fits, scores, frontier, plan.thresholds, vintage=vintage
    )
    summary = with_pool_influence(
        crossings.summary,
        trend_fits=trend_fits,
        series_scores=scores,
        frontier=frontier,
        series=plan.series,
        thresholds=plan.thresholds,
        vintage=vintage,
    )
    crossings = replace(crossings, summary=summary)
    thresholds = thresholds_table(plan.thresholds)
    ingested = _read(plan.ingest, OBSERVATIONS)
    quarantine = _read(plan.ingest, QUARANTINE)
    inputs = Inputs(ingested, plan.registry, plan.as_of, plan.seed, plan.draws)
    old = _load_previous(plan)
    tables = {
        CROSSING_SUMMARY: mark_waiting(
            _with_changes(plan, old, crossings),
            quarantine.filter(~pl.col("source_id").is_in(list(plan.stopped))),
            plan.thresholds,
            registry=plan.registry,
            as_of=plan.as_of,
        ),
        TRIPWIRES: _tripwires(plan, old),
        CROSSING_QUANTILES: crossings.quantiles,
        CROSSING_CDF: crossings.cdf,
        SCORE_FORECAST: forecast_scores(
            trend_fits, scores, frontier, plan.series, vintage=vintage
        ),
        TREND_FITS: trend_fits,
        OBSERVATIONS: _read(records, OBSERVATIONS),
        THRESHOLDS: thresholds,
        QUARANTINE: quarantine,
        **scenario_tables(
            inputs,
            crossings,
            thresholds,
            known=_read(records, OBSERVATIONS),
            run_id=plan.run_id,
        ),
    }
    return {f"{table.name}.parquet": frame for table, frame in tables.items()}


def _quality(plan: Plan) -> dict[str, Content]:
    """quality.json: what every suite checked and found, by source and by table."""
    reports: dict[str, Any] = read_json(plan.folder / "records" / "report.json")
    for table in PUBLISHED:
        reports[table.name] = _check(plan, table, _read(plan.folder / "tables", table))
    tables = plan.folder / "tables"
    summary = summarise(
        plan.sources,
        reports,
        stopped=plan.stopped,
        waiting=lines_about(
            _read(tables, CROSSING_SUMMARY), quarantine=_read(tables, QUARANTINE)
        ),
    )
    return {
        "quality.json": {
            "summary": summary,
            "sources": plan.sources,
            "tables": reports,
        }
    }


def _check(plan: Plan, table: Table, frame: pl.DataFrame) -> dict[str, object]:
    """What the table's suite found, where past ingest no row may be rejected.

    Raises:
        ValidationError: the table breaks a critical expectation.
    """
    checked = validate(
        frame, table=table, suites=plan.workspace.expectations, registry=plan.registry
    )
    if checked.quarantine.height:
        reason = checked.quarantine["reason"][0]
        raise ValidationError(
            f"{table.name} would be published with bad rows: {reason}"
        )
    return checked.report


def _why_missing(plan: Plan) -> dict[str, str]:
    """For each benchmark of a source that was stopped, the words for its rows."""
    return {
        benchmark: f"source {source} was stopped: {reason}"
        for source, reason in plan.stopped.items()
        for benchmark in plan.registry.sources[source].benchmarks
    }


def _with_changes(
    plan: Plan, old: Inputs | None, crossings: "Crossings"
) -> pl.DataFrame:
    """The summary beside the previous vintage; a cause for each headline that moved."""
    from trends.changes.attribution import (
        name_causes,
        published_tables,
        split_changes,
    )
    from trends.changes.coalitions import Difference

    if plan.previous is None:
        return compare_medians(crossings.summary, CROSSING_SUMMARY.frame([]))
    before = published_tables(plan.previous)
    summary = compare_medians(crossings.summary, before.summary)
    moved = summary.filter(
        pl.col("is_headline") & (pl.col("change_cause") == "not_attributed")
    )
    if old is None or moved.is_empty():
        # of what an older version published, the rows say that no cause is known
        return summary
    observations = _read(plan.folder / "records", OBSERVATIONS)
    new = Inputs(observations, plan.registry, plan.as_of, plan.seed, plan.draws)
    difference = Difference.between(old, new)
    splits = split_changes(
        difference,
        before=before,
        after=crossings,
        rows=moved.select("threshold_id", "bar_id", "trend").rows(),
        # this run is what its own code makes of all that is new
        known={frozenset(difference.causes()): crossings},
    )
    return name_causes(summary, [split for split in splits if split is not None])


def _tripwires(plan: Plan, old: Inputs | None) -> pl.DataFrame:
    """Evidence of the new figures against what the previous vintage forecast."""
    from trends.changes.coalitions import compare_scores
    from trends.tripwires import Published, watch_records

    series = whole_benchmarks(plan.registry)
    if old is None or plan.previous is None:
        nothing = OBSERVATIONS.frame([])
        return watch_records(
            None, nothing, series, as_of=plan.as_of, run_id=plan.run_id
        )
    published = Published(
        as_of=old.as_of,
        series=whole_benchmarks(old.registry),
        observations=old.observations,
        trend_fits=read_table(plan.previous, TREND_FITS),
        tripwires=read_tripwires(plan.previous),
    )
    observations = _read(plan.folder / "records", OBSERVATIONS)
    return watch_records(
        published,
        compare_scores(old.observations, observations).added,
        series,
        as_of=plan.as_of,
        run_id=plan.run_id,
    )


def _load_previous(plan: Plan) -> Inputs | None:
    """Inputs of the previous vintage; None if there is none, or it is too old."""
    if plan.previous is None:
        return None
    try:
        return load_inputs(plan.previous)
    except InputsError:
        return None


def _carried(plan: Plan) -> dict[str, pl.DataFrame]:
    """Tables of the backtest that was there when the run was planned."""
    if plan.backtest is None:
        return {}
    return {table.name: _read(plan.backtest.path, table) for table in CARRIED}


def _read(folder: Path, table: Table) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{table.name}.parquet")
