"""When the bars of one threshold are crossed: distributions, and chances as dots."""

import json
import math
from bisect import bisect_left
from collections import Counter
from datetime import date, timedelta
from itertools import cycle
from operator import itemgetter
from typing import Final

from trends.report.charts.bars import Bars, headline_words, subject, window_end
from trends.report.charts.chart import (
    Chart,
    Row,
    Spec,
    axis_of_days,
    day_tip,
    iso,
    layer,
    layered,
    now_layers,
    now_row,
    number_tip,
    on_day,
    pixels,
    share,
    text_tip,
    thinned,
)
from trends.report.charts.theme import BLUE, HEADLINE, RUNGS
from trends.words import when_words

HEIGHT: Final = 220
TOLERANCE: Final = 0.004
"""How far, in probability, a thinned curve may lie from its months: a pixel."""

CURVES: Final = (
    "Curves: probability of each bar by a day, the headline's thick. Where one ends "
    "below 100%, the rest is the probability that the bar is crossed later or never. "
    "Bars that are crossed already have no curve."
)

N_DOTS: Final = 20
DOTS: Final = (
    f"Dots: each is one chance in {N_DOTS} of the headline's date. The box holds those "
    "that come after the axis ends, or never. Dots before the dashed line are chances "
    "that the bar is crossed already."
)
COLUMNS: Final = 24
DOT: Final = 13
"""Pixels across a dot and the space about it."""
ACROSS: Final = 5
"""Dots side by side in the box."""
BOX: Final = 84
"""Pixels across the box of what lies beyond the axis."""


def crossing(bars: Bars, threshold_id: str) -> Chart | None:
    """Probability of each bar of a threshold by day, in the trend of its headline.

    Args:
        bars: of the run.
        threshold_id: a threshold.

    Returns:
        None where no bar is open and estimated.
    """
    every = bars.summary.get(threshold_id, [])
    headline = bars.headline_of(threshold_id)
    curves = {row["bar_id"]: bars.chances(row) for row in every}
    drawn = [row for row in every if curves[row["bar_id"]] and not row.get("withheld")]
    if headline is None or not drawn:
        return None
    first, last = _shown([curves[row["bar_id"]] for row in drawn], headline)
    rows = [
        {"d": iso(day), "p": share(p), "b": row["bar_id"]}
        for row in drawn
        for day, p in _thinned(curves[row["bar_id"]], first, last)
    ]
    x = on_day("d", **axis_of_days(first, last))
    y: Spec = {
        "field": "p",
        "type": "quantitative",
        "scale": {"type": "linear", "domain": [0, 1]},
        "axis": {"format": ".0%", "title": None, "tickCount": 5},
    }
    return layered(
        f"crossing-{threshold_id}",
        f"{subject(headline)}: probability that each bar is crossed by a day",
        " ".join(map(headline_words, every)),
        note=CURVES,
        height=HEIGHT,
        datasets={"curves": rows, "now": now_row(headline["as_of"])},
        layers=[*now_layers(x, above=True), _curves(x, y, drawn)],
    )


def _curves(x: Spec, y: Spec, bars: list[Row]) -> Spec:
    """A line a bar, told apart by colour, dash and, of the headline, width."""
    others = cycle(RUNGS)
    looks = [HEADLINE if row["is_headline"] else next(others) for row in bars]
    colours, dashes, widths = zip(*looks, strict=True)
    names = {row["bar_id"]: f"{row['bar_label']}: {when_words(row)}" for row in bars}
    legend = {
        "title": None,
        "columns": 1,
        "symbolSize": 300,
        "labelExpr": f"{json.dumps(names)}[datum.label]",
        "labelLimit": {"expr": "width - 40"},
    }

    def by_bar(values: tuple[object, ...]) -> Spec:
        scale = {"domain": list(names), "range": list(values)}
        return {"field": "b", "type": "ordinal", "scale": scale, "legend": legend}

    return layer(
        "curves",
        {"type": "line"},
        {
            "x": x,
            "y": y,
            "stroke": by_bar(colours),
            "strokeDash": by_bar(dashes),
            "strokeWidth": by_bar(widths),
            "tooltip": [
                text_tip("b", "bar"),
                day_tip("d", "by"),
                number_tip("p", "probability", ".1%"),
            ],
        },
    )


def dots(bars: Bars, threshold_id: str) -> Chart | None:
    """The crossing of the headline as twenty dots, each one chance in twenty.

    Args:
        bars: of the run.
        threshold_id: a threshold.

    Returns:
        None where the headline is crossed, not estimated or withheld.
    """
    headline = bars.headline_of(threshold_id)
    if headline is None or headline["p_never"] is None:
        return None
    if headline["crossing_status"] == "already_crossed" or headline.get("withheld"):
        return None
    curve = bars.chances(headline)
    end = window_end(headline["as_of"])
    days = [_day_of(curve, (k + 0.5) / N_DOTS) for k in range(N_DOTS)]
    within = [day for day in days if day is not None and day <= end]
    first, last = _span(within, headline["as_of"], end)
    width = (last - first) / COLUMNS
    heights: Counter[int] = Counter()
    placed: list[Row] = []
    for day in within:
        column = min(int((day - first) / width), COLUMNS - 1)
        heights[column] += 1
        middle = first + width * (column + 0.5)
        placed.append({"d": iso(middle), "q": iso(day), "k": heights[column]})
    n_beyond = N_DOTS - len(within)
    boxed: list[Row] = [{"k": k} for k in range(n_beyond)]
    rows = max(8, *heights.values(), math.ceil(n_beyond / ACROSS) + 2)
    return layered(
        f"dots-{threshold_id}",
        f"{headline['threshold_label']}: {N_DOTS} equal chances of the date",
        _dots_alt(headline, within, last, n_beyond),
        note=DOTS,
        height=DOT * rows,
        datasets={
            "dots": placed,
            "beyond": boxed,
            "box": [
                {
                    "t": f"after {last.year}",
                    "u": "or never",
                    "n": f"{n_beyond} of {N_DOTS}",
                }
            ],
            "now": now_row(headline["as_of"]),
        },
        layers=_dot_layers(first, last),
    )


def _dot_layers(first: date, last: date) -> list[Spec]:
    end = {"expr": f"width - {BOX + 6}"}
    x = on_day("d", **axis_of_days(first, last, range=[0, end]))
    dot: Spec = {
        "type": "point",
        "filled": True,
        "size": 95,
        "opacity": 1,
        "color": BLUE,
    }
    left = f"width - {BOX}"
    across = f"{left} + 10 + {DOT} * (datum.k % {ACROSS})"
    up = f"height - {DOT} * (floor(datum.k / {ACROSS}) + 0.5)"
    words = [
        layer(
            "box",
            {"type": "text", "style": style, "baseline": "top"},
            {
                "x": pixels(f"width - {BOX / 2:g}"),
                "y": pixels(place),
                "text": {"field": key},
            },
        )
        for key, style, place in (
            ("t", "ink", "4"),
            ("u", "ink", "17"),
            ("n", "strong", "32"),
        )
    ]
    return [
        layer(
            "box",
            {"type": "rect", "style": "box"},
            {
                "x": pixels(left),
                "x2": {"value": "width"},
                "y": {"value": 0},
                "y2": {"value": "height"},
            },
        ),
        *now_layers(x, above=True),
        layer(
            "dots",
            dot,
            {
                "x": x,
                "y": pixels(f"height - {DOT} * (datum.k - 0.5)"),
                "tooltip": [day_tip("q", "one chance in twenty about")],
            },
        ),
        layer("beyond", dot, {"x": pixels(across), "y": pixels(up)}),
        *words,
    ]


def _dots_alt(headline: Row, within: list[date], last: date, n_beyond: int) -> str:
    years = Counter(day.year for day in within)
    by_year = ", ".join(f"{years[year]} in {year}" for year in sorted(years))
    placed = f"{by_year}, " if by_year else ""
    return (
        f"Of {N_DOTS} equal chances {placed}{n_beyond} after {last.year} or never. "
        f"{headline_words(headline)}"
    )


def _day_of(curve: list[tuple[date, float]], level: float) -> date | None:
    """First day with so much probability, on straight lines between months' ends."""
    index = bisect_left(curve, level, key=itemgetter(1))
    if index == len(curve):
        return None
    day, p = curve[index]
    if index == 0:
        return day
    before, p_before = curve[index - 1]
    return before + (day - before) * ((level - p_before) / (p - p_before))


def _span(within: list[date], as_of: date, end: date) -> tuple[date, date]:
    """From the vintage, or the first dot, to the end of the last dot's year."""
    first = min([*within, as_of]) - timedelta(days=30)
    last = max([*within, as_of + timedelta(days=730)])
    return first, min(end, date(last.year, 12, 31))


def _shown(curves: list[list[tuple[date, float]]], headline: Row) -> tuple[date, date]:
    """From half a year before the vintage until little is still to come."""
    end = window_end(headline["as_of"])
    last = headline["as_of"] + timedelta(days=3 * 365)
    for curve in curves:
        near = next(day for day, p in curve if p >= 0.97 * curve[-1][1])
        last = max(last, min(near, end))
    return headline["as_of"] - timedelta(days=183), date(last.year, 12, 31)


def _thinned(
    curve: list[tuple[date, float]], first: date, last: date
) -> list[tuple[date, float]]:
    """The part of a curve that is drawn, without months that its neighbours give."""
    points = [(float(day.toordinal()), p) for day, p in curve if first <= day <= last]
    kept = thinned(points, tolerance=TOLERANCE)
    return [(date.fromordinal(int(day)), p) for day, p in kept]
