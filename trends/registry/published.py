"""What the registry holds, as tables for readers of a run."""

from collections.abc import Iterable
from typing import Final

import polars as pl

from trends.registry.contents import Registry
from trends.registry.models import Bar, Entry, Threshold
from trends.registry.series import Series
from trends.registry.weights import PublishedWidth
from trends.tables import THRESHOLDS


def thresholds_table(thresholds: Iterable[tuple[Threshold, Series]]) -> pl.DataFrame:
    """THRESHOLDS rows: one a bar."""
    rows = [
        _row(threshold, series, bar, rank)
        for threshold, series in thresholds
        for rank, bar in enumerate(threshold.bars, start=1)
    ]
    return THRESHOLDS.conform(THRESHOLDS.frame(rows))


def stood_rows(registry: Registry) -> list[dict[str, object]]:
    """RECORDS_STOOD rows without their stamps; none where nothing was measured."""
    measured = _measured(registry)
    return [] if measured is None else _rows(measured, measured.records_stood, "stood")


def high_bar_rows(registry: Registry) -> list[dict[str, object]]:
    """HIGH_BARS rows without their stamps; none where nothing was measured."""
    measured = _measured(registry)
    return [] if measured is None else _rows(measured, measured.high_bars, "reached")


def _measured(registry: Registry) -> PublishedWidth | None:
    return None if registry.weights is None else registry.weights.published_width


def _rows(
    measured: PublishedWidth, rows: Iterable[Entry], came: str
) -> list[dict[str, object]]:
    return [
        _renamed(
            one.model_dump(mode="json"),
            difference_low=f"said_less_{came}_lo95",
            difference_high=f"said_less_{came}_hi95",
        )
        | {"backtest_id": measured.backtest_id}
        for one in rows
    ]


def contest_rows(registry: Registry) -> list[dict[str, object]]:
    """CONTEST rows without their stamps; none where none was played."""
    played = [] if registry.contests is None else registry.contests.contests
    return [
        _renamed(
            row.model_dump(mode="json"),
            less_headline_low="less_headline_lo90",
            less_headline_high="less_headline_hi90",
        )
        | one.model_dump(mode="json", include=_OF_CONTEST)
        for one in played
        for row in one.results
    ]


_OF_CONTEST: Final = {
    "panel",
    "headline_trend",
    "verdict",
    "peers_left_out",
    "code_sha256",
}


def _renamed(row: dict[str, object], **names: str) -> dict[str, object]:
    return {names.get(key, key): value for key, value in row.items()}


def _row(
    threshold: Threshold, series: Series, bar: Bar, rank: int
) -> dict[str, object]:
    cited = {source.key: source for source in threshold.sources}
    source = cited.get(bar.source) if bar.source is not None else None
    return {
        "threshold_id": threshold.id,
        "threshold_version": threshold.version,
        "status": threshold.status,
        "title": threshold.title,
        "domain": series.benchmark.domain.value,
        "owner": threshold.owner,
        "benchmark_id": series.benchmark_id,
        "series_id": series.series_id,
        "bar_id": bar.id,
        "bar_rank": rank,
        "bar_label": bar.label,
        "bar_value": bar.value,
        "score_unit": series.benchmark.unit.value,
        "direction": series.benchmark.direction,
        "bar_basis": bar.basis.value,
        "is_headline": bar.headline,
        "trends": ";".join(threshold.trends),
        "headline_trend": threshold.headline_trend.value,
        "projection_end": threshold.projection_end,
        "counts_if": threshold.crossing_rule.counts_if,
        "date_used": threshold.crossing_rule.date_used,
        "operationalisation": threshold.operationalisation,
        "why_it_matters": threshold.why_it_matters,
        "source_citation": None if source is None else source.citation,
        "source_url": None if source is None else source.url,
    }
