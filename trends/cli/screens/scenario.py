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
from trends.tables import (
    AUTOMATION,
    DEPENDENCES,
    ESSAY_CLAIMS,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
)
from trends.words import (
    OTHER_EVENTS,
    SCENARIO_CAVEAT,
    THREE,
    belief_lines,
    dependence_words,
    distinct,
    implied_gap_words,
    our_words,
    percent,
    statement_words,
)

Row = dict[str, object]

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
        table, f"\nBenchmarks independent, no gap. {SCENARIO_CAVEAT}", sep="\n"
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
        for line in belief_lines(compared):
            console.print(line)
    if claims := tables[ESSAY_CLAIMS.name]:
        console.print("\n", bold(DIFFERS), sep="")
        console.print(_claims(claims))
    console.print(f"\n{SCENARIO_CAVEAT}")


def _dates(rows: list[Row]) -> RichTable:
    """A section for each gap, in it a row for each dependence."""
    by_year = [f"By end {year}" for year in YEARS]
    table = _table("Benchmarks", "Median", "80% interval", *by_year)
    for gap, heading in (("none", "No gap: benchmark-implied"), ("prior", "Gap of")):
        for i, row in enumerate(one for one in distinct(rows) if one["gap"] == gap):
            if i == 0:
                label = f" {row['gap_label']}" if gap == "prior" else ""
                table.add_row(bold(f"{heading}{label}"))
            cells = (
                [str(row["median_label"]), str(row["interval80_label"])]
                if row["rho"] is not None
                else ["not fitted yet", ""]
            )
            shares = (percent(row[f"p_by_end_{year}"]) for year in YEARS)
            table.add_row(dependence_words(row), *cells, *shares)
    return table


def _others(compared: list[Row], *, n_gates: object) -> RichTable:
    """One line a statement, with our answers for each dependence."""
    table = _table("Who, when", "Says", "We, no gap", "With the prior", "Implied gap")
    rows = [row | {"n_gates": n_gates} for row in compared]
    for reference_id in dict.fromkeys(row["reference_id"] for row in rows):
        about = distinct([row for row in rows if row["reference_id"] == reference_id])
        plain = [row for row in about if row["gap"] == "none"]
        prior = [row for row in about if row["gap"] == "prior"]
        table.add_row(
            f"{plain[0]['forecaster']}, {plain[0]['date_made']}",
            statement_words(plain[0]),
            our_words(plain),
            our_words(prior),
            implied_gap_words(plain),
        )
    three = f"{THREE} " if n_gates != 1 else ""
    table.caption = three + OTHER_EVENTS
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


def _figure(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else ""


def _table(*headings: str) -> RichTable:
    table = RichTable(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
