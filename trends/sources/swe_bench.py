"""The SWE-bench leaderboards: one JSON file, a board a benchmark, a submission an entry.

Two generations of the file differ in the order and in the details of their fields; what
is read stands in both. Models stand in tags ("Model: X"): several, one, or none, and
then the submission's own name stands for them. Runs in mini-SWE-agent are listed under
their own board and again under Verified; their harness is the agent and its version.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from trends.characters import quote
from trends.registry.models import Identifier, Text
from trends.sources import SourceError
from trends.sources.json_text import Numeral, Object, lines_of, parse_json
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    one_line,
    options,
    require_benchmarks,
)

_ADDRESS: Final = re.compile(r"https?://[^\s()]+")


class Options(Origin):
    """Which board is which benchmark; ``source_url`` is for entries without address.

    ``reporter`` is that of entries which the board checked; others report themselves.
    """

    boards: dict[Text, Identifier]


def recognises(content: bytes) -> bool:
    """Whether it is an object of leaderboards."""
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and b'"leaderboards"' in start


def read(content: bytes, request: ReadRequest) -> Reading:
    """One row a submission and board.

    Raises:
        SourceError: no such file, a board is missing, or no score in it.
    """
    chosen = options(request, Options)
    require_benchmarks(request, set(chosen.boards.values()))
    entries = list(_entries(parse_json(content, request.name), request.name))
    boards = {board for board, _ in entries}
    if missing := [board for board in chosen.boards if board not in boards]:
        raise SourceError(
            f"{request.name}: has no board {missing[0]!r}; there are "
            f"{', '.join(map(quote, sorted(boards)))}: was it renamed?",
            file=request.name,
        )
    rows = Rows(request)
    for (board, entry), line in zip(
        entries, lines_of([entry for _, entry in entries]), strict=True
    ):
        if board in chosen.boards:
            _read_entry(rows, line, chosen.boards[board], entry, chosen)
        else:
            reason = "its board is not named in sources.yaml"
            rows.drop(line, reason, {"board": board})
    return rows.reading()


def _entries(document: Any, name: str) -> Iterator[tuple[str, Any]]:
    boards = document.get("leaderboards") if isinstance(document, Object) else None
    if not isinstance(boards, list):
        raise SourceError(f"{name}:1: has no list 'leaderboards'", file=name)
    for board in boards:
        title = board.get("name") if isinstance(board, Object) else None
        results = board.get("results") if isinstance(board, Object) else None
        if not isinstance(title, str) or not isinstance(results, list):
            line = board.line if isinstance(board, Object) else 1
            raise SourceError(
                f"{name}:{line}: a board has no field 'name' or no list 'results'",
                file=name,
                line=line,
            )
        for entry in results:
            yield title, entry


def _read_entry(
    rows: Rows, line: int, benchmark_id: str, entry: Any, chosen: Options
) -> None:
    published = _without_details(entry)
    if not isinstance(entry, Object):
        rows.fault(line, "a submission is not an object", published)
        return
    for field, kind in (("name", str), ("resolved", Numeral), ("date", str)):
        if not isinstance(entry.get(field), kind):
            rows.fault(line, f"a submission has no field {field!r}", published)
            return
    if not isinstance(entry.get("tags", []), list):
        rows.fault(line, "field 'tags' of a submission is not a list", published)
        return
    rows.score(
        line,
        benchmark_id,
        published,
        model_name_published=_models(entry) or one_line(entry["name"]),
        score=entry["resolved"],
        harness=_harness(entry),
        reported_on=entry["date"],
        reporter=chosen.reporter.value if entry.get("checked") is True else "developer",
        source_url=_address(entry.get("site")) or chosen.source_url,
        note=_text(entry.get("warning")),
    )


def _models(entry: Object) -> str:
    """Names in tags, all of them, as the board shows a system of several."""
    tags = [tag for tag in entry.get("tags", []) if isinstance(tag, str)]
    names = [tag.partition(":")[2].strip() for tag in tags if tag.startswith("Model:")]
    return " + ".join(name for name in names if name)


def _harness(entry: Object) -> str | None:
    version = _text(entry.get("mini-swe-agent_version"))
    return f"mini-SWE-agent {version}" if version else one_line(entry["name"])


def _address(site: Any) -> str | None:
    """The first address of a site cell, which may be text, a list or empty."""
    if isinstance(site, list):
        return next(filter(None, map(_address, site)), None)
    found = _ADDRESS.search(site) if isinstance(site, str) else None
    return found.group() if found else None


def _text(value: Any) -> str | None:
    return one_line(value) if isinstance(value, str) else None


def _without_details(entry: Any) -> Any:
    """An entry without what it says of single items, which are thousands of words."""
    if not isinstance(entry, Object):
        return entry
    return {key: value for key, value in entry.items() if not isinstance(value, dict)}
