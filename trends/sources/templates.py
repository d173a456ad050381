"""Cells made of several fields of a published row, as sources.yaml words them.

``{agent} ({organisation})`` names fields; what stands in square brackets is left out
where one of its fields is empty: ``{model}[ ({effort})]``.
"""

import re
from collections.abc import Callable
from typing import Final

from trends.sources.reading import one_line

_FIELD: Final = re.compile(r"\{([^{}]+)\}")
_OPTIONAL: Final = re.compile(r"\[([^\[\]]*)\]")


def fields_of(template: str) -> list[str]:
    """Names of the fields that a template asks for."""
    return _FIELD.findall(template)


def fill(template: str, value_of: Callable[[str], str | None]) -> str | None:
    """The cell, on one line; None where nothing is left of it."""

    def keep(optional: re.Match[str]) -> str:
        inner = optional[1]
        return inner if all(map(value_of, fields_of(inner))) else ""

    wanted = _OPTIONAL.sub(keep, template)
    return one_line(_FIELD.sub(lambda field: value_of(field[1]) or "", wanted)) or None
