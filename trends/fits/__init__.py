"""Trend families fitted to the frontier of every series.

Pure functions from tables to a table: no files, no network, no clock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import polars as pl

from trends.fits.failures import SeriesError, about
from trends.fits.leaning import LeaningFits
from trends.fits.lines import Row, fit_straight_lines, not_estimated
from trends.fits.quantile import fit_quantile
from trends.fits.sigmoid import fit_logistic3
from trends.fits.votes import Votes
from trends.frontier import Parts
from trends.registry.models import TrendFamily
from trends.registry.series import Series
from trends.registry.weights import Weights
from trends.tables import CONTRACT_VERSION, TREND_FITS


def fit_trends(
    frontier: pl.DataFrame,
    series_scores: pl.DataFrame,
    series: Iterable[Series],
    *,
    wanted: Iterable[str],
    as_of: date,
    run_id: str,
    missing: Mapping[str, str],
    weights: Weights | None = None,
    votes: Votes | None = None,
) -> pl.DataFrame:
    """Fit every family its benchmark names to each wanted series.

    A series that cannot be computed is left out, of the drift pool too.

    Args:
        frontier: FRONTIER rows of all series of the vintage.
        series_scores: SERIES_SCORES rows of all series.
        series: all series; the drift pool is drawn from them whoever is wanted.
        wanted: ids of the series to fit.
        as_of: information cut-off.
        run_id: id of the run, carried into the rows.
        missing: for a series without figures, why it has none.
        weights: what the backtest taught of the drift's sigma; None leaves it alone.
        votes: what all series say of each other, if that is known.

    Returns:
        TREND_FITS rows; a family that cannot be fitted has one row with its reason.
    """
    fits, _ = fit_or_leave_out(
        frontier,
        series_scores,
        series,
        wanted=wanted,
        as_of=as_of,
        run_id=run_id,
        missing=missing,
        weights=weights,
        votes=votes,
    )
    return fits


def fit_or_leave_out(
    frontier: pl.DataFrame,
    series_scores: pl.DataFrame,
    series: Iterable[Series],
    *,
    wanted: Iterable[str],
    as_of: date,
    run_id: str,
    missing: Mapping[str, str],
    weights: Weights | None = None,
    votes: Votes | None = None,
) -> tuple[pl.DataFrame, dict[str, str]]:
    """As ``fit_trends``; and the series that could not be computed, with the reason.

    The others are fitted as if these were not there. With ``votes``, what all series
    say of each other, the rows need be those of the wanted series only; a series that
    cannot be computed then stays in the pool of the others.
    """
    left_out: dict[str, str] = {}
    everything, ids = list(series), list(wanted)
    while True:
        others = ~pl.col("series_id").is_in(list(left_out))
        words = {name: f"left out: {why}" for name, why in left_out.items()}
        try:
            fits = _fit(
                frontier.filter(others),
                series_scores.filter(others),
                everything,
                wanted=ids,
                as_of=as_of,
                run_id=run_id,
                missing={**missing, **words},
                weights=weights,
                votes=votes,
            )
        except SeriesError as error:
            if error.series_id in left_out:
                raise
            left_out[error.series_id] = error.why
        else:
            return fits, left_out


def _fit(
    frontier: pl.DataFrame,
    series_scores: pl.DataFrame,
    series: Sequence[Series],
    *,
    wanted: Sequence[str],
    as_of: date,
    run_id: str,
    missing: Mapping[str, str],
    weights: Weights | None,
    votes: Votes | None,
) -> pl.DataFrame:
    by_id = {one.series_id: one for one in series}
    leaning = LeaningFits.of(
        series,
        frontier,
        series_scores,
        as_of=as_of,
        weights=weights,
        votes=votes,
    )
    rows: list[Row] = []
    of_records, of_scores = (
        Parts(table, "series_id") for table in (frontier, series_scores)
    )
    for series_id in wanted:
        one = by_id[series_id]
        records, scores = of_records[series_id], of_scores[series_id]
        shared = _shared_columns(one, records, scores, as_of=as_of)
        shared |= {"run_id": run_id, "contract_version": CONTRACT_VERSION}
        for trend in one.benchmark.trends:
            with about(series_id, f"{trend.value} fit"):
                if records.is_empty():
                    reason = missing.get(series_id, "no dated score as of this vintage")
                    fitted = [not_estimated(one, trend, reason)]
                elif trend.leans:
                    fitted = leaning.parts(series_id, trend)
                elif trend is TrendFamily.LOGISTIC3:
                    fitted = fit_logistic3(one, records, scores)
                elif trend is TrendFamily.QUANTILE:
                    fitted = fit_quantile(one, scores, leaning.ceilings.of(series_id))
                else:
                    fitted = fit_straight_lines(
                        one, trend, records, scores, leaning.ceilings.of(series_id)
                    )
            rows.extend(shared | row for row in fitted)
    return TREND_FITS.conform(TREND_FITS.frame(rows))


def _shared_columns(
    series: Series, records: pl.DataFrame, scores: pl.DataFrame, *, as_of: date
) -> Row:
    dates = records.get_column("frontier_date")
    return {
        "as_of": as_of,
        "series_id": series.series_id,
        "benchmark_id": series.benchmark_id,
        "score_unit": series.benchmark.unit.value,
        "n_observations": scores.height,
        "n_records": records.height,
        "first_record_date": dates.min(),
        "last_record_date": dates.max(),
        "observed_through": series.observed_through(as_of),
    }
