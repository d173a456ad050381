"""Published files: run folders written whole or not at all, and what leads to them.

A run folder is immutable. ``latest.json`` is written after everything it leads to,
so that a reader who starts there never meets a half-written run.
"""

from trends.outputs.checks import NotCarriedError, OutputError
from trends.outputs.disk import replace_file
from trends.outputs.history import LatestRun, Withdrawal, read_history
from trends.outputs.publication import (
    NotPublishedError,
    compared_with,
    find_published,
    point_latest,
    previous_vintage,
    read_latest,
    require_manifest,
    standing_at,
    unpublish,
    verify_published,
)
from trends.outputs.runs import (
    read_as_written,
    read_internal,
    read_manifest,
    read_quality,
    read_table,
    scan_as_written,
    verify_run,
    write_run,
)
from trends.outputs.shared import fetch_run, pull, put_run
from trends.outputs.standing import read_tripwires, standing_alarms, waiting_lines

__all__ = [
    "LatestRun",
    "NotCarriedError",
    "NotPublishedError",
    "OutputError",
    "Withdrawal",
    "compared_with",
    "fetch_run",
    "find_published",
    "point_latest",
    "previous_vintage",
    "pull",
    "put_run",
    "read_as_written",
    "read_history",
    "read_internal",
    "read_latest",
    "read_manifest",
    "read_quality",
    "read_table",
    "read_tripwires",
    "replace_file",
    "require_manifest",
    "scan_as_written",
    "standing_alarms",
    "standing_at",
    "unpublish",
    "verify_published",
    "verify_run",
    "waiting_lines",
    "write_run",
]
