"""One scenario of a run for people: its dates, and what others have said of them."""

import difflib
from pathlib import Path
from typing import Final

import polars as pl
from rich.table import Table as RichTable
from rich.text import Text

from trends.cli.screens.console import bold, plain_console
from trends.outputs import read_table
from trends.pipeline import RequestError
from trends.registry.scenarios import STATES_IN_WORDS
from trends.tables import (
    AUTOMATION,
    DEPENDENCES,
    ESSAY_CLAIMS,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
)
from trends.words import percent

Row = dict[str, object]

CAVEAT: Final = (
    "Without a gap a date is benchmark-implied: the bars are crossed on published "
    "tests. That is not automated R&D. What lies between is the gap; its prior is a "
    "judgement in data/registry/scenarios.yaml."
)

YEARS: Final = (2026, 2027, 2028, 2030)
DIFFERS: Final = "Where the essay's figures differ from the primary ones"

ESSAY_SCENARIO: Final = "clark_mosaic"
AGREEING: Final = ("agrees", "no_series", "not_a_measurement")


def scenario_list(run: Path) -> list[Row]:
    """One row a scenario: benchmark-implied, under independence."""
    plainest = (pl.col("dependence") == "independent") & (pl.col("gap") == "none")
    return read_table(run, AUTOMATION).filter(plainest).to_dicts()


def statements_that_came_due(run: Path) -> list[Row]:
    """REFERENCE_FORECASTS rows of statements that are open no more."""
    stand = pl.col("outcome_state").is_not_null() & (pl.col("outcome_state") != "open")
    statements = read_table(run, REFERENCE_FORECASTS).filter(
        stand & (pl.col("kind") != "resolution")
    )
    return statements.sort("date_made", "reference_id").to_dicts()


def scenario_tables(run: Path, scenario_id: str) -> dict[str, list[Row]]:
    """Rows of one scenario, by table.

    Returns:
        AUTOMATION rows, REFERENCE_COMPARISONS rows with the statements joined on, and
        the ESSAY_CLAIMS that a primary figure contradicts, for the essay's scenario.

    Raises:
        RequestError: the run has no such scenario; the text lists those it has.
    """
    automation = read_table(run, AUTOMATION)
    known = automation["scenario_id"].unique().sort().to_list()
    if scenario_id not in known:
        nearest = difflib.get_close_matches(scenario_id, known, n=1)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise RequestError(
            f"no scenario {scenario_id!r}.{hint} There are: {', '.join(known)}"
        )
    order = pl.col("dependence").replace_strict(
        DEPENDENCES, range(len(DEPENDENCES)), return_dtype=pl.Int64
    )
    is_ours = pl.col("scenario_id") == scenario_id
    statements = read_table(run, REFERENCE_FORECASTS).drop(
        "as_of", "run_id", "contract_version", "read_date"
    )
    compared = read_table(run, REFERENCE_COMPARISONS).filter(is_ours)
    differs = ~pl.col("verdict").is_in(AGREEING)
    claims = read_table(run, ESSAY_CLAIMS).filter(
        differs & pl.lit(scenario_id == ESSAY_SCENARIO)
    )
    return {
        AUTOMATION.name: automation.filter(is_ours).sort("gap", order).to_dicts(),
        REFERENCE_COMPARISONS.name: compared.join(statements, on="reference_id")
        .sort("read_date", "reference_id", "gap", order)
        .to_dicts(),
        ESSAY_CLAIMS.name: claims.to_dicts(),
    }


def print_list(rows: list[Row], came_due: list[Row]) -> None:
    """Print every scenario with its benchmark-implied date, and what came due."""
    table = _table("Scenario", "Bars", "Median", "80% interval", "By end 2028")
    for row in rows:
        table.add_row(
            str(row["scenario_id"]),
            str(row["n_gates"]),
            str(row["median_label"]),
            str(row["interval80_label"]),
            percent(row["p_by_end_2028"]),
        )
    plain_console().print(
        table, f"\nBenchmarks independent, no gap. {CAVEAT}", sep="\n"
    )
    if came_due:
        table = _table("What others said of", "Who, when", "How it came out")
        for row in came_due:
            table.add_row(
                str(row["event"]),
                f"{row['forecaster']}, {row['date_made']}",
                str(row["outcome_label"]),
            )
        plain_console().print("", table, sep="\n")


def print_scenario(tables: dict[str, list[Row]]) -> None:
    """Print one scenario, the reference forecasts beside it, and the caveat."""
    console = plain_console()
    rows = tables[AUTOMATION.name]
    console.print(
        Text.assemble(
            bold(str(rows[0]["scenario_title"])), f", as of {rows[0]['as_of']}"
        ),
        str(rows[0]["scenario_statement"]),
        f"Bars: {rows[0]['gates']}",
        f"{rows[0]['status_reason']}\n",
        sep="\n",
    )
    console.print(_dates(rows))
    if compared := tables[REFERENCE_COMPARISONS.name]:
        console.print("\n", bold("What others have said"), sep="")
        console.print(_others(compared, n_gates=rows[0]["n_gates"]))
        for line in _beliefs(compared):
            console.print(line)
    if claims := tables[ESSAY_CLAIMS.name]:
        console.print("\n", bold(DIFFERS), sep="")
        console.print(_claims(claims))
    console.print(f"\n{CAVEAT}")


def _dates(rows: list[Row]) -> RichTable:
    """A section for each gap, in it a row for each dependence."""
    by_year = [f"By end {year}" for year in YEARS]
    table = _table("Benchmarks", "Median", "80% interval", *by_year)
    for gap, heading in (("none", "No gap: benchmark-implied"), ("prior", "Gap of")):
        for i, row in enumerate(one for one in _distinct(rows) if one["gap"] == gap):
            if i == 0:
                label = f" {row['gap_label']}" if gap == "prior" else ""
                table.add_row(bold(f"{heading}{label}"))
            cells = (
                [str(row["median_label"]), str(row["interval80_label"])]
                if row["rho"] is not None
                else ["not fitted yet", ""]
            )
            shares = (percent(row[f"p_by_end_{year}"]) for year in YEARS)
            table.add_row(_dependence(row), *cells, *shares)
    return table


def _distinct(rows: list[Row]) -> list[Row]:
    """One bar depends on no other: its rows differ in nothing but the correlation."""
    if rows[0]["n_gates"] != 1:
        return rows
    return [row for row in rows if row["dependence"] == "independent"]


def _others(compared: list[Row], *, n_gates: object) -> RichTable:
    """One line a statement, with our answers for each dependence."""
    table = _table("Who, when", "Says", "We, no gap", "With the prior", "Implied gap")
    rows = [row | {"n_gates": n_gates} for row in compared]
    for reference_id in dict.fromkeys(row["reference_id"] for row in rows):
        about = _distinct([row for row in rows if row["reference_id"] == reference_id])
        plain = [row for row in about if row["gap"] == "none"]
        prior = [row for row in about if row["gap"] == "prior"]
        table.add_row(
            f"{plain[0]['forecaster']}, {plain[0]['date_made']}",
            _statement(plain[0]),
            _percents(plain),
            _percents(prior),
            _implied_gaps(plain),
        )
    three = "Three figures: benchmarks independent / as past errors / correlated 0.9. "
    table.caption = (three if n_gates != 1 else "") + (
        "Others may speak of other events than these bars: read a gap as what would "
        "have to lie between for us to agree."
    )
    table.caption_justify = "left"
    return table


def _claims(claims: list[Row]) -> RichTable:
    table = _table("Figure", "Essay", "Primary", "What differs")
    for row in claims:
        table.add_row(
            f"{row['subject']}, {row['model_name_printed']}",
            _figure(row["value"]),
            _figure(row["primary_value"]),
            str(row["comment"]),
        )
    return table


def _beliefs(compared: list[Row]) -> list[str]:
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
            f"{row['belief_q90_weibull_date']}). It and our benchmark-implied curve "
            f"lie {row['distance_years']:.1f} years apart over ten years."
        )
    return list(dict.fromkeys(lines))


def _statement(row: Row) -> str:
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


def _implied_gaps(rows: list[Row]) -> str:
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


def _percents(rows: list[Row]) -> str:
    return " / ".join(percent(row["our_probability"]) or "-" for row in rows)


def _dependence(row: Row) -> str:
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


def _figure(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else ""


def _table(*headings: str) -> RichTable:
    table = RichTable(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
