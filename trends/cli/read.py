"""Files of publishers, looked at before anything of them is carried."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trends.cli.shared import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trends.pipeline.published_file import FileReport

MAX_SHOWN = 20
"""Names, and rejected rows, that are printed for people; JSON has all."""


def read(
    source: Annotated[
        str, typer.Argument(help="The publisher, as in sources.yaml.", metavar="SOURCE")
    ],
    file: Annotated[Path, typer.Argument(help="The file.", metavar="FILE")],
    *,
    as_json: Json = False,
) -> None:
    """Show what a publisher's file gives: rows read, rows dropped, unknown names."""
    from trends.pipeline.published_file import read_published
    from trends.workspace import Workspace

    report = read_published(source, file, Workspace.find())
    if as_json:
        print(json.dumps(_as_json(report), indent=1))
    else:
        print("\n".join(_lines(report)))


def _lines(report: "FileReport") -> "Iterator[str]":
    from trends.characters import quote

    n_rows = report.n_read + len(report.dropped)
    yield f"{report.file}: format {report.format}, {n_rows} rows"
    yield f"{report.n_read:6} read"
    for one in report.benchmarks:
        days = [
            f"{what} {first} to {last}"
            for what, first, last in (
                ("released", one.first_release, one.last_release),
                ("reported", one.first_report, one.last_report),
            )
            if first
        ]
        yield ", ".join([f"{one.n_rows:8} {one.benchmark_id}", *days])
    yield f"{len(report.dropped):6} dropped"
    for reason, n in report.dropped_by_reason.items():
        yield f"{n:8} {reason}"
    yield f"{len(report.unknown):6} unknown names"
    for name in report.unknown[:MAX_SHOWN]:
        near = f"nearest: {quote(name.nearest)}" if name.nearest else "none is near"
        yield f"         {quote(name.name)} ({_places(name.rows)}): {near}"
    yield from _more(len(report.unknown))
    if report.rejected:
        yield f"{len(report.rejected):6} rows read that a run would reject"
        for row in report.rejected[:MAX_SHOWN]:
            yield f"         row {row.row}: {row.reason}"
        yield from _more(len(report.rejected))
    if report.unknown:
        yield (
            "\nA run rejects rows of unknown names: add a spelling to "
            "model_aliases.yaml, or a new model to models.yaml."
        )


def _places(rows: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, rows[:3]))
    more = ", ..." if len(rows) > 3 else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}{more}"


def _more(n: int) -> "Iterator[str]":
    if n > MAX_SHOWN:
        yield f"         and {n - MAX_SHOWN} more: --json names them"


def _as_json(report: "FileReport") -> dict[str, object]:
    return {
        "source": report.source_id,
        "file": report.file,
        "format": report.format,
        "rows": report.n_read + len(report.dropped),
        "read": report.n_read,
        "dropped": len(report.dropped),
        "benchmarks": [one._asdict() for one in report.benchmarks],
        "dropped_by_reason": report.dropped_by_reason,
        "dropped_rows": [one._asdict() for one in report.dropped],
        "unknown_names": [one._asdict() for one in report.unknown],
        "rejected_rows": [one._asdict() for one in report.rejected],
    }
