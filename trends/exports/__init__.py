"""A run for other tools: a hub after hubverse's conventions, and one citable file."""

from trends.exports.bundle import bundle_run
from trends.exports.hubverse import hub_files

__all__ = ["bundle_run", "hub_files"]
