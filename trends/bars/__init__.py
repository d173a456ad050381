"""One address a bar, and feeds of what changed: pure functions, tables to bytes."""

from trends.bars.render import render

__all__ = ["render"]
