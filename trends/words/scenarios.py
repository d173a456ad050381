"""Scenarios and what others have said, in words: shared by screens and pages."""

from collections.abc import Mapping, Sequence
from typing import Final

from trends.registry.scenarios import STATES_IN_WORDS
from trends.words.numbers import percent

Row = Mapping[str, object]

SCENARIO_CAVEAT: Final = (
    "Without a gap a date is benchmark-implied: the bars are crossed on published "
    "tests. That is not automated R&D. What lies between is the gap; its prior is a "
    "judgement in data/registry/scenarios.yaml."
)

THREE: Final = (
    "Three figures: benchmarks independent / as past errors / correlated 0.9."
)
"""Goes with ``our_words`` of a scenario with several bars."""

OTHER_EVENTS: Final = (
    "Others may speak of other events than these bars: read a gap as what would have "
    "to lie between for us to agree."
)


def distinct(rows: Sequence[Row]) -> Sequence[Row]:
    """One bar depends on no other: its rows differ in nothing but the correlation."""
    if rows[0]["n_gates"] != 1:
        return rows
    return [row for row in rows if row["dependence"] == "independent"]


def belief_lines(compared: Sequence[Row]) -> list[str]:
    """For each belief, its curve and the distance from ours, in words."""
    lines = []
    for row in compared:
        is_plainest = (row["dependence"], row["gap"]) == ("independent", "none")
        if row["belief_median_date"] is None or not is_plainest:
            continue
        lines.append(
            f"{row['forecaster']}'s two probabilities as a lognormal: 10/50/90% = "
            f"{row['belief_q10_date']} / {row['belief_median_date']} / "
            f"{row['belief_q90_date']} (90% by a Weibull: "
            f"{row['belief_q90_weibull_date']}).{_distance(row['distance_years'])}"
        )
    return list(dict.fromkeys(lines))


def _distance(years: object) -> str:
    """How far a belief lies from our curve; empty where ours is not estimated."""
    if not isinstance(years, float):
        return ""
    return (
        f" It and our benchmark-implied curve lie {years:.1f} years apart over ten "
        "years."
    )


def statement_words(row: Row) -> str:
    """What a statement says, and how it came out: "at least 60% by 2028-12-31"."""
    bounds = {"about": "", "at_least": "at least ", "below": "under "}
    by, states = (
        row["read_date"],
        {str(key): one for key, one in STATES_IN_WORDS.items()},
    )
    state = row["outcome_state"]
    came_out = f" ({states[str(state)]})" if state not in {None, "open"} else ""
    if row["their_probability"] is None:
        return f"{by}, no probability{came_out}"
    bound = bounds[str(row["read_bound"])]
    return f"{bound}{percent(row['their_probability'])} by {by}{came_out}"


def implied_gap_words(rows: Sequence[Row]) -> str:
    """The gap under each dependence, or the words for there being none at all."""
    if all(row["implied_gap_months"] is None for row in rows):
        return str(rows[0]["implied_gap_label"])
    bounds = {"about": "", "at_least": "at most ", "below": "more than "}
    months = " / ".join(_months(row) for row in rows)
    return f"{bounds[str(rows[0]['read_bound'])]}{months} months"


def _months(row: Row) -> str:
    """In months; none where we are already later, a dash where nothing is estimated."""
    months = row["implied_gap_months"]
    if isinstance(months, float):
        return f"{months:.1f}"
    return "-" if row["our_probability"] is None else "none"


def our_words(rows: Sequence[Row]) -> str:
    """Our probability by the same day, a figure for each dependence."""
    return " / ".join(percent(row["our_probability"]) or "-" for row in rows)


def dependence_words(row: Row) -> str:
    """How the benchmarks of an AUTOMATION row are taken to move together."""
    rho = row["rho"]
    if row["n_gates"] == 1:
        return "one bar"
    if rho is None:
        return "as past errors"
    if row["dependence"] == "independent":
        return "independent"
    if row["dependence"] == "strong":
        return f"correlated {rho:g}"
    return f"as past errors, {rho:.2f} ({row['rho_low']:.2f} to {row['rho_high']:.2f})"
