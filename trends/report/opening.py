"""The question answered, and the headlines: what stands first."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from trends.report.grids import (
    Cell,
    Grid,
    benchmark_anchor,
    chance,
    grid,
    scenario_anchor,
    web,
)
from trends.tables import HEADLINE_YEARS
from trends.words import (
    VIEW,
    default_scenario,
    implied_gap_words,
    our_words,
    statement_words,
)

Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]


def dates(scenario: Sequence[Row]) -> Grid:
    """The default scenario without and with its gap, by dependence.

    Args:
        scenario: AUTOMATION rows of one scenario.
    """
    first = scenario[0]
    return grid(
        f"{first['scenario_title']}: dates and probabilities",
        (
            "",
            "Median",
            "80% interval",
            *(f"P by end {year}" for year in HEADLINE_YEARS),
        ),
        (
            (
                Cell(_gap(row), f"#{scenario_anchor(row['scenario_id'])}"),
                row["median_label"],
                row["interval80_label"],
                *(chance(row[f"p_by_end_{year}"]) for year in HEADLINE_YEARS),
            )
            for row in scenario
        ),
        numeric=range(3, 3 + len(HEADLINE_YEARS)),
        wide=(1, 2),
    )


def _gap(row: Row) -> str:
    if row["gap"] == "none":
        return "No gap: benchmark-implied"
    return f"With a gap of {row['gap_label']}"


def others(tables: Tables, scenario_id: str) -> Grid:
    """Statements that the registry sets beside the answer, and ours by the same day.

    Args:
        tables: published tables by name.
        scenario_id: the default scenario, to say when another is compared with.
    """
    cited = tables["reference_forecasts"].filter(pl.col("brief_who").is_not_null())
    dependence = default_scenario(tables["automation"])["dependence"][0]
    compared: dict[str, list[Row]] = {}
    for row in tables["reference_comparisons"].iter_rows(named=True):
        if row["dependence"] == dependence:
            compared.setdefault(row["reference_id"], []).append(row)
    titles = dict(
        tables["automation"].select("scenario_id", "scenario_title").iter_rows()
    )
    rows = sorted(
        cited.sort("brief_what", "brief_who", "date_made").to_dicts(),
        key=lambda row: row["compared_with"] != scenario_id,
    )
    return grid(
        "What others have said, each of an event of their own, and our probability "
        "that the bars are crossed by the same day",
        (
            "Who, when",
            "Of what",
            "Says",
            "Set beside",
            "We, no gap",
            "With the gap",
            "Implied gap",
        ),
        (
            _other(
                row,
                compared.get(row["reference_id"], []),
                titles | {scenario_id: "the scenario above"},
            )
            for row in rows
        ),
    )


def _other(
    row: Row, compared: Sequence[Row], titles: Mapping[str, str]
) -> list[Cell | str]:
    who = Cell(f"{row['forecaster']}, {row['date_made']}", web(row["source"]))
    plain = [row | one for one in compared if one["gap"] == "none"]
    prior = [one for one in compared if one["gap"] == "prior"]
    if not plain:
        says = row["point"] or str(row["by_date"] or "-")
        return [who, row["event"], says, "no scenario", "-", "-", "-"]
    beside = plain[0]["scenario_id"]
    return [
        who,
        row["event"],
        statement_words(plain[0]),
        Cell(titles[beside], f"#{scenario_anchor(beside)}"),
        our_words(plain),
        our_words(prior) or "-",
        implied_gap_words(plain),
    ]


def headlines(headline: pl.DataFrame, thresholds: pl.DataFrame) -> list[Grid]:
    """The headline table, a grid a section of it; each row leads to its benchmark.

    Args:
        headline: HEADLINE rows.
        thresholds: THRESHOLDS rows.
    """
    benchmarks = dict(
        thresholds.select("threshold_id", "benchmark_id").unique().iter_rows()
    )
    years = [
        name.removeprefix("p_by_end_")
        for name in headline.columns
        if name.startswith("p_by_end_")
    ]
    grids = []
    for section in headline["section"].unique(maintain_order=True):
        rows = headline.filter(pl.col("section") == section).to_dicts()
        grids.append(
            grid(
                f"{section}: date if the bar is ever crossed, probability of never, by now "
                "and by the end of years; the interval counts never",
                ("Bar", "If ever", "Never", "80% interval", "Now", *years, "Note"),
                (
                    (
                        _bar(row, benchmarks),
                        row["if_ever"] or row["median"],
                        chance(row["p_never"]),
                        row["interval80"],
                        chance(row["p_by_now"]),
                        *(chance(row[f"p_by_end_{year}"]) for year in years),
                        row["note"] or "",
                    )
                    for row in rows
                ),
                numeric=(2, *range(4, 5 + len(years))),
                wide=(1, 3),
                text=(5 + len(years),),
            )
        )
    return grids


def _bar(row: Row, benchmarks: Mapping[str, str]) -> Cell:
    """The bar of a HEADLINE row, which leads to its benchmark.

    A page of some benchmarks may have a view without the one that leads.
    """
    benchmark_id = benchmarks[row["threshold_id"]]
    is_below = row["view_of"] in benchmarks.values()
    text = f"{VIEW if is_below else ''}{row['bar']}"
    return Cell(text, f"#{benchmark_anchor(benchmark_id)}", below=is_below)
