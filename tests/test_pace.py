"""A pace that may change: points, filter, and what families say of variances."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import multivariate_normal

from trends.fits.links import Floats
from trends.fits.pace import (
    SCATTERS,
    WANDERS,
    Hyper,
    Line,
    Points,
    Told,
    fit_hyper,
    fit_hypers,
    learn_hypers,
    local_trend,
)
from trends.fits.slopes import Lines, pool_slopes
from trends.fits.walks import Prior


def _points(seed: int = 1, n: int = 12) -> Points:
    generator = np.random.default_rng(seed)
    years = np.sort(generator.uniform(0, 3, n))
    return Points(years, 0.3 + 1.7 * years + generator.normal(0, 0.3, n))


def _simulate(
    generator: np.random.Generator, n: int, *, scatter: float, wander: float
) -> Points:
    years = np.sort(generator.uniform(0, 3, n))
    slopes, level, now, found = generator.normal(1.5, 0.5), 0.0, 0.0, []
    for year in years:
        gap = year - now
        if gap > 0:
            kick = generator.multivariate_normal(
                [0, 0],
                wander * np.array([[gap**3 / 3, gap**2 / 2], [gap**2 / 2, gap]]),
            )
            level, slopes, now = level + gap * slopes + kick[0], slopes + kick[1], year
        found.append(level + generator.normal(0, np.sqrt(scatter)))
    return Points(years, np.array(found))


def test_points_are_the_three_best_of_their_day_so_far() -> None:
    """Counted by hand: the fourth best does not enter, nor does what ties the third."""
    years = np.array([0, 1, 2, 3, 4, 5, 5, 5, 5.0])
    levels = np.array([5, 1, 3, 0, 1, 9, 8, 7, 6.0])
    kept = Points.among(years, levels)
    assert kept.years.tolist() == [0, 1, 2, 5, 5, 5]
    assert kept.levels.tolist() == [5, 1, 3, 9, 8, 7]


def test_points_do_not_depend_on_the_order_of_rows() -> None:
    generator = np.random.default_rng(3)
    years, levels = generator.integers(0, 9, 40) / 4.0, generator.normal(size=40)
    first = Points.among(years, levels)
    order = generator.permutation(40)
    again = Points.among(years[order], levels[order])
    assert again.levels.tolist() == first.levels.tolist()


def test_without_wander_it_is_the_least_squares_line() -> None:
    """statsmodels: estimates and covariance at the last look, the scatter known."""
    points, until = _points(), 3.4
    found = local_trend(points, Hyper(0.09, 0.0), Prior(0.0, 1e9), until)
    design = sm.add_constant(points.years - until)
    reference = sm.OLS(points.levels, design).fit(cov_type="fixed scale")
    reference.scale = 0.09
    covariance = 0.09 * np.linalg.inv(design.T @ design)
    np.testing.assert_allclose([found.level, found.slope], reference.params, rtol=1e-6)
    np.testing.assert_allclose(
        [found.level_variance, found.covariance, found.slope_variance],
        [covariance[0, 0], covariance[0, 1], covariance[1, 1]],
        rtol=1e-6,
    )


def _prior_covariance(years: Floats, hyper: Hyper, prior: Prior) -> Floats:
    """Of levels at these years after the first point, given that point alone."""
    low = np.minimum.outer(years, years)
    high = np.maximum.outer(years, years)
    wandered = hyper.wander * low**2 * (3 * high - low) / 6
    joint: Floats = hyper.scatter + prior.variance * np.outer(years, years) + wandered
    return joint


@pytest.mark.parametrize("wander", [0.0, 0.3, 3.0])
def test_the_filter_is_the_normal_law_of_all_points_at_once(wander: float) -> None:
    """Fit and state against the joint normal of the integrated random walk."""
    points, until = _points(), 3.7
    scatter = float(SCATTERS[7])
    hyper, prior = Hyper(scatter, wander), Prior(1.2, 0.8)
    since = points.years - points.years[0]
    later, ahead = since[1:], until - points.years[0]
    times = np.append(later, ahead)
    mean = points.levels[0] + prior.mean * times
    joint = _prior_covariance(times, hyper, prior)
    seen = joint[:-1, :-1] + scatter * np.eye(len(later))
    gain = np.linalg.solve(seen, joint[:-1, -1])
    surprise = points.levels[1:] - mean[:-1]
    found = local_trend(points, hyper, prior, until)
    assert found.level == pytest.approx(mean[-1] + gain @ surprise, rel=1e-9)
    assert found.level_variance == pytest.approx(
        joint[-1, -1] - gain @ joint[:-1, -1], rel=1e-7
    )
    on_grid = Told.by(points).under(prior).reshape(len(SCATTERS), len(WANDERS))
    place = list(WANDERS).index(wander)
    dense = multivariate_normal(mean[:-1], seen).logpdf(points.levels[1:])
    constant = len(later) * np.log(2 * np.pi) / 2
    assert on_grid[7, place] == pytest.approx(dense + constant, rel=1e-9)


def test_silence_leaves_the_slope_and_widens_it() -> None:
    points, hyper, prior = _points(), Hyper(0.1, 0.3), Prior(1.0, 1.0)
    end = float(points.years[-1])
    now, later = (local_trend(points, hyper, prior, end + gap) for gap in (0.0, 1.0))
    assert later.slope == pytest.approx(now.slope)
    assert later.level == pytest.approx(now.level + now.slope)
    assert later.slope_variance == pytest.approx(now.slope_variance + 0.3)


def test_one_point_says_nothing_of_the_slope() -> None:
    one = Points(np.array([0.0]), np.array([0.4]))
    found = local_trend(one, Hyper(0.2, 0.0), Prior(1.1, 0.5), 2.0)
    assert (found.slope, found.slope_variance) == (1.1, 0.5)
    assert found.level == pytest.approx(0.4 + 2.2)


def test_no_family_rules_nothing_out() -> None:
    likely = learn_hypers(np.empty((0, 65)))
    assert np.ptp(likely) == 0
    assert likely.sum() == pytest.approx(1)


@pytest.mark.parametrize("wander", [0.0, 1.0])
def test_families_tell_how_much_a_pace_wanders(wander: float) -> None:
    """40 families of 15 points: variances are found within a half, wander from above.

    The one more family that likes all of the grid pulls towards its middle.
    """
    generator = np.random.default_rng(11)
    prior = Prior(1.5, 0.25)
    worlds = [_simulate(generator, 15, scatter=0.1, wander=wander) for _ in range(40)]
    likely = learn_hypers(Told.stacked([*map(Told.by, worlds)]).under(prior))
    found = [fit_hyper(Told.by(one), likely, prior) for one in worlds]
    assert np.mean([one.scatter for one in found]) == pytest.approx(0.1, rel=0.25)
    mean_wander = np.mean([one.wander for one in found])
    assert mean_wander == pytest.approx(wander, rel=0.6, abs=0.15)


def test_intervals_of_the_level_ahead_hold_what_they_say() -> None:
    """80% of the level half a year on, variances learned: held 77 to 84%.

    300 families; the Monte Carlo standard error is 2.3 points.
    """
    generator = np.random.default_rng(5)
    prior = Prior(1.5, 0.25)
    worlds = [_simulate(generator, 16, scatter=0.1, wander=0.3) for _ in range(300)]
    known = [Points(one.years[:-1], one.levels[:-1]) for one in worlds]
    likely = learn_hypers(Told.stacked([*map(Told.by, known)]).under(prior))
    held = []
    for one, world in zip(known, worlds, strict=True):
        hyper = fit_hyper(Told.by(one), likely, prior)
        trend = local_trend(one, hyper, prior, float(world.years[-1]))
        spread = np.sqrt(trend.level_variance + hyper.scatter)
        held.append(abs(world.levels[-1] - trend.level) <= 1.2816 * spread)
    assert np.mean(held) == pytest.approx(0.8, abs=0.05)


def test_slopes_are_pooled_as_a_random_effects_mean() -> None:
    """Exact lines of slopes 1, 2 and 3: their mean, and their variance between."""
    years = np.linspace(0, 2, 9)
    lines = [Line.through(Points(years, slope * years)) for slope in (1.0, 2.0, 3.0)]
    (found,) = pool_slopes(Lines.of([*lines, None]))
    assert found is not None
    assert found.mean == pytest.approx(2.0)
    assert found.tau2 == pytest.approx(1.0, abs=0.01)


def test_slopes_of_several_sets_are_those_of_each_alone() -> None:
    lines = [Line.through(_points(seed, 5 + seed)) for seed in range(6)]
    kept = np.array([[True] * 6, [False, True, True, True, False, True], [False] * 6])
    found = pool_slopes(Lines.of([*lines]), kept)
    for of_set, there in zip(found, kept, strict=True):
        (alone,) = pool_slopes(Lines.of([lines[k] for k in np.flatnonzero(there)]))
        assert of_set == alone
    assert found[0] != found[1]


def test_variances_given_others_each_time_are_those_given_each() -> None:
    told, generator = Told.by(_points()), np.random.default_rng(4)
    likely = generator.dirichlet(np.ones(65), 3)
    priors = [Prior(0.7, 0.5), Prior(1.4, 2.0), Prior(-0.2, 9.0)]
    scatter, wander = fit_hypers(told, likely, priors)
    for k, prior in enumerate(priors):
        alone = fit_hyper(told, likely[k], prior)
        assert scatter[k] == pytest.approx(alone.scatter, rel=1e-12)
        assert wander[k] == pytest.approx(alone.wander, rel=1e-12)


def test_points_of_one_day_fix_no_slope() -> None:
    line = Line.through(Points(np.zeros(5), np.arange(5.0)))
    assert pool_slopes(Lines.of([line])) == [None]
