"""A registry of any size: copies of the shipped benchmarks under new ids."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from trends.registry import Registry
from trends.registry.load import load_registry, write_record
from trends.registry.parsing import parse
from trends.workspace import Workspace

Entry = dict[str, Any]

N_COPIED: Final = 35
"""Shipped benchmarks that are copied, each with one threshold."""


_WHOLE: Final = (
    "models",
    "model_aliases",
    "weights",
    "headline",
    "labour_ratios",
)
"""Files of the registry that do not name benchmarks."""


class Copy(NamedTuple):
    """A shipped benchmark and threshold, and what they are called in the copy."""

    of_benchmark: str
    benchmark: str
    of_threshold: str
    threshold: str


def copy_benchmarks(shipped: Workspace, root: Path, *, n_benchmarks: int) -> Workspace:
    """A workspace with so many benchmarks, each with figures, family and threshold.

    Copies of one benchmark have its figures, and are families of their own, so that
    pools, checks and tables grow with their number.

    Args:
        shipped: the checkout.
        root: folder to make it in, empty.
        n_benchmarks: how many.
    """
    grown = Workspace(root)
    grown.observations.mkdir(parents=True)
    (grown.registry / "thresholds").mkdir(parents=True)
    shutil.copytree(shipped.expectations, grown.expectations)
    for name in _WHOLE:
        shutil.copy(shipped.registry / f"{name}.yaml", grown.registry)
    registry = load_registry(shipped.registry)
    default = next(
        name for name, one in registry.scenarios.items() if one.default_because
    )
    scenario = _read(shipped, "scenarios")[default]
    _write(grown, "scenarios", {default: scenario})
    copies = list(_copies(registry, scenario, n_benchmarks))
    _write(grown, "benchmarks", dict(_benchmarks(shipped, grown, copies)))
    for name, content in _about_others(shipped, default, copies):
        _write(grown, name, content)
    _write(grown, "sources", dict(_sources(shipped, copies)))
    _write(grown, "corrections", list(_corrections(shipped, copies)))
    for copy in copies:
        _write(grown, f"thresholds/{copy.threshold}", _threshold(shipped, copy))
    _write(grown, "versions", {})
    write_record(grown.registry)
    return grown


def _copies(registry: Registry, scenario: Entry, n_benchmarks: int) -> Iterator[Copy]:
    """The bars of the scenario first and under their own names, so that it stands."""
    needed = [
        gate["threshold"]
        for dimension in scenario["dimensions"].values()
        for gate in dimension["gates"]
    ]
    active = [one.id for one in registry.thresholds.values() if one.status == "active"]
    of_benchmark: dict[str, str] = {}
    for threshold_id in (*needed, *active):
        name = registry.thresholds[threshold_id].series.benchmark
        benchmark = registry.benchmarks[name]
        if benchmark.mover == "models" and benchmark.status != "superseded":
            of_benchmark.setdefault(name, threshold_id)
    chosen = list(of_benchmark.items())[:N_COPIED]
    for number in range(n_benchmarks):
        name, threshold_id = chosen[number % len(chosen)]
        round_, ending = number // len(chosen), f"_{number // len(chosen):03}"
        ending = ending if round_ else ""
        yield Copy(name, f"{name}{ending}", threshold_id, f"{threshold_id}{ending}")


def _benchmarks(
    shipped: Workspace, grown: Workspace, copies: Iterable[Copy]
) -> Iterator[tuple[str, Entry]]:
    entries = _read(shipped, "benchmarks")
    for copy in copies:
        shutil.copy(
            shipped.observations / f"{copy.of_benchmark}.csv",
            grown.observations / f"{copy.benchmark}.csv",
        )
        entry = entries[copy.of_benchmark]
        entry = entry | {
            "title": f"{entry['title']}, {copy.benchmark}",
            "family_id": copy.benchmark,
        }
        for name in ("supersedes", "view_of"):  # of another family now
            entry.pop(name, None)
        yield copy.benchmark, entry


def _about_others(
    shipped: Workspace, scenario: str, copies: Iterable[Copy]
) -> Iterator[tuple[str, Entry]]:
    """What others forecast and claim, as far as it is about what was copied."""
    forecasts = _read(shipped, "reference_forecasts")
    yield (
        "reference_forecasts",
        {
            name: entry
            for name, entry in forecasts.items()
            if entry.get("compared_with", scenario) == scenario
            and "resolves" not in entry
        },
    )
    copied = {copy.benchmark for copy in copies}
    claims = _read(shipped, "essay_claims")
    yield (
        "essay_claims",
        {
            name: claim
            for name, claim in claims.items()
            if (claim.get("primary") or {}).get("benchmark") in copied
        },
    )


def _sources(shipped: Workspace, copies: Iterable[Copy]) -> Iterator[tuple[str, Entry]]:
    """Those of the shipped benchmarks; each prints the copies as well."""
    of_benchmark: dict[str, list[str]] = {}
    for copy in copies:
        of_benchmark.setdefault(copy.of_benchmark, []).append(copy.benchmark)
    for source_id, entry in _read(shipped, "sources").items():
        entry.pop("files", None)
        entry["benchmarks"] = [
            copied
            for name in entry["benchmarks"]
            for copied in of_benchmark.get(name, [])
        ]
        if entry["benchmarks"]:
            yield source_id, entry


def _corrections(shipped: Workspace, copies: Iterable[Copy]) -> Iterator[Entry]:
    entries = _read(shipped, "corrections")
    for copy in copies:
        ours = (one for one in entries if one["benchmark"] == copy.of_benchmark)
        for number, entry in enumerate(ours):
            yield entry | {
                "benchmark": copy.benchmark,
                "id": f"{copy.benchmark}_{number}",
            }


def _threshold(shipped: Workspace, copy: Copy) -> Entry:
    entry: Entry = _read(shipped, f"thresholds/{copy.of_threshold}")
    return entry | {
        "id": copy.threshold,
        "title": f"{entry['title']}, {copy.threshold}",
        "series": entry["series"] | {"benchmark": copy.benchmark},
    }


def _read(workspace: Workspace, name: str) -> Any:
    text = (workspace.registry / f"{name}.yaml").read_text(encoding="utf-8")
    return json.loads(json.dumps(parse(text).root, default=str))


def _write(
    workspace: Workspace, name: str, content: Mapping[str, Any] | list[Any]
) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False)
    path = workspace.registry / f"{name}.yaml"
    path.write_text(f"{text}\n", encoding="utf-8")
