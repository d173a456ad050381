"""Published files: run folders written whole or not at all, and what leads to them.

A run folder is immutable. ``latest.json`` is written after everything it leads to,
so that a reader who starts there never meets a half-written run.
"""

from trends.outputs.alarms import alarm_lines, read_tripwires, standing_alarms
from trends.outputs.checks import NotCarriedError, OutputError
from trends.outputs.headline import (
    SUPERSEDED,
    escape_markdown,
    headline_markdown,
    markdown_table,
    median_words,
    stands_apart,
)
from trends.outputs.history import LatestRun, Withdrawal, read_history
from trends.outputs.influence import influence_lines
from trends.outputs.odds import probability_by
from trends.outputs.publication import (
    NotPublishedError,
    compared_with,
    find_published,
    point_latest,
    previous_vintage,
    read_latest,
    require_manifest,
    unpublish,
    verify_published,
)
from trends.outputs.refreshes import refresh_lines
from trends.outputs.runs import (
    read_internal,
    read_manifest,
    read_table,
    verify_run,
    write_run,
)
from trends.outputs.shortfall import HELD, shortfall
from trends.outputs.waiting import lines_about, waiting_lines

__all__ = [
    "HELD",
    "SUPERSEDED",
    "LatestRun",
    "NotCarriedError",
    "NotPublishedError",
    "OutputError",
    "Withdrawal",
    "alarm_lines",
    "compared_with",
    "escape_markdown",
    "find_published",
    "headline_markdown",
    "influence_lines",
    "lines_about",
    "markdown_table",
    "median_words",
    "point_latest",
    "previous_vintage",
    "probability_by",
    "read_history",
    "read_internal",
    "read_latest",
    "read_manifest",
    "read_table",
    "read_tripwires",
    "refresh_lines",
    "require_manifest",
    "shortfall",
    "standing_alarms",
    "stands_apart",
    "unpublish",
    "verify_published",
    "verify_run",
    "waiting_lines",
    "write_run",
]
