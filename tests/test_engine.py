"""What must not change the engine's numbers, and what it refuses."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import CHECKOUT
from trends.fits import engine
from trends.fits.engine import Fits, Job, Line, QuantileLine, Sigmoid, fit_once, refit
from trends.fits.samples import Clusters, Points, Resampling
from trends.fits.sigmoid_optimum import fit_sigmoid

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
        "import sys, trends.cli.screens.headlines, trends.fits.engine; "
        "sys.exit('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False)
    assert done.returncode == 0


@dataclass(frozen=True)
class FailsFrom:
    """A family whose chunks fail from a resample on, as if memory ran out."""

    first_bad: int
    columns: tuple[str, ...] = ("number",)

    def prepare(self, points: Points, resampling: Resampling) -> Any:
        def refit_from(first: int, values: Any, reasons: Any) -> None:
            if first >= self.first_bad:
                raise MemoryError(f"resample {first}")
            values[:, 0] = np.arange(first, first + len(values))
            reasons[:] = 0

        return refit_from


@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_read_of_the_fits_is_read_once_all_chunks_are_there(
    workers: int,
) -> None:
    job = Job(FailsFrom(99_999), invented(1), layers(9_000))
    found = refit([job] * 20, workers=workers, read=lambda fits: fits.values.sum())
    assert list(found) == [sum(range(9_000))] * 20


@pytest.mark.parametrize("first_bad", [0, engine.CHUNK, 3 * engine.CHUNK])
def test_an_error_in_a_thread_is_raised_where_its_result_is_awaited(
    first_bad: int,
) -> None:
    sound = Job(FailsFrom(99_999), invented(1), layers(9_000))
    broken = replace(sound, family=FailsFrom(first_bad))
    found = refit([sound, broken, sound], workers=2)
    assert next(found).values[-1, 0] == 8_999
    with pytest.raises(MemoryError, match="resample"):
        next(found)


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
    assert -1 <= report["real_size"]["serial_share"] <= 1
    assert report["forecast"]["draws"] == 4000
    assert set(report["forecast"]) >= {"cpu_s", "wall_s", "stages"}
    assert {"fits", "checks", "report"} <= set(report["forecast"]["stages"])
    (whole,) = report["pipeline_growth"]
    assert whole["n_benchmarks"] == 35
    assert set(whole) >= {"cpu_s", "wall_s", "peak_mb"}
    (growth,) = report["growth"]
    assert set(growth) >= {"n_series", "cpu_s", "wall_s", "peak_mb"}
    assert "no number below means anything" in done.stdout
    assert "bench: growth" in done.stderr
