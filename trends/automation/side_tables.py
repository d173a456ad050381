"""Two tables beside the forecast: the essay's figures, and the ratio view."""

from collections.abc import Iterator, Mapping

import polars as pl

from trends.registry.scenarios import EssayClaim, LabourRatio, PrimaryFigure
from trends.revisions import standing

Row = dict[str, object]


def claim_rows(
    claims: Mapping[str, EssayClaim], observations: pl.DataFrame
) -> Iterator[Row]:
    """ESSAY_CLAIMS rows without their stamps.

    Args:
        claims: the essay's figures.
        observations: OBSERVATIONS rows known as of the vintage; a primary figure that
            is not among them yet is empty.
    """
    for claim_id, claim in claims.items():
        found = _primary(claim.primary, observations)
        percent = 100.0 if claim.unit.startswith("percent") else 1.0
        yield {
            "claim_id": claim_id,
            "subject": claim.subject,
            "model_name_printed": claim.model,
            "dated": claim.dated,
            "value": claim.value,
            "value_unit": claim.unit,
            "verdict": claim.verdict,
            "primary_value": found and percent * found["score"],
            "benchmark_id": claim.primary and claim.primary.benchmark,
            "model_id": claim.primary and claim.primary.model,
            "source_url": found and found["source_url"],
            "comment": claim.comment,
        }


def ratio_rows(ratios: Mapping[str, LabourRatio]) -> Iterator[Row]:
    """LABOUR_RATIO rows without their stamps."""
    for ratio_id, ratio in ratios.items():
        share = share_of_labour(
            ratio.agents_per_human, work_per_agent=ratio.work_per_agent
        )
        yield {"ratio_id": ratio_id, "share_of_labour": share} | ratio.model_dump()


def share_of_labour(agents_per_human: float, *, work_per_agent: float) -> float:
    """Share of R&D labour that agents do: 1 - humans/(humans + agents).

    The ratio view of the debate about Import AI 455. It is arithmetic on an assumed
    ratio: it says nothing of when, and a share near 1 is reached by cheap agents whose
    work is worth little as well as by good ones.

    Args:
        agents_per_human: agent workdays for each human workday.
        work_per_agent: human workdays that one agent workday is worth.
    """
    return 1 - 1 / (1 + agents_per_human * work_per_agent)


def _primary(
    figure: PrimaryFigure | None, observations: pl.DataFrame
) -> dict[str, float] | None:
    """The best score that fits the description."""
    if figure is None:
        return None
    fits = (pl.col("benchmark_id") == figure.benchmark) & (
        pl.col("model_id") == figure.model
    )
    if figure.harness is not None:
        fits &= pl.col("harness") == figure.harness
    best = standing(observations).filter(fits).sort("score", "observation_id").tail(1)
    return best.to_dicts()[0] if best.height else None
