"""PostTrainBench: single_metrics_aggregated.csv of its website.

``avg`` is a fraction. ``std`` is the standard deviation over ``n`` runs, so that the
standard error of their mean is std over the root of n; of two or three runs it is
itself known to a factor of two only. A cell may say ERR: that agent has no score.
"""

import re
from collections.abc import Mapping
from math import sqrt
from typing import Annotated, Final

from pydantic import Field

from trends.registry.models import Text
from trends.sources.csv_text import header, records
from trends.sources.origin import Origin
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    only_benchmark,
    options,
    percent,
)

COLUMNS: Final = ("agent", "avg", "std", "n")
NO_SCORE: Final = frozenset({"", "ERR"})


class PostTrainBenchOptions(Origin):
    """What sources.yaml says of the file.

    ``harnesses`` lists, by the harness that the website shows for them, agents as the
    file names them.
    """

    harnesses: Annotated[dict[Text, list[Text]], Field(default_factory=dict)]


def recognises(content: bytes) -> bool:
    """Whether the header is that of the aggregated scores."""
    return set(header(content)) >= set(COLUMNS)


def read(content: bytes, request: ReadRequest) -> Reading:
    """Read every row of the file, fractions as percent.

    Raises:
        SourceError: not UTF-8, not CSV, or without a column that it had.
    """
    chosen = options(request, PostTrainBenchOptions)
    benchmark_id = only_benchmark(request)
    harness_of = {
        agent: harness
        for harness, agents in chosen.harnesses.items()
        for agent in agents
    }
    rows = Rows(request)
    for line, row, wrong in records(content, request.name, required=COLUMNS):
        if wrong:
            rows.fault(line, wrong, row)
        elif row["avg"] in NO_SCORE:
            rows.drop(line, f"avg is {row['avg'] or 'empty'}: no score", row)
        else:
            harness = harness_of.get(row["agent"], chosen.harness)
            cells = chosen.cells | {"harness": harness} | _cells(row)
            rows.score(line, benchmark_id, row, **cells)
    return rows.reading()


def _cells(row: Mapping[str, str]) -> dict[str, str | None]:
    return {
        "model_name_published": row["agent"],
        "score": percent(row["avg"]),
        "standard_error": _standard_error(row),
    }


def _standard_error(row: Mapping[str, str]) -> str | None:
    """In percent; none of a single run, nor where a cell says ERR."""
    std, n_runs = percent(row["std"]), row["n"]
    if row["std"] in NO_SCORE or not re.fullmatch(r"[0-9]{1,3}", n_runs):
        return None
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", std):
        return std
    return f"{float(std) / sqrt(int(n_runs)):.4f}" if int(n_runs) > 1 else None
