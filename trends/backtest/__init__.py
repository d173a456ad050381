"""How good would our forecasts have been? The pipeline replayed at past origins.

Pure functions from tables to tables: no files, no network, no clock.
"""

from trends.backtest.lessons import draw_lessons
from trends.backtest.published_width import measure_width
from trends.backtest.run import Backtest, run_backtest

__all__ = ["Backtest", "draw_lessons", "measure_width", "run_backtest"]
