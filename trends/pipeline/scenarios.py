"""The scenarios of a run, and of past days on which others stated a forecast."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date

import polars as pl

from trends.automation import CrossingTables, FittedDependence, forecast_automation
from trends.changes import Inputs
from trends.changes.attribution import rerun
from trends.changes.said import RowKey
from trends.crossings import Crossings
from trends.fits.failures import SeriesError
from trends.frontier import known_as_of
from trends.registry import Registry
from trends.registry.published import thresholds_table
from trends.registry.scenarios import Scenario
from trends.registry.series import select_series
from trends.registry.weights import Weights
from trends.tables import AUTOMATION, Table


def scenario_tables(
    inputs: Inputs,
    crossings: Crossings,
    thresholds: pl.DataFrame,
    *,
    known: pl.DataFrame,
    run_id: str,
) -> dict[Table, pl.DataFrame]:
    """Scenarios, and what others have said of them, scored where it is settled.

    Args:
        inputs: of the run, with all observations ever ingested.
        crossings: its tables about single bars.
        thresholds: its THRESHOLDS rows.
        known: its OBSERVATIONS rows, cut at its as_of.
        run_id: its id.
    """
    return forecast_automation(
        CrossingTables(
            thresholds=thresholds,
            summary=crossings.summary,
            cdf=crossings.cdf,
            observations=known,
        ),
        inputs.registry,
        fitted=fitted_dependence(inputs.registry.weights),
        replayed=_on_days_of_statements(inputs, crossings.summary),
        as_of=inputs.as_of,
        run_id=run_id,
    )


def fitted_dependence(weights: Weights | None) -> FittedDependence | None:
    """What the backtest says of errors that benchmarks share; None without one."""
    if weights is None or not weights.dependence:
        return None
    rows = sorted(weights.dependence, key=lambda one: one.lead_months)
    return FittedDependence(
        lead_times_months=tuple(float(one.lead_months) for one in rows),
        rho=tuple(one.rho for one in rows),
        low=tuple(one.low for one in rows),
        high=tuple(one.high for one in rows),
        run_id=weights.backtest_id,
        equally_likely=tuple(one.equally_likely for one in rows),
    )


def _on_days_of_statements(inputs: Inputs, summary: pl.DataFrame) -> pl.DataFrame:
    """AUTOMATION rows of the days on which statements that are settled were made.

    What today's code and registry make of the figures known on each of these days;
    like the backtest, by the releases of a benchmark whose rows all came later.
    """
    found = []
    for scenario_id, day in sorted(set(_settled(inputs, summary))):
        # figures of then that cannot be computed cost the score, not a series of now
        with suppress(SeriesError):
            found.append(_past_scenario(inputs, scenario_id, day))
    return pl.concat([AUTOMATION.frame([]), *found])


def _settled(inputs: Inputs, summary: pl.DataFrame) -> Iterator[tuple[str, date]]:
    """Scenario and day of each statement whose bars have all been crossed since."""
    crossed = summary.filter(pl.col("crossing_status") == "already_crossed")
    bars = set(crossed.select("threshold_id", "bar_id").iter_rows())
    for reference in inputs.registry.reference_forecasts.values():
        if reference.resolved_by_scenario and reference.outcome is None:
            scenario = str(reference.compared_with)
            gates = _gates(inputs.registry, inputs.registry.scenarios[scenario])
            made = reference.made_through
            if made < inputs.as_of and all(gate[:2] in bars for gate in gates):
                yield scenario, made


def _past_scenario(inputs: Inputs, scenario_id: str, day: date) -> pl.DataFrame:
    registry = inputs.registry
    past = replace(
        inputs, observations=known_as_of(inputs.observations, day), as_of=day
    )
    gates = _gates(registry, registry.scenarios[scenario_id])
    crossings = rerun(past, gates)
    wanted = {threshold: registry.thresholds[threshold] for threshold, _, _ in gates}
    only = replace(
        registry,
        scenarios={scenario_id: registry.scenarios[scenario_id]},
        reference_forecasts={},
        essay_claims={},
        labour_ratios={},
    )
    known = CrossingTables(
        thresholds=thresholds_table(
            [(one, select_series(one.series, registry)) for one in wanted.values()]
        ),
        summary=crossings.summary,
        cdf=crossings.cdf,
        observations=past.observations,
    )
    return forecast_automation(
        known,
        only,
        fitted=None,
        replayed=AUTOMATION.frame([]),
        as_of=day,
        run_id="replayed",
    )[AUTOMATION]


def _gates(registry: Registry, scenario: Scenario) -> list[RowKey]:
    """Threshold, bar and trend of each gate that a scenario lists."""
    return [
        (
            gate.threshold,
            gate.bar,
            (gate.trend or registry.thresholds[gate.threshold].headline_trend).value,
        )
        for dimension in scenario.dimensions.values()
        for gate in dimension.gates
    ]
