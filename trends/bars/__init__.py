"""One address a bar, and feeds of what changed: pure functions from tables to bytes."""

# from trends.bars.render import render


