"""One chart: a Vega-Lite specification with its data, a title and words for it."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from trends.dates import month_ends
from trends.report.charts.theme import BLUE

Row = dict[str, Any]
Spec = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"


class Chart(NamedTuple):
    """A chart that is drawn as wide as what holds it.

    Attributes:
        name: name of its files, unique in a run.
        title: what it shows. It is not in the specification, so that a page can
            write it as a heading that wraps.
        alt: what one reads from it, with the numbers.
        spec: Vega-Lite with the data in it and without colours of text, axes and
            ground: those are a ``config`` of ``theme``.
        note: how to read it, for below the chart.
    """

    name: str
    title: str
    alt: str
    spec: Spec
    note: str


def layered(
    name: str,
    title: str,
    alt: str,
    *,
    note: str,
    height: int,
    datasets: Mapping[str, list[Row]],
    layers: Iterable[Spec],
) -> Chart:
    """A chart of layers over one plot, as wide as what holds it.

    Args:
        name: as in Chart.
        title: as in Chart.
        alt: as in Chart.
        note: as in Chart.
        height: of the plot, in pixels.
        datasets: rows by the name under which layers refer to them.
        layers: Vega-Lite layers; those without rows are left out.
    """
    drawn = [one for one in layers if datasets[one["data"]["name"]]]
    for channel in ("x", "y"):
        _say_once(drawn, channel)
    spec: Spec = {
        "$schema": SCHEMA,
        "description": alt,
        "width": "container",
        "height": height,
        "datasets": {key: rows for key, rows in datasets.items() if rows},
        "layer": drawn,
    }
    return Chart(name, title, alt, spec, note)


def _say_once(layers: list[Spec], channel: str) -> None:
    """Leave scale and axis of a channel to the first layer that has them.

    Layers share both. Vega-Lite calls two domains of days a conflict, alike as they
    are, and every layer would carry its own copy.
    """
    is_said = False
    for one in layers:
        encoding = one["encoding"].get(channel, {})
        if "scale" not in encoding:
            continue
        if is_said:
            scale = {"type": encoding["scale"]["type"]}
            rest = {key: said for key, said in encoding.items() if key != "axis"}
            one["encoding"] = one["encoding"] | {channel: rest | {"scale": scale}}
        is_said = True


def layer(data: str, mark: Spec, encoding: Spec, *, where: str | None = None) -> Spec:
    """One layer: rows of a dataset, optionally those that hold, drawn as a mark."""
    drawn: Spec = {"data": {"name": data}, "mark": mark, "encoding": encoding}
    if where is not None:
        drawn["transform"] = [{"filter": where}]
    return drawn


def pixels(expression: str) -> Spec:
    """A place in pixels, worked out from ``width``, ``height`` and ``datum``."""
    return {"value": {"expr": expression}}


def words(data: str, field: str, *, style: str, x: str, y: str, limit: str) -> Spec:
    """A layer of text: from the left, or up to the right where ``x`` is ``width``.

    Args:
        data: dataset.
        field: the text; rows without it have none.
        style: of the theme.
        x: where it begins, or where it ends, in pixels.
        y: its middle, in pixels.
        limit: how long it may be, in pixels.
    """
    mark = {
        "type": "text",
        "style": style,
        "align": "right" if x.startswith("width") else "left",
        "baseline": "middle",
        "limit": {"expr": limit},
    }
    encoding = {"x": pixels(x), "y": pixels(y), "text": {"field": field}}
    return layer(data, mark, encoding, where=f"datum.{field}")


def on_day(field: str, **more: Any) -> Spec:
    """A day on the shared axis of time, in UTC so that no reader's zone moves it."""
    return {"field": field, "type": "temporal", **more}


def axis_of_days(first: date, last: date, **more: Any) -> Spec:
    """Scale and axis of time from one day to another, marked by years down to days.

    Args:
        first: its first day.
        last: its last day.
        more: properties of the scale, such as its range.
    """
    span = (last - first).days
    if span > 3 * 365:
        years = range(first.year + 1, last.year + 1)
        every = math.ceil(len(years) / 9) or 1
        ticks, form = [date(year, 1, 1) for year in years if year % every == 0], "%Y"
    elif span > 2 * 30:
        months = month_ends(first, last)
        starts = [day + timedelta(days=1) for day in months if day < last]
        every = 1 if len(months) <= 6 else 3 * math.ceil(len(months) / 18)
        ticks = [day for day in starts if (day.month - 1) % every == 0]
        form = "%Y-%m"
    else:
        between = range(span // 6, span, span // 3 or 1)
        ticks, form = [first + timedelta(days=day) for day in between], "%Y-%m-%d"
    return {
        "scale": {
            "type": "utc",
            "domain": [str(first), str(last)],
            **more,
        },
        "axis": {
            "title": None,
            "values": [str(day) for day in ticks],
            "format": form,
            "labelFlush": False,
        },
    }


def interval(
    data: str, x: Spec, y: Spec, band: tuple[str, str, int, float], *, beyond: str
) -> list[Spec]:
    """Bars between two days, and up to the end of the axis where there is no later one.

    Args:
        data: dataset.
        x: encoding of the day.
        y: their middle.
        band: fields of both days, thickness in pixels, opacity.
        beyond: end of the axis, in pixels.
    """
    low, high, thickness, opacity = band
    mark = {
        "type": "rule",
        "color": BLUE,
        "strokeWidth": thickness,
        "strokeOpacity": opacity,
    }
    dashed = {"test": "datum.k === 'ended'", "value": [3, 2]}
    dash = {"condition": dashed, "value": [1, 0]}
    start = x | {"field": low}
    return [
        layer(
            data,
            mark,
            {"x": start, "x2": end, "y": y, "strokeDash": dash},
            where=f"isValid(datum.{low}) && {where}",
        )
        for end, where in (
            ({"field": high}, f"isValid(datum.{high})"),
            (pixels(beyond), f"!isValid(datum.{high})"),
        )
    ]


def now_layers(x: Spec, *, above: bool = False) -> list[Spec]:
    """The line of the vintage, and its words on the side that has room.

    Args:
        x: encoding of the day.
        above: write the words above the plot, not at its foot.
    """
    return [
        layer("now", {"type": "rule", "style": "now"}, {"x": x}),
        _now(x, above=above),
    ]


def now_by_rows(data: str, x: Spec, as_of: date, top: str, foot: str) -> list[Spec]:
    """The line of the vintage where each row has its bar, clear of the rows' words.

    Args:
        data: dataset of the rows.
        x: encoding of the day.
        as_of: the vintage.
        top: where the line of a row begins, in pixels.
        foot: where it ends.
    """
    across = pixels(f"scale('x', toDate('{as_of}'))")
    place = {"x": across, "y": pixels(top), "y2": pixels(foot)}
    line = layer(data, {"type": "rule", "style": "now"}, place)
    return [line, _now(x, above=True)]


def _now(x: Spec, *, above: bool) -> Spec:
    right = "scale('x', toDate(datum.d)) > width / 2"
    mark = {
        "type": "text",
        "style": "faint",
        "align": {"expr": f"{right} ? 'right' : 'left'"},
        "dx": 0 if above else {"expr": f"{right} ? -4 : 4"},
        "baseline": "bottom",
        "dy": -4,
    }
    place = pixels("0" if above else "height")
    return layer("now", mark, {"x": x, "y": place, "text": {"field": "t"}})


def now_row(as_of: date) -> list[Row]:
    """The row that ``now_layers`` draw."""
    return [{"d": iso(as_of), "t": f"as of {iso(as_of)}"}]


def day_tip(field: str, title: str) -> Spec:
    """A day in a tooltip, as ISO writes it."""
    return {
        "field": field,
        "type": "temporal",
        "timeUnit": "utcyearmonthdate",
        "format": "%Y-%m-%d",
        "title": title,
    }


def text_tip(field: str, title: str) -> Spec:
    """Text in a tooltip."""
    return {"field": field, "type": "nominal", "title": title}


def number_tip(field: str, title: str, form: str) -> Spec:
    """A number in a tooltip, in a format of d3."""
    return {"field": field, "type": "quantitative", "title": title, "format": form}


def iso(day: date | None) -> str | None:
    """A day as ISO writes it; None where there is none."""
    return None if day is None else day.isoformat()


def rounded(value: float | None, digits: int = 4) -> float | None:
    """A number to so many significant digits: what a pixel can show."""
    if value is None or value == 0:
        return value
    return float(f"{value:.{digits}g}")


def share(probability: float | None) -> float | None:
    """A probability to a tenth of a per cent."""
    return None if probability is None else round(probability, 3)


def thinned(
    points: list[tuple[float, float]], *, tolerance: float
) -> list[tuple[float, float]]:
    """The points of a curve that straight lines between them need.

    Ramer, Douglas and Peucker: no point left out is further than ``tolerance`` from
    the line between its neighbours, measured along y.
    """
    if len(points) < 3:
        return points
    (x0, y0), (x1, y1) = points[0], points[-1]
    rise = (y1 - y0) / (x1 - x0)
    away = [abs(y - y0 - rise * (x - x0)) for x, y in points]
    worst = max(range(len(points)), key=away.__getitem__)
    if away[worst] <= tolerance:
        return [points[0], points[-1]]
    left = thinned(points[: worst + 1], tolerance=tolerance)
    return left[:-1] + thinned(points[worst:], tolerance=tolerance)
