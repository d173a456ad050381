"""One published row a scenario, dependence and gap."""

from datetime import date
from typing import Final

from trends.automation.cases import Case
from trends.automation.gap import p_by
from trends.automation.gates import Part
from trends.crossings.answers import interval_label
from trends.tables import AUTOMATION_YEARS

NO_GAP_LABEL: Final = "none (benchmark-implied)"


def automation_row(case: Case, as_of: date) -> dict[str, object]:
    """The AUTOMATION row without its stamps."""
    answer, rho, masses = case.answer, case.rho, case.answer.masses(as_of)
    n_missing = sum(len(part.missing) for part in case.parts)
    slowest = case.slowest_gate
    return {
        "scenario_id": case.scenario_id,
        "scenario_title": case.scenario.title,
        "scenario_statement": case.scenario.statement,
        "dependence": case.dependence,
        "gap": case.gap,
        "gap_label": _gap_label(case),
        "rho": rho and rho.value,
        "rho_low": rho and rho.low,
        "rho_high": rho and rho.high,
        "rho_lead_time_months": rho and rho.lead_time_months,
        "scenario_status": answer.status,
        "median_label": _median_label(case, as_of),
        "interval80_label": interval_label(answer, 0.1, 0.9),
        "p_by_as_of": masses.p_crossed_by_as_of,
        "p_by_projection_end": masses.p_crossed_by_projection_end,
        "p_after_projection_end": masses.p_after_projection_end,
        "p_never": masses.p_never,
        "q10_date": answer.date_at(0.1),
        "q25_date": answer.date_at(0.25),
        "median_date": answer.date_at(0.5),
        "q75_date": answer.date_at(0.75),
        "q90_date": answer.date_at(0.9),
        **{
            f"p_by_end_{year}": p_by(answer, date(year, 12, 31))
            for year in AUTOMATION_YEARS
        },
        "projection_end": case.projection_end,
        "mc_error_days": answer.monte_carlo_error_days(0.5),
        "n_gates": len(case.laws) + n_missing,
        "n_gates_crossed": sum(law.crossed_on is not None for law in case.laws),
        "n_gates_not_estimated": n_missing,
        "gates": "; ".join(_gates_label(part) for part in case.parts),
        "slowest_gate": slowest and slowest.name,
        "status_reason": _reason(case),
        "default_because": case.scenario.default_because,
    }


def _gap_label(case: Case) -> str:
    gap = case.scenario.gap
    if case.gap == "none" or gap is None:
        return NO_GAP_LABEL
    return f"{gap.q10_months:g} to {gap.q90_months:g} months (80%)"


def _gates_label(part: Part) -> str:
    """As "coding: a, b", or "coding, 1 of 2: a, b" where one is enough."""
    needed = f", {part.needed} of {len(part.gates)}"
    share = "" if part.needed == len(part.gates) else needed
    return f"{part.domain}{share}: {', '.join(part.gates)}"


def _median_label(case: Case, as_of: date) -> str:
    """As of a bar; a median that has passed claims nothing that was seen."""
    median = case.answer.date_at(0.5)
    if case.answer.distribution is None or median is None or median > as_of:
        return case.answer.median_label(as_of)
    return f"{case.answer.label_at(0.5)} (not seen)"


def _reason(case: Case) -> str:
    slowest = case.slowest_gate
    if slowest is None or case.answer.distribution is None:
        return case.answer.reason
    return f"{case.answer.reason}; slowest {slowest.name}: {slowest.reason}"
