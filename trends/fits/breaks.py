"""Does one straight line hold for all records? sup-F, against simulated records.

The result is reported beside the fit and chooses nothing: no window, no family.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trends.fits.compiled import break_kernels
from trends.fits.links import Floats

Flags = npt.NDArray[np.bool_]

MIN_RECORDS: Final = 8
"""Records below which no break is looked for."""

MIN_SIDE: Final = 3
"""Records that each side keeps: a line and something to tell its error by."""

TRIM: Final = 0.15
"""Share of the records at either end before and after which no break is sought."""

N_RESAMPLES: Final = 499
"""A p-value of 0.05 then has a Monte Carlo error of 0.01."""

MIN_RESAMPLES: Final = 99
"""Resamples with records enough, below which there is no p-value."""

_WALK_SHARES: Final = np.array(
    [0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 0.95, 0.999]
)


@dataclass(frozen=True)
class BreakTest:
    """The place at which two lines fit best, and how often chance does as well.

    Attributes:
        sup_f: largest F over the places searched.
        p_value: share of simulated series without a break whose records look as
            broken; None where too few of them have records enough.
        first_after: index of the first release of the second line.
    """

    sup_f: float
    p_value: float | None
    first_after: int


def break_test(
    x: Floats,
    y: Floats,
    variance: Floats,
    is_record: Flags,
    generator: np.random.Generator,
    *,
    n_resamples: int = N_RESAMPLES,
) -> BreakTest | None:
    """Test one line through records against two with a break at an unknown date.

    Both intercept and slope may change, so that a jump and a change of pace count. F
    (Andrews 1993) has 2 and n - 4 degrees of freedom at each place over the central
    70% of the records; its largest value has no F distribution, because the place was
    searched for, and the less so as records were selected: each is above the last.
    So the whole series is simulated: releases on its own days about one line, scattered
    and walking as these do (``_Null``), of which the records are selected and searched
    for a break again. Series of another number of records are compared by the F
    distribution's own tail at their largest F. The series itself counts among them.

    Args:
        x: days of releases, shape (n,), rising.
        y: best level of each day, shape (n,).
        variance: of a record about the line, known and between releases, shape (n,).
        is_record: whether the day set a record, shape (n,).
        generator: of the simulated releases.
        n_resamples: how many series are simulated.

    Returns:
        None with fewer than 8 records or with records that lie on the line.

    Raises:
        ValueError: x does not rise, so that no place separates the releases.
    """
    if np.any(np.diff(x) <= 0):
        raise ValueError(f"a break lies between two dates, these do not rise: {x}")
    if is_record.sum() < MIN_RECORDS or np.min(variance[is_record]) <= 0:
        return None
    weights = np.divide(1, variance, out=np.zeros_like(variance), where=variance > 0)
    found = _f_statistics(x, y[np.newaxis], weights, is_record[np.newaxis])[0]
    last_before = int(np.argmax(found))
    releases = _Null.fitted(x, y).releases(generator, n_resamples)
    records = _records(releases)
    enough = records.sum(axis=1) >= MIN_RECORDS
    largest = _f_statistics(x, releases[enough], weights, records[enough]).max(axis=1)
    found_tail = _tail(found.max(), is_record.sum())
    as_broken = np.sum(_tail(largest, records[enough].sum(axis=1)) >= found_tail)
    return BreakTest(
        sup_f=float(found.max()),
        p_value=(
            float((1 + as_broken) / (1 + enough.sum()))
            if enough.sum() >= MIN_RESAMPLES
            else None
        ),
        first_after=last_before + 1 + int(np.argmax(is_record[last_before + 1 :])),
    )


@dataclass(frozen=True)
class _Null:
    """A line about which releases scatter, walk, or both: y = a + b x + W + e.

    Attributes:
        line: of each release, shape (n,).
        steps: standard deviation of the walk's steps, shape (n,).
        scatter: of each release about line and walk.
    """

    line: Floats
    steps: Floats
    scatter: float

    @classmethod
    def fitted(cls, x: Floats, y: Floats) -> "_Null":
        """By restricted maximum likelihood over shares of the walk in the variance."""
        gaps = np.diff(x, prepend=x[0]) / np.mean(np.diff(x))
        about = x - x.mean()
        share, variance, level, slope = break_kernels().walk_about_a_line(
            about, y, gaps, _WALK_SHARES
        )
        return cls(
            level + slope * about,
            np.sqrt(share * variance * gaps),
            float(np.sqrt((1 - share) * variance)),
        )

    def releases(self, generator: np.random.Generator, n: int) -> Floats:
        """Simulated levels, shape (n, releases)."""
        shape = (n, len(self.line))
        walks = np.cumsum(self.steps * generator.standard_normal(shape), axis=1)
        scatter = self.scatter * generator.standard_normal(shape)
        return np.asarray(self.line + walks + scatter)


def _records(levels: Floats) -> Flags:
    """Which levels of each row are above all before them."""
    highest = np.maximum.accumulate(levels, axis=1)
    return np.pad(
        levels[:, 1:] > highest[:, :-1], ((0, 0), (1, 0)), constant_values=True
    )


def _f_statistics(x: Floats, levels: Floats, weights: Floats, records: Flags) -> Floats:
    """F of a break after each record of each row, (rows, releases); -1 elsewhere."""
    found: Floats = break_kernels().f_statistics(
        x - np.mean(x),
        levels - np.mean(levels, axis=1, keepdims=True),
        weights / weights.max(),
        records,
        MIN_SIDE,
        TRIM,
    )
    return found


def _tail(f: Floats | float, n: npt.ArrayLike) -> Floats:
    """-log P(F > f) with 2 and n - 4 degrees of freedom, in closed form."""
    df = np.asarray(n, dtype=np.float64) - 4
    return np.asarray(df / 2 * np.log1p(2 * np.maximum(f, 0.0) / df))
