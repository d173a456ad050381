"""The logistic with an estimated ceiling: fit, confidence in dates, coverage."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy import optimize, special, stats

from tests.figures import benchmark, positive, scores, series
from trends.crossings.distribution import CrossingDistribution
from trends.crossings.sigmoid_crossing import (
    _not_before_start,
    sigmoid_distributions,
)
from trends.dates import DAYS_PER_YEAR
from trends.fits.links import Floats
from trends.fits.samples import Points
from trends.fits.sigmoid import (
    ceiling_at_bound_share,
    fit_logistic3,
    sigmoid_profile,
)
from trends.fits.sigmoid_optimum import fit_sigmoid
from trends.fits.sigmoid_profile import SigmoidProfile, constrained_rss

GENERATOR = np.random.default_rng(11)
YEARS = np.sort(GENERATOR.uniform(52.0, 55.0, 14))
LEVELS = np.asarray(
    0.8 * special.expit(2.0 * (YEARS - 53.3) + GENERATOR.normal(0, 0.3, 14))
)
START = date(2023, 1, 1)


def profile_of(years: Floats, levels: Floats, highest: float = 1.0) -> SigmoidProfile:
    nothing = np.zeros_like(years)
    days = years * DAYS_PER_YEAR
    points = Points(days, days, levels, nothing, nothing, ["a"] * len(years))
    fit = fit_sigmoid(points, max_height=highest)
    return SigmoidProfile(years, levels, highest, fit)


def curve(height: float, intercept: float, slope: float, years: Floats) -> Floats:
    return np.asarray(height * special.expit(intercept + slope * years))


def records_of(years: Floats, levels: Floats) -> pl.DataFrame:
    """One release a developer, so that resamples draw releases."""
    days = [START + timedelta(days=round(year * DAYS_PER_YEAR)) for year in years]
    return scores(list(zip(days, levels.tolist(), strict=True)))


# --- the fit


def test_the_published_columns_give_back_a_known_curve() -> None:
    """Floor 0.1, ceiling 0.7; the columns alone must reproduce every score."""
    years = np.linspace(0, 3, 12)
    levels = 0.1 + curve(0.6, -2.0, 1.5, years)
    entry = series(entry=benchmark(floor=0.1))
    records = records_of(years, levels)
    (row,) = fit_logistic3(entry, records, records)
    table = pl.DataFrame([row])
    assert table["ceiling_estimate"][0] == pytest.approx(0.7, abs=1e-3)
    assert table["slope_per_year"][0] == pytest.approx(1.5, abs=1e-2)
    day = records["frontier_date"].to_list()
    since = np.array([(d - table["epoch_date"][0]).days for d in day]) / DAYS_PER_YEAR
    line = table["intercept"][0] + table["slope_per_year"][0] * since
    height = table["ceiling_estimate"][0] - table["floor"][0]
    # dates are rounded to days
    assert 0.1 + height * special.expit(line) == pytest.approx(levels, abs=2e-3)


def test_standard_errors_are_those_of_scipys_jacobian() -> None:
    """s^2 (J'J)^-1 with s^2 = RSS / (n - 3), in ceiling, level at epoch and slope."""
    records = records_of(YEARS - 52, LEVELS)
    (row,) = fit_logistic3(series(), records, records)
    days = [(d - row["epoch_date"]).days for d in records["frontier_date"]]
    since = np.array(days) / DAYS_PER_YEAR

    def residuals(p: Floats) -> Floats:
        return np.asarray(curve(p[0], p[1], p[2], since) - LEVELS)

    found = optimize.least_squares(residuals, [0.8, 0.1, 2.0], xtol=1e-14, ftol=1e-14)
    covariance = np.linalg.inv(found.jac.T @ found.jac) * 2 * found.cost / (14 - 3)
    names = ("ceiling_estimate", "intercept", "slope_per_year")
    assert [row[name] for name in names] == pytest.approx(found.x, rel=1e-5)
    errors = [row[f"{name}_se"] for name in names]
    assert errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-4)
    assert row["intercept_slope_cov"] == pytest.approx(covariance[1, 2], rel=1e-4)


def test_a_ceiling_that_is_not_seen_is_said_to_sit_on_its_bound() -> None:
    years = np.linspace(0, 2.5, 12)
    records = records_of(years, 0.02 * np.exp(1.3 * years))
    (row,) = fit_logistic3(series(), records, records)
    assert row["ceiling_estimate"] == 1.0
    assert row["ceiling_estimate_se"] is None
    assert float(str(row["ceiling_at_bound_share"])) > 0.7
    assert "the ceiling sits on its bound in " in str(row["status_reason"])


def test_records_are_selected_anew_in_every_resample() -> None:
    """Late releases far below the record would show a ceiling that is none."""
    years = np.linspace(0, 2.5, 10)
    records = records_of(years, 0.02 * np.exp(1.3 * years))
    later = [(START + timedelta(days=950 + 5 * k), 0.3) for k in range(20)]
    poor = scores(later).with_columns(model_id="poor_" + pl.col("model_id"))
    everything = pl.concat([records, poor])
    assert ceiling_at_bound_share(series(), everything) > 0.6


@pytest.mark.parametrize(
    ("years", "reason"),
    [
        (np.linspace(0, 2, 7), "too few records: 7"),
        (np.linspace(0, 0.9, 12), "too short a record: 329 days"),
    ],
)
def test_too_little_is_not_fitted_and_says_why(years: Floats, reason: str) -> None:
    records = records_of(years, curve(0.9, -2, 1, years))
    (row,) = fit_logistic3(series(), records, records)
    assert row["fit_status"] == "not_estimated"
    assert reason in str(row["status_reason"])


def test_a_release_dated_by_an_interval_stands_in_its_middle() -> None:
    records = records_of(YEARS - 52, LEVELS)
    wide = records.with_columns(
        release_earliest=pl.col("release_earliest") - timedelta(days=30)
    )
    moved = sigmoid_profile(series(), wide).fit.midpoint_years
    before = sigmoid_profile(series(), records).fit.midpoint_years
    assert moved - before == pytest.approx(-15 / DAYS_PER_YEAR, abs=1e-6)


def test_a_score_without_bounds_has_no_ceiling_to_estimate() -> None:
    with pytest.raises(ValueError, match="a logistic3 trend needs a bounded score"):
        positive(trends=["drift", "logistic3"])


# --- confidence in a date


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param(LEVELS, id="a ceiling of 0.8"),
        pytest.param(0.02 * np.exp(YEARS - 52.0) + 0.02 * LEVELS, id="no ceiling seen"),
    ],
)
def test_curves_through_a_point_are_the_best_that_scipy_finds(levels: Floats) -> None:
    """From 12 starts each; bars below, near and above a ceiling, which may bind."""
    profile = profile_of(YEARS, levels)
    dates = np.array([53.0, 55.5, 56.0, 58.0, 70.0, 54.0])
    bars = np.array([0.5, 0.7, 0.85, 0.75, 0.95, 0.9])
    found = constrained_rss(profile, dates, bars)
    for i, (day, bar) in enumerate(zip(dates, bars, strict=True)):
        highest = np.log(1 / bar - 1)

        def residuals(p: Floats, day: float = day, bar: float = bar) -> Floats:
            fall = np.exp(np.minimum(p[0] + p[1] * (day - YEARS), 700))
            return np.asarray(bar * (1 + np.exp(p[0])) / (1 + fall) - levels)

        costs = [
            optimize.least_squares(
                residuals,
                [highest - below, slope],
                bounds=([-120, 0.05], [highest, 6.0]),
                x_scale="jac",
            ).cost
            for below in (0.01, 1.0, 4.0, 12.0)
            for slope in (0.3, 1.0, 3.0)
        ]
        assert found[i] == pytest.approx(2 * min(costs), rel=1e-6)


def test_confidence_is_t_of_the_signed_root_of_the_scaled_f() -> None:
    """F = (RSS(T) - RSS) / (RSS / 11) times the scale; 54.2 is past 0.5, not 0.75."""
    profile = profile_of(YEARS, LEVELS)
    dates, bars = np.full(2, 54.2), np.array([0.5, 0.75])
    excess = constrained_rss(profile, dates, bars) / profile.fit.rss - 1
    root = np.sqrt(11 * excess * profile._scale(dates))
    expected = stats.t(11).cdf([root[0], -root[1]])
    assert profile.confidence(dates, bars) == pytest.approx(expected, rel=1e-9)
    assert profile._scale(dates)[0] != pytest.approx(1, abs=0.05)


def test_a_ceiling_at_the_bar_is_the_limit_of_ever_later_dates() -> None:
    profile = profile_of(YEARS, LEVELS)
    bars = np.full(2, 0.7)
    later, never = constrained_rss(profile, np.array([500.0, np.inf]), bars)
    assert later == pytest.approx(never, rel=1e-6)
    ever = profile.confidence(np.array([500.0, np.inf]), bars)
    assert ever[0] == pytest.approx(ever[1], abs=1e-6)


def test_confidence_is_a_half_where_the_fitted_curve_reaches_the_bar() -> None:
    profile = profile_of(YEARS, LEVELS)
    fit = profile.fit
    bar = 0.6
    odds = bar / (fit.height - bar)
    reached = fit.midpoint_years + np.log(odds) / fit.slope_per_year
    around = np.array([reached - 1e-6, reached + 1e-6])
    assert profile.confidence(around, np.full(2, bar)) == pytest.approx(0.5, abs=1e-3)


def test_scatter_where_the_curve_is_steep_widens_the_set() -> None:
    """Residuals as large as the curve is steep; the naive variance averages them."""
    signs = np.where(np.arange(14) % 2, 1, -1)
    steep = curve(0.8, 0.0, 2.0, YEARS - 53.3)
    wild = profile_of(YEARS, np.asarray(steep + 0.4 * signs * steep * (0.8 - steep)))
    assert wild._scale(np.array([54.0]))[0] < 0.8


def test_the_scale_is_the_naive_over_the_hc3_variance() -> None:
    """A ceiling on its bound of 0.5 and a slope on its bound of 6 leave the midpoint.

    Then s(T) moves with the midpoint alone, and both variances are sums by hand.
    """
    step = np.where(YEARS < 53.5, 0.02, 0.6) + 0.01 * np.arange(14)
    profile = profile_of(YEARS, step, highest=0.5)
    fit = profile.fit
    assert (fit.height, fit.slope_per_year) == (0.5, 6.0)
    unit = fit.at(YEARS) / 0.5
    by_midpoint = -6.0 * 0.5 * unit * (1 - unit)
    inverse = 1 / np.sum(by_midpoint**2)
    residuals = step - fit.at(YEARS)
    kept = 1 - np.minimum(by_midpoint**2 * inverse, 0.95)
    hc3 = np.sum((inverse * by_midpoint * residuals / kept) ** 2)
    naive = fit.rss / 11 * inverse
    assert profile._scale(np.array([54.0]))[0] == pytest.approx(naive / hc3, rel=1e-9)


# --- crossing dates


def laws(bars: list[float], profile: SigmoidProfile | None = None):  # type: ignore[no-untyped-def]
    return sigmoid_distributions(
        [profile or profile_of(YEARS, LEVELS)],
        bars,
        start=date(2025, 1, 1),
        projection_end=date(2040, 1, 1),
    )


def test_a_bar_above_every_ceiling_is_never_crossed() -> None:
    (law,), shares = laws([1.0])
    assert law.p_never == 1.0
    assert law.p_by_projection_end == 0.0
    assert shares == [0.0]


def test_a_ladder_is_climbed_in_order_and_its_masses_sum_to_one() -> None:
    found, _ = laws([0.72, 0.78, 0.85, 0.95])
    kept = [law for law in found if law is not None]
    assert len(kept) >= 3
    for law in kept:
        assert law.cdf[0] == 0.0
        assert np.all(np.diff(law.cdf) >= 0)
        assert law.p_by_projection_end + law.p_never <= 1 + 1e-12
    for easy, hard in pairwise(kept):
        assert np.all(hard.cdf <= easy.cdf)
        assert hard.p_never >= easy.p_never


def test_no_bar_is_likelier_to_be_crossed_than_an_easier_one() -> None:
    """Each bar is conditioned on itself alone, so the order is imposed."""
    easier = CrossingDistribution.exact(START, np.array([0.0, 0.2, 0.3]), p_never=0.4)
    cdfs, ever = np.array([[0.2, 0.3, 0.6]]), np.array([0.8])
    found = _not_before_start(cdfs, ever, START, easier)
    assert found.cdf == pytest.approx([0.0, 0.1 / 0.8, 0.3])
    assert found.p_never == 0.4


def test_a_curve_past_a_bar_that_no_score_reached_has_no_date() -> None:
    (easy, _), shares = laws([0.5, 0.78])
    assert easy is None
    assert shares[0] > 0.5


def test_the_law_is_the_confidence_given_no_crossing_by_the_start() -> None:
    """Interpolated between 40 dates: within 0.002 of the exact confidence."""
    profile = profile_of(YEARS, LEVELS)
    (law,), (share,) = laws([0.78], profile)
    days = np.array([0, 10, 100, 333, 1000, 2500, 5000])
    dates = (days + (date(2025, 1, 1) - date(1970, 1, 1)).days) / DAYS_PER_YEAR
    exact = profile.confidence(dates, np.full(7, 0.78))
    assert share == pytest.approx(exact[0], abs=1e-9)
    expected = (exact - exact[0]) / (1 - exact[0])
    assert law.cdf[days] == pytest.approx(expected, abs=2e-3)


# --- coverage


def simulated(
    generator: np.random.Generator, n: int, ceiling: float, n_items: int
) -> SigmoidProfile:
    """Releases over 2 to 3 years up to t = 0, at logit 0.5 + 1.5 t and SD 0.5."""
    years = np.sort(generator.uniform(-generator.uniform(2, 3), 0, n))
    logits = 0.5 + 1.5 * years + generator.normal(0, 0.5, n)
    passed = generator.binomial(n_items, ceiling * special.expit(logits))
    return profile_of(years, passed / n_items)


def simulated_confidence(
    generator: np.random.Generator, count: int, *, n: int, ceiling: float, n_items: int
) -> Floats:
    """Confidence given to the truth, shape (count, 3): bars 0.2, 0.7, 1.5 years on."""
    dates = np.array([0.2, 0.7, 1.5])
    bars = ceiling * special.expit(0.5 + 1.5 * dates)
    return np.array(
        [
            simulated(generator, n, ceiling, n_items).confidence(dates, bars)
            for _ in range(count)
        ]
    )


def coverage(confidence: Floats, nominal: float) -> Floats:
    tail = (1 - nominal) / 2
    return np.asarray(np.mean((tail <= confidence) & (confidence <= 1 - tail), axis=0))


def test_intervals_cover_the_date_of_an_unselected_series() -> None:
    """12 releases of 100 items, ceiling 0.9: 90% is claimed.

    The standard error of 150 simulations at 0.9 is 0.024; three of them are allowed
    outside [0.86, 0.94].
    """
    found = simulated_confidence(
        np.random.default_rng(2), 150, n=12, ceiling=0.9, n_items=100
    )
    covered = coverage(found, 0.9)
    assert np.all(covered > 0.86 - 3 * 0.024)
    assert np.all(covered < 0.94 + 3 * 0.024)


def test_a_true_ceiling_below_the_bar_is_not_excluded() -> None:
    """Ceiling 0.9, bar 0.95: never must stay within reach of the 90% interval."""
    generator = np.random.default_rng(3)
    ever = [
        simulated(generator, 12, 0.9, 100).confidence(
            np.array([np.inf]), np.array([0.95])
        )[0]
        for _ in range(60)
    ]
    assert np.mean(np.array(ever) <= 0.95) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("n", [8, 12, 30])
@pytest.mark.parametrize("n_items", [20, 100, 500])
@pytest.mark.parametrize("ceiling", [0.9, 1.0])
def test_coverage_in_every_cell(n: int, n_items: int, ceiling: float) -> None:
    """500 simulations a cell, standard error 0.016 at 0.85.

    Nominal 90%. The shortfall under 86% is at a true ceiling of 1, on the bound.
    """
    found = simulated_confidence(
        np.random.default_rng([n, n_items, round(10 * ceiling)]),
        500,
        n=n,
        ceiling=ceiling,
        n_items=n_items,
    )
    covered = coverage(found, 0.9)
    assert np.all(covered > 0.83)
    assert np.all(covered < 0.98)


def test_numbers_of_the_coverage_test_are_calibrated_on_a_straight_line() -> None:
    """The helper itself: uniform confidence is covered at the nominal rate."""
    uniform = stats.uniform.rvs(size=(20_000, 1), random_state=4)
    assert coverage(uniform, 0.8) == pytest.approx(0.8, abs=0.01)
