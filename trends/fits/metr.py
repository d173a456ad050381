"""METR's own headline estimate, for comparison: the doubling time by its recipe."""

from datetime import date

import numpy as np
import polars as pl

from trends.dates import DAYS_PER_YEAR, years_since
from trends.fits.regression import fit_line


def metr_doubling_days(records: pl.DataFrame, *, since: date | None) -> float:
    """Doubling time of the time horizon in days, as METR publishes it.

    Ordinary least squares of ln(time horizon) on release date over the records, ln 2
    over the slope. Records are selected among all releases; the window comes after.
    METR leaves out values beyond what its suite measures, which FRONTIER rows do too
    (Kwa et al. 2025, arXiv:2503.14499; figures in its benchmark_results files).

    Args:
        records: FRONTIER rows of a METR series.
        since: first release date of the window; None for all.
    """
    if since is not None:
        records = records.filter(pl.col("frontier_date") >= since)
    dates = records.get_column("frontier_date").to_list()
    years = years_since(dates[0], dates)
    levels = np.log(records.get_column("score").to_numpy())
    # with no known variances the weights are equal, which is ordinary least squares
    slope = fit_line(years, levels, np.zeros_like(levels)).slope
    return float(np.log(2) / slope * DAYS_PER_YEAR)
