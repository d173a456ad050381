"""What people look at in a run: made from its published tables and nothing else."""

from collections.abc import Mapping

import polars as pl

from trends import bars


def faces(tables: Mapping[str, pl.DataFrame], *, draft: bool) -> dict[str, bytes]:
    """Files by name below the run's folder.

    Args:
        tables: published tables by name.
        draft: whether they say that they are one.
    """
    return bars.render(tables, draft=draft)
