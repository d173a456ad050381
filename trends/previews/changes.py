"""What differs between two sides, bar by bar and scenario by scenario, worst first."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final, Literal

import polars as pl

from trends.previews.laws import Laws, timeless
from trends.previews.sides import by_series, differing
from trends.registry import Registry
from trends.tables import LAW_KEY
from trends.words.moves import move_size

Row = Mapping[str, Any]
Kind = Literal["added", "removed", "moved", "reworded"]

Key = tuple[str, str, str]
Bar = tuple[str, str]
"""Threshold and bar."""

Pair = tuple[Key, "Row | None", "Row | None"]
"""A key with its rows before and after."""

_SCENARIO_KEY: Final[Key] = ("scenario_id", "dependence", "gap")

_BESIDE: Final = frozenset(
    {
        "as_of",
        "run_id",
        "contract_version",
        "sort_rank",
        "threshold_version",
        "change_days",
        "change_p_never",
        "change_cause",
        "pool_influence_days",
        "pool_influence_family",
        "pool_influence_if_ever_days",
        "pool_influence_if_ever_family",
        "pool_influence_p_never",
    }
)
"""Columns that say of a row who made it and where it stands, or compare it with what
an edit does not touch: vintages, and families left out in turn."""

_MOVES: Final = re.compile(
    r"p_\w+|(median|q\d+|lo80_calibrated)_date|median_if_ever|date_(lo|hi)"
    r"|(crossing|scenario)_status|contested|withheld"
    r"|bar_id|bar_value|is_headline|projection_end|gap_label"  # edited
)
"""Columns in which a row moves; all others tell of it, and may read otherwise where
nothing moves."""

_EDITED: Final = ("bar_value", "is_headline", "projection_end", "gap_label")
"""Columns that only an edit of the bar or scenario itself changes."""

VISIBLE_DAYS: Final = 7
VISIBLE_PROBABILITY: Final = 0.01
"""Moves below both, of what was not edited itself, are counted and not listed."""


@dataclass(frozen=True)
class Shift:
    """One bar under one trend, or one scenario, on the two sides.

    Attributes:
        key: threshold, bar and trend; or scenario, dependence and gap.
        before: its published row; None where it is new.
        after: its published row; None where it is gone.
        kind: what became of it; ``reworded`` where only words differ.
        leads: whether it stands for its bar or scenario: the trend is the headline's,
            benchmarks are independent.
        why_gone: why there is no row any more.
    """

    key: Key
    before: Row | None
    after: Row | None
    kind: Kind
    leads: bool = True
    why_gone: str | None = None

    @property
    def name(self) -> str:
        """As ``swe_bench_pro.pct80``, or the scenario's id."""
        return f"{self.key[0]}.{self.key[1]}"

    @property
    def row(self) -> Row:
        """The row after, or the last there was."""
        row = self.after or self.before
        if row is None:
            raise ValueError(f"{self.name} stands on neither side")
        return row

    when: ClassVar = "median_if_ever"
    """The date of a row by which it moves."""

    @property
    def days(self) -> int | None:
        """By how much the date is later; None where either side has none."""
        return self._days(self.when)

    @property
    def never(self) -> float:
        """By how much never is likelier; 0 where either side has no probability."""
        before, after = self._both("p_never")
        if not isinstance(before, float) or not isinstance(after, float):
            return 0.0
        return after - before

    @property
    def probability(self) -> float | None:
        """By how much a crossing by the projection's end is likelier."""
        name = "p_crossed_by_projection_end"
        if "p_by_projection_end" in self.row:
            name = "p_by_projection_end"
        before, after = self._both(name)
        if not isinstance(before, float) or not isinstance(after, float):
            return None
        return after - before

    @property
    def statuses(self) -> tuple[str, str] | None:
        """The two statuses where they differ."""
        name = "crossing_status" if "crossing_status" in self.row else "scenario_status"
        before, after = self._both(name)
        if self.kind in {"added", "removed"} or before == after:
            return None
        return str(before), str(after)

    @property
    def is_visible(self) -> bool:
        """Whether it is more than a trace of another bar's move."""
        if self.kind != "moved" or self.statuses is not None:
            return True
        edited = [name for name in _EDITED if name in self.row]
        days = [self._days(name) for name in ("q10_date", self.when, "q90_date")]
        return (
            any(len(set(self._both(name))) > 1 for name in edited)
            or max(abs(one or 0) for one in days) >= VISIBLE_DAYS
            or max(abs(self.probability or 0.0), abs(self.never)) >= VISIBLE_PROBABILITY
        )

    def _days(self, column: str) -> int | None:
        before, after = self._both(column)
        if not isinstance(before, date) or not isinstance(after, date):
            return None
        return (after - before).days

    def _both(self, column: str) -> tuple[object, object]:
        before, after = self.before, self.after
        return before and before[column], after and after[column]

    @property
    def worst_first(self) -> tuple[object, ...]:
        """Sorts changes of status first, then by size, then by probability."""
        gone_or_new = {"removed": 0, "added": 1, "moved": 2, "reworded": 3}[self.kind]
        return (
            self.kind == "reworded",
            self.statuses is None and self.kind == "moved",
            -move_size(self.days, self.never),
            -abs(self.probability or 0.0),
            gone_or_new,
            self.key,
        )


class ScenarioShift(Shift):
    """One scenario under one dependence and gap."""

    when: ClassVar = "median_date"

    @property
    def name(self) -> str:
        """The scenario's id."""
        return self.key[0]


@dataclass(frozen=True)
class Preview:
    """What an edit does.

    Attributes:
        as_of: information cut-off of both sides.
        base: what the edit is compared with, in words.
        rests_on: where the laws at hand are from, in words.
        bars: rows of bars that differ, worst first.
        scenarios: rows of scenarios that differ, worst first.
        n_bars: rows of bars on either side.
        n_scenarios: rows of scenarios on either side.
        refitted: series whose scores or entries changed, so that they were fitted
            anew.
        leaning: other series whose drift moved with the pool.
        is_wider: whether something changed on which all rows rest, such as weights.
    """

    as_of: date
    base: str
    rests_on: str
    bars: list[Shift]
    scenarios: list[ScenarioShift]
    n_bars: int
    n_scenarios: int
    refitted: list[str]
    leaning: list[str]
    is_wider: bool = False

    @property
    def anything_moved(self) -> bool:
        """Whether a date, a probability or a bar differs: words alone do not count."""
        return any(one.kind != "reworded" for one in [*self.bars, *self.scenarios])

    @property
    def status_changes(self) -> list[Shift]:
        """Bars in their headline's trend that change status."""
        return [one for one in self.bars if one.leads and one.statuses]


def compare(before: Laws, after: Laws, *, base: str, rests_on: str) -> Preview:
    """What ``after`` says otherwise than ``before``.

    Args:
        before: the base.
        after: the edited side, under the same cut-off and draws.
        base: the base in words.
        rests_on: where laws were at hand, in words.
    """
    refitted = after.side.refitted(before.side)
    names = {one.series_id for one in [*before.side.series, *after.side.series]}
    refitted |= names - {one.series_id for one in after.side.series}
    renamed = _renamed(before.side.registry, after.side.registry)
    bars = list(_pairs(before.summary, after.summary, LAW_KEY, renamed))
    scenarios = list(_pairs(before.automation, after.automation, _SCENARIO_KEY, {}))
    return Preview(
        as_of=after.side.settings.as_of,
        base=base,
        rests_on=rests_on,
        bars=sorted(_bars(bars, before, after), key=lambda one: one.worst_first),
        scenarios=sorted(_scenarios(scenarios), key=lambda one: one.worst_first),
        n_bars=len(bars),
        n_scenarios=len(scenarios),
        refitted=sorted(refitted),
        leaning=sorted(_leaning(before, after) - refitted),
        is_wider=before.side.common != after.side.common,
    )


def _bars(pairs: Iterable[Pair], before: Laws, after: Laws) -> Iterator[Shift]:
    for key, old, new in pairs:
        if (kind := kind_of(old, new)) is not None:
            side = (before if new is None else after).side
            headline = side.registry.thresholds[key[0]].headline_trend
            gone = _why_gone(key, after.side.registry) if new is None else None
            yield Shift(key, old, new, kind, headline.value == key[2], gone)


def _scenarios(pairs: Iterable[Pair]) -> Iterator[ScenarioShift]:
    for key, old, new in pairs:
        if (kind := kind_of(old, new)) is not None:
            yield ScenarioShift(key, old, new, kind, key[1] == "independent")


def _pairs(
    old: pl.DataFrame, new: pl.DataFrame, by: Key, renamed: Mapping[Bar, str]
) -> Iterator[Pair]:
    """Rows of one key on the two sides, in the order of keys; new names count."""
    before = {
        (key[0], renamed.get(key[:2], key[1]), key[2]): row
        for key, row in _rows(old, by).items()
    }
    after = _rows(new, by)
    for key in sorted({*before, *after}):
        yield key, before.get(key), after.get(key)


def kind_of(before: Row | None, after: Row | None) -> Kind | None:
    """What became of a row between two sides; None where it is the same."""
    if before is None or after is None:
        return "added" if before is None else "removed"
    differ = {name for name in after if before[name] != after[name]} - _BESIDE
    if not differ:
        return None
    return "moved" if any(map(_MOVES.fullmatch, differ)) else "reworded"


def _renamed(before: Registry, after: Registry) -> dict[Bar, str]:
    """Bars that took another name as they moved, each with the new one.

    The name of a bar may hold its value (pct80), so that who moves it renames it. Where
    as many names of a ladder are new as are gone, they are taken to be the same bars.
    """
    renamed: dict[Bar, str] = {}
    for name in before.thresholds.keys() & after.thresholds.keys():
        old, new = (
            [bar.id for bar in side.thresholds[name].bars] for side in (before, after)
        )
        gone = [bar for bar in old if bar not in new]
        came = [bar for bar in new if bar not in old]
        if len(gone) == len(came):
            renamed |= {(name, bar): now for bar, now in zip(gone, came, strict=True)}
    return renamed


def _why_gone(key: Key, registry: Registry) -> str:
    threshold = registry.thresholds.get(key[0])
    if threshold is None:
        return "its file is gone"
    if threshold.status != "active":
        return f"the threshold is {threshold.status}"
    if key[1] not in {bar.id for bar in threshold.bars}:
        return "the bar is gone"
    return "the trend is gone"


def _rows(table: pl.DataFrame, by: Key) -> dict[Key, Row]:
    first, second, third = by
    return {
        (str(row[first]), str(row[second]), str(row[third])): row
        for row in table.iter_rows(named=True)
    }


def _leaning(before: Laws, after: Laws) -> set[str]:
    """Series of thresholds whose fits differ, be it by the pool."""
    if after.side.is_fitted_as(before.side):
        return set()
    fits = (by_series(timeless(laws.fits)) for laws in (before, after))
    return differing(*fits) & {one.series_id for _, one in after.side.thresholds}
