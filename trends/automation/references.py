"""Reference forecasts beside ours: at their dates, as curves, and as implied gaps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from trends.automation.beliefs import Belief, Shape, belief_through, distance_years
from trends.automation.cases import Case
from trends.automation.gap import implied_gap_months, p_by
from trends.crossings.answers import Answer, Crossed
from trends.registry.scenarios import ReferenceForecast, StatedProbability
from trends.tables import AUTOMATION_YEARS
from trends.words import percent

SAME_VINTAGE: Final = timedelta(days=45)
"""A vintage of ours at most so much older than a statement is of the same time."""

Row = dict[str, object]
References = Mapping[str, ReferenceForecast]


@dataclass(frozen=True)
class Score:
    """A resolved forecast: theirs, ours where a vintage of that time is there."""

    outcome: str
    label: str
    theirs: float | None = None
    ours: float | None = None


def comparisons(
    references: References, cases: Sequence[Case], *, as_of: date
) -> Iterator[Row]:
    """REFERENCE_COMPARISONS rows without their stamps."""
    beliefs = stated_beliefs(references, "lognormal")
    for reference_id, reference in references.items():
        stated = reference.reads_as
        for case in cases:
            if case.scenario_id != reference.compared_with or stated is None:
                continue
            belief = beliefs.get(reference_id)
            yield {
                "reference_id": reference_id,
                "scenario_id": case.scenario_id,
                "dependence": case.dependence,
                "gap": case.gap,
                "read_date": stated.by,
                "their_probability": stated.probability,
                "our_probability": p_by(case.answer, stated.by),
                "implied_gap_months": _implied(case, stated),
                "implied_gap_label": implied_gap_label(case, stated),
                "distance_years": belief
                and distance_years(case.answer, belief, as_of=as_of),
            }


def forecasts(
    references: References, cases: Sequence[Case], replayed: pl.DataFrame
) -> Iterator[Row]:
    """REFERENCE_FORECASTS rows without their stamps.

    Args:
        references: the statements.
        cases: this run's scenarios.
        replayed: AUTOMATION rows of earlier vintages, for our score at that time.
    """
    lognormals = stated_beliefs(references, "lognormal")
    weibulls = stated_beliefs(references, "weibull")
    for reference_id, reference in references.items():
        score = resolve(reference, _plainest(reference, cases), replayed)
        stated, belief = reference.reads_as, lognormals.get(reference_id)
        weibull = weibulls.get(reference_id)
        entry = reference.model_dump(
            exclude={"reads_as", "belief", "outcome", "resolved_by_scenario"}
        )
        yield entry | {
            "reference_id": reference_id,
            "read_probability": stated and stated.probability,
            "read_date": stated and stated.by,
            "read_bound": stated and stated.bound,
            "belief_q10_date": belief and belief.quantile(0.1),
            "belief_median_date": belief and belief.quantile(0.5),
            "belief_q90_date": belief and belief.quantile(0.9),
            "belief_q90_weibull_date": weibull and weibull.quantile(0.9),
            "outcome_label": score.outcome,
            "their_score": score.theirs,
            "our_score": score.ours,
            "score_label": score.label,
        }


def stated_beliefs(references: References, shape: Shape) -> dict[str, Belief]:
    """The curve through the two probabilities of each belief, by reference id."""
    members: dict[str, list[str]] = {}
    for reference_id, reference in references.items():
        if reference.belief is not None:
            members.setdefault(reference.belief, []).append(reference_id)
    curves = {}
    for ids in members.values():
        points = [_point(references[one]) for one in ids]
        made_on = references[ids[0]].made_through
        curve = belief_through(shape, made_on, points[0], points[1])
        curves.update(dict.fromkeys(ids, curve))
    return curves


def implied_gap_label(case: Case, stated: StatedProbability) -> str:
    """The implied gap in words; never empty."""
    ours = p_by(case.answer, stated.by)
    if stated.probability is None:
        return "no probability was stated"
    if case.gap != "none":
        return "the gap has a prior here"
    if ours is None:
        return f"not estimated: {case.answer.reason}"
    months = _implied(case, stated)
    if months is None:
        return f"none: without any gap we are already later ({percent(ours)} by {stated.by})"
    words = {"about": "", "at_least": "at most ", "below": "more than "}
    return f"{words[stated.bound]}{months:.1f} months"


def resolve(
    reference: ReferenceForecast, answer: Answer | None, replayed: pl.DataFrame
) -> Score:
    """How a statement came out, its score, and ours at that time where there is one.

    Args:
        reference: the statement.
        answer: what we know of its scenario's date, without a gap.
        replayed: AUTOMATION rows of earlier vintages.
    """
    if reference.outcome is not None:
        return _resolved_elsewhere(reference)
    if not reference.resolved_by_scenario:
        return Score("open", "not resolved")
    if not isinstance(answer, Crossed) or reference.reads_as is None:
        return Score("open: the bar is not crossed yet", "not resolved")
    stated, happened = reference.reads_as, answer.on <= reference.reads_as.by
    outcome = f"crossed {answer.on}, {'by' if happened else 'after'} {stated.by}"
    vintage = _vintage(reference, replayed)
    if reference.kind == "median_date":
        return _scored(
            outcome,
            "absolute error of the median, days",
            float(abs((stated.by - answer.on).days)),
            _median_error(vintage, answer.on),
        )
    if stated.probability is None:
        return Score(outcome, "no probability was stated")
    return _scored(
        outcome,
        "Brier score",
        brier_score(stated.probability, happened=happened),
        _brier_of(vintage, stated.by, happened=happened),
    )


def brier_score(probability: float, *, happened: bool) -> float:
    """Squared distance of the probability from what happened."""
    return (probability - happened) ** 2


def _scored(outcome: str, label: str, theirs: float, ours: float | None) -> Score:
    if ours is None:
        label += "; no vintage of ours from that time is at hand"
    return Score(outcome, label, theirs, ours)


def _resolved_elsewhere(reference: ReferenceForecast) -> Score:
    outcome = reference.outcome
    if outcome is None or outcome.value is None or reference.point is None:
        return Score(f"resolved: {outcome and outcome.note}", "no score applies")
    return Score(
        f"resolved: {outcome.value:g}. {outcome.note}",
        f"absolute error, {reference.unit}; ours is a date and cannot be scored on it",
        theirs=abs(float(reference.point) - outcome.value),
    )


def _plainest(reference: ReferenceForecast, cases: Sequence[Case]) -> Answer | None:
    """The scenario's answer under independence and without a gap."""
    return next(
        (
            case.answer
            for case in cases
            if case.scenario_id == reference.compared_with
            and (case.dependence, case.gap) == ("independent", "none")
        ),
        None,
    )


def _vintage(reference: ReferenceForecast, replayed: pl.DataFrame) -> Row | None:
    """Our row on the same scenario when the statement was made."""
    made = reference.made_through
    rows = replayed.filter(
        (pl.col("scenario_id") == reference.compared_with)
        & (pl.col("dependence") == "independent")
        & (pl.col("gap") == "none")
        & pl.col("as_of").is_between(made - SAME_VINTAGE, made)
    ).sort("as_of")
    return rows.row(-1, named=True) if rows.height else None


def _median_error(vintage: Row | None, crossed_on: date) -> float | None:
    median = vintage and vintage["median_date"]
    return float(abs((median - crossed_on).days)) if isinstance(median, date) else None


def _brier_of(vintage: Row | None, by: date, *, happened: bool) -> float | None:
    """Only year ends are published, so only those can be scored."""
    is_published = (by.month, by.day) == (12, 31) and by.year in AUTOMATION_YEARS
    ours = vintage[f"p_by_end_{by.year}"] if vintage and is_published else None
    return brier_score(ours, happened=happened) if isinstance(ours, float) else None


def _implied(case: Case, stated: StatedProbability) -> float | None:
    if case.gap != "none" or stated.probability is None:
        return None
    return implied_gap_months(case.answer, by=stated.by, probability=stated.probability)


def _point(reference: ReferenceForecast) -> tuple[date, float]:
    stated = reference.reads_as
    if stated is None or stated.probability is None:
        raise ValueError(
            f"{reference.forecaster}: a belief needs a probability by a day"
        )
    return stated.by, stated.probability
