"""What families of lines say of open bars: every draw is kept, and accounted for."""

from datetime import date

import polars as pl
import pytest

from tests.figures import series
from tests.test_crossings import THRESHOLD
from tests.test_redraws import uncertain_records
from trends.crossings import Vintage, cross_bars
from trends.crossings.families import Draws, Ladder, OpenBar
from trends.crossings.looks import Looks
from trends.fits import fit_trends
from trends.frontier import select_frontier

END = date(2026, 6, 30)
N_DRAWS = 2000


def _fits(rows: pl.DataFrame) -> pl.DataFrame:
    one = series()
    return fit_trends(
        select_frontier(rows, [one]), rows, [one], wanted=["test"], as_of=END,
        run_id="0" * 12, missing={},
    )  # fmt: skip


def test_lines_that_do_not_grow_are_asked_too() -> None:
    """A slope of 0 with an error: half of the lines never reach a bar."""
    rows = uncertain_records({})
    flat = (
        _fits(rows)
        .filter(pl.col("trend") == "logistic")
        .with_columns(slope_per_year=pl.lit(0.0))
    )
    (found,) = Ladder(
        Looks(series(), rows, rows), [OpenBar(0.99)], END, date(2050, 12, 31)
    ).ask(flat, Draws(1, N_DRAWS))
    law = found.answer.distribution
    assert law is not None
    assert found.share_past == pytest.approx(0, abs=0.01)
    assert law.n_draws == pytest.approx(N_DRAWS, abs=20)
    assert law.p_never == pytest.approx(0.5, abs=0.04)


def test_draws_that_fixed_no_line_or_are_past_the_bar_are_published() -> None:
    """A last record that may be older than all: some draws have too few records."""
    rows = uncertain_records({7: 800})
    one = series()
    summary = cross_bars(
        _fits(rows), rows, select_frontier(rows, [one]), [(THRESHOLD, one)],
        vintage=Vintage(END, "0" * 12, 1, N_DRAWS),
    ).summary  # fmt: skip
    row = summary.filter(
        (pl.col("bar_id") == "high") & (pl.col("trend") == "logistic")
    ).row(0, named=True)
    drawn = N_DRAWS - row["n_draws_failed"]
    assert 50 < row["n_draws_failed"] < N_DRAWS / 2
    assert row["p_line_already_past"] > 0
    assert row["n_draws"] == pytest.approx(
        drawn * (1 - row["p_line_already_past"]), abs=0.03 * drawn
    )
