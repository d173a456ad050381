"""How a statement came out: its state in words, its score, and ours of that time."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from trends.crossings.answers import Answer, Crossed
from trends.registry.scenarios import (
    STATES_IN_WORDS,
    ReferenceForecast,
    ResolutionState,
)
from trends.tables import AUTOMATION_YEARS

SAME_VINTAGE: Final = timedelta(days=45)
"""A vintage of ours at most so much older than a statement is of the same time."""

Row = dict[str, object]


@dataclass(frozen=True)
class Score:
    """How a forecast came out, and its score: theirs, and ours of a vintage of that time.

    ``state`` is None where no yes or no was asked.
    """

    outcome: str
    label: str
    theirs: float | None = None
    ours: float | None = None
    state: ResolutionState | None = None


def resolve(
    reference: ReferenceForecast,
    answer: Answer | None,
    replayed: pl.DataFrame,
    *,
    resolution: ReferenceForecast | None = None,
) -> Score:
    """How a statement came out, its score, and ours at that time where there is one.

    A published series decides where it can; else what the resolution says does.

    Args:
        reference: the statement.
        answer: what we know of its scenario's date, without a gap.
        replayed: AUTOMATION rows of earlier vintages.
        resolution: the newest word on how it stands, if there is one.
    """
    if reference.kind == "resolution":
        words = _state_in_words(reference)
        return Score(words, "a state, no forecast", state=reference.state)
    if reference.outcome is not None:
        return _resolved_elsewhere(reference)
    if reference.resolved_by_scenario and isinstance(answer, Crossed):
        return _crossed(reference, answer.on, replayed)
    if resolution is not None:
        return _as_resolved(reference, resolution, replayed)
    bar = ": the bar is not crossed yet" if reference.resolved_by_scenario else ""
    asked: ResolutionState | None = None if reference.reads_as is None else "open"
    return Score(f"open{bar}", "not resolved", state=asked)


def brier_score(probability: float, *, happened: bool) -> float:
    """Squared distance of the probability from what happened."""
    return (probability - happened) ** 2


def _crossed(
    reference: ReferenceForecast, crossed_on: date, replayed: pl.DataFrame
) -> Score:
    """Resolved by a published series that has reached the bar."""
    stated = reference.reads_as
    if stated is None:
        return Score(f"crossed {crossed_on}", "no day was stated")
    happened = crossed_on <= stated.by
    outcome = f"crossed {crossed_on}, {'by' if happened else 'after'} {stated.by}"
    if reference.kind == "median_date":
        return _scored(
            outcome,
            "absolute error of the median, days",
            float(abs((stated.by - crossed_on).days)),
            _median_error(_vintage(reference, replayed), crossed_on),
            happened=happened,
        )
    return _brier(reference, outcome, replayed, happened=happened)


def _as_resolved(
    reference: ReferenceForecast, resolution: ReferenceForecast, replayed: pl.DataFrame
) -> Score:
    """Resolved by somebody's word; scored unless that is the forecaster's own."""
    outcome, state = _state_in_words(resolution), resolution.state
    if state in {"met", "not_met"}:
        return _brier(reference, outcome, replayed, happened=state == "met")
    return Score(outcome, "not resolved", state=state)


def _state_in_words(resolution: ReferenceForecast) -> str:
    """State, day and why: ``claimed met by the forecaster, 2026-09-06: ...``."""
    state = STATES_IN_WORDS[resolution.state] if resolution.state else "open"
    note = f": {resolution.note}" if resolution.note else ""
    return f"{state}, {resolution.date_made}{note}"


def _brier(
    reference: ReferenceForecast,
    outcome: str,
    replayed: pl.DataFrame,
    *,
    happened: bool,
) -> Score:
    stated = reference.reads_as
    if stated is None or stated.probability is None:
        state: ResolutionState = "met" if happened else "not_met"
        return Score(outcome, "no probability was stated", state=state)
    return _scored(
        outcome,
        "Brier score",
        brier_score(stated.probability, happened=happened),
        _brier_of(_vintage(reference, replayed), stated.by, happened=happened),
        happened=happened,
    )


def _scored(
    outcome: str, label: str, theirs: float, ours: float | None, *, happened: bool
) -> Score:
    if ours is None:
        label += "; no vintage of ours from that time is at hand"
    return Score(outcome, label, theirs, ours, "met" if happened else "not_met")


def _resolved_elsewhere(reference: ReferenceForecast) -> Score:
    outcome = reference.outcome
    if outcome is None or outcome.value is None or reference.point is None:
        note = outcome and outcome.note
        state: ResolutionState | None = None
        if outcome is not None and outcome.happened is not None:
            state = "met" if outcome.happened else "not_met"
        return Score(f"resolved: {note}", "no score applies", state=state)
    return Score(
        f"resolved: {outcome.value:g}. {outcome.note}",
        f"absolute error, {reference.unit}; ours is a date and cannot be scored on it",
        theirs=abs(float(reference.point) - outcome.value),
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
