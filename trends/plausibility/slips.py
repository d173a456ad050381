"""In which other units a score may have been written, and how that is said."""

import re
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from trends.registry.models import Benchmark

Floats = npt.NDArray[np.float64]


class Slip(NamedTuple):
    """One way to write a score in another unit.

    Attributes:
        factor: what turns the cell into the score that was meant.
        guess: what happened, in words.
        weight: how likely it is beside a unit of the same kind.
    """

    factor: float
    guess: str
    weight: float = 1.0


A_FRACTION: Final = Slip(100, "a fraction in a file of percentages?")

_POINT: Final = "a slip of the decimal point?"

_PERCENT_OF_ONE: Final = (Slip(1 / 100, "percent in a file of multiples?"),)

_SLIPS: Final = {
    "percent": (A_FRACTION,),
    "minutes": (
        Slip(60, "hours in a file of minutes?"),
        Slip(24 * 60, "days in a file of minutes?"),
        Slip(1 / 60, "seconds in a file of minutes?"),
        Slip(1 / 60_000, "milliseconds in a file of minutes?"),
    ),
    "usd": (
        Slip(1_000, "thousands in a file of dollars?"),
        Slip(1_000_000, "millions in a file of dollars?"),
        Slip(1 / 100, "cents in a file of dollars?"),
    ),
    "x_speedup": _PERCENT_OF_ONE,
    "x_2025_mean": _PERCENT_OF_ONE,
    "ratio": _PERCENT_OF_ONE,
}

_SLIPS_OF_THE_POINT: Final = (
    Slip(10, _POINT, 0.001),
    Slip(1 / 10, _POINT, 0.001),
    Slip(1_000, _POINT, 0.1),
    Slip(1 / 1_000, _POINT, 0.1),
)
"""Of positive scores; shares a tenth of their neighbours are common among scaffolds."""


def slips_of(benchmark: Benchmark) -> tuple[Slip, ...]:
    """The units that scores of a benchmark may be written in by mistake."""
    of_unit = _SLIPS.get(benchmark.published_unit, ())
    return of_unit if benchmark.unit.is_bounded else (*of_unit, *_SLIPS_OF_THE_POINT)


_TIMES: Final = re.compile(r"is some ([\d,]+) times (below|above) its neighbours")


def slip_words(slip: Slip, score: float, neighbours: Floats) -> str:
    """What is wrong with a score.

    Args:
        slip: how it was written.
        score: in the unit of the file.
        neighbours: scores about its date, in that unit too; shape (n,).
    """
    below = slip.factor > 1
    return (
        f"score {score:.6g} is some "
        f"{slip.factor if below else 1 / slip.factor:,.0f} times "
        f"{'below' if below else 'above'} its neighbours ({np.median(neighbours):.6g}, "
        f"median of {len(neighbours)}): {slip.guess}"
    )


def factor_named(words: str) -> float:
    """What turns the score into the one that was meant, by words of ``unit_slips``.

    1 where the words are not of this module.
    """
    if found := _TIMES.search(words):
        times = float(found[1].replace(",", ""))
        return times if found[2] == "below" else 1 / times
    return A_FRACTION.factor if A_FRACTION.guess in words else 1.0
