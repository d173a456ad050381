"""Better scores that wait in quarantine, said in the rows they would move.

A rejected row takes no part in any fit. Where it holds a better score than the
standing record, the row of the table says so: the date may be that of a name which
nobody has added to the registry yet.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import inf, isfinite
from typing import Final

import polars as pl

from trends.corrections import correct_cells
from trends.frontier import belongs_to
from trends.plausibility import factor_named
from trends.registry import Registry, Threshold
from trends.registry.models import Benchmark, Reporter
from trends.registry.series import Series
from trends.tables import CROSSING_SUMMARY
from trends.validation import COPIES

WAITS: Final = "a better score waits in quarantine"

_COPIES: Final = {"line_is_read_once", *COPIES}
"""Expectations that only a copy of a row breaks: what it holds stands already."""

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?")
_THOUSANDS: Final = re.compile(r"(?<=\d)[,_ '](?=\d{3}(\D|$))")


@dataclass(frozen=True)
class _Rejected:
    """One rejected row, as far as it can be read."""

    benchmark_id: str
    score: float
    reporter: str | None
    harness: str | None
    known_on: date | None
    what: str


def mark_waiting(
    summary: pl.DataFrame,
    quarantine: pl.DataFrame,
    thresholds: Sequence[tuple[Threshold, Series]],
    *,
    registry: Registry,
    as_of: date,
) -> pl.DataFrame:
    """CROSSING_SUMMARY with the better scores that wait in quarantine.

    A score is read as leniently as it can be; a copy of a score that stands is none,
    nor is one that nobody can have reached (above 100%), nor one that an ``as_of``
    could not have seen. A day after the figures end is a slip, not news.

    Args:
        summary: rows of this vintage.
        quarantine: QUARANTINE rows.
        thresholds: each threshold of the summary with its series.
        registry: benchmarks and corrections.
        as_of: information cut-off.
    """
    rejected = [
        one
        for one in _read(quarantine, registry)
        if one.known_on is None or one.known_on <= as_of
    ]
    of = {
        threshold.id: (ours, series.benchmark)
        for threshold, series in thresholds
        if (ours := _belonging(rejected, series))
    }
    # rows become dictionaries only where some score may wait: those of all are large
    may_wait = pl.col("threshold_id").is_in(list(of))
    rows = [
        _marked(row, *of[str(row["threshold_id"])])
        for row in summary.filter(may_wait).iter_rows(named=True)
    ]
    return CROSSING_SUMMARY.conform(
        pl.concat([summary.filter(~may_wait), CROSSING_SUMMARY.frame(rows)])
    )


def _marked(
    row: dict[str, object], rejected: list[_Rejected], benchmark: Benchmark
) -> dict[str, object]:
    """One row, with its label and reason if a better score waits."""
    gain = _gain(benchmark)
    standing = row["frontier_score"]
    record = gain(standing) if isinstance(standing, float) else -inf
    better = sorted(
        (one for one in rejected if gain(one.score) > record),
        key=lambda one: (-gain(one.score), one.what),
    )
    if not better:
        return row
    best = better[0]
    open_bar = row["crossing_status"] != "already_crossed"
    reaches = open_bar and gain(best.score) >= gain(float(str(row["bar_value"])))
    words = f"{WAITS}, past this bar" if reaches else WAITS
    return row | {
        "median_label": f"{row['median_label']} ({words})",
        "status_reason": f"{words} ({best.what}); {row['status_reason']}",
        "quarantined_score": best.score,
        "quarantined_rows": "; ".join(one.what for one in better),
    }


def _belonging(rejected: list[_Rejected], series: Series) -> list[_Rejected]:
    """The rows that would be of the series, as it would take their scores.

    Whoever reported a row whose reporter cannot be read may be one that it accepts.
    """
    of_benchmark = (one for one in rejected if one.benchmark_id == series.benchmark_id)
    taken = ((one, _within_range(one.score, series)) for one in of_benchmark)
    ours = [replace(one, score=score) for one, score in taken if score is not None]
    if not ours:
        return []
    accepted = series.reporters[0].value
    cells = pl.DataFrame(
        {
            "benchmark_id": [one.benchmark_id for one in ours],
            "reporter": [one.reporter or accepted for one in ours],
            "harness": [one.harness for one in ours],
        },
        schema=dict.fromkeys(("benchmark_id", "reporter", "harness"), pl.String),
    )
    kept = cells.select(belongs_to(series).fill_null(value=False)).to_series()
    return [one for one, keep in zip(ours, kept, strict=True) if keep]


def _within_range(score: float, series: Series) -> float | None:
    """The score as the series would take it; None where it would leave it out."""
    limit = series.benchmark.measurable_range
    if limit is not None and limit.is_below(score):
        return None
    if limit is None or limit.beyond == "keep" or not limit.is_above(score):
        return score
    return limit.high if series.censors_out_of_range else None


def _gain(benchmark: Benchmark) -> Callable[[float], float]:
    """A score with its sign turned so that more is better."""
    sign = -1 if benchmark.direction == "lower" else 1
    return lambda score: sign * score


def _read(quarantine: pl.DataFrame, registry: Registry) -> Iterator[_Rejected]:
    """Rejected rows whose score can be read and can have been reached."""
    for row in quarantine.iter_rows(named=True):
        benchmark = registry.benchmarks.get(row["benchmark_id"] or "")
        if benchmark is None or row["expectation"] in _COPIES:
            continue
        cells = json.loads(row["row_json"])
        if "observation_id" in cells:  # in stored units, rejected by the suite
            score, per_stored = cells["score"], 1
        else:
            cells = correct_cells(row["benchmark_id"], cells, registry.corrections)
            score = read_number(cells.get("score"))
            per_stored = benchmark.published_per_stored
        if not isinstance(score, int | float) or not isfinite(score):
            continue
        if cells.get("scoring_rule") not in {None, benchmark.scoring_rule}:
            continue
        stored = _best_reading(score / per_stored, row["reason"], benchmark)
        if stored is not None:
            yield _Rejected(
                benchmark_id=row["benchmark_id"],
                score=stored,
                reporter=_known_reporter(cells.get("reporter")),
                harness=cells.get("harness"),
                known_on=_known_on(cells, benchmark),
                what=f"{row['source_file']}:{row['source_row']}: {row['expectation']}",
            )


def _best_reading(score: float, reason: str, benchmark: Benchmark) -> float | None:
    """The score as written, or in the unit that it seems to be in if that is better.

    None where nobody can have reached it in either.
    """
    readings = {score, score * factor_named(reason)}
    bounded = benchmark.unit.is_bounded
    possible = [one for one in readings if (0 <= one <= 1 if bounded else one > 0)]
    return max(possible, key=_gain(benchmark), default=None)


def read_number(text: object) -> float | None:
    """The number that a cell means, read as a person would; None if it holds none.

    Digits of any script, signs of percent, separators of thousands and what follows
    a "±" or a bracket do not hide a score.
    """
    plain = unicodedata.normalize("NFKC", str(text or "")).strip()
    plain = re.split(r"[±(\[]|\+/-", plain)[0].strip().lstrip("~$").rstrip("%x* ")
    plain = _THOUSANDS.sub("", plain).replace("_", "")
    plain = re.sub(r"(?<=\d),(?=\d{1,2}$)", ".", plain)
    return float(plain) if _NUMBER.fullmatch(plain) else None


def _known_reporter(cell: object) -> str | None:
    return str(cell) if cell in set(Reporter) else None


def _known_on(cells: Mapping[str, object], benchmark: Benchmark) -> date | None:
    """Day from which a reader could have seen the row, as far as it can be told.

    Not before the benchmark was public, nor after its figures end.
    """
    days = map(_day, (cells.get("reported_on"), cells.get("release_date")))
    known = next((day for day in days if day is not None), None)
    if known is not None:
        known = min(known, benchmark.observed_through)
    public = benchmark.first_public_on
    return max((day for day in (known, public) if day is not None), default=None)


def _day(cell: object) -> date | None:
    try:
        return date.fromisoformat(str(cell))
    except ValueError:
        return None
