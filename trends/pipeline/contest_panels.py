"""Panels of a contest: the project's own benchmarks, or a long table in a file."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from trends.contest import Panel
from trends.frontier import select_series_scores
from trends.pipeline.columns import plain
from trends.pipeline.errors import RequestError
from trends.pipeline.ingested import Ingest
from trends.registry import (
    Benchmark,
    Ceiling,
    Domain,
    HeldOut,
    Registry,
    Reporter,
    ScoreUnit,
    TrendFamily,
)
from trends.registry.series import Series, whole_benchmarks
from trends.sources.csv_text import Record, delimiter_of, header, records
from trends.tables import SERIES_SCORES

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "benchmark": ("benchmark",),
    "model": ("model_version", "model"),
    "score": ("score", "performance"),
    "release_date": ("release_date", "date"),
}
"""What a long table must have, each under one of these headings, the first that is there."""

OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "family": ("family", "family_id"),
    "floor": ("floor", "lower_bound"),
    "public_on": ("public_on", "benchmark_release_date"),
}
"""What it may have: which benchmarks share their fate, guessing, first public day."""


@dataclass(frozen=True)
class PanelRead:
    """A panel, and what was left out of it.

    Attributes:
        panel: the panel.
        name: what it is called.
        sha256: hash of what it was read from.
        held_out: benchmarks left out because the registry keeps them apart.
        rejected: rows that cannot be read, each with its line and why.
    """

    panel: Panel
    name: str
    sha256: str
    held_out: int
    rejected: list[str]


class _Row(NamedTuple):
    line: int
    benchmark: str
    model: str
    score: float
    day: date
    family: str | None
    floor: float
    public_on: date | None


def own_panel(
    registry: Registry, ingest: Ingest, held_out: HeldOut | None
) -> PanelRead:
    """The registry's benchmarks whose scores are shares and whose records models set.

    Args:
        registry: benchmarks of both roles.
        ingest: every score, whole.
        held_out: what may not be used.
    """
    bounded = [
        one
        for one in whole_benchmarks(registry)
        if one.benchmark.unit.is_bounded and one.benchmark.mover == "models"
    ]
    series = [
        one
        for one in bounded
        if held_out is None or not held_out.covers(one.benchmark.title)
    ]
    public_on = {
        one.series_id: day
        for one in series
        if (day := one.benchmark.first_public_on) is not None
    }
    return PanelRead(
        Panel(series, select_series_scores(ingest.observations, series), public_on),
        "the project's own benchmarks",
        ingest.sha256,
        len(bounded) - len(series),
        [],
    )


def read_panel(file: Path, held_out: HeldOut | None) -> PanelRead:
    """The long table of a CSV file: a row a score, as shares of 1.

    Benchmarks that are held out are dropped as the rows are read. A row that cannot be
    read costs itself; a benchmark with several floors or families takes the first.

    Raises:
        RequestError: the file cannot be read, lacks a column, or has no row to use.
        SourceError: it is no CSV.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RequestError(f"{file}: {error.strerror}: name a CSV file") from None
    delimiter = delimiter_of(content)
    names = _headings(header(content, delimiter), file)
    rows: list[_Row] = []
    rejected: list[str] = []
    left_out: set[str] = set()
    needed = [names["benchmark"]]
    for record in records(content, file.name, required=needed, delimiter=delimiter):
        benchmark = record.cells.get(names["benchmark"], "").strip()
        if held_out is not None and held_out.covers(benchmark):
            left_out.add(benchmark)
            continue
        try:
            rows.append(_row(record, names, benchmark))
        except ValueError as error:
            rejected.append(f"{file.name}:{record.line}: {benchmark}: {error}")
    if not rows:
        why = f": {rejected[0]}" if rejected else ""
        raise RequestError(f"{file}: no row can be used{why}")
    sha256 = hashlib.sha256(content).hexdigest()
    return PanelRead(_panel(rows), file.name, sha256, len(left_out), rejected)


def _headings(there: Sequence[str], file: Path) -> dict[str, str]:
    """Which heading each column goes by: as it stands here, else in other case or with spaces.

    Raises:
        RequestError: one that is needed is not there.
    """
    as_printed = {plain(one): one for one in there} | {one: one for one in there}
    found = {
        name: as_printed[spelled]
        for name, headings in {**COLUMNS, **OPTIONAL}.items()
        if (
            spelled := next(
                (
                    one
                    for heading in headings
                    for one in (heading, plain(heading))
                    if one in as_printed
                ),
                None,
            )
        )
    }
    if missing := [name for name in COLUMNS if name not in found]:
        wanted = "; ".join(f"{one} ({' or '.join(COLUMNS[one])})" for one in missing)
        raise RequestError(
            f"{file.name}:1: a panel is a long table with columns benchmark, model, "
            f"score and release_date; it lacks {wanted}"
        )
    return found


def _row(record: Record, names: Mapping[str, str], benchmark: str) -> _Row:
    """A record as a row of the panel.

    Raises:
        ValueError: why it is none.
    """
    if record.wrong is not None:
        raise ValueError(record.wrong)
    cells = {name: record.cells[heading].strip() for name, heading in names.items()}
    if not benchmark or not cells["model"]:
        raise ValueError("names no benchmark or no model")
    floor = _share("floor", cells.get("floor") or "0")
    score = _share("score", cells["score"])
    if floor >= 1:
        raise ValueError(f"floor {floor:g} leaves nothing above it")
    public_on = cells.get("public_on")
    return _Row(
        record.line,
        benchmark,
        cells["model"],
        score,
        _day("release_date", cells["release_date"]),
        cells.get("family") or None,
        floor,
        _day("public_on", public_on) if public_on else None,
    )


def _share(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name} {text!r} is no number") from None
    if not 0 <= value <= 1:
        raise ValueError(f"{name} {text} does not lie between 0 and 1: write shares")
    return value


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} {text!r} is no day: write YYYY-MM-DD") from None


def _panel(rows: list[_Row]) -> Panel:
    by_benchmark: dict[str, list[_Row]] = {}
    for row in rows:
        by_benchmark.setdefault(row.benchmark, []).append(row)
    series = []
    found: list[dict[str, object]] = []
    public_on = {}
    for name, its in sorted(by_benchmark.items()):
        series.append(_series(name, its[0]))
        found += _scores(name, its)
        if its[0].public_on is not None:
            public_on[name] = its[0].public_on
    return Panel(series, SERIES_SCORES.conform(SERIES_SCORES.frame(found)), public_on)


def _scores(name: str, rows: list[_Row]) -> Iterator[dict[str, object]]:
    for row in rows:
        yield {
            "series_id": name,
            "benchmark_id": name,
            "frontier_date": row.day,
            "frontier_date_basis": "release_date",
            "observation_id": f"{name}:{row.line}",
            "release_earliest": row.day,
            "release_latest": row.day,
            "model_id": row.model,
            "model_name": row.model,
            "score": row.score,
            "is_lower_bound": False,
        }


def _series(name: str, row: _Row) -> Series:
    """A series of what a panel says; an entry of the registry says more."""
    said: dict[str, Any] = {
        "title": name,
        "role": "calibration",
        "domain": Domain.GENERAL,
        "unit": ScoreUnit.FRACTION,
        "published_unit": "percent",
        "direction": "higher",
        "floor": row.floor,
        "ceiling": Ceiling(
            values=[1.0], weights=[1.0], reason="A panel says nothing of ceilings."
        ),
        "se_kind": "none",
        "family_id": row.family or re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"),
        "observed_through": date.max,
        "harness_rule": "any",
        "reporters": [Reporter.UNSTATED],
        "trends": [TrendFamily.DRIFT],
        "status": "active",
    }
    return Series(
        series_id=name,
        benchmark_id=name,
        benchmark=Benchmark.model_construct(**said),
        harness=None,
        reporters=(Reporter.UNSTATED,),
    )
