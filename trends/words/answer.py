"""The question answered in two sentences: what the bars imply, and what others say."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Final

import polars as pl

from trends.registry.scenarios import STATES_IN_WORDS
from trends.tables import HEADLINE_YEARS
from trends.words.brief import BEYOND_SUITE
from trends.words.numbers import percent

Row = Mapping[str, object]

NOT_IN_RUN: Final = "not part of this run"
"""Why a scenario has no date where a run leaves its bars out, as of one threshold only."""

BOUNDS: Final = {"about": "", "at_least": "at least ", "below": "below "}
"""What stands before a probability that somebody gave as a bound."""

_SETTLED: Final = {
    str(state): words for state, words in STATES_IN_WORDS.items() if state != "open"
}


def default_scenario(automation: pl.DataFrame) -> pl.DataFrame:
    """AUTOMATION rows of the scenario that is shown where none is asked for.

    Args:
        automation: AUTOMATION rows.

    Returns:
        Its rows under the correlation of past errors where that is fitted, else under
        independence: one without a gap, and one with the prior gap where there is a
        prior. No rows where no scenario is the default, or bars of it are left out.
    """
    default = automation.filter(
        pl.col("default_because").is_not_null(),
        ~pl.col("status_reason").str.contains(NOT_IN_RUN, literal=True),
    )
    fitted = default.filter(
        (pl.col("dependence") == "fitted") & pl.col("rho").is_not_null()
    )
    if not fitted.is_empty():
        return fitted.sort("gap")
    return default.filter(pl.col("dependence") == "independent").sort("gap")


def answer_sentences(
    automation: pl.DataFrame, reference_forecasts: pl.DataFrame
) -> list[str]:
    """When the bars of the default scenario are met, and what others have said.

    Args:
        automation: AUTOMATION rows of a run.
        reference_forecasts: REFERENCE_FORECASTS rows of the same run.

    Returns:
        Two sentences; the second is left out where nobody is cited, and both where no
        scenario is the default, as in a run of one threshold only.
    """
    rows = {row["gap"]: row for row in default_scenario(automation).to_dicts()}
    if "none" not in rows:
        return []
    ours = _ours(rows["none"], rows.get("prior"))
    others = _others(reference_forecasts)
    return [ours, others] if others else [ours]


def _ours(implied: Row, with_gap: Row | None) -> str:
    """The first sentence: a date of bars, which is not one of automated R&D."""
    bars = f"{implied['scenario_title']} ({_bars(implied)})"
    if implied["scenario_status"] == "not_estimated":
        return f"{bars} is not estimated: {implied['status_reason']}."
    text = (
        f"{bars} {_when(implied)}, which is benchmark-implied and not automated R&D; "
    )
    if with_gap is None:
        return f"{text}no gap between the two is stated."
    return (
        f"{text}with a gap of {with_gap['gap_label']} between the two, a judgement and "
        f"no measurement, automated R&D {_when(with_gap)}."
    )


def _bars(row: Row) -> str:
    words = [f"{row['n_gates_crossed']} of {row['n_gates']} bars crossed"]
    if n_missing := row["n_gates_not_estimated"]:
        words.append(f"{n_missing} not estimated")
    if BEYOND_SUITE in str(row["status_reason"]):
        words.append("the slowest above what its suite measures")
    return ", ".join(words)


def _when(row: Row) -> str:
    """The median, its interval and probabilities by years, as far as there are any."""
    label, status = str(row["median_label"]), row["scenario_status"]
    if status == "already_crossed":
        return f"is met ({label})"
    if status == "not_estimated":
        return f"is not estimated ({row['status_reason']})"
    known = [f"80% interval {row['interval80_label']}", *_by_years(row)]
    if status == "never":
        return f"has no median date ({'; '.join([label, *known])})"
    when = f"of {label}" if row["median_date"] is not None else label
    return f"has a median {when} ({'; '.join(known)})"


def _by_years(row: Row) -> list[str]:
    """As "39% by the end of 2027, 67% of 2028, 89% of 2030", of years to come."""
    first_year = int(str(row["as_of"])[:4])
    shares = [
        f"{percent(row[f'p_by_end_{year}'])} {{}}{year}"
        for year in HEADLINE_YEARS
        if year >= first_year
    ]
    words = [
        one.format("of " if i else "by the end of ") for i, one in enumerate(shares)
    ]
    return [", ".join(words)] if words else []


def _others(references: pl.DataFrame) -> str:
    """The second sentence: statements by what they are about, the most cited first."""
    cited = cited_statements(references)
    about: dict[str, list[Row]] = {}
    for row in cited:
        about.setdefault(str(row["brief_what"]), []).append(row)
    parts = [
        f"of {what}, {_listed(_by_forecaster(rows))}"
        for what, rows in sorted(about.items(), key=lambda one: (-len(one[1]), one[0]))
    ]
    if not parts:
        return ""
    return f"Others, who speak of events of their own, say: {'; '.join(parts)}."


def cited_statements(references: pl.DataFrame) -> list[Row]:
    """REFERENCE_FORECASTS rows that the answer cites, ordered by forecaster.

    Of statements of one kind by one forecaster about one thing, the newest.
    Probabilities by different days are different statements.
    """
    rows = references.filter(pl.col("brief_who").is_not_null()).to_dicts()
    newest: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows, key=lambda row: str(row["date_made"])):
        is_by_a_day = row["kind"] == "probability_by_date"
        day = str(row["read_date"]) if is_by_a_day else "any"
        key = (str(row["brief_who"]), str(row["brief_what"]), day, str(row["kind"]))
        newest[key] = row
    return [newest[key] for key in sorted(newest)]


def _by_forecaster(rows: Iterable[Row]) -> list[str]:
    """As "Clark 30% by the end of 2027 and at least 60% by the end of 2028"."""
    by_who = groupby(rows, key=lambda row: row["brief_who"])
    return [f"{who} {_listed(map(brief_statement, said))}" for who, said in by_who]


def brief_statement(row: Row) -> str:
    """As "below 30% by the end of 2028", "a median of 2028-05", "a goal of 2028-03"."""
    state = row["outcome_state"]
    came_out = f" ({_SETTLED[str(state)]})" if state in _SETTLED else ""
    day = row["read_date"]
    if row["kind"] == "probability_by_date":
        is_year = isinstance(day, date) and (day.month, day.day) == (12, 31)
        by = f"the end of {str(day)[:4]}" if is_year else str(day)
        bound = BOUNDS[str(row["read_bound"])]
        return f"{bound}{percent(row['read_probability'])} by {by}{came_out}"
    said = row["point"] or str(day)[:7]
    noun = "median" if row["kind"] == "median_date" else "goal"
    return f"a {noun} of {said}{came_out}"


def _listed(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
