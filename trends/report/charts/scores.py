"""The scores of one benchmark: who reported them, the record, the fan and the bars."""

import json
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from trends.report.charts.bars import Bars, headline_words, subject
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
    rounded,
    text_tip,
)
from trends.report.charts.labels import LINE, label_spots
from trends.report.charts.scales import HEIGHT, Scale
from trends.report.charts.theme import BLUE, GREEN, GREY, PURPLE, VERMILION
from trends.words import score_words

REPORTERS: Final[dict[str, tuple[str, str, str]]] = {
    "benchmark_authors": ("benchmark authors", BLUE, "circle"),
    "leaderboard": ("leaderboard", GREEN, "square"),
    "independent": ("independent", VERMILION, "triangle-up"),
    "developer": ("developer itself", PURPLE, "diamond"),
    "unstated": ("not stated", GREY, "cross"),
}
"""Words, colour and shape of who reported a score."""

SELF_REPORTED: Final = "developer"

NOTE: Final = (
    "Scores: each mark is one, on the day of the model's release or of the period measured; "
    "hollow ones are reported by the developer itself, pale ones are left out of fits. "
    "Stepped line: the record. Dashed line and shades: median, 50, 80 and 95% of the forecast record. "
    "Horizontal lines: bars, the headline bold."
)

_LEVELS: Final = {
    0.025: "a", 0.1: "b", 0.25: "c", 0.5: "m", 0.75: "d75", 0.9: "e", 0.975: "f",
}  # fmt: skip
BANDS: Final = (("a", "f"), ("b", "e"), ("c", "d75"))


def scores(run: Bars, benchmark_id: str) -> Chart | None:
    """Scores by day of release, the standing record, what comes next, and the bars.

    Args:
        run: bars and scores of the run.
        benchmark_id: a benchmark.

    Returns:
        None where no score has a day and a place on the scale.
    """
    found = run.observations.get(benchmark_id, [])
    if not found:
        return None
    scale = Scale(found[0]["score_unit"])
    shown = [
        row
        for row in found
        if row["day"] is not None and (scale.bounded or row["score"] > 0)
    ]
    if not shown:
        return None
    thresholds = run.thresholds_of(benchmark_id)
    headline = run.headline_of(thresholds[0]) if thresholds else None
    points = [_point(row) for row in shown]
    fan = [row for row in _fan(run, thresholds, headline) if scale.has(row["a"])]
    bars = [bar for bar in _bars(run, thresholds) if scale.has(bar["s"])]
    domain = scale.domain(points, fan, bars)
    days = _days(points, fan, headline)
    drawn = [*points, *_between(fan)]
    as_of = None if headline is None else headline["as_of"]
    bars = _labelled(bars, drawn, scale=scale, domain=domain, days=days, as_of=as_of)
    x = on_day("d", **axis_of_days(*days))
    y: Spec = {"field": "s", "type": "quantitative", **scale.axis(domain)}
    n_hidden = len(found) - len(points)
    return layered(
        f"scores-{benchmark_id}",
        f"{benchmark_id if headline is None else subject(headline)}: scores, record, forecast and bars",
        _alt(points, n_hidden, fan, bars, headline=headline, unit=scale.unit),
        note=NOTE,
        height=HEIGHT,
        datasets={
            "scores": points,
            "record": _record(shown, headline),
            "fan": fan,
            "bars": bars,
            "now": [] if as_of is None else now_row(as_of),
        },
        layers=[
            *_fan_layers(x, y, fan, domain),
            *_bar_layers(y),
            *_score_layers(x, y, points),
        ],
    )


def _point(row: Row) -> Row:
    point = {
        "d": iso(row["day"]),
        "s": rounded(row["score"]),
        "m": row["model_name"],
        "r": row["reporter"],
    }
    if row["fit_exclusion"] is not None:
        point["x"] = 1
    return point


def _record(shown: list[Row], headline: Row | None) -> list[Row]:
    """The standing record as steps, up to the last day on which one could be seen."""
    records = [row for row in shown if row["is_record"]]
    steps = [{"d": iso(row["day"]), "s": rounded(row["score"])} for row in records]
    through = headline["observed_through"] if headline else None
    if steps and through is not None and through > records[-1]["day"]:
        steps.append({"d": iso(through), "s": steps[-1]["s"]})
    return steps


def _fan(run: Bars, thresholds: list[str], headline: Row | None) -> list[Row]:
    """Bands of the headline's trend: a row a day ahead, from the last day observed."""
    if headline is None or headline["frontier_score"] is None:
        return []
    series_id = run.bars[thresholds[0]][0]["series_id"]
    rows: dict[date, Row] = {}
    for day, level, score in run.forecast(series_id, headline["trend"]):
        rows.setdefault(day, {"d": iso(day)})[_LEVELS.get(level, "")] = rounded(score)
    if not rows:
        return []
    start = dict.fromkeys(_LEVELS.values(), rounded(headline["frontier_score"]))
    start |= {"d": iso(headline["observed_through"])}
    fan = [start, *(rows[day] for day in sorted(rows))]
    return [{key: row[key] for key in ("d", *_LEVELS.values())} for row in fan]


def _between(fan: list[Row]) -> list[Row]:
    """Places along the median of a fan, close enough for a label to meet one."""
    places: list[Row] = []
    for one, other in pairwise(fan):
        start, end = date.fromisoformat(one["d"]), date.fromisoformat(other["d"])
        for k in range(5):
            day = start + (end - start) * (k / 5)
            score = one["m"] + (other["m"] - one["m"]) * k / 5
            places.append({"d": iso(day), "s": score})
    return places


def _bars(run: Bars, thresholds: list[str]) -> list[Row]:
    """Bars of all thresholds of the benchmark, easy to hard, each value once."""
    bars: dict[float, Row] = {}
    for bar in (bar for one in thresholds for bar in run.bars[one]):
        drawn = {"s": bar["bar_value"], "t": bar["bar_label"]}
        if bar["is_headline"]:
            drawn["h"] = 1
        if bar["bar_value"] not in bars:
            bars[bar["bar_value"]] = drawn
    return [bars[value] for value in sorted(bars)]


def _labelled(
    bars: list[Row],
    marks: list[Row],
    *,
    scale: Scale,
    domain: tuple[float, float],
    days: tuple[date, date],
    as_of: date | None,
) -> list[Row]:
    """Bars with the end and the side of the line at which their label stands."""
    lines = [scale.place(bar["s"], domain) for bar in bars]
    span = (days[1] - days[0]).days
    covered = [
        (
            (date.fromisoformat(mark["d"]) - days[0]).days / span,
            scale.place(mark["s"], domain),
        )
        for mark in marks
    ]
    if as_of is not None:
        now = (as_of - days[0]).days / span
        side = 0.05 if now < 0.5 else -0.05
        covered += [(now + side * k, HEIGHT - LINE / 2) for k in range(1, 7)]
    first = next((i for i, bar in enumerate(bars) if "h" in bar), None)
    spots = label_spots(lines, first=first, marks=covered)
    return [
        bar | ({} if spot is None else {"l": int(spot.left), "u": int(spot.below)})
        for bar, spot in zip(bars, spots, strict=True)
    ]


def _days(points: list[Row], fan: list[Row], headline: Row | None) -> tuple[date, date]:
    """The first and the last day of the axis: all that is drawn, and a little air."""
    days = [date.fromisoformat(row["d"]) for row in [*points, *fan]]
    if headline is not None:
        days.append(headline["as_of"])
    first, last = min(days), max(days)
    air = timedelta(days=max(20, (last - first).days // 40))
    return first - air, last + air


def _fan_layers(
    x: Spec, y: Spec, fan: list[Row], domain: tuple[float, float]
) -> list[Spec]:
    """Its bands and its median; a clip costs more than a chart, so only where it cuts."""
    low, high = domain
    area = {"type": "area", "color": BLUE, "opacity": 1, "fillOpacity": 0.16}
    if any(row["a"] < low or row["f"] > high for row in fan):
        area["clip"] = True
    bands = [
        layer(
            "fan",
            area,
            {"x": x, "y": y | {"field": low}, "y2": {"field": high}},
        )
        for low, high in BANDS
    ]
    median = layer(
        "fan",
        {"type": "line", "color": BLUE, "strokeDash": [5, 3]},
        {"x": x, "y": y | {"field": "m"}},
    )
    return [*bands, median]


def _bar_layers(y: Spec) -> list[Spec]:
    text: Spec = {
        "type": "text",
        "style": "ink",
        "align": {"expr": "datum.l ? 'left' : 'right'"},
        "baseline": {"expr": "datum.u ? 'top' : 'bottom'"},
        "dy": {"expr": "datum.u ? 3 : -2"},
        "fontWeight": {"expr": "datum.h ? 'bold' : 'normal'"},
        "limit": {"expr": "width / 2 - 12"},
    }
    place = pixels("datum.l ? 4 : width - 4")
    width = {"condition": {"test": "datum.h", "value": 2}, "value": 1}
    return [
        layer("bars", {"type": "rule", "style": "bar"}, {"y": y, "strokeWidth": width}),
        layer(
            "bars",
            text,
            {"y": y, "x": place, "text": {"field": "t"}},
            where="isValid(datum.l)",
        ),
    ]


def _score_layers(x: Spec, y: Spec, points: list[Row]) -> list[Spec]:
    record = layer(
        "record",
        {
            "type": "line",
            "interpolate": "step-after",
            "color": GREY,
            "strokeWidth": 1.5,
        },
        {"x": x, "y": y},
    )
    present = [one for one in REPORTERS if any(row["r"] == one for row in points)]
    names = {one: REPORTERS[one][0] for one in present}
    colours = [REPORTERS[one][1] for one in present]
    fills = [
        "transparent" if one == SELF_REPORTED else colour
        for one, colour in zip(present, colours, strict=True)
    ]
    legend = {
        "title": None,
        "labelExpr": f"{json.dumps(names)}[datum.label]",
        "columns": 2,
    }

    def by_reporter(values: list[str]) -> Spec:
        scale = {"domain": present, "range": values}
        return {"field": "r", "type": "nominal", "scale": scale, "legend": legend}

    def faint(in_no_fit: float, otherwise: float) -> Spec:
        return {
            "condition": {"test": "datum.x", "value": in_no_fit},
            "value": otherwise,
        }

    dots = layer(
        "scores",
        {"type": "point", "size": 42, "strokeWidth": 1.5, "opacity": 1},
        {
            "x": x,
            "y": y,
            "stroke": by_reporter(colours),
            "fill": by_reporter(fills),
            "shape": by_reporter([REPORTERS[one][2] for one in present]),
            "fillOpacity": faint(0.24, 0.6),
            "strokeOpacity": faint(0.4, 1),
            "tooltip": [
                text_tip("m", "model"),
                number_tip("s", "score", ".4~g"),
                day_tip("d", "day"),
                text_tip("r", "reported by"),
            ],
        },
    )
    return [*now_layers(x), record, dots]


def _alt(
    points: list[Row],
    n_hidden: int,
    fan: list[Row],
    bars: list[Row],
    *,
    headline: Row | None,
    unit: str,
) -> str:
    counts = Counter(row["r"] for row in points)
    by = ", ".join(
        f"{counts[one]} by {REPORTERS[one][0]}" for one in REPORTERS if counts[one]
    )
    said = [
        f"{len(points)} scores of releases from {points[0]['d']} to {points[-1]['d']}: {by}."
    ]
    if n_hidden:
        said.append(f"{n_hidden} more have no day or no place on this scale.")
    if headline is not None and headline["frontier_score"] is not None:
        record = score_words(headline["frontier_score"], unit)
        said.append(
            f"The record is {record}, by {headline['frontier_model_name']} "
            f"({headline['frontier_date']})."
        )
    if fan:
        end = fan[-1]
        low, middle, high = (score_words(end[key], unit) for key in ("b", "m", "e"))
        said.append(
            f"The forecast of the record for {end['d']}: {middle}, 80% interval {low} "
            f"to {high}."
        )
    if bars:
        said.append(f"Bars: {'; '.join(str(row['t']) for row in bars)}.")
    if headline is not None:
        said.append(headline_words(headline))
    return " ".join(said)
