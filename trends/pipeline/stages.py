"""Observations to tables that may be published, stage by stage.

The stages hand each other folders, so that each can run in a process of its own and
run again without harm.
"""

from collections.abc import Mapping
from pathlib import Path

from trends.frontier import (
    known_as_of,
    mark_records,
    public_as_of,
    select_frontier,
    select_series_scores,
)
from trends.pipeline.compute import (
    Made,
    check_tables,
    compute_tables,
    refuse_nothing,
)
from trends.pipeline.errors import NothingFittedError
from trends.pipeline.guards import Guard, without
from trends.pipeline.parts import Content, frame_of, read_frame
from trends.pipeline.plan import Plan
from trends.pipeline.quality import summarise
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
)
from trends.pipeline.silent import silent_sources
from trends.tables import (
    CROSSING_SUMMARY,
    FRONTIER,
    OBSERVATIONS,
    PUBLISHED,
    QUARANTINE,
    SERIES_SCORES,
    TREND_FITS,
    Table,
)
from trends.tables.slices import Frame
from trends.words import lines_about


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
    checked = what_suites_found(folder)
    return tables if read_left_out(checked) == read_left_out(tables) else checked


def what_suites_found(folder: Path) -> Path:
    """The part with quality.json, and with the tables without what it leaves out.

    Raises:
        ValidationError: a table breaks a critical expectation as a whole.
    """
    plan, tables = Plan(folder), cross_bars(folder)
    return plan.part("checked", lambda: _quality(plan, tables))


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
    tables = {table: frame_of(folder, table) for table in PUBLISHED}
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
