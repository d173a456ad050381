"""Small tables and entries that several test files build on."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import polars as pl

from trends.registry import Benchmark
from trends.registry.series import Series
from trends.tables import OBSERVATIONS, SERIES_SCORES


def benchmark(**changes: object) -> Benchmark:
    """A bounded benchmark of 200 items whose figures end on 2026-06-30."""
    entry: dict[str, object] = {
        "title": "Test benchmark",
        "domain": "coding",
        "unit": "fraction",
        "published_unit": "percent",
        "direction": "higher",
        "floor": 0.0,
        "ceiling": {"values": [1.0], "weights": [1.0], "reason": "none"},
        "n_items": 200,
        "se_kind": "none",
        "family_id": "test",
        "observed_through": date(2026, 6, 30),
        "observed_through_basis": "made up",
        "harness_rule": "any",
        "reporters": ["leaderboard"],
        "trends": ["drift", "logistic"],
        "status": "active",
        "source": "test",
        "publisher_url": "https://example.org/",
        "citation": "made up",
        "licence": "none",
    }
    return Benchmark.model_validate(entry | changes)


def positive(**changes: object) -> Benchmark:
    """An unbounded benchmark in minutes."""
    entry: dict[str, object] = {
        "unit": "minutes",
        "published_unit": "minutes",
        "floor": None,
        "ceiling": None,
        "n_items": None,
        "trends": ["drift", "exponential"],
    }
    return benchmark(**(entry | changes))


def series(name: str = "test", entry: Benchmark | None = None) -> Series:
    """A whole benchmark as a series."""
    entry = entry or benchmark()
    return Series(name, name, entry, None, tuple(entry.reporters))


def scores(
    points: list[tuple[date, float]],
    *,
    name: str = "test",
    columns: Mapping[str, object] = MappingProxyType({}),
) -> pl.DataFrame:
    """SERIES_SCORES rows of one series, from dates and scores."""
    return SERIES_SCORES.frame(
        [
            {
                "series_id": name,
                "benchmark_id": name,
                "frontier_date": day,
                "frontier_date_basis": "release_date",
                "release_earliest": day,
                "release_latest": day,
                "observation_id": f"{name}:{number}",
                "model_id": f"model_{number}",
                "model_name": f"Model {number}",
                "score": score,
                "reported_on": day,
                "is_lower_bound": False,
            }
            | dict(columns)
            for number, (day, score) in enumerate(points)
        ]
    )


def observations(rows: list[dict[str, object]]) -> pl.DataFrame:
    """OBSERVATIONS rows; each row says only what the test is about."""
    defaults: dict[str, object] = {
        "benchmark_id": "test",
        "source_id": "test",
        "source_file": "test.csv",
        "source_row": 2,
        "model_id": "model",
        "model_name": "Model",
        "model_name_published": "Model",
        "entrant_kind": "model",
        "release_date_basis": "models_registry",
        "known_on_basis": "reported_on",
        "score_unit": "fraction",
        "reporter": "leaderboard",
        "source_url": "https://example.org/",
    }
    return OBSERVATIONS.frame(
        [
            defaults | {"observation_id": f"test:{number}"} | row
            for number, row in enumerate(rows)
        ]
    )
