"""Whose figures moved a date: the change split among families of benchmarks.

A second split of the same change, beside that by cause. Other families move records and
drift through what both learn from them. All of a family's changes (scores, watch, entry)
are put into the old inputs alone, and taken out of the new alone; its part is the mean
of the two. For two families that is Shapley's value; for more, what they only do
together is left over and said. So the parts sum to the published change, always.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from trends.changes.amounts import Amount, mean_effect, total
from trends.changes.attribution import Measured, measure, observe, rerun
from trends.changes.coalitions import (
    SAME_ENTRY,
    SETTINGS,
    Difference,
    ScoreChanges,
)
from trends.changes.inputs import Inputs
from trends.changes.said import RowKey
from trends.changes.shapley import Coalition
from trends.crossings import Crossings
from trends.fits.votes import Vote
from trends.registry.models import Benchmark, TrendFamily

MOST_FAMILIES: Final = 24
"""Families told apart; of more, those whose slope changed most. The others are left
over with what is done together."""

_CELLS: Final = (
    "change",
    "benchmark_id",
    "model_name",
    "score",
    "score_unit",
    "day",
    "known_on",
    "is_record",
    "source_file",
    "source_row",
    "score_before",
    "day_before",
    "observation_id",
)

_NOTHING_KNOWN: Final[Mapping[Coalition, Crossings]] = MappingProxyType({})


@dataclass(frozen=True)
class FamilySplit:
    """The change of one row between two vintages, by whose figures changed.

    Attributes:
        measured: unit and day, as in ``Split``, and the numbers that were split.
        own: part of the row's own benchmark and of other views of its test.
        through_pool: parts of other families, the largest first.
        settings: part of thresholds and weights.
        code: part of the code.
        rows: for each benchmark family named here, and for the own benchmark under
            its id, the scores that were added, revised or withdrawn: records first.
    """

    measured: Measured
    own: Amount
    through_pool: dict[str, Amount]
    settings: Amount
    code: Amount
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def total(self) -> Amount:
        """The published change."""
        start, end, *_ = self.measured.values
        return end - start

    @property
    def together(self) -> Amount:
        """What nobody does alone."""
        parts = (self.own, self.settings, self.code, *self.through_pool.values())
        return self.total - total(parts)


def split_by_family(
    difference: Difference,
    *,
    before: Crossings,
    after: Crossings,
    row: RowKey,
    known: Mapping[Coalition, Crossings] = _NOTHING_KNOWN,
) -> FamilySplit | None:
    """Split the change of one row among the benchmarks whose figures changed.

    Args:
        difference: inputs of the two vintages.
        before: tables that the old one published.
        after: tables that the new one published.
        row: a row that stands in both.
        known: what today's code makes of some sets of causes.

    Returns:
        The split, or None where some re-run estimates nothing at all.
    """
    causes = frozenset(difference.causes())
    figures, settings = causes - SETTINGS, causes & SETTINGS
    everybody = frozenset(_families(difference))
    players = _players(difference, row)

    def mixed(causes: Coalition, benchmarks: Collection[str]) -> Crossings:
        """The old inputs, with these from the new."""
        return rerun(difference.combine(causes, benchmarks=benchmarks), [row])

    reruns = [
        known[end] if end in known else mixed(end, everybody)
        for end in (frozenset[str](), causes)
    ]
    for names in players.values():
        reruns += [mixed(figures, names), mixed(causes, everybody - names)]
    if settings:
        reruns += [mixed(settings, ()), mixed(figures, everybody)]
    measured = measure(row, before, after, reruns)
    if measured is None:
        return None
    start, end, old, new, *worths = measured.values
    parts = [
        mean_effect(alone, without, (old, new))
        for alone, without in zip(worths[::2], worths[1::2], strict=True)
    ]
    own, *rest = parts[: len(players)]
    families = dict(zip([*players][1:], rest, strict=True))
    return FamilySplit(
        measured=measured,
        own=own,
        through_pool=dict(
            sorted(
                families.items(),
                key=lambda item: (-item[1].size(measured.unit), item[0]),
            )
        ),
        settings=parts[-1] if settings else Amount(),
        code=(end - start) - (new - old),
        rows={
            name: changed_rows(difference.scores, benchmarks)
            for name, benchmarks in players.items()
        },
    )


def changed_rows(
    scores: ScoreChanges,
    benchmarks: Iterable[str],
    *,
    among: tuple[Collection[str], Collection[str]] | None = None,
) -> list[dict[str, Any]]:
    """Scores of some benchmarks that were added, revised or withdrawn.

    Args:
        scores: of all benchmarks.
        benchmarks: the benchmarks.
        among: ids of the rows that count, of those before and those now; None for all.

    Returns:
        Records of either vintage first, then by day; each with ``change``, model,
        score, day, file and line, and what it was before.
    """
    then, now = among or (None, None)
    found: list[dict[str, Any]] = []
    for name in benchmarks:
        of = scores.of(name)
        before, after = _rows(of.before, then), _rows(of.after, now)
        earlier: dict[tuple[object, ...], dict[str, Any]] = {}
        for row in before:
            earlier.setdefault(_entry(row), row)
        found += [row | {"change": "new"} for row in _rows(of.added, now)]
        for row in after:
            was = earlier.get(_entry(row), {})
            told = {"score_before": was.get("score"), "day_before": was.get("day")}
            found.append(row | {"change": "revised"} | told)
        ids = {row["observation_id"] for row in after}
        entries = {_entry(row) for row in after}
        found += [
            row | {"change": "withdrawn"}
            for row in before
            if row["observation_id"] not in ids and _entry(row) not in entries
        ]
    found.sort(
        key=lambda row: (
            not row["is_record"],
            row["day"] or date.min,
            row["observation_id"],
        )
    )
    return [{name: row.get(name) for name in _CELLS} for row in found]


def _rows(table: pl.DataFrame, among: Collection[str] | None) -> list[dict[str, Any]]:
    """Rows that no later revision has replaced, with the day on which they stand."""
    return [
        row | {"day": row["release_date"] or row["release_latest"]}
        for row in table.iter_rows(named=True)
        if row["revised_on"] is None
        and (among is None or row["observation_id"] in among)
    ]


def _entry(row: Mapping[str, Any]) -> tuple[object, ...]:
    """What a revised score has in common with the one it replaces."""
    return tuple(row[name] for name in SAME_ENTRY)


def _players(difference: Difference, row: RowKey) -> dict[str, frozenset[str]]:
    """Views of the row's own test, then benchmarks of each other family that may move it."""
    families = _families(difference)
    own = difference.new.registry.thresholds[row[0]].series.benchmark
    leans = TrendFamily(row[2]).leans_in_part
    leans &= families[own].mover == "models"
    changed = _changed_votes(difference, own) if leans else {}
    most = sorted(changed, key=lambda family: (-changed[family], family))
    test = families[own].view_of or own
    views = {name for name, one in families.items() if (one.view_of or name) == test}
    players = {own: frozenset(views)}
    for family in most[:MOST_FAMILIES]:
        names = {name for name, one in families.items() if one.family_id == family}
        if theirs := frozenset(names - views):
            players[family if family != own else f"{family} (others)"] = theirs
    return players


def _families(difference: Difference) -> dict[str, Benchmark]:
    return difference.old.registry.benchmarks | difference.new.registry.benchmarks


def _changed_votes(difference: Difference, own: str) -> dict[str, float]:
    """Families whose walk reads otherwise, with the change of its slope.

    Nothing but its vote reaches the series of others.
    """
    old, new = (
        _votes(difference.combine(some), _families(difference)[own])
        for some in ((), difference.causes())
    )
    changed = {}
    for family in sorted({*old, *new}):
        was, now = (one.get(family) for one in (old, new))
        if (was and was.content) != (now and now.content):
            changed[family] = abs(_slope(now) - _slope(was))
    return changed


def _slope(vote: Vote | None) -> float:
    return 0.0 if vote is None else vote.walk.observed.slope


def _votes(inputs: Inputs, own: Benchmark) -> dict[str, Vote]:
    """With what each family speaks on the scale of ``own``."""
    return {
        one.series.benchmark.family_id: one
        for one in observe(inputs).votes.each()
        if one.series.benchmark.unit.is_bounded == own.unit.is_bounded
    }
