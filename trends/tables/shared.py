"""Columns that several tables have, and the words that they may hold."""

from typing import Final

from trends.tables.columns import Column, text

TRENDS: Final = (
    "records",
    "drift",
    "logistic",
    "logistic3",
    "exponential",
    "quantile",
    "ensemble",
)
SCORE_UNITS: Final = (
    "fraction",
    "minutes",
    "usd",
    "x_speedup",
    "x_2025_mean",
    "ratio",
)
REPORTERS: Final = (
    "benchmark_authors",
    "leaderboard",
    "independent",
    "developer",
    "unstated",
)
CROSSING_STATUSES: Final = (
    "already_crossed",
    "expected",
    "after_projection_end",
    "never",
    "not_estimated",
)
DEPENDENCES: Final = ("independent", "fitted", "strong")
WITHOUT_LAW: Final = ("already_crossed", "not_estimated")
"""Statuses of rows that have no law of a date: it is known, or nothing is."""

LAW_KEY: Final = ("threshold_id", "bar_id", "trend")
"""Columns that tell one law of a crossing's date from the others."""

MASSES: Final = ("p_crossed_by_projection_end", "p_after_projection_end", "p_never")
"""Probabilities of a row that sum to 1."""

GAPS: Final = ("none", "prior")
AUTOMATION_YEARS: Final = (*range(2026, 2031), 2035, 2040, 2050)
"""Years by whose end ``automation`` states a probability."""

CHANGE_CAUSES: Final = (
    "first_vintage",
    "unchanged",
    "new_scores",
    "revised_scores",
    "watched_longer",
    "threshold",
    "roster",
    "weights",
    "code",
    "mixed",
    "not_attributed",
)

INTERVAL: Final = (
    "interval; its level is the benchmark's interval_level, 95% where none is written"
)

AS_OF = Column("as_of", "date", "Information cut-off of this vintage.", nullable=False)
RUN_ID = text("run_id", "First 12 hex digits of the hash of everything the run used.")
CONTRACT = text("contract_version", "Version of the output contract.")
BENCHMARK = text("benchmark_id", "Benchmark, as in data/registry/benchmarks.yaml.")
SERIES = text(
    "series_id", "Benchmark, or a view of it (one harness, some reporters only)."
)
THRESHOLD = text("threshold_id", "Threshold, as in data/registry/thresholds/.")
BAR = text("bar_id", "Rung of the threshold's ladder.")
TREND = text("trend", "Curve family.", enum=TRENDS)
UNIT = text("score_unit", "Unit of scores and bars.", enum=SCORE_UNITS)
