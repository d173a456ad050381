"""The engine on shipped figures, and what must not change its numbers."""

import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from scipy import optimize

from tests.conftest import AS_OF, CHECKOUT
from trends.fits import engine
from trends.fits.engine import (
    MIDPOINT_REACH_YEARS,
    SLOPE_HIGH,
    SLOPE_LOW,
    Clusters,
    Fits,
    Job,
    Line,
    Points,
    QuantileLine,
    Resampling,
    Sigmoid,
    fit_once,
    fit_sigmoid,
    refit,
)
from trends.fits.links import Floats, Link, ceilings_above
from trends.fits.regression import fit_line
from trends.frontier import known_as_of, select_frontier, select_series_scores
from trends.pipeline.ingest import latest_ingest
from trends.registry import load_registry
from trends.registry.series import Series, every_series
from trends.workspace import Workspace

FAMILIES: tuple[Any, ...] = (Line(), Sigmoid(max_height=1.0), QuantileLine(0.9))
EPOCH = date(2025, 1, 1)


def invented(seed: int, n: int = 30) -> Points:
    generator = np.random.default_rng(seed)
    days = np.sort(generator.integers(0, 1000, n)).astype(np.float64)
    rise = 1 / (1 + np.exp(-(days - 500) / 180))
    return Points(
        first_days=days,
        last_days=days + generator.integers(0, 2, n) * 20,
        levels=np.asarray(0.1 + 0.7 * rise + generator.normal(0, 0.05, n)),
        errors=np.full(n, 0.02),
        variances=generator.uniform(0.0004, 0.004, n),
        developers=[f"developer {k}" for k in generator.integers(0, 8, n)],
    )


def layers(
    count: int = 5000, series_id: str = "one", clusters: Clusters = "resampled"
) -> Resampling:
    return Resampling(
        seed=20261122,
        series_id=series_id,
        vintage=0,
        count=count,
        clusters=clusters,
        noise=True,
        dates=True,
        records=False,
    )


def run(jobs: list[Job], workers: int = 1) -> list[bytes]:
    return [
        fits.values.tobytes() + fits.reasons.tobytes()
        for fits in refit(jobs, workers=workers)
    ]


def jobs() -> list[Job]:
    return [
        Job(family, invented(seed), layers(series_id=f"series {seed}"))
        for seed in range(3)
        for family in FAMILIES
    ]


def test_workers_and_chunks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run(jobs(), workers=1)
    assert run(jobs(), workers=2) == expected
    monkeypatch.setattr(engine, "CHUNK", 333)
    assert run(jobs(), workers=3) == expected


def test_order_and_company_change_no_bit() -> None:
    everything = jobs()
    expected = run(everything)
    assert run(everything[::-1], workers=2)[::-1] == expected
    assert run(everything[4:5]) == expected[4:5]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_thousand_resamples_are_the_first_of_ten_thousand(family: Any) -> None:
    few, many = refit(
        [Job(family, invented(1), layers(count)) for count in (1000, 10_000)], workers=2
    )
    assert few.values.tobytes() == many.values[:1000].tobytes()
    assert few.reasons.tobytes() == many.reasons[:1000].tobytes()


def test_the_rows_order_changes_no_bit() -> None:
    points = invented(2)
    shuffle = np.random.default_rng(3).permutation(30)
    mixed = Points(
        points.first_days[shuffle],
        points.last_days[shuffle],
        points.levels[shuffle],
        points.errors[shuffle],
        points.variances[shuffle],
        [points.developers[i] for i in shuffle],
    )
    for family in FAMILIES:
        in_order, out_of_order = run(
            [Job(family, one, layers(100)) for one in (points, mixed)]
        )
        assert in_order == out_of_order


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"series_id": "another"}, {"vintage": 30}]
)
def test_seed_series_and_vintage_each_have_their_own_stream(
    change: dict[str, Any],
) -> None:
    first, second = refit(
        [
            Job(Line(), invented(1), one)
            for one in (layers(50), replace(layers(50), **change))
        ],
        workers=1,
    )
    assert not np.any(first.column("intercept") == second.column("intercept"))


def test_all_families_see_the_same_resamples() -> None:
    """Only the same developers drawn leave the same resamples without a fit."""
    points = invented(5, n=8)
    line, sigmoid, quantile = refit(
        [Job(family, points, layers(2000)) for family in FAMILIES], workers=1
    )
    failed = line.reasons != 0
    assert 0 < failed.sum() < 1000
    assert np.array_equal(np.isnan(sigmoid.values[:, 0]), failed)
    assert np.array_equal(np.isnan(quantile.values[:, 0]), failed)
    assert line.n_failed == sigmoid.n_failed == quantile.n_failed == failed.sum()


def test_the_spread_of_slopes_is_that_of_an_independent_bootstrap() -> None:
    points = invented(9)
    (fits,) = refit(
        [Job(Line(), points, replace(layers(4000), dates=False))], workers=2
    )
    generator = np.random.default_rng(8)
    names, cluster = np.unique(points.developers, return_inverse=True)
    years = points.first_days / 365.25
    slopes = []
    for _ in range(1500):
        picks = generator.integers(0, len(names), len(names))
        rows = np.concatenate([np.flatnonzero(cluster == g) for g in picks])
        noisy = points.levels + points.errors * generator.standard_normal(30)
        total = points.variances[rows] + np.median(fits.column("tau2"))
        slopes.append(np.polyfit(years[rows], noisy[rows], 1, w=1 / np.sqrt(total))[0])
    spread = np.nanstd(fits.column("slope_per_year"))
    assert spread == pytest.approx(np.std(slopes), rel=0.1)


def test_the_wild_bootstrap_is_centred_on_the_full_fit() -> None:
    points = invented(4)
    wild = replace(layers(4000, clusters="wild"), noise=False, dates=False)
    line, sigmoid = refit(
        [Job(family, points, wild) for family in FAMILIES[:2]], workers=2
    )
    slopes = line.column("slope_per_year")
    error = np.std(slopes) / np.sqrt(4000)
    # weights differ by draw with tau2, which moves the mean by far less than a tenth
    full = fit_once(Line(), points)[1]
    assert np.mean(slopes) == pytest.approx(full, abs=4 * error + 0.1 * np.std(slopes))
    assert np.std(slopes) > 0.005
    full_height = fit_sigmoid(points, max_height=1.0).height
    assert np.median(sigmoid.column("height")) == pytest.approx(full_height, abs=0.05)


def test_a_wild_bootstrap_of_a_quantile_is_refused() -> None:
    with pytest.raises(ValueError, match="residuals' quantile"):
        run([Job(QuantileLine(0.9), invented(1), layers(10, clusters="wild"))])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"levels": np.full(30, np.nan)}, "levels must be finite"),
        ({"errors": np.full(30, -0.1)}, "must not be negative"),
        ({"last_days": np.full(30, -9.0)}, "before its first"),
        ({"developers": ["a"]}, "30 first_days for 1 developers"),
    ],
)
def test_points_that_make_no_sense_are_refused(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        replace(invented(1), **change)


def test_failures_are_counted_and_one_fit_among_equals_is_a_fit() -> None:
    fits = Fits(("slope",), np.zeros((5, 1)), np.array([0, 1, 2, 3, 4], np.int8))
    assert fits.n_failed == 3
    assert fits.n_not_unique == 1


def test_showing_a_table_does_not_import_the_compiler() -> None:
    code = (
        "import sys, trends.show, trends.fits.engine; sys.exit('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False)
    assert done.returncode == 0


# --- shipped figures


Shipped = tuple[Series, pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def shipped(shipped_workspace: Workspace) -> list[Shipped]:
    """Every series with its scores and its records, as the forecast sees them."""
    everything = every_series(load_registry(shipped_workspace.registry))
    known = known_as_of(
        pl.read_parquet(latest_ingest(shipped_workspace) / "observations.parquet"),
        AS_OF,
    )
    scores = select_series_scores(known, everything)
    frontier = select_frontier(scores, everything)
    found = [
        (
            one,
            scores.filter(pl.col("series_id") == one.series_id),
            frontier.filter(pl.col("series_id") == one.series_id),
        )
        for one in everything
    ]
    assert len(found) > 30
    return found


def points_of(rows: pl.DataFrame, levels: Floats, variances: Floats) -> Points:
    days = (
        rows.select((pl.col("frontier_date") - EPOCH).dt.total_days().cast(pl.Float64))
        .to_series()
        .to_numpy()
    )
    return Points(
        first_days=days,
        last_days=days,
        levels=levels,
        errors=np.sqrt(variances),
        variances=variances,
        developers=["nobody is drawn here"] * rows.height,
    )


def on_link(series: Series, rows: pl.DataFrame) -> Iterator[Points]:
    for ceiling, _ in ceilings_above(series.benchmark, rows.tail(1)):
        link = Link.of(series.benchmark, ceiling)
        levels = link.of_scores(rows.get_column("score").to_numpy())
        yield points_of(rows, levels, link.sampling_variance(rows))


def test_lines_of_every_shipped_benchmark_are_those_of_statsmodels(
    shipped: list[Shipped],
) -> None:
    compared = 0
    for series, _, records in shipped:
        if records.height < 3:
            continue
        for points in on_link(series, records):
            found = fit_once(Line(), points)
            reference = fit_line(points.years, points.levels, points.variances)
            expected = [
                reference.intercept,
                reference.slope,
                *reference.covariance[np.triu_indices(2)],
                reference.tau2,
                records.height,
            ]
            assert found == pytest.approx(expected, rel=1e-8, abs=1e-12), series
            compared += 1
    assert compared > 40


def test_quantile_lines_of_every_shipped_benchmark_lose_no_more_than_statsmodels(
    shipped: list[Shipped],
) -> None:
    compared = 0
    for series, scores, _ in shipped:
        if scores.height < 6:
            continue
        points = next(on_link(series, scores))
        found = fit_once(QuantileLine(0.9), points)
        model = sm.QuantReg(points.levels, sm.add_constant(points.years))
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            beta = model.fit(q=0.9, max_iter=5000, p_tol=1e-9).params
        r = points.levels - beta[0] - beta[1] * points.years
        theirs = float(np.sum(r * np.where(r > 0, 0.9, -0.1)))
        assert found[2] <= theirs * (1 + 1e-12) + 1e-12, series
        assert found[2] == pytest.approx(theirs, rel=1e-2, abs=1e-6), series
        compared += 1
    assert compared > 25


def test_logistics_of_every_bounded_benchmark_are_not_above_scipy(
    shipped: list[Shipped],
) -> None:
    compared = 0
    for series, scores, _ in shipped:
        benchmark = series.benchmark
        if not benchmark.unit.is_bounded or scores.height < 6:
            continue
        floor = benchmark.floor or 0.0
        levels = scores.get_column("score").to_numpy() - floor
        points = points_of(scores, levels, np.zeros(scores.height))
        fit = fit_sigmoid(points, max_height=1 - floor)
        assert fit.is_converged
        assert fit.rss <= _scipy_rss(points, 1 - floor) * (1 + 1e-8), series
        compared += 1
    assert compared > 20


def _scipy_rss(points: Points, max_height: float) -> float:
    """Lowest of curve_fit's bounded minima from nine starts."""
    x, y = points.years, points.levels
    reach = MIDPOINT_REACH_YEARS

    def sigmoid(t: Floats, height: float, midpoint: float, slope: float) -> Floats:
        fall = np.exp(-np.clip(slope * (t - midpoint), -700, 700))
        return np.asarray(height / (1 + fall))

    best = np.inf
    for midpoint in (x.min(), x.mean(), x.max()):
        for slope in (0.5, 1.5, 4.0):
            found, _ = optimize.curve_fit(
                sigmoid,
                x,
                y,
                p0=(0.7 * max_height, midpoint, slope),
                bounds=(
                    (0, x.min() - reach, SLOPE_LOW),
                    (max_height, x.max() + reach, SLOPE_HIGH),
                ),
                max_nfev=2000,
            )
            best = min(best, float(np.sum((y - sigmoid(x, *found)) ** 2)))
    return best


@pytest.mark.slow
def test_a_quick_benchmark_measures_everything_it_promises(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trends.bench", "--quick", "--output", str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads((tmp_path / "bench.json").read_text())
    for family in ("exponential", "logistic", "logistic3", "quantile"):
        found = report["families"][family]
        assert found["peer"]
        assert found["ratio"] > 1
        assert found["fits_per_s"] > 1
        assert found["max_rel_diff"] < 1e-6
    assert report["real_size"]["same_hash"]
    assert report["forecast"]["draws"] == 4000
    assert set(report["forecast"]) >= {"cpu_s", "wall_s", "stages"}
    (growth,) = report["growth"]
    assert set(growth) >= {"n_series", "cpu_s", "wall_s", "peak_mb"}
    assert "no number below means anything" in done.stdout
    assert "bench: growth" in done.stderr
