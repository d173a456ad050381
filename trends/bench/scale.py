"""Runs at full size, each in a process of its own so that its memory can be read."""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from trends.bench.measure import Clock, Report, in_own_process
from trends.bench.world import InventedSeries, developers_redrawn, invent
from trends.fits.engine import Family, Fits, Job, Line, QuantileLine, Sigmoid, refit

SHARD_SERIES = 250
LINE, SIGMOID, QUANTILE = Line(), Sigmoid(1.0), QuantileLine(0.9)


def real_size(*, workers: int, quick: bool) -> Report:
    """The forecast and the backtest of 40 series: 5.2 million fits.

    Four families on 40 series with 10,000 resamples, and the three dearest of them
    at 30 origins with 1,000 each. Results are hashed as they come, not kept.
    """
    options = ["--workers", str(workers), *(["--quick"] if quick else [])]
    return _in_own_process(["real-size", *options])


def more_cores(*, rounds: int, quick: bool) -> Report:
    """The same run with one thread and with two, in turns.

    By Amdahl's law the share s of the work that only one thread can do at a time
    makes T2 / T1 = s + (1 - s) / 2. The shortest of each is taken: whoever else uses
    the machine can only lengthen a run.

    Args:
        rounds: how often each is run.
        quick: small sizes that only prove that it works.
    """
    runs = [real_size(workers=n, quick=quick) for _ in range(rounds) for n in (1, 2)]
    one, two = (
        min((run for run in runs if run["workers"] == n), key=_wall) for n in (1, 2)
    )
    return {
        "runs": [one, two],
        "same_hash": len({run["sha256"] for run in runs}) == 1,
        "serial_share": 2 * _wall(two) / _wall(one) - 1,
    }


def _wall(run: Report) -> float:
    return float(str(run["wall_s"]))


def growth(n_series: int, *, resamples: int) -> Report:
    """``n_series`` invented series, four families, results in shards on disk."""
    return _in_own_process(
        ["growth", "--series", str(n_series), "--resamples", str(resamples)]
    )


def _in_own_process(arguments: list[str]) -> Report:
    return in_own_process("trends.bench.scale", arguments)


def _real_size(workers: int, quick: bool) -> Report:
    n_series, n_resamples, n_origins = (4, 1000, 3) if quick else (40, 10_000, 30)
    jobs = list(_real_jobs(n_series, n_resamples, n_origins))
    digest = hashlib.sha256()
    n_fits, n_failed = 0, 0
    clock = _warm_clock()
    for found in refit(jobs, workers=workers, read=_Read.of):
        digest.update(found.sha256)
        n_fits += found.n_fits
        n_failed += found.n_failed
    return {
        "workers": workers,
        "fits": n_fits,
        "failed": n_failed,
        "sha256": digest.hexdigest(),
        **clock.read(),
    }


class _Read(NamedTuple):
    """What is kept of the refits of one job."""

    sha256: bytes
    n_fits: int
    n_failed: int

    @classmethod
    def of(cls, fits: Fits) -> Self:
        digest = hashlib.sha256(fits.values.data)
        digest.update(fits.reasons.data)
        return cls(digest.digest(), len(fits.reasons), fits.n_failed)


def _real_jobs(n_series: int, n_resamples: int, n_origins: int) -> Iterator[Job]:
    for index in range(n_series):
        one = invent(index)
        yield from _jobs(one, (LINE, LINE, SIGMOID, QUANTILE), n_resamples)
        n_points = len(one.on_score.levels)
        for origin in range(n_origins):
            known = 6 + round((n_points - 6) * (origin + 1) / n_origins)
            past = invent(index, n_points=known)
            families = (LINE, SIGMOID, QUANTILE)
            yield from _jobs(past, families, 1000, vintage=1 + origin)


def _jobs(
    one: InventedSeries,
    families: tuple[Family, ...],
    n_resamples: int,
    *,
    vintage: int = 0,
) -> Iterator[Job]:
    resampling = developers_redrawn(one, n_resamples, vintage=vintage)
    for family in families:
        points = one.on_score if family is SIGMOID else one.on_logit
        yield Job(family, points, resampling)


def _growth(n_series: int, resamples: int) -> Report:
    clock = _warm_clock()
    n_bytes = 0
    with TemporaryDirectory() as folder:
        for first in range(0, n_series, SHARD_SERIES):
            indices = range(first, min(first + SHARD_SERIES, n_series))
            path = Path(folder) / f"shard-{first}.parquet"
            _write_shard(path, indices, resamples)
            n_bytes += path.stat().st_size
    return {
        "n_series": n_series,
        "fits": n_series * 4 * resamples,
        "disk_mb": n_bytes / 1e6,
        **clock.read(),
    }


def _write_shard(path: Path, indices: range, resamples: int) -> None:
    """Parameters of every draw as 32-bit floats; dates follow from them."""
    families = (LINE, LINE, SIGMOID, QUANTILE)
    jobs = (job for i in indices for job in _jobs(invent(i), families, resamples))
    parts = [_first_three(fits) for fits in refit(jobs, workers=2)]
    numbers = np.arange(len(parts), dtype=np.int32).repeat(resamples)
    values = np.vstack(parts)
    columns = {f"parameter_{k}": values[:, k] for k in range(3)}
    pl.DataFrame({"fit": numbers, **columns}).write_parquet(path, compression="zstd")


def _first_three(fits: Fits) -> npt.NDArray[np.float32]:
    return fits.values[:, :3].astype(np.float32)


def _warm_clock() -> Clock:
    """Begins when the kernels are there."""
    list(refit(_jobs(invent(0), (LINE, SIGMOID, QUANTILE), 16), workers=1))
    return Clock()


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m trends.bench.scale")
    parser.add_argument("run", choices=["real-size", "growth"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--series", type=int, default=10)
    parser.add_argument("--resamples", type=int, default=100)
    given = parser.parse_args()
    if given.run == "growth":
        report = _growth(given.series, given.resamples)
    else:
        report = _real_size(given.workers, given.quick)
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    _main()
