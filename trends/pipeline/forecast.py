"""Observations to published crossing dates, stage by stage.

The stages hand each other folders, so that each can run in a process of its own and
run again without harm.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
    LatestRun,
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
from trends.pipeline.parts import Content, library_versions, read_frame, read_json
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
        latest: the run that readers of latest.json are led to; None for a draft.
        headline: one row a threshold, as in crossing_summary.
        tripwires: benchmarks whose forecasts new figures broke, as in tripwires.
        stopped: sources left out, each with the reason.
        waiting: a line for each better score in quarantine.
        warnings: how often each expectation that only warns was broken.
    """

    run_id: str
    path: Path
    published: bool
    latest: LatestRun | None
    headline: list[dict[str, object]]
    tripwires: list[dict[str, object]]
    stopped: dict[str, str]
    waiting: list[str]
    warnings: dict[str, int]

    @property
    def unseen(self) -> str | None:
        """Why readers of latest.json do not see a published run; None if they do."""
        if self.latest is None or self.latest.run_id == self.run_id:
            return None
        later = self.latest
        return (
            f"run {self.run_id} is published, but the latest is still run "
            f"{later.run_id} as of {later.as_of}, a later vintage. If that one is "
            f'wrong, take it back: `trends unpublish {later.run_id} --why "..."`'
        )


def forecast(
    request: ForecastRequest,
    workspace: Workspace,
    *,
    published_at: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> PublishedRun:
    """All stages in this process, on the latest ingest.

    Args:
        request: what to forecast.
        workspace: the checkout.
        published_at: now; as_of may not be after its UTC day.
        progress: told, line by line, what is done.
    """
    today = published_at.astimezone(UTC).date()
    folder = plan_forecast(request, workspace=workspace, today=today)
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
    """Cut the observations at as_of, gather the series, and select their records.

    As every stage, it has nothing to do where its part is there and sound.
    """
    plan = Plan(folder)
    return plan.part("records", lambda: _records(plan))


def fit_shards(folder: Path) -> list[int]:
    """Numbers of the shards into which the series are dealt."""
    return list(range(min(N_SHARDS, len(Plan(folder).series))))


def fit_shard(folder: Path, shard: int) -> Path:
    """Fit every trend to the series of one shard; the drift pool is drawn from all."""
    plan = Plan(folder)
    return plan.part(f"fits-{shard}", lambda: _fits(plan, shard))


def cross_bars(folder: Path) -> Path:
    """Distribution of the crossing date of every bar, and all published tables.

    Raises:
        NothingFittedError: no trend could be fitted to any series.
    """
    plan = Plan(folder)
    return plan.part("tables", lambda: _published_tables(plan))


def publish(folder: Path, *, published_at: datetime) -> PublishedRun:
    """Check every published table, write the run whole, and make it the latest.

    A draft is written apart and never becomes the latest.

    Raises:
        ValidationError: a table breaks a critical expectation of its suite.
        OutputError: the run's folder is there, but not as it was written.
    """
    plan = Plan(folder)
    tables = cross_bars(folder)
    checked = plan.part("checked", lambda: _quality(plan, tables))
    quality = read_json(checked / "quality.json")
    frames = {table.name: read_frame(tables, table) for table in PUBLISHED}
    run = write_run(
        frames | _carried(plan),
        as_of=plan.as_of,
        run_id=plan.run_id,
        results=plan.workspace.results,
        quality=quality,
        provenance={**plan.facts, "libraries": library_versions()},
        readme_headline=headline_markdown(
            frames[CROSSING_SUMMARY.name],
            alarms=frames[TRIPWIRES.name].filter("alarm").to_dicts(),
            quarantine=frames[QUARANTINE.name],
            backtest=None if plan.backtest is None else plan.backtest.backtest_id,
        ),
        run_facts={"published_at": published_at.isoformat(), "reason": plan.reason},
        internal={REGISTRY_FILE: dump_registry(plan.registry)},
        draft=not plan.publish,
    )
    latest = None
    if plan.publish:
        results = plan.workspace.results
        latest = point_latest(run, results=results, published_at=published_at)
    summary = read_table(run, CROSSING_SUMMARY)
    return PublishedRun(
        run_id=plan.run_id,
        path=run,
        published=plan.publish,
        latest=latest,
        headline=summary.filter("is_headline").to_dicts(),
        tripwires=standing_alarms(run),
        stopped=plan.stopped,
        waiting=waiting_lines(run),
        warnings=warnings_of(quality),
    )


def _records(plan: Plan) -> dict[str, Content]:
    from trends.crossings import mark_contradicted

    everything = OBSERVATIONS.filled_up(plan.ingest.observations)
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

    records = select_records(plan.folder)
    ids = sorted(one.series_id for one in plan.series)
    fits = fit_trends(
        read_frame(records, FRONTIER),
        read_frame(records, SERIES_SCORES),
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

    shards = [fit_shard(plan.folder, shard) for shard in fit_shards(plan.folder)]
    trend_fits = TREND_FITS.conform(
        pl.concat(read_frame(shard, TREND_FITS) for shard in shards)
    )
    if not trend_fits.filter(pl.col("fit_status") == "fitted").height:
        reasons = trend_fits.get_column("status_reason").unique().sort().to_list()
        raise NothingFittedError(f"no trend could be fitted: {'; '.join(reasons)}")
    records = select_records(plan.folder)
    scores = read_frame(records, SERIES_SCORES)
    frontier = read_frame(records, FRONTIER)
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
    observations = read_frame(records, OBSERVATIONS)
    quarantine = plan.ingest.quarantine
    inputs = Inputs(
        plan.ingest.observations, plan.registry, plan.as_of, plan.seed, plan.draws
    )
    old = _load_previous(plan)
    tables = {
        CROSSING_SUMMARY: mark_waiting(
            _with_changes(plan, old, crossings, observations),
            quarantine.filter(~pl.col("source_id").is_in(list(plan.stopped))),
            plan.thresholds,
            registry=plan.registry,
            as_of=plan.as_of,
        ),
        TRIPWIRES: _tripwires(plan, old, observations),
        CROSSING_QUANTILES: crossings.quantiles,
        CROSSING_CDF: crossings.cdf,
        SCORE_FORECAST: forecast_scores(
            trend_fits, scores, frontier, plan.series, vintage=vintage
        ),
        TREND_FITS: trend_fits,
        OBSERVATIONS: observations,
        THRESHOLDS: thresholds,
        QUARANTINE: quarantine,
        **scenario_tables(
            inputs,
            crossings,
            thresholds,
            known=observations,
            run_id=plan.run_id,
        ),
    }
    return {f"{table.name}.parquet": frame for table, frame in tables.items()}


def _quality(plan: Plan, tables: Path) -> dict[str, Content]:
    """quality.json: what every suite checked and found, by source and by table."""
    reports: dict[str, Any] = read_json(select_records(plan.folder) / "report.json")
    for table in PUBLISHED:
        reports[table.name] = _check(plan, table, read_frame(tables, table))
    summary = summarise(
        plan.sources,
        reports,
        stopped=plan.stopped,
        waiting=lines_about(
            read_frame(tables, CROSSING_SUMMARY),
            quarantine=read_frame(tables, QUARANTINE),
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


def _tripwires(
    plan: Plan, old: Inputs | None, observations: pl.DataFrame
) -> pl.DataFrame:
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
    """Tables of the backtest that the run was asked to carry."""
    if plan.backtest is None:
        return {}
    return {table.name: read_frame(plan.backtest.path, table) for table in CARRIED}
