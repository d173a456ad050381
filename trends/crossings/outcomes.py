"""What a family says of a bar, and the pool of what several say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trends.crossings.answers import Answer, Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution, mixture
from trends.registry.models import TrendFamily
from trends.words import percent


@dataclass(frozen=True)
class Outcome:
    """One family's answer for one bar.

    Attributes:
        answer: a law, why there is none, or that it is crossed.
        share_past: probability that the fitted curve is past the bar already, which
            is conditioned away; None for families without a curve.
        n_failed: draws that fixed no line.
    """

    answer: Answer
    share_past: float | None = None
    n_failed: int = 0


def curve_outcomes(
    laws: Sequence[CrossingDistribution | None],
    shares_past: Sequence[float],
    reason: str,
    n_failed: int = 0,
) -> list[Outcome]:
    """Answers of a curve; without a law where it contradicts the record.

    Args:
        laws: of each bar, easy to hard; None where most of the curve is past it.
        shares_past: probability that it is past each.
        reason: what the laws rest on.
        n_failed: draws that fixed no curve.
    """
    return [
        Outcome(
            NotEstimated(
                f"the curve is past this bar with probability {percent(share)} although no "
                "score is: it contradicts the record"
            )
            if law is None
            else Estimated(law, reason),
            share,
            n_failed,
        )
        for law, share in zip(laws, shares_past, strict=True)
    ]


def pool_outcomes(
    outcomes: Mapping[TrendFamily, list[Outcome]],
    weights: Mapping[TrendFamily, float] | None,
) -> list[Outcome]:
    """The ensemble: a linear pool of what the families say of each open bar.

    A family without a distribution for the easiest bar contradicts the record, or
    has too little of it, and has no say on the harder ones either: so a harder bar
    is never likelier to be crossed than an easier one.

    Args:
        outcomes: for each family its outcomes, easy to hard.
        weights: of the families, made to sum to 1 over those that speak; None for
            equal weights.
    """
    speaking = {
        family: answers
        for family, answers in outcomes.items()
        if answers and answers[0].answer.distribution is not None
    }
    n_bars = max((len(answers) for answers in outcomes.values()), default=0)
    if not speaking:
        reasons = {answers[0].answer.reason for answers in outcomes.values() if answers}
        nobody = NotEstimated("; ".join(sorted(reasons)))
        return [Outcome(nobody) for _ in range(n_bars)]
    given = {family: 1.0 if weights is None else weights[family] for family in speaking}
    shares = {family: value / sum(given.values()) for family, value in given.items()}
    words = ", ".join(f"{family} {share:.0%}" for family, share in shares.items())
    return [
        Outcome(
            Estimated(
                mixture(
                    [
                        (_law(speaking[family][bar]), share)
                        for family, share in shares.items()
                    ]
                ),
                f"linear pool of {words}",
            ),
            n_failed=sum(answers[bar].n_failed for answers in speaking.values()),
        )
        for bar in range(n_bars)
    ]


def _law(outcome: Outcome) -> CrossingDistribution:
    law = outcome.answer.distribution
    if law is None:
        raise ValueError("a family that speaks of an easier bar is silent on a harder")
    return law
