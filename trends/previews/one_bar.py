"""One bar moved, as if its file said so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from typing import NamedTuple

import polars as pl

from trends.pipeline import RequestError, refuse_retired, refuse_the_future
from trends.previews.changes import Preview, Row, compare
from trends.previews.laws import Laws, laws_of
from trends.previews.shelf import Shelf
from trends.previews.sides import Settings, Side
from trends.registry import Bar, Registry, Threshold, load_registry
from trends.registry.documents import Document
from trends.registry.problems import found
from trends.registry.rules import broken_rules
from trends.words import score_words
from trends.words.odds import by_year_ends


class Rung(NamedTuple):
    """One bar of the ladder under one trend, as one side says it.

    Attributes:
        row: its CROSSING_SUMMARY row.
        by_year_ends: P(crossed) by the end of each year, None where nothing is
            estimated.
    """

    row: Row
    by_year_ends: Mapping[str, float | None]


@dataclass(frozen=True)
class WhatIf:
    """A preview of one moved bar.

    Attributes:
        preview: what moves.
        threshold_id: whose bar it is.
        trend: curve family of ``before``, ``after`` and ``ladder``.
        moved: id of the bar after the move.
        before: the bar before it.
        after: the bar at the value.
        ladder: rows of all bars of the threshold after the move, easy to hard.
        doubts: what a check would warn of.
    """

    preview: Preview
    threshold_id: str
    trend: str
    moved: str
    before: Rung
    after: Rung
    ladder: Sequence[Row]
    doubts: list[str]


def what_if(
    shelf: Shelf,
    threshold_id: str,
    bar: str,
    *,
    trend: str | None = None,
    as_of: date | None = None,
) -> WhatIf:
    """What the dates would be with one bar elsewhere; no file is changed.

    Args:
        shelf: the checkout, and what is at hand.
        threshold_id: the threshold; a draft is taken as if it were active.
        bar: a value in the benchmark's stored unit, for the headline bar, or
            ``ID=VALUE`` for another. Where another bar stands at the value, that one
            becomes the headline.
        trend: curve family to show, by default the headline's.
        as_of: information cut-off, by default that of the latest run.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: there is no such threshold, trend or bar, the threshold is
            retired, the bar cannot stand there, or the day is still to come.
    """
    if as_of is not None:
        refuse_the_future(as_of, today=shelf.today)
    registry = load_registry(shelf.workspace.registry)
    threshold = _find(threshold_id, registry)
    shown = _trend(trend, threshold)
    registry = _with(registry, threshold)
    bar_id, value = _read(bar, threshold, registry)
    edited, moved = _moved(threshold, bar_id, value, registry)
    if edited == threshold:
        raise RequestError(f"{threshold_id}.{moved} stands at {value:.10g} already")
    doubts = _require_sound(_with(registry, edited), edited)
    figures = shelf.figures(shelf.workspace)

    def side_of(settings: Settings) -> Side:
        return Side.of(registry, figures, settings)

    at_hand, rests_on = shelf.laws(side_of, figures, as_of)
    settings = at_hand.side.settings
    asked = {(threshold_id, one.id, shown) for one in threshold.bars}
    before = laws_of(side_of(settings), at_hand, asked=asked)
    after = Side.of(_with(registry, edited), figures, settings)
    then = laws_of(after, before, asked=asked)
    base = "the registry as it stands"
    ladders = [_ladder(laws, threshold_id, shown) for laws in (before, then)]
    return WhatIf(
        preview=compare(before, then, base=base, rests_on=rests_on),
        threshold_id=threshold_id,
        trend=shown,
        moved=moved,
        before=ladders[0][bar_id],
        after=ladders[1][moved],
        ladder=[rung.row for rung in ladders[1].values()],
        doubts=doubts,
    )


def _find(threshold_id: str, registry: Registry) -> Threshold:
    """The threshold, as if it were active."""
    threshold = registry.thresholds.get(threshold_id)
    if threshold is None:
        raise RequestError(
            found("no such threshold", threshold_id, registry.thresholds)
        )
    refuse_retired(threshold)
    return threshold.model_copy(update={"status": "active"})


def _trend(trend: str | None, threshold: Threshold) -> str:
    known = [one.value for one in threshold.trends]
    if trend is None:
        return threshold.headline_trend.value
    if trend not in known:
        raise RequestError(
            f"{threshold.id} has no trend {trend!r}; it has {', '.join(known)}"
        )
    return trend


def _ladder(laws: Laws, threshold_id: str, trend: str) -> dict[str, Rung]:
    """All bars of the threshold under the trend by id, easy to hard."""
    summary = laws.summary.filter(
        pl.col("threshold_id") == threshold_id, pl.col("trend") == trend
    ).sort("sort_rank")
    years = by_year_ends(summary, laws.cdf)
    return {
        str(row["bar_id"]): Rung(row, years[number])
        for number, row in enumerate(summary.iter_rows(named=True))
    }


def _with(registry: Registry, threshold: Threshold) -> Registry:
    return replace(
        registry, thresholds={**registry.thresholds, threshold.id: threshold}
    )


def _read(text: str, threshold: Threshold, registry: Registry) -> tuple[str, float]:
    """Bar and value of ``VALUE`` or ``ID=VALUE``, as plainly as files write them."""
    name, is_named, number = text.rpartition("=")
    bar_id = name.strip() if is_named else threshold.headline_bar.id
    known = [bar.id for bar in threshold.bars]
    if bar_id not in known:
        raise RequestError(
            found(f"{threshold.id} has no such bar", bar_id, known)
            + f"; it has {', '.join(known)}"
        )
    unit = registry.benchmarks[threshold.series.benchmark].unit
    number = number.strip()
    if (value := _number(number)) is not None:
        return bar_id, value
    hint = ""
    if number.endswith("%") and unit.is_bounded:
        hint = "; it looks like a percentage, write 0.90 for 90%"
    elif "," in number:
        hint = "; write a decimal point, not a comma"
    bars = ", ".join(f"{one.id} at {one.value:.10g}" for one in threshold.bars)
    raise RequestError(
        f"--bar {number!r} is no plain number in the unit of the benchmark, "
        f"{unit}{hint} (its bars: {bars})"
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _moved(
    threshold: Threshold, bar_id: str, value: float, registry: Registry
) -> tuple[Threshold, str]:
    """The ladder with the bar at the value, easy to hard, and the bar's id."""
    benchmark = registry.benchmarks[threshold.series.benchmark]
    moved = next(bar for bar in threshold.bars if bar.id == bar_id)
    there = next((bar for bar in threshold.bars if bar.value == value), None)
    bars: list[Bar] = []
    for bar in threshold.bars:
        if there is not None:
            headline = bar.id == there.id if moved.headline else bar.headline
            bars.append(bar.model_copy(update={"headline": headline}))
        elif bar.id == bar_id:
            label = score_words(value, benchmark.unit.value)
            bars.append(bar.model_copy(update={"value": value, "label": label}))
        else:
            bars.append(bar)
    sign = -1 if benchmark.direction == "lower" else 1
    bars.sort(key=lambda one: sign * one.value)
    return threshold.model_copy(update={"bars": bars}), there.id if there else bar_id


def _require_sound(registry: Registry, threshold: Threshold) -> list[str]:
    """What a check would warn of in the values of the ladder.

    Raises:
        RequestError: it would refuse one.
    """
    name = f"thresholds/{threshold.id}.yaml"
    problems = [
        one
        for one in broken_rules(registry, _AnyDocument())
        if one.file == name and one.path.endswith(".value")
    ]
    errors = [one.message for one in problems if one.level == "error"]
    if errors:
        raise RequestError(
            f"{threshold.id}: no bar can stand there: {'; '.join(errors)}"
        )
    return [one.message for one in problems]


class _AnyDocument(dict[str, Document]):
    """A document of any name: positions are of no use where no file was edited."""

    def __missing__(self, name: str) -> Document:
        return Document(name)
