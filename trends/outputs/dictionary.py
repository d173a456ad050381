"""The data dictionary and the contract's schema, rendered from ``trends.tables``.

python -m trends.outputs.dictionary > docs/data_dictionary.md
python -m trends.outputs.dictionary --contract > tests/golden/contract_<version>.json
"""

import sys
from typing import Final

from pydantic import JsonValue

from trends.outputs.descriptions import CONVENTIONS
from trends.outputs.formats import file_names, render_json
from trends.tables import (
    CARRIED,
    CONTRACT_VERSION,
    CROSSING_CDF,
    PUBLISHED,
    Column,
    Table,
)

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
- `as_of`, `run_id` and `contract_version` are the same in every row of a run, so that
  rows of several runs can stand in one table.

## Files of contract 1.0 and 1.1

No column was renamed or retyped. What a reader of 2.0 finds otherwise in older files:

| 1.0 and 1.1 | 2.0 |
|---|---|
| no `headline` | rows of `crossing_summary` where `is_headline`; group by `domain` in `thresholds`, `superseded_by` last (1.0 has none) |
| no `history`, `history_bars`, `track_record`, `changes` | nothing in their place; the ledger has forecasts of record |
| `median_label` "2027-03" where `contested` is true | "2027-03 (contested)" |
| `interval80_label` "2027-01 to 2030" where `coverage80_backtest` is 0.64 | "2027-01 to 2030 (held 64%)" |
| labels hold a date whatever such intervals held | where `withheld` is not empty they say so, and the dates of the row stay |
| labels of a draft look like those of a publication | they end in "(DRAFT)" |
| `hi80_calibrated_date`, empty in every row | gone |
| `lo80_calibrated_date` (1.0 and 1.1), `contradicted_by`, `uncertainty_dropped`, `evidence_since`, `superseded_by`, `pool_influence_days`, `pool_influence_family`, `quarantined_score`, `quarantined_rows` (from 1.1) | the same |
| no `series_ended`, `short_title`, `short_label`, `withheld`, `coverage80_at_most`, `p_above_ceiling`, `p_progress_stops`, `view_of`, `median_if_ceiling_lower`, `median_if_ceiling_higher`, `p_never_if_ceiling_lower`, `p_never_if_ceiling_higher`, `median_if_ever`, `if_ever_label`, `median_if_ever_if_ceiling_lower`, `median_if_ever_if_ceiling_higher`, `pool_influence_if_ever_days`, `change_p_never`, `pool_influence_if_ever_family`, `pool_influence_p_never`; no `if_ever`, `median_if_ever` in `headline`; no `default_because` in `automation`; no `outcome_state`, `resolves`, `brief_who`, `brief_what` in `reference_forecasts`; no `scoring_rule`, `revised_on`, `entry_id` in `observations` | last columns |
| `trend` and `forecaster` without `records`; `link` without `gompertz`; `score_unit` without `x_2025_mean`, `ratio`; `moved_by` without `company`; `entrant_kind` and `release_date_basis` without `period`; `known_on_basis` without `retrieved_on`; `fit_exclusion` without `below_range`, `scoring_rule`, `no_logarithm` | these values too |
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
    quarterly = " The CSV has quarter ends only." if table == CROSSING_CDF else ""
    return "\n".join(
        [
            f"## {table.name}",
            "",
            table.meaning,
            "",
            f"Files: {files}.{quarterly} Key: {', '.join(f'`{name}`' for name in table.key)}.",
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
        sys.stdout.write(render_json("contract", contract()).decode())
    else:
        sys.stdout.write(data_dictionary())
