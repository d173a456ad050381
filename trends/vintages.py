"""A later copy of a board over the rows that are carried: what is new, what changed.

A publisher corrects a score or two now and then; that is a revision. Where a tenth of
the scores that both copies have moved, or all that moved moved one way, the board was
scored anew and is another test: no line through both would mean anything, so a person
decides.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from statistics import multimode
from typing import Any, Final, NamedTuple

import polars as pl

from trends.corrections import PUBLISHED_CELLS, Cells, correct_cells
from trends.names import Spellings
from trends.published_scores import UnusableRowError, parse
from trends.registry import Correction, Registry
from trends.revisions import FIRST_COPY, Scored, entries_of
from trends.tables import RAW_SCORES

MOST_REVISIONS: Final = 2
"""Scores that a publisher may correct at once, whatever their share and direction."""

RESCORED_SHARE: Final = 0.1
"""Share of the scores in both copies that move when a board is scored anew."""

Entry = tuple[str | None, ...]


class Moved(NamedTuple):
    """A score that the later copy prints otherwise, as both print it."""

    benchmark_id: str
    model: str
    setting: str | None
    before: str
    after: str

    @property
    def change(self) -> Decimal:
        """How much it moved, in the published unit."""
        return Decimal(self.after) - Decimal(self.before)


class RescoredError(ValueError):
    """So many scores moved that the board is another test.

    Attributes:
        moved: what moved, by board, the largest change first.
    """

    def __init__(
        self, moved: Mapping[str, Sequence[Moved]], carried: Mapping[str, int]
    ) -> None:
        """Say of each board how much moved, and print the table."""
        super().__init__(
            "; ".join(
                _in_words(name, rows, carried[name]) for name, rows in moved.items()
            )
        )
        self.moved = tuple(one for rows in moved.values() for one in rows)


class Merged(NamedTuple):
    """The carried rows with what a later copy adds; RAW_SCORES frames.

    Attributes:
        rows: all rows: those carried, then revisions and additions. A row that says
            again what another says is among them and will be quarantined as a copy.
        revisions: rows of the later copy that revise a carried one.
        added: rows of the later copy that no carried row is like.
        missing: carried rows that still stand and that the later copy lacks.
        moved: the revisions, before and after.
    """

    rows: pl.DataFrame
    revisions: pl.DataFrame
    added: pl.DataFrame
    missing: pl.DataFrame
    moved: tuple[Moved, ...] = ()


def merge(
    earlier: pl.DataFrame,
    later: pl.DataFrame,
    registry: Registry,
    *,
    retrieved_on: date,
) -> Merged:
    """Lay a later copy of some boards over the rows that are carried.

    Rows are the same by what was scored (``trends.revisions``), names resolved by the
    registry and by the rules of ``trends.names``, so that a model that was renamed is
    found. On a board of one harness its
    name is not compared; a harness or a setting that one copy leaves out is taken for
    that of the other where only one row can be meant. A score is the same if it is the
    other one rounded. What the later copy lacks is kept, and so is what is older than
    it says itself to be.

    Args:
        earlier: RAW_SCORES rows that are carried, with their revisions.
        later: RAW_SCORES rows of the later copy.
        registry: spellings, benchmarks and corrections.
        retrieved_on: day of the later copy.

    Raises:
        RescoredError: more than ``MOST_REVISIONS`` scores of a board moved, which are
            a tenth or more of those in both copies, or which all moved one way.
    """
    names = _Names(registry)
    carried, found = (_read(copy, registry, names) for copy in (earlier, later))
    chains = entries_of([one.scored for one in carried])
    standing = [carried[entry.places[-1]] for entry in chains]
    pairs = _pair(standing, found, registry)
    same = _Rounding(carried, found)
    changed = [
        (one, other)
        for one, other in pairs
        if one.scored.copy <= retrieved_on and not same.score(one, other)
    ]
    moved = tuple(_moved(one, other, registry) for one, other in changed)
    _refuse_rescored(moved, pairs)
    rows, fresh = earlier.to_dicts(), later.to_dicts()
    day = retrieved_on.isoformat()
    revisions = [
        _revision(rows[one.place], fresh[other.place], day) for one, other in changed
    ]
    paired = {one.place for one, _ in pairs}
    known = {other.place for _, other in pairs}
    twins = _twins([one for one in found if one.place not in known], pairs, rows)
    added = [
        row | {"retrieved_on": row["retrieved_on"] or day}
        for place, row in enumerate(fresh)
        if place not in known and place not in twins
    ]
    # of two copies of one day, the last shows what stood at its end
    replaced = {one.place for one, _ in changed if one.scored.copy == retrieved_on}
    kept = [row for place, row in enumerate(rows) if place not in replaced]
    copies = [fresh[place] | cells for place, cells in twins.items()]
    missing = [rows[one.place] for one in standing if one.place not in paired]
    return Merged(
        rows=RAW_SCORES.frame([*kept, *revisions, *added, *copies]),
        revisions=RAW_SCORES.frame(revisions),
        added=RAW_SCORES.frame(added),
        missing=RAW_SCORES.frame(missing),
        moved=moved,
    )


class _Read(NamedTuple):
    """A row whose score can be read: its place in its frame, and what it says."""

    place: int
    scored: Scored
    cells: Cells


_Pair = tuple[_Read, _Read]


class _Names:
    """Which model a published name means: as registered, else where a rule gives one."""

    def __init__(self, registry: Registry) -> None:
        self._registered = registry.spellings
        self._rules = cache(lambda: Spellings(registry))

    def model(self, name: str) -> tuple[str, str | None]:
        """Model and setting; a name that means no single model stands for itself."""
        if alias := self._registered.get(name):
            return alias.model, alias.setting
        matches = self._rules().matches(name)
        if len(matches) == 1:
            return matches[0].model, matches[0].setting
        return f"? {name}", None


def _read(raw: pl.DataFrame, registry: Registry, names: _Names) -> list[_Read]:
    """Rows of ``raw`` whose score can be read; the gate tells of the others."""
    corrections: dict[str, list[Correction]] = {}
    for correction in registry.corrections:
        corrections.setdefault(correction.benchmark, []).append(correction)
    read = []
    for place, row in enumerate(raw.iter_rows(named=True)):
        name = row["benchmark_id"]
        published = {
            column: (row[column] or "").strip(" ") or None for column in PUBLISHED_CELLS
        }
        cells = correct_cells(name, published, corrections.get(name, []))
        try:
            score = parse(cells)
        except UnusableRowError:
            continue
        model, setting = names.model(score.model_name_published)
        benchmark = registry.benchmarks.get(name)
        scored = Scored(
            entry=(
                name,
                model,
                setting,
                score.harness,
                score.scoring_rule or (benchmark.scoring_rule if benchmark else None),
                score.reporter.value,
            ),
            score=score.score,
            name=score.model_name_published,
            reported_on=score.reported_on,
            source_url=score.source_url,
            copy=score.retrieved_on or FIRST_COPY,
        )
        read.append(_Read(place, scored, cells))
    return read


def _pair(
    standing: Sequence[_Read], found: Sequence[_Read], registry: Registry
) -> list[_Pair]:
    """Rows of both copies that are the same, the surest ways to tell first."""
    one_harness = {
        name
        for name, benchmark in registry.benchmarks.items()
        if benchmark.harness_rule == "single"
    }
    pairs = _pair_entries(standing, found)
    for blur in (_without_harness, _without_setting):
        left = {one.place for one, _ in pairs}
        right = {other.place for _, other in pairs}
        pairs += _pair_blurred(
            [one for one in standing if one.place not in left],
            [one for one in found if one.place not in right],
            blur,
            one_harness,
        )
    return pairs


def _pair_entries(standing: Sequence[_Read], found: Sequence[_Read]) -> list[_Pair]:
    both = [
        *(one.scored._replace(copy=date.min) for one in standing),
        *(one.scored._replace(copy=date.max) for one in found),
    ]
    return [
        (standing[entry.places[0]], found[entry.places[1] - len(standing)])
        for entry in entries_of(both)
        if len(entry.places) > 1
    ]


def _without_harness(entry: Entry) -> Entry:
    return entry[:3] + entry[4:]


def _without_setting(entry: Entry) -> Entry:
    return entry[:2] + entry[4:]


def _pair_blurred(
    standing: Sequence[_Read],
    found: Sequence[_Read],
    blur: Callable[[Entry], Entry],
    one_harness: Container[str | None],
) -> list[_Pair]:
    """Rows of which each copy has one when some of what tells them apart is unstated."""
    groups: dict[Entry, tuple[list[_Read], list[_Read]]] = {}
    for side, rows in enumerate((standing, found)):
        for one in rows:
            pair = groups.setdefault(blur(one.scored.entry), ([], []))
            pair[side].append(one)
    return [
        (left[0], right[0])
        for left, right in groups.values()
        if len(left) == len(right) == 1
        and _may_be_one(left[0].scored.entry, right[0].scored.entry, one_harness)
    ]


def _may_be_one(one: Entry, other: Entry, one_harness: Container[str | None]) -> bool:
    """Whether settings and harnesses are equal, or one copy does not state its own."""
    settings, harnesses = {one[2], other[2]}, {one[3], other[3]}
    return (len(settings) == 1 or None in settings) and (
        len(harnesses) == 1 or None in harnesses or one[0] in one_harness
    )


class _Rounding:
    """Whether two scores are the same when the finer one is rounded as the other."""

    def __init__(self, earlier: Iterable[_Read], later: Iterable[_Read]) -> None:
        self._usual: dict[tuple[int, str | None, date], int] = {}
        decimals: dict[tuple[int, str | None, date], list[int]] = {}
        for side, rows in enumerate((earlier, later)):
            for one in rows:
                decimals.setdefault(_copy(side, one), []).append(_decimals(one))
        for copy, counts in decimals.items():
            self._usual[copy] = max(multimode(counts))

    def score(self, one: _Read, other: _Read) -> bool:
        """Whether the later row prints the earlier one's score, as far as both go.

        A copy that prints one decimal means 20.0 by 20.
        """
        places = min(
            max(_decimals(row), self._usual[_copy(side, row)])
            for side, row in enumerate((one, other))
        )
        difference = abs(one.scored.score - other.scored.score)
        is_finer = _decimals(one) > places or _decimals(other) > places
        half = Decimal(5).scaleb(-places - 1) if is_finer else Decimal(0)
        return difference <= half


def _copy(side: int, row: _Read) -> tuple[int, str | None, date]:
    return side, row.scored.entry[0], row.scored.copy


def _decimals(row: _Read) -> int:
    """Decimals that a score is printed with, zeros at its end too."""
    return len(str(row.cells["score"]).partition(".")[2])


def _moved(one: _Read, other: _Read, registry: Registry) -> Moved:
    benchmark_id, model, setting, *_ = one.scored.entry
    known = registry.models.get(str(model))
    return Moved(
        str(benchmark_id),
        one.scored.name if known is None else known.name,
        setting or other.scored.entry[2],
        str(one.cells["score"]),
        str(other.cells["score"]),
    )


def _refuse_rescored(moved: Sequence[Moved], pairs: Sequence[_Pair]) -> None:
    carried = Counter(str(one.scored.entry[0]) for one, _ in pairs)
    rescored = {}
    for name in carried:
        rows = [one for one in moved if one.benchmark_id == name]
        one_way = len({one.change > 0 for one in rows}) == 1
        many = len(rows) >= RESCORED_SHARE * carried[name]
        if len(rows) > MOST_REVISIONS and (many or one_way):
            rescored[name] = sorted(rows, key=lambda row: -abs(row.change))
    if rescored:
        raise RescoredError(rescored, carried)


def _in_words(name: str, moved: Sequence[Moved], carried: int) -> str:
    """The table of what moved, on one line: it stands in the cells of a run."""
    ways = {one.change > 0 for one in moved}
    way = f", all {'up' if ways == {True} else 'down'}" if len(ways) == 1 else ""
    table = "; ".join(
        f"{one.model} | {one.setting or '-'} | {one.before} | {one.after}"
        for one in moved
    )
    return (
        f"{name}: {len(moved)} of {carried} scores in both copies moved{way}: the board "
        "was rescored: open a new series (a benchmark that supersedes this one), or, "
        "where the publisher says that it corrected these scores, append them with "
        f"retrieved_on to {name}.csv. model | setting | before | after: {table}"
    )


def _revision(
    carried: dict[str, Any], fresh: dict[str, Any], day: str
) -> dict[str, Any]:
    """The later row under the name and harness that its entry has here."""
    cells = {name: carried[name] for name in ("model_name_published", "harness")}
    told = {name: carried[name] for name in ("scoring_rule",) if not fresh[name]}
    return fresh | cells | told | {"retrieved_on": fresh["retrieved_on"] or day}


def _twins(
    left: Sequence[_Read], pairs: Sequence[_Pair], rows: Sequence[dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    """Unpaired rows that say again what a paired one says, with the cells of its copy.

    So each is found to be a copy at the gate, and costs itself only.
    """
    said = {
        (other.scored.entry, other.scored.score, other.scored.reported_on): one
        for one, other in pairs
    }
    twins = {}
    for one in left:
        scored = one.scored
        first = said.get((scored.entry, scored.score, scored.reported_on))
        if first is not None:
            twins[one.place] = {
                name: rows[first.place][name]
                for name in ("score", "reported_on", "retrieved_on")
            }
    return twins
