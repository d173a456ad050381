"""Whether bars of 90% and more were reached as often as past forecasts had said.

The laws of levels answer for every bounded benchmark, those carried for calibration
among them, where the registry's bars are few.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from trends.backtest.date_calibration import rounded
from trends.backtest.forecasts import PastForecast
from trends.backtest.records_stood import LEADS_MONTHS, MIN_FAMILIES
from trends.registry.models import HEADLINE_TREND
from trends.registry.weights import HighBars
from trends.scoring import mean_difference

BARS: Final = (0.90, 0.95)

EDGES: Final = (0.0, 0.05, 0.2, 0.5, 0.8, 1.0)
"""Bands of what was said; an edge belongs to the band that begins there."""

_SEED: Final = 1


class _Said(NamedTuple):
    """Probability that was given to a bar by a day, and whether it was reached."""

    family: str
    said: float
    reached: bool


def measure_high_bars(past: Sequence[PastForecast]) -> list[HighBars]:
    """How likely bars were said to be, and how many were reached, by lead and band.

    Each forecast of a bar counts once. Means over families would not do: one that
    reaches a bar is asked no more, so that its few forecasts would weigh most.
    Series that people or a company move have no say, nor have views of a benchmark.

    Args:
        past: the forecasts.
    """
    found: dict[tuple[int, int], list[_Said]] = {}
    for one in past:
        whole = one.standing.series.is_whole_benchmark
        if one.is_of_models and one.scale == "bounded" and whole:
            for lead, said in _said(one):
                found.setdefault((lead, _band(said.said)), []).append(said)
    return [_row(key, found[key]) for key in sorted(found)]


def _said(past: PastForecast) -> Iterator[tuple[int, _Said]]:
    record = float(past.standing.records["score"][-1])
    laws = past.levels.get(HEADLINE_TREND.value, ())
    for law, target in zip(laws, past.level_targets, strict=bool(laws)):
        if target.lead_months in LEADS_MONTHS:
            for bar in BARS:
                # above the record the law has no atom: no better is not reached
                if record < bar:
                    said = 1 - law.p_no_better(bar)
                    reached = target.observed >= bar
                    yield target.lead_months, _Said(past.family_id, said, reached)


def _band(said: float) -> int:
    return int(np.searchsorted(EDGES[1:-1], said, side="right"))


def _row(key: tuple[int, int], cases: Sequence[_Said]) -> HighBars:
    """Means over forecasts, and how sure their difference is over families."""
    lead, band = key
    low, high = list(pairwise(EDGES))[band]
    families = [one.family for one in cases]
    said = np.array([one.said for one in cases])
    reached = np.array([one.reached for one in cases], dtype=np.float64)
    apart = mean_difference(
        said - reached, families, key=f"high bars {lead} {low}", seed=_SEED
    )
    is_known = len(set(families)) >= MIN_FAMILIES
    return HighBars(
        trend=HEADLINE_TREND,
        lead_months=lead,
        said_from=low,
        said_to=high,
        said=round(float(said.mean()), 4),
        reached=round(float(reached.mean()), 4),
        difference_low=rounded(apart.low) if is_known else None,
        difference_high=rounded(apart.high) if is_known else None,
        n_forecasts=len(cases),
        n_families=len(set(families)),
        n_families_reached=len({one.family for one in cases if one.reached}),
    )
