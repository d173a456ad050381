"""Epoch AI's long table of benchmarks behind its Capabilities Index (CSV).

A row is one model version on one benchmark, as a fraction. Epoch dates a group of
versions and not the version, so that the date is a remark here; some benchmarks are
rescaled by chance level there, and what sources.yaml names is taken as it stands.
"""

from typing import Annotated, Final

from pydantic import Field

from trends.registry.models import Entry, Identifier, Reporter, Text, Url
from trends.sources import csv_text
from trends.sources.reading import (
    Reading,
    ReadRequest,
    Rows,
    one_line,
    options,
    percent,
    require_benchmarks,
)

NEEDED: Final = ("benchmark", "model_version", "performance", "date", "source")


class Series(Entry):
    """Which benchmark a name is, and the cells that its rows share."""

    benchmark: Identifier
    reporter: Reporter
    harness: Text | None = None
    source_url: Url | None = None


class Options(Entry):
    """Series by Epoch's name.

    Attributes:
        series: what is read; other benchmarks are not looked into.
        source_url: of rows whose series has no other address.
        reporters: who reported the rows that Epoch has from a source (as the file
            names it, empty where it names none), where that is not the series' own.
    """

    series: Annotated[dict[Text, Series], Field(min_length=1)]
    source_url: Url
    reporters: Annotated[dict[str, Reporter], Field(default_factory=dict)]


def recognises(content: bytes) -> bool:
    """Whether the header names its columns."""
    return set(NEEDED[:3]) <= set(csv_text.header(content))


def read(content: bytes, request: ReadRequest) -> Reading:
    """One row a model version and benchmark.

    Raises:
        SourceError: no such file, or no score in it.
    """
    chosen = options(request, Options)
    named = {series.benchmark for series in chosen.series.values()}
    require_benchmarks(request, named)
    rows = Rows(request)
    for record in csv_text.records(content, request.name, required=NEEDED):
        cells = record.cells
        series = chosen.series.get(cells.get("benchmark", ""))
        if record.wrong:
            rows.fault(record.line, f"a row {record.wrong}", None)
        elif series is None:
            reason = "its benchmark is not named in sources.yaml"
            rows.drop(record.line, reason, {"benchmark": cells["benchmark"]})
        elif not cells["model_version"].strip():
            rows.drop(record.line, "names no model", cells)
        elif not cells["performance"].strip():
            rows.drop(record.line, "has no score", cells)
        else:
            rows.score(
                record.line,
                series.benchmark,
                cells,
                model_name_published=one_line(cells["model_version"]),
                score=percent(cells["performance"]),
                harness=series.harness,
                reporter=chosen.reporters.get(
                    cells["source"].strip(), series.reporter
                ).value,
                source_url=series.source_url or chosen.source_url,
                note=_note(cells),
            )
    return rows.reading()


def _note(cells: dict[str, str]) -> str | None:
    """Where Epoch has the score from, and its date of the group of versions."""
    source, day = one_line(cells["source"]), one_line(cells["date"])
    return "; ".join(
        [
            *([f"source: {source}"] if source else []),
            *([f"dated {day} by Epoch AI"] if day else []),
        ]
    )
