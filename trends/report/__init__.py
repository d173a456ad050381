"""The report of a run: its published tables as a page and charts for people."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from trends.report.charts import Chart, as_png, to_svg
from trends.report.document import page
from trends.report.drawn import Drawn, draw
from trends.report.selection import MOST, in_order, only
from trends.tables.slices import Frame, held

__all__ = ["MOST_BYTES", "REPORT", "chart_files", "page_and_charts", "render"]

REPORT = "report.html"
"""Name of the page in a run."""

MOST_BYTES: Final = 3_000_000
"""Size of the page; where more benchmarks would make it larger, it shows fewer."""


def render(tables: Mapping[str, Frame], *, draft: bool) -> dict[str, bytes]:
    """The report of a run: the page, and as files the charts that speak of all.

    The charts of single benchmarks and scenarios are drawn by the page, and as files
    when they are asked for: ``chart_files``.

    Args:
        tables: published tables by name. Those that an older version did not publish
            may be missing: what they would show is left out.
        draft: whether the page says that it is one.

    Returns:
        Content by name below the run's folder; the same tables give the same bytes.
    """
    html, drawn = page_and_charts(tables, draft=draft)
    files = chart_files(drawn.of_all())
    return {REPORT: html} | {f"charts/{name}": content for name, content in files}


def page_and_charts(
    tables: Mapping[str, Frame], *, draft: bool, most_bytes: int = MOST_BYTES
) -> tuple[bytes, Drawn]:
    """The page, and the charts on it, of as many benchmarks as find room.

    Args:
        tables: as ``render`` takes them.
        draft: whether the page says that it is one.
        most_bytes: size of the page, if one benchmark is not larger already.
    """
    every = held(tables)
    chosen = in_order(every)[:MOST]
    drawn: Drawn | None = None
    while True:
        shown = only(tables, chosen)
        drawn = draw(shown, drawn)
        html = page(every, shown, drawn, draft=draft)
        if len(html) <= most_bytes or len(chosen) <= 1:
            return html, drawn
        chosen = chosen[: len(chosen) * most_bytes // len(html)]


def chart_files(charts: Iterable[Chart]) -> Iterator[tuple[str, bytes]]:
    """Each chart as Vega-Lite, SVG and PNG: name and content, as they are drawn."""
    for chart in charts:
        svg = to_svg(chart)
        yield f"{chart.name}.vl.json", _specification(chart)
        yield f"{chart.name}.svg", svg
        yield f"{chart.name}.png", as_png(svg)


def _specification(chart: Chart) -> bytes:
    text = json.dumps(chart.spec, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()
