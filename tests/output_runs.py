"""Runs that the tests of the outputs write."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from trends.outputs import write_run
from trends.tables import (
    CONTRACT_VERSION,
    CROSSING_CDF,
    CROSSING_QUANTILES,
    CROSSING_SUMMARY,
    OBSERVATIONS,
    PUBLISHED,
    QUARANTINE,
    THRESHOLDS,
    TREND_FITS,
    Table,
)

AS_OF = date(2026, 11, 22)
RUN_ID = "0123456789ab"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLAUSIBLE = {
    "date": date(2027, 3, 31),
    "instant": datetime(2026, 11, 20, 8, 30, 0, 250000, tzinfo=UTC),
    "integer": 120000,
    "number": 120000.1,
    "boolean": False,
}


def row(table: Table, *, text: str = "text", **cells: object) -> dict[str, object]:
    """A row with a plausible value in every column, or the one given."""
    stamps = {"as_of": AS_OF, "run_id": RUN_ID, "contract_version": CONTRACT_VERSION}
    plausible = {**PLAUSIBLE, "string": text}
    filled = {
        c.name: stamps.get(c.name, c.enum[0] if c.enum else plausible[c.type])
        for c in table.columns
    }
    return filled | cells


def empty_where_allowed(table: Table, **cells: object) -> dict[str, object]:
    """A plausible row with every cell empty that may be, except those given."""
    nulls = {column.name: None for column in table.columns if column.nullable}
    return row(table) | nulls | cells


def tables_of(rows: dict[str, list[dict[str, object]]]) -> dict[str, pl.DataFrame]:
    """Every published table; those that are not named have no rows."""
    return {table.name: table.frame(rows.get(table.name, [])) for table in PUBLISHED}


def plausible_tables() -> dict[str, pl.DataFrame]:
    """One expected crossing, one that never happens, and what belongs to them."""
    rows: dict[Table, list[dict[str, object]]] = {
        CROSSING_SUMMARY: [
            row(CROSSING_SUMMARY, sort_rank=2, crossing_status="expected"),
            row(
                CROSSING_SUMMARY,
                sort_rank=1,
                crossing_status="never",
                median_label="never (62% of draws)",
                median_date=None,
                p_never=0.62,
            ),
        ],
        CROSSING_QUANTILES: [row(CROSSING_QUANTILES)],
        CROSSING_CDF: [
            row(CROSSING_CDF, by_date=date(2027, 2, 28), p_crossed=1 / 3),
            row(CROSSING_CDF, by_date=date(2027, 3, 31), p_crossed=0.5),
            row(CROSSING_CDF, by_date=date(2027, 4, 30), p_crossed=0.75),
        ],
        TREND_FITS: [row(TREND_FITS, slope_per_year=-1e-7, ceiling=None)],
        OBSERVATIONS: [row(OBSERVATIONS, model_name="=1+1")],
        THRESHOLDS: [row(THRESHOLDS)],
        QUARANTINE: [row(QUARANTINE, reason="-5 is below 0", row_json='{"a": "b,c"}')],
    }
    return tables_of({table.name: of_table for table, of_table in rows.items()})


def stamped(
    tables: dict[str, pl.DataFrame], *, as_of: date, run_id: str
) -> dict[str, pl.DataFrame]:
    """The tables as another run would have made them."""
    stamps = {"as_of": pl.lit(as_of), "run_id": pl.lit(run_id)}
    return {
        name: frame.with_columns(
            **{key: stamp for key, stamp in stamps.items() if key in frame.columns}
        )
        for name, frame in tables.items()
    }


def write(
    results: Path,
    *,
    as_of: date = AS_OF,
    run_id: str = RUN_ID,
    tables: dict[str, pl.DataFrame] | None = None,
    quality: dict[str, object] | None = None,
    internal: dict[str, object] | None = None,
    draft: bool = False,
) -> Path:
    """Write one run, of plausible tables unless others are given."""
    return write_run(
        tables or stamped(plausible_tables(), as_of=as_of, run_id=run_id),
        as_of=as_of,
        run_id=run_id,
        results=results,
        quality=quality or {"observations": {"checked": 12}},
        provenance={"seed": 7},
        readme_headline="| threshold | median |\n|---|---|\n| Work-month | 2027-03 |",
        run_facts={"finished_at": "2026-11-22T12:00:00Z"},
        internal=internal or {},
        draft=draft,
    )


def amend(run: Path, name: str, content: bytes) -> None:
    """Replace a file of a run, and its hash in the manifest, as a forger would."""
    (run / name).write_bytes(content)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"][name] |= {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }
    (run / "manifest.json").write_text(json.dumps(manifest))
