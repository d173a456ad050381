"""What the headlines of a run are compared with: an earlier vintage, and days past."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import polars as pl

from trends.changes import Inputs
from trends.changes.causes import Earlier
from trends.changes.said import Said, SaidIn
from trends.changes.windows import WINDOW_DAYS
from trends.crossings import Crossings
from trends.frontier import known_as_of, public_as_of
from trends.ledger import Entry, Forecast
from trends.ledger.entries import interpolate
from trends.ledger.history import when_label
from trends.pipeline.plan import Plan
from trends.registry import Registry

HASHES: Final = {
    "code": "code",
    "registry": "registry",
    "inputs": "older figures entered or corrected",
}
"""What a ledger entry names by its hash, in words."""


def earlier_vintages(
    plan: Plan,
    new: Inputs,
    *,
    published: Crossings | None,
    old: Inputs | None,
    entries: Sequence[Entry],
) -> Iterator[Earlier]:
    """The previous vintage of a run, and its own figures 7, 30 and 90 days ago.

    One after the other: each has all figures of its day.

    Args:
        plan: the run.
        new: what it is made from.
        published: tables of the previous published vintage, if there is one.
        old: what that was made from; None where an older version published it.
        entries: forecasts of record of earlier vintages.
    """
    yield _previous(plan, new, published, old, entries)
    for window, days in WINDOW_DAYS.items():
        day = new.as_of - timedelta(days=days)
        registry = plan.registry_on(day)
        yield days_before(new, window, day, registry=registry, replay=plan.replay)


def days_before(
    new: Inputs, window: str, day: date, *, registry: Registry, replay: bool
) -> Earlier:
    """What this code and registry say on the figures of an earlier day."""
    known = (
        known_as_of(new.observations, day)
        if replay
        else public_as_of(new.observations, day, registry.benchmarks)
    )
    inputs = replace(new, observations=known, registry=registry, as_of=day)
    left_out = "series that this run leaves out"
    return Earlier(window, day, "recomputed", inputs=inputs, rest=left_out)


def since_entry(
    entry: Entry, new: Inputs, *, provenance: Mapping[str, object], window: str
) -> Earlier:
    """A forecast of record: what it said, and which figures it can have seen.

    An entry keeps no inputs. The figures are today's, cut at its day, and those of its
    benchmarks also at the last day that it says it had observed. So figures that came
    later are told apart; what was entered late or corrected is not, nor are code and
    registry.

    Args:
        entry: the entry.
        new: inputs of the later vintage.
        provenance: hashes of the later vintage.
        window: of CHANGES.
    """
    differ = [
        words
        for name, words in HASHES.items()
        if entry.provenance.get(name) != provenance.get(name)
    ]
    said = {
        (one.threshold_id, one.bar_id, one.trend): Said(
            status=one.crossing_status,
            label=when_label(one, entry.as_of),
            if_ever=one.date_if_ever,
            p_never=one.p_never,
            projection_end=one.projection_end,
            p_by=lambda day, one=one: _probability(one, day),  # type: ignore[misc]
        )
        for one in entry.forecasts
    }
    edited = {
        (one.threshold_id, one.bar_id, one.trend): (
            f"its threshold was version {one.threshold_version}, now "
            f"{new.registry.thresholds[one.threshold_id].version}"
        )
        for one in entry.forecasts
        if one.threshold_id in new.registry.thresholds
        and new.registry.thresholds[one.threshold_id].version != one.threshold_version
    }
    changed = ", ".join(differ) or "nothing of which it has a hash"
    return Earlier(
        window,
        entry.as_of,
        "ledger",
        run_id=entry.run_id,
        inputs=_seen_by(entry, new),
        said=said,
        rest=f"not told apart, since a forecast of record keeps no inputs: {changed}",
        edited=edited,
    )


def _previous(
    plan: Plan,
    new: Inputs,
    published: Crossings | None,
    old: Inputs | None,
    entries: Sequence[Entry],
) -> Earlier:
    window = "previous_vintage"
    if published is not None and plan.previous is not None:
        rows = published.summary.select("threshold_id", "bar_id", "trend").rows()
        first = published.summary.row(0, named=True)
        tables = SaidIn(published)
        return Earlier(
            window,
            first["as_of"],
            "published",
            run_id=first["run_id"],
            inputs=old,
            said={key: said for key in rows if (said := tables.get(key)) is not None},
            note="an older version published that vintage without its inputs",
        )
    if entries:
        newest = max(entries, key=lambda one: (one.as_of, one.kind == "live"))
        return since_entry(newest, new, provenance=plan.facts, window=window)
    return Earlier(window, None, "nothing")


def _seen_by(entry: Entry, new: Inputs) -> Inputs:
    """Today's figures, as far as an entry can have seen them."""
    seen: dict[str, date] = {}
    for one in entry.forecasts:
        if one.observed_through is not None:
            last = seen.get(one.benchmark_id, one.observed_through)
            seen[one.benchmark_id] = max(last, one.observed_through)
    registry = new.registry
    known = (
        known_as_of(new.observations, entry.as_of)
        if entry.kind == "replayed"
        else public_as_of(new.observations, entry.as_of, registry.benchmarks)
    )
    day = pl.coalesce("release_date", "release_latest")
    last_seen = pl.col("benchmark_id").replace_strict(
        seen, default=None, return_dtype=pl.Date
    )
    benchmarks = {
        name: one.model_copy(
            update={
                "observed_through": min(one.observed_through, seen.get(name, date.max))
            }
        )
        for name, one in registry.benchmarks.items()
    }
    return replace(
        new,
        observations=known.filter((day <= last_seen).fill_null(value=True)),
        registry=replace(registry, benchmarks=benchmarks),
        as_of=entry.as_of,
    )


def _probability(forecast: Forecast, day: date) -> float | None:
    """P(crossed by ``day``), as far as an entry keeps it."""
    if forecast.crossing_status == "already_crossed":
        return 1.0
    if day >= forecast.projection_end:
        return forecast.p_crossed_by_projection_end
    days = sorted(forecast.p_crossed)
    if not days or not days[0] <= day <= days[-1]:
        return None
    return interpolate(forecast.p_crossed, day)
