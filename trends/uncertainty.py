"""Published errors and intervals that can be used, and why the others cannot.

A score stands whether or not its error can be used. An interval in another unit, one
without a width, or an error of 0 says nothing of how sure the score is: it is taken
off the row, and the row says so.
"""

from bisect import bisect_left
from collections.abc import Sequence
from math import log, sqrt
from typing import Final, NamedTuple

import polars as pl
from scipy.special import ndtri

from trends.registry import Registry
from trends.registry.models import Benchmark

LARGEST_SHARE_ERROR: Final = 0.5
"""No share of items can be less certain than a coin."""

LARGEST_RELATIVE_ERROR: Final = 2.5
"""In logarithms: that of a 95% interval whose ends differ by a factor of 18,000."""

SMALLEST_PART: Final = 1 / 50
"""Of the error that the items or the other rows allow; the least shipped is 1/33."""

FEWEST_OTHERS: Final = 3
"""Rows that show together how small an error can be."""


class _Error(NamedTuple):
    """What is published of how sure one score is, in stored units."""

    score: float
    standard_error: float | None
    ci_low: float | None
    ci_high: float | None

    @property
    def has_interval(self) -> bool:
        return self.ci_low is not None or self.ci_high is not None


def interval_reach(benchmark: Benchmark) -> float:
    """Standard errors from a score to an end of its published interval.

    1.96 for the usual 95%, 1.645 for an interval of 90%.
    """
    return float(ndtri((1 + benchmark.interval_level) / 2))


def drop_unusable_errors(
    observations: pl.DataFrame, registry: Registry
) -> pl.DataFrame:
    """OBSERVATIONS rows without the errors and intervals that cannot be used.

    What was published, what is wrong with it and what takes its place stands in
    ``uncertainty_dropped``.

    Args:
        observations: OBSERVATIONS rows, all of each benchmark that occurs in them.
        registry: their benchmarks.
    """
    columns = ("score", "standard_error", "ci_low", "ci_high")
    published = [_Error(*cells) for cells in observations.select(columns).iter_rows()]
    kept = list(published)
    dropped: list[str | None] = [None] * len(published)
    places: dict[str, list[int]] = {}
    for place, name in enumerate(observations.get_column("benchmark_id")):
        places.setdefault(name, []).append(place)
    for name, here in places.items():
        found = _usable([published[i] for i in here], registry.benchmarks[name])
        for place, (error, words) in zip(here, found, strict=True):
            kept[place], dropped[place] = error, words
    return observations.with_columns(
        *(
            pl.Series(column, [getattr(one, column) for one in kept], pl.Float64)
            for column in columns[1:]
        ),
        pl.Series("uncertainty_dropped", dropped, pl.String),
    )


def _usable(
    published: Sequence[_Error], benchmark: Benchmark
) -> list[tuple[_Error, str | None]]:
    """What is left of each row of one benchmark, and in words what is not."""
    possible = [_without_impossible(one, benchmark) for one in published]
    sizes = [_size(one, benchmark) for one, _ in possible]
    known = sorted(size for size in sizes if size is not None)
    found: list[tuple[_Error, str | None]] = []
    for size, (left, problems) in zip(sizes, possible, strict=True):
        others = len(known) - (size is not None)
        too_small = _too_small(left, size, known, benchmark)
        used = _Error(left.score, None, None, None) if too_small else left
        words = [*problems, too_small] if too_small else problems
        instead = _instead(used, bool(others), benchmark)
        found.append((used, "; ".join([*words, instead]) if words else None))
    return found


def _without_impossible(
    error: _Error, benchmark: Benchmark
) -> tuple[_Error, list[str]]:
    """The row without what cannot be an error whatever the other rows are."""
    problems = []
    if error.has_interval and (words := _wrong_interval(error, benchmark)):
        problems.append(f"interval {_ends(error, benchmark)} {words}")
        error = error._replace(ci_low=None, ci_high=None)
    if words := _wrong_standard_error(error, benchmark):
        printed = _printed(error.standard_error, benchmark)
        problems.append(f"standard error {printed} {words}")
        error = error._replace(standard_error=None)
    return error, problems


def _wrong_interval(error: _Error, benchmark: Benchmark) -> str | None:
    low, high = error.ci_low, error.ci_high
    if low is None or high is None:
        return "has one end"
    if low > high:
        return "runs backwards"
    if low == high:
        return "has no width, and no score is certain"
    if not low <= error.score <= high:
        return f"does not hold the score {_printed(error.score, benchmark)}"
    if not benchmark.unit.is_bounded and low <= 0:
        return f"has an end without a logarithm, {_printed(low, benchmark)}"
    size = _half_width(low, high, benchmark)
    return "is wider than a score can vary" if size > _largest(benchmark) else None


def _wrong_standard_error(error: _Error, benchmark: Benchmark) -> str | None:
    size = error.standard_error
    if size is None:
        return None
    if size < 0:
        return "is negative, and an error is a length"
    if size == 0:
        return "is none: no score is certain"
    if not benchmark.unit.is_bounded:
        size = size / error.score if error.score > 0 else 0.0
    return "is more than a score can vary" if size > _largest(benchmark) else None


def _largest(benchmark: Benchmark) -> float:
    return LARGEST_SHARE_ERROR if benchmark.unit.is_bounded else LARGEST_RELATIVE_ERROR


def _half_width(low: float, high: float, benchmark: Benchmark) -> float:
    """The standard error that an interval stands for; of a logarithm where it is one."""
    if benchmark.unit.is_bounded:
        return (high - low) / (2 * interval_reach(benchmark))
    return log(high / low) / (2 * interval_reach(benchmark))


def _size(error: _Error, benchmark: Benchmark) -> float | None:
    """The error of one trial: of a logarithm, or in standard deviations of a share."""
    size = error.standard_error
    if size is None and error.ci_low is not None and error.ci_high is not None:
        size = _half_width(error.ci_low, error.ci_high, benchmark)
    elif size is not None and not benchmark.unit.is_bounded:
        size = size / error.score if error.score > 0 else None
    if size is None or not benchmark.unit.is_bounded:
        return size
    n = benchmark.n_items or 100
    share = (n * min(max(error.score, 0.0), 1.0) + 0.5) / (n + 1)
    return size / sqrt(share * (1 - share))


def _too_small(
    error: _Error, size: float | None, known: Sequence[float], benchmark: Benchmark
) -> str | None:
    """Why an error above 0 cannot be so small; a unit a hundred times too small.

    Args:
        error: what is left of the row.
        size: of its error.
        known: all sizes of the benchmark, this one among them, rising.
        benchmark: the benchmark.
    """
    if size is None:
        return None
    if _counts_items(benchmark) and benchmark.se_kind == "items":
        usual, of = 1 / sqrt(benchmark.n_items or 1), f"{benchmark.n_items} items allow"
    elif len(known) > FEWEST_OTHERS:
        usual, of = _median_without(known, size), "the other rows have"
    else:
        return None
    if size >= SMALLEST_PART * usual:
        return None
    what = (
        f"interval {_ends(error, benchmark)}"
        if error.standard_error is None
        else f"standard error {_printed(error.standard_error, benchmark)}"
    )
    return f"{what} is {usual / size:,.0f} times smaller than {of}"


def _median_without(known: Sequence[float], size: float) -> float:
    """Median of rising numbers, one of which is taken out."""
    gone, last = bisect_left(known, size), len(known) - 2
    low, high = (
        known[place + (place >= gone)] for place in (last // 2, (last + 1) // 2)
    )
    return (low + high) / 2


def _instead(error: _Error, others_have_one: bool, benchmark: Benchmark) -> str:
    """What fits take in place of what was dropped."""
    if error.standard_error is not None:
        return "its standard error is used"
    if error.has_interval:
        return "its interval is used"
    if _counts_items(benchmark):
        return f"the error of {benchmark.n_items} items is used"
    if others_have_one:
        return "the median error of the other rows is used"
    return "its error is not known"


def _counts_items(benchmark: Benchmark) -> bool:
    return bool(
        benchmark.unit.is_bounded
        and benchmark.n_items
        and benchmark.items_are_bernoulli
    )


def _ends(error: _Error, benchmark: Benchmark) -> str:
    low, high = (_printed(end, benchmark) for end in (error.ci_low, error.ci_high))
    return f"{low} to {high}"


def _printed(value: float | None, benchmark: Benchmark) -> str:
    """A number in the unit in which it was published."""
    if value is None:
        return "nothing"
    return f"{value * benchmark.published_per_stored:.6g}"
