"""Walks of one benchmark a family, as inputs of a run: small, and with a known truth."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from tests.conftest import CHECKOUT
from tests.figures import observations, positive
from trends.changes import Inputs
from trends.changes.said import RowKey
from trends.registry import load_registry
from trends.registry.models import Benchmark, Threshold, TrendFamily

START = date(2024, 1, 1)
LOOKS = [START + timedelta(days=45 * k) for k in range(17)]
AS_OF = date(2026, 6, 30)
KEY: RowKey = ("target", "bar", "drift")
DRIFTS = {"target": 1.0, "a": 1.1, "b": 1.4, "c": 0.8, "d": 1.2}
REGISTRY = load_registry(CHECKOUT / "data" / "registry")


def threshold(bar: float) -> Threshold:
    (first, *_) = REGISTRY.thresholds.values()
    bars = [first.bars[0].model_copy(update={"id": "bar", "value": bar})]
    series = first.series.model_copy(update={"benchmark": "target"})
    update = {
        "id": "target",
        "bars": [bars[0].model_copy(update={"headline": True})],
        "series": series,
        "trends": [TrendFamily.DRIFT],
        "headline_trend": TrendFamily.DRIFT,
        "status": "active",
    }
    return first.model_copy(update=update)


def walked_inputs(
    drifts: Mapping[str, float] = DRIFTS, *, lower_is_better: bool = False
) -> Inputs:
    """Walks in ln of one benchmark a family, looked at every 45 days."""
    sign = -1.0 if lower_is_better else 1.0
    entries: dict[str, Benchmark] = {}
    rows: list[dict[str, object]] = []
    for number, (name, drift) in enumerate(drifts.items()):
        generator = np.random.default_rng(number)
        entries[name] = positive(
            family_id=name,
            observed_through=LOOKS[-1],
            direction="lower" if lower_is_better else "higher",
        )
        steps = generator.normal(drift * 45 / 365.25, 0.5 * np.sqrt(45 / 365.25), 17)
        levels = 3 + np.cumsum(steps)
        rows += [
            walked_row(name, k, day, float(np.exp(sign * level)))
            for k, (day, level) in enumerate(zip(LOOKS, levels, strict=True))
        ]
    registry = replace(
        REGISTRY,
        benchmarks=entries,
        thresholds={"target": threshold(float(np.exp(sign * 9)))},
        weights=None,
    )
    table = observations(rows).sort("benchmark_id", "observation_id")
    return Inputs(table, registry, AS_OF, seed=1, n_draws=100)


def walked_row(name: str, line: int, day: date, score: float) -> dict[str, object]:
    return {
        "benchmark_id": name,
        "observation_id": f"{name}:{line:02}",
        "source_file": f"{name}.csv",
        "source_row": line + 2,
        "model_id": f"model_{line}",
        "model_name": f"Model {line}",
        "release_date": day,
        "release_latest": day,
        "score": score,
        "score_unit": "minutes",
    }


def with_rows(inputs: Inputs, *rows: dict[str, object]) -> Inputs:
    more = pl.concat([inputs.observations, observations(list(rows))])
    return replace(inputs, observations=more.sort("benchmark_id", "observation_id"))


def edited(inputs: Inputs, where: pl.Expr, **cells: pl.Expr) -> Inputs:
    edited = [
        pl.when(where).then(cell).otherwise(pl.col(name)).alias(name)
        for name, cell in cells.items()
    ]
    return replace(inputs, observations=inputs.observations.with_columns(edited))
