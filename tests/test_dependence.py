"""The correlation of families' errors, against references and on panels simulated."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from trends.backtest.dependence import Dependence, fit_dependence
from trends.dates import add_months
from trends.fits import common_factor
from trends.fits.common_factor import EDGES, Panel, rho_law
from trends.fits.links import Floats

FIRST = date(2023, 11, 1)

WINDOWS = (
    *((0, 2), (0, 12), (0, 19), (0, 21), (0, 22), (0, 22), (0, 22), (0, 24), (5, 6)),
    *((5, 21), (5, 22), (7, 14), (7, 16), (8, 14), (8, 24), (9, 10), (9, 14), (9, 21)),
    *((9, 24), (11, 18), (12, 18), (12, 22), (13, 24), (14, 15), (16, 19), (18, 23)),
    *((19, 21), (20, 21), (20, 23)),
)
"""First origin and last, exclusive, of families with forecasts 12 months ahead."""

MONTHS = 24


def _shared(months: int, overlap: int) -> Floats:
    lags = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    return np.asarray(np.maximum(0.0, 1 - lags / overlap))


def _errors(rng: np.random.Generator, rho: float, overlap: int, n: int) -> Floats:
    """Shape (months, n): sums of monthly news over the lead time, of variance 1."""

    def sums(columns: int) -> Floats:
        news = rng.normal(size=(MONTHS + overlap, columns)) / np.sqrt(overlap)
        walk = np.cumsum(news, axis=0)
        return np.asarray(walk[overlap:] - walk[:-overlap])

    return np.asarray(np.sqrt(rho) * sums(1) + np.sqrt(1 - rho) * sums(n))


def _fit(errors: Floats, windows: tuple[tuple[int, int], ...]) -> Dependence | None:
    cells = [(t, j) for j, (a, b) in enumerate(windows) for t in range(a, b)]
    return fit_dependence(
        ndtr(np.array([errors[t, j] for t, j in cells])),
        [f"family{j}" for _, j in cells],
        [add_months(FIRST, t) for t, _ in cells],
        lead_months=12,
    )


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_rho_is_recovered_on_panels_of_the_real_shape(rho: float) -> None:
    """29 families, 24 overlapping years, levels and spreads of their own.

    100 panels: a share of 80% has a standard error of 4 points. At 0 an interval cannot
    miss above and below.
    """
    rng = np.random.default_rng(12)
    found = []
    for _ in range(100):
        errors = _errors(rng, rho, 12, len(WINDOWS))
        own = rng.normal(0.2, 0.4, len(WINDOWS))
        spreads = 0.7 * np.exp(0.3 * rng.normal(size=len(WINDOWS)))
        found.append(_fit(own + spreads * errors, WINDOWS))
    fits = [one for one in found if one is not None]
    assert len(fits) == 100
    held = np.mean([one.low <= rho <= one.high for one in fits])
    assert np.median([one.rho for one in fits]) == pytest.approx(rho, abs=0.1)
    assert (0.72 if rho else 0.8) <= held <= (0.88 if rho else 1.0)


def test_a_bias_that_lasts_is_no_dependence() -> None:
    """Each family's own level is taken out, and so is that of all of them."""
    rng = np.random.default_rng(3)
    windows = ((0, MONTHS),) * 20
    errors = 0.5 * _errors(rng, 0.0, 12, 20)
    plain, biased = _fit(errors, windows), _fit(errors + 0.8, windows)
    assert plain is not None
    assert biased is not None
    assert plain.rho < 0.05
    assert biased.rho == pytest.approx(plain.rho, abs=0.02)  # the clip of transforms


def test_origins_with_one_family_have_no_say() -> None:
    rng = np.random.default_rng(4)
    errors = _errors(rng, 0.5, 12, 4)
    windows = ((0, 16), (2, 16), (4, 16), (16, 24))
    longer = ((0, 16), (2, 18), (4, 16), (20, 24))
    assert _fit(errors, windows) == _fit(errors, longer[:3])


def test_a_family_has_one_vote_however_many_series_it_has() -> None:
    rng = np.random.default_rng(5)
    errors = _errors(rng, 0.4, 12, 5)
    transforms = ndtr(errors).T.ravel()
    families = [f"family{j}" for j in range(5) for _ in range(MONTHS)]
    origins = [add_months(FIRST, t) for t in range(MONTHS)] * 5
    once = fit_dependence(transforms, families, origins, lead_months=12)
    more = fit_dependence(
        np.concatenate([transforms, *[transforms[:MONTHS]] * 4]),
        families + ["family0"] * 4 * MONTHS,
        origins + origins[: 4 * MONTHS],
        lead_months=12,
    )
    assert once is not None
    assert more is not None
    assert more.equally_likely == pytest.approx(once.equally_likely)


def test_two_families_tell_no_dependence() -> None:
    errors = np.random.default_rng(6).normal(size=(MONTHS, 3))
    assert _fit(errors, ((0, 24), (0, 24))) is None
    assert _fit(errors, ((0, 12), (0, 12), (12, 24))) is None


def _panel(values: Floats, present: npt.NDArray[np.bool_], overlap: int) -> Panel:
    months = np.arange(len(values))
    return Panel(np.where(present, values, 0.0), present, months, overlap)


def _alone(monkeypatch: pytest.MonkeyPatch, noise: float, spread: float) -> None:
    """One share of noise, for common and own; own spreads, or only those of all."""
    monkeypatch.setattr(common_factor, "NOISE", (noise,))
    monkeypatch.setattr(common_factor, "COMMON_NOISE", (1.0,))
    monkeypatch.setattr(common_factor, "SPREAD_DEGREES", spread)


def test_the_estimate_is_that_of_a_mixed_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """statsmodels' REML: a level for each family, a random effect for each month."""
    _alone(monkeypatch, 1.0, 1e9)
    rng = np.random.default_rng(8)
    present = rng.random((40, 9)) < 0.7
    values = rng.normal(size=(40, 1)) + rng.normal(size=9) + rng.normal(size=(40, 9))
    row, column = np.nonzero(present)
    fitted = sm.MixedLM(values[row, column], np.eye(9)[column], groups=row).fit(
        reml=True
    )
    between = float(np.asarray(fitted.cov_re)[0, 0])
    expected = between / (between + fitted.scale)

    law = rho_law(_panel(values, present, 3))
    likeliest = int((law.mass / np.diff(EDGES)).argmax())
    assert EDGES[likeliest - 1] <= expected <= EDGES[likeliest + 2]


def test_the_likelihood_is_that_of_all_values_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of contrasts that hold no level, under their whole covariance; scale profiled."""
    _alone(monkeypatch, 0.2, 1e9)
    rng = np.random.default_rng(9)
    present = rng.random((12, 4)) < 0.8
    values = rng.normal(size=(12, 4)) + np.arange(4)
    row, column = np.nonzero(present)
    kernel = 0.8 * _shared(12, 6) + 0.2 * np.eye(12)
    levels = np.eye(4)[column]
    basis = np.linalg.svd(levels)[0][:, 4:]
    contrasts = basis.T @ values[row, column]
    together = kernel[np.ix_(row, row)]
    same = np.equal.outer(column, column)

    def log_likelihood(rho: float) -> float:
        covariance = basis.T @ (together * (rho + (1 - rho) * same)) @ basis
        square = contrasts @ np.linalg.solve(covariance, contrasts)
        scaled = covariance * square / len(contrasts)
        return float(multivariate_normal.logpdf(contrasts, cov=scaled))

    law = rho_law(_panel(values, present, 6))
    densities = np.log(law.mass / np.diff(EDGES))
    middles = (EDGES[1:] + EDGES[:-1]) / 2
    at = [5, 60, 110, 160]
    expected = np.array([log_likelihood(middles[i]) for i in at])
    assert densities[at] - densities[5] == pytest.approx(expected - expected[0])


def test_quantiles_and_densest_values_of_a_law() -> None:
    law = rho_law(
        _panel(
            np.random.default_rng(1).normal(size=(20, 5)),
            np.ones((20, 5), dtype=bool),
            1,
        )
    )
    low, high = law.densest(0.8)
    below = np.interp([low, high], EDGES, np.concatenate([[0.0], np.cumsum(law.mass)]))
    assert below[1] - below[0] == pytest.approx(0.8, abs=0.02)
    levels = np.array([0.1, 0.5, 0.9])
    found = law.quantile(levels)
    assert np.interp(
        found, EDGES, np.concatenate([[0.0], np.cumsum(law.mass)])
    ) == pytest.approx(levels)
