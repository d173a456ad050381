"""The report of a run: its published tables as a page and charts for people."""

import json
from collections.abc import Mapping

import polars as pl

from trends.report.charts import Chart, as_png, to_svg
from trends.report.document import page
from trends.report.drawn import Drawn, draw

__all__ = ["REPORT", "render"]

REPORT = "report.html"
"""Name of the page in a run."""


def render(tables: Mapping[str, pl.DataFrame], *, draft: bool) -> dict[str, bytes]:
    """The report of a run: the page, and every chart of it as files.

    Args:
        tables: published tables by name. Those that an older version did not publish
            may be missing: what they would show is left out.
        draft: whether the page says that it is one.

    Returns:
        Content by name below the run's folder; the same tables give the same bytes.
    """
    drawn = draw(tables)
    return {REPORT: page(tables, drawn, draft=draft)} | _files(drawn)


def _files(drawn: Drawn) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for chart in drawn.every():
        svg = to_svg(chart)
        files |= {
            f"charts/{chart.name}.vl.json": _specification(chart),
            f"charts/{chart.name}.svg": svg,
            f"charts/{chart.name}.png": as_png(svg),
        }
    return files


def _specification(chart: Chart) -> bytes:
    text = json.dumps(chart.spec, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()
