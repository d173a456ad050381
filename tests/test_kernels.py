"""Fits of compiled kernels against numpy written again, and other people's."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm
from scipy import optimize, special

from tests.ten_points import (
    ALL_LAYERS,
    DAYS,
    LEVELS,
    MONTHS,
    PLAIN,
    POINTS,
    SCORES,
    VARIANCES,
    YEARS,
    drawn,
    exact,
    paule_mandel_line,
    run,
)
from trends.fits import kernels, walk_kernels
from trends.fits.engine import Line, QuantileLine, Sigmoid, fit_once
from trends.fits.links import Floats
from trends.fits.regression import fit_line
from trends.fits.samples import Points, Resampling
from trends.fits.sigmoid_optimum import SLOPE_HIGH, fit_sigmoid

# --- the line


def test_lines_are_those_of_numpy_to_1e_12() -> None:
    fits = run(Line(), POINTS, PLAIN)
    for resample in range(100):
        if fits.reasons[resample] == 0:
            expected = paule_mandel_line(*drawn(POINTS, PLAIN, resample))
            scale = np.abs(expected) + 1e-3
            gap = np.abs(fits.values[resample] - expected) / scale
            assert np.max(gap) < 2e-12
    tau2 = fits.column("tau2")
    assert np.sum(tau2 == 0) > 10
    assert np.sum(tau2 > 0) > 100


def test_copies_weigh_as_repeated_rows_in_statsmodels() -> None:
    fits = run(Line(), replace(POINTS, variances=np.zeros(10)), PLAIN)
    x, y, _, w = drawn(POINTS, PLAIN, 3)
    x, y = np.repeat(x, w.astype(int)), np.repeat(y, w.astype(int))
    reference = sm.OLS(y, sm.add_constant(x)).fit()
    assert w.max() > 1
    assert fits.values[3, :2] == pytest.approx(reference.params, rel=1e-10)
    assert fits.column("tau2")[3] == pytest.approx(reference.scale, rel=1e-10)
    assert fits.column("slope_variance")[3] == pytest.approx(
        reference.cov_params()[1, 1], rel=1e-10
    )


@pytest.mark.parametrize("factor", [0.0, 0.01, 1.0, 100.0])
def test_the_full_sample_is_fitted_as_statsmodels_fits_it(factor: float) -> None:
    known = factor * VARIANCES
    found = fit_once(Line(), replace(POINTS, variances=known))
    reference = fit_line(YEARS, LEVELS, known)
    assert found[:2] == pytest.approx([reference.intercept, reference.slope], rel=1e-9)
    assert found[2:5] == pytest.approx(
        reference.covariance[np.triu_indices(2)], rel=1e-8
    )
    assert found[5] == pytest.approx(reference.tau2, rel=1e-8)


def test_points_that_scatter_less_than_their_known_errors_have_no_scatter() -> None:
    """All errors alike, as of a score's items: no variance is taken off them."""
    days = np.arange(8, dtype=np.float64) * 100
    levels = days / 300 + 0.01 * np.cos(days)
    known = np.full(8, 0.25)
    names = [str(k) for k in range(8)]
    found = fit_once(Line(), Points(days, days, levels, np.sqrt(known), known, names))
    reference = fit_line(days / 365.25, levels, known)
    assert found[5] == 0.0
    assert found[4] == pytest.approx(reference.covariance[1, 1])


def test_one_known_error_among_unknown_ones_is_solved_too() -> None:
    """With v = 0 elsewhere the weights run away as tau2 nears 0: no division by it."""
    known = np.zeros(10)
    known[4] = 9.0
    found = fit_once(Line(), replace(POINTS, variances=known))
    reference = fit_line(YEARS, LEVELS, known)
    assert found[5] == pytest.approx(reference.tau2, rel=1e-8)
    assert found[1] == pytest.approx(reference.slope, rel=1e-9)


def test_the_epoch_changes_no_slope() -> None:
    """Dates as ordinals, 700,000 days from the epoch, must not cost digits."""
    far = replace(POINTS, first_days=DAYS + 738_000, last_days=DAYS + 738_000)
    near, moved = fit_once(Line(), POINTS), fit_once(Line(), far)
    assert moved[[1, 4, 5]] == pytest.approx(near[[1, 4, 5]], rel=1e-9)


def test_points_on_a_line_leave_no_scatter() -> None:
    found = fit_once(Line(), replace(POINTS, levels=2 + 3 * YEARS, variances=0 * DAYS))
    assert found[[0, 1, 5]] == pytest.approx([2.0, 3.0, 0.0], abs=1e-12)


def test_what_fixes_no_line_is_flagged_and_not_a_number() -> None:
    """statsmodels returns a minimum-norm line in silence."""
    one_date = replace(POINTS, first_days=0 * DAYS + 5, last_days=0 * DAYS + 5)
    for family in (Line(), Sigmoid(1.0), QuantileLine(0.9)):
        fits = run(family, one_date, PLAIN)
        full = fits.reasons[fits.reasons != kernels.TOO_FEW_POINTS]
        assert set(full.tolist()) == {kernels.ONE_DATE}
        assert np.all(np.isnan(fits.column("slope_per_year")))
        assert fits.n_failed == 400
    two = exact(np.array([0.0, 9.0]), np.array([1.0, 2.0]))
    fits = run(Line(), two, replace(PLAIN, clusters="off"))
    assert set(fits.reasons.tolist()) == {kernels.TOO_FEW_POINTS}


# --- three parameters

RAT42 = np.array(
    # NIST StRD Rat42, https://www.itl.nist.gov/div898/strd/nls/data/ratkowsky2.shtml
    [
        [8.930, 9.0], [10.800, 14.0], [18.590, 21.0], [22.330, 28.0], [39.350, 42.0],
        [56.110, 57.0], [61.730, 63.0], [64.620, 70.0], [67.080, 79.0],
    ]
)  # fmt: skip
DNASE_CONC = np.repeat(
    [0.04882812, 0.1953125, 0.390625, 0.78125, 1.5625, 3.125, 6.25, 12.5], 2
)
DNASE_DENSITY = np.array(
    # R datasets::DNase, Run == 1
    [0.017, 0.018, 0.121, 0.124, 0.206, 0.215, 0.377, 0.374,
     0.614, 0.609, 1.019, 1.001, 1.334, 1.364, 1.730, 1.710]
)  # fmt: skip


def curve(x: Floats, y: Floats) -> Points:
    """Points with x in years, so that slopes are per unit of x."""
    return exact(x * 365.25, y)


@pytest.mark.parametrize("start", [(100.0, 1.0, 0.1), (75.0, 2.5, 0.07)])
def test_nist_rat42_is_reproduced_from_both_starts(
    start: tuple[float, float, float],
) -> None:
    """y = b1/(1 + exp(b2 - b3 x)), so that the midpoint is b2/b3 and the slope b3."""
    _, b2, b3 = start
    fit = fit_sigmoid(
        curve(RAT42[:, 1], RAT42[:, 0]),
        max_height=np.inf,
        starts=np.array([[b2 / b3], [b3]]),
    )
    m, k = fit.midpoint_years, fit.slope_per_year
    to_b = np.array([[1, 0, 0], [0, k, m], [0, 0, 1]])
    errors = np.sqrt(np.diag(to_b @ fit.covariance @ to_b.T))
    assert [fit.height, k * m, k] == pytest.approx(
        [7.2462237576e01, 2.6180768402e00, 6.7359200066e-02], rel=1e-9
    )
    assert errors == pytest.approx(
        [1.7340283401e00, 8.8295217536e-02, 3.4465663377e-03], rel=1e-8
    )
    assert fit.rss == pytest.approx(8.0565229338e00, rel=1e-10)
    assert fit.is_converged


def test_dnase_of_r_is_reproduced() -> None:
    """nls(density ~ SSlogis(log(conc), Asym, xmid, scal)) as R's help prints it.

    R stops at a relative offset of 1e-5; the minimum itself is checked below.
    """
    fit = fit_sigmoid(
        curve(np.log(DNASE_CONC), DNASE_DENSITY),
        max_height=np.inf,
        starts=np.array([[1.0], [1.0]]),
    )
    k = fit.slope_per_year
    to_scal = np.diag([1, 1, -1 / k**2])
    errors = np.sqrt(np.diag(to_scal @ fit.covariance @ to_scal))
    assert [fit.height, fit.midpoint_years, 1 / k] == pytest.approx(
        [2.34518, 1.48309, 1.04146], rel=1e-5
    )
    # scipy's least_squares at xtol = ftol = gtol = 1e-15
    assert [fit.height, fit.midpoint_years, 1 / k] == pytest.approx(
        [2.34517929, 1.48308931, 1.04145469], rel=1e-8
    )
    assert errors == pytest.approx([0.07815, 0.08135, 0.03227], abs=5.1e-6)
    # R prints four digits: s^2 (J'J)^-1 with J by complex steps has the others
    steps = np.array([2.34517929, 1.48308931, 1.04145469]) + 1e-30j * np.eye(3)
    jacobian = (
        np.stack(
            [a / (1 + np.exp((m - np.log(DNASE_CONC)) / s)) for a, m, s in steps],
            axis=1,
        ).imag
        / 1e-30
    )
    by_steps = fit.rss / 13 * np.linalg.inv(jacobian.T @ jacobian)
    assert errors == pytest.approx(np.sqrt(np.diag(by_steps)), rel=1e-7)
    assert np.sqrt(fit.rss / fit.df) == pytest.approx(0.01919, abs=5.1e-6)


@pytest.mark.parametrize("ceiling", [1.0, 0.5])
def test_derivatives_of_the_projected_loss_are_those_of_differences(
    ceiling: float,
) -> None:
    """With the height free, and on its bound of 0.5."""
    block = np.ones((4, 10, 1))
    block[0, :, 0], block[1, :, 0] = YEARS, special.expit(LEVELS) * 0.8
    block[3, :, 0] = VARIANCES * 10
    fall, d = np.empty(10), np.empty(7)

    def loss(midpoint: float, slope: float) -> float:
        return float(
            kernels._sigmoid_loss(block, 10, midpoint, slope, ceiling, fall)[0]
        )

    m, k, h = 0.2, 1.7, 1e-3
    height = kernels._sigmoid_loss(block, 10, m, k, ceiling, fall)[1]
    is_free = height < ceiling
    kernels._sigmoid_derivatives(block, 10, m, k, height, is_free, fall, d)
    up, down = loss(m + h, k), loss(m - h, k)
    right, left = loss(m, k + h), loss(m, k - h)
    corners = loss(m + h, k + h) + loss(m - h, k - h)
    corners -= loss(m + h, k - h) + loss(m - h, k + h)
    expected = [
        (up - down) / (2 * h),
        (right - left) / (2 * h),
        (up + down - 2 * loss(m, k)) / h**2,
        corners / (4 * h**2),
        (right + left - 2 * loss(m, k)) / h**2,
    ]
    assert is_free == (ceiling == 1.0)
    assert d[:5] == pytest.approx(expected, rel=1e-4)


def test_every_logistic_is_a_minimum_that_scipy_cannot_lower() -> None:
    fits = run(Sigmoid(max_height=1.0), SCORES, PLAIN)
    low, high = YEARS.min() - 20, YEARS.max() + 20
    for resample in range(40):
        if fits.reasons[resample] != 0:
            continue
        x, y, _, w = drawn(SCORES, PLAIN, resample)
        found = fits.values[resample]

        def residuals(p: Floats, x: Floats = x, y: Floats = y, w: Floats = w) -> Floats:
            height, midpoint, slope = p
            fall: Floats = np.exp(-np.clip(slope * (x - midpoint), -700, 700))
            away: Floats = np.sqrt(w) * (y - height / (1 + fall))
            return away

        rss = np.sum(residuals(found[:3]) ** 2)
        assert found[3] == pytest.approx(rss, rel=1e-12, abs=1e-28)
        inside = np.clip(found[:3], [1e-9, low, 0.0500001], [1 - 1e-9, high, 5.999999])
        bounds = ([0, low, 0.05], [1.0, high, SLOPE_HIGH])
        again = optimize.least_squares(
            residuals, inside, bounds=bounds, xtol=1e-15, ftol=1e-15, gtol=1e-15
        )
        assert found[3] <= 2 * again.cost * (1 + 1e-9) + 1e-20


def test_a_step_sits_on_the_bound_and_says_so() -> None:
    """A steeper curve always fits a step better: unbounded solvers run away."""
    step = replace(SCORES, levels=np.where(DAYS < 0, 0.1, 0.6), errors=0 * DAYS)
    fit = fit_sigmoid(step, max_height=1.0)
    assert fit.slope_per_year == SLOPE_HIGH
    fits = run(Sigmoid(max_height=1.0), step, PLAIN)
    assert fits.share_at("slope_per_year", SLOPE_HIGH) > 0.5


def test_a_ceiling_that_is_not_seen_sits_on_its_bound() -> None:
    early = replace(SCORES, levels=0.2 * np.exp(YEARS), errors=0 * DAYS)
    fits = run(Sigmoid(max_height=0.97), early, PLAIN)
    assert fits.share_at("height", 0.97) > 0.9


# --- the quantile


def brute_force(x: Floats, y: Floats, w: Floats, quantile: float) -> float:
    """Lowest loss of all lines through two points: one of them is a minimum."""
    losses = []
    for i, j in combinations(range(len(x)), 2):
        if x[i] != x[j]:
            r = y - y[i] - (y[j] - y[i]) / (x[j] - x[i]) * (x - x[i])
            losses.append(np.sum(w * r * np.where(r > 0, quantile, quantile - 1)))
    return float(min(losses))


@pytest.mark.parametrize("quantile", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("resampling", [PLAIN, replace(ALL_LAYERS, records=False)])
def test_quantile_lines_are_exact(quantile: float, resampling: Resampling) -> None:
    fits = run(QuantileLine(quantile), MONTHS, resampling)
    for resample in range(100):
        if np.isfinite(fits.values[resample, 0]):
            x, y, _, w = drawn(MONTHS, resampling, resample)
            assert fits.column("loss")[resample] == pytest.approx(
                brute_force(x, y, w, quantile), rel=1e-12, abs=1e-14
            )


@pytest.mark.parametrize(
    "grid",
    [
        pytest.param(lambda k: np.minimum(k // 3, 5), id="stairs"),
        pytest.param(lambda k: k % 5 * 1.0, id="five collinear rows"),
        pytest.param(lambda k: (k * 7) % 3 * 1.0, id="three levels"),
    ],
)
def test_many_points_on_one_line_do_not_stop_the_search(
    grid: Callable[[Floats], Floats],
) -> None:
    """Scores tie often: a line through many points is tried about each of them."""
    k = np.arange(25.0)
    points = exact(30 * np.floor(k / 2), grid(k), [f"d{i % 9:.0f}" for i in k])
    fits = run(QuantileLine(0.9), points, PLAIN)
    for resample in range(100):
        x, y, _, w = drawn(points, PLAIN, resample)
        assert fits.column("loss")[resample] == pytest.approx(
            brute_force(x, y, w, 0.9), rel=1e-12, abs=1e-12
        )
    assert fits.n_not_unique > 0


@pytest.mark.parametrize("slope", [-1e6, 0.0, 1e6, np.nan])
def test_a_quantile_line_is_the_same_wherever_its_search_begins(slope: float) -> None:
    """From far, from near, and from nowhere; neighbours are passed one by one."""
    years = np.linspace(0.0, 6.0, 60)
    levels = years + np.random.default_rng(3).gumbel(size=60)
    sample = exact(365.25 * years, levels, [f"d{i}" for i in range(60)]).sample
    found = []
    for begin in (1.1, slope):
        values, reasons = np.empty((1, 50, 3)), np.empty((1, 50), np.int8)
        kernels.resample_quantiles(
            sample,
            PLAIN.draw,
            0.9,
            np.empty((0, 60)),
            np.array([begin]),
            0,
            values,
            reasons,
        )
        assert not reasons.any()
        found.append(values)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


@pytest.mark.parametrize("decimals", [9, 1])
def test_lines_under_several_ceilings_are_those_of_each_alone(decimals: int) -> None:
    """Rounded scores tie, so that many lines are as good as the best."""
    rise = MONTHS.levels - MONTHS.levels.min()
    shares = np.round(0.1 + 0.8 * rise / rise.max(), decimals)
    alike = [
        replace(MONTHS, levels=np.log(shares / (ceiling - shares)))
        for ceiling in (0.96, 1.0, 1.3)
    ]
    resampling = replace(PLAIN, dates=True)
    together = QuantileLine(0.9).refit_alike(alike, resampling)
    for points, fits in zip(alike, together, strict=True):
        alone = run(QuantileLine(0.9), points, resampling)
        assert fits.reasons.tolist() == alone.reasons.tolist()
        np.testing.assert_allclose(fits.values, alone.values, rtol=1e-10, atol=1e-12)
    of_first, of_last = together[0].values, together[-1].values
    assert not np.allclose(of_first[:, :2], of_last[:, :2], equal_nan=True)


def test_noise_is_refused_under_several_ceilings() -> None:
    with pytest.raises(ValueError, match="noise and records differ"):
        QuantileLine(0.9).refit_alike([MONTHS], ALL_LAYERS)


def test_quantile_loss_is_never_above_statsmodels() -> None:
    fits = run(QuantileLine(0.9), POINTS, PLAIN)
    for resample in range(15):
        x, y, _, w = drawn(POINTS, PLAIN, resample)
        x, y = np.repeat(x, w.astype(int)), np.repeat(y, w.astype(int))
        reference = sm.QuantReg(y, sm.add_constant(x))
        # it warns of its iteration limit, and divides by zero residuals
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            beta = reference.fit(q=0.9).params
        r = y - beta[0] - beta[1] * x
        theirs = np.sum(r * np.where(r > 0, 0.9, -0.1))
        assert fits.column("loss")[resample] <= theirs * (1 + 1e-12) + 1e-14


def test_resampling_gives_the_error_that_quantreg_cannot() -> None:
    """At n = 14 and q = .9 QuantReg's own standard error is not a number."""
    generator = np.random.default_rng(5)
    days = np.sort(generator.integers(0, 900, 14)).astype(np.float64)
    levels = np.asarray(days / 365.25 + generator.normal(0, 0.4, 14))
    points = exact(days, levels, [f"developer {i}" for i in range(14)])
    slopes = run(QuantileLine(0.9), points, PLAIN).column("slope_per_year")
    assert 0.01 < np.nanstd(slopes) < 1.0


def bits(values: npt.NDArray[Any]) -> bytes:
    return values.tobytes()


@pytest.mark.parametrize("family", [Line(), Sigmoid(1.0), QuantileLine(0.9)])
def test_a_resample_does_not_know_its_neighbours(family: Any) -> None:
    """Alone, in a lane beside others, or late in a chunk: the same bits."""
    refit_from = family.prepare(SCORES, ALL_LAYERS)
    whole, reasons = np.empty((50, len(family.columns))), np.empty(50, np.int8)
    refit_from(0, whole, reasons)
    for first, count in [(0, 1), (3, 1), (7, 9), (13, 37)]:
        part, why = np.empty((count, whole.shape[1])), np.empty(count, np.int8)
        refit_from(first, part, why)
        assert bits(part) == bits(whole[first : first + count])
        assert bits(why) == bits(reasons[first : first + count])


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 127, 128, 129, 300, 1000])
def test_sums_are_numpys_to_the_last_digit(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    assert walk_kernels.pairwise_sum(values, n) == values.sum()


@pytest.mark.parametrize("n_looks", [1, 6, 40, 260])
def test_simulated_records_are_those_of_whole_arrays(n_looks: int) -> None:
    """The same walks step by step and as arrays, to the last digit."""
    noise = np.random.default_rng(n_looks).normal(size=(200, 1 + n_looks))
    step, step_sd = 2.0 / n_looks, 0.3
    drifts = 0.8 + 0.5 * noise[:, :1]
    paths = np.cumsum(drifts * step + step_sd * noise[:, 1:], axis=1)
    highest = np.maximum.accumulate(np.maximum(paths, 0.0), axis=1)
    rises = np.diff(highest, axis=1, prepend=0.0)
    looks = np.arange(1, n_looks + 1)
    last = np.maximum.accumulate(np.where(rises > 0, looks, 0), axis=1)
    gaps = np.where(rises > 0, (looks - np.pad(last, ((0, 0), (1, 0)))[:, :-1]), 0)
    years = gaps * step
    exposure = n_looks * step
    apart = np.square(years).sum(axis=1) + np.square((n_looks - last[:, -1]) * step)
    slope = highest[:, -1] / exposure
    squares = (
        np.square(rises).sum(axis=1)
        - 2 * slope * (rises * years).sum(axis=1)
        + np.square(slope) * apart
    )
    found = walk_kernels.realised_variance(noise, 0.8, 0.5, step, step_sd)
    assert found == (squares.sum(), (exposure - apart / exposure).sum())
