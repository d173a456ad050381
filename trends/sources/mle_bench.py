"""MLE-bench: the leaderboard in its README, both column sets (openai/mle-bench).

Scores are percent of tasks with any medal; "±" is one standard error over seeds. What
the publisher sets apart gives no score: entries of "additional" tables (they used
feedback from the test set), and those that it marks as using leaked test labels.
"""

import re
from collections.abc import Mapping
from typing import Final

from trends.characters import quote
from trends.registry.models import Text
from trends.sources import SourceError
from trends.sources.markdown_tables import MarkdownTable, find_tables
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    decode,
    only_benchmark,
    options,
)

AGENT: Final = "Agent"
MODELS: Final = "LLM(s) used"
HOURS: Final = "Running Time (hours)"
DATE: Final = "Date"
LEAKAGE: Final = "Known Leakage"
NOTES: Final = "Notes"
_NO: Final = frozenset({"", "-", "X"})


class MleBenchOptions(Origin):
    """What sources.yaml says of the table; ``score`` is the column of the series."""

    score: Text = "All (%)"


def recognises(content: bytes) -> bool:
    """Whether the file holds a table of agents with the models that they used."""
    return re.search(rb"\| *LLM\(s\) used *\|", content) is not None


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every row of every leaderboard of the README.

    Raises:
        SourceError: not UTF-8, no leaderboard, or one without a column that it had.
    """
    chosen = options(request, MleBenchOptions)
    benchmark_id = only_benchmark(request)
    found = find_tables(decode(content, request.name))
    tables = [table for table in found if MODELS in table.header] or [
        table for table in found if AGENT in table.header
    ]
    if not tables:
        raise SourceError(
            f"{request.name}: no table with a column {AGENT!r} or {MODELS!r}: the "
            "leaderboard was moved or its columns were renamed",
            file=request.name,
        )
    rows = Rows(request)
    for table in tables:
        table.require((AGENT, MODELS, chosen.score, DATE), request.name)
        for line, cells in table.rows:
            row = dict(zip(table.header, cells, strict=False))
            if wrong := table.why_misfit(cells):
                rows.fault(line, wrong, cells)
            elif reason := _why_set_apart(table, row):
                rows.drop(line, reason, row)
            elif not row[chosen.score]:
                rows.fault(line, f"{chosen.score} is empty", row)
            else:
                rows.score(line, benchmark_id, row, **_cells(row, chosen))
    return rows.reading()


def _why_set_apart(table: MarkdownTable, row: Mapping[str, str]) -> str | None:
    if table.heading and table.heading.lower().startswith("additional"):
        why = row.get(NOTES) or "no reason given"
        return f"set apart by the publisher under {quote(table.heading)}: {why}"
    if row.get(LEAKAGE, "") not in _NO:
        return "marked by the publisher as using leaked test labels"
    return None


def _cells(row: Mapping[str, str], chosen: MleBenchOptions) -> dict[str, str | None]:
    score, _, standard_error = row[chosen.score].partition("±")
    hours = row.get(HOURS)
    return chosen.cells | {
        "model_name_published": row[MODELS],
        "score": score.strip(),
        "standard_error": standard_error.strip(),
        "harness": row[AGENT] or chosen.harness,
        "reported_on": row[DATE],
        "note": f"running time {hours} hours" if hours else None,
    }
