"""Aider's polyglot leaderboard: one YAML list, a run an entry.

The headline is ``pass_rate_2``, the percentage solved in two tries. The harness names
aider's version and the edit format, which change from run to run.
"""

from typing import Any, Final

from trends.sources import SourceError
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    only_benchmark,
    options,
)
from trends.sources.yaml_text import Mapping, Scalar, parse_yaml

NEEDED: Final = ("model", "pass_rate_2", "date", "versions", "edit_format")


def recognises(content: bytes) -> bool:
    """Whether it has the fields of aider's runs, as YAML has them."""
    return b"pass_rate_2:" in content and b"edit_format:" in content


def read(content: bytes, request: ReadRequest) -> Reading:
    """One row a run, found at the line on which it begins.

    Raises:
        SourceError: no such file, or no score in it.
    """
    origin = options(request, Origin)
    benchmark_id = only_benchmark(request)
    entries = parse_yaml(content, request.name)
    if not isinstance(entries, list):
        raise SourceError(
            f"{request.name}:1: is not a list of runs: aider has changed the format",
            file=request.name,
        )
    rows = Rows(request)
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping):
            rows.fault(_line(entry), f"run {number} is not a mapping", entry)
            continue
        missing = [one for one in NEEDED if not isinstance(entry.get(one), str)]
        if missing:
            rows.fault(entry.line, f"run {number} has no field {missing[0]!r}", entry)
            continue
        rows.score(
            entry.line,
            benchmark_id,
            entry,
            model_name_published=entry["model"],
            score=entry["pass_rate_2"],
            harness=f"aider {entry['versions']} ({entry['edit_format']})",
            reported_on=entry["date"],
            **origin.cells,
        )
    return rows.reading()


def _line(entry: Any) -> int:
    return entry.line if isinstance(entry, Scalar) else 1
