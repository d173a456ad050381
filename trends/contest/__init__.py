"""The holdout of the best peer on the same work, played with our forecasters.

Pure functions from scores to scores: no files, no network, no clock.
"""

from trends.contest.cases import CUTS
from trends.contest.forecasters import Forecaster, OfRecords, entrants, trend_records
from trends.contest.panel import Known, Panel
from trends.contest.scores import Played, play

__all__ = [
    "CUTS",
    "Forecaster",
    "Known",
    "OfRecords",
    "Panel",
    "Played",
    "entrants",
    "play",
    "trend_records",
]
