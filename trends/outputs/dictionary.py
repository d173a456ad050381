"""The data dictionary and the contract's schema, rendered from ``trends.tables``.

python -m trends.outputs.dictionary > docs/data_dictionary.md
python -m trends.outputs.dictionary --contract > tests/golden/contract_<version>.json
"""

import sys
from typing import Final

from pydantic import JsonValue

from trends.outputs.descriptions import CONVENTIONS
from trends.outputs.formats import file_names, render_json
from trends.tables import CARRIED, CONTRACT_VERSION, PUBLISHED, Column, Table

_TYPES: Final = {
    "string": "text",
    "date": "date",
    "instant": "UTC instant",
    "integer": "whole number",
    "number": "number",
    "boolean": "true/false",
}

_HEAD: Final = f"""\
# Data dictionary

Output contract {CONTRACT_VERSION}. Generated from `trends/tables/` by
`python -m trends.outputs.dictionary > docs/data_dictionary.md`; do not edit.

Removing, renaming or retyping a column, or a new value in an enumeration, is a new
major version; a new last column or a new table is a new minor version. Read columns by
name.

## Conventions

{CONVENTIONS}
- Unit `score_unit` means that the column of that name, or else the series' benchmark,
  says which unit it is.
"""


def data_dictionary() -> str:
    """Markdown: every published or carried table with all its columns."""
    return "\n".join([_HEAD, *(_section(table) for table in (*PUBLISHED, *CARRIED))])


def contract() -> dict[str, JsonValue]:
    """What a reader's program may rely on, one line a column."""
    return {
        "contract_version": CONTRACT_VERSION,
        "tables": {
            table.name: {
                "files": [*file_names(table)],
                "key": [*table.key],
                "columns": [_promise(column) for column in table.columns],
            }
            for table in (*PUBLISHED, *CARRIED)
        },
    }


def _promise(column: Column) -> str:
    words = [column.type]
    if column.unit:
        words.append(f"unit {column.unit}")
    if not column.nullable:
        words.append("never empty")
    if column.enum:
        words.append(f"one of {' '.join(column.enum)}")
    return f"{column.name}: {', '.join(words)}"


def _section(table: Table) -> str:
    files = ", ".join(f"`{name}`" for name in file_names(table))
    return "\n".join(
        [
            f"## {table.name}",
            "",
            table.meaning,
            "",
            f"Files: {files}. Key: {', '.join(f'`{name}`' for name in table.key)}.",
            "",
            "| column | type | unit | may be empty | meaning |",
            "|---|---|---|---|---|",
            *(_row(column) for column in table.columns),
            "",
        ]
    )


def _row(column: Column) -> str:
    meaning = column.meaning
    if column.enum:
        meaning += f" One of {', '.join(f'`{value}`' for value in column.enum)}."
    cells = (
        f"`{column.name}`",
        _TYPES[column.type],
        column.unit or "",
        "yes" if column.nullable else "no",
        meaning.replace("|", "\\|"),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    if sys.argv[1:] == ["--contract"]:
        sys.stdout.write(render_json("contract", contract()).content.decode())
    else:
        sys.stdout.write(data_dictionary())
