"""Straight-line families: logistic on the logit scale, exponential in ln.

One fit per possible ceiling; `crossings` averages over them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import stdtrit

from trends.dates import DAYS_PER_YEAR, years_since
from trends.fits.breaks import BreakTest, break_test
from trends.fits.ceilings import CeilingBin, ceilings_of
from trends.fits.censoring import Flags, censored_line_at, fit_censored_line
from trends.fits.links import Floats, Link
from trends.fits.regression import LineFit
from trends.fits.streams import random_stream
from trends.registry.models import TrendFamily
from trends.registry.series import Series

MIN_RECORDS: Final = 4
MIN_SPAN_DAYS: Final = 365

Row = dict[str, object]


def fit_straight_lines(
    series: Series,
    trend: TrendFamily,
    records: pl.DataFrame,
    scores: pl.DataFrame,
    ceilings: Sequence[CeilingBin] | None = None,
) -> list[Row]:
    """Fit one straight-line family to one series.

    Args:
        series: the series.
        trend: logistic or exponential.
        records: FRONTIER rows of this series, by date.
        scores: its SERIES_SCORES rows; a record without a published error takes the
            median error of all of them.
        ceilings: where views of one test share them; else those of its scores.

    Returns:
        The part of TREND_FITS rows that this family decides, one a ceiling.
    """
    dates = records.get_column("frontier_date").to_list()
    if reason := _too_little(dates):
        return [not_estimated(series, trend, reason)]
    epoch = _middle(dates)
    years = years_since(epoch, dates)
    bounds = records.get_column("is_lower_bound").to_numpy()
    all_dates = scores.get_column("frontier_date").to_list()
    all_years = years_since(epoch, all_dates)
    places = _places(records, scores)
    rows: list[Row] = []
    for under in ceilings or ceilings_of(series, scores):
        link = Link.of(series.benchmark, under.ceiling)
        levels = link.of_scores(records.get_column("score").to_numpy())
        own = link.sampling_variance(scores)[places]
        first = censored_line_at(all_years, years, levels, own, bounds)
        # of a score nearer to 50% than the line its own variance makes too much
        all_known = link.sampling_variance(scores, first)
        fit = fit_censored_line(years, levels, all_known[places], bounds)
        row = link_columns(series, link, under) | line_columns(fit)
        all_levels = link.of_scores(scores.get_column("score").to_numpy())
        best, is_record = _best_of_each_day(all_years, all_levels, places)
        found = break_test(
            all_years[best],
            all_levels[best],
            all_known[best] + fit.tau2,
            is_record,
            # the p-value belongs to the figures, whatever the seed of the run
            random_stream("break_test", series.series_id),
        )
        row |= _break_columns(found, [all_dates[place] for place in best])
        if trend is TrendFamily.EXPONENTIAL:
            row |= growth_columns(fit)
        rows.append(
            row
            | {
                "trend": trend.value,
                "fit_status": "fitted",
                "status_reason": f"{len(dates)} records over "
                f"{(dates[-1] - dates[0]).days} days{_bounds_in_words(bounds)}",
                "epoch_date": epoch,
            }
        )
    return rows


def not_estimated(series: Series, trend: TrendFamily, reason: str) -> Row:
    """The row of a family that could not be fitted, with the reason."""
    link = Link.of(series.benchmark, None)
    return {
        "trend": trend.value,
        "link": link.name,
        "fit_status": "not_estimated",
        "status_reason": reason,
    }


def link_columns(series: Series, link: Link, under: CeilingBin) -> Row:
    """The columns that say on which scale a fit was made."""
    is_bounded = under.ceiling is not None
    return {
        "link": link.name,
        "floor": series.benchmark.floor,
        "ceiling": under.ceiling,
        "ceiling_weight": under.weight if is_bounded else None,
        "ceiling_low": under.low,
        "ceiling_high": under.high,
        "ceiling_prior_weight": under.prior_weight if is_bounded else None,
        "ceiling_weight_if_lower": under.weight_if_lower if is_bounded else None,
        "ceiling_weight_if_higher": under.weight_if_higher if is_bounded else None,
    }


def _too_little(dates: list[date]) -> str | None:
    if len(dates) < MIN_RECORDS:
        return f"too few records: {len(dates)}, a straight line needs {MIN_RECORDS}"
    span = (dates[-1] - dates[0]).days
    if span < MIN_SPAN_DAYS:
        return f"too short a record: {span} days, a straight line needs a year"
    return None


def _places(records: pl.DataFrame, scores: pl.DataFrame) -> npt.NDArray[np.intp]:
    """Where each record stands among the scores."""
    place = {name: k for k, name in enumerate(scores.get_column("observation_id"))}
    return np.array([place[name] for name in records.get_column("observation_id")])


def _best_of_each_day(
    years: Floats, levels: Floats, records: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], Flags]:
    """Places of the best score of each day, by day, and which of them are records."""
    by_day = np.lexsort((levels, years))
    days, firsts = np.unique(years[by_day], return_index=True)
    best = by_day[np.append(firsts[1:], len(by_day)) - 1]
    is_record = np.isin(days, years[records])
    # of scores that tie, the one that counts as the record
    best[is_record] = records
    return best, is_record


def _bounds_in_words(bounds: Flags) -> str:
    n = int(bounds.sum())
    return f", {n} of them a lower bound" if n else ""


def _middle(dates: list[date]) -> date:
    return dates[0] + timedelta(
        days=sum((d - dates[0]).days for d in dates) // len(dates)
    )


def line_columns(fit: LineFit) -> Row:
    """The columns that hold a straight line and its uncertainty."""
    return {
        "intercept": fit.intercept,
        "intercept_se": float(np.sqrt(fit.covariance[0, 0])),
        "slope_per_year": fit.slope,
        "slope_per_year_se": float(np.sqrt(fit.covariance[1, 1])),
        "intercept_slope_cov": float(fit.covariance[0, 1]),
        "df": float(fit.df),
        "tau2": fit.tau2,
    }


def _break_columns(found: BreakTest | None, dates: list[date]) -> Row:
    if found is None:
        return {}
    return {
        "break_sup_f": found.sup_f,
        "break_p_value": found.p_value,
        "break_date": dates[found.first_after],
    }


def growth_columns(fit: LineFit) -> Row:
    """Growth a year and doubling time with its 95% interval [ln2/b_U, ln2/b_L].

    The interval is open above when no growth cannot be ruled out.
    """
    reach = stdtrit(fit.df, 0.975) * np.sqrt(fit.covariance[1, 1])
    return {
        "growth_factor_per_year": float(np.exp(fit.slope)),
        "doubling_time_days": _doubling_days(fit.slope),
        "doubling_time_days_lo95": _doubling_days(fit.slope + reach),
        "doubling_time_days_hi95": _doubling_days(fit.slope - reach),
    }


def _doubling_days(slope_per_year: float) -> float | None:
    if slope_per_year <= 0:
        return None
    return float(np.log(2) / slope_per_year * DAYS_PER_YEAR)
