"""Files for a new benchmark, threshold or source: what is known, and what is not yet.

What can be read in a published table is filled in; what is judgement reads TODO, and
the registry is not valid before somebody has decided on it.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import polars as pl
from pydantic import TypeAdapter, ValidationError

from trends.characters import quote
from trends.outputs.disk import put_in_place, stage_file
from trends.pipeline.columns import USUAL_NAMES, column_of
from trends.pipeline.errors import RequestError
from trends.registry import Problem, RegistryError, SourceFile, load_headline
from trends.registry.additions import add_to_list
from trends.registry.documents import TODO
from trends.registry.load import check
from trends.registry.models import (
    Benchmark,
    Entry,
    Reporter,
    ScoreUnit,
    Source,
    Threshold,
    Url,
)
from trends.registry.parsing import parse
from trends.registry.skeletons import skeleton
from trends.sources import SourceError, table
from trends.sources.csv_text import header
from trends.sources.reading import Dropped, ReadRequest
from trends.sources.shipped_figures import COLUMNS, OPTIONAL_COLUMNS
from trends.workspace import Workspace

UNITS: Final = ("percent", *(one.value for one in ScoreUnit))
"""What --unit may say; a fraction is carried in percent, as the files have it."""

LADDER: Final = (20, 50, 80, 95, 99)
"""Percent of items: the bars where nobody has set one. They are this project's choice."""

HEADLINE: Final = 80

PROJECTION_END: Final = date(2050, 12, 31)
OWNER: Final = "@org/forecasting"


@dataclass(frozen=True)
class Published:
    """A published table, and what the person who adds it says of it.

    Attributes:
        path: the file.
        unit: of its scores; one of UNITS.
        columns: cell to column, where the names do not say so.
        page: address of the page where the figures stand.
        reporter: who published them.
    """

    path: Path
    unit: str | None
    columns: Mapping[str, str]
    page: str | None
    reporter: str | None


@dataclass
class Made:
    """What was written.

    Attributes:
        files: by path from the project's root: whole new text.
        rows: rows of figures.
        dropped: rows of the published file that give none.
        unused: columns of the published file that nothing was read from.
        todo: places to fill in.
    """

    files: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    dropped: tuple[Dropped, ...] = ()
    unused: tuple[str, ...] = ()
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
        rows = _read(benchmark_id, source_id, published, made)
        made.files[f"data/observations/{benchmark_id}.csv"] = _as_csv(rows)
    said = _benchmark(benchmark_id, source_id, unit, page, rows)
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


def _benchmark(
    benchmark_id: str,
    source_id: str,
    unit: str | None,
    page: str | None,
    rows: pl.DataFrame | None,
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
    return said if rows is None else said | _read_off(rows)


def _read_off(rows: pl.DataFrame) -> dict[str, Any]:
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
        one for name in ("release_date", "reported_on") for one in _days(rows[name])
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


def _read(
    benchmark_id: str, source_id: str, published: Published, made: Made
) -> pl.DataFrame:
    """RAW_SCORES rows of the table."""
    name = published.path.name
    try:
        content = published.path.read_bytes()
    except OSError as error:
        said = f"{published.path}: cannot be read: {error.strerror}"
        raise SourceError(said, file=name) from error
    found = _header(content)
    columns = _columns(found, published)
    _require_answers(columns, found, published)
    options = {
        "reporter": published.reporter or "unstated",
        "source_url": published.page,
        "columns": columns,
        "factor": 100 if published.unit == "fraction" else 1,
    }
    file = SourceFile.model_validate(
        {
            "id": "table",
            "address": published.page,
            "reader": "table",
            "benchmarks": [benchmark_id],
            "options": options,
        }
    )
    reading = table.read(content, ReadRequest(source_id, file, name))
    _require_unit(reading.rows["score"], published)
    made.rows, made.dropped = reading.rows.height, reading.dropped
    used = set(columns.values())
    made.unused = tuple(one for one in found if one not in used)
    return reading.rows


def _header(content: bytes) -> list[str]:
    """Columns of CSV, or keys of the first row of JSON."""
    try:
        rows = json.loads(content)
    except ValueError:
        return header(content)
    is_table = isinstance(rows, list) and rows and isinstance(rows[0], dict)
    return list(rows[0]) if is_table else []


def _columns(found: list[str], published: Published) -> dict[str, str]:
    for cell, column in published.columns.items():
        if cell not in USUAL_NAMES:
            known = ", ".join(USUAL_NAMES)
            raise RequestError(
                f"no cell {quote(cell)} for --column; there are: {known}"
            )
        if found and column not in found:
            known = ", ".join(quote(one) for one in found)
            raise RequestError(
                f"{published.path.name} has no column {quote(column)}; it has: {known}"
            )
    # a column that somebody has given to a cell is not another's by its name
    left = [one for one in found if one not in published.columns.values()]
    by_name = {cell: column_of(cell, left) for cell in USUAL_NAMES}
    return {cell: column for cell, column in by_name.items() if column} | dict(
        published.columns
    )


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


def _require_answers(
    columns: Mapping[str, str], found: Sequence[str], published: Published
) -> None:
    """Ask for all that neither the table nor the person has said, at once."""
    questions = [
        f"which column has the {what}? --column {cell}=NAME"
        for cell, what in (("model_name_published", "models"), ("score", "scores"))
        if cell not in columns
    ]
    if questions:
        has = f"it has: {', '.join(map(quote, found))}" if found else "it has none"
        questions[-1] += f" ({has})"
    if published.unit is None:
        questions.append(f"in which unit are the scores? --unit {'|'.join(UNITS)}")
    if published.page is None:
        questions.append("on which page do they stand? --page https://...")
    if published.reporter is None and "reporter" not in columns:
        questions.append(
            "who published them? --reporter benchmark_authors|leaderboard|independent|"
            "developer|unstated"
        )
    if questions:
        raise RequestError(f"{published.path.name}: " + "; ".join(questions))


def _require_unit(scores: pl.Series, published: Published) -> None:
    """Refuse a unit in which the best score cannot be meant.

    Raises:
        RequestError: fractions in percent, or percent called fractions.
    """
    numbers = []
    for cell in scores.drop_nulls():
        try:
            numbers.append(Decimal(cell))
        except InvalidOperation:
            continue  # the gate names the row
    best = max((one for one in numbers if one.is_finite()), default=None)
    if best is None:
        return
    if published.unit == "percent" and best <= 1:
        raise RequestError(
            f"the best of {len(numbers)} scores would be {best}%: are they fractions? "
            "Then say --unit fraction"
        )
    if published.unit == "fraction" and best > 100:
        raise RequestError(
            f"the best score would be {best}%: no fraction is above 1; say --unit percent"
        )


def _as_csv(rows: pl.DataFrame) -> str:
    optional = [one for one in OPTIONAL_COLUMNS if rows[one].null_count() < rows.height]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [*COLUMNS, *optional]
    writer.writerows([columns, *rows.select(columns).fill_null("").iter_rows()])
    return text.getvalue()


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
