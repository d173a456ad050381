"""One bar moved, as if its file said so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import polars as pl

from trends.pipeline import RequestError
from trends.previews.changes import Preview, Row, compare
from trends.previews.laws import laws_of
from trends.previews.shelf import Shelf
from trends.previews.sides import Settings, Side
from trends.registry import Bar, Registry, Threshold, load_registry
from trends.registry.documents import Document
from trends.registry.problems import found
from trends.registry.rules import broken_rules
from trends.words import score_words


@dataclass(frozen=True)
class WhatIf:
    """A preview of one moved bar.

    Attributes:
        preview: what moves.
        threshold_id: whose bar it is.
        moved: its id; the headline bar, after the move.
        ladder: rows of all bars of the threshold after the move, in its headline's
            trend, easy to hard.
        doubts: what a check would warn of.
    """

    preview: Preview
    threshold_id: str
    moved: str
    ladder: Sequence[Row]
    doubts: list[str]


def what_if(shelf: Shelf, threshold_id: str, bar: str) -> WhatIf:
    """What the dates would be with one bar elsewhere; no file is changed.

    Args:
        shelf: the checkout, and what is at hand.
        threshold_id: the threshold; a draft is taken as if it were active.
        bar: a value in the benchmark's stored unit, for the headline bar, or
            ``ID=VALUE`` for another. Where another bar stands at the value, that one
            becomes the headline.

    Raises:
        RegistryError: the registry is not valid.
        RequestError: there is no such threshold or bar, or it cannot stand there.
    """
    registry = load_registry(shelf.workspace.registry)
    threshold = registry.thresholds.get(threshold_id)
    if threshold is None:
        raise RequestError(
            found("no such threshold", threshold_id, registry.thresholds)
        )
    threshold = threshold.model_copy(update={"status": "active"})
    registry = _with(registry, threshold)
    bar_id, value = _read(bar, threshold, registry)
    edited, moved = _moved(threshold, bar_id, value, registry)
    if edited == threshold:
        raise RequestError(f"{threshold_id}.{moved} stands at {value:.10g} already")
    doubts = _require_sound(_with(registry, edited), edited)
    figures = shelf.figures(shelf.workspace)

    def side_of(settings: Settings) -> Side:
        return Side.of(registry, figures, settings)

    at_hand, rests_on = shelf.laws(side_of, figures)
    settings = at_hand.side.settings
    before = laws_of(side_of(settings), at_hand)
    after = laws_of(Side.of(_with(registry, edited), figures, settings), before)
    base = "the registry as it stands"
    preview = compare(before, after, base=base, rests_on=rests_on)
    ladder = after.summary.filter(
        pl.col("threshold_id") == threshold_id,
        pl.col("trend") == edited.headline_trend.value,
    )
    rows = ladder.sort("sort_rank").to_dicts()
    return WhatIf(preview, threshold_id, moved, rows, doubts)


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
        raise RequestError(f"{threshold.id}: a bar {'; '.join(errors)}")
    return [one.message for one in problems]


class _AnyDocument(dict[str, Document]):
    """A document of any name: positions are of no use where no file was edited."""

    def __missing__(self, name: str) -> Document:
        return Document(name)
