"""``python -m trends`` is the same as ``trends``."""

from trends.cli import app

app()
