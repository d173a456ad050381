"""Every table of the project: its columns, types, units and meaning.

The schemas here are the interface between stages, the contract of the published
files and the text of the data dictionary. A published table may gain a column at
its end (minor version); any other change is a new major version.
"""

from typing import Final

from trends.tables.automation import (
    AUTOMATION,
    ESSAY_CLAIMS,
    LABOUR_RATIO,
    REFERENCE_COMPARISONS,
    REFERENCE_FORECASTS,
    TRIPWIRES,
)
from trends.tables.backtest import BACKTEST_FORECASTS, BACKTEST_SCORES, FORECASTERS
from trends.tables.changes import (
    CHANGES,
    EARLIER_KINDS,
    MOVE_CAUSES,
    MOVE_THROUGH,
    WINDOWS,
)
from trends.tables.columns import Column, Table, TableError
from trends.tables.crossings import (
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    THRESHOLDS,
)
from trends.tables.headline import HEADLINE, HEADLINE_YEARS
from trends.tables.pace import COMMON_PACE
from trends.tables.record import (
    CONTEST,
    HIGH_BARS,
    HISTORY,
    HISTORY_BARS,
    RECORDS_STOOD,
    TRACK_RECORD,
)
from trends.tables.scores import (
    FRONTIER,
    OBSERVATIONS,
    QUARANTINE,
    RAW_SCORES,
    SERIES_SCORES,
)
from trends.tables.shared import (
    AUTOMATION_YEARS,
    DEPENDENCES,
    LAW_KEY,
    MASSES,
    TRENDS,
    WITHOUT_LAW,
)
from trends.tables.trends import SCORE_FORECAST, TREND_FITS

__all__ = [
    "AUTOMATION",
    "AUTOMATION_YEARS",
    "BACKTEST_FORECASTS",
    "BACKTEST_SCORES",
    "CARRIED",
    "CHANGES",
    "COMMON_PACE",
    "CONTEST",
    "CONTRACT_VERSION",
    "CROSSING_CDF",
    "CROSSING_QUANTILES",
    "CROSSING_SUMMARY",
    "DEPENDENCES",
    "EARLIER_KINDS",
    "ESSAY_CLAIMS",
    "FORECASTERS",
    "FRONTIER",
    "HEADLINE",
    "HEADLINE_YEARS",
    "HIGH_BARS",
    "HISTORY",
    "HISTORY_BARS",
    "LABOUR_RATIO",
    "LAW_KEY",
    "MASSES",
    "MOVE_CAUSES",
    "MOVE_THROUGH",
    "OBSERVATIONS",
    "PUBLISHED",
    "QUARANTINE",
    "RAW_SCORES",
    "RECORDS_STOOD",
    "REFERENCE_COMPARISONS",
    "REFERENCE_FORECASTS",
    "SCORE_FORECAST",
    "SERIES_SCORES",
    "THRESHOLDS",
    "TRACK_RECORD",
    "TRENDS",
    "TREND_FITS",
    "TRIPWIRES",
    "WINDOWS",
    "WITHOUT_LAW",
    "Column",
    "Table",
    "TableError",
]

CONTRACT_VERSION: Final = "2.0"

PUBLISHED: Final = (
    HEADLINE,
    CROSSING_SUMMARY,
    CHANGES,
    CROSSING_QUANTILES,
    CROSSING_CDF,
    HISTORY,
    HISTORY_BARS,
    TRACK_RECORD,
    RECORDS_STOOD,
    HIGH_BARS,
    CONTEST,
    SCORE_FORECAST,
    COMMON_PACE,
    AUTOMATION,
    REFERENCE_FORECASTS,
    REFERENCE_COMPARISONS,
    ESSAY_CLAIMS,
    LABOUR_RATIO,
    TRIPWIRES,
    TREND_FITS,
    OBSERVATIONS,
    THRESHOLDS,
    QUARANTINE,
)
"""Tables that a run publishes; FRONTIER stays inside."""

CARRIED: Final = (BACKTEST_SCORES, BACKTEST_FORECASTS)
"""Tables that a run carries where a backtest of the same figures and code is there."""
