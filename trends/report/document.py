"""The page: every section in order, and all that it needs to be read offline."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

import polars as pl

from trends.report import opening, scripts
from trends.report.benchmarks import Section, sections
from trends.report.changes import windows
from trends.report.charts import DARK, LIGHT
from trends.report.drawn import Drawn
from trends.report.pace import pace
from trends.report.past import bins, past
from trends.report.scenarios import scenarios
from trends.report.sharing import shared
from trends.report.trials import contests, high_bars, stood
from trends.templates import templates
from trends.words import (
    CAVEAT,
    HELD,
    OTHER_EVENTS,
    SCENARIO_CAVEAT,
    alarm_lines,
    answer_sentences,
    default_scenario,
    lines_about,
    run_influence_lines,
)

Tables = Mapping[str, pl.DataFrame]

OLD_DAYS: Final = 90
"""Series that end longer before the vintage are counted at the top."""


def page(tables: Tables, shown: Tables, drawn: Drawn, *, draft: bool) -> bytes:
    """The report as one HTML file that loads nothing.

    Args:
        tables: published tables by name: what is counted and said of all.
        shown: the same with those rows only that it shows.
        drawn: charts of these.
        draft: whether it says that it is one.
    """
    libraries, behaviour = scripts.libraries(), scripts.behaviour()
    html = (
        templates(__package__)
        .get_template("report.html.jinja")
        .render(
            _front(tables, shown, drawn)
            | _body(tables, shown, drawn)
            | {
                "draft": draft,
                "style": scripts.packaged("report.css"),
                "policy": scripts.allowed((libraries, behaviour)),
                "charts": shared(_specifications(drawn)),
                "themes": {"light": LIGHT, "dark": DARK},
                "libraries": libraries,
                "behaviour": behaviour,
            }
        )
    )
    return html.encode()


def _specifications(drawn: Drawn) -> dict[str, Any]:
    """What is drawn, by chart; what it says in words stands beside it already."""
    return {
        chart.name: {
            key: value for key, value in chart.spec.items() if key != "description"
        }
        for chart in drawn.every()
    }


def _front(tables: Tables, shown: Tables, drawn: Drawn) -> dict[str, Any]:
    """What stands before the sections of benchmarks and scenarios."""
    summary = tables["crossing_summary"]
    chosen = default_scenario(tables["automation"])
    rows = chosen.to_dicts()
    scenario_id = rows[0]["scenario_id"] if rows else None
    alarms = shown["tripwires"].filter("alarm").to_dicts()
    headlines = shown["crossing_summary"].filter("is_headline")
    return {
        "as_of": summary["as_of"][0],
        "run_id": summary["run_id"][0],
        "contract": summary["contract_version"][0],
        "ages": _ages(summary.filter("is_headline")),
        "left": _left(tables, shown),
        "answer": answer_sentences(tables["automation"], tables["reference_forecasts"]),
        "default_dates": opening.dates(rows) if rows else None,
        "glance": drawn.answer,
        "others": opening.others(tables, scenario_id) if scenario_id else None,
        "because": rows[0]["default_because"] if rows else None,
        "caveat": CAVEAT,
        "held": HELD,
        "scenario_caveat": SCENARIO_CAVEAT,
        "other_events": OTHER_EVENTS,
        "ladders": drawn.ladders,
        "headlines": opening.headlines(shown["headline"], shown["thresholds"]),
        "notes": [
            *run_influence_lines(headlines.to_dicts()),
            *lines_about(shown["crossing_summary"], quarantine=shown["quarantine"]),
        ],
        "changes": windows(tables, shown),
        "alarms": alarm_lines(alarms),
        "pace": pace(tables),
        "pace_charts": drawn.pace,
        "past": past(tables),
        "bins": bins(tables),
        "stood": stood(tables),
        "high_bars": high_bars(tables),
        "contests": contests(tables),
        "calibration": drawn.calibration,
    }


def _body(tables: Tables, shown: Tables, drawn: Drawn) -> dict[str, Any]:
    """Scenarios, and benchmarks by domain."""
    every = sections(shown)
    linked = frozenset(one.benchmark_id for one in every)
    return {
        "scenarios": list(scenarios(tables, linked)),
        "scenario_charts": drawn.scenarios,
        "domains": [
            (domain, list(part)) for domain, part in groupby(every, key=_domain)
        ],
        "how_to_read": dict.fromkeys(
            chart.note for charts in drawn.benchmarks.values() for chart in charts
        ),
        "score_charts": {
            one: [chart for chart in charts if chart.name == f"scores-{one}"]
            for one, charts in drawn.benchmarks.items()
        },
        "threshold_charts": {
            ladder.threshold_id: [
                chart
                for chart in drawn.benchmarks[one.benchmark_id]
                if chart.name != f"scores-{one.benchmark_id}"
                and chart.name.split("-", 1)[1] == ladder.threshold_id
            ]
            for one in every
            for ladder in one.ladders
        },
    }


def _left(tables: Tables, shown: Tables) -> str:
    """How many benchmarks the page leaves to the files; empty where it shows all."""
    every, here = (
        one["thresholds"]["benchmark_id"].n_unique() for one in (tables, shown)
    )
    if here == every:
        return ""
    return (
        f"This page shows {here:,} of {every:,} benchmarks: first those of the scenarios, "
        "then those whose date moved most. The files have the other "
        f"{every - here:,}: a row each in headline.csv, every number in the tables, and "
        "a page a bar, which bars/index.json lists."
    )


def _domain(section: Section) -> str:
    return section.domain


def _ages(headlines: pl.DataFrame) -> str:
    """Until when the figures reach, and how many of the series are older."""
    seen = headlines["observed_through"].drop_nulls()
    newest = seen.max()
    if not isinstance(newest, date):
        return "No series has a day up to which it was read."
    old = seen.filter((headlines["as_of"][0] - seen).dt.total_days() > OLD_DAYS).len()
    return (
        f"The newest figures reach to {newest}; {old} of {headlines.height} series end "
        f"more than {OLD_DAYS} days before the vintage; each row's note says when."
    )
