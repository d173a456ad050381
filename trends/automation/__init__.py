"""Several benchmarks to one "automated R&D" scenario, beside what others have said.

Pure functions from tables to tables: no files, no network, no clock. Crossing bars is
not automated R&D: what lies between them is the gap, and every row says which it has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from trends.automation.cases import Case, scenario_cases
from trends.automation.dependence import FittedDependence
from trends.automation.gates import BarLaws
from trends.automation.references import comparisons, forecasts
from trends.automation.rows import automation_row
from trends.automation.side_tables import claim_rows, ratio_rows, share_of_labour
from trends.registry import Registry
from trends.tables import (
    AUTOMATION,
    CONTRACT_VERSION,
    ESSAY_CLAIMS,
    LABOUR_RATIO,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
    Table,
)

__all__ = [
    "CrossingTables",
    "FittedDependence",
    "forecast_automation",
    "share_of_labour",
]


@dataclass(frozen=True)
class CrossingTables:
    """What a run knows of single bars.

    Attributes:
        thresholds: THRESHOLDS rows.
        summary: CROSSING_SUMMARY rows.
        cdf: CROSSING_CDF rows.
        observations: OBSERVATIONS rows.
    """

    thresholds: pl.DataFrame
    summary: pl.DataFrame
    cdf: pl.DataFrame
    observations: pl.DataFrame


def forecast_automation(
    known: CrossingTables,
    registry: Registry,
    *,
    fitted: FittedDependence | None,
    replayed: pl.DataFrame,
    as_of: date,
    run_id: str,
) -> dict[Table, pl.DataFrame]:
    """Every scenario, the reference forecasts beside them, and the two side tables.

    Args:
        known: the run's tables about single bars.
        registry: scenarios, reference forecasts, essay claims and labour ratios.
        fitted: correlation of forecast errors by lead time from the backtest; None
            while there is none, and the rows that need it say so.
        replayed: AUTOMATION rows of earlier vintages, for our score on statements
            that have resolved; may be empty.
        as_of: information cut-off; statements made later are left out.
        run_id: the run's id.

    Returns:
        AUTOMATION, REFERENCE_FORECASTS, REFERENCE_COMPARISONS, ESSAY_CLAIMS and
        LABOUR_RATIO rows.
    """
    bars = BarLaws(known.thresholds, known.summary, known.cdf)
    cases: list[Case] = [
        case
        for scenario_id, scenario in registry.scenarios.items()
        for case in scenario_cases(
            scenario_id,
            scenario,
            bars,
            fitted=fitted,
            as_of=as_of,
        )
    ]
    references = {
        reference_id: reference
        for reference_id, reference in registry.reference_forecasts.items()
        if reference.made_from <= as_of
    }
    rows: dict[Table, Iterable[dict[str, object]]] = {
        AUTOMATION: (automation_row(case, as_of) for case in cases),
        REFERENCE_FORECASTS: forecasts(references, cases, replayed),
        REFERENCE_COMPARISONS: comparisons(references, cases, as_of=as_of),
        ESSAY_CLAIMS: claim_rows(registry.essay_claims, known.observations),
        LABOUR_RATIO: ratio_rows(registry.labour_ratios),
    }
    stamps = {"as_of": as_of, "run_id": run_id, "contract_version": CONTRACT_VERSION}
    return {
        table: table.conform(table.frame([row | stamps for row in of_table]))
        for table, of_table in rows.items()
    }
