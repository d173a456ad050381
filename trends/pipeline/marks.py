"""What a reader must know of a date, said in its row before it is published."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from trends.pipeline.waiting import mark_waiting
from trends.registry import Registry, Threshold
from trends.registry.series import Series
from trends.words import with_labels


def with_marks(
    summary: pl.DataFrame,
    quarantine: pl.DataFrame,
    thresholds: Sequence[tuple[Threshold, Series]],
    *,
    registry: Registry,
    as_of: date,
) -> pl.DataFrame:
    """CROSSING_SUMMARY rows as they are published, but for the mark of a draft.

    Args:
        summary: rows of this vintage, as crossings are found.
        quarantine: QUARANTINE rows of sources that were not stopped.
        thresholds: each threshold of the summary with its series.
        registry: benchmarks and corrections.
        as_of: information cut-off.
    """
    waiting = mark_waiting(
        summary, quarantine, thresholds, registry=registry, as_of=as_of
    )
    return with_labels(waiting)
