"""One section a scenario: its dates, its bars, and what others have said."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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
from trends.tables import DEPENDENCES
from trends.words import (
    DOMAIN_TITLES,
    OTHER_EVENTS,
    THREE,
    VIEW,
    belief_lines,
    dependence_words,
    distinct,
    implied_gap_words,
    our_words,
    statement_words,
)

Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

_GATE: Final = re.compile(r"\w+\.\w+")

YEARS: Final = (2026, 2027, 2028, 2030, 2035, 2040)


@dataclass(frozen=True)
class Scenario:
    """One scenario.

    Attributes:
        scenario_id: as in data/registry/scenarios.yaml.
        ident: anchor.
        title: in few words.
        statement: what holds when it has come about.
        gates: its bars, each leading to its benchmark.
        rests_on: why there is a date, or none.
        because: why it is the one shown where none is asked for; None for others.
        dates: a row a dependence and gap.
        others: statements beside it; None where nobody spoke of it.
        about_others: how to read them.
    """

    scenario_id: str
    ident: str
    title: str
    statement: str
    gates: Grid
    rests_on: str
    because: str | None
    dates: Grid
    others: Grid | None
    about_others: list[str]


def scenarios(tables: Tables, linked: frozenset[str]) -> Iterator[Scenario]:
    """Every scenario, the default one first.

    Args:
        tables: published tables by name.
        linked: benchmarks that have a section to lead to.
    """
    order = pl.col("dependence").replace_strict(
        DEPENDENCES, range(len(DEPENDENCES)), return_dtype=pl.Int64
    )
    automation = tables["automation"].sort("scenario_id", "gap", order)
    statements = tables["reference_forecasts"].drop(
        "as_of", "run_id", "contract_version", "read_date"
    )
    compared = (
        tables["reference_comparisons"]
        .join(statements, on="reference_id")
        .sort("read_date", "reference_id", "gap", order)
    )
    bars = _bars(tables, linked)
    made = [
        _scenario(
            part.to_dicts(),
            compared.filter(pl.col("scenario_id") == part["scenario_id"][0]).to_dicts(),
            bars,
        )
        for part in automation.partition_by("scenario_id", maintain_order=True)
    ]
    yield from sorted(made, key=lambda one: one.because is None)


def _bars(tables: Tables, linked: frozenset[str]) -> dict[str, Row]:
    """Bars of scenarios under their thresholds' headline trend, by their names there.

    Each with where it leads: nowhere where its benchmark has no section.
    """
    named = {
        name for gates in tables["automation"]["gates"] for name in _GATE.findall(gates)
    }
    of = tables["thresholds"].select(
        "threshold_id",
        "bar_id",
        "headline_trend",
        "benchmark_id",
        "domain",
        name=pl.concat_str("threshold_id", "bar_id", separator="."),
    )
    rows = tables["crossing_summary"].join(
        of.filter(pl.col("name").is_in(sorted(named))), on=["threshold_id", "bar_id"]
    )
    return {
        row["name"]: row
        | {
            "href": f"#{benchmark_anchor(one)}"
            if (one := row["benchmark_id"]) in linked
            else ""
        }
        for row in rows.filter(pl.col("trend") == pl.col("headline_trend")).to_dicts()
    }


def _scenario(
    rows: Sequence[Row], compared: Sequence[Row], bars: Mapping[str, Row]
) -> Scenario:
    first = rows[0]
    about = [f"{THREE} " * (first["n_gates"] != 1) + OTHER_EVENTS]
    return Scenario(
        scenario_id=first["scenario_id"],
        ident=scenario_anchor(first["scenario_id"]),
        title=first["scenario_title"],
        statement=first["scenario_statement"],
        gates=_gates(first, bars),
        rests_on=first["status_reason"],
        because=first.get("default_because"),
        dates=_dates(rows),
        others=_others(compared, first) if compared else None,
        about_others=[*about, *belief_lines(compared)],
    )


def _gates(scenario: Row, bars: Mapping[str, Row]) -> Grid:
    named = [bars[name] for name in _GATE.findall(scenario["gates"]) if name in bars]
    tests = {row["benchmark_id"] for row in named}
    return grid(
        f"{scenario['scenario_title']}: the bars",
        ("Bar", "Part of AI R&D", "Median", "80% interval", "P by now"),
        (
            (
                Cell(_gate(row, tests), row["href"]),
                DOMAIN_TITLES[row["domain"]],
                row["median_label"],
                row["interval80_label"],
                chance(row["p_crossed_by_as_of"]),
            )
            for row in named
        ),
        numeric=(4,),
        wide=(2, 3),
    )


def _gate(row: Row, tests: Collection[str]) -> str:
    """The bar, which says so where its test gates the scenario by the view that leads."""
    return f"{VIEW if row['view_of'] in tests else ''}{row['threshold_label']}"


def _dates(rows: Sequence[Row]) -> Grid:
    return grid(
        f"{rows[0]['scenario_title']}: dates, probability by the end of years, and never",
        (
            "Benchmarks",
            "Gap",
            "Median",
            "80% interval",
            *map(str, YEARS),
            "Never",
        ),
        (
            (
                dependence_words(row),
                str(row["gap_label"]),
                str(row["median_label"]),
                str(row["interval80_label"]),
                *(chance(row[f"p_by_end_{year}"]) for year in YEARS),
                chance(row["p_never"]),
            )
            for row in distinct(rows)
            if row["rho"] is not None or row["n_gates"] == 1
        ),
        numeric=range(4, 5 + len(YEARS)),
        wide=(2, 3),
    )


def _others(compared: Sequence[Row], scenario: Row) -> Grid:
    by_reference: dict[str, list[Row]] = {}
    for row in compared:
        by_reference.setdefault(row["reference_id"], []).append(
            row | {"n_gates": scenario["n_gates"]}
        )
    return grid(
        f"{scenario['scenario_title']}: what others have said",
        ("Who, when", "Of what", "Says", "We, no gap", "With the gap", "Implied gap"),
        (_other(distinct(rows)) for rows in by_reference.values()),
    )


def _other(rows: Sequence[Mapping[str, Any]]) -> list[Cell | str]:
    plain = [row for row in rows if row["gap"] == "none"]
    prior = [row for row in rows if row["gap"] == "prior"]
    first = plain[0]
    return [
        Cell(f"{first['forecaster']}, {first['date_made']}", web(first["source"])),
        first["event"],
        statement_words(first),
        our_words(plain),
        our_words(prior) or "-",
        implied_gap_words(plain),
    ]
