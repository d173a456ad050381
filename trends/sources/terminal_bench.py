"""Terminal-Bench: leaderboards of its hub as JSON (``leaderboard-read``).

``rows`` hold ``metadata`` (agent, model and their organisations, each a text or a
label with a link) and ``metrics`` (``accuracy`` in percent, ``accuracy_stderr``, half
the width of the 95% interval). Rows that the hub hides give no score. An answer that
holds one page of several is refused, since the rest would look withdrawn.
"""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

from pydantic import Field

from trends.characters import quote
from trends.registry.models import Identifier, Text
from trends.sources import SourceError
from trends.sources.json_text import Object, lines_of, parse_json, section, text_at
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    options,
    plain,
    require_benchmarks,
)
from trends.sources.templates import fill

SHOWN: Final = "display"


class TerminalBenchOptions(Origin):
    """What sources.yaml says of the file.

    ``boards`` are by package and name, as ``terminal-bench/terminal-bench-2/2-0``;
    ``model`` and ``agent`` word the cells with fields of ``metadata``.
    """

    boards: Annotated[dict[Text, Identifier], Field(min_length=1)]
    model: Text = "{model_display}[ ({reasoning_effort})]"
    agent: Text = "{agent_display}[ ({agent_org})]"


def recognises(content: bytes) -> bool:
    """Whether the file looks like an answer of the hub."""
    keys = (b'"leaderboard"', b'"rows"', b'"metadata"', b'"metrics"')
    return all(key in content for key in keys)


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every row of the board.

    Raises:
        SourceError: not JSON, no board, a board that is not carried, or a part of one.
    """
    chosen = options(request, TerminalBenchOptions)
    require_benchmarks(request, set(chosen.boards.values()))
    answer = parse_json(content, request.name)
    benchmark_id, entries = _board(answer, request.name, chosen)
    rows = Rows(request)
    for line, entry in zip(lines_of(entries), entries, strict=True):
        metadata, metrics = section(entry, "metadata"), section(entry, "metrics")
        status = text_at(entry, "status") if isinstance(entry, Object) else None
        if (status or SHOWN) != SHOWN:
            rows.drop(line, f"not shown by the hub: status {quote(status)}", entry)
        elif text_at(metrics, "accuracy") is None:
            rows.fault(line, "metrics has no accuracy", entry)
        else:
            cells = chosen.cells | _cells(metadata, metrics, chosen)
            rows.score(line, benchmark_id, entry, **cells)
    return rows.reading()


def _board(
    answer: Any, name: str, chosen: TerminalBenchOptions
) -> tuple[str, list[Any]]:
    board = section(answer, "leaderboard")
    entries = answer.get("rows") if isinstance(answer, Object) else None
    if not board or not isinstance(entries, list):
        raise SourceError(
            f"{name}: no leaderboard with rows: the hub has changed its format",
            file=name,
        )
    found = f"{_label(board.get('package'))}/{_label(board.get('name'))}"
    if found not in chosen.boards:
        raise SourceError(
            f"{name}: leaderboard {quote(found)} is none of those that sources.yaml "
            f"expects here: {', '.join(chosen.boards)}",
            file=name,
        )
    pages = text_at(section(answer, "pagination"), "total_pages") or "1"
    if pages not in {"0", "1"}:
        raise SourceError(
            f"{name}: one page of {quote(pages)}: ask for all rows on one page, or the "
            "others would look withdrawn",
            file=name,
        )
    return chosen.boards[found], entries


def _cells(
    metadata: Object,
    metrics: Object,
    chosen: TerminalBenchOptions,
) -> dict[str, str | None]:
    def value_of(field: str) -> str | None:
        return _label(metadata.get(field))

    accuracy = plain(metrics["accuracy"])
    low, high = _interval(accuracy, text_at(metrics, "accuracy_ci95_half_width"))
    stderr = text_at(metrics, "accuracy_stderr")
    return {
        "model_name_published": fill(chosen.model, value_of),
        "developer": value_of("model_org"),
        "release_date": value_of("model_release_date") or value_of("release_date"),
        "score": accuracy,
        "standard_error": None if stderr is None else plain(stderr),
        "ci_low": low,
        "ci_high": high,
        "harness": fill(chosen.agent, value_of) or chosen.harness,
        "reported_on": value_of("date"),
    }


def _interval(accuracy: str, half_width: str | None) -> tuple[str | None, str | None]:
    """Ends of the 95% interval, where half its width is given as a number."""
    if half_width is None:
        return None, None
    try:
        middle, half = Decimal(accuracy), Decimal(plain(half_width))
    except InvalidOperation:
        return None, half_width
    if not (middle.is_finite() and half.is_finite()):
        return None, half_width
    return format(middle - half, "f"), format(middle + half, "f")


def _label(value: Any) -> str | None:
    """A display field is a text, or a label with a link."""
    if isinstance(value, Object):
        value = value.get("label")
    return value if isinstance(value, str) else None
