"""What each vintage said of one headline: its date if ever, and its 80% interval."""

from datetime import date, timedelta
from typing import Final

from trends.report.charts.bars import Bars, window_end
from trends.report.charts.chart import (
    Chart,
    Row,
    Spec,
    axis_of_days,
    iso,
    layer,
    layered,
    on_day,
    pixels,
    text_tip,
)
from trends.report.charts.theme import BLUE

HEIGHT: Final = 220
STRIP: Final = 26
"""Pixels of the strip above the plot for dates beyond it."""

NOTE: Final = (
    "Vintages: across, the day of each; up, the date that it expected: the median if the "
    "bar is ever crossed, and the 80% interval, which counts never. Hollow: replayed later with the figures of that day. Square: crossed, on "
    "the dashed line where the vintage says no more than by its own day. The strip above "
    "holds dates after the axis ends, or never."
)

KINDS: Final = {
    "live": "recorded on the day",
    "published": "published",
    "this_run": "this run",
    "replayed": "replayed later",
}


def history(bars: Bars, threshold_id: str) -> Chart | None:
    """Median and 80% interval of the headline bar, by vintage.

    Args:
        bars: of the run.
        threshold_id: a threshold.

    Returns:
        None where fewer than two vintages said something of this bar, or it is
        withheld.
    """
    headline = bars.headline_of(threshold_id)
    if headline is None or headline.get("withheld"):
        return None
    said = [
        row
        for row in bars.history.get(threshold_id, [])
        if row["bar_value"] == headline["bar_value"]
    ]
    if len(said) < 2:
        return None
    rows = [_row(one, window_end(headline["as_of"])) for one in said]
    vintages = said[0]["as_of"], said[-1]["as_of"]
    low, high = _dates(said, window_end(headline["as_of"]))
    return layered(
        f"history-{threshold_id}",
        f"{headline['threshold_label']}: what each vintage said",
        _alt(said),
        note=NOTE,
        height=HEIGHT,
        datasets={
            "said": rows,
            "same": _same_day(vintages, low, high),
            "strip": [{"t": f"after {high.year} or never"}],
        },
        layers=_layers(vintages, low, high),
    )


def _row(said: Row, end: date) -> Row:
    crossed = said["crossing_status"] == "already_crossed"
    # of some vintages no more is known than that the bar was crossed by their day
    when = said["median_if_ever"] or (said["as_of"] if crossed else None)
    row = {
        "d": iso(said["as_of"]),
        "b": iso(said["q10_date"]),
        "m": iso(when),
        "y": iso(said["q90_date"]),
        "w": said["when_label"],
        "iv": said["interval80_label"],
        "k": KINDS[said["kind"]],
        "h": 1 if said["kind"] == "replayed" else None,
        "c": 1 if crossed else None,
        "l": 1 if when is None or when > end else None,
    }
    return {key: value for key, value in row.items() if value is not None}


def _dates(said: list[Row], end: date) -> tuple[date, date]:
    """The dates shown: every quantile up to the end of the window.

    Four years ahead at least where an interval is open, so that it can be seen.
    """
    keys = ("q10_date", "median_if_ever", "q90_date")
    days = [one[key] for one in said for key in keys if one[key] is not None]
    days += [one["as_of"] for one in said]
    last = min(max(days), end)
    if any(one["q90_date"] is None and one["q10_date"] is not None for one in said):
        last = max(last, said[-1]["as_of"] + timedelta(days=4 * 365))
    return min(days) - timedelta(days=40), date(last.year, 12, 31)


def _with_air(vintages: tuple[date, date]) -> tuple[date, date]:
    """The first and the last day of the axis of vintages."""
    air = timedelta(days=max(10, (vintages[1] - vintages[0]).days // 25))
    return vintages[0] - air, vintages[1] + air


def _same_day(vintages: tuple[date, date], low: date, high: date) -> list[Row]:
    """Ends of the line on which a date is the vintage itself, where it is in view."""
    first, last = _with_air(vintages)
    start, end = max(first, low), min(last, high)
    if start >= end:
        return []
    return [{"d": iso(day), "m": iso(day)} for day in (start, end)]


def _layers(vintages: tuple[date, date], low: date, high: date) -> list[Spec]:
    x = on_day("d", **axis_of_days(*_with_air(vintages)))
    x["axis"]["grid"] = False  # it would stop short of the foot, for the strip
    rows = axis_of_days(low, high, range=[HEIGHT, STRIP], clamp=True)
    y = on_day("m", **rows)
    mark = {"type": "rule", "color": BLUE, "strokeWidth": 5, "strokeOpacity": 0.4}
    start, open_bar = y | {"field": "b"}, "isValid(datum.b) && !datum.c"
    bands = [
        layer(
            "said",
            mark,
            {"x": x, "y": start, "y2": end},
            where=f"{open_bar} && {where}",
        )
        for end, where in (
            ({"field": "y"}, "isValid(datum.y)"),
            (pixels(f"{STRIP}"), "!isValid(datum.y)"),
        )
    ]
    return [
        layer(
            "strip",
            {"type": "rect", "style": "box"},
            {
                "x": {"value": 0},
                "x2": {"value": "width"},
                "y": {"value": 0},
                "y2": {"value": STRIP - 6},
            },
        ),
        layer(
            "strip",
            {"type": "text", "style": "faint", "align": "left", "baseline": "bottom"},
            {"x": pixels("0"), "y": pixels("-4"), "text": {"field": "t"}},
        ),
        layer(
            "same",
            {"type": "line", "style": "diagonal"},
            {"x": x, "y": y},
        ),
        *bands,
        _medians(x, y, "datum.m && !datum.l"),
        _medians(x, pixels(f"{STRIP / 2 - 3}"), "datum.l"),
    ]


def _medians(x: Spec, y: Spec, where: str) -> Spec:
    return layer(
        "said",
        {
            "type": "point",
            "style": "median",
            "size": 60,
            "strokeWidth": 1.5,
            "opacity": 1,
        },
        {
            "x": x,
            "y": y,
            "shape": {
                "condition": {"test": "datum.c", "value": "square"},
                "value": "circle",
            },
            "fillOpacity": {"condition": {"test": "datum.h", "value": 0}, "value": 1},
            "tooltip": [
                text_tip("d", "vintage"),
                text_tip("w", "if ever"),
                text_tip("iv", "80% interval"),
                text_tip("k", "kind"),
            ],
        },
        where=where,
    )


def _alt(said: list[Row]) -> str:
    words = [
        f"{one['as_of']} ({KINDS[one['kind']]}) {one['when_label']}, 80% interval "
        f"{one['interval80_label']}"
        for one in (said if len(said) <= 4 else [said[0], *said[-3:]])
    ]
    return f"{len(said)} vintages, among them: {'; '.join(words)}."
