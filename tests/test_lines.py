"""Straight-line families, METR's recipe, and the fits of every shipped series."""

from datetime import date, timedelta
from math import log

import numpy as np
import polars as pl
import pytest
from scipy import stats
from scipy.special import expit

from tests.figures import benchmark, positive, scores, series
from trends.fits import fit_trends
from trends.fits.ceilings import ceilings_of
from trends.fits.lines import Row, fit_straight_lines
from trends.fits.metr import metr_doubling_days
from trends.registry.models import TrendFamily
from trends.registry.series import Series
from trends.tables import FRONTIER

START = date(2024, 1, 1)


def _fit(one: Series, trend: TrendFamily, rows: pl.DataFrame) -> list[Row]:
    """Rows that are all records, so that they are the scores too."""
    return fit_straight_lines(one, trend, rows, rows)


def _every(days: int, levels: list[float]) -> list[tuple[date, float]]:
    return [(START + timedelta(days=days * k), level) for k, level in enumerate(levels)]


def test_growth_and_doubling_time_of_an_exact_exponential() -> None:
    """x 3 in 200 days: a doubling takes 200 ln 2 / ln 3 days."""
    records = scores(_every(200, [10.0, 30.0, 90.0, 270.0]))
    row = _fit(series(entry=positive()), TrendFamily.EXPONENTIAL, records)[0]
    assert row["doubling_time_days"] == pytest.approx(200 * log(2) / log(3), rel=1e-9)
    assert row["growth_factor_per_year"] == pytest.approx(3 ** (365.25 / 200), rel=1e-9)


def test_a_doubling_time_is_open_above_where_no_growth_cannot_be_ruled_out() -> None:
    records = scores(_every(150, [10.0, 28.0, 29.0, 29.5]))
    row = _fit(series(entry=positive()), TrendFamily.EXPONENTIAL, records)[0]
    slope, error = row["slope_per_year"], row["slope_per_year_se"]
    assert isinstance(slope, float)
    assert isinstance(error, float)
    upper = slope + stats.t.ppf(0.975, 2) * error
    assert slope - stats.t.ppf(0.975, 2) * error < 0
    assert row["doubling_time_days_lo95"] == pytest.approx(log(2) / upper * 365.25)
    assert row["doubling_time_days_hi95"] is None


def test_a_logistic_is_fitted_under_each_possible_ceiling() -> None:
    entry = benchmark(
        ceiling={"values": [0.3, 0.9, 1.0], "weights": [0.2, 0.2, 0.6], "reason": "x"}
    )
    records = scores(_every(150, [0.1, 0.3, 0.5, 0.7]))
    rows = _fit(series(entry=entry), TrendFamily.LOGISTIC, records)
    of_series = ceilings_of(series(entry=entry), records)
    assert [row["ceiling"] for row in rows] == [one.ceiling for one in of_series]
    assert [row["ceiling_weight"] for row in rows] == [one.weight for one in of_series]
    slopes = [row["slope_per_year"] for row in rows]
    assert len(slopes) > 1
    assert slopes == sorted(slopes, reverse=True)  # type: ignore[type-var]


def test_scores_of_few_items_do_not_flatten_the_line() -> None:
    """Weights from each score's own variance rise with luck: slope 1.20, not 1.42.

    1.5 a year is the truth, of which the half-count in the logit leaves 1.43 (its
    standard deviation over lines is 0.4, so that of the mean of 100 is 0.04).
    """
    generator = np.random.default_rng(3)
    one = series(entry=benchmark(n_items=20))
    days = [START + timedelta(days=25 * k) for k in range(30)]
    levels = 1.5 * (np.arange(30) * 25 / 365.25 - 2)
    slopes = []
    for _ in range(100):
        share = expit(levels + 0.5 * generator.standard_normal(30))
        points = (generator.binomial(20, share) / 20).tolist()
        rows = scores(list(zip(days, points, strict=True)))
        slopes.append(_fit(one, TrendFamily.LOGISTIC, rows)[0]["slope_per_year"])
    assert np.mean(np.array(slopes, dtype=float)) == pytest.approx(1.43, abs=0.12)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (_every(200, [0.1, 0.2, 0.3]), "too few records: 3"),
        (_every(100, [0.1, 0.2, 0.3, 0.4]), "too short a record: 300 days"),
    ],
)
def test_too_little_is_not_fitted_and_says_why(
    points: list[tuple[date, float]], reason: str
) -> None:
    row = _fit(series(), TrendFamily.LOGISTIC, scores(points))[0]
    assert row["fit_status"] == "not_estimated"
    assert reason in str(row["status_reason"])


def test_a_benchmark_without_figures_carries_the_reason_it_was_given() -> None:
    fits = fit_trends(
        FRONTIER.frame([]),
        FRONTIER.frame([]),
        [series()],
        wanted=["test"],
        as_of=date(2026, 1, 1),
        run_id="0" * 12,
        missing={"test": "source x was stopped: empty file"},
    )
    assert fits.get_column("fit_status").to_list() == ["not_estimated"] * 2
    assert set(fits.get_column("status_reason")) == {"source x was stopped: empty file"}


def test_metrs_recipe_applies_the_window_after_selecting_records() -> None:
    """Exact doubling every 100 days since 2024, after a slower past."""
    past = [(date(2022, 1, 1), 1.0), (date(2023, 1, 1), 1.5)]
    recent = _every(100, [2.0, 4.0, 8.0, 16.0])
    records = scores([*past, *recent])
    assert metr_doubling_days(records, since=START) == pytest.approx(100, rel=1e-9)
    assert metr_doubling_days(records, since=None) > 150


def test_metrs_recipe_is_ordinary_least_squares_in_days() -> None:
    points = _every(90, [5.0, 7.0, 19.0, 21.0, 90.0])
    days = np.array([90.0 * k for k in range(5)])
    slope = stats.linregress(days, np.log([level for _, level in points])).slope
    found = metr_doubling_days(scores(points), since=None)
    assert found == pytest.approx(log(2) / slope, rel=1e-9)


def test_simulated_logistic_growth_is_recovered() -> None:
    """True logit slope 1.5 a year; 400 simulations of 10 releases of 500 items.

    The releases are given, not selected as records: selection biases running-max
    regressions upwards, which is what the drift and quantile families are for.
    """
    generator = np.random.default_rng(3)
    days = [80 * k for k in range(10)]
    slopes = []
    for _ in range(400):
        levels = -1.5 + 1.5 * np.array(days) / 365.25 + generator.normal(0, 0.3, 10)
        passed = generator.binomial(500, 1 / (1 + np.exp(-levels))) / 500
        points = [
            (START + timedelta(days=d), p) for d, p in zip(days, passed, strict=True)
        ]
        row = _fit(
            series(entry=benchmark(n_items=500)), TrendFamily.LOGISTIC, scores(points)
        )[0]
        slopes.append(float(str(row["slope_per_year"])))
    error = np.std(slopes) / np.sqrt(len(slopes))
    assert np.mean(slopes) == pytest.approx(1.5, abs=4 * error)


def test_each_family_has_a_row_and_rows_conform() -> None:
    records = scores(_every(150, [0.1, 0.3, 0.5, 0.7]))
    fits = fit_trends(
        records,
        records,
        [series()],
        wanted=["test"],
        as_of=date(2026, 12, 31),
        run_id="0" * 12,
        missing={},
    )
    assert fits.select("trend", "fit_status").rows() == [
        ("drift", "fitted"),
        ("logistic", "fitted"),
    ]
    assert fits.get_column("observed_through").to_list() == [date(2026, 6, 30)] * 2
    assert isinstance(fits, pl.DataFrame)
