"""Charts as files: SVG and PNG, without a browser."""

import textwrap
from typing import Any, Final

import vl_convert

from trends.report.charts.chart import Chart, Spec
from trends.report.charts.theme import LIGHT

VEGA_LITE: Final = "6.4"
"""Version of Vega-Lite that draws, here and in a page."""
WIDTH: Final = 720
"""Pixels across a file; a page draws the same chart as wide as it is itself."""


def to_svg(chart: Chart, config: dict[str, Any] = LIGHT) -> bytes:
    """The chart as SVG with its title; the same chart gives the same bytes."""
    return vl_convert.vegalite_to_svg(
        titled(chart), vl_version=VEGA_LITE, config=config
    ).encode()


def to_png(chart: Chart, config: dict[str, Any] = LIGHT, *, scale: float = 1) -> bytes:
    """The chart as PNG, so many pixels for each of its SVG."""
    return png_of(to_svg(chart, config), scale=scale)


def png_of(svg: bytes, *, scale: float = 1) -> bytes:
    """An SVG that ``to_svg`` made as PNG, at a third of the cost of drawing it anew."""
    return vl_convert.svg_to_png(svg.decode(), scale=scale)


def titled(chart: Chart, *, width: int = WIDTH) -> Spec:
    """The specification of a file: of one width, and with its title."""
    lines = textwrap.wrap(chart.title, width // 7)
    return chart.spec | {"width": width, "title": {"text": lines}}
