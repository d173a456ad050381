"""What an edit of registry or figures does to every bar and scenario, before a run.

An edit is two sides, each a registry with figures. The laws of one are at hand: those
of the latest run, or of fits that are made once and kept. Whatever of a side is made
from the same entries and scores is taken from there; only the rest is worked out, by
the functions that a run calls, so that the numbers are those that a run would give.
"""

from trends.previews.against_base import diff
from trends.previews.changes import Preview, ScenarioShift, Shift, compare
from trends.previews.one_bar import WhatIf, what_if
from trends.previews.shelf import Shelf

__all__ = [
    "Preview",
    "ScenarioShift",
    "Shelf",
    "Shift",
    "WhatIf",
    "compare",
    "diff",
    "what_if",
]
