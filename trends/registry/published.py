"""The thresholds as a table, for readers of a run."""

from collections.abc import Iterable

import polars as pl

from trends.registry.models import Bar, Threshold
from trends.registry.series import Series
from trends.tables import THRESHOLDS


def thresholds_table(thresholds: Iterable[tuple[Threshold, Series]]) -> pl.DataFrame:
    """THRESHOLDS rows: one a bar."""
    rows = [
        _row(threshold, series, bar, rank)
        for threshold, series in thresholds
        for rank, bar in enumerate(threshold.bars, start=1)
    ]
    return THRESHOLDS.conform(THRESHOLDS.frame(rows))


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
