"""Templates of pages, the same rules for all: what is said is escaped and is there."""

import json
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def templates(package: str) -> Environment:
    """Those in the folder ``templates`` of a package.

    They escape what they are given, but for ``data``, JSON to be marked safe in a
    script element, and refuse a name that they are not given.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["data"] = _data
    return environment


def _data(value: object) -> str:
    """JSON that may stand in a script element: no tag can begin in it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c")
