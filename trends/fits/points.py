"""Scores of a series as the engine takes them."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl

from trends.fits.links import Floats
from trends.fits.samples import Points

_DAY_ZERO: Final = date(1970, 1, 1)
"""Polars counts days from here."""


def points_of(
    scores: pl.DataFrame,
    levels: Floats,
    *,
    epoch: date,
    clusters: pl.Series,
    variances: Floats | None = None,
) -> Points:
    """Scores with the interval of days in which each was released.

    Args:
        scores: SERIES_SCORES rows.
        levels: their levels on the scale of the fit, shape (n,).
        epoch: day at which time is zero.
        clusters: what is drawn whole when scores are resampled, shape (n,).
        variances: known variances of the levels; None where nothing is known.
    """
    first, last = (
        scores.get_column(name).cast(pl.Float64).to_numpy() - (epoch - _DAY_ZERO).days
        for name in ("release_earliest", "release_latest")
    )
    known = np.zeros(scores.height) if variances is None else variances
    return Points(
        first_days=first,
        last_days=last,
        levels=levels,
        errors=np.sqrt(known),
        variances=known,
        developers=clusters.to_list(),
    )


def developers_of(scores: pl.DataFrame) -> pl.Series:
    """Who made each; a model whose developer is not stated is one of its own."""
    developers = scores.get_column("developer")
    if not developers.null_count():
        return developers
    return scores.select(pl.coalesce("developer", "model_id")).to_series()
