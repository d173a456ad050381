"""Files for a new benchmark, threshold or source: what is known, and what is not yet.

What can be read in a published table is filled in; what is judgement reads TODO, and
the registry is not valid before somebody has decided on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl
from pydantic import TypeAdapter, ValidationError

from trends.characters import quote
from trends.outputs.disk import put_in_place, stage_file
from trends.pipeline.errors import RequestError
from trends.pipeline.new_figures import NewFigures, Published, as_csv, read_figures
from trends.registry import Problem, RegistryError, load_headline
from trends.registry.additions import add_to_list
from trends.registry.documents import TODO
from trends.registry.load import check
from trends.registry.models import (
    Benchmark,
    Entry,
    Reporter,
    Source,
    Threshold,
    Url,
)
from trends.registry.parsing import parse
from trends.registry.skeletons import skeleton
from trends.workspace import Workspace

LADDER: Final = (20, 50, 80, 95, 99)
"""Percent of items: the bars where nobody has set one. They are this project's choice."""

HEADLINE: Final = 80

PROJECTION_END: Final = date(2050, 12, 31)
OWNER: Final = "@org/forecasting"


@dataclass
class Made:
    """What was written.

    Attributes:
        files: by path from the project's root: whole new text.
        figures: what the published table gave; None without one.
        todo: places to fill in.
    """

    files: dict[str, str] = field(default_factory=dict)
    figures: NewFigures | None = None
    todo: tuple[Problem, ...] = ()


def new_benchmark(
    benchmark_id: str,
    workspace: Workspace,
    *,
    source_id: str,
    published: Published | None,
    unit: str | None,
    page: str | None,
    today: date,
) -> Made:
    """A benchmark, its figures where a table is given, its source and a draft threshold.

    Raises:
        RequestError: something of that name is there, or the table needs an answer.
        SourceError: the table cannot be read.
    """
    made = Made()
    rows = None
    _require_known(published, page)
    if published is not None:
        made.figures = read_figures(benchmark_id, source_id, published)
        rows = made.figures.rows
        made.files[f"data/observations/{benchmark_id}.csv"] = as_csv(rows)
    said = _benchmark(benchmark_id, source_id, unit, page)
    if rows is not None:
        said |= _read_off(rows, today=today)
    _add_entry(
        "benchmarks.yaml", benchmark_id, Benchmark, said, made=made, workspace=workspace
    )
    _add_to_source(source_id, benchmark_id, page, made, workspace)
    _add_threshold(
        benchmark_id, benchmark_id, said, today=today, made=made, workspace=workspace
    )
    return _write(made, workspace)


def new_threshold(
    threshold_id: str, workspace: Workspace, *, benchmark_id: str, today: date
) -> Made:
    """A draft threshold of a benchmark.

    Raises:
        RequestError: there is one of that name, or no such benchmark.
    """
    benchmarks = parse(_text("benchmarks.yaml", workspace)).root or {}
    if benchmark_id not in benchmarks:
        known = ", ".join(benchmarks)
        raise RequestError(f"no benchmark {benchmark_id!r}; there are: {known}")
    made = Made()
    _add_threshold(
        threshold_id,
        benchmark_id,
        benchmarks[benchmark_id],
        today=today,
        made=made,
        workspace=workspace,
    )
    return _write(made, workspace)


def new_source(source_id: str, workspace: Workspace, *, page: str | None) -> Made:
    """A source without benchmarks yet.

    Raises:
        RequestError: there is one of that name.
    """
    made = Made()
    _require_known(None, page)
    said = _source(page) | {"benchmarks": TODO}
    _add_entry("sources.yaml", source_id, Source, said, made=made, workspace=workspace)
    return _write(made, workspace)


def _require_known(published: Published | None, page: str | None) -> None:
    """Refuse an answer that no registry takes."""
    given: list[tuple[str | None, Any, str]] = [(page, Url, "--page")]
    if published is not None:
        given.append((published.reporter, Reporter, "--reporter"))
    for answer, kind, option in given:
        try:
            if answer is not None:
                TypeAdapter(kind).validate_python(answer)
        except ValidationError as error:
            said = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise RequestError(f"{option} is {quote(answer)}: {said}") from error


def _benchmark(
    benchmark_id: str,
    source_id: str,
    unit: str | None,
    page: str | None,
) -> dict[str, Any]:
    is_bounded = unit in ("percent", "fraction")
    said: dict[str, Any] = {
        "unit": "fraction" if is_bounded else unit or TODO,
        "published_unit": "percent" if is_bounded else unit or TODO,
        "direction": "higher" if is_bounded else TODO,
        "family_id": benchmark_id,
        "first_public_on": TODO,
        "first_public_source": TODO,
        "harness_rule": TODO,
        "reporters": TODO,
        "trends": ["records", "drift", "logistic", "logistic3", "quantile"]
        if is_bounded
        else ["records", "drift", "exponential", "quantile"],
        "status": "active",
        "source": source_id,
        "publisher_url": page or TODO,
    }
    if is_bounded or unit is None:
        said |= {"floor": TODO, "ceiling": {}, "n_items": TODO, "items_source": TODO}
    return said


def _read_off(rows: pl.DataFrame, *, today: date) -> dict[str, Any]:
    """What the rows themselves say of their benchmark."""
    errors = rows.select("standard_error", "ci_low", "ci_high")
    harnesses = rows["harness"].drop_nulls().unique()
    is_one = len(harnesses) == 1 and rows["harness"].null_count() == 0
    said: dict[str, Any] = {
        "n_rows": rows.height,
        "reporters": sorted(set(rows["reporter"].drop_nulls())),
        "harness_rule": "single" if is_one else "any",
        "se_kind": "none"
        if all(one.null_count() == len(one) for one in errors)
        else TODO,
    }
    days = [
        one
        for name in ("release_date", "reported_on")
        for one in _days(rows[name])
        if one <= today
    ]
    if days:
        said["observed_through"] = max(days)
        said["observed_through_basis"] = (
            "Last day among the rows of the published file."
        )
    return said


def _days(cells: pl.Series) -> list[date]:
    found = []
    for cell in cells.drop_nulls():
        try:
            found.append(date.fromisoformat(cell))
        except ValueError:
            continue  # the gate names the row
    return found


def _add_threshold(
    threshold_id: str,
    benchmark_id: str,
    benchmark: Mapping[str, Any],
    *,
    today: date,
    made: Made,
    workspace: Workspace,
) -> None:
    floor = benchmark.get("floor")
    ladder = [
        {
            "id": f"pct{n}",
            "value": n / 100,
            "label": f"{n}% of items",
            "basis": "project_choice",
        }
        | ({"headline": True} if n == HEADLINE else {})
        for n in LADDER
        if not isinstance(floor, float) or n / 100 > floor
    ]
    blank = dict.fromkeys(("id", "value", "label", "basis"), TODO) | {"headline": True}
    said = {
        "schema_version": 1,
        "id": threshold_id,
        "version": 1,
        "status": "draft",
        "owner": OWNER,
        "series": {"benchmark": benchmark_id},
        "bars": ladder if benchmark.get("unit") == "fraction" else [blank],
        "trends": [*benchmark["trends"], "ensemble"],
        "projection_end": PROJECTION_END,
        "changelog": [{"version": 1, "date": today, "why": "First version."}],
    }
    default = load_headline(workspace.registry)
    if default is None or default.trend not in benchmark["trends"]:
        said["headline_trend"] = benchmark["trends"][0]
    head = "# yaml-language-server: $schema=../schemas/threshold.schema.json\n"
    path = f"data/registry/thresholds/{threshold_id}.yaml"
    made.files[path] = head + skeleton(Threshold, said)


def _add_to_source(
    source_id: str,
    benchmark_id: str,
    page: str | None,
    made: Made,
    workspace: Workspace,
) -> None:
    name = "sources.yaml"
    text = _text(name, workspace)
    if source_id in (parse(text).root or {}):
        at = (source_id, "benchmarks")
        made.files[f"data/registry/{name}"] = add_to_list(text, at, benchmark_id)
    else:
        said = _source(page) | {"benchmarks": [benchmark_id]}
        _add_entry(name, source_id, Source, said, made=made, workspace=workspace)


def _source(page: str | None) -> dict[str, Any]:
    return {"reader": "shipped_figures", "reuse_restricted": TODO, "url": page or TODO}


def _add_entry(
    name: str,
    key: str,
    shape: type[Entry],
    said: Mapping[str, Any],
    *,
    made: Made,
    workspace: Workspace,
) -> None:
    text = _text(name, workspace)
    if key in (parse(text).root or {}):
        raise RequestError(f"{key} is in {name} already; nothing was written")
    text = text if text.endswith("\n") else f"{text}\n"
    made.files[f"data/registry/{name}"] = f"{text}{key}:\n" + skeleton(
        shape, said, indent=2
    )


def _write(made: Made, workspace: Workspace) -> Made:
    """Write all files or none; refuse to replace one that is not a central file."""
    root = workspace.root
    for name in made.files:
        is_central = (root / name).parent == workspace.registry
        if (root / name).exists() and not is_central:
            raise RequestError(f"{name} is there already; nothing was written")
    before = {(one.file, one.path) for one in _blanks(workspace)}
    staged = [
        (stage_file(root / name, text.encode()), root / name)
        for name, text in made.files.items()
    ]
    for staging, path in staged:
        put_in_place(staging, path)
    made.todo = tuple(
        one for one in _blanks(workspace) if (one.file, one.path) not in before
    )
    return made


def _blanks(workspace: Workspace) -> list[Problem]:
    return [one for one in check(workspace.registry) if TODO in one.message]


def _text(name: str, workspace: Workspace) -> str:
    try:
        return (workspace.registry / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        missing = Problem(f"data/registry/{name}", 1, 1, name, "the file is missing")
        raise RegistryError([missing]) from error
