"""Run a table's suite of expectations; quarantine or stop, and name every row.

Suites are ``expectations/<table>.yaml``. Great Expectations evaluates them; what a
failure means is decided here. A critical failure takes its row out of a table
(``on_critical: quarantine_row``) or stops it (``on_critical: stop``); a critical
failure of the table as a whole, such as its row count, always stops it. Warnings
stand in the report only.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars import selectors

from trends.characters import escape_unseen, quote, why_unfit
from trends.corrections import Origin
from trends.registry import Registry
from trends.tables import QUARANTINE, Table
from trends.validation.context import add_context
from trends.validation.suites import Expectation, Outcome, Suite, SuiteError, load_suite

__all__ = [
    "COPIES",
    "SuiteError",
    "Validated",
    "ValidationError",
    "in_one_report",
    "too_many",
    "validate",
]

# as it is imported it says at INFO, in hundreds of lines, what it registers
logging.getLogger("great_expectations").setLevel(logging.WARNING)

MAX_QUARANTINED_ROWS: Final = 3
MAX_QUARANTINED_SHARE: Final = 0.05

COPIES: Final = ("score_stands_once", "observation_id_is_unique")
"""Expectations that only a copy of a row breaks. What it says stands already, so it
costs itself, however many there are, and is no sign that the source has changed."""

"""Where a row was read; tables that quarantine rows have these columns."""

EXAMPLES: Final = 5
"""Failing rows that the report and an error quote; the quarantine has all."""

NUMBERS_ARE_FINITE: Final = Expectation(
    id="numbers_are_finite",
    type="polars_is_finite",
    kwargs={},
    severity="critical",
    reason="NaN passes every comparison in Great Expectations, and neither NaN nor "
    "infinity is a figure that anybody published.",
    found="{not_finite}",
)


class ValidationError(ValueError):
    """A table cannot be used at all."""


@dataclass(frozen=True)
class Validated:
    """What a suite let through.

    Attributes:
        accepted: the frame without its quarantined rows, in the same order.
        quarantine: QUARANTINE rows, one for each row taken out; ``expectation`` is
            the first that the row broke, ``reason`` tells all of them.
        report: what was checked and found, for quality.json.
        broken: of a table that nothing is quarantined from, by position in the frame,
            which critical expectation a row broke, and what it shows.
    """

    accepted: pl.DataFrame
    quarantine: pl.DataFrame
    report: dict[str, object]
    broken: Mapping[int, str]


@dataclass(frozen=True)
class Finding:
    """What one expectation found.

    Attributes:
        expectation: the expectation.
        n_checked: rows it looked at; cells it ignores as missing do not count.
        rows: what each failing row shows, in words, by its position in the frame.
        table: what is wrong with the table as a whole, in words.
    """

    expectation: Expectation
    n_checked: int
    rows: Mapping[int, str]
    table: str | None = None

    @property
    def is_critical(self) -> bool:
        """Whether a failure is more than a warning."""
        return self.expectation.severity == "critical"

    @property
    def found(self) -> list[str]:
        """All failures in words."""
        return [*self.rows.values(), *([self.table] if self.table else [])]

    def report(self) -> dict[str, object]:
        """The line about it in quality.json."""
        return {
            "expectation": self.expectation.id,
            "type": self.expectation.type,
            "severity": self.expectation.severity,
            "reason": self.expectation.reason,
            "n_checked": self.n_checked,
            "n_failed": len(self.found),
            "found": self.found[:EXAMPLES],
        }


def in_one_report(reports: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """What was found in a table whose parts were checked one after another.

    Each part must hold what the suite asks of the table as a whole.

    Args:
        reports: of ``Validated``, of at least one part and all of one table.
    """
    first, *others = reports
    return dict(first) | {
        "n_rows": sum(one["n_rows"] for one in reports),
        "n_quarantined": sum(one["n_quarantined"] for one in reports),
        "expectations": [
            dict(of_first)
            | {
                name: sum(one[name] for one in (of_first, *of_others))
                for name in ("n_checked", "n_failed")
            }
            | {
                "found": [
                    words for one in (of_first, *of_others) for words in one["found"]
                ][:EXAMPLES]
            }
            for of_first, *of_others in zip(
                first["expectations"],
                *(one["expectations"] for one in others),
                strict=True,
            )
        ],
    }


def too_many(quarantined: int, total: int) -> bool:
    """Whether so many rows of a source failed that the rest cannot be trusted."""
    return quarantined > max(MAX_QUARANTINED_ROWS, MAX_QUARANTINED_SHARE * total)


def validate(
    frame: pl.DataFrame,
    *,
    table: Table,
    suites: Path,
    registry: Registry,
    rows_stop: bool = True,
    apart: str | None = None,
) -> Validated:
    """Check a frame against the suite of its table.

    Args:
        frame: rows of ``table``, with exactly its columns and types.
        table: the table.
        suites: folder of the suites.
        registry: what rows are compared with (days observed, projection ends).
        rows_stop: whether a row stops the table in a suite that stops; otherwise it
            is told in ``broken``.
        apart: a column; rows are compared with those only that have the same in it,
            and stand together, as if each were a frame of its own.

    Raises:
        ValidationError: the columns are not the table's, a critical expectation of
            the whole table fails, or a critical one of a row in a suite that stops.
        SuiteError: the suite cannot be run as it is written.
    """
    suite = load_suite(suites, table)
    _check_columns(frame, table)
    not_finite = _not_finite(frame)
    positions: Sequence[int] = range(frame.height)
    sound = frame
    if not_finite:
        positions = [i for i in positions if i not in not_finite]
        sound = frame[positions]
    parts = [sound] if apart is None else sound.partition_by(apart)
    rows = pl.concat(add_context(part, table, registry) for part in parts)
    findings = [
        Finding(NUMBERS_ARE_FINITE, frame.height, not_finite),
        *_findings(rows, positions, suite),
    ]
    quarantines = suite.on_critical == "quarantine_row"
    _stop_if_unusable(table, findings, rows_stop=rows_stop and not quarantines)
    broken = _broken_by_row(findings)
    quarantined = broken if quarantines else {}
    accepted = frame
    if broken:
        accepted = frame.filter(~pl.int_range(pl.len()).is_in(list(broken)))
    return Validated(
        accepted=accepted,
        quarantine=_quarantine(frame, table, quarantined),
        report={
            "table": table.name,
            "n_rows": frame.height,
            "n_quarantined": len(quarantined),
            "expectations": [finding.report() for finding in findings],
        },
        broken={}
        if quarantines
        else {
            position: "; ".join(
                f"{one.expectation.id}: {one.rows[position]}" for one in of_row
            )
            for position, of_row in broken.items()
        },
    )


def _check_columns(frame: pl.DataFrame, table: Table) -> None:
    found, expected = dict(frame.schema), dict(table.schema)
    if found == expected:
        return
    differences = [f"no column {name}" for name in expected if name not in found]
    differences += [f"unknown column {name}" for name in found if name not in expected]
    differences += [
        f"{name} is {found[name]}, not {dtype}"
        for name, dtype in expected.items()
        if name in found and found[name] != dtype
    ]
    raise ValidationError(f"{table.name}: {'; '.join(differences)}")


def _not_finite(frame: pl.DataFrame) -> dict[int, str]:
    """The cells that are NaN or infinite, in words, by position."""
    all_are = frame.select(selectors.float().is_finite().all())
    if all(all_are.row(0) if all_are.width else ()):
        return {}
    numbers = frame.select(selectors.float())
    is_wrong = numbers.select((~pl.all().is_finite()).fill_null(value=False))
    return {
        i: ", ".join(
            f"{name} is {numbers[name][i]}"
            for name in is_wrong.columns
            if is_wrong[name][i]
        )
        for i in is_wrong.select(pl.any_horizontal(pl.all())).to_series().arg_true()
    }


def _findings(
    rows: pl.DataFrame, positions: Sequence[int], suite: Suite
) -> Iterator[Finding]:
    """What each expectation of the suite finds in ``rows``, named by ``positions``."""
    from trends.validation.gate import evaluate  # noqa: PLC0415  # five seconds

    for expectation in suite.expectations:
        if unknown := expectation.columns_quoted - set(rows.columns):
            raise SuiteError(f"{expectation.id}: found quotes no column {unknown}")
    for outcome in evaluate(rows, suite.expectations):
        failing = outcome.failing_rows
        words = _words(outcome.expectation, rows[list(failing)])
        yield Finding(
            outcome.expectation,
            outcome.n_checked,
            {positions[i]: found for i, found in zip(failing, words, strict=True)},
            table=_words_about_table(outcome),
        )


def _words(expectation: Expectation, rows: pl.DataFrame) -> Iterator[str]:
    said, quoted = str(expectation.found), expectation.columns_quoted
    for row in rows.iter_rows(named=True):
        yield said.format_map({name: _text(row[name]) for name in quoted})


def _text(cell: object) -> str:
    if cell is None:
        return "empty"
    if isinstance(cell, str):
        return quote(cell) if why_unfit(cell) else cell
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _words_about_table(outcome: Outcome) -> str | None:
    if outcome.passed or outcome.failing_rows:
        return None
    return f"found {outcome.observed}, expected {outcome.expectation.kwargs}"


def _stop_if_unusable(
    table: Table, findings: list[Finding], *, rows_stop: bool
) -> None:
    problems = [
        f"{finding.expectation.id}: {'; '.join(finding.found[:EXAMPLES])}"
        f" ({len(finding.found)} of {finding.n_checked}). {finding.expectation.reason}"
        for finding in findings
        if finding.is_critical and (finding.table or (rows_stop and finding.rows))
    ]
    if problems:
        raise ValidationError("\n".join(f"{table.name}: {one}" for one in problems))


def _broken_by_row(findings: list[Finding]) -> dict[int, list[Finding]]:
    """Critical findings by the position of the row that they take out."""
    broken: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.is_critical:
            for position in finding.rows:
                broken.setdefault(position, []).append(finding)
    return broken


def _quarantine(
    frame: pl.DataFrame, table: Table, broken: Mapping[int, list[Finding]]
) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for position, findings in broken.items():
        row = frame.row(position, named=True)
        rows.append(
            {name: row[name] for name in Origin._fields}
            | {
                "table": table.name,
                "expectation": findings[0].expectation.id,
                "reason": " ".join(
                    f"{_sentence(one.rows[position])} {one.expectation.reason}"
                    for one in findings
                ),
                "row_json": _json(row),
            }
        )
    quarantine = QUARANTINE.frame(rows)
    return QUARANTINE.conform(quarantine) if rows else quarantine


def _sentence(words: str) -> str:
    return words if words.endswith("?") else f"{words}."


def _json(row: Mapping[str, object]) -> str:
    """A row as JSON, which has neither days nor NaN: both become text."""
    cells = {
        name: str(cell) if isinstance(cell, float) and not isfinite(cell) else cell
        for name, cell in row.items()
    }
    text = json.dumps(cells, ensure_ascii=False, default=str, allow_nan=False)
    return escape_unseen(text)
