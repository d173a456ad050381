"""What must be known of a run beside its table: counted, and a line each."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from trends.outputs import NotCarriedError, read_table, standing_alarms, waiting_lines
from trends.tables import CONTEST, CROSSING_SUMMARY, RECORDS_STOOD, Table
from trends.words import (
    HELD,
    alarm_lines,
    contest_lines,
    falls_short,
    leaning,
    run_influence_lines,
    stood_sentence,
)

Row = Mapping[str, object]


def carried(run: Path, table: Table) -> pl.DataFrame:
    """A table of a run; without rows where an older version did not publish it."""
    try:
        return read_table(run, table)
    except NotCarriedError:
        return table.frame([])


def count_line(run: Path) -> str:
    """How many notes of each kind there are; empty where there is none."""
    counts = {
        "headlines that lean on one other family of benchmarks": len(
            leaning(_headlines(run))
        ),
        "benchmarks whose forecasts new figures broke": len(standing_alarms(run)),
        "better scores in quarantine": len(waiting_lines(run)),
    }
    said = [f"{what}: {n}" for what, n in counts.items() if n]
    return f"Also: {'; '.join(said)}" if said else ""


def notes(run: Path) -> Iterator[str]:
    """Every note of the run, a line each.

    What dates lean on, what stands against them, and how such forecasts did.
    """
    headlines = _headlines(run)
    if any(map(falls_short, headlines)):
        yield HELD
    yield from run_influence_lines(headlines)
    yield from alarm_lines(standing_alarms(run))
    yield from waiting_lines(run)
    if stood := stood_sentence(carried(run, RECORDS_STOOD)):
        yield stood
    yield from contest_lines(carried(run, CONTEST))


def _headlines(run: Path) -> list[Row]:
    return [*read_table(run, CROSSING_SUMMARY).filter("is_headline").to_dicts()]
