"""A run whose tables were checked, written whole and made the latest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from trends.changes import REGISTRY_FILE
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
from trends.pipeline.errors import EXIT_NOT_LATEST, EXIT_PARTIAL
from trends.pipeline.faces import faces
from trends.pipeline.fingerprints import library_versions
from trends.pipeline.parts import frame_of, read_frame, read_json
from trends.pipeline.plan import Plan
from trends.pipeline.quality import silent_in, warnings_of
from trends.pipeline.shards import read_left_out
from trends.pipeline.stages import checked_tables, what_suites_found
from trends.registry import dump_registry
from trends.tables import CARRIED, CROSSING_SUMMARY, PUBLISHED, THRESHOLDS
from trends.tables.slices import Frame, held
from trends.words import as_draft, headline_markdown, ordered_headlines, refresh_lines


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
    final, checked = checked_tables(folder), what_suites_found(folder)
    quality = read_json(checked / "quality.json")
    left_out = read_left_out(checked)
    run = _written(
        plan,
        final,
        quality=quality,
        left_out=left_out,
        run_facts={
            "published_at": published_at.isoformat(),
            "reason": plan.reason,
            **({} if approval is None else {"approved": dict(approval)}),
        },
        progress=progress,
    )
    latest = _lead_readers(plan, run, published_at=published_at, progress=progress)
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


def _written(
    plan: Plan,
    tables: Path,
    *,
    quality: Mapping[str, object],
    left_out: Mapping[str, str],
    run_facts: Mapping[str, object],
    progress: Callable[[str], None],
) -> Path:
    """The folder of the run, with its tables, its pages and what they were made from.

    Args:
        plan: of the run.
        tables: the part with the tables.
        quality: what the suites found in them.
        left_out: series that are not in them, each with the reason.
        run_facts: clock times and people of this publication.
        progress: told, line by line, what is done.
    """
    frames = {table.name: frame_of(tables, table) for table in PUBLISHED}
    if not plan.publish:
        frames = as_draft(frames)

    def pages() -> Iterable[tuple[str, bytes]]:
        progress("report: drawing charts and pages")
        yield from faces(frames, draft=not plan.publish)
        progress("outputs: writing the manifest")

    progress("outputs: writing")
    return write_run(
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
        readme_headline=_headline(plan, frames),
        run_facts=run_facts,
        internal={REGISTRY_FILE: dump_registry(plan.registry)},
        pages=pages,
        draft=not plan.publish,
    )


def _headline(plan: Plan, frames: Mapping[str, Frame]) -> str:
    """The table for people that heads the README of the run."""
    return headline_markdown(
        held(frames),
        backtest=None if plan.backtest is None else plan.backtest.backtest_id,
        refreshes=refresh_lines(plan.seen_through, plan.ingest.refused),
    )


def _lead_readers(
    plan: Plan,
    run: Path,
    *,
    published_at: datetime,
    progress: Callable[[str], None],
) -> LatestRun | None:
    """Make the run the latest, and share it where machines share; None for a draft."""
    space = plan.workspace
    if plan.publish:
        return point_latest(
            run,
            results=space.results,
            published_at=published_at,
            store=space.store,
            progress=progress,
        )
    if space.store is not None:
        put_run(run, space.store, progress=progress)
    return None


def _carried(plan: Plan) -> dict[str, pl.DataFrame]:
    """Tables of the backtest that the run was asked to carry."""
    if plan.backtest is None:
        return {}
    return {table.name: read_frame(plan.backtest.path, table) for table in CARRIED}
