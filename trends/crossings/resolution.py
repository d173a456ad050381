"""Has a bar been crossed on the published record, when, and is that contested?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtr

from trends.crossings.contradictions import Measurements
from trends.fits.links import Z_95
from trends.registry.models import Benchmark, CrossingRule

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Resolution:
    """What the published scores say of one bar.

    Attributes:
        crossed_on: day of the first score at or above the bar, if any.
        below_until: last day known to be below it (exclusive); None if unknown.
        contested: whether measurement error leaves open on which side of the bar
            the standing record is, or a later measurement contradicts the score that
            decides; None where no error is published.
        margin: how far above the bar, on the link scale, the standing record would
            have to be to count.
        doubt: the later measurement in words, where one contradicts.
    """

    crossed_on: date | None
    below_until: date | None
    contested: bool | None
    margin: float
    doubt: str | None = None


def resolve_bar(
    scores: pl.DataFrame, *, bar: float, rule: CrossingRule, benchmark: Benchmark
) -> Resolution:
    """``resolve_bars`` for one bar."""
    return resolve_bars(scores, bars=[bar], rule=rule, benchmark=benchmark)[0]


def resolve_bars(
    scores: pl.DataFrame,
    *,
    bars: Sequence[float],
    rule: CrossingRule,
    benchmark: Benchmark,
) -> list[Resolution]:
    """Resolve bars on the scores of one series.

    Args:
        scores: SERIES_SCORES rows of the series, in order of date.
        bars: in stored units.
        rule: which number must reach a bar, and which of its dates counts.
        benchmark: the benchmark, for direction and measurement error.
    """
    if scores.is_empty():
        return [Resolution(None, None, None, 0.0) for _ in bars]
    shown = Measurements(scores, benchmark)
    of_release = rule.date_used == "release_date"
    days = scores.get_column("frontier_date").to_list() if of_release else shown.days
    return [
        _resolved(shown, days, _at_bar(shown, bar, rule.counts_if), bar, rule)
        for bar in bars
    ]


def _resolved(
    shown: Measurements,
    days: list[date],
    reached: Bools,
    bar: float,
    rule: CrossingRule,
) -> Resolution:
    """One bar, by the days that count and whether each score has reached it."""
    best = int(np.argmax(shown.levels))
    level, error = shown.levels[best], shown.errors[best]
    crossed_on = min(
        (d for d, hit in zip(days, reached, strict=True) if hit), default=None
    )
    deciding = best if crossed_on is None else _first(days, reached)
    again = shown.contradicting(deciding)
    if crossed_on is not None and again is not None and reached[again]:
        again = None  # it has reached the bar all the same
    below = [
        day
        for day, hit in zip(days, reached, strict=True)
        if not hit and (crossed_on is None or day < crossed_on)
    ]
    return Resolution(
        crossed_on=crossed_on,
        below_until=max(below, default=None),
        contested=again is not None or _contested(level, error, shown.link.of_bar(bar)),
        margin=float(Z_95 * error) if rule.counts_if == "ci_lower_95" else 0.0,
        doubt=None if again is None else _doubt(shown, deciding, again),
    )


def at_bar(
    scores: pl.DataFrame, *, bar: float, counts_if: str, benchmark: Benchmark
) -> Bools:
    """Whether each SERIES_SCORES row counts as at or above the bar, shape (n,).

    Args:
        scores: SERIES_SCORES rows of one series.
        bar: the bar in stored units.
        counts_if: which number must reach it: ``point_estimate`` or ``ci_lower_95``.
        benchmark: the benchmark, for direction and measurement error.
    """
    return _at_bar(Measurements(scores, benchmark), bar, counts_if)


def _at_bar(shown: Measurements, bar: float, counts_if: str) -> Bools:
    if counts_if == "ci_lower_95":
        lower = shown.levels - Z_95 * shown.errors
        # an error that nobody knows is not an error of 0: no lower end, no crossing
        return np.asarray((lower >= shown.link.of_bar(bar)) & (shown.errors > 0))
    values = shown.scores.get_column("score").to_numpy()
    higher = shown.benchmark.direction == "higher"
    return np.asarray(values >= bar if higher else values <= bar)


def _first(days: list[date], reached: Bools) -> int:
    """The row that is at the bar on the earliest day."""
    return min(np.flatnonzero(reached).tolist(), key=lambda row: (days[row], row))


def _doubt(shown: Measurements, row: int, again: int) -> str:
    """Which score was measured again, and what came of it."""
    first, second = (shown.scores.row(one, named=True) for one in (row, again))
    unit = shown.benchmark.unit
    before, after = (
        f"{100 * one['score']:.3g}%"
        if unit.is_bounded
        else f"{one['score']:.4g} {unit}"
        for one in (first, second)
    )
    return (
        f"{before} of {first['model_name']} was {after} when it was measured again on "
        f"{second['reported_on'] or second['frontier_date']} "
        f"({second['observation_id']})"
    )


def _contested(level: float, error: float, bar: float) -> bool | None:
    if error == 0 or np.isinf(bar):
        return None
    return bool(0.05 < ndtr((level - bar) / error) < 0.95)
