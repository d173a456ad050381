"""Shipped figures and what publishers showed since, as one list of rows.

Every snapshot is read again with today's reader, in the order in which its content was
shown. One that cannot be read, or from which too much is gone, is not taken: what stood
before it stays in use, and the reason is told until somebody has looked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

import polars as pl

from trends.characters import quote
from trends.corrections import CorrectionError
from trends.dates import iso_day
from trends.observations import build_observations
from trends.pipeline.refresh import origin_of
from trends.registry import Registry, SourceFile
from trends.registry.looks import Seen, seen_through
from trends.snapshots import FOLDER, SHORT, Turn, held_of
from trends.sources import SourceError
from trends.sources.readers import read_file
from trends.sources.reading import Reading
from trends.validation import too_many
from trends.vintages import Merged, RescoredError, merge
from trends.workspace import Workspace

MAX_LOST: Final = 0.2
"""Share of a file's rows, or of one benchmark's in it, that may be gone at once."""

_EXCUSED: Final = (
    "model_is_registered",  # nobody has added the model yet
    "line_is_read_once",  # the publisher printed a row twice
    "score_stands_once",
    "observation_id_is_unique",
)
"""What a publisher's row may break without a doubt about all others."""

_SHOWN: Final = 5


class Refreshed(NamedTuple):
    """The figures of a source with what its publisher showed since.

    Attributes:
        rows: RAW_SCORES rows.
        looks: by benchmark, when all of its files had shown what is in use, and up to
            which day.
        files: what was read of each file that was ever asked for.
        refused: files whose content is not in use, each with the reason.
    """

    rows: pl.DataFrame
    looks: dict[str, list[list[str]]]
    files: dict[str, dict[str, object]]
    refused: dict[str, str]


def costs_itself_only() -> pl.Expr:
    """Whether a row of quarantine says nothing against the others of its source."""
    is_publishers = pl.col("source_file").str.starts_with(FOLDER)
    return is_publishers & pl.col("expectation").is_in(_EXCUSED)


class _Now(NamedTuple):
    """A content that was shown, and the rows of the content before it."""

    turn: Turn
    reading: Reading
    last: pl.DataFrame


class _RefusedError(ValueError):
    """A content that a person has to look at before it is used."""


@dataclass
class _Shown:
    """What one file has shown, as far as it is in use."""

    rows: pl.DataFrame
    seen: list[Seen] = field(default_factory=list)
    report: dict[str, object] = field(default_factory=dict)
    refused: str | None = None


def refreshed(
    source_id: str, shipped: pl.DataFrame, registry: Registry, workspace: Workspace
) -> Refreshed:
    """Shipped rows of a source, revised and added to by what is held of its files.

    Args:
        source_id: the source.
        shipped: RAW_SCORES rows of all its benchmarks.
        registry: its files, and what names are known.
        workspace: where snapshots lie.
    """
    rows = shipped
    seen: dict[str, list[Seen]] = {}
    reports: dict[str, dict[str, object]] = {}
    refused: dict[str, str] = {}
    for file in registry.sources[source_id].files:
        shown = _show(source_id, file, rows, registry, workspace)
        rows = shown.rows
        seen[file.id] = shown.seen
        if shown.report:
            reports[file.id] = shown.report
        if shown.refused is not None:
            refused[file.id] = shown.refused
    of_benchmarks = rows.partition_by("benchmark_id", maintain_order=True, as_dict=True)
    rows = pl.concat(
        of_benchmarks[(one,)] for one in registry.sources[source_id].benchmarks
    )
    return Refreshed(rows, _looks(source_id, seen, registry), reports, refused)


def _show(
    source_id: str,
    file: SourceFile,
    rows: pl.DataFrame,
    registry: Registry,
    workspace: Workspace,
) -> _Shown:
    """The rows after every content that the file has shown, one after the other."""
    origin = origin_of(source_id, registry.sources[source_id], file)
    held = held_of(origin, workspace.snapshots)
    shown = _Shown(rows)
    last = rows.filter(pl.col("benchmark_id").is_in(file.benchmarks))
    for turn in held.turns:
        try:
            content = turn.snapshot.content()
            reading = read_file(content, source_id, file, name=turn.name)
            now = _Now(turn, reading, last)
            merged = _merged(shown.rows, now, file, registry)
        except (SourceError, RescoredError, CorrectionError, _RefusedError) as error:
            words = str(error).removeprefix(f"{turn.name}: ")
            shown.refused = f"{turn.name} is not used: {words}"
            continue
        shown.rows, last, shown.refused = merged.rows, reading.rows, None
        shown.seen += [Seen(turn.day, day) for day in _newest_day(now)]
        shown.seen += [Seen(day, day) for day in turn.snapshot.days_seen]
        shown.report = _report(turn, reading, merged)
    if held.damaged:
        shown.refused = "; ".join(filter(None, [shown.refused, *held.damaged]))
    return shown


def _merged(
    rows: pl.DataFrame, now: _Now, file: SourceFile, registry: Registry
) -> Merged:
    """All rows with those of one content.

    Raises:
        RescoredError: so many scores moved that it is another board.
        CorrectionError: it shows another value where a correction expects the old.
        _RefusedError: too many rows are gone or wrong.
    """
    day = now.turn.day
    ours = pl.col("benchmark_id").is_in(file.benchmarks)
    merged = merge(rows.filter(ours), now.reading.rows, registry, retrieved_on=day)
    merged = merged._replace(rows=pl.concat([rows.filter(~ours), merged.rows]))
    _require_sound(merged.rows, now.turn, registry)
    sha256 = now.turn.snapshot.sha256
    if not any(sha256.startswith(one.sha256) for one in file.reviewed):
        lost = merge(now.last, now.reading.rows, registry, retrieved_on=day).missing
        _require_kept(now.last, lost, now.turn)
    return merged


def _require_kept(last: pl.DataFrame, missing: pl.DataFrame, turn: Turn) -> None:
    """Refuse a content that has lost more than a fifth of what the one before had."""
    counted = []
    for (benchmark_id,), rows in last.group_by("benchmark_id", maintain_order=True):
        gone = missing.filter(pl.col("benchmark_id") == benchmark_id)
        counted.append((str(benchmark_id), rows.height, gone))
    counted.append(("all benchmarks together", last.height, missing))
    for what, n_rows, gone in counted:
        if gone.height > MAX_LOST * n_rows:
            raise _RefusedError(
                f"{gone.height} of the {n_rows} rows of {what} that the content before "
                f"had are gone: {_names(gone)}. Was the board cut, renamed or closed? "
                f"Look at it; if it is right, {_accept(turn)}"
            )


def _require_sound(rows: pl.DataFrame, turn: Turn, registry: Registry) -> None:
    """Refuse a content of which more is wrong than a slip."""
    ours = pl.col("source_file").str.starts_with(turn.name)
    rejected = build_observations(rows, registry).quarantine
    wrong = rejected.filter(ours & ~costs_itself_only())
    n_rows = rows.filter(ours).height
    if too_many(wrong.height, n_rows):
        first = wrong.row(0, named=True)
        raise _RefusedError(
            f"{wrong.height} of its {n_rows} new rows are rejected, more than a slip. "
            f"First: row {first['source_row']}: {first['reason']}"
        )


def _newest_day(now: _Now) -> list[date]:
    """The last day that a row names: a content, of a copy too, is no older than it."""
    days = [
        day
        for column in ("release_date", "reported_on")
        for text in now.reading.rows[column]
        if (day := iso_day(text)) is not None and day <= now.turn.day
    ]
    return [max(days)] if days else []


def _names(rows: pl.DataFrame) -> str:
    names = (
        rows["model_name_published"].fill_null("no name").unique(maintain_order=True)
    )
    more = len(names) - _SHOWN
    listed = ", ".join(map(quote, names[:_SHOWN]))
    return f"{listed} and {more} more" if more > 0 else listed


def _accept(turn: Turn) -> str:
    return (
        f"add sha256: {turn.snapshot.sha256[:SHORT]} with the reason to reviewed of "
        "the file in sources.yaml"
    )


def _report(turn: Turn, reading: Reading, merged: Merged) -> dict[str, object]:
    """What ingest.json says of the content in use."""
    sidecar = turn.snapshot.sidecar
    return {
        "snapshot": turn.name,
        "sha256": sidecar.sha256,
        "url": sidecar.url,
        "retrieved_at": sidecar.retrieved_at.isoformat(),
        "licence": sidecar.licence,
        "rows": reading.rows.height,
        "dropped": dict(Counter(one.reason for one in reading.dropped).most_common()),
        "revised": merged.revisions.height,
        "added": merged.added.height,
        "missing": merged.missing.height,
    }


def _looks(
    source_id: str, seen: Mapping[str, Sequence[Seen]], registry: Registry
) -> dict[str, list[list[str]]]:
    """By benchmark, what was seen once every file that feeds it was looked at."""
    looks = {}
    source = registry.sources[source_id]
    for benchmark_id in source.benchmarks:
        files = [seen[one.id] for one in source.files if benchmark_id in one.benchmarks]
        known: list[list[str]] = []
        for on in sorted({one.on for file in files for one in file}):
            through = [seen_through(file, as_of=on) for file in files]
            if None not in through:
                known.append([str(on), str(min(filter(None, through)))])
        if known:
            looks[benchmark_id] = known
    return looks
