"""Templates of pages, the same rules for all: what is said is escaped and is there."""

import json
import re
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

_TAG_OR_DATE: Final = re.compile(
    r"<[^>]*>|(?<!\d)(\d{4}-(?:0[1-9]|1[0-2])(?:-[0-3]\d)?)(?![\d-])"
)


@cache
def templates(package: str) -> Environment:
    """Those in the folder ``templates`` of a package.

    They escape what they are given, but for ``data``, JSON to be marked safe in a
    script element, and refuse a name that they are not given. ``dates`` filters a
    part without script or style.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"data": _data, "dates": _dates}
    return environment


def _data(value: object) -> str:
    """JSON that may stand in a script element: no tag can begin in it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c")


def _dates(html: str) -> str:
    """With each date of the text an element of its own, which no line breaks within.

    Args:
        html: escaped, so that tags alone have angle brackets.
    """
    return _TAG_OR_DATE.sub(
        lambda found: f"<time>{found[1]}</time>" if found[1] else found[0], html
    )
