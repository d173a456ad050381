"""How long records stood in past forecasts, against what the headline's trend said."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from trends.backtest.date_calibration import rounded
from trends.backtest.forecasts import LevelTarget, PastForecast
from trends.registry.models import HEADLINE_TREND
from trends.registry.weights import CutOn, RecordsStood, Scale
from trends.scoring import mean_difference

LEADS_MONTHS: Final = (3, 6, 12)
"""How far ahead; those of the backtest's levels that enough records are watched to."""

MIN_FAMILIES: Final = 5
"""With fewer, what they differ by says little of others."""

_SEED: Final = 1


class _Said(NamedTuple):
    """Probability that was given to no new record by a day, and whether none came."""

    family: str
    said: float
    stood: bool


def measure_stood(past: Sequence[PastForecast]) -> list[RecordsStood]:
    """Share of records that stood, beside what was said, by how scores enter and lead.

    Series that people or a company move have no say.

    Args:
        past: the forecasts.
    """
    found: dict[tuple[Scale, CutOn, int], list[_Said]] = {}
    for one in past:
        if one.is_of_models:
            for lead, said in _said(one):
                found.setdefault((one.scale, one.cut_on, lead), []).append(said)
    return [_row(key, found[key]) for key in sorted(found)]


def _said(past: PastForecast) -> Iterator[tuple[int, _Said]]:
    laws = past.levels.get(HEADLINE_TREND.value, ())
    for law, target in zip(laws, past.level_targets, strict=bool(laws)):
        if target.lead_months in LEADS_MONTHS:
            stands = float(law.cdf[0])
            yield (
                target.lead_months,
                _Said(past.family_id, stands, _stood(past, target)),
            )


def _stood(past: PastForecast, target: LevelTarget) -> bool:
    """Whether nothing better than the record of the origin was there on the day."""
    record = float(past.standing.records["score"][-1])
    if past.standing.series.benchmark.direction == "higher":
        return target.observed <= record
    return target.observed >= record


def _row(key: tuple[Scale, CutOn, int], cases: Sequence[_Said]) -> RecordsStood:
    """Means over families of their means, and how sure their difference is."""
    scale, cut_on, lead = key
    families = sorted({one.family for one in cases})
    said, stood = (
        np.array(
            [
                np.mean([one[at] for one in cases if one.family == family])
                for family in families
            ]
        )
        for at in (1, 2)
    )
    apart = mean_difference(
        said - stood,
        families,
        key=f"records stood {scale} {cut_on} {lead}",
        seed=_SEED,
    )
    is_known = len(families) >= MIN_FAMILIES
    return RecordsStood(
        scale=scale,
        trend=HEADLINE_TREND,
        cut_on=cut_on,
        lead_months=lead,
        said=round(float(said.mean()), 4),
        stood=round(float(stood.mean()), 4),
        difference_low=rounded(apart.low) if is_known else None,
        difference_high=rounded(apart.high) if is_known else None,
        n_forecasts=len(cases),
        n_families=len(families),
    )
