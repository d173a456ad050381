"""Observations to published crossing dates, stage by stage.

The stages hand each other folders, so that each can run in a process of its own and
run again without harm.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from trends.changes import (
    REGISTRY_FILE,
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
    point_latest,
    pull,
    put_run,
    read_table,
    standing_alarms,
    waiting_lines,
    write_run,
)
from trends.pipeline.compute import (
    Made,
    check_tables,
    compute_tables,
    refuse_nothing,
)
from trends.pipeline.errors import (
    EXIT_NOT_LATEST,
    EXIT_PARTIAL,
    NothingFittedError,
)
from trends.pipeline.faces import faces
from trends.pipeline.guards import Guard, without
from trends.pipeline.parts import (
    Content,
    library_versions,
    read_frame,
    read_json,
    scan_frame,
)
from trends.pipeline.plan import ForecastRequest, Plan, plan_forecast
from trends.pipeline.quality import silent_in, summarise, warnings_of
from trends.pipeline.shards import (
    LEFT_OUT,
    OF_CROSSINGS,
    VOTES,
    cross_series,
    fit_series,
    fit_shards,
    observe_votes,
    read_left_out,
    series_of_shard,
    shard_name,
)
from trends.pipeline.silent import silent_sources
from trends.registry import dump_registry
from trends.tables import (
    CARRIED,
    CROSSING_SUMMARY,
    FRONTIER,
    OBSERVATIONS,
    PUBLISHED,
    QUARANTINE,
    SERIES_SCORES,
    THRESHOLDS,
    TREND_FITS,
    Table,
)
from trends.tables.slices import STREAMED, Frame, held
from trends.words import (
    as_draft,
    headline_markdown,
    lines_about,
    ordered_headlines,
    refresh_lines,
)
from trends.workspace import Workspace


@dataclass(frozen=True)
class PublishedRun:
    """A finished run.

    Attributes:
        run_id: hash of everything it used.
        as_of: its vintage.
        path: its folder.
        published: whether it is a result; false for a draft.
        latest: the run that readers of latest.json are led to; None for a draft.
        headline: one row a threshold, as in crossing_summary, and in the order of
            the table for people.
        tripwires: benchmarks whose forecasts new figures broke, as in tripwires.
        stopped: sources left out, each with the reason.
        left_out: series left out, each with what was found and where.
        waiting: a line for each better score in quarantine.
        warnings: how often each expectation that only warns was broken.
        silent: sources without a new row for long, each with since when.
    """

    run_id: str
    as_of: date
    path: Path
    published: bool
    latest: LatestRun | None
    headline: list[dict[str, object]]
    tripwires: list[dict[str, object]]
    stopped: dict[str, str]
    left_out: dict[str, str]
    waiting: list[str]
    warnings: dict[str, int]
    silent: dict[str, str]

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

    @property
    def exit_code(self) -> int:
        """0, or the code of what is not as asked: left out, or published unseen."""
        if self.unseen is not None:
            return EXIT_NOT_LATEST
        in_part = self.stopped or self.left_out or self.waiting
        return EXIT_PARTIAL if in_part else 0


def forecast(
    request: ForecastRequest,
    workspace: Workspace,
    *,
    published_at: datetime,
    progress: Callable[[str], None] = lambda _: None,
    look: Callable[[Path], None] = lambda _: None,
) -> PublishedRun:
    """All stages in this process, on the latest ingest.

    Args:
        request: what to forecast.
        workspace: the checkout.
        published_at: now; as_of may not be after its UTC day.
        progress: told, line by line, what is done.
        look: given the working folder just before the run is written.
    """
    today = published_at.astimezone(UTC).date()
    folder = plan_forecast(request, workspace=workspace, today=today)
    if left := Plan(folder).without_trend:
        progress(f"thresholds: without the trends asked for: {', '.join(left)}")
    progress("frontier: selecting records")
    select_records(folder)
    for shard in fit_shards(folder):
        progress(f"fits: {shard_name(folder, shard)}")
        fit_shard(folder, shard)
    for shard in fit_shards(folder):
        progress(f"crossings: {shard_name(folder, shard)}")
        cross_shard(folder, shard)
    progress("crossings: joining tables, and what moved")
    cross_bars(folder)
    progress("checks: holding every table against its suite")
    checked_tables(folder)
    look(folder)
    return publish(folder, published_at=published_at, progress=progress)


def select_records(folder: Path) -> Path:
    """Cut the observations at as_of, gather the series, and select their records.

    As every stage, it has nothing to do where its part is there and sound.
    """
    plan = Plan(folder)
    return plan.part("records", lambda: _records(plan))


def fit_shard(folder: Path, shard: int) -> Path:
    """Fit every trend to the series of one shard; the drift pool is drawn from all."""
    plan = Plan(folder)
    return plan.part(f"fits-{shard}", lambda: _fits(plan, shard))


def cross_shard(folder: Path, shard: int) -> Path:
    """Distribution of the crossing date of every bar of one shard, and its scores."""
    plan = Plan(folder)
    return plan.part(f"crossings-{shard}", lambda: _crossings(plan, shard))


def cross_bars(folder: Path) -> Path:
    """All published tables, from the crossing dates of all shards.

    Raises:
        NothingFittedError: no trend could be fitted to any series.
    """
    plan = Plan(folder)
    return plan.part("tables", lambda: _published_tables(plan))


def checked_tables(folder: Path) -> Path:
    """The part with the tables as they will be published: every suite was asked.

    A series whose rows break a critical expectation is left out, and the tables are
    computed again without it.

    Raises:
        ValidationError: a table breaks a critical expectation as a whole.
    """
    tables = cross_bars(folder)
    checked = _checked(Plan(folder), tables)
    return tables if read_left_out(checked) == read_left_out(tables) else checked


def _checked(plan: Plan, tables: Path) -> Path:
    """The part with what the suites found in the tables."""
    return plan.part("checked", lambda: _quality(plan, tables))


def publish(
    folder: Path,
    *,
    published_at: datetime,
    approval: Mapping[str, object] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> PublishedRun:
    """Check every published table, write the run whole, and make it the latest.

    A draft is written apart and never becomes the latest.

    Args:
        folder: the run's working folder.
        published_at: now.
        approval: who looked at its large moves and let it be published, and when; kept
            in the manifest beside the time of publication.
        progress: told, line by line, what is done.

    Raises:
        ValidationError: a table breaks a critical expectation as a whole.
        OutputError: the run's folder is there, but not as it was written.
    """
    plan = Plan(folder)
    # a run that another machine wrote is taken as it is
    pull(plan.workspace.results, plan.workspace.store)
    final = checked_tables(folder)
    checked = _checked(plan, cross_bars(folder))
    quality = read_json(checked / "quality.json")
    left_out = read_left_out(checked)
    frames = {table.name: _frame(final, table) for table in PUBLISHED}
    if not plan.publish:
        frames = as_draft(frames)

    def pages() -> Iterable[tuple[str, bytes]]:
        progress("report: drawing charts and pages")
        yield from faces(frames, draft=not plan.publish)
        progress("outputs: writing the manifest")

    progress("outputs: writing")

    run = write_run(
        frames | _carried(plan),
        as_of=plan.as_of,
        run_id=plan.run_id,
        results=plan.workspace.results,
        quality=quality,
        provenance={
            **plan.facts,
            "libraries": library_versions(),
            "left_out": left_out,
        },
        readme_headline=headline_markdown(
            held(frames),
            backtest=None if plan.backtest is None else plan.backtest.backtest_id,
            refreshes=refresh_lines(plan.seen_through, plan.ingest.refused),
        ),
        run_facts={
            "published_at": published_at.isoformat(),
            "reason": plan.reason,
            **({} if approval is None else {"approved": dict(approval)}),
        },
        internal={REGISTRY_FILE: dump_registry(plan.registry)},
        pages=pages,
        draft=not plan.publish,
    )
    latest = None
    space = plan.workspace
    if plan.publish:
        latest = point_latest(
            run,
            results=space.results,
            published_at=published_at,
            store=space.store,
            progress=progress,
        )
    elif space.store is not None:
        put_run(run, space.store, progress=progress)
    summary = read_table(run, CROSSING_SUMMARY)
    return PublishedRun(
        run_id=plan.run_id,
        as_of=plan.as_of,
        path=run,
        published=plan.publish,
        latest=latest,
        headline=ordered_headlines(summary, read_table(run, THRESHOLDS)),
        tripwires=standing_alarms(run),
        stopped=plan.stopped,
        left_out=left_out,
        waiting=waiting_lines(run),
        warnings=warnings_of(quality),
        silent=silent_in(quality),
    )


def _records(plan: Plan) -> dict[str, Content]:
    from trends.crossings import mark_contradicted

    everything = OBSERVATIONS.filled_up(plan.ingest.observations)
    known = (
        known_as_of(everything, plan.as_of)
        if plan.replay
        else public_as_of(everything, plan.as_of, plan.registry.benchmarks)
    )
    found = select_series_scores(known, plan.series)
    if found.is_empty():
        raise NothingFittedError(f"no dated score is known as of {plan.as_of}")
    guard = Guard(plan, known)
    of_scores, left_out = guard.check(SERIES_SCORES, found, {})
    refuse_nothing(found, left_out)
    frontier = select_frontier(without(found, left_out), plan.series)
    of_frontier, more = guard.check(FRONTIER, frontier, left_out)
    left_out |= more
    refuse_nothing(found, left_out)
    scores, frontier = without(found, left_out), without(frontier, left_out)
    return {
        "series_scores.parquet": scores,
        "frontier.parquet": frontier,
        "observations.parquet": mark_contradicted(
            mark_records(known, frontier), scores, frontier, plan.series
        ),
        "report.json": {SERIES_SCORES.name: of_scores, FRONTIER.name: of_frontier},
        LEFT_OUT: dict(left_out),
        VOTES: observe_votes(plan, scores, frontier),
    }


def _fits(plan: Plan, shard: int) -> dict[str, Content]:
    records = select_records(plan.folder)
    fits, more = fit_series(
        plan,
        records,
        read_left_out(records),
        wanted=series_of_shard(plan, shard),
    )
    return {"trend_fits.parquet": fits, LEFT_OUT: dict(more)}


def _crossings(plan: Plan, shard: int) -> dict[str, Content]:
    """Tables of the shard; of a series that cannot be computed only its name."""
    from trends.fits.failures import SeriesError

    records = select_records(plan.folder)
    try:
        crossed = cross_series(
            plan,
            records,
            read_frame(fit_shard(plan.folder, shard), TREND_FITS),
            read_left_out(records),
            wanted=frozenset(series_of_shard(plan, shard)),
        )
    except SeriesError as error:
        nothing = {table: table.frame([]) for table in OF_CROSSINGS}
        return _named(nothing) | {LEFT_OUT: {error.series_id: error.why}}
    return _named(crossed.tables) | {LEFT_OUT: {}}


def _made(plan: Plan) -> Made:
    shards = fit_shards(plan.folder)
    return Made(
        plan,
        select_records(plan.folder),
        [fit_shard(plan.folder, shard) for shard in shards],
        [cross_shard(plan.folder, shard) for shard in shards],
    )


def _published_tables(plan: Plan) -> dict[str, Content]:
    made = _made(plan)
    tables, left_out = compute_tables(made, read_left_out(made.records))
    return _named(tables) | {LEFT_OUT: dict(left_out)}


def _named(tables: Mapping[Table, Frame]) -> dict[str, Content]:
    return {f"{table.name}.parquet": frame for table, frame in tables.items()}


def _quality(plan: Plan, folder: Path) -> dict[str, Content]:
    """quality.json: what every suite checked and found, by source and by table.

    Where rows of a series break a suite, the tables are computed again without it and
    stand beside.
    """
    left_out = read_left_out(folder)
    tables = {table: _frame(folder, table) for table in PUBLISHED}
    made = _made(plan)
    again: dict[str, Content] = {}
    while True:
        reports, found = check_tables(made, tables, left_out)
        if not found:
            break
        computed, left_out = compute_tables(made, left_out | found)
        tables, again = dict(computed), _named(computed)
    summary = summarise(
        plan.sources,
        reports,
        stopped=plan.stopped,
        left_out=left_out,
        waiting=lines_about(
            tables[CROSSING_SUMMARY].lazy().collect(),
            quarantine=tables[QUARANTINE].lazy().collect(),
        ),
    )
    summary |= {
        "seen_at_publishers_through": plan.seen_through,
        "files_not_in_use": plan.ingest.refused,
        "sources_silent": silent_sources(
            plan.ingest.observations,
            plan.registry,
            as_of=plan.as_of,
            stopped=plan.stopped,
        ),
    }
    return again | {
        "quality.json": {
            "summary": summary,
            "sources": plan.sources,
            "tables": reports,
        },
        LEFT_OUT: dict(left_out),
    }


def _frame(folder: Path, table: Table) -> Frame:
    """A table of a part; a large one is read as it is asked for."""
    read = scan_frame if table in STREAMED else read_frame
    return read(folder, table)


def _carried(plan: Plan) -> dict[str, pl.DataFrame]:
    """Tables of the backtest that the run was asked to carry."""
    if plan.backtest is None:
        return {}
    return {table.name: read_frame(plan.backtest.path, table) for table in CARRIED}
