"""Coverage of date intervals whose dates are yet to come, and their rescaling."""

import numpy as np
import pytest

from trends.backtest.date_calibration import date_coverage


def test_date_coverage_without_open_bars_is_the_share_inside() -> None:
    """F(T) of 0.05, 0.2, 0.5, 0.7 and 0.95: three of five lie between 10% and 90%."""
    times = np.array([0.05, 0.2, 0.5, 0.7, 0.95])
    found = date_coverage(times, [True] * 5, list("abcde"), nominal=0.8)
    assert found.coverage == pytest.approx(3 / 5)


def test_an_open_bar_counts_as_later_than_it_was_watched() -> None:
    """Kaplan-Meier by hand: 0.05 came (1 of 4), 0.3 open, 0.6 came (1 of 2), 0.95 open.

    P(> 0.1) = 3/4; P(> 0.9) = 3/4 * 1/2; inside = 3/8. To count the open one at 0.3
    as not covered, or to leave it out, would give 1/4 or 1/3.
    """
    times = np.array([0.05, 0.3, 0.6, 0.95])
    came = [True, False, True, False]
    found = date_coverage(times, came, list("abcd"), nominal=0.8)
    assert found.coverage == pytest.approx(3 / 8)
    assert (found.n, found.n_crossed) == (4, 2)


def test_where_no_bar_was_watched_long_enough_nothing_is_claimed() -> None:
    times = np.array([0.05, 0.3, 0.4])
    found = date_coverage(times, [True, False, False], list("abc"), nominal=0.8)
    assert found.coverage is None


def test_dates_that_all_came_early_are_not_covered_at_all() -> None:
    """Nothing need be watched longer: there is nothing left to come."""
    found = date_coverage(np.array([0.01, 0.04]), [True] * 2, ["a", "b"], nominal=0.8)
    assert (found.coverage, found.came_before) == (0.0, 1.0)


def test_a_last_bar_that_was_crossed_does_not_tell_what_comes_after() -> None:
    """At 0.85 the last one watched came; that no date lies past 0.9 is not known."""
    times = np.array([0.05, 0.3, 0.85])
    found = date_coverage(times, [True, False, True], list("abc"), nominal=0.8)
    assert found.coverage is None
    assert found.came_before == pytest.approx(1 / 3)


def test_right_dates_are_covered_as_often_as_they_say() -> None:
    """F(T) uniform, 60% of bars open from a random day on: 0.8 within 3 s.e. of 0.03."""
    generator = np.random.default_rng(5)
    true, end = generator.random(2000), generator.random(2000) * 1.6
    came = true <= end
    times = np.where(came, true, end)
    families = [f"family{k % 200}" for k in range(2000)]
    found = date_coverage(times, came.tolist(), families, nominal=0.8)
    assert found.coverage == pytest.approx(0.8, abs=0.06)


def test_levels_by_hand() -> None:
    """Nine families of one date each; the next one is missed, and is all the 10%.

    So nothing may come before the lower end, the first date, and after the upper end
    nothing may come but the next: the last of the nine.
    """
    times = np.array([0.04, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.97])
    found = date_coverage(times, [True] * 9, list("abcdefghi"), nominal=0.8)
    assert (found.lower_level, found.upper_level) == (0.04, 0.97)
    # with a tenth family the next is worth less than 10%: still no date is to spare
    more = np.append(times, 0.01)
    found = date_coverage(more, [True] * 10, list("abcdefghij"), nominal=0.8)
    assert found.lower_level == 0.01
    # without one family eight are too few, so nothing was ever left out
    assert (
        date_coverage(
            times, [True] * 9, list("abcdefghi"), nominal=0.8
        ).came_before_left_out
        is None
    )


def test_too_few_families_rescale_no_dates() -> None:
    found = date_coverage(
        np.linspace(0.1, 0.9, 8), [True] * 8, list("abcdefgh"), nominal=0.8
    )
    assert (found.lower_level, found.upper_level) == (None, None)


def test_dates_that_came_too_early_are_rescaled_for_families_left_out() -> None:
    """F(T) is the square of a uniform: 10% come before the 1% quantile, not the 10%.

    60 families of 30 forecasts, most bars open from some day on: within 0.03 of 10%.
    """
    generator = np.random.default_rng(8)
    true, end = np.square(generator.random(1800)), generator.random(1800) * 1.3
    came = true <= end
    families = [f"family{k % 60}" for k in range(1800)]
    found = date_coverage(
        np.where(came, true, end), came.tolist(), families, nominal=0.8
    )
    assert found.came_before == pytest.approx(np.sqrt(0.1), abs=0.04)
    assert found.lower_level == pytest.approx(0.01, abs=0.008)
    assert found.came_before_left_out == pytest.approx(0.1, abs=0.03)
    assert found.upper_level == pytest.approx(0.81, abs=0.06)
    assert found.came_after_left_out == pytest.approx(0.1, abs=0.05)


def test_the_last_bar_watched_does_not_tell_the_upper_end() -> None:
    """One bar of twelve came, at 0.88, the others are open since 0.3 and less.

    By Kaplan and Meier nothing is left after it; it is one family that says so.
    """
    times = np.append(np.linspace(0.1, 0.3, 11), 0.88)
    found = date_coverage(
        times, [False] * 11 + [True], list("abcdefghijkl"), nominal=0.8
    )
    assert (found.lower_level, found.upper_level) == (None, None)


def test_an_end_that_nobody_was_watched_to_is_not_rescaled() -> None:
    """No bar is watched past 0.5: the lower end is known, the upper is not."""
    generator = np.random.default_rng(9)
    true = generator.random(400)
    families = [f"family{k % 20}" for k in range(400)]
    found = date_coverage(
        np.minimum(true, 0.5), (true <= 0.5).tolist(), families, nominal=0.8
    )
    assert found.lower_level == pytest.approx(0.06, abs=0.03)
    assert found.upper_level is None
    assert found.came_after_left_out is None
