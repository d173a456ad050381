"""Sets of dates that are not rejected: Fieller's for lines, the profile's for curves."""

from datetime import date
from math import inf

import numpy as np
import pytest
from scipy import stats

from tests.confidence_sets import (
    ConfidenceSet,
    Interval,
    fieller_set,
    profile_set,
)
from tests.test_sigmoid import LEVELS, YEARS, profile_of
from trends.crossings.line_crossing import crossing_days
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats
from trends.fits.redraws import LineDraws, LineLaw, draw_lines
from trends.fits.streams import random_stream

START = date(2025, 1, 1)
WELL = (0.2, 2.4), np.array([[0.03, 0.01], [0.01, 0.04]]), 1.7
BADLY = (0.2, 0.5), np.array([[0.03, 0.01], [0.01, 0.16]]), 1.7
FALLING = (0.2, -2.4), np.array([[0.03, 0.01], [0.01, 0.04]]), 1.7


def fieller(case: tuple[tuple[float, float], Floats, float]) -> ConfidenceSet:
    estimate, covariance, bar = case
    return fieller_set(
        estimate=estimate, covariance=covariance, df=6, bar=bar, coverage=0.9
    )


def lines(case: tuple[tuple[float, float], Floats, float]) -> LineDraws:
    estimate, covariance, _ = case
    law = LineLaw(np.array(estimate), covariance[[0, 0, 1], [0, 1, 1]], np.array(6.0))
    intercept, slope = draw_lines(random_stream(1, "a"), law, n_draws=400_000)
    return LineDraws(intercept, slope, START, law)


def test_fiellers_set_is_an_interval_where_the_slope_is_well_determined() -> None:
    """The roots of the quadratic, with (b0, b1) = (0.2, 2.4), y = 1.7, t(6)."""
    q2 = stats.t.ppf(0.95, 6) ** 2
    quadratic = [
        2.4**2 - q2 * 0.04,
        2 * (2.4 * (0.2 - 1.7) - q2 * 0.01),
        (0.2 - 1.7) ** 2 - q2 * 0.03,
    ]
    low, high = sorted(np.roots(quadratic).real)
    found = fieller(WELL)
    assert found.is_bounded
    assert (found.parts[0].low, found.parts[0].high) == pytest.approx((low, high))
    assert 1.5 / 2.4 in found
    assert high + 0.01 not in found


def test_points_on_one_line_leave_its_own_date_in_fiellers_set() -> None:
    """Rounding may take the discriminant, which is 0, below 0."""
    for slope in np.linspace(0.1, 3.7, 50):
        found = fieller_set(
            estimate=(-1.37, slope),
            covariance=np.zeros((2, 2)),
            df=3,
            bar=0.71,
            coverage=0.8,
        )
        (only,) = found.parts
        assert (only.low, only.high) == pytest.approx((2.08 / slope, 2.08 / slope))


def test_quantiles_of_line_draws_are_the_ends_of_fiellers_set() -> None:
    """Up to Monte Carlo error: the density at the ends gives 0.001 to 0.002 years."""
    days = crossing_days(lines(WELL), 1.7, start=START)
    (part,) = fieller(WELL).parts
    found = np.quantile(days, [0.05, 0.95]) / DAYS_PER_YEAR
    # crossing days are rounded up
    assert found == pytest.approx([part.low, part.high], abs=0.006)


def test_a_slope_that_may_be_zero_leaves_never_and_far_dates_in_the_set() -> None:
    """The draws' 95% quantile is never, their 5% quantile the half-line's low end.

    Lines that do not rise but were past the bar before are 0.3% of draws, which moves
    a quantile of a long-tailed date by less than the tolerance.
    """
    found = fieller(BADLY)
    assert found.has_never
    assert not found.is_bounded
    past, future = found.parts
    assert (past.low, future.high) == (-inf, inf)
    assert past.high < 0 < future.low
    days = crossing_days(lines(BADLY), 1.7, start=START)
    assert np.mean(np.isinf(days)) > 0.05
    low = np.quantile(days, 0.05, method="lower") / DAYS_PER_YEAR
    assert low == pytest.approx(future.low, rel=0.02)


@pytest.mark.parametrize("case", [WELL, BADLY])
def test_at_the_ends_of_fiellers_set_a_line_is_past_the_bar_with_5_or_95_percent(
    case: tuple[tuple[float, float], Floats, float],
) -> None:
    """Standard error of a share of 400,000 draws: 0.0003."""
    draws = lines(case)
    ends = [end for part in fieller(case).parts for end in (part.low, part.high)]
    for end in ends:
        if np.isfinite(end):
            share = np.mean(draws.intercept + draws.slope * end >= case[2])
            assert min(share, 1 - share) == pytest.approx(0.05, abs=0.002)


def test_a_line_that_falls_for_certain_leaves_never_in_the_set() -> None:
    found = fieller(FALLING)
    assert found.has_never
    assert found.parts[0].high < 0


def test_a_line_that_says_nothing_leaves_every_date() -> None:
    found = fieller_set(
        estimate=(1.5, 0.1),
        covariance=np.array([[0.9, 0.0], [0.0, 0.9]]),
        df=6,
        bar=1.7,
        coverage=0.9,
    )
    assert found == ConfidenceSet((Interval(-inf, inf),), has_never=True)


@pytest.mark.parametrize("scale", [1e-6, 0.0, -1e-6])
def test_the_set_is_continuous_where_the_slope_is_just_significant(
    scale: float,
) -> None:
    """There its far end is as good as open."""
    q = stats.t.ppf(0.95, 6)
    found = fieller_set(
        estimate=(0.2, 1.0),
        covariance=np.array([[0.03, 0.0], [0.0, (1 + scale) / q**2]]),
        df=6,
        bar=1.7,
        coverage=0.9,
    )
    c = 1.5**2 - q**2 * 0.03
    assert found.parts[-1].low == pytest.approx(c / (2 * 1.5), rel=1e-4)
    assert found.parts[-1].high > 1e5


@pytest.mark.parametrize("bar", [0.35, 0.6])
def test_the_profile_set_ends_at_the_quantiles_of_its_distribution(
    bar: float,
) -> None:
    profile = profile_of(YEARS, LEVELS)
    found = profile_set(profile, bar=bar, coverage=0.8)
    (part,) = found.parts
    ends = np.array([part.low, part.high])
    assert np.all(np.isfinite(ends))
    assert profile.confidence(ends, np.full(2, bar)) == pytest.approx([0.1, 0.9])


def test_a_bar_near_the_ceiling_leaves_never_in_the_profile_set() -> None:
    profile = profile_of(YEARS, LEVELS)
    found = profile_set(profile, bar=0.8, coverage=0.9)
    assert found.has_never
    assert found.parts[0].high == inf


def test_a_bar_above_every_ceiling_has_never_and_nothing_else() -> None:
    found = profile_set(profile_of(YEARS, LEVELS), bar=1.0, coverage=0.9)
    assert found == ConfidenceSet((), has_never=True)
