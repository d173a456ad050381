"""What a run of Airflow returned, for a terminal."""

import json
from collections.abc import Mapping
from typing import Any

from trends.cli.screens.console import (
    Column,
    Grid,
    plain_console,
    print_lines,
    print_paragraph,
)
from trends.words import change_words, indented_names


def print_answer(result: Any, note: str | None) -> None:
    """Print the headline rows that a forecast returned, and the run in a line.

    Args:
        result: what the run returned; a list of headline rows of a forecast. Anything
            else is printed only where there is no line.
        note: the run in a line.
    """
    console = plain_console()
    if isinstance(result, list) and all(map(_is_headline, result)) and result:
        grid = Grid(Column("Bar"), Column("If ever"), Column("Moved", "right"))
        for row, name in zip(result, indented_names(result), strict=True):
            grid.add(name, row["when"], _moved(row))
        print_lines(console, grid.lines(console.width))
        if note:
            console.print()
    elif result is not None and not note:
        print(json.dumps(result, indent=1))
    if note:
        print_paragraph(console, note)


def _is_headline(row: Any) -> bool:
    return isinstance(row, Mapping) and {"threshold_label", "when"} <= set(row)


def _moved(row: Mapping[str, Any]) -> str:
    return "" if row.get("change_days") is None else change_words(row) or "0"
