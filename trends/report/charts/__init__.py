"""Charts of a run, made of its published tables and nothing else.

A page embeds ``Chart.spec`` with ``LIGHT`` or ``DARK`` as the configuration, as wide as
what holds it; ``to_svg`` and ``to_png`` make files without a browser.
"""

from trends.report.charts.bars import Bars
from trends.report.charts.chart import Chart, Tables
from trends.report.charts.coverage import (
    backtest_held,
    calibration_curves,
    intervals_held,
)
from trends.report.charts.crossings import crossing, dots
from trends.report.charts.files import VEGA_LITE, as_png, to_png, to_svg
from trends.report.charts.history import history
from trends.report.charts.ladders import ladder
from trends.report.charts.outlook import outlook
from trends.report.charts.pace import common_pace
from trends.report.charts.scenarios import scenario
from trends.report.charts.scores import scores
from trends.report.charts.theme import DARK, LIGHT

__all__ = [
    "DARK",
    "LIGHT",
    "VEGA_LITE",
    "Bars",
    "Chart",
    "as_png",
    "benchmark",
    "calibration",
    "common_pace",
    "ladder",
    "outlook",
    "scenario",
    "to_png",
    "to_svg",
]


def benchmark(bars: Bars, benchmark_id: str) -> list[Chart]:
    """Charts of one benchmark: its scores, then for each threshold its crossings.

    Args:
        bars: of the run.
        benchmark_id: a benchmark.

    Returns:
        Scores with record, fan and bars; of each threshold the distribution of its
        crossings, the headline as dots, and what earlier vintages said of it. Those
        that have nothing to show are left out.
    """
    charts = [scores(bars, benchmark_id)]
    for threshold_id in bars.thresholds_of(benchmark_id):
        charts += [
            crossing(bars, threshold_id),
            dots(bars, threshold_id),
            history(bars, threshold_id),
        ]
    return [chart for chart in charts if chart is not None]


def calibration(tables: Tables) -> list[Chart]:
    """How past forecasts did, in charts; none where nothing is known of it."""
    held = (intervals_held(tables), backtest_held(tables))
    curves = calibration_curves(tables)
    return [*curves, *(chart for chart in held if chart is not None)]
