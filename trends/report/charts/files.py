"""Charts as files: SVG and PNG, without a browser."""

import re
import textwrap
from typing import Any, Final
from xml.sax.saxutils import escape

import vl_convert

from trends.report.charts.chart import Chart, Spec
from trends.report.charts.theme import LIGHT

VEGA_LITE: Final = "6.4"
"""Version of Vega-Lite that draws, here and in a page."""
WIDTH: Final = 720
"""Pixels across a file; a page draws the same chart as wide as it is itself."""


def to_svg(chart: Chart, config: dict[str, Any] = LIGHT) -> bytes:
    """The chart as SVG with its title and words; the same chart gives the same bytes."""
    svg = vl_convert.vegalite_to_svg(titled(chart), vl_version=VEGA_LITE, config=config)
    words = f"<title>{escape(chart.title)}</title><desc>{escape(chart.alt)}</desc>"
    opened = _numbered_anew(svg).replace("<svg ", '<svg role="img" ', 1)
    return opened.replace(">", f">{words}", 1).encode()


def _numbered_anew(svg: str) -> str:
    """An SVG whose clips are numbered from 1; Vega counts on from chart to chart."""
    numbers = dict.fromkeys(_CLIP.findall(svg))
    anew = {number: str(i) for i, number in enumerate(numbers, start=1)}
    return _CLIP.sub(lambda found: anew[found[0]], svg)


_CLIP: Final = re.compile(r'(?<=id="clip)\d+(?=")|(?<=url\(#clip)\d+(?=\))')


def to_png(chart: Chart, config: dict[str, Any] = LIGHT, *, scale: float = 1) -> bytes:
    """The chart as PNG, so many pixels for each of its SVG."""
    return as_png(to_svg(chart, config), scale=scale)


def as_png(svg: bytes, *, scale: float = 1) -> bytes:
    """An SVG that ``to_svg`` made as PNG, at a third of the cost of drawing it anew."""
    return vl_convert.svg_to_png(svg.decode(), scale=scale)


def titled(chart: Chart, *, width: int = WIDTH) -> Spec:
    """The specification of a file: of one width, and with its title."""
    lines = textwrap.wrap(chart.title, width // 7)
    return chart.spec | {"width": width, "title": {"text": lines}}
