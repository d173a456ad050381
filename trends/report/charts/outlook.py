"""The question at a glance: when the default scenario comes about, and what others say."""

from datetime import date, timedelta
from itertools import chain
from typing import Any, Final

from trends.report.charts.bars import window_end
from trends.report.charts.chart import (
    Chart,
    Row,
    Spec,
    Tables,
    axis_of_days,
    interval,
    iso,
    layer,
    layered,
    now_by_rows,
    now_row,
    on_day,
    pixels,
    text_tip,
    words,
)
from trends.report.charts.theme import GREEN
from trends.tables import AUTOMATION, HEADLINE_YEARS, REFERENCE_FORECASTS
from trends.words import (
    brief_statement,
    cited_statements,
    default_scenario,
    percent,
)

ROW: Final = 38
BAR: Final = 26
"""Pixels from the top of a row to its bar or mark."""

OURS: Final = {
    "none": "These bars crossed (benchmark-implied)",
    "prior": "With the prior gap: automated R&D",
}


def outlook(tables: Tables) -> Chart | None:
    """Dates of the default scenario with and without its gap, above what others say.

    Args:
        tables: published tables by name.

    Returns:
        None where no scenario is the default, or it is not estimated.
    """
    scenario = default_scenario(tables[AUTOMATION.name]).to_dicts()
    ours = [row for row in scenario if row["p_never"] is not None]
    if not ours:
        return None
    as_of = ours[0]["as_of"]
    end = window_end(as_of)
    cited = cited_statements(tables[REFERENCE_FORECASTS.name])
    said = [row for row in cited if row["read_date"] is not None]
    said.sort(key=lambda row: (row["read_date"], row["brief_who"]))
    rows = [_ours(i, row, end) for i, row in enumerate(ours)]
    rows += [_other(i, row, end) for i, row in enumerate(said, start=len(ours))]
    first = min([as_of, *(row["read_date"] for row in said)]) - timedelta(days=90)
    x = on_day("d", **axis_of_days(first, end, clamp=True))
    return layered(
        "outlook",
        f"{ours[0]['scenario_title']}: our dates, and what others say",
        " ".join(
            [
                *map(_said, ours),
                *(f"{row['t']}: {row['w']}." for row in rows[len(ours) :]),
            ]
        ),
        note=(
            "Bars: 50% (thick) and 80% of our dates, with the median. Green marks: the "
            "day that somebody else speaks of; each speaks of an event of their own."
        ),
        height=ROW * len(rows) + 4,
        datasets={"rows": rows, "now": now_row(as_of)},
        layers=_layers(x, as_of),
    )


def _ours(place: int, row: Row, end: date) -> Row:
    drawn: Row = {
        "i": place,
        "t": OURS[row["gap"]],
        "w": f"{row['median_label']} ({row['interval80_label']})",
    }
    for key, column in _QUANTILES.items():
        drawn[key] = iso(row[column])
    if row["median_date"] is not None and row["median_date"] <= end:
        drawn["m"] = iso(row["median_date"])
    return {key: value for key, value in drawn.items() if value is not None}


_QUANTILES: Final = {"b": "q10_date", "c": "q25_date", "x": "q75_date", "y": "q90_date"}
_BANDS: Final = (("b", "y", 6, 0.5), ("c", "x", 11, 1.0))


def _other(place: int, row: Any, end: date) -> Row:
    said = {
        "i": place,
        "t": f"{row['brief_who']} ({row['date_made'][:7]}), {row['brief_what']}",
        "w": brief_statement(row),
    }
    return said | ({"o": iso(row["read_date"])} if row["read_date"] <= end else {})


def _said(row: Row) -> str:
    years = ", ".join(
        f"{percent(row[f'p_by_end_{year}'])} by the end of {year}"
        for year in HEADLINE_YEARS
    )
    return (
        f"{OURS[row['gap']]}: median {row['median_label']}, 80% interval "
        f"{row['interval80_label']}, probability {years}."
    )


def _layers(x: Spec, as_of: date) -> list[Spec]:
    def down(offset: int) -> str:
        return f"{ROW} * datum.i + {offset}"

    tips = [text_tip("t", "who"), text_tip("w", "says")]
    left = "width * (width < 480 ? 0.4 : 0.5)"  # a date at the end is not to be cut
    return [
        *now_by_rows("rows", x, as_of, down(BAR - 10), down(BAR + 10)),
        *chain.from_iterable(
            interval("rows", x, pixels(down(BAR)), band, beyond="width")
            for band in _BANDS
        ),
        layer(
            "rows",
            {"type": "point", "style": "median", "size": 80, "opacity": 1},
            {"x": x | {"field": "m"}, "y": pixels(down(BAR)), "tooltip": tips},
            where="datum.m",
        ),
        layer(
            "rows",
            {"type": "point", "color": GREEN, "filled": True, "size": 90, "opacity": 1},
            {
                "x": x | {"field": "o"},
                "y": pixels(down(BAR)),
                "shape": {"value": "diamond"},
                "tooltip": tips,
            },
            where="datum.o",
        ),
        words("rows", "t", style="ink", x="2", y=down(9), limit=f"{left} - 4"),
        words(
            "rows", "w", style="strong", x="width", y=down(9), limit=f"width - {left}"
        ),
    ]
