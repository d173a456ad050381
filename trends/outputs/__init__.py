"""Published files: run folders written whole or not at all, and what leads to them.

A run folder is immutable. ``latest.json`` is written after everything it leads to,
so that a reader who starts there never meets a half-written run.
"""

from trends.outputs.checks import OutputError
from trends.outputs.publication import (
    LatestRun,
    point_latest,
    previous_vintage,
    read_latest,
)
from trends.outputs.runs import read_table, verify_run, write_run

__all__ = [
    "LatestRun",
    "OutputError",
    "point_latest",
    "previous_vintage",
    "read_latest",
    "read_table",
    "verify_run",
    "write_run",
]
