"""What a contest comes to: means, differences with intervals, and how records stood."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import polars as pl

from trends.contest.cases import LEADS
from trends.contest.forecasters import DRIFT, NO_CHANGE, TARGETS
from trends.contest.scores import LEVELS, Played
from trends.scoring import mean_difference

POOLED_SINCE: Final = date(2025, 1, 1)
"""Cuts from here on are told together too: by then a year of history is there."""

POOLED: Final = "2025-26"
ALL: Final = "all"

PEERS: Final = ("peer_harvey_skew", "peer_logistic_normal")
HEADLINE: Final = "headline"
AGAINST: Final = (DRIFT.name, *PEERS, NO_CHANGE.name, HEADLINE)
"""Forecasters to which all others are compared, case by case."""

LEVEL: Final = 0.9
"""Of the intervals of a difference."""

Row = dict[str, object]


def summarise(played: Played, *, seed: int) -> dict[str, list[Row]]:
    """The tables of a contest, each a list of rows for JSON.

    Scores are shares of 1. A difference is that of the CRPS on the cases that both
    answered, negative where ``forecaster`` is better, with a 90% interval over families.

    Args:
        played: the contest; forecasters keep the order in which they were asked.
        seed: of the bootstrap.

    Returns:
        ``results``, ``differences``, ``lead_times``, ``stood``, ``existed``.
    """
    order = pl.col("forecaster").cast(pl.Enum(list(played.seconds)))
    scores = played.scores.sort("cut", order, "case")
    cuts = scores["cut"].unique().sort().to_list()
    pooled = {
        POOLED: scores.filter(pl.col("cut") >= POOLED_SINCE),
        ALL: scores,
    }
    each = {cut.isoformat(): scores.filter(pl.col("cut") == cut) for cut in cuts}
    return {
        "results": list(_results({**each, POOLED: pooled[POOLED]})),
        "differences": list(_all_differences({**each, **pooled}, seed)),
        "lead_times": list(_lead_times(pooled, seed)),
        "stood": list(_stood(pooled)),
        "existed": list(_existed(pooled)),
    }


def _results(parts: Mapping[str, pl.DataFrame]) -> Iterator[Row]:
    for target, cut, rows in _by_target(parts):
        for name, its in _by(rows, "forecaster"):
            yield {"target": target, "cut": cut, "forecaster": name, **_means(its)}


def _all_differences(parts: Mapping[str, pl.DataFrame], seed: int) -> Iterator[Row]:
    for target, cut, rows in _by_target(parts):
        key = {"target": target, "cut": cut}
        for other in AGAINST:
            yield from _differences(rows, key, other, seed)


def _lead_times(parts: Mapping[str, pl.DataFrame], seed: int) -> Iterator[Row]:
    for target, cut, all_rows in _by_target(parts):
        for lead in lead_names():
            rows = all_rows.filter(pl.col("lead") == lead)
            key = {"target": target, "cut": cut, "lead_months": lead}
            found = {
                one["forecaster"]: one
                for one in _differences(rows, key, NO_CHANGE.name, seed)
            }
            for name, its in _by(rows, "forecaster"):
                less = found.get(name, {})
                yield {
                    **key,
                    "forecaster": name,
                    **_means(its),
                    **{
                        f"less_no_change{end}": less.get(f"difference{end}")
                        for end in ("", "_low", "_high")
                    },
                }


def _stood(parts: Mapping[str, pl.DataFrame]) -> Iterator[Row]:
    """How many records stood, against what was said of them."""
    for cut, rows in parts.items():
        ours = rows.filter(pl.col("target") == "record")
        for lead in lead_names():
            for name, its in _by(ours.filter(pl.col("lead") == lead), "forecaster"):
                yield {
                    "cut": cut,
                    "lead_months": lead,
                    "forecaster": name,
                    "n": its.height,
                    "said": its["p_stood"].mean(),
                    "stood": its["stood"].cast(pl.Float64).mean(),
                }


def _existed(parts: Mapping[str, pl.DataFrame]) -> Iterator[Row]:
    """Benchmarks that were public at the cut apart from those filled in later."""
    for target, cut, rows in _by_target(parts):
        for existed in (True, False, None):
            its_rows = rows.filter(pl.col("existed").eq_missing(pl.lit(existed)))
            for name, its in _by(its_rows, "forecaster"):
                yield {
                    "target": target,
                    "cut": cut,
                    "existed_at_cut": existed,
                    "forecaster": name,
                    **_means(its),
                }


def _differences(
    rows: pl.DataFrame, key: Mapping[str, object], other: str, seed: int
) -> Iterator[Row]:
    base = rows.filter(pl.col("forecaster") == other).select("cut", "case", less="crps")
    for name, its in _by(rows, "forecaster"):
        pairs = its.join(base, on=["cut", "case"], validate="1:1").sort("cut", "case")
        if name == other or pairs.is_empty():
            continue
        found = mean_difference(
            (pairs["crps"] - pairs["less"]).to_numpy(),
            pairs["family_id"].to_list(),
            key="|".join(map(str, [*key.values(), name, other])),
            seed=seed,
            level=LEVEL,
        )
        yield {
            **key,
            "forecaster": name,
            "compared_with": other,
            "n": found.n,
            "n_families": found.n_families,
            "difference": found.mean,
            "difference_low": found.low,
            "difference_high": found.high,
        }


def lead_names() -> list[str]:
    """Every span of lead times, the nearest first."""
    starts = (0, *LEADS)
    return [f"{a}-{b}" for a, b in zip(starts, LEADS, strict=False)] + [
        f"over {LEADS[-1]}"
    ]


def _means(rows: pl.DataFrame) -> Row:
    shares = {
        f"{kind}{level}": rows[f"{kind}{level}"].cast(pl.Float64).mean()
        for kind in ("held", "claimed")
        for level in LEVELS
    }
    return {
        "n": rows.height,
        "n_families": rows["family_id"].n_unique(),
        "crps": rows["crps"].mean(),
        "rmse": rows.select(pl.col("square").mean().sqrt()).item(),
        **shares,
    }


def _by_target(
    parts: Mapping[str, pl.DataFrame],
) -> Iterator[tuple[str, str, pl.DataFrame]]:
    for target in TARGETS:
        for cut, rows in parts.items():
            yield target, cut, rows.filter(pl.col("target") == target)


def _by(rows: pl.DataFrame, column: str) -> Iterator[tuple[str, pl.DataFrame]]:
    for (name,), its in rows.group_by(column, maintain_order=True):
        yield str(name), its
