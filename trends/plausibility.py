"""Is a score in the unit of its series?

A row in another unit than its series is well formed: 0.54 among percentages, hours
among minutes, thousands among dollars. Each row is read as it is written and in each
unit that it may have been mistaken for, and the readings are compared by how likely
they are beside the rows about its date and beside what its model scored elsewhere. A
true leap is rare and may be large, so scores scatter about their neighbours by
Student's t with 4 degrees of freedom, whose tails are heavy.

Levels are logarithms of positive scores and logits of shares, whichever way is better.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.registry import Registry
from trends.registry.models import Benchmark, ScoreUnit

Floats = npt.NDArray[np.float64]

LIKELIER: Final = 20.0
"""How much likelier another unit has to be than the one that is written.

It is at most 7 for the shipped scores. Of the shipped scores written in the units
below, one at a time, it finds 99%, and 98% of the records; those it does not are the
first of a long series.
"""

FINER: Final = 5.0
"""How much likelier a unit that is too small is where a row has more decimals than any.

33.73% has two decimals like its neighbours, 0.3373 has four.
"""

NEIGHBOURS: Final = 9
"""Rows about the same date that a row is compared with, and all of the last day."""

FEWEST_NEIGHBOURS: Final = 3
"""With fewer nobody can say which of them is in the wrong unit."""

_DEGREES: Final = 4
_DEGREES_BELOW: Final = {"usd": 1}
"""Money can be lost: a balance near zero is a weak score more often than a slip."""

_SUPPOSED_SPREAD: Final = 0.8
_SUPPOSED_ROWS: Final = 3
"""A spread of few residuals is drawn to that of a series of middling noise."""

_UNKNOWN_PACE: Final = 0.5
"""Share of the pace of a series that may be wrong between a row and its neighbours."""

_BY_ROUNDING: Final = 1e-9
"""A log ratio of many rows at once may differ by so much from that of one alone."""

_ROWS_AT_ONCE: Final = 256
"""Rows that are held against all others together: memory grows with both."""

_MOST_ROWS_OF_PACE: Final = 300
_SHORTEST_STEP_IN_YEARS: Final = 0.05

_COUNTS_WHERE_UNKNOWN: Final = 1000
"""Resolution of a share that is no count of items: printed to a tenth of a percent."""

_SMALLEST_PART_OF_AN_ITEM: Final = {"items": 0.5, "none": 0.5, "runs": 0.1}
"""Least that can be passed, by what an error is of: runs may have been averaged."""


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


_POINT: Final = "a slip of the decimal point?"
_PERCENT_OF_ONE: Final = (Slip(1 / 100, "percent in a file of multiples?"),)
_SLIPS: Final = {
    "percent": (Slip(100, "a fraction in a file of percentages?"),),
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


class _Series(NamedTuple):
    """The scores of one benchmark, shape (n,) each; levels of no use are NaN."""

    benchmark: Benchmark
    scores: Floats
    levels: Floats
    years: Floats
    models: list[str]


class _View(NamedTuple):
    """Where each row should stand as others have it, shape (n,) each.

    Attributes:
        centres: levels expected; NaN where there is nobody to compare with.
        spreads: how far from it a true score may well be.
    """

    centres: Floats
    spreads: Floats


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
    places, series = _by_benchmark(observations, registry)
    alike: dict[tuple[str, ScoreUnit], list[_Series]] = defaultdict(list)
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


def _by_benchmark(
    observations: pl.DataFrame, registry: Registry
) -> tuple[dict[str, list[int]], dict[str, _Series]]:
    """Places in the frame and rows of each registered benchmark.

    Rows under another rule than their series takes are in no fit, and no measure of
    those that are: what a rule allows may be ten times as much.
    """
    years = pl.coalesce("release_date", "release_latest").dt.epoch("d") / 365.25
    other_rule = (pl.col("fit_exclusion") == "scoring_rule").fill_null(value=False)
    frame = (
        observations.select(
            "benchmark_id",
            "model_id",
            "score",
            years=years.cast(pl.Float64),
            place=pl.int_range(pl.len(), dtype=pl.Int64),
            other_rule=other_rule,
        )
        .filter(~pl.col("other_rule"))
        .drop("other_rule")
    )
    places: dict[str, list[int]] = {}
    series: dict[str, _Series] = {}
    for rows in frame.partition_by("benchmark_id", maintain_order=True):
        name = str(rows.item(0, "benchmark_id"))
        benchmark = registry.benchmarks.get(name)
        if benchmark is None:
            continue
        scores = rows.get_column("score").to_numpy()
        places[name] = rows.get_column("place").to_list()
        series[name] = _Series(
            benchmark=benchmark,
            scores=scores,
            levels=_levels(scores, benchmark),
            years=rows.get_column("years").to_numpy(),
            models=rows.get_column("model_id").to_list(),
        )
    return places, series


def _levels(scores: Floats, benchmark: Benchmark) -> Floats:
    """Scores as logarithms, or as logits of shares half a count off the bounds.

    Floor and ceiling are left out: a fraction in a file of percentages is below both.
    """
    if not benchmark.unit.is_bounded:
        return np.log(np.where(scores > 0, scores, np.nan))
    n = _COUNTS_WHERE_UNKNOWN
    if benchmark.n_items and benchmark.items_are_bernoulli:
        n = benchmark.n_items
    possible = np.where((scores >= 0) & (scores <= 1), scores, np.nan)
    share = (n * possible + 0.5) / (n + 1)
    return np.asarray(np.log(share) - np.log1p(-share))


def _slips_of_series(rows: _Series, siblings: Sequence[_Series]) -> list[str | None]:
    """What is wrong with the unit of each row of one series, in words."""
    beside = _about_the_date(rows)
    likelier = _is_likelier_beside(rows, beside)
    views = [] if not likelier.any() else [rows, *siblings]
    elsewhere = [_of_the_model(rows, other) for other in views]
    return [
        _too_small_a_part(rows, i)
        or (_likeliest_slip(rows, i, beside, elsewhere) if likelier[i] else None)
        for i in range(len(rows.scores))
    ]


def _is_likelier_beside(rows: _Series, beside: _View) -> npt.NDArray[np.bool_]:
    """Whether the rows about the date would rather see any other unit; shape (n,)."""
    factors = np.array([slip.factor for slip in _slips(rows.benchmark)])
    if not len(factors):
        return np.zeros(len(rows.scores), dtype=bool)
    meant = _levels(rows.scores * factors[:, np.newaxis], rows.benchmark)
    ratios = _log_ratios(rows.benchmark, rows.levels, meant, beside)
    with np.errstate(invalid="ignore"):
        return np.asarray((ratios > -_BY_ROUNDING).any(axis=0))


def _about_the_date(rows: _Series) -> _View:
    """Each row beside those of about its date, moved to it at the pace of the series."""
    pace = _pace(rows)
    n = len(rows.scores)
    centres, years_away = np.full(n, np.nan), np.zeros(n)
    for first in range(0, n, _ROWS_AT_ONCE):
        some = np.arange(first, min(first + _ROWS_AT_ONCE, n))
        beside = _neighbours(rows, some)
        enough = beside.sum(axis=1) >= FEWEST_NEIGHBOURS
        some, beside = some[enough], beside[enough]
        years = np.nan_to_num(rows.years[some, np.newaxis] - rows.years)
        centres[some] = _medians(np.where(beside, rows.levels + pace * years, np.nan))
        away = np.sort(np.where(beside, np.abs(years), np.nan), axis=1)
        years_away[some] = _medians(away[:, :FEWEST_NEIGHBOURS])
    spreads = _spreads(rows.levels - centres)
    return _View(centres, np.hypot(spreads, _UNKNOWN_PACE * pace * years_away))


def _neighbours(rows: _Series, some: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """The rows nearest in time to each of ``some``; all others where it has no date.

    Shape (len(some), n).
    """
    others = np.isfinite(rows.levels) & (
        some[:, np.newaxis] != np.arange(len(rows.levels))
    )
    gaps = np.where(others, np.abs(rows.years - rows.years[some, np.newaxis]), np.nan)
    known = np.isfinite(gaps).sum(axis=1)
    last = np.minimum(known, NEIGHBOURS) - 1
    furthest = np.sort(gaps, axis=1)[np.arange(len(some)), last]
    dated = (known >= FEWEST_NEIGHBOURS)[:, np.newaxis]
    return np.asarray(np.where(dated, gaps <= furthest[:, np.newaxis], others))


def _pace(rows: _Series) -> float:
    """Levels a year: the median slope between two rows (Theil 1950, Sen 1968)."""
    dated = np.flatnonzero(np.isfinite(rows.levels) & np.isfinite(rows.years))
    if len(dated) > _MOST_ROWS_OF_PACE:
        some = np.linspace(0, len(dated) - 1, _MOST_ROWS_OF_PACE)
        dated = dated[np.argsort(rows.years[dated])][some.astype(int)]
    first, second = np.triu_indices(len(dated), 1)
    years = rows.years[dated][second] - rows.years[dated][first]
    gains = rows.levels[dated][second] - rows.levels[dated][first]
    apart = np.abs(years) > _SHORTEST_STEP_IN_YEARS
    return float(np.median(gains[apart] / years[apart])) if apart.any() else 0.0


def _of_the_model(rows: _Series, other: _Series) -> _View:
    """Each row beside what its model scored in ``other``, which may be the same series.

    Between two series the model is moved by the median step of all models in both.
    """
    centres = np.full(len(rows.scores), np.nan)
    there = _levels_by_model(other)
    steps = {} if other is rows else _steps_without_each(_levels_by_model(rows), there)
    for i, model in enumerate(rows.models):
        levels = there.get(model, [])
        if other is rows:
            if np.isfinite(rows.levels[i]):
                levels = list(levels)
                levels.remove(rows.levels[i])
            if levels:
                centres[i] = _median(levels)
        elif levels and (step := steps.get(model, steps[None])) is not None:
            centres[i] = _median(levels) + step
    return _View(centres, _spreads(rows.levels - centres))


def _steps_without_each(
    here: Mapping[str, list[float]], there: Mapping[str, list[float]]
) -> dict[str | None, float | None]:
    """Median step of the models in both series but for each of them; under None of all.

    None where fewer are left than say anything.
    """
    steps = {
        model: _median(here[model]) - _median(there[model])
        for model in here.keys() & there.keys()
    }
    models, sizes = list(steps), np.array(list(steps.values()))
    every = _median(sizes) if len(sizes) >= FEWEST_NEIGHBOURS else None
    if len(sizes) <= FEWEST_NEIGHBOURS:
        return dict.fromkeys(models) | {None: every}
    return dict(zip(models, _medians_without_each(sizes), strict=True)) | {None: every}


def _levels_by_model(rows: _Series) -> dict[str, list[float]]:
    levels: dict[str, list[float]] = {}
    for model, level in zip(rows.models, rows.levels, strict=True):
        if np.isfinite(level):
            levels.setdefault(model, []).append(float(level))
    return levels


def _spreads(residuals: Floats) -> Floats:
    """Robust spread about each row of the residuals of all others."""
    known = np.isfinite(residuals)
    away = np.abs(residuals[known])
    n = np.where(known, len(away) - 1, len(away))
    robust = np.zeros(len(residuals))
    if len(away):
        robust[~known] = _median(away)
    if len(away) > 1:
        robust[known] = _medians_without_each(away)
    total = n * (1.4826 * robust) ** 2 + _SUPPOSED_ROWS * _SUPPOSED_SPREAD**2
    return np.asarray(np.sqrt(total / (n + _SUPPOSED_ROWS)))


def _median(values: Sequence[float] | Floats) -> float:
    """As numpy's, which takes ten times as long for a handful of numbers."""
    ordered = sorted(values) if isinstance(values, list) else np.sort(values)
    last = len(ordered) - 1
    return float(ordered[last // 2] + ordered[(last + 1) // 2]) / 2


def _medians(values: Floats) -> Floats:
    """The median of the numbers in each row, at least one; shape (m, n) to (m,)."""
    ordered = np.sort(values, axis=1)
    last = np.isfinite(values).sum(axis=1) - 1
    row = np.arange(len(values))
    return np.asarray((ordered[row, last // 2] + ordered[row, (last + 1) // 2]) / 2)


def _medians_without_each(values: Floats) -> Floats:
    """For each of at least two values the median of all the others."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    last = len(values) - 2
    low, high = last // 2, (last + 1) // 2
    return np.asarray(
        (ordered[low + (low >= rank)] + ordered[high + (high >= rank)]) / 2
    )


def _likeliest_slip(
    rows: _Series, i: int, beside: _View, elsewhere: Sequence[_View]
) -> str | None:
    """The unit that row ``i`` is in, if not the one of its series, in words.

    What a model scored elsewhere may itself be in the wrong unit, so alone it is no
    evidence: the rows about the date must not speak against it.
    """
    slips = _slips(rows.benchmark)
    if not np.isfinite(rows.levels[i]) or rows.scores[i] == 0 or not slips:
        return None
    factors = np.array([slip.factor for slip in slips])
    meant = _levels(rows.scores[i] * factors, rows.benchmark)
    near, *model = (
        _log_ratios(
            rows.benchmark,
            rows.levels[i],
            meant,
            _View(view.centres[i], view.spreads[i]),
        )
        for view in (beside, *elsewhere)
    )
    evidence = near + np.fmax.reduce([*model, np.zeros(len(slips))])
    evidence += np.log([slip.weight for slip in slips])
    if np.any(near > 0) and _is_finer(rows, i):
        evidence += np.where(factors > 1, np.log(FINER), 0.0)
    ratios = np.where(near > 0, evidence, -np.inf)
    best = int(np.argmax(ratios))
    return _in_words(rows, i, slips[best]) if ratios[best] > np.log(LIKELIER) else None


def _is_finer(rows: _Series, i: int) -> bool:
    """Whether row ``i`` is printed with more decimals than each of the others."""
    ours = _decimals(rows.scores[i], rows.benchmark)
    others = [*rows.scores[:i], *rows.scores[i + 1 :]]
    return bool(others) and all(
        _decimals(score, rows.benchmark) < ours for score in others
    )


def _decimals(score: float, benchmark: Benchmark) -> int:
    return len(f"{_per_unit(benchmark) * score:.10g}".partition(".")[2])


def _per_unit(benchmark: Benchmark) -> int:
    return 100 if benchmark.unit.is_bounded else 1


def _slips(benchmark: Benchmark) -> tuple[Slip, ...]:
    of_unit = _SLIPS.get(benchmark.published_unit, ())
    return of_unit if benchmark.unit.is_bounded else (*of_unit, *_SLIPS_OF_THE_POINT)


def _log_ratios(
    benchmark: Benchmark, written: Floats, meant: Floats, view: _View
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


def _too_small_a_part(rows: _Series, i: int) -> str | None:
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
        f"{_SLIPS['percent'][0].guess}"
    )


_TIMES: Final = re.compile(r"is some ([\d,]+) times (below|above) its neighbours")


def factor_named(words: str) -> float:
    """What turns the score into the one that was meant, by words of ``unit_slips``.

    1 where the words are not of this module.
    """
    if found := _TIMES.search(words):
        times = float(found[1].replace(",", ""))
        return times if found[2] == "below" else 1 / times
    (percent,) = _SLIPS["percent"]
    return percent.factor if percent.guess in words else 1.0


def _in_words(rows: _Series, i: int, slip: Slip) -> str:
    per_unit = _per_unit(rows.benchmark)
    scores = per_unit * rows.scores[_neighbours(rows, np.array([i]))[0]]
    below = slip.factor > 1
    return (
        f"score {per_unit * rows.scores[i]:.6g} is some "
        f"{slip.factor if below else 1 / slip.factor:,.0f} times "
        f"{'below' if below else 'above'} its neighbours ({np.median(scores):.6g}, "
        f"median of {len(scores)}): {slip.guess}"
    )
