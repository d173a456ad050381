"""The tables of a benchmark run."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def show(report: Mapping[str, Any]) -> None:
    """Print the families, the full-size runs, the forecast and the growth."""
    console = Console()
    if report["is_quick"]:
        console.print("A quick run: it works, and no number below means anything.")
    console.print(_families(report["families"]))
    logistic3 = report["families"]["logistic3"]
    console.print(
        f"logistic3 reaches the lowest of {logistic3['global_starts']} starts in "
        f"{logistic3['global_share']:.2%} of resamples "
        f"({logistic3['global_share_worst_series']:.1%} on the worst series); the "
        "ceiling sits on its bound in "
        f"{logistic3['share_with_ceiling_on_bound']:.0%}, "
        f"{logistic3['share_failed']:.2%} of resamples have no fit."
    )
    console.print(_sizes(report))
    stages = ", ".join(
        f"{name} {seconds:.2f} s"
        for name, seconds in report["forecast"]["stages"].items()
    )
    console.print(f"Forecast of the shipped figures, CPU by stage: {stages}.")
    console.print(_throughput(report["throughput"]))


def _throughput(found: Mapping[str, Any]) -> Table:
    table = Table(title="Series forecast a second and core, Parquet to Parquet")
    for heading in ("what", "series", "cold", "warm"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for one in (found["ours"], found["peer"]):
        if "missing" in one:
            table.add_row(f"{one['name']}: {one['missing']}", "", "", "")
            continue
        rates = [one[state]["series_per_s_and_core"] for state in ("cold", "warm")]
        table.add_row(one["name"], str(one["n_series"]), *(f"{r:.1f}" for r in rates))
    return table


def _families(families: Mapping[str, Any]) -> Table:
    table = Table(title="One core against one core, draws included")
    for heading in ("family", "ours, fits/s", "peer", "peer, fits/s", "ratio (range)"):
        table.add_column(heading)
    table.add_column("largest difference")
    for name, family in families.items():
        for peer in [family, *family["other_peers"]]:
            low, high = peer["ratio_range"]
            table.add_row(
                name,
                f"{family['fits_per_s']:,.0f}",
                peer["peer"],
                f"{peer['peer_fits_per_s']:,.0f}",
                f"{peer['ratio']:,.0f} ({low:,.0f} to {high:,.0f})",
                _size(peer["max_rel_diff"]),
            )
    return table


def _size(difference: float | None) -> str:
    return "no fit is the same" if difference is None else f"{difference:.1e}"


def _sizes(report: Mapping[str, Any]) -> Table:
    table = Table(title="At size")
    for heading in ("run", "fits", "CPU s", "wall s", "peak MiB"):
        table.add_column(heading, justify="left" if heading == "run" else "right")
    for one in report["real_size"]["runs"]:
        name = f"real size, {one['workers']} worker(s), {one['sha256'][:8]}"
        table.add_row(name, f"{one['fits']:,}", *_costs(one))
    share = report["real_size"]["serial_share"]
    table.add_row(f"of which one thread at a time (Amdahl): {share:.1%}", *[""] * 4)
    whole = report["forecast"]
    table.add_row(
        f"forecast, {whole['draws']:,} draws",
        "",
        f"{whole['cpu_s']:.1f}",
        f"{whole['wall_s']:.1f}",
        "",
    )
    preview = report["preview"]
    table.add_row(
        f"preview, {preview['bars']:,} bars edited",
        "",
        f"{preview['cpu_s']:.1f}",
        f"{preview['wall_s']:.1f}",
        "",
    )
    for one in report["growth"]:
        name = f"growth, {one['n_series']:,} series"
        table.add_row(name, f"{one['fits']:,}", *_costs(one))
    for one in report["pipeline_growth"]:
        name = f"whole run, {one['n_benchmarks']:,} benchmarks"
        table.add_row(name, "", *_costs(one))
    return table


def _costs(one: Mapping[str, Any]) -> list[str]:
    return [f"{one['cpu_s']:.1f}", f"{one['wall_s']:.1f}", f"{one['peak_mb']:.0f}"]
