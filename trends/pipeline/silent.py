"""Sources that have not had a new row for long."""

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from trends.registry import Registry
from trends.registry.series import OLD_FIGURES


def silent_sources(
    observations: pl.DataFrame,
    registry: Registry,
    *,
    as_of: date,
    stopped: Iterable[str] = (),
) -> dict[str, str]:
    """Sources whose newest row is old by ``as_of``, each with a sentence.

    Not those to whose benchmarks nobody adds scores any more, and not those that were
    stopped: why they have no new rows is said elsewhere.

    Args:
        observations: OBSERVATIONS rows of all sources.
        registry: sources and their benchmarks.
        as_of: information cut-off; a row that is known later is not there yet.
        stopped: ids of stopped sources.
    """
    known = observations.filter(pl.col("known_on") <= as_of)
    newest: Mapping[str, date] = dict(
        known.group_by("source_id").agg(pl.col("known_on").max()).iter_rows()
    )
    passed_over = set(stopped)
    return {
        source_id: (
            f"no new row since {newest[source_id]}, "
            f"{(as_of - newest[source_id]).days} days before {as_of}"
        )
        for source_id, source in sorted(registry.sources.items())
        if source_id in newest
        and source_id not in passed_over
        and as_of - newest[source_id] > OLD_FIGURES
        and any(registry.benchmarks[one].closed_on is None for one in source.benchmarks)
    }
