"""Where the labels of horizontal lines go, so that as little as possible is below them."""

from collections.abc import Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LINE: Final = 15
"""Pixels from one line of text to the next."""
REACH: Final = 0.45
"""Share of a narrow plot's width that a label takes."""
A_RULE: Final = 4
"""How many marks below a label are as bad as a line through it."""


class Spot(NamedTuple):
    """A place of a label: at which end of its line, and on which side of it."""

    left: bool
    below: bool

    def held(self, marks: Floats, line: float) -> int:
        """How many marks lie where the label of a line would stand.

        Args:
            marks: across from 0 to 1, and down in pixels; shape (2, n).
            line: pixels down to the line.
        """
        across, down = marks
        at_end = across < REACH if self.left else across > 1 - REACH
        away = down - line if self.below else line - down
        return int(np.count_nonzero(at_end & (away > 0) & (away < LINE)))

    def spans(self, down: float, line: float) -> bool:
        """Whether a height is that of the label's text."""
        away = down - line if self.below else line - down
        return 0 < away < LINE


def label_spots(
    lines: Sequence[float], *, first: int | None, marks: Sequence[tuple[float, float]]
) -> list[Spot | None]:
    """Places for the labels of lines, the higher line first.

    Args:
        lines: pixels from the top of the plot down to each line.
        first: the line that chooses before all others.
        marks: what is drawn: across from 0 to 1, and down in pixels.

    Returns:
        A spot for each line; None where every one would lie on another label.
    """
    spots: list[Spot | None] = [None] * len(lines)
    all_marks = np.array(marks, dtype=np.float64).reshape(-1, 2).T
    order = sorted(range(len(lines)), key=lambda one: (one != first, lines[one]))
    for one in order:
        others = [
            (spot, lines[other]) for other, spot in enumerate(spots) if spot is not None
        ]
        free = [spot for spot in _SPOTS if not _lies_on(spot, lines[one], others)]
        if free:
            spots[one] = min(free, key=lambda spot: _cost(spot, one, lines, all_marks))
    return spots


_SPOTS: Final = [Spot(left, below) for below, left in product((False, True), repeat=2)]


def _lies_on(spot: Spot, line: float, others: Sequence[tuple[Spot, float]]) -> bool:
    return any(
        spot.left == other.left and abs(_middle(spot, line) - _middle(other, at)) < LINE
        for other, at in others
    )


def _middle(spot: Spot, line: float) -> float:
    return line + (LINE / 2 if spot.below else -LINE / 2)


def _cost(spot: Spot, one: int, lines: Sequence[float], marks: Floats) -> int:
    """Marks and other lines that the label would lie on."""
    crossed = sum(
        spot.spans(line, lines[one]) for other, line in enumerate(lines) if other != one
    )
    return A_RULE * crossed + spot.held(marks, lines[one])
