"""Raw rows of one file, and a registry of what they name."""

from datetime import date

import polars as pl

from trends.observations import Observations, build_observations
from trends.registry import Alias, Benchmark, Correction, Model, Registry, Source
from trends.tables import RAW_SCORES

PUBLISHED = {
    "model_name_published": "model-a-high",
    "developer": "lab",
    "release_date": "2025-01-09",
    "score": "64.5",
    "standard_error": "1.5",
    "ci_low": "61",
    "ci_high": "68",
    "harness": "agent",
    "reported_on": "2025-03-04",
    "reporter": "leaderboard",
    "source_url": "https://a.org/",
}


def raw(*rows: dict[str, str | None], benchmark: str = "coding_test") -> pl.DataFrame:
    """Rows of one file: the published row above, with these cells changed."""
    origin = {
        "source_id": "shipped",
        "benchmark_id": benchmark,
        "source_file": f"{benchmark}.csv",
    }
    return RAW_SCORES.frame(
        [
            {**origin, "source_row": line, **PUBLISHED, **cells}
            for line, cells in enumerate(rows, start=2)
        ]
    )


def benchmark(**changes: object) -> Benchmark:
    facts: dict[str, object] = {
        "title": "Coding test",
        "domain": "coding",
        "unit": "fraction",
        "published_unit": "percent",
        "direction": "higher",
        "floor": 0.0,
        "ceiling": {"values": [0.9, 1.0], "weights": [0.5, 0.5], "reason": "unknown"},
        "se_kind": "items",
        "family_id": "coding_test",
        "observed_through": "2025-12-31",
        "observed_through_basis": "last row",
        "harness_rule": "any",
        "reporters": ["leaderboard"],
        "trends": ["drift"],
        "status": "active",
        "source": "shipped",
        "publisher_url": "https://a.org/",
        "citation": "A",
        "licence": "CC BY 4.0",
    }
    return Benchmark.model_validate(facts | changes)


MINUTES = benchmark(
    unit="minutes",
    published_unit="minutes",
    floor=None,
    ceiling=None,
    measurable_range={
        "high": 960,
        "beyond": "exclude",
        "reason": "longest item",
        "source": "https://a.org/",
    },
)


def registry(*corrections: Correction, **benchmarks: Benchmark) -> Registry:
    return Registry(
        benchmarks={"coding_test": benchmark(), "minutes_test": MINUTES} | benchmarks,
        models={
            "model_a": Model(
                name="Model A", developer="Lab", release_date=date(2025, 1, 2)
            ),
            "model_m": Model(
                name="Model M", earliest=date(2025, 2, 1), latest=date(2025, 2, 28)
            ),
            "model_u": Model(name="Model U", kind="system"),
        },
        aliases={"model-a-high": Alias(model="model_a", setting="high")},
        corrections=list(corrections),
        sources={
            "shipped": Source(
                title="Figures",
                reader="shipped_figures",
                benchmarks=["coding_test", "minutes_test"],
                licence="CC BY 4.0",
                citation="A",
                url="https://a.org/",
                retrieved_on=date(2025, 11, 20),
            )
        },
        thresholds={},
    )


def observe(
    *rows: dict[str, str | None], known: Registry | None = None
) -> Observations:
    return build_observations(raw(*rows), known or registry())


def only(built: Observations) -> dict[str, object]:
    assert built.quarantine.is_empty(), built.quarantine["reason"].to_list()
    return built.observations.row(0, named=True)


def rejected(built: Observations) -> dict[str, object]:
    assert built.observations.is_empty()
    return built.quarantine.row(0, named=True)


def correction(**changes: object) -> Correction:
    facts: dict[str, object] = {
        "id": "wrong_day",
        "benchmark": "coding_test",
        "match": {"model_name_published": "model-a-high"},
        "expect": {"reported_on": "2025-03-04"},
        "set": {"reported_on": "2025-03-05"},
        "reason": "The page says so.",
        "source": "https://a.org/",
    }
    return Correction.model_validate(facts | changes)
