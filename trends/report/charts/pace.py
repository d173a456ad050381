"""How fast all frontiers moved together, month by month, against their mean."""

from datetime import date, timedelta
from typing import Final

from trends.report.charts.chart import (
    Chart,
    Row,
    Spec,
    Tables,
    axis_of_days,
    iso,
    layer,
    layered,
    on_day,
    rounded,
    text_tip,
)
from trends.report.charts.theme import BLUE
from trends.tables import COMMON_PACE
from trends.words import MEAN_PACE, pace_sentence, pace_words

NAME: Final = "common-pace"
HEIGHT: Final = 220
AIR: Final = timedelta(days=20)
"""Before the first month and after the last."""


def common_pace(tables: Tables) -> Chart | None:
    """Median and 80% interval of the common pace, by month.

    Args:
        tables: published tables by name.

    Returns:
        None where no month has enough families.
    """
    if COMMON_PACE.name not in tables or tables[COMMON_PACE.name].is_empty():
        return None
    found = tables[COMMON_PACE.name].sort("month")
    rows = [_row(row) for row in found.iter_rows(named=True)]
    by_month = "; ".join(f"{row['t']}: {row['w']}" for row in rows)
    first, last = found["month"][0], found["month"][-1]
    ends = (first - AIR, last + AIR)
    return layered(
        NAME,
        "How fast the frontier moved in each month, against its mean",
        f"{pace_sentence(found)} By month: {by_month}.",
        note=(
            "Each mark is a month: how fast the records of all benchmarks rose together, "
            "with an 80% interval. 1 (dashed) is the mean of these months, 2 twice as "
            "fast. A benchmark family has one vote; months with fewer than 8 families are "
            "left out. The last ones rest on few, and can rise as late scores come in."
        ),
        height=HEIGHT,
        datasets={
            "months": rows,
            "mean": [{"d": iso(day), "m": MEAN_PACE} for day in ends],
        },
        layers=_layers(ends, max(row["hi"] for row in rows)),
    )


def _row(row: Row) -> Row:
    return {
        "d": iso(row["month"].replace(day=15)),
        "m": rounded(row["pace"], 3),
        "lo": rounded(row["pace_lo80"], 3),
        "hi": rounded(row["pace_hi80"], 3),
        "t": str(row["month"])[:7],
        "w": pace_words(row),
    }


def _layers(ends: tuple[date, date], highest: float) -> list[Spec]:
    x = on_day("d", **axis_of_days(*ends))
    y: Spec = {
        "field": "m",
        "type": "quantitative",
        "scale": {"type": "linear", "domain": [0, max(2.0, highest)], "nice": True},
        "axis": {"format": ".1~f", "title": "times the mean pace", "tickCount": 5},
    }
    band = {"type": "rule", "color": BLUE, "strokeWidth": 4, "strokeOpacity": 0.4}
    point = {"type": "point", "color": BLUE, "filled": True, "size": 40, "opacity": 1}
    tips = [text_tip("t", "month"), text_tip("w", "pace")]
    return [
        layer("mean", {"type": "line", "style": "diagonal"}, {"x": x, "y": y}),
        layer(
            "months", band, {"x": x, "y": y | {"field": "lo"}, "y2": {"field": "hi"}}
        ),
        layer("months", point, {"x": x, "y": y, "tooltip": tips}),
    ]
