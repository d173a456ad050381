"""Lines drawn again: dates inside their intervals, records selected in every draw."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.figures import benchmark, scores, series
from trends.fits.lines import fit_straight_lines
from trends.fits.redated import has_uncertain_dates
from trends.fits.redraws import redraw_line
from trends.fits.streams import random_stream
from trends.frontier import select_frontier
from trends.registry.models import TrendFamily

START = date(2024, 1, 1)
DAYS = [START + timedelta(days=120 * k) for k in range(8)]
LEVELS = [0.1, 0.15, 0.22, 0.3, 0.42, 0.5, 0.62, 0.7]


def uncertain_records(uncertain: dict[int, int]) -> pl.DataFrame:
    """Eight records; some may have come out up to so many days before their date."""
    back = [timedelta(days=uncertain.get(k, 0)) for k in range(len(DAYS))]
    earliest = [day - lag for day, lag in zip(DAYS, back, strict=True)]
    return scores(list(zip(DAYS, LEVELS, strict=True))).with_columns(
        release_earliest=pl.Series(earliest)
    )


def _fit(rows: pl.DataFrame) -> dict[str, object]:
    records = select_frontier(rows, [series()])
    (fit,) = fit_straight_lines(series(), TrendFamily.LOGISTIC, records, rows)
    return fit


def test_known_dates_draw_from_the_fit_itself() -> None:
    rows = uncertain_records({})
    fit = _fit(rows)
    draws = redraw_line(series(), fit, rows, seed=1, n_draws=20_000)
    assert not has_uncertain_dates(rows)
    assert draws.n_failed == 0
    assert np.median(draws.slope) == pytest.approx(fit["slope_per_year"], rel=0.01)


def test_an_uncertain_first_date_spreads_the_slope() -> None:
    """The first record may be up to a year older: slopes are lower and spread more."""
    known, vague = uncertain_records({}), uncertain_records({0: 365})
    fit = _fit(known)
    before = redraw_line(series(), fit, known, seed=1, n_draws=4000)
    after = redraw_line(series(), fit, vague, seed=1, n_draws=4000)
    assert np.median(after.slope) < np.median(before.slope)
    assert np.std(after.slope) > np.std(before.slope)


def test_records_are_selected_again_in_every_draw() -> None:
    """The third score is the best of its time only if it came out before the fourth.

    It is put anywhere within 300 days before its date, sometimes ahead of better
    ones; a bootstrap of the fixed record set would never lose or gain a record.
    """
    rows = uncertain_records({7: 800})
    fit = _fit(rows)
    draws = redraw_line(series(), fit, rows, seed=1, n_draws=4000)
    # the best score, drawn early, makes all later ones no records: too few are left
    assert 0 < draws.n_failed < 4000
    assert len(draws.slope) == 4000 - draws.n_failed


def test_what_else_is_run_changes_no_draw() -> None:
    rows = uncertain_records({0: 100})
    fit = _fit(rows)
    first = redraw_line(series(), fit, rows, seed=1, n_draws=50)
    redraw_line(series("other", benchmark()), fit, rows, seed=1, n_draws=10)
    assert np.array_equal(
        first.slope, redraw_line(series(), fit, rows, seed=1, n_draws=50).slope
    )
    assert not np.array_equal(
        first.slope,
        redraw_line(series("other", benchmark()), fit, rows, seed=1, n_draws=50).slope,
    )


def test_each_series_draws_from_a_stream_of_its_own() -> None:
    rows = uncertain_records({})
    fit = _fit(rows)
    here, there = (
        redraw_line(series(name), fit, rows, seed=1, n_draws=9).slope
        for name in ("test", "other")
    )
    assert not np.array_equal(here, there)


def test_a_stream_is_the_same_in_every_process() -> None:
    """The first of its numbers, written down: salted hashes would change it."""
    assert random_stream(1, "a").random() == 0.10060886596830121
