"""Causes of a move in words, each with the score that tells most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal

from trends.changes.amounts import Amount
from trends.changes.coalitions import Difference, settled
from trends.changes.evidence import News, news_of
from trends.changes.inputs import Inputs
from trends.changes.mixes import Mixes
from trends.changes.moves import Move, Part, split_moves
from trends.changes.said import RowKey, Said
from trends.changes.states import State
from trends.fits.failures import SeriesError

Cells = dict[str, Any]

NAMES_SHOWN = 5
"""Families that are named where several are summed."""


@dataclass(frozen=True)
class Earlier:
    """An earlier vintage that headlines are compared with.

    Attributes:
        window: one of ``tables.WINDOWS``.
        since: its day; None where there is no earlier vintage.
        kind: what its numbers are: ``tables.EARLIER_KINDS``.
        run_id: its run, if it has one.
        inputs: what it was made from, as far as that is known; None where it is not.
        said: what it said; None for what this code says of ``inputs``.
        note: why there are no causes, where there are no inputs.
        rest: what may have made the part that no figures since explain.
        edited: for rows whose bar means something else since, what changed.
    """

    window: str
    since: date | None
    kind: Literal["published", "ledger", "recomputed", "nothing"]
    run_id: str | None = None
    inputs: Inputs | None = None
    said: Mapping[RowKey, Said] | None = None
    note: str = "no vintage is earlier"
    rest: str = "the code changed"
    edited: Mapping[RowKey, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Later:
    """The vintage that is explained.

    Attributes:
        inputs: what it was made from.
        said: what it says of each row.
    """

    inputs: Inputs
    said: Mapping[RowKey, Said]

    @cached_property
    def state(self) -> State:
        """What this code makes of its inputs, whatever it is compared with.

        Raises:
            SeriesError: one of these series cannot be computed.
        """
        return State(settled(self.inputs), list(self.said))


@dataclass(frozen=True)
class Account:
    """Moves since an earlier vintage, and what made them.

    Attributes:
        earlier: that vintage.
        moves: one a row.
        difference: its inputs and the new ones; None where nothing was split.
        mixes: the states between them; None likewise.
        why_not: why there are no causes.
    """

    earlier: Earlier
    moves: Sequence[Move]
    difference: Difference | None = None
    mixes: Mixes | None = None
    why_not: str | None = None

    def causes(self, move: Move) -> list[Cells]:
        """Causes of one move as cells of CHANGES, the largest first; never none."""
        if not move.parts:
            return [self._whole(move)]
        return [self._cause(move, part) for part in move.parts]

    def _cause(self, move: Move, part: Part) -> Cells:
        through = {"own": "own", "family": "pool", "pool": "pool"}
        cells: Cells = {
            "part": float(part.amount.value),
            "never_part": float(part.amount.never),
            "through": through.get(part.kind, "other"),
            "family_id": part.family_id,
            "n_scores": 0,
        }
        if (news := self._news(move, part)) is None:
            return cells | self._of_nobody(move, part)
        label = news.words(self.earlier.since)
        if news.cause == "new_record" and _is_slower(part.amount, move.unit):
            label += "; in all less than was expected"
        if part.kind == "family":
            label = f"{news.title}, through the pool: {label}"
        return cells | _scores(news) | {"cause": news.cause, "label": label}

    def _news(self, move: Move, part: Part) -> News | None:
        """What became of the series that a part is of."""
        mixes, difference = self.mixes, self.difference
        if mixes is None or difference is None:
            return None
        series = None
        if part.kind == "own":
            series = mixes.new.series_of(move.key)
        elif part.kind == "family":
            series = mixes.voice_of(move.key, str(part.family_id))
        if series is None:
            return None
        # a family that moves the pool is named in the rows of many others
        name = series.series_id
        if name not in self._told:
            self._told[name] = news_of(difference, mixes.old, mixes.new, series)
        return self._told[name]

    @cached_property
    def _told(self) -> dict[str, News]:
        """News by series."""
        return {}

    def _of_nobody(self, move: Move, part: Part) -> Cells:
        if part.kind == "rest":
            edited = self.earlier.edited.get(move.key)
            label = f"{edited}; {self.earlier.rest}" if edited else self.earlier.rest
            is_code = self.earlier.kind != "ledger"
            cause = "code" if is_code else "code_registry_and_corrections"
            return {"cause": cause, "label": label}
        if part.kind == "settings":
            label = "thresholds or weights were edited"
            return {"cause": "thresholds_and_weights", "label": label}
        if part.kind == "pool":
            named = {one.family_id for one in move.parts if one.kind == "family"}
            left = [] if self.mixes is None else self.mixes.others(move.key, named)
            if not left:
                label = "what these families only do together, through the pool"
                return {"cause": "together", "label": label}
            return {"cause": "several_families", "label": _others(left, bool(named))}
        label = "several of these together, and families that have no line of their own"
        return {"cause": "together", "label": label}

    def _whole(self, move: Move) -> Cells:
        """The one cause of a move without parts."""
        cells: Cells = {
            "through": "other",
            "n_scores": 0,
            "part": None,
            "never_part": None,
        }
        if move.total == Amount():
            same = {"part": 0.0, "never_part": 0.0, "label": "did not move"}
            return cells | {"cause": "unchanged"} | same
        if self.why_not is not None:
            return cells | {"cause": "not_attributed", "label": self.why_not}
        if move.before is None:
            label = f"the vintage of {self.earlier.since} has no such bar"
            return cells | {"cause": "first_estimate", "label": label}
        if move.before.is_estimated and move.after.is_estimated:
            label = "some mix of old and new inputs gives no estimate"
            return cells | {"cause": "not_attributed", "label": label}
        cause = "no_longer_estimated"
        if move.after.is_estimated:
            cause = "first_estimate"
        news = self._news(move, Part("own", Amount()))
        if news is None:
            return cells | {"cause": cause, "label": move.after.label}
        cells |= _scores(news) | {"through": "own", "cause": cause}
        return cells | {"label": news.words(self.earlier.since)}


def account_of(earlier: Earlier, later: Later) -> Account:
    """Moves of the rows of a vintage since an earlier one, split."""
    after = later.said
    if earlier.inputs is None:
        said = earlier.said or {}
        moves = [Move.unsplit(key, said.get(key), now) for key, now in after.items()]
        return Account(earlier, moves, why_not=earlier.note)
    difference = Difference.between(earlier.inputs, later.inputs)
    if earlier.said is None and not difference.causes():
        moves = [Move.unsplit(key, now, now) for key, now in after.items()]
        return Account(earlier, moves)
    try:
        mixes = Mixes(difference, list(after), later.state)
        moves = split_moves(mixes, before=earlier.said, after=after)
    except SeriesError as error:
        # figures of then that cannot be computed cost the causes, not the run
        moves = [Move.unsplit(key, None, now) for key, now in after.items()]
        return Account(earlier, moves, why_not=f"cannot be computed: {error}")
    return Account(earlier, moves, difference, mixes)


def _is_slower(amount: Amount, unit: str) -> bool:
    """Whether a crossing is further off: no likelier, and later or less likely."""
    later = amount.value if unit == "days" else -amount.value
    return amount.never >= 0 and later >= 0 and bool(amount)


def _others(left: Sequence[str], some_are_named: bool) -> str:
    names = ", ".join(left[:NAMES_SHOWN]) + (", ..." if left[NAMES_SHOWN:] else "")
    of = f" ({names})" if names else ""
    other = "other " if some_are_named else ""
    many = "family" if len(left) == 1 else "families"
    return f"{len(left)} {other}{many} of benchmarks{of}, through the pool"


def _scores(news: News) -> Cells:
    """The most telling score, and how many there are."""
    cells: Cells = {"benchmark_id": news.benchmark_id, "n_scores": len(news.rows)}
    if not news.rows:
        return cells
    first = news.rows[0]
    same = ("score_change", "model_name", "score", "score_unit", "score_before")
    return (
        cells
        | {name: first[name] for name in (*same, "source_file", "source_row")}
        | {"score_date": first["day"], "score_known_on": first["known_on"]}
    )
