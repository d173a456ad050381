"""Scenarios: probability by day with and without a gap, beside what others said."""

from datetime import date, timedelta
from typing import Final

import polars as pl

from trends.report.charts.chart import (
    Chart,
    Row,
    Spec,
    Tables,
    axis_of_days,
    day_tip,
    iso,
    layer,
    layered,
    now_by_rows,
    now_row,
    number_tip,
    on_day,
    pixels,
    share,
    text_tip,
    words,
)
from trends.report.charts.theme import BLUE, GREEN, VERMILION
from trends.tables import (
    AUTOMATION,
    AUTOMATION_YEARS,
    HEADLINE_YEARS,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
)
from trends.words import percent
from trends.words.answer import BOUNDS

HEIGHT: Final = 240
ROW: Final = 32
"""Pixels from one statement to the next: a line of words, and its mark below."""
AIR: Final = 34
"""Pixels between the plot and the statements."""

GAPS: Final = {"none": "no gap: benchmark-implied", "prior": "with the prior gap"}
COLOURS: Final = (BLUE, VERMILION)
SAYS: Final = ("about", "at_least", "below", "no number")
_QUANTILES: Final = {
    "q10_date": 0.1,
    "q25_date": 0.25,
    "median_date": 0.5,
    "q75_date": 0.75,
    "q90_date": 0.9,
}


def scenario(tables: Tables, scenario_id: str) -> Chart | None:
    """Probability that a scenario has come about, and others' statements set beside it.

    Args:
        tables: published tables by name.
        scenario_id: a scenario of AUTOMATION.

    Returns:
        None where the scenario is not estimated.
    """
    rows = (
        tables[AUTOMATION.name]
        .filter(pl.col("scenario_id") == scenario_id, pl.col("p_never").is_not_null())
        .to_dicts()
    )
    if not rows:
        return None
    plain = [row for row in rows if row["dependence"] == _best(rows)]
    as_of = plain[0]["as_of"]
    others = _others(tables, scenario_id)
    last = _last(plain, others, as_of)
    curves = [
        {"d": iso(day), "p": share(p), "g": GAPS[row["gap"]]}
        for row in plain
        for day, p in _up_to(_curve(row), last)
    ]
    bands = _bands(rows, last)
    first = as_of - timedelta(days=60)
    x = on_day("d", **axis_of_days(first, last))
    x["axis"]["grid"] = False  # the plot's would stop short of the statements
    statements = ROW * len(others)
    height = HEIGHT + (AIR + statements if others else 0)
    return layered(
        f"scenario-{scenario_id}",
        f"{plain[0]['scenario_title']}: probability by a day",
        _alt(plain, others),
        note=_note(others, plain[-1]),
        height=height,
        datasets={
            "curves": curves,
            "bands": bands,
            "others": others,
            "now": now_row(as_of),
        },
        layers=[
            *now_by_rows("now", x, as_of, "0", str(HEIGHT)),
            *_curve_layers(x),
            *_other_layers(x),
        ],
    )


def _best(rows: list[Row]) -> str:
    """As past errors were, where that was fitted; else independent."""
    fitted = any(
        row["dependence"] == "fitted" and row["rho"] is not None for row in rows
    )
    return "fitted" if fitted else "independent"


def _curve(row: Row) -> list[tuple[date, float]]:
    """What AUTOMATION states of one distribution: by year ends, and at quantiles."""
    points = {row["as_of"]: row["p_by_as_of"]}
    points |= {date(year, 12, 31): row[f"p_by_end_{year}"] for year in AUTOMATION_YEARS}
    for column, level in _QUANTILES.items():
        if row[column] is not None and row[column] >= row["as_of"]:
            points.setdefault(row[column], level)
    return sorted(points.items())


def _up_to(curve: list[tuple[date, float]], last: date) -> list[tuple[date, float]]:
    """The curve to the end of the axis, between two points on the line between them."""
    within = [point for point in curve if point[0] <= last]
    beyond = curve[len(within) :]
    if not within or not beyond or within[-1][0] == last:
        return within
    (day, p), (later, more) = within[-1], beyond[0]
    return [*within, (last, p + (more - p) * ((last - day) / (later - day)))]


def _bands(rows: list[Row], last: date) -> list[Row]:
    """From the lowest to the highest probability of any correlation, by year ends."""
    bands: list[Row] = []
    for gap, label in GAPS.items():
        curves = [_up_to(_curve_ends(row), last) for row in rows if row["gap"] == gap]
        for same_day in zip(*curves, strict=True) if len(curves) > 1 else ():
            chances = [p for _, p in same_day]
            low, high = share(min(chances)), share(max(chances))
            bands.append({"d": iso(same_day[0][0]), "lo": low, "hi": high, "g": label})
    return bands


def _curve_ends(row: Row) -> list[tuple[date, float]]:
    ends = [(date(year, 12, 31), row[f"p_by_end_{year}"]) for year in AUTOMATION_YEARS]
    return [(row["as_of"], row["p_by_as_of"]), *ends]


def _others(tables: Tables, scenario_id: str) -> list[Row]:
    """Statements set beside the scenario, by the day that they speak of."""
    about = tables[REFERENCE_COMPARISONS.name].filter(
        pl.col("scenario_id") == scenario_id,
        pl.col("gap") == "none",
        pl.col("dependence") == "independent",
        pl.col("read_date").is_not_null(),
    )
    if about.is_empty():
        return []
    statements = tables[REFERENCE_FORECASTS.name].select(
        "reference_id", "forecaster", "date_made", "read_bound"
    )
    found = about.join(statements, on="reference_id").sort("read_date", "reference_id")
    stated = [_statement(i, row) for i, row in enumerate(found.iter_rows(named=True))]
    return _numbered(stated)


def _numbered(stated: list[Row]) -> list[Row]:
    """Statements with the numbers beside their marks in the plot.

    Of marks so close that their numbers would lie on one another the first has the
    numbers of all.
    """
    shown = sorted(
        (row for row in stated if "p" in row), key=lambda row: (row["p"], row["d"])
    )
    groups: list[list[Row]] = []
    for row in shown:
        if groups and _is_near(groups[-1][-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    for group in groups:
        group[0]["#"] = _numbers(sorted(row["i"] + 1 for row in group))
    return stated


def _numbers(numbers: list[int]) -> str:
    """As "2, 7" or, where there are more in a row, "2 to 7"."""
    first, last = numbers[0], numbers[-1]
    if last - first == len(numbers) - 1 > 1:
        return f"{first} to {last}"
    return ", ".join(map(str, numbers))


def _is_near(one: Row, other: Row) -> bool:
    """Whether two marks share a line and half a year."""
    days = date.fromisoformat(other["d"]) - date.fromisoformat(one["d"])
    return abs(other["p"] - one["p"]) < 0.05 and abs(days) < timedelta(days=200)


def _statement(place: int, row: Row) -> Row:
    their = row["their_probability"]
    bound = row["read_bound"] or "about"
    day = f"by {row['read_date']}"
    stated = {
        "i": place,
        "d": iso(row["read_date"]),
        "k": "no number" if their is None else bound,
        "t": f"{place + 1}  {row['forecaster']}, {row['date_made']}",
        "w": f"{day}, no number"
        if their is None
        else f"{BOUNDS[bound]}{percent(their)} {day}",
    }
    return stated if their is None else stated | {"p": share(their)}


def _last(plain: list[Row], others: list[Row], as_of: date) -> date:
    """Until most of the scenario's mass, and every statement, is on the axis."""
    days = [date(as_of.year + 5, 12, 31)]
    days += [date.fromisoformat(row["d"]) for row in others]
    days += [row["q90_date"] for row in plain if row["q90_date"] is not None]
    end = min(max(days), date(as_of.year + 14, 12, 31))
    return date(end.year, 12, 31)


def _curve_layers(x: Spec) -> list[Spec]:
    y: Spec = {
        "field": "p",
        "type": "quantitative",
        "scale": {"type": "linear", "domain": [0, 1], "range": [HEIGHT, 0]},
        "axis": {"format": ".0%", "title": None, "tickCount": 5},
    }
    legend = {"title": None, "columns": 1, "symbolSize": 300}

    def by_gap(values: list[object]) -> Spec:
        scale = {"domain": list(GAPS.values()), "range": values}
        return {"field": "g", "type": "nominal", "scale": scale, "legend": legend}

    bands = [
        layer(
            "bands",
            {
                "type": "area",
                "color": colour,
                "opacity": 1,
                "fillOpacity": 0.18,
                "interpolate": "monotone",
            },
            {"x": x, "y": y | {"field": "lo"}, "y2": {"field": "hi"}},
            where=f"datum.g === '{gap}'",
        )
        for gap, colour in zip(GAPS.values(), COLOURS, strict=True)
    ]
    line = layer(
        "curves",
        {"type": "line", "strokeWidth": 2.5, "interpolate": "monotone"},
        {
            "x": x,
            "y": y,
            "stroke": by_gap(list(COLOURS)),
            "strokeDash": by_gap([[1, 0], [6, 3]]),
            "tooltip": [
                text_tip("g", "curve"),
                day_tip("d", "by"),
                number_tip("p", "probability", ".1%"),
            ],
        },
    )
    mark = layer("others", _MARK, {"x": x, "y": y, **_SAID}, where="isValid(datum.p)")
    number = layer(
        "others",
        {"type": "text", "style": "strong", "align": "left", "dx": 7, "dy": -5},
        {"x": x, "y": y, "text": {"field": "#"}},
        where="datum['#']",
    )
    return [*bands, line, mark, number]


_MARK: Final[Spec] = {
    "type": "point",
    "color": GREEN,
    "filled": True,
    "size": 70,
    "opacity": 1,
}
_SAID: Final[Spec] = {
    "shape": {
        "field": "k",
        "type": "nominal",
        "scale": {
            "domain": list(SAYS),
            "range": ["circle", "triangle-up", "triangle-down", "cross"],
        },
        "legend": None,
    },
    "tooltip": [text_tip("t", "who"), text_tip("w", "says")],
}


def _other_layers(x: Spec) -> list[Spec]:
    """Below the plot, on its axis: a line of words a statement, and its day."""
    top = HEIGHT + AIR

    def down(offset: int) -> str:
        return f"{top + offset} + {ROW} * datum.i"

    line, half = down(6), "width * 0.5 - 4"
    return [
        layer("others", _MARK, {"x": x, "y": pixels(down(21)), **_SAID}),
        words("others", "t", style="ink", x="2", y=line, limit=half),
        words("others", "w", style="strong", x="width", y=line, limit=half),
    ]


def _note(others: list[Row], row: Row) -> str:
    gap = "" if row["gap"] == "none" else f" The prior of the gap: {row['gap_label']}."
    note = (
        "Shades: from benchmarks that are independent to those correlated 0.9. Without "
        f"the gap a curve says when the bars are crossed, not when R&D is automated.{gap}"
    )
    if not others:
        return note
    return (
        f"{note} Numbered marks: what others said, and below when. A triangle that "
        "points up says at least so much, one that points down less than that, and a "
        "cross a day without a number. They may speak of other events than these "
        "bars."
    )


def _alt(plain: list[Row], others: list[Row]) -> str:
    said = []
    for row in plain:
        gap = GAPS[row["gap"]].capitalize()
        years = ", ".join(
            f"{percent(row[f'p_by_end_{year}'])} by the end of {year}"
            for year in HEADLINE_YEARS
        )
        said.append(
            f"{gap}: median {row['median_label']}, 80% interval {row['interval80_label']}, probability {years}, "
            f"{percent(row['p_never'])} never."
        )
    if others:
        stated = "; ".join(
            f"{row['t'].partition('  ')[2]}: {row['w']}" for row in others
        )
        said.append(f"Others: {stated}.")
    return " ".join(said)
