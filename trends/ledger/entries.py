"""One frozen file a vintage: what was forecast, and the rule that resolves it."""

import json
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, JsonValue

from trends.changes import load_inputs
from trends.dates import add_months, month_ends
from trends.outputs import read_manifest, read_table
from trends.registry import Benchmark, Registry
from trends.registry.series import select_series
from trends.tables import (
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    MASSES,
    WITHOUT_LAW,
)
from trends.words import probability_by

Kind = Literal["live", "replayed"]

KEPT_MONTHS: Final = 36
"""How far ahead an entry keeps probabilities."""

REPLAY_CAVEAT: Final = (
    "Made after the fact: the figures are those public at as_of, but the code, the "
    "registry and its choices of benchmarks, bars and methods are of made_on."
)

_NEAR_DAYS: Final = 62
"""A date is not told from probabilities that are further apart."""

_BAR_LEVELS: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
_DIGITS: Final = 6


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Forecast(_Frozen):
    """One bar under its threshold's headline trend.

    The rule that resolves it is kept with it, so that no later edit of the registry
    moves the bar: a score of ``benchmark_id`` by one of ``reporters`` (in ``harness``,
    if it names one) at or above ``bar_value``, or below where lower is better.

    Attributes:
        quantiles: level to date, null beyond the mass; all 23 for a headline.
        p_crossed: P(crossed by that day), from as_of on, straight between days: every
            month's end for a headline, 3 to 24 months ahead for other bars.
    """

    threshold_id: str
    threshold_version: int
    threshold_label: str
    bar_id: str
    trend: str
    is_headline: bool
    benchmark_id: str
    family_id: str
    final_vintage: bool
    harness: str | None
    reporters: tuple[str, ...]
    direction: Literal["higher", "lower"]
    counts_if: Literal["point_estimate", "ci_lower_95"]
    bar_value: float
    score_unit: str
    crossing_status: str
    observed_through: date | None
    projection_end: date
    p_crossed_by_projection_end: float | None
    p_after_projection_end: float | None
    p_never: float | None
    quantiles: dict[float, date | None]
    p_crossed: dict[date, float]
    median_if_ever: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a forecast to score: not crossed yet, and estimated."""
        return bool(self.p_crossed)

    @property
    def date_if_ever(self) -> date | None:
        """Median date given that the bar is ever crossed; None for a fact, or unknown.

        Entries up to 2026-11-28 do not keep it: of them it is straight between what
        they do, where that is near.
        """
        if self.median_if_ever is not None or not self.is_open:
            return self.median_if_ever
        level = (1 - (self.p_never or 0.0)) / 2
        dated = {day: at for at, day in self.quantiles.items() if day is not None}
        points = sorted({**dated, **self.p_crossed}.items())
        for (start, low), (end, high) in pairwise(points):
            if low < level <= high and (end - start).days <= _NEAR_DAYS:
                share = (level - low) / (high - low)
                return start + timedelta(days=ceil(share * (end - start).days))
        return None


class Entry(_Frozen):
    """All forecasts of one vintage, and what they were made from.

    Attributes:
        made_on: day it was recorded; for a replayed one, long after as_of.
        provenance: hashes of inputs, registry and code, seed, draws and libraries.
    """

    schema_version: Literal[1] = 1
    kind: Kind
    caveat: str | None
    as_of: date
    made_on: date
    run_id: str
    contract_version: str
    provenance: dict[str, JsonValue]
    forecasts: tuple[Forecast, ...]

    @property
    def file_name(self) -> str:
        """Name of its file."""
        return f"{self.as_of.isoformat()}_{self.run_id}.json"

    def to_bytes(self) -> bytes:
        """JSON with one forecast a line, the same for the same entry."""
        content = self.model_dump(mode="json")
        lines = [
            f"  {json.dumps(one, sort_keys=True)}" for one in content.pop("forecasts")
        ]
        head = json.dumps(content, indent=1, sort_keys=True).removesuffix("\n}")
        body = ",\n".join(lines)
        return f'{head},\n "forecasts": [\n{body}\n ]\n}}\n'.encode()


def entry_from_run(run: Path, *, kind: Kind, made_on: date) -> Entry:
    """The ledger entry of a run.

    Args:
        run: folder of a published run, or of the draft that a replay made.
        kind: live or replayed.
        made_on: the day it is recorded.

    Raises:
        OutputError: the run is damaged.
        InputsError: it does not carry its registry.
    """
    manifest = read_manifest(run)
    registry = load_inputs(run).registry
    summary = read_table(run, CROSSING_SUMMARY)
    headlines = summary.filter("is_headline").select("threshold_id", "trend")
    tables = _Tables(
        registry=registry,
        as_of=manifest.as_of,
        summary=summary.join(headlines, on=["threshold_id", "trend"], how="semi"),
        quantiles=read_table(run, CROSSING_QUANTILES),
        cdf=read_table(run, CROSSING_CDF),
    )
    return Entry(
        kind=kind,
        caveat=REPLAY_CAVEAT if kind == "replayed" else None,
        as_of=manifest.as_of,
        made_on=made_on,
        run_id=manifest.run_id,
        contract_version=manifest.contract_version,
        provenance=manifest.provenance,
        forecasts=tuple(tables.forecasts()),
    )


class _Tables:
    """The tables of a run that its entry is made of."""

    def __init__(
        self,
        *,
        registry: Registry,
        as_of: date,
        summary: pl.DataFrame,
        quantiles: pl.DataFrame,
        cdf: pl.DataFrame,
    ) -> None:
        self.registry = registry
        self.summary = summary
        self.quantiles = _by_row(quantiles, "quantile_level", "crossing_date")
        self.as_of = as_of
        self.nodes = _probabilities(summary, cdf, as_of)

    def forecasts(self) -> list[Forecast]:
        return [self._forecast(row) for row in self.summary.iter_rows(named=True)]

    def _forecast(self, row: dict[str, Any]) -> Forecast:
        threshold = self.registry.thresholds[row["threshold_id"]]
        series = select_series(threshold.series, self.registry)
        key = (row["threshold_id"], row["bar_id"], row["trend"])
        is_open = row["crossing_status"] not in WITHOUT_LAW
        quantiles = self.quantiles[key] if is_open else {}
        nodes = self.nodes[key] if is_open else {}
        if not row["is_headline"]:
            quantiles = {at: day for at, day in quantiles.items() if at in _BAR_LEVELS}
            nodes = _at_lead_times(nodes, self.as_of)
        return Forecast(
            **{name: row[name] for name in _COPIED},
            **_benchmark_facts(series.benchmark),
            benchmark_id=series.benchmark_id,
            harness=series.harness,
            reporters=tuple(one.value for one in series.reporters),
            counts_if=threshold.crossing_rule.counts_if,
            **{name: _rounded(row[name]) for name in MASSES},
            quantiles=quantiles,
            p_crossed={day: round(p, _DIGITS) for day, p in nodes.items()},
            median_if_ever=row["median_if_ever"] if is_open else None,
        )


_COPIED: Final = tuple(
    name
    for name in Forecast.model_fields
    if name in CROSSING_SUMMARY.schema.names()
    and name not in {*MASSES, "median_if_ever"}
)


def _benchmark_facts(benchmark: Benchmark) -> dict[str, Any]:
    return {
        "family_id": benchmark.family_id,
        "final_vintage": benchmark.final_vintage,
        "direction": benchmark.direction,
    }


def _by_row(
    table: pl.DataFrame, label: str, value: str
) -> dict[tuple[str, str, str], dict[Any, Any]]:
    found: dict[tuple[str, str, str], dict[Any, Any]] = {}
    for threshold, bar, trend, at, what in table.select(
        "threshold_id", "bar_id", "trend", label, value
    ).iter_rows():
        found.setdefault((threshold, bar, trend), {})[at] = what
    return found


def _probabilities(
    summary: pl.DataFrame, cdf: pl.DataFrame, as_of: date
) -> dict[tuple[str, str, str], dict[date, float]]:
    """P(crossed) at as_of and at each month's end after it."""
    first = summary.select(
        "threshold_id",
        "bar_id",
        "trend",
        by_date=pl.lit(as_of),
        p_crossed="p_crossed_by_as_of",
    )
    later = [
        probability_by(summary, cdf, day).select(
            "threshold_id",
            "bar_id",
            "trend",
            by_date=pl.lit(day),
            p_crossed="p_crossed_by_date",
        )
        for day in month_ends(as_of, add_months(as_of, KEPT_MONTHS))
        if day > as_of
    ]
    return _by_row(pl.concat([first, *later]), "by_date", "p_crossed")


def _at_lead_times(nodes: dict[date, float], as_of: date) -> dict[date, float]:
    if not nodes:
        return {}
    days = [as_of, *(add_months(as_of, lead) for lead in LEAD_MONTHS)]
    return {day: interpolate(nodes, day) for day in days}


LEAD_MONTHS: Final = (3, 6, 12, 18, 24)
"""Lead times at which every bar's probability is kept and scored."""


def interpolate(nodes: dict[date, float], day: date) -> float:
    """P(crossed by ``day``), straight between the days that are kept.

    Raises:
        ValueError: the day lies outside them.
    """
    before = max((one for one in nodes if one <= day), default=None)
    after = min((one for one in nodes if one >= day), default=None)
    if before is None or after is None:
        raise ValueError(f"{day} lies outside {min(nodes)} to {max(nodes)}")
    if before == after:
        return nodes[before]
    share = (day - before).days / (after - before).days
    return nodes[before] + share * (nodes[after] - nodes[before])


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, _DIGITS)
