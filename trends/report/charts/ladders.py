"""The ladder of intervals: the headline bars of one domain, a line each."""

from datetime import date, timedelta
from itertools import chain
from typing import Final

from trends.report.charts.bars import Bars, headline_words, window_end
from trends.report.charts.chart import (
    Chart,
    Row,
    Spec,
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
from trends.words import (
    DOMAIN_TITLES,
    VIEW,
    indented_names,
    percent,
    stands_apart,
    when_words,
)

ROW: Final = 40
"""Pixels from one headline to the next: a line of words, and its bar below."""
BAR: Final = 27
"""Pixels from the top of a row to its bar."""
BOX: Final = 74
"""Pixels across the box of what lies beyond the axis."""

LEVELS: Final = {
    "a": 0.025, "b": 0.1, "c": 0.25, "x": 0.75, "y": 0.9, "z": 0.975,
}  # fmt: skip
BANDS: Final = (("a", "z", 2, 1.0), ("b", "y", 7, 0.55), ("c", "x", 11, 1.0))
"""Keys of both ends, thickness in pixels and opacity of the 95, 80 and 50% bars."""


def ladder(bars: Bars, domain: str) -> Chart | None:
    """When the headline bars of a domain are crossed: intervals below one another.

    Args:
        bars: of the run.
        domain: a domain of THRESHOLDS.

    Returns:
        None where the domain has no headline. Views stand below the one that leads
        their test, superseded series at the end.
    """
    headlines = [row for row in bars.headlines if row["domain"] == domain]
    if not headlines:
        return None
    as_of = headlines[0]["as_of"]
    end = window_end(as_of)
    rows = [
        _row(bars, one, name, end) | {"i": i}
        for i, (one, name) in enumerate(
            zip(headlines, indented_names(headlines), strict=True)
        )
    ]
    first = _first(bars)
    x = on_day(
        "d",
        **axis_of_days(
            first, end, range=[0, {"expr": f"width - {BOX + 8}"}], clamp=True
        ),
    )
    return layered(
        f"ladder-{domain}",
        f"{DOMAIN_TITLES.get(domain, domain)}: when each headline bar is crossed",
        " ".join(
            f"{VIEW if one['below'] else ''}{headline_words(one)}" for one in headlines
        ),
        note=(
            "Bars hold the date with 50, 80 and 95% probability (thick to thin), never "
            "among the cases; the mark is the median if it is ever crossed, a square "
            "where the bar is crossed. Hollow: contested. "
            "Diamond and broken bars: no new scores come in. Indented: another view of the test "
            "above. The box holds the probability of a date "
            f"after {end.year} or never."
        ),
        height=ROW * len(rows) + 4,
        datasets={
            "bars": rows,
            "box": [{"t": f"after {end.year} or never"}],
            "now": now_row(as_of),
        },
        layers=_layers(x, as_of),
    )


def _first(bars: Bars) -> date:
    """The axis of all domains starts a little before the first date of any."""
    days = [bars.headlines[0]["as_of"]]
    days += [row["q10_date"] for row in bars.headlines if row["q10_date"] is not None]
    first: date = min(days)
    return first - timedelta(days=60)


def _row(bars: Bars, headline: Row, name: str, end: date) -> Row:
    """One headline as it is drawn: quantiles, what lies beyond, and words."""
    dates = bars.quantile_dates(headline)
    row: Row = {
        "t": name.lstrip(),
        "f": headline["threshold_label"],
        "w": _when(headline),
        "k": _kind(headline),
    }
    if row["k"] == "crossed":
        row["m"] = iso(headline["median_if_ever"])
    elif headline["p_never"] is not None and headline.get("withheld") is None:
        row |= {key: iso(dates.get(level)) for key, level in LEVELS.items()}
        row["m"] = iso(headline["median_if_ever"])
        row["n"] = percent(_beyond(bars.chances(headline), end))
        if headline["median_if_ever"] is None or headline["median_if_ever"] > end:
            row["l"] = 1
    if headline["below"] is not None:
        row["v"] = 1
    row["iv"] = headline["interval80_label"]
    if headline["contested"]:
        row["h"] = 1
    return {key: value for key, value in row.items() if value is not None}


def _when(headline: Row) -> str:
    """The date if ever and never first: on a narrow page the end is cut."""
    words = when_words(headline)
    day, _, rest = words.partition(" (")
    beside, comma, never = rest.rpartition("), never ")
    return f"{day}, never {never} ({beside})" if comma else words


def _kind(headline: Row) -> str:
    if headline["crossing_status"] == "already_crossed":
        return "crossed"
    ended = headline["series_ended"] is not None or stands_apart(headline)
    return "ended" if ended else "open"


def _beyond(curve: list[tuple[date, float]], end: date) -> float:
    """Probability of a date after the axis or never."""
    return 1 - max((p for day, p in curve if day <= end), default=0.0)


def _layers(x: Spec, as_of: date) -> list[Spec]:
    left = f"width - {BOX}"
    line = _down(10)
    boxes = layer(
        "bars",
        {"type": "rect", "style": "box"},
        {
            "x": pixels(left),
            "x2": {"value": "width"},
            "y": pixels(_down(BAR - 9)),
            "y2": pixels(_down(BAR + 9)),
        },
        where="datum.n",
    )
    heading = layer(
        "box",
        {
            "type": "text",
            "style": "faint",
            "align": "right",
            "baseline": "bottom",
            "dy": -4,
        },
        {"x": pixels("width"), "y": pixels("0"), "text": {"field": "t"}},
    )
    marks = [
        _median(x | {"field": "m"}, "datum.m && !datum.l"),
        _median(pixels(f"{left} + 14"), "datum.l"),
    ]
    return [
        boxes,
        heading,
        *now_by_rows("bars", x, as_of, _down(BAR - 11), _down(BAR + 11)),
        *chain.from_iterable(
            interval("bars", x, pixels(_down(BAR)), band, beyond=f"width - {BOX + 8}")
            for band in BANDS
        ),
        *marks,
        words(
            "bars",
            "t",
            style="ink",
            x="datum.v ? 18 : 2",
            y=line,
            limit="width * 0.5 - 4",
        ),
        words("bars", "w", style="strong", x="width", y=line, limit="width * 0.5 - 4"),
        words(
            "bars", "n", style="ink", x="width - 8", y=_down(BAR), limit=f"{BOX - 26}"
        ),
    ]


def _down(offset: int) -> str:
    """Pixels from the top, so many into the row."""
    return f"{ROW} * datum.i + {offset}"


def _median(x: Spec, where: str) -> Spec:
    kinds = ["open", "ended", "crossed"]
    shape = {
        "field": "k",
        "type": "nominal",
        "scale": {"domain": kinds, "range": ["circle", "diamond", "square"]},
        "legend": None,
    }
    return layer(
        "bars",
        {
            "type": "point",
            "style": "median",
            "size": 95,
            "strokeWidth": 2,
            "opacity": 1,
        },
        {
            "x": x,
            "y": pixels(_down(BAR)),
            "shape": shape,
            "fillOpacity": {"condition": {"test": "datum.h", "value": 0}, "value": 1},
            "tooltip": [
                text_tip("f", "bar"),
                text_tip("w", "if ever"),
                text_tip("iv", "80% interval"),
            ],
        },
        where=where,
    )
