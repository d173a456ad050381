"""The date of one scenario under one dependence and one gap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Final, Literal

import numpy as np

from trends.automation.dependence import (
    FittedDependence,
    Rho,
    averaged_probability,
)
from trends.automation.gap import DAYS_PER_MONTH, delayed
from trends.automation.gates import BarLaws, GateLaw, Part, scenario_parts
from trends.crossings.answers import Answer, Crossed, Estimated, NotEstimated
from trends.crossings.distribution import CrossingDistribution
from trends.fits.links import Floats
from trends.registry.scenarios import Scenario

STRONG_RHO: Final = 0.9

ERROR_LEVELS: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Quantiles at which the Monte Carlo error of a joint law is worked out."""

Dependence = Literal["independent", "fitted", "strong"]
GapKind = Literal["none", "prior"]


@dataclass(frozen=True)
class Case:
    """What one scenario says under one dependence and one gap.

    Attributes:
        scenario_id: the scenario.
        scenario: its entry.
        dependence: which correlation.
        rho: its value; None where it is not fitted.
        gap: whether the scenario's prior on the gap is added.
        answer: the date's law, a known day, or why there is none.
        parts: its gates.
        projection_end: last day of the law.
    """

    scenario_id: str
    scenario: Scenario
    dependence: Dependence
    rho: Rho | None
    gap: GapKind
    answer: Answer
    parts: tuple[Part, ...]
    projection_end: date

    @property
    def laws(self) -> list[GateLaw]:
        """Every gate that has a law."""
        return list(chain.from_iterable(part.laws for part in self.parts))

    @property
    def slowest_gate(self) -> GateLaw | None:
        """The open gate least likely to be crossed by the median, or by the end."""
        day = self.answer.date_at(0.5) or self.projection_end
        at = np.array([float(day.toordinal())])
        still_open = [law for law in self.laws if law.crossed_on is None]
        return min(
            still_open, key=lambda law: (float(law.p_by(at)[0]), law.name), default=None
        )


def scenario_cases(
    scenario_id: str,
    scenario: Scenario,
    bars: BarLaws,
    *,
    fitted: FittedDependence | None,
    as_of: date,
) -> Iterator[Case]:
    """Every dependence without a gap and, where the scenario has one, with its prior.

    The fitted correlation is taken at the lead time of the scenario's own median under
    independence, and at the longest one where there is no median.
    """
    parts = tuple(scenario_parts(scenario, bars))
    end = min(
        (law.projection_end for part in parts for law in part.laws), default=as_of
    )
    independent = _answer(parts, Rho(0.0), end)
    rhos: dict[Dependence, Rho | None] = {
        "independent": Rho(0.0),
        "fitted": (
            fitted.at(_lead_time_months(independent, as_of)) if fitted else None
        ),
        "strong": Rho(STRONG_RHO),
    }
    for dependence, rho in rhos.items():
        answer = (
            independent if dependence == "independent" else _answer(parts, rho, end)
        )
        gaps: dict[GapKind, Answer] = {"none": answer}
        if scenario.gap is not None:
            gaps["prior"] = delayed(answer, scenario.gap, projection_end=end)
        for kind, with_gap in gaps.items():
            yield Case(
                scenario_id=scenario_id,
                scenario=scenario,
                dependence=dependence,
                rho=rho,
                gap=kind,
                answer=with_gap,
                parts=parts,
                projection_end=end,
            )


def _answer(parts: Sequence[Part], rho: Rho | None, end: date) -> Answer:
    missing = "; ".join(
        f"{name}: {reason}" for part in parts for name, reason in part.missing.items()
    )
    if not parts:
        return NotEstimated("no bar of it is part of this run")
    if not all(part.is_estimated for part in parts):
        return NotEstimated(missing)
    known = [part.met_on for part in parts]
    if all(known):
        return Crossed(max(day for day in known if day), "enough gates are crossed")
    if rho is None:
        return NotEstimated("rho is not fitted yet")
    beyond = f"; counted as not crossed: {missing}" if missing else ""
    law = _with_error(_joint_law(parts, rho, end), parts, rho)
    return Estimated(law, _reason(parts) + beyond)


def _joint_law(parts: Sequence[Part], rho: Rho, end: date) -> CrossingDistribution:
    """The joint law at every gate's own days, linear between them."""
    laws = [law for part in parts for law in part.laws]
    knots = np.unique(np.concatenate([law.days for law in laws]))
    knots = knots[knots <= end.toordinal()]
    ever = [[1 - law.p_never for law in part.laws] for part in parts]
    joint = averaged_probability(
        [
            (
                part.needed,
                np.column_stack([_p_by(part, knots), np.array(by_any_day)]),
            )
            for part, by_any_day in zip(parts, ever, strict=True)
        ],
        rho,
    )
    cdf = np.maximum.accumulate(joint[:-1])
    days = np.arange(knots[0], end.toordinal() + 1)
    return CrossingDistribution.exact(
        start=date.fromordinal(int(knots[0])),
        cdf=np.interp(days, knots, cdf),
        p_never=1 - float(joint[-1]),
    )


def _p_by(part: Part, days: Floats) -> Floats:
    """P(crossed) of each gate by each day, shape (gates, days)."""
    return np.array([law.p_by(days) for law in part.laws])


def _reason(parts: Sequence[Part]) -> str:
    laws = [law for part in parts for law in part.laws]
    crossed = sum(law.crossed_on is not None for law in laws)
    return f"{crossed} of {len(laws)} gates are crossed"


def _lead_time_months(answer: Answer, as_of: date) -> float | None:
    median = answer.date_at(0.5)
    return None if median is None else (median - as_of).days / DAYS_PER_MONTH


def _with_error(
    law: CrossingDistribution, parts: Sequence[Part], rho: Rho
) -> CrossingDistribution:
    """The law with its Monte Carlo error, linear between some of its quantiles."""
    if all(gate.error_at_half == 0 for part in parts for gate in part.laws):
        return law
    reached = {law.quantile(level) for level in ERROR_LEVELS} - {None}
    days = sorted({law.projection_end, *(day for day in reached if day)})
    errors = [_error_on(day, parts, rho) for day in days]
    every_day = law.start.toordinal() + np.arange(len(law.cdf))
    known = [day.toordinal() for day in days]
    return replace(law, cdf_error=np.interp(every_day, known, errors))


def _error_on(when: date, parts: Sequence[Part], rho: Rho) -> float:
    """Monte Carlo error of the joint probability by a day, from that of each gate.

    The joint probability is moved by one standard error of one gate at a time; gates
    are drawn from separate streams, so the squares add.
    """
    day = np.array([float(when.toordinal())])
    base = [_p_by(part, day)[:, 0] for part in parts]
    columns = [[values] for values in base]
    for moved, part in enumerate(parts):
        for i, law in enumerate(part.laws):
            if error := law.standard_error(float(base[moved][i])):
                for column, values in zip(columns, base, strict=True):
                    column.append(values.copy())
                columns[moved][-1][i] += min(error, 1 - base[moved][i])
    joint = averaged_probability(
        [
            (part.needed, np.column_stack(column))
            for part, column in zip(parts, columns, strict=True)
        ],
        rho,
    )
    return float(np.sqrt(np.sum((joint[1:] - joint[0]) ** 2)))
