"""How past forecasts did: what was said against what came, and intervals that held."""

from typing import Final

import polars as pl

from trends.report.charts.chart import (
    Chart,
    Row,
    Spec,
    Tables,
    layer,
    layered,
    pixels,
    share,
    text_tip,
    words,
)
from trends.report.charts.theme import BLUE
from trends.tables import CROSSING_SUMMARY, TRACK_RECORD
from trends.words import percent

HEIGHT: Final = 280
ROW: Final = 40
NOMINAL: Final = 0.8

SORTS: Final = {
    ("live", "reported_on"): "recorded on the day",
    ("live", "release_date"): "recorded on the day, scores by day of release",
    ("replayed", "reported_on"): "replayed later",
    ("replayed", "release_date"): "replayed later, scores by day of release",
}
"""Words for forecasts, by kind and by the day on which their scores count."""


def calibration_curves(tables: Tables) -> list[Chart]:
    """How often bars were crossed, of those that were given such a probability.

    Args:
        tables: published tables by name.

    Returns:
        A chart for each kind of forecast of which some are due.
    """
    bins = [
        row for row in _record(tables, "calibration_bin") if row["lead_months"] is None
    ]
    return [
        _curve(f"calibration-{kind}-{cut_on}", sort, of_sort)
        for (kind, cut_on), sort in SORTS.items()
        if (
            of_sort := [
                row for row in bins if (row["kind"], row["cut_on"]) == (kind, cut_on)
            ]
        )
    ]


def _curve(name: str, sort: str, bins: list[Row]) -> Chart:
    rows = [
        {
            "x": share(row["said"]),
            "y": share(row["came"]),
            "lo": share(row["came_lo95"]),
            "hi": share(row["came_hi95"]),
            "n": row["n_due"],
            "w": f"said {percent(row['said'])}, came {percent(row['came'])} of {row['n_due']}",
        }
        for row in bins
    ]
    return layered(
        name,
        f"Said and came: probabilities of forecasts {sort}, and what happened",
        f"Of forecasts {sort}: {'; '.join(str(row['w']) for row in rows)}.",
        note=(
            "Each mark is a group of forecasts with about the same probability (across) "
            "and the share of them that came (up), with a 95% interval over benchmark "
            "families; the number is how many. On the dashed line as many came as was "
            "said. What was replayed knows which benchmarks turned out to matter."
        ),
        height=HEIGHT,
        datasets={"bins": rows, "even": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
        layers=_curve_layers(),
    )


def intervals_held(tables: Tables) -> Chart | None:
    """Share of past dates that central intervals held, of each published width.

    Args:
        tables: published tables by name.

    Returns:
        None where no interval is due.
    """
    rows = [
        {
            "t": f"{percent(row['level'])} intervals, {SORTS[row['kind'], row['cut_on']]}",
            "p": share(row["came"]),
            "q": share(row["level"]),
            "w": f"held {percent(row['came'])} of {row['n_due']}",
        }
        for row in _record(tables, "interval")
    ]
    return _held(
        "intervals",
        "What intervals of past dates held",
        "Of forecasts of record whose date is known by now.",
        rows,
    )


def backtest_held(tables: Tables) -> Chart | None:
    """What 80% intervals of dates held in the backtest, by trend and kind of score.

    Args:
        tables: published tables by name.

    Returns:
        None where no interval was watched to its end.
    """
    kind = (
        pl.when(pl.col("score_unit") == "fraction")
        .then(pl.lit("shares of 0 to 100%"))
        .otherwise(pl.lit("scores without bound"))
        .alias("kind")
    )
    found = (
        tables[CROSSING_SUMMARY.name]
        .filter(pl.col("coverage80_backtest").is_not_null())
        .select("trend", kind, "coverage80_backtest", "n_backtest")
        .sort("trend", "kind", "n_backtest", descending=[False, False, True])
        # that of all families; one with enough dates has its own in its section
        .unique(["trend", "kind"], keep="first", maintain_order=True)
    )
    rows = [
        {
            "t": f"{row['trend']}, {row['kind']}",
            "p": share(row["coverage80_backtest"]),
            "q": NOMINAL,
            "w": f"held {percent(row['coverage80_backtest'])} "
            f"({row['n_backtest']} forecasts)",
        }
        for row in found.iter_rows(named=True)
    ]
    return _held(
        "coverage80",
        "What 80% intervals of dates held in the backtest",
        "Trends that are not here have no bar that was watched to the end of its "
        "interval: what theirs hold cannot be told.",
        rows,
    )


def _record(tables: Tables, measure: str) -> list[Row]:
    if TRACK_RECORD.name not in tables:
        return []
    ours = tables[TRACK_RECORD.name].filter(
        pl.col("measure") == measure, pl.col("n_due") > 0, pl.col("came").is_not_null()
    )
    return ours.sort("kind", "cut_on", "level", "bin_low", "lead_months").to_dicts()


def _curve_layers() -> list[Spec]:
    def axis(field: str, title: str) -> Spec:
        return {
            "field": field,
            "type": "quantitative",
            "scale": {"type": "linear", "domain": [0, 1]},
            "axis": {"format": ".0%", "title": title, "tickCount": 5},
        }

    x, y = axis("x", "said"), axis("y", "came")
    number = {"type": "text", "style": "ink", "align": "left", "dx": 8, "dy": -7}
    return [
        layer("even", {"type": "line", "style": "diagonal"}, {"x": x, "y": y}),
        layer(
            "bins",
            {"type": "rule", "color": BLUE, "strokeWidth": 3, "strokeOpacity": 0.4},
            {"x": x, "y": y | {"field": "lo"}, "y2": {"field": "hi"}},
            where="isValid(datum.lo)",
        ),
        layer(
            "bins",
            {"type": "point", "color": BLUE, "filled": True, "size": 80, "opacity": 1},
            {"x": x, "y": y, "tooltip": [text_tip("w", "of these")]},
        ),
        layer("bins", number, {"x": x, "y": y, "text": {"field": "n"}}),
    ]


def _held(name: str, title: str, note: str, rows: list[Row]) -> Chart | None:
    """Shares held beside the shares that were to be held, a line each."""
    if not rows:
        return None
    said = "; ".join(f"{row['t']}: {row['w']}" for row in rows)
    return layered(
        name,
        title,
        f"{said}.",
        note=f"The mark is the share held, the upright line what was promised. {note}",
        height=ROW * len(rows) + 4,
        datasets={"held": [{"i": i, **row} for i, row in enumerate(rows)]},
        layers=_held_layers(),
    )


def _held_layers() -> list[Spec]:
    x = {
        "field": "p",
        "type": "quantitative",
        "scale": {"type": "linear", "domain": [0, 1]},
        "axis": {"format": ".0%", "title": None, "tickCount": 5},
    }

    def down(offset: int) -> str:
        return f"{ROW} * datum.i + {offset}"

    promised = {"x": x | {"field": "q"}, "y": pixels(down(18)), "y2": pixels(down(36))}
    return [
        layer("held", {"type": "rule", "style": "bar", "strokeWidth": 2}, promised),
        layer(
            "held",
            {"type": "point", "color": BLUE, "filled": True, "size": 90, "opacity": 1},
            {"x": x, "y": pixels(down(27))},
        ),
        words("held", "t", style="ink", x="2", y=down(10), limit="width * 0.7 - 6"),
        words("held", "w", style="strong", x="width", y=down(10), limit="width * 0.3"),
    ]
