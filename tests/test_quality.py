"""Warnings of the suites are counted, and quality.json says the main things first."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from trends.outputs.formats import render_json
from trends.pipeline import PublishedRun
from trends.pipeline.quality import count_warnings, summarise, warning_line


def report(**found: tuple[str, int]) -> Mapping[str, Any]:
    """What a suite reports: severity and failures by expectation."""
    return {
        "n_rows": 10,
        "expectations": [
            {"expectation": name, "severity": severity, "n_failed": n}
            for name, (severity, n) in found.items()
        ],
    }


def test_only_broken_warnings_count_and_the_most_come_first() -> None:
    found = count_warnings(
        [
            report(a=("warning", 2), b=("critical", 5), c=("warning", 0)),
            report(a=("warning", 1), d=("warning", 7)),
        ]
    )
    assert list(found.items()) == [("d", 7), ("a", 3)]


@pytest.mark.parametrize(
    ("warnings", "line"),
    [
        ({}, "no warnings"),
        ({"a": 1}, "1 warning (a: 1); see quality.json"),
        ({"d": 7, "a": 3}, "10 warnings (d: 7; a: 3); see quality.json"),
    ],
)
def test_the_line_counts_all_and_each(warnings: dict[str, int], line: str) -> None:
    assert warning_line(warnings, read_more="quality.json") == line


def test_the_summary_counts_sources_and_tables() -> None:
    sources: dict[str, dict[str, Any]] = {
        "one": {"rows": 8, "checks": {"observations": report(a=("warning", 2))}},
        "two": {"rows": 0, "checks": {}},
    }
    tables = {
        # some of the same rows, which count where they were read
        "observations": {**report(a=("warning", 2)), "n_rows": 6},
        "quarantine": {**report(b=("warning", 1)), "n_rows": 3},
    }
    found = summarise(
        sources,
        tables,
        stopped={"two": "it is gone"},
        left_out={"quiz": "it jumps (quiz.csv:3)"},
        waiting=["x"],
    )
    assert found == {
        "rows_accepted": 8,
        "rows_known_as_of": 6,
        "rows_quarantined": 3,
        "better_scores_in_quarantine": ["x"],
        "sources_read": 1,
        "sources_stopped": {"two": "it is gone"},
        "series_left_out": {"quiz": "it jumps (quiz.csv:3)"},
        "warnings": 3,
        "warnings_by_expectation": {"a": 2, "b": 1},
    }


def test_one_key_may_open_a_file_whose_keys_are_sorted() -> None:
    value = {"a": {"d": 1, "c": 0.1}, "summary": {"z": None, "b": "\u00e9"}}
    text = render_json("x.json", value, first="summary").decode()
    assert json.loads(text) == value
    order = [text.index(f'"{key}"') for key in ("summary", "b", "z", "a", "c", "d")]
    assert order == sorted(order)
    assert render_json("x.json", {"b": 1, "a": 2}, first="summary") == render_json(
        "x.json", {"a": 2, "b": 1}
    )


def test_the_shipped_runs_quality_begins_with_a_summary(
    shipped_run: PublishedRun,
) -> None:
    text = (shipped_run.path / "quality.json").read_text(encoding="utf-8")
    assert text.startswith('{\n  "summary": {')
    quality = json.loads(text)
    summary = quality["summary"]
    assert summary["rows_accepted"] == quality["tables"]["observations"]["n_rows"]
    assert summary["better_scores_in_quarantine"] == []
    assert summary["warnings_by_expectation"] == shipped_run.warnings
    assert summary["warnings"] == sum(shipped_run.warnings.values()) > 0
