"""What somebody is shown who decides about headlines that move far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from trends.words.headline import escape_markdown
from trends.words.views import counted

NAMED: Final = 3
"""Moves that a sentence names; the rest are counted."""


@dataclass(frozen=True)
class Move:
    """A headline that moves far.

    Attributes:
        threshold_id: whose headline.
        name: benchmark and bar.
        before: when, if ever, and interval that readers have now.
        after: those of the run to be published; None where it has no such headline.
        days: by how much the date if ever is later; None where either side has none.
        why: each reason to look, in words; at least one.
        view_of: as in CROSSING_SUMMARY.
        never: by how much never is likelier.
    """

    threshold_id: str
    name: str
    before: str
    after: str | None
    days: int | None
    why: tuple[str, ...]
    view_of: str | None = None
    never: float = 0.0


def moves_markdown(
    moves: Sequence[Move], *, as_of: date, run_id: str, before: tuple[date, str]
) -> str:
    """The moves as a table, with what an answer does.

    Args:
        moves: at least one.
        as_of: of the run to be published.
        run_id: of the same.
        before: as_of and run id of what is published now.
    """
    was, old_run = before
    heading = [
        "Headline",
        f"Published now, as of {was}",
        f"To be published, as of {as_of}",
        "Why you are asked",
    ]
    rows = [
        [one.name, one.before, one.after or "no headline", "; ".join(one.why)]
        for one in moves
    ]
    table = [heading, ["---"] * len(heading)]
    table += [[escape_markdown(cell) for cell in row] for row in rows]
    return "\n".join(
        [
            f"Run {run_id} moves {counted(map(vars, moves))} far from run {old_run}.",
            "",
            *(f"| {' | '.join(row)} |" for row in table),
            "",
            (
                "**Approve** publishes the run, with your name in its manifest. **Reject** "
                "publishes nothing: readers keep what is published now. "
                f"`trends run --draft --as-of {as_of}`, or this form with Draft, shows the "
                "run in full first."
            ),
        ]
    )


def moves_sentence(moves: Sequence[Move]) -> str:
    """The moves in a sentence; empty without any."""
    if not moves:
        return ""
    named = [
        f"{one.name}: {one.before} to {one.after or 'no headline'} ({'; '.join(one.why)})"
        for one in moves[:NAMED]
    ]
    more = len(moves) - len(named)
    rest = f"; and {more} more" if more else ""
    return f"Large moves, {counted(map(vars, moves))}: {'; '.join(named)}{rest}."


def rejected_sentence(approval: Mapping[str, str], *, as_of: date, run_id: str) -> str:
    """That nothing was published, by whom, and how to see what would have been."""
    return (
        f"Nothing was published: {approval['by']} rejected run {run_id} on "
        f"{approval['at']}. Readers keep what is published. `trends run --draft "
        f"--as-of {as_of}`, or the form with Draft, shows what it would have said."
    )


def approved_sentence(approval: Mapping[str, str]) -> str:
    """Who let a run with large moves be published."""
    return f"Approved by {approval['by']} on {approval['at']}."
