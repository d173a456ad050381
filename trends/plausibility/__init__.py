"""Is a score in the unit of its series?

A row in another unit than its series is well formed: 0.54 among percentages, hours
among minutes, thousands among dollars. Each row is read as it is written and in each
unit that it may have been mistaken for, and the readings are compared by how likely
they are beside the rows about its date and beside what its model scored elsewhere. A
true leap is rare and may be large, so scores scatter about their neighbours by
Student's t with 4 degrees of freedom, whose tails are heavy.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.plausibility.expected import View, about_the_date, neighbours, of_the_model
from trends.plausibility.series import Floats, Series, by_benchmark, levels_of
from trends.plausibility.slips import A_FRACTION, factor_named, slip_words, slips_of
from trends.registry import Registry
from trends.registry.models import Benchmark, ScoreUnit

__all__ = ["factor_named", "unit_slips"]

LIKELIER: Final = 20.0
"""How much likelier another unit has to be than the one that is written.

It is at most 7 for the shipped scores. Of the shipped scores written in other units,
one at a time, it finds 99%, and 98% of the records; those it does not are the
first of a long series.
"""

FINER: Final = 5.0
"""How much likelier a unit that is too small is where a row has more decimals than any.

33.73% has two decimals like its neighbours, 0.3373 has four.
"""

_DEGREES: Final = 4

_DEGREES_BELOW: Final = {"usd": 1}
"""Money can be lost: a balance near zero is a weak score more often than a slip."""

_BY_ROUNDING: Final = 1e-9
"""A log ratio of many rows at once may differ by so much from that of one alone."""

_SMALLEST_PART_OF_AN_ITEM: Final = {"items": 0.5, "none": 0.5, "runs": 0.1}
"""Least that can be passed, by what an error is of: runs may have been averaged."""


def unit_slips(observations: pl.DataFrame, registry: Registry) -> list[str | None]:
    """What is wrong with the unit of each row, in words; None where nothing is.

    Args:
        observations: OBSERVATIONS rows, all of each benchmark that occurs in them.
        registry: benchmarks, and the corrections that confirm a score.
    """
    confirmed = {one.id for one in registry.corrections if "score" in one.confirms}
    found: list[str | None] = [None] * observations.height
    for state, newer in _states(observations):
        wanted = set(state.filter(~newer).get_column("benchmark_id"))
        words = _slips_of_state(state, registry, wanted)
        for place, is_newer, one in zip(state["place"], newer, words, strict=True):
            if not is_newer:
                found[place] = one
    corrected = observations.get_column("correction_ids").to_list()
    return [
        None if confirmed.intersection((ids or "").split(";")) else words
        for words, ids in zip(found, corrected, strict=True)
    ]


def _states(observations: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, pl.Series]]:
    """The rows as they stand, then with each entry one revision earlier, and so on.

    Revisions of one score would be neighbours of each other and crowd out all others.
    Comes with which rows were told of in a newer state.
    """
    age = (
        (pl.len() - 1 - pl.int_range(pl.len()))
        .over("entry", order_by=["known_on", "retrieved_at", "source_row"])
        .cast(pl.Int64)
    )
    placed = (
        observations.with_row_index("place")
        .with_columns(entry=pl.coalesce("entry_id", pl.col("place").cast(pl.String)))
        .with_columns(age=age)
        .with_columns(oldest=pl.col("age").max().over("entry"))
    )
    for back in range(int(placed.select(pl.col("age").max().fill_null(-1)).item()) + 1):
        state = placed.filter(pl.col("age") == pl.min_horizontal("oldest", back))
        yield state, state["age"] < back


def _slips_of_state(
    observations: pl.DataFrame, registry: Registry, wanted: Collection[str]
) -> list[str | None]:
    """What is wrong with the unit of each row beside the others, in words.

    None for rows of benchmarks that are not wanted; an older state has few of them.
    """
    places, series = by_benchmark(observations, registry)
    alike: dict[tuple[str, ScoreUnit], list[Series]] = defaultdict(list)
    for rows in series.values():
        alike[rows.benchmark.family_id, rows.benchmark.unit].append(rows)
    found: list[str | None] = [None] * observations.height
    for benchmark_id in series.keys() & wanted:
        rows = series[benchmark_id]
        family = alike[rows.benchmark.family_id, rows.benchmark.unit]
        siblings = [other for other in family if other is not rows]
        words = _slips_of_series(rows, siblings)
        for place, one in zip(places[benchmark_id], words, strict=True):
            found[place] = one
    return found


def _slips_of_series(rows: Series, siblings: Sequence[Series]) -> list[str | None]:
    """What is wrong with the unit of each row of one series, in words."""
    beside = about_the_date(rows)
    likelier = _is_likelier_beside(rows, beside)
    views = [] if not likelier.any() else [rows, *siblings]
    elsewhere = [of_the_model(rows, other) for other in views]
    return [
        _too_small_a_part(rows, i)
        or (_likeliest_slip(rows, i, beside, elsewhere) if likelier[i] else None)
        for i in range(len(rows.scores))
    ]


def _is_likelier_beside(rows: Series, beside: View) -> npt.NDArray[np.bool_]:
    """Whether the rows about the date would rather see any other unit; shape (n,)."""
    factors = np.array([slip.factor for slip in slips_of(rows.benchmark)])
    if not len(factors):
        return np.zeros(len(rows.scores), dtype=bool)
    meant = levels_of(rows.scores * factors[:, np.newaxis], rows.benchmark)
    ratios = _log_ratios(rows.benchmark, rows.levels, meant, beside)
    with np.errstate(invalid="ignore"):
        return np.asarray((ratios > -_BY_ROUNDING).any(axis=0))


def _likeliest_slip(
    rows: Series, i: int, beside: View, elsewhere: Sequence[View]
) -> str | None:
    """The unit that row ``i`` is in, if not the one of its series, in words.

    What a model scored elsewhere may itself be in the wrong unit, so alone it is no
    evidence: the rows about the date must not speak against it.
    """
    slips = slips_of(rows.benchmark)
    if not np.isfinite(rows.levels[i]) or rows.scores[i] == 0 or not slips:
        return None
    factors = np.array([slip.factor for slip in slips])
    meant = levels_of(rows.scores[i] * factors, rows.benchmark)
    near, *model = (
        _log_ratios(
            rows.benchmark,
            rows.levels[i],
            meant,
            View(view.centres[i], view.spreads[i]),
        )
        for view in (beside, *elsewhere)
    )
    evidence = near + np.fmax.reduce([*model, np.zeros(len(slips))])
    evidence += np.log([slip.weight for slip in slips])
    if np.any(near > 0) and _is_finer(rows, i):
        evidence += np.where(factors > 1, np.log(FINER), 0.0)
    ratios = np.where(near > 0, evidence, -np.inf)
    best = int(np.argmax(ratios))
    if ratios[best] <= np.log(LIKELIER):
        return None
    scores = rows.benchmark.published_per_stored * rows.scores
    return slip_words(
        slips[best], scores[i], scores[neighbours(rows, np.array([i]))[0]]
    )


def _is_finer(rows: Series, i: int) -> bool:
    """Whether row ``i`` is printed with more decimals than each of the others."""
    ours = _decimals(rows.scores[i], rows.benchmark)
    others = [*rows.scores[:i], *rows.scores[i + 1 :]]
    return bool(others) and all(
        _decimals(score, rows.benchmark) < ours for score in others
    )


def _decimals(score: float, benchmark: Benchmark) -> int:
    published = benchmark.published_per_stored * score
    return len(f"{published:.10g}".partition(".")[2])


def _log_ratios(
    benchmark: Benchmark, written: Floats, meant: Floats, view: View
) -> Floats:
    """How much likelier each level meant is than the one written; NaN for no score.

    Args:
        benchmark: of the rows.
        written: levels, a number or shape (n,).
        meant: levels in other units, one a unit, or shape (units, n).
        view: where the rows should stand, numbers or of shape (n,).
    """
    below = _DEGREES_BELOW.get(benchmark.published_unit, _DEGREES)

    def log_likelihood(levels: Floats) -> Floats:
        z = (levels - view.centres) / view.spreads
        degrees = np.where(z < 0, below, _DEGREES)
        return np.asarray(-(degrees + 1) / 2 * np.log1p(np.square(z) / degrees))

    return log_likelihood(meant) - log_likelihood(written)


def _too_small_a_part(rows: Series, i: int) -> str | None:
    """A share of less than can be passed, whose hundredfold would be one."""
    benchmark, score = rows.benchmark, rows.scores[i]
    if not (benchmark.n_items and benchmark.items_are_bernoulli and score > 0):
        return None
    items = score * benchmark.n_items
    least = _SMALLEST_PART_OF_AN_ITEM[benchmark.se_kind]
    if not benchmark.unit.is_bounded or items >= least or 100 * score > 1:
        return None
    return (
        f"score {100 * score:.6g}% is {items:.2g} of one of {benchmark.n_items} items: "
        f"{A_FRACTION.guess}"
    )
