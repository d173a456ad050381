"""One scenario of a run for people: its dates, and what others have said of them."""

from pathlib import Path
from typing import Final

import polars as pl
from rich.console import Console

from trends.characters import nearest
from trends.cli.screens.console import (
    Column,
    Grid,
    bold,
    plain_console,
    print_lines,
    print_paragraph,
)
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


def default_id(run: Path) -> str:
    """The scenario that is shown where none is named.

    Raises:
        RequestError: the run has none, or its version knew no default.
    """
    automation = read_table(run, AUTOMATION)
    chosen = automation.filter(pl.col("default_because").is_not_null())
    if chosen.is_empty():
        raise RequestError(
            "the run has no default scenario: `trends show --scenario list` has all"
        )
    return str(chosen["scenario_id"][0])


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
        near = nearest(scenario_id, known)
        hint = f" Did you mean {near[0]!r}?" if near else ""
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
    console = plain_console()
    grid = Grid(
        Column("Scenario"),
        Column("Bars", "right"),
        Column("Median"),
        Column("80% interval"),
        Column("2028", "right"),
    )
    for row in rows:
        grid.add(
            str(row["scenario_id"]),
            str(row["n_gates"]),
            str(row["median_label"]).replace(" probability)", ")"),
            str(row["interval80_label"]),
            percent(row["p_by_end_2028"]),
        )
    print_lines(console, grid.lines(console.width))
    console.print()
    print_paragraph(
        console,
        f"2028: probability by its end. Benchmarks independent, no gap. {SCENARIO_CAVEAT}",
    )
    if came_due:
        console.print()
        grid = Grid(
            Column("What others said of"),
            Column("Who, when"),
            Column("How it came out"),
        )
        for row in came_due:
            grid.add(
                str(row["event"]),
                f"{row['forecaster']}, {row['date_made']}",
                str(row["outcome_label"]),
            )
        print_lines(console, grid.lines(console.width))


def print_scenario(tables: dict[str, list[Row]]) -> None:
    """Print one scenario, the reference forecasts beside it, and the caveat."""
    console = plain_console()
    rows = tables[AUTOMATION.name]
    print_lines(console, [bold(str(rows[0]["scenario_title"]))])
    for text in (
        f"As of {rows[0]['as_of']}. {rows[0]['scenario_statement']}",
        f"Bars: {rows[0]['gates']}",
        str(rows[0]["status_reason"]),
    ):
        print_paragraph(console, text)
    console.print()
    print_lines(console, _dates(rows).lines(console.width))
    print_paragraph(console, "2026 and so on: probability by the end of the year.")
    if compared := tables[REFERENCE_COMPARISONS.name]:
        _print_others(console, compared, n_gates=rows[0]["n_gates"])
    if claims := tables[ESSAY_CLAIMS.name]:
        console.print()
        print_lines(console, [bold(DIFFERS), *_claims(claims).lines(console.width)])
    console.print()
    print_paragraph(console, SCENARIO_CAVEAT)


def _dates(rows: list[Row]) -> Grid:
    """A section for each gap, in it a row for each dependence."""
    grid = Grid(
        Column("Benchmarks"),
        Column("Median"),
        Column("80% interval"),
        *(Column(str(year), "right") for year in YEARS),
    )
    for gap, heading in (("none", "No gap: benchmark-implied"), ("prior", "Gap of")):
        for i, row in enumerate(one for one in distinct(rows) if one["gap"] == gap):
            if i == 0:
                label = f" {row['gap_label']}" if gap == "prior" else ""
                grid.add_section(f"{heading}{label}")
            cells = (
                [str(row["median_label"]), str(row["interval80_label"])]
                if row["rho"] is not None
                else ["not fitted yet", ""]
            )
            shares = (percent(row[f"p_by_end_{year}"]) for year in YEARS)
            grid.add(f"  {dependence_words(row)}", *cells, *shares)
    return grid


def _print_others(console: Console, compared: list[Row], *, n_gates: object) -> None:
    """A row a statement, with our answers for each dependence."""
    grid = Grid(
        Column("Who, when"),
        Column("Says"),
        Column("We, no gap"),
        Column("With the prior"),
        Column("Implied gap"),
    )
    rows = [row | {"n_gates": n_gates} for row in compared]
    for reference_id in dict.fromkeys(row["reference_id"] for row in rows):
        about = distinct([row for row in rows if row["reference_id"] == reference_id])
        plain = [row for row in about if row["gap"] == "none"]
        prior = [row for row in about if row["gap"] == "prior"]
        grid.add(
            f"{plain[0]['forecaster']}, {plain[0]['date_made']}",
            statement_words(plain[0]),
            our_words(plain),
            our_words(prior),
            implied_gap_words(plain),
        )
    console.print()
    print_lines(console, [bold("What others have said"), *grid.lines(console.width)])
    three = f"{THREE} " if n_gates != 1 else ""
    for text in (three + OTHER_EVENTS, *belief_lines(compared)):
        print_paragraph(console, text)


def _claims(claims: list[Row]) -> Grid:
    grid = Grid(
        Column("Figure"), Column("Essay"), Column("Primary"), Column("What differs")
    )
    for row in claims:
        grid.add(
            f"{row['subject']}, {row['model_name_printed']}",
            _figure(row["value"]),
            _figure(row["primary_value"]),
            str(row["comment"]),
        )
    return grid


def _figure(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else ""
