"""Fits and thresholds to the distribution of each crossing date.

Pure functions from tables to tables: no files, no network, no clock.
"""

from trends.crossings.contradictions import mark_contradicted
from trends.crossings.influence import with_pool_influence
from trends.crossings.resolution import at_bar
from trends.crossings.rows import Crossings, cross_bars
from trends.crossings.score_forecast import forecast_scores
from trends.crossings.vintage import Vintage

__all__ = [
    "Crossings",
    "Vintage",
    "at_bar",
    "cross_bars",
    "forecast_scores",
    "mark_contradicted",
    "with_pool_influence",
]
