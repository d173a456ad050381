"""Scenarios of automated R&D, and what others have said of the same question.

One Pydantic model per kind of entry, as in ``trends.registry.models``. A scenario is a
reading of bars that thresholds define; it defines none of its own.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from trends.dates import last_day_of_period
from trends.registry.faults import Fault, Location
from trends.registry.models import Domain, Entry, Identifier, Text, TrendFamily, Url

Probability = Annotated[float, Field(ge=0, le=1)]
Period = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""A year, month or day, as exactly as the source states it."""

Bound = Literal["about", "at_least", "below"]

ResolutionState = Literal[
    "met", "not_met", "claimed_met_by_forecaster", "open", "not_measurable"
]
"""How an earlier statement stands. What its own forecaster calls met is a claim."""

STATES_IN_WORDS: Final[Mapping[ResolutionState, str]] = {
    "met": "met",
    "not_met": "not met",
    "claimed_met_by_forecaster": "claimed met by the forecaster",
    "open": "open",
    "not_measurable": "cannot be measured",
}
"""States of a statement in words."""


class Gate(Entry):
    """One bar of one threshold, in the threshold's headline trend or another."""

    threshold: Identifier
    bar: Identifier
    trend: TrendFamily | None = None


class Dimension(Entry):
    """Gates about one part of AI R&D, of which ``at_least`` must be crossed.

    ``at_least`` is left out where all of them must.
    """

    at_least: Annotated[int, Field(ge=1)] | None = None
    gates: Annotated[list[Gate], Field(min_length=1)]

    def faults(self) -> Iterator[Fault]:
        """No more gates are asked for than there are."""
        if self.at_least is not None and self.at_least > len(self.gates):
            n, of = self.at_least, len(self.gates)
            yield ("at_least",), f"at least {n} of {of} gates can never be met"


class TranslationGap(Entry):
    """Prior on the time from the bars to automated R&D: lognormal, by two quantiles."""

    q10_months: Annotated[float, Field(gt=0)]
    q90_months: Annotated[float, Field(gt=0)]
    reason: Text

    def faults(self) -> Iterator[Fault]:
        """Quantiles rise."""
        if self.q90_months <= self.q10_months:
            yield ("q90_months",), "q90_months should be above q10_months"


class Scenario(Entry):
    """Bars that together would have to be crossed, by part of AI R&D.

    Its date is the latest, over dimensions, of the day on which enough gates are
    crossed, plus the translation gap. ``every_headline_bar`` takes the headline bar of
    every active threshold, all of each domain but that of measures which companies
    publish of their own work, instead of a list.
    """

    title: Text
    statement: Text
    dimensions: dict[Domain, Dimension] = Field(default_factory=dict)
    every_headline_bar: bool = False
    gap: TranslationGap | None = None
    no_gap_because: Text | None = None
    default_because: Text | None = None
    """Why this scenario, and no other, is shown where none is asked for."""

    def faults(self) -> Iterator[Fault]:
        """One kind of gates and of gap, and each gate once."""
        if self.every_headline_bar == bool(self.dimensions):
            at = "every_headline_bar" if self.dimensions else "dimensions"
            yield (at,), "write dimensions, or every_headline_bar: true"
        if (self.gap is None) == (self.no_gap_because is None):
            yield ("no_gap_because",), "write gap, or no_gap_because with the reason"
        seen: set[tuple[str, str]] = set()
        for domain, dimension in self.dimensions.items():
            for i, gate in enumerate(dimension.gates):
                if (name := (gate.threshold, gate.bar)) in seen:
                    place: Location = ("dimensions", domain.value, "gates", i)
                    yield place, f"gate {gate.threshold}.{gate.bar} stands twice"
                seen.add(name)


class StatedProbability(Entry):
    """A statement read as "with this probability by the end of this day".

    ``probability`` is null where only a day was named: a goal, a bet, a storyline.
    """

    by: date
    probability: Probability | None = None
    bound: Bound = "about"


class Outcome(Entry):
    """How the question came out, where our own series cannot tell."""

    value: float | None = None
    happened: bool | None = None
    note: Text


class Brief(Entry):
    """Who and what, in the few words of the answer in two sentences."""

    who: Text
    """As "OpenAI"."""
    what: Text
    """What it is about, as it follows "of": "an automated AI researcher"."""


BRIEF_KINDS: Final = ("probability_by_date", "median_date", "company_goal_date")
"""Kinds of statements that fit in the answer."""

ForecastKind = Literal[
    "probability_by_date",
    "median_date",
    "scenario_date",
    "company_goal_date",
    "date_range",
    "point_at_date",
    "point_by_date",
    "point_statement",
    "quantile_at_date",
    "interval",
    "parameter",
    "median_shift",
    "bet",
    "conditional_probability",
    "conditional_point",
    "nowcast",
    "nowcast_probability",
    "qualitative",
    "question_only",
    "resolution",
]


class ReferenceForecast(Entry):
    """What somebody else has said, as stated, and what it can be set beside.

    ``date_made`` to ``retrieved_as`` are the statement itself and how good our copy
    is; ``event``, ``operationalisation`` and ``note`` are in our words. With
    ``resolved_by_scenario`` the scenario's bars are the very event that was forecast.

    A ``resolution`` is no forecast: ``state`` is how the statement ``resolves`` stood
    on ``date_made``, which is left out where that one is not in the registry.
    """

    forecaster: Text
    date_made: Period
    event: Text
    operationalisation: Text
    kind: ForecastKind
    probability: Probability | None = None
    by_date: Period | None = None
    point: Text | None = None
    quantiles: Text | None = None
    unit: Text | None = None
    source: Text
    retrieved_as: Text
    exact_page: bool = True
    note: Text | None = None
    reads_as: StatedProbability | None = None
    belief: Identifier | None = None
    compared_with: Identifier | None = None
    resolved_by_scenario: bool = False
    not_compared_because: Text | None = None
    outcome: Outcome | None = None
    resolves: Identifier | None = None
    state: ResolutionState | None = None
    brief: Brief | None = None
    """Set where the answer in two sentences cites it, beside the default scenario."""

    def faults(self) -> Iterator[Fault]:
        """A resolution has a state and foretells nothing; what foretells is compared."""
        yield from self._resolution_faults()
        yield from self._brief_faults()
        yield from self._comparison_faults()

    def _resolution_faults(self) -> Iterator[Fault]:
        if (self.kind == "resolution") != (self.state is not None):
            at = "kind" if self.state is None else "state"
            message = (
                "state goes with kind: resolution: how an earlier statement stands"
            )
            yield (at,), message
        if self.kind != "resolution":
            if self.resolves is not None:
                yield ("resolves",), "resolves goes with kind: resolution"
            return
        for name in ("probability", "reads_as", "compared_with", "outcome"):
            if getattr(self, name) is not None:
                yield (name,), f"a resolution foretells nothing: leave out {name}"

    def _brief_faults(self) -> Iterator[Fault]:
        if self.brief is not None and (
            self.kind not in BRIEF_KINDS or self.reads_as is None
        ):
            kinds = ", ".join(BRIEF_KINDS)
            yield (
                ("brief",),
                f"brief goes with reads_as and one of these kinds: {kinds}",
            )

    def _comparison_faults(self) -> Iterator[Fault]:
        if (self.compared_with is None) == (self.not_compared_because is None):
            yield ("compared_with",), "write compared_with, or not_compared_because"
        if self.compared_with is not None and self.reads_as is None:
            yield ("compared_with",), "to be compared it needs reads_as: a day"
        if self.resolved_by_scenario and self.compared_with is None:
            yield ("resolved_by_scenario",), "resolved_by_scenario needs compared_with"
        if self.belief is not None and (
            self.reads_as is None
            or self.reads_as.probability is None
            or len(self.date_made) < len("2026-05-04")
        ):
            yield ("belief",), "a belief needs the day it was made and a probability"

    @property
    def made_from(self) -> date:
        """First day on which it can have been made."""
        return date.fromisoformat(f"{self.date_made}-01-01"[:10])

    @property
    def made_through(self) -> date:
        """Last day on which it can have been made."""
        return last_day_of_period(self.date_made)


class PrimaryFigure(Entry):
    """The best score of one model on one shipped benchmark, in one harness or any."""

    benchmark: Identifier
    model: Identifier
    harness: Text | None = None


class EssayClaim(Entry):
    """One figure of the essay in Import AI 455, and the primary one beside it."""

    subject: Text
    model: Text
    value: float | None = None
    unit: Text
    dated: Text
    verdict: Literal[
        "agrees",
        "restated",
        "other_test",
        "other_grading",
        "not_found",
        "no_series",
        "not_a_measurement",
    ]
    primary: PrimaryFigure | None = None
    comment: Text

    def faults(self) -> Iterator[Fault]:
        """A verdict that compares rests on a figure."""
        compares = {"agrees", "restated", "other_test", "other_grading"}
        if self.verdict in compares and self.primary is None:
            yield ("verdict",), f"verdict {self.verdict} needs a primary figure"


class LabourRatio(Entry):
    """Agent workdays for each human workday, and how much work one of them is."""

    label: Text
    agents_per_human: Annotated[float, Field(ge=0)]
    work_per_agent: Annotated[float, Field(gt=0)] = 1.0
    source: Url | None = None
    comment: Text
