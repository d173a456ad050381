"""Draws of straight lines, the days on which they reach a bar, and those past it."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from trends.crossings.line_crossing import crossing_days, line_distributions
from trends.fits.redraws import LineDraws, LineLaw, draw_lines
from trends.fits.streams import random_stream

START = date(2026, 1, 1)
END = date(2030, 12, 31)
LINE = LineLaw(
    means=np.array([0.2, 1.1]),
    covariances=np.array([0.03, 0.01, 0.09]),
    df=np.array(6.0),
)


def test_the_day_of_a_crossing_counts_from_the_last_day_observed() -> None:
    """Level 0 on 2024-01-01, 2 a year: 5.5 after 2.75 years, 274 days into 2026."""
    line = LineDraws(np.zeros(1), np.array([2.0]), date(2024, 1, 1), LINE)
    days = crossing_days(line, 5.5, start=date(2026, 1, 1))
    assert days.tolist() == [np.ceil(2.75 * 365.25) - 731]


def test_lines_that_do_not_rise_and_bars_out_of_reach_are_never_crossed() -> None:
    draws = LineDraws(np.zeros(3), np.array([2.0, 0.0, -1.0]), START, LINE)
    days = crossing_days(draws, 1.0, start=START)
    assert days.tolist() == [np.ceil(365.25 / 2), np.inf, np.inf]
    assert np.all(np.isinf(crossing_days(draws, np.inf, start=START)))


def test_a_line_at_the_bar_is_past_it_whether_it_rises_or_falls() -> None:
    draws = LineDraws(np.array([1.0, 2.0]), np.array([1.0, -1.0]), START, LINE)
    assert crossing_days(draws, 0.5, start=START).tolist() == [0.0, 0.0]


def test_draws_with_no_growth_are_kept_as_never() -> None:
    """5 draws: 1 already past, 1 crosses in time, 1 late, 2 never."""
    days = np.array([0.0, 10.0, 9999.0, np.inf, np.inf])
    (law,) = line_distributions([days], [1 / 5], start=START, projection_end=END)
    assert law is not None
    assert law.p_by_projection_end == 1 / 4
    assert law.p_never == 2 / 4
    assert law.p_after_projection_end == pytest.approx(1 / 4)


def test_all_bars_of_a_ladder_keep_the_draws_below_the_easiest() -> None:
    """The draw past the easy bar is dropped for the hard one, which it never meets."""
    easy = np.array([0.0, 10.0, 20.0, np.inf])
    hard = np.array([50.0, 60.0, 70.0, np.inf])
    for law in line_distributions(
        [easy, hard], [0.25, 0.0], start=START, projection_end=END
    ):
        assert law is not None
        assert law.n_draws == 3
        assert law.p_never == pytest.approx(1 / 3)


def test_a_bar_that_most_lines_are_past_has_no_date_and_the_next_is_the_easiest() -> (
    None
):
    easy = np.array([0.0, 0.0, 0.0, 5.0])
    hard = np.array([0.0, 6.0, 7.0, 8.0])
    first, second = line_distributions(
        [easy, hard], [0.75, 0.25], start=START, projection_end=END
    )
    assert first is None
    assert second is not None
    assert second.n_draws == 3


def test_whether_a_line_is_past_a_bar_is_no_matter_of_the_seed() -> None:
    """P(T_6 >= (1 - 0.2 - 1.1 / 2) / se), se^2 = 0.03 + 0.01 + 0.09 / 4, half a year on."""
    day = START + timedelta(days=183)
    years = 183 / 365.25
    error = np.sqrt(0.03 + 2 * years * 0.01 + years**2 * 0.09)
    expected = stats.t(6).sf((1.0 - 0.2 - 1.1 * years) / error)
    for seed in (1, 2):
        assert _draws(10, seed=seed).probability_above(1.0, day) == pytest.approx(
            expected, rel=1e-12
        )
    draws = _draws(200_000)
    levels = draws.intercept + years * draws.slope
    assert np.mean(levels >= 1.0) == pytest.approx(expected, abs=0.004)
    assert draws.probability_above(np.inf, day) == 0.0


def test_lines_of_several_laws_are_past_a_bar_with_their_mean_probability() -> None:
    both = LineLaw(
        means=np.array([[0.2, 2.0], [1.1, 1.1]]),
        covariances=np.array([[0.03, 0.0], [0.01, 0.0], [0.09, 0.0]]),
        df=np.array([6.0, 3.0]),
    )
    draws = LineDraws(np.zeros(2), np.zeros(2), START, both)
    first = _draws(2).probability_above(1.0, START)
    assert draws.probability_above(1.0, START) == pytest.approx((first + 1) / 2)


def _draws(n: int, *, seed: int = 1, name: str = "a") -> LineDraws:
    stream = random_stream(seed, name, "logistic", 1.0)
    return LineDraws(*draw_lines(stream, LINE, n_draws=n), START, LINE)


def test_draws_follow_the_t_distribution_of_the_fit() -> None:
    """Scaled slopes are t with 6 degrees of freedom; a normal would fail."""
    slopes = (_draws(40_000).slope - 1.1) / 0.3
    assert stats.kstest(slopes, stats.t(6).cdf).pvalue > 0.001
    assert stats.kstest(slopes, stats.norm.cdf).pvalue < 1e-6


def test_draws_keep_the_covariance_of_level_and_slope() -> None:
    draws = _draws(200_000)
    found = np.cov(draws.intercept, draws.slope)
    expected = np.array([[0.03, 0.01], [0.01, 0.09]]) * 6 / 4
    assert found == pytest.approx(expected, rel=0.05)


def test_a_stream_belongs_to_its_series_and_seed_alone() -> None:
    assert np.array_equal(_draws(10).slope, _draws(10).slope)
    assert not np.array_equal(_draws(10).slope, _draws(10, name="b").slope)
    assert not np.array_equal(_draws(10).slope, _draws(10, seed=2).slope)


def test_monte_carlo_error_is_the_spread_of_repeated_runs() -> None:
    medians, errors = [], []
    for seed in range(200):
        days = crossing_days(_draws(400, seed=seed), 1.5, start=START)
        (law,) = line_distributions([days], [0.0], start=START, projection_end=END)
        assert law is not None
        median, error = law.quantile(0.5), law.error_days(np.array(0.5))
        assert median is not None
        assert error is not None
        medians.append((median - START).days)
        errors.append(error)
    # SD of 200 medians has a relative error of 5%; the estimator is rough itself
    assert np.mean(errors) == pytest.approx(np.std(medians), rel=0.25)
