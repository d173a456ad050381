"""Series forecast a second and core, Parquet to Parquet, beside AutoARIMA.

Both read the records of the shipped series and write quantiles of the record up to
three years ahead: ours by every trend that it publishes and by pools over all series,
AutoARIMA on the same records carried forward month by month.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from trends.bench.measure import Report, in_own_process
from trends.pipeline import ForecastRequest, ingest
from trends.pipeline.plan import Plan, plan_forecast
from trends.pipeline.stages import select_records
from trends.registry import load_registry
from trends.tables import FRONTIER, SERIES_SCORES
from trends.workspace import Workspace

CHECKOUT = Path(__file__).parents[2]

MONTHS = 36
LEVELS = (50, 80, 95)
"""Months ahead and widths of the intervals that AutoARIMA is asked for."""

PEER = "statsforecast"
NOT_INSTALLED = "statsforecast is not installed: pip install --group bench"

Forecast = Callable[[Path, Path], None]
"""Reads the records in the first folder and writes ``forecasts.parquet`` below the
second."""


def throughput(*, quick: bool) -> Report:
    """Both in one run, each in a new process: cold, its imports done, and warm.

    CPU time of all threads; a quick one takes 5 series.
    """
    ours, peer = (_in_own_process(name, quick=quick) for name in ("ours", "peer"))
    ratio = None
    if "warm" in peer:
        ratio = _rate(ours) / _rate(peer)
    return {"ours": ours, "peer": peer, "ratio_warm": ratio}


def _in_own_process(name: str, *, quick: bool) -> dict[str, Any]:
    if name == "peer" and find_spec(PEER) is None:
        return {"name": "AutoARIMA", "missing": NOT_INSTALLED}
    options = ["--quick"] if quick else []
    return in_own_process("trends.bench.throughput", [name, *options])


def _rate(one: dict[str, Any]) -> float:
    return float(one["warm"]["series_per_s_and_core"])


def _measure(name: str, *, quick: bool) -> Report:
    with TemporaryDirectory() as folder:
        plan = _plan(Path(folder))
        records = select_records(plan.folder)
        frontier = pl.read_parquet(records / f"{FRONTIER.name}.parquet")
        names = frontier["series_id"].unique().sort().to_list()[: 5 if quick else None]
        forecast, what = (_ours if name == "ours" else _peer)(plan, names)
        report: Report = {"name": what, "n_series": len(names)}
        for state in ("cold", "warm"):
            out = Path(folder) / state
            out.mkdir()
            cpu, wall = time.process_time(), time.perf_counter()
            forecast(records, out)
            spent = time.process_time() - cpu
            rows = pl.scan_parquet(out / "forecasts.parquet").select(pl.len()).collect()
            report[state] = {
                "cpu_s": spent,
                "wall_s": time.perf_counter() - wall,
                "series_per_s_and_core": len(names) / spent,
                "rows": rows.item(),
            }
        return report


def _plan(root: Path) -> Plan:
    workspace = Workspace(root)
    for part in ("data/registry", "data/observations", "expectations"):
        shutil.copytree(CHECKOUT / part, workspace.root / part)
    ingest(workspace)
    benchmarks = load_registry(workspace.registry).benchmarks.values()
    as_of = max(one.observed_through for one in benchmarks)
    request = ForecastRequest(as_of=as_of, publish=False)
    return Plan(plan_forecast(request, workspace=workspace, today=as_of))


def _ours(plan: Plan, names: list[str]) -> tuple[Forecast, str]:
    crossings, fits = import_module("trends.crossings"), import_module("trends.fits")
    ours = [one for one in plan.series if one.series_id in set(names)]
    vintage = crossings.Vintage.of(
        plan.registry,
        as_of=plan.as_of,
        run_id=plan.run_id,
        seed=plan.seed,
        n_draws=plan.draws,
    )

    def forecast(records: Path, out: Path) -> None:
        scores, frontier = (
            pl.read_parquet(records / f"{table.name}.parquet").filter(
                pl.col("series_id").is_in(names)
            )
            for table in (SERIES_SCORES, FRONTIER)
        )
        found, _ = fits.fit_or_leave_out(
            frontier,
            scores,
            ours,
            wanted=names,
            as_of=plan.as_of,
            run_id=plan.run_id,
            missing={},
            weights=plan.registry.weights,
        )
        crossings.forecast_scores(
            found, scores, frontier, ours, vintage=vintage
        ).write_parquet(out / "forecasts.parquet")

    return forecast, "all trends, records pooled"


def _peer(plan: Plan, names: list[str]) -> tuple[Forecast, str]:
    package = import_module(PEER)
    model = import_module(f"{PEER}.models").AutoARIMA

    def forecast(records: Path, out: Path) -> None:
        frontier = pl.read_parquet(records / f"{FRONTIER.name}.parquet")
        months = monthly(frontier.filter(pl.col("series_id").is_in(names)), plan.as_of)
        models = package.StatsForecast(models=[model(season_length=1)], freq="1mo")
        models.forecast(df=months, h=MONTHS, level=list(LEVELS)).write_parquet(
            out / "forecasts.parquet"
        )

    return forecast, f"AutoARIMA of {PEER} {version(PEER)}, monthly records"


def monthly(frontier: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The standing record on the first of each month up to the vintage, a series each.

    Args:
        frontier: FRONTIER rows.
        as_of: ends the series.

    Returns:
        ``unique_id``, ``ds`` and ``y``, as statsforecast reads them.
    """
    records = frontier.select(
        unique_id="series_id", ds=pl.col("frontier_date"), y="score"
    ).sort("ds")
    first = pl.col("ds").dt.month_start().dt.offset_by("1mo").min()
    days = (
        records.group_by("unique_id")
        .agg(ds=pl.date_ranges(first, as_of, "1mo", closed="both").first())
        .explode("ds")
        .drop_nulls()
        .sort("ds")
    )
    joined = days.join_asof(records, on="ds", by="unique_id", check_sortedness=False)
    return joined.sort("unique_id", "ds")


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], quick="--quick" in sys.argv)))
