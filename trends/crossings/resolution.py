"""Has a bar been crossed on the published record, when, and is that contested?"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtr

from trends.crossings.contradictions import contradicting, link_scale
from trends.fits.links import Z_95, Link
from trends.registry.models import Benchmark, CrossingRule


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
    """Resolve one bar on the scores of one series.

    Args:
        scores: SERIES_SCORES rows of the series, in order of date.
        bar: the bar in stored units.
        rule: which number must reach it, and which of its dates counts.
        benchmark: the benchmark, for direction and measurement error.
    """
    if scores.is_empty():
        return Resolution(None, None, None, 0.0)
    levels, errors = link_scale(scores, benchmark)
    best = int(np.argmax(levels))
    reached = at_bar(scores, bar=bar, counts_if=rule.counts_if, benchmark=benchmark)
    margin = float(Z_95 * errors[best]) if rule.counts_if == "ci_lower_95" else 0.0
    day_of = "frontier_date" if rule.date_used == "release_date" else "reported_on"
    days = scores.select(pl.coalesce(day_of, "frontier_date")).to_series().to_list()
    crossed_on = min(
        (d for d, hit in zip(days, reached, strict=True) if hit), default=None
    )
    deciding = best if crossed_on is None else _first(days, reached)
    again = contradicting(scores, deciding, benchmark=benchmark)
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
        contested=again is not None
        or _contested(levels[best], errors[best], Link.of(benchmark, 1.0).of_bar(bar)),
        margin=margin,
        doubt=None if again is None else _doubt(scores, deciding, again, benchmark),
    )


def at_bar(
    scores: pl.DataFrame, *, bar: float, counts_if: str, benchmark: Benchmark
) -> npt.NDArray[np.bool_]:
    """Whether each SERIES_SCORES row counts as at or above the bar, shape (n,).

    Args:
        scores: SERIES_SCORES rows of one series.
        bar: the bar in stored units.
        counts_if: which number must reach it: ``point_estimate`` or ``ci_lower_95``.
        benchmark: the benchmark, for direction and measurement error.
    """
    if counts_if == "ci_lower_95":
        levels, errors = link_scale(scores, benchmark)
        reached = levels - Z_95 * errors >= Link.of(benchmark, 1.0).of_bar(bar)
        # an error that nobody knows is not an error of 0: no lower end, no crossing
        return np.asarray(reached & (errors > 0))
    values = scores.get_column("score").to_numpy()
    higher = benchmark.direction == "higher"
    return np.asarray(values >= bar if higher else values <= bar)


def _first(days: list[date], reached: npt.NDArray[np.bool_]) -> int:
    """The row that is at the bar on the earliest day."""
    return min(np.flatnonzero(reached).tolist(), key=lambda row: (days[row], row))


def _doubt(scores: pl.DataFrame, row: int, again: int, benchmark: Benchmark) -> str:
    """Which score was measured again, and what came of it."""
    first, second = scores.row(row, named=True), scores.row(again, named=True)
    before, after = (
        f"{100 * one['score']:.3g}%"
        if benchmark.unit.is_bounded
        else f"{one['score']:.4g} {benchmark.unit}"
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
