"""What one published file gives, before anything of it is carried."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from trends.characters import nearest
from trends.corrections import PUBLISHED_CELLS, correct_cells
from trends.names import Spellings
from trends.pipeline.errors import RequestError
from trends.published_scores import UnusableRowError, parse
from trends.registry import Registry, load_registry
from trends.registry.problems import found
from trends.sources import SourceError
from trends.sources.readers import read_unnamed
from trends.sources.reading import MAX_BYTES, Dropped
from trends.workspace import Workspace

MAX_NAMES_GUESSED: Final = 200
"""Unknown names for which the nearest known one is looked for."""

_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class UnknownName(NamedTuple):
    """A name that the registry does not have.

    Attributes:
        name: as published.
        rows: rows of the file that have it.
        nearest: the registered name or spelling that is most like it, if any is.
    """

    name: str
    rows: tuple[int, ...]
    nearest: str | None


class Rejected(NamedTuple):
    """A row that gives a score which no run could take, and why."""

    row: int
    benchmark_id: str
    expectation: str
    reason: str


class BenchmarkRows(NamedTuple):
    """What the file gives of one benchmark; days as they are in it, or None."""

    benchmark_id: str
    n_rows: int
    first_release: str | None
    last_release: str | None
    first_report: str | None
    last_report: str | None


@dataclass(frozen=True)
class FileReport:
    """What became of each row of a file.

    Attributes:
        source_id: publisher, as in sources.yaml.
        file: name of the file.
        format: name of the reader that recognised it.
        benchmarks: what was read, by benchmark.
        dropped: rows that give no score.
        unknown: names of rows that were read, as they stand in the file.
        rejected: rows that were read and that no run could take, but for their name.
    """

    source_id: str
    file: str
    format: str
    benchmarks: tuple[BenchmarkRows, ...]
    dropped: tuple[Dropped, ...]
    unknown: tuple[UnknownName, ...]
    rejected: tuple[Rejected, ...]

    @property
    def n_read(self) -> int:
        """Rows that give a score."""
        return sum(one.n_rows for one in self.benchmarks)

    @property
    def dropped_by_reason(self) -> dict[str, int]:
        """How many rows were dropped, the most frequent reason first."""
        counts: dict[str, int] = defaultdict(int)
        for one in self.dropped:
            counts[one.reason] += 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))


def read_published(source_id: str, path: Path, workspace: Workspace) -> FileReport:
    """Read a file of a publisher as a refresh would, and carry nothing.

    Args:
        source_id: publisher, as in sources.yaml.
        path: the file; its format is found from its content.
        workspace: the checkout, for its registry.

    Raises:
        RequestError: there is no such source or file.
        SourceError: the file is not one of that source, or cannot be trusted.
        RegistryError: the registry is not valid.
    """
    registry = load_registry(workspace.registry)
    if source_id not in registry.sources:
        raise RequestError(found("no such source", source_id, registry.sources))
    content = _content(path)
    format_name, reading = read_unnamed(
        content,
        source_id,
        registry.sources[source_id],
        name=path.name,
        sources=registry.sources,
    )
    rows = reading.rows.to_dicts()
    unknown, rejected = _tried(rows, registry)
    return FileReport(
        source_id=source_id,
        file=path.name,
        format=format_name,
        benchmarks=tuple(_by_benchmark(rows)),
        dropped=reading.dropped,
        unknown=tuple(_nearest(unknown, registry)),
        rejected=tuple(rejected),
    )


def _content(path: Path) -> bytes:
    if not path.is_file():
        is_there = "is no file that can be read" if path.exists() else "no such file"
        raise RequestError(f"{path}: {is_there}")
    with path.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SourceError(
            f"{path.name}: has more than {MAX_BYTES:,} bytes, the most that are read",
            file=path.name,
        )
    return content


def _tried(
    rows: list[dict[str, Any]], registry: Registry
) -> tuple[Mapping[str, list[int]], list[Rejected]]:
    """Rows by unknown name, and rows that cannot be read as scores."""
    unknown = defaultdict[str, list[int]](list)
    rejected = []
    for row in rows:
        line, benchmark_id = row["source_row"], row["benchmark_id"]
        published = {name: row[name] for name in PUBLISHED_CELLS}
        try:
            score = parse(correct_cells(benchmark_id, published, registry.corrections))
        except UnusableRowError as error:
            rejected.append(
                Rejected(line, benchmark_id, error.expectation, error.reason)
            )
        else:
            if score.model_name_published not in registry.spellings:
                unknown[score.model_name_published].append(line)
    return unknown, rejected


def _nearest(
    unknown: Mapping[str, list[int]], registry: Registry
) -> Iterator[UnknownName]:
    """The model that a rule of spelling gives, or else the name that looks like it."""
    rules = Spellings(registry)
    known = {name.lower(): name for name in registry.spellings}
    for i, (name, rows) in enumerate(sorted(unknown.items())):
        near = None
        if i < MAX_NAMES_GUESSED:
            by_rule = rules.matches(name)
            if len(by_rule) == 1:
                near = registry.models[by_rule[0].model].name
            elif alike := nearest(name.lower(), known):
                near = known[alike[0]]
        yield UnknownName(name, tuple(rows), near)


def _by_benchmark(rows: list[dict[str, Any]]) -> Iterator[BenchmarkRows]:
    of_benchmark = defaultdict[str, list[dict[str, Any]]](list)
    for row in rows:
        of_benchmark[row["benchmark_id"]].append(row)
    for benchmark_id, own in of_benchmark.items():
        released, reported = _days(own, "release_date"), _days(own, "reported_on")
        yield BenchmarkRows(
            benchmark_id,
            len(own),
            min(released, default=None),
            max(released, default=None),
            min(reported, default=None),
            max(reported, default=None),
        )


def _days(rows: list[dict[str, Any]], column: str) -> list[str]:
    return [row[column] for row in rows if _ISO_DAY.fullmatch(row[column] or "")]
