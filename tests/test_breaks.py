"""Break test: the statistic against statsmodels, size, power, and what it is not."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from tests.figures import positive, scores, series
from trends.fits.break_kernels import walk_about_a_line
from trends.fits.breaks import MIN_RECORDS, BreakTest, Flags, break_test
from trends.fits.lines import fit_straight_lines
from trends.fits.links import Floats
from trends.fits.regression import fit_line
from trends.registry.models import TrendFamily

X = np.array([-1.4, -1.1, -0.7, -0.6, -0.1, 0.2, 0.3, 0.8, 1.0, 1.6])
Y = np.array([0.1, 0.4, 0.2, 0.7, 0.5, 1.9, 2.4, 3.1, 3.0, 4.4])
VARIANCE = np.array([0.1, 0.2, 0.1, 0.4, 0.3, 0.1, 0.2, 0.5, 0.1, 0.3])

Releases = tuple[Floats, Floats]
World = Callable[[np.random.Generator], Releases]


def records_among(y: Floats) -> Flags:
    best_before = np.maximum.accumulate(np.append(-np.inf, y[:-1]))
    return np.asarray(y > best_before)


def found_in(
    releases: Releases, variance: Floats | None = None, n_resamples: int = 499
) -> BreakTest:
    x, y = releases
    found = break_test(
        x,
        y,
        np.ones_like(x) if variance is None else variance,
        records_among(y),
        np.random.default_rng(1),
        n_resamples=n_resamples,
    )
    assert found is not None
    return found


def with_failures(x: Floats, y: Floats) -> Releases:
    """After each record a release that is none."""
    between = np.append((x[1:] + x[:-1]) / 2, x[-1] + 0.1)
    return np.column_stack([x, between]).ravel(), np.column_stack([y, y - 1]).ravel()


RISING = np.array([0.1, 0.3, 0.4, 0.7, 0.9, 1.9, 2.4, 3.1, 3.3, 4.4])


def test_the_statistic_is_the_largest_f_of_statsmodels_over_the_records() -> None:
    """Ten records, three at least on each side: the second line starts at 3 to 7."""
    one = sm.WLS(RISING, sm.add_constant(X), weights=1 / VARIANCE).fit()
    by_place = {}
    for first in range(3, 8):
        after = (np.arange(10) >= first).astype(float)
        design = np.column_stack([np.ones(10), X, after, after * X])
        two = sm.WLS(RISING, design, weights=1 / VARIANCE).fit()
        by_place[first] = two.compare_f_test(one)[0]
    found = found_in(with_failures(X, RISING), np.repeat(VARIANCE, 2))
    assert found.sup_f == pytest.approx(max(by_place.values()), rel=1e-9)
    best = max(by_place, key=lambda first: by_place[first])
    assert found.first_after == 2 * best == 10


def test_the_walk_about_a_line_is_that_of_the_dense_likelihood() -> None:
    shares, x = np.array([0.0, 0.1, 0.5, 0.9]), X - X.mean()
    gaps = np.diff(X, prepend=X[0]) / np.mean(np.diff(X))
    walk = np.minimum.outer(np.cumsum(gaps), np.cumsum(gaps))
    line = np.column_stack([np.ones_like(x), x])
    for levels in (Y, np.cumsum(VARIANCE * np.sign(Y - 2)), x + 3 * VARIANCE):
        told = []
        for share in shares:
            covariance = share * walk + (1 - share) * np.eye(len(x))
            fit = sm.GLS(levels, line, sigma=covariance).fit()
            information = line.T @ np.linalg.solve(covariance, line)
            likely = -(len(x) - 2) * np.log(fit.scale)
            for one in (covariance, information):
                likely -= np.linalg.slogdet(one).logabsdet
            told.append((likely, share, fit.scale, *fit.params))
        found = walk_about_a_line(x, levels, gaps, shares)
        assert found == pytest.approx(max(told)[1:])


def test_units_of_time_and_level_change_nothing() -> None:
    x, y = with_failures(X, RISING)
    plain = found_in((x, y))
    moved = found_in((400 * x + 7, 3 + 2 * y), np.full(20, 4.0))
    assert moved.sup_f == pytest.approx(plain.sup_f, rel=1e-9)
    assert (moved.p_value, moved.first_after) == (plain.p_value, plain.first_after)


def test_the_series_counts_among_its_resamples() -> None:
    """A break that no resample reaches has p = 1/(1 + n), never 0."""
    x = np.linspace(0, 4, 40)
    sharp = 0.2 * x + np.where(x > 2, 5.0, 0.0) + 0.01 * np.cos(9 * x)
    found = found_in((x, sharp), n_resamples=199)
    assert x[found.first_after] == pytest.approx(2.05, abs=0.1)
    assert found.p_value is not None
    assert 1 / 200 <= found.p_value < 0.05


def test_too_few_records_or_none_off_the_line_have_no_test() -> None:
    generator = np.random.default_rng(1)
    is_record = np.full(10, fill_value=True)
    few = is_record & (np.arange(10) > 2)
    assert break_test(X, RISING, VARIANCE, few, generator) is None
    assert break_test(X, 2 + 3 * X, np.zeros(10), is_record, generator) is None


def test_where_simulated_series_have_few_records_there_is_no_p_value() -> None:
    """Eight records in eight releases whose scatter is as large as their rise."""
    x = np.arange(8.0)
    y = np.array([0.0, 0.9, 1.0, 1.1, 3.5, 3.6, 3.7, 7.0])
    found = found_in((x, y))
    assert found.sup_f > 0
    assert found.p_value is None


def test_two_releases_at_one_date_are_refused() -> None:
    x = np.sort(np.append(X[1:], 0.2))
    with pytest.raises(ValueError, match="do not rise"):
        found_in((x, Y))


# --- size and power


def rejections(world: World, n_simulations: int, *, at: float = 0.05) -> float:
    """Share of series with 8 records or more whose p-value is as small."""
    generator = np.random.default_rng(20261122)
    p_values: list[float] = []
    while len(p_values) < n_simulations:
        x, y = world(generator)
        is_record = records_among(y)
        if is_record.sum() < MIN_RECORDS:
            continue
        tau2 = fit_line(x[is_record], y[is_record], np.zeros(is_record.sum())).tau2
        variance = np.full_like(x, tau2)
        found = break_test(x, y, variance, is_record, generator, n_resamples=199)
        if found is not None and found.p_value is not None:
            p_values.append(found.p_value)
    return float(np.mean(np.array(p_values) <= at))


def scattered(n: int, *, pace: float = 1.0, then: float | None = None) -> World:
    """Releases about a line for three years; ``then`` is its pace in the second half."""

    def world(generator: np.random.Generator) -> Releases:
        x = np.sort(generator.uniform(0, 3, n))
        more = ((then or pace) - pace) * np.maximum(x - 1.5, 0.0)
        return x, pace * x + more + generator.normal(0, 0.5, n)

    return world


def walking(n: int, *, pace: float = 1.0, then: float | None = None) -> World:
    """A walk with drift, seen at releases over three years or so."""

    def world(generator: np.random.Generator) -> Releases:
        gaps = generator.exponential(3 / n, n)
        x = np.cumsum(gaps)
        more = ((then or pace) - pace) * np.maximum(x - 1.5, 0.0)
        return x, pace * x + more + np.cumsum(generator.normal(0, 0.8 * np.sqrt(gaps)))

    return world


def both(n: int) -> World:
    """Releases scatter about a walk."""

    def world(generator: np.random.Generator) -> Releases:
        x, y = walking(n)(generator)
        return x, y + generator.normal(0, 0.25, n)

    return world


def unlike(n: int) -> World:
    """About a line; scatter that grows threefold, which no null of ours knows."""

    def world(generator: np.random.Generator) -> Releases:
        x = np.sort(generator.uniform(0, 3, n))
        return x, x + generator.normal(0, 0.3 * 3 ** (x / 3), n)

    return world


def test_records_without_a_break_are_rarely_called_broken() -> None:
    """300 simulations each, of about 12 records: Monte Carlo error 1.3 points."""
    for world in (scattered(60), walking(25)):
        assert rejections(world, 300) <= 0.08


def test_most_find_a_clear_break() -> None:
    """A pace of 2 a year, and of 8 from the middle on."""
    assert rejections(scattered(60, pace=2.0, then=8.0), 100) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [
        *(scattered(30), scattered(60), scattered(60, pace=3.0)),
        *(walking(15), walking(25), walking(60)),
        *(both(60), unlike(60)),
    ],
    ids=[
        *("scatter, 10 records", "scatter, 12", "scatter, 22"),
        *("walk, 10", "walk, 13", "walk, 22"),
        *("both, 16", "growing scatter, 13"),
    ],
)
def test_the_size_holds_on_records_of_scatter_and_of_walks(world: World) -> None:
    """2,000 simulations each: Monte Carlo error 0.5 points at 5%."""
    assert 0.01 <= rejections(world, 2000) <= 0.08


@pytest.mark.slow
def test_the_power_against_a_pace_that_doubles_is_as_stated() -> None:
    """500 simulations each: Monte Carlo error 2 points; what scatter hides is lost."""
    assert rejections(scattered(60, pace=2.0, then=4.0), 500) == pytest.approx(
        0.19, abs=0.08
    )
    assert rejections(walking(60, pace=2.0, then=4.0), 500) == pytest.approx(
        0.32, abs=0.08
    )


# --- in the fits


def bent_records() -> list[tuple[date, float]]:
    """Doubling in 400 days until 2025, in 100 days from then on."""
    days = [0, 170, 290, 430, 560, 690, 800, 840, 910, 960, 1050, 1100]
    level = [d / 400 if d <= 690 else 690 / 400 + (d - 690) / 100 for d in days]
    wiggle = [0.1, -0.06, 0.05, -0.1, 0.07, -0.02, 0.04, -0.09, 0.1, -0.05, -0.03, 0.06]
    return [
        (date(2023, 1, 1) + timedelta(days=d), 2 ** (a + b))
        for d, a, b in zip(days, level, wiggle, strict=True)
    ]


def test_a_break_is_reported_and_no_window_follows_from_it() -> None:
    records = scores(bent_records())
    (row,) = fit_straight_lines(
        series(entry=positive()), TrendFamily.EXPONENTIAL, records, records
    )
    assert row["break_date"] in (date(2024, 11, 21), date(2025, 3, 11))
    assert float(str(row["break_p_value"])) < 0.01
    years = np.array([(day - date(2023, 1, 1)).days for day, _ in bent_records()])
    slope = stats.linregress(years / 365.25, np.log(records["score"].to_numpy())).slope
    assert row["slope_per_year"] == pytest.approx(slope, rel=1e-9)


def test_the_p_value_belongs_to_its_series() -> None:
    first = date(2023, 1, 1)
    records = scores(
        [
            (first + timedelta(days=round(400 * x + 600)), float(np.exp(y)))
            for x, y in zip(X, X + 0.3 * np.cos(9 * X), strict=True)
        ]
    )

    def p_value(name: str) -> object:
        entry = series(name, positive())
        rows = fit_straight_lines(entry, TrendFamily.EXPONENTIAL, records, records)
        return rows[0]["break_p_value"]

    assert p_value("test") == p_value("test")
    assert p_value("test") != p_value("other")
