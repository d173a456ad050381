"""Scores of forecasts, each lower the better, and how sure a difference of two is.

Pure functions of arrays: no files, no network, no clock. A score is in the unit of
what it scores; scores of probabilities lie between 0 and 1 except the logarithmic one.
"""

from trends.scoring.comparison import (
    MeanDifference,
    effective_origins,
    interval_over_origins,
    mean_difference,
)
from trends.scoring.events import brier_score, integrated_brier, log_score
from trends.scoring.numbers import (
    covers,
    crps_cdf,
    crps_sample,
    interval_score,
    pinball_score,
    pit,
    pit_sample,
    weighted_interval_score,
)
from trends.scoring.streams import keyed_uniforms

__all__ = [
    "MeanDifference",
    "brier_score",
    "covers",
    "crps_cdf",
    "crps_sample",
    "effective_origins",
    "integrated_brier",
    "interval_over_origins",
    "interval_score",
    "keyed_uniforms",
    "log_score",
    "mean_difference",
    "pinball_score",
    "pit",
    "pit_sample",
    "weighted_interval_score",
]
