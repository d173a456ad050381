"""Headlines that move so far that somebody looks before they are published."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from trends.outputs import LatestRun, read_quality, read_table, standing_at
from trends.pipeline.parts import read_frame
from trends.pipeline.plan import Plan
from trends.pipeline.stages import checked_tables
from trends.tables import CROSSING_SUMMARY
from trends.words.brief import short_interval, short_name, short_when
from trends.words.moves import days_later, move_size, never_likelier
from trends.words.review import Move, moves_markdown

FAR: Final = timedelta(days=183)
"""A date that moves further, which is half a year, is looked at: new scores of a
month rarely move one so far, and a misread file often does."""

FAR_NEVER: Final = 0.25
"""So is a probability of never that moves further."""

DATE: Final = "median_if_ever"
"""The date of a headline that is compared."""

MOST_LOST: Final = 0.2
"""Share of a source's rows that may go between two publications: as much as a
publisher's file may lose before it is no longer used."""

Row = Mapping[str, Any]


def large_moves(folder: Path) -> list[Move]:
    """Headlines of a planned run that move far from what is published now.

    Compared with the newest publication of the run's day or before. There is nothing
    to look at where there is none, or where it is this very run.

    Args:
        folder: the run's working folder.

    Raises:
        ValidationError: a table breaks a critical expectation as a whole.
        OutputError: what is published now is damaged.
    """
    plan = Plan(folder)
    before = published_now(plan)
    if before is None:
        return []
    after = read_frame(checked_tables(folder), CROSSING_SUMMARY)
    lost = lost_rows(read_quality(before.path)["sources"], plan.sources)
    owner = {
        benchmark: source_id
        for source_id, source in plan.registry.sources.items()
        for benchmark in source.benchmarks
    }
    return compare_headlines(
        read_table(before.path, CROSSING_SUMMARY),
        after,
        lost={
            threshold.id: lost[source_id]
            for threshold, series in plan.thresholds
            if (source_id := owner.get(series.benchmark_id)) in lost
        },
    )


def moves_table(folder: Path, moves: Sequence[Move]) -> str:
    """The moves of a planned run as somebody is shown them who decides; Markdown."""
    plan = Plan(folder)
    before = published_now(plan)
    if before is None:
        raise ValueError(f"{folder} moves nothing: nothing else is published")
    return moves_markdown(
        moves,
        as_of=plan.as_of,
        run_id=plan.run_id,
        before=(before.as_of, before.run_id),
    )


def planned(folder: Path) -> tuple[date, str]:
    """As_of and run id of a planned run."""
    plan = Plan(folder)
    return plan.as_of, plan.run_id


def published_now(plan: Plan) -> LatestRun | None:
    """What readers have of the plan's day or before; None where that is the plan's."""
    found = standing_at(plan.workspace.results, day=plan.as_of)
    return None if found is None or found.run_id == plan.run_id else found


def lost_rows(before: Mapping[str, Row], after: Mapping[str, Row]) -> dict[str, str]:
    """Sources of which many rows are gone, each with how many.

    Args:
        before: what the ingest of the earlier publication reported of each source.
        after: the same of the run to be published; one that is gone has no rows.
    """
    found = {}
    for source_id, report in before.items():
        old = int(report["rows"])
        new = int(after[source_id]["rows"]) if source_id in after else 0
        if old - new > MOST_LOST * old:
            found[source_id] = f"source {source_id} has {new} rows, and had {old}"
    return dict(sorted(found.items()))


def compare_headlines(
    before: pl.DataFrame, after: pl.DataFrame, *, lost: Mapping[str, str]
) -> list[Move]:
    """Headlines that move far, the furthest first.

    One that appears is none: no reader has another date of it, and a threshold enters
    by review. One that vanishes is: readers lose a date.

    Args:
        before: CROSSING_SUMMARY rows that are published now.
        after: CROSSING_SUMMARY rows to be published.
        lost: thresholds whose source lost many rows, with how many.
    """
    old, new = (_headlines(frame) for frame in (before, after))
    moves = []
    for threshold_id, row in old.items():
        now = new.get(threshold_id)
        why = tuple(_reasons(row, now, lost))
        if why:
            days = None if now is None else _days(row, now)
            words = None if now is None else _words(now)
            moves.append(
                Move(
                    threshold_id,
                    short_name(now or row),
                    _words(row),
                    words,
                    days,
                    why,
                    (now or row)["view_of"],
                    0.0 if now is None else _never(row, now),
                )
            )
    return sorted(
        moves,
        key=lambda move: (
            move.days is not None,
            -move_size(move.days, move.never),
            move.threshold_id,
        ),
    )


def _headlines(summary: pl.DataFrame) -> dict[str, Row]:
    rows = summary.filter("is_headline").sort("threshold_id").iter_rows(named=True)
    return {row["threshold_id"]: row for row in rows}


def _reasons(before: Row, after: Row | None, lost: Mapping[str, str]) -> list[str]:
    if after is None:
        return ["it has no headline any more"]
    found = []
    old, new = _status(before), _status(after)
    days = _days(before, after)
    if old != new:
        found.append(f"{old}, now {new}")
    elif days is not None and abs(days) > FAR.days:
        found.append(f"the date if ever is {days_later(days)}")
    elif (before[DATE] is None) != (after[DATE] is None):
        found.append("there is a date on one side only")
    never = _never(before, after)
    if abs(never) > FAR_NEVER:
        found.append(never_likelier(never))
    if before["threshold_id"] in lost:
        found.append(lost[before["threshold_id"]])
    return found


def _status(row: Row) -> str:
    if row["withheld"] is not None:
        return "withheld"
    return str(row["crossing_status"]).replace("_", " ")


def _days(before: Row, after: Row) -> int | None:
    old, new = before[DATE], after[DATE]
    return None if old is None or new is None else (new - old).days


def _never(before: Row, after: Row) -> float:
    old, new = before["p_never"], after["p_never"]
    return 0.0 if old is None or new is None else float(new - old)


def _words(row: Row) -> str:
    interval = short_interval(row)
    return f"{short_when(row)} ({interval})" if interval else short_when(row)
