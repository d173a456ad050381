"""Simulated series in the tables that the published ones come in."""

from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from trends.fits.links import Z_95, Floats
from trends.registry.models import Benchmark
from trends.registry.series import Series
from trends.tables import SERIES_SCORES

END: Final = date(2026, 6, 30)
"""Last day on which a simulated series could have shown a record."""


@cache
def simulated_series(
    name: str, items: int | None, judged: float = 1.0, until: date = END
) -> Series:
    """A whole benchmark: of that many items, or positive where there are none.

    Args:
        name: of the series, its benchmark and its family.
        items: Bernoulli trials behind each score.
        judged: mean of what is known of its ceiling beforehand; 1 for no ceiling.
        until: last day on which it is watched.
    """
    bounded = items is not None
    entry = {
        "title": "Simulated",
        "domain": "coding",
        "unit": "fraction" if bounded else "minutes",
        "published_unit": "percent" if bounded else "minutes",
        "direction": "higher",
        "floor": 0.0 if bounded else None,
        "ceiling": {"values": [judged], "weights": [1.0], "reason": "simulated"}
        if bounded
        else None,
        "n_items": items,
        "se_kind": "none",
        "family_id": name,
        "observed_through": until,
        "observed_through_basis": "simulated",
        "harness_rule": "any",
        "reporters": ["leaderboard"],
        "trends": ["drift"],
        "status": "active",
        "source": "simulated",
        "publisher_url": "https://example.org/",
        "citation": "simulated",
        "licence": "none",
    }
    benchmark = Benchmark.model_validate(entry)
    return Series(name, name, benchmark, None, tuple(benchmark.reporters))


def score_rows(
    name: str, days_ago: Floats, scores: Floats, ln_errors: Floats | None = None
) -> pl.DataFrame:
    """SERIES_SCORES rows of a simulated series, each of a model of its own.

    Args:
        name: of the series.
        days_ago: whole days before END, falling.
        scores: in stored units.
        ln_errors: standard errors of ln score, published as 95% intervals.
    """
    reach = np.exp(Z_95 * (np.zeros_like(scores) if ln_errors is None else ln_errors))
    rows: list[dict[str, object]] = []
    for number, (ago, score) in enumerate(zip(days_ago, scores, strict=True)):
        day = END - timedelta(days=int(ago))
        interval: dict[str, object] = {
            "ci_low": float(score / reach[number]),
            "ci_high": float(score * reach[number]),
        }
        rows.append(
            {
                "series_id": name,
                "benchmark_id": name,
                "frontier_date": day,
                "frontier_date_basis": "release_date",
                "release_earliest": day,
                "release_latest": day,
                "observation_id": f"{name}:{number:04}",
                "model_id": f"model_{number}",
                "model_name": f"Model {number}",
                "score": float(score),
                "is_lower_bound": False,
            }
            | (interval if ln_errors is not None else {})
        )
    return SERIES_SCORES.frame(rows)
