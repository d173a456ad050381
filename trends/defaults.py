"""Defaults that the command line and the DAGs share, so that they make the same run.

Light enough to be imported where a DAG file is parsed.
"""

from typing import Final

DRAWS: Final = 4000
"""Parameter draws of each line fit."""

SEED: Final = 1
