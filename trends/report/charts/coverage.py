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
    words,
)
from trends.report.charts.theme import BLUE
from trends.tables import CROSSING_SUMMARY
from trends.words import percent

ROW: Final = 40
NOMINAL: Final = 0.8


def held(tables: Tables) -> Chart | None:
    """What 80% intervals of dates held in the backtest, by trend and kind of score.

    Args:
        tables: published tables by name.

    Returns:
        None where no interval was watched to its end.
    """
    kinds = (
        pl.when(pl.col("score_unit") == "fraction")
        .then(pl.lit("shares of 0 to 100%"))
        .otherwise(pl.lit("scores without bound"))
        .alias("kind")
    )
    rows = (
        tables[CROSSING_SUMMARY.name]
        .filter(pl.col("coverage80_backtest").is_not_null())
        .select("trend", kinds, "coverage80_backtest", "n_backtest")
        .unique()
        .sort("trend", "kind")
        .to_dicts()
    )
    if not rows:
        return None
    drawn: list[Row] = [
        {
            "i": i,
            "t": f"{row['trend']}, {row['kind']}",
            "p": share(row["coverage80_backtest"]),
            "w": f"{percent(row['coverage80_backtest'])} of {row['n_backtest']}",
        }
        for i, row in enumerate(rows)
    ]
    return layered(
        "coverage80",
        "What 80% intervals of dates held in the backtest",
        "80% intervals held: "
        + "; ".join(f"{row['t']}: {row['w']}" for row in drawn)
        + ".",
        note="Share of past dates inside the 80% interval stated for them.",
        height=ROW * len(rows) + 4,
        datasets={"held": drawn, "nominal": [{"p": NOMINAL}]},
        layers=_held_layers(),
    )


def _held_layers() -> list[Spec]:
    x = {
        "field": "p",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": None, "tickCount": 5},
    }

    line = f"{ROW} * datum.i + 10"
    return [
        layer("nominal", {"type": "rule", "style": "diagonal"}, {"x": x}),
        layer(
            "held",
            {"type": "point", "color": BLUE, "filled": True, "size": 90, "opacity": 1},
            {"x": x, "y": pixels(f"{ROW} * datum.i + 26")},
        ),
        words("held", "t", style="ink", x="2", y=line, limit="width * 0.7"),
        words("held", "w", style="strong", x="width", y=line, limit="width * 0.3"),
    ]
