"""Reference forecasts beside ours: at their dates, as curves, and as implied gaps."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from trends.automation.beliefs import Belief, Shape, belief_through, distance_years
from trends.automation.cases import Case
from trends.automation.gap import implied_gap_months, p_by
from trends.automation.outcomes import resolve
from trends.crossings.answers import Answer
from trends.registry.scenarios import ReferenceForecast, StatedProbability
from trends.words import percent

Row = dict[str, object]
References = Mapping[str, ReferenceForecast]


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
    resolutions = latest_resolutions(references)
    for reference_id, reference in references.items():
        score = resolve(
            reference,
            _plainest(reference, cases),
            replayed,
            resolution=resolutions.get(reference_id),
        )
        stated, belief = reference.reads_as, lognormals.get(reference_id)
        weibull = weibulls.get(reference_id)
        entry = reference.model_dump(
            exclude={
                "reads_as",
                "belief",
                "outcome",
                "resolved_by_scenario",
                "state",
                "brief",
            }
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
            "outcome_state": score.state,
            "brief_who": reference.brief and reference.brief.who,
            "brief_what": reference.brief and reference.brief.what,
        }


def latest_resolutions(references: References) -> dict[str, ReferenceForecast]:
    """The newest word on each statement that has one, by the statement's id."""
    found: dict[str, ReferenceForecast] = {}
    for one in sorted(references.values(), key=lambda one: one.made_through):
        if one.resolves is not None:
            found[one.resolves] = one
    return found


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
