"""Defaults that the command line and the DAGs share, so that they make the same run.

Light enough to be imported where a DAG file is parsed.
"""

from datetime import date
from typing import Final

DRAWS: Final = 4000
"""Parameter draws of each line fit."""

SEED: Final = 1

BACKTEST_FIRST_ORIGIN: Final = date(2023, 11, 1)
"""First day from which the backtest forecasts; before it no benchmark had a score."""

BACKTEST_DRAWS: Final = 1000
"""Parameter draws of each line fit of the backtest."""

MIN_DRAWS: Final = 100
"""Fewer draws show nothing of an 80% interval's ends."""

MAX_DRAWS: Final = 1_000_000
"""A run of so many takes 0.7 GB and twice the time; no date needs more."""

MAX_SEED: Final = 2**63 - 1
"""Largest seed that every reader of a manifest takes for an integer."""

COLLECT_AFTER: Final = 50_000
"""New objects after which a command looks for garbage: with Python's own 700 a forecast
looked 430 times, for .4 s of 11, and with these twice."""

POLARS_THREADS: Final = 1
"""Threads of polars in a command, where POLARS_MAX_THREADS does not say otherwise: a
forecast asks it 2,000 times about small tables, and each time the others woke to find
nothing to do. A run of 350 benchmarks took 72 CPU-s with one and 87 with two, and was
not slower."""

KEEP: Final = 5
"""Drafts, previews and finished plans that `trends clean` keeps, the newest of each."""
