"""The line that stands for a run in a list of runs, and the note of one that failed."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from trends.airflow_plugin.notes import MAX_CHARACTERS, failure_note, with_ours
from trends.words import NOT_IN_RUN, answer_line, moved_line


def _headline(threshold_id: str, change_days: int | None) -> dict[str, Any]:
    return {
        "threshold_id": threshold_id,
        "short_title": threshold_id.title(),
        "short_label": "80%",
        "change_days": change_days,
    }


def test_the_furthest_moves_are_named_and_the_rest_counted() -> None:
    rows = [
        _headline(name, days)
        for name, days in (("a", 3), ("b", -400), ("c", 0), ("d", 41), ("e", 1))
    ]
    assert moved_line([*rows, _headline("new", None)]) == (
        "4 of 5 headline dates moved: B: 80% 400 days earlier; D: 80% 41 days later; "
        "A: 80% 3 days later, and 1 more."
    )


def test_a_line_says_that_nothing_moved_or_that_nothing_can_be_compared() -> None:
    still = [_headline("a", 0), _headline("b", 0)]
    assert moved_line(still) == "None of 2 headline dates moved."
    assert moved_line([_headline("a", None)]).startswith("No date to compare")


def test_the_answer_names_its_two_dates() -> None:
    row = {
        "default_because": "It is the only one.",
        "dependence": "independent",
        "rho": None,
        "scenario_title": "Seven bars",
        "scenario_status": "expected",
        "status_reason": "all bars have a law",
        "median_label": "2028-04 (DRAFT)",
        "interval80_label": "2027-04 to 2031-02",
        "median_date": date(2028, 4, 29),
    }
    late = {"median_label": "2029-08", "interval80_label": "2027-12 to 2033-05"}
    rows = pl.DataFrame([row | {"gap": "none"}, row | {"gap": "prior"} | late])
    assert answer_line(rows) == (
        "Seven bars: 2028-04 (80% 2027-04 to 2031-02); automated R&D after the gap: "
        "2029-08 (80% 2027-12 to 2033-05)."
    )
    assert answer_line(rows.with_columns(default_because=pl.lit(None))) == ""
    left_out = pl.lit(f"a bar is {NOT_IN_RUN}")
    assert answer_line(rows.with_columns(status_reason=left_out)) == ""


@pytest.mark.parametrize(
    ("failed", "msg", "note"),
    [
        ([("Plan", "no day")], "task_failure", "Failed in Plan: no day"),
        (
            [("A", "this"), ("B", None), ("C", "that"), ("D", None)],
            "task_failure",
            "Failed in C (3 more failed): that",
        ),
        ([("Fit", None)], "task_failure", "Failed in Fit, which left no word"),
        ([], "timed_out", "The run took longer than its DAG allows"),
        ([], "", "Marked as failed"),
    ],
)
def test_a_run_that_failed_says_why(
    failed: list[tuple[str, str | None]], msg: str, note: str
) -> None:
    assert failure_note(failed, msg).startswith(note)


def test_what_a_person_noted_stays_and_ours_is_replaced() -> None:
    first = with_ours("Asked by Ada", "Failed in Plan: x", is_theirs=True)
    assert first == "Asked by Ada\n\n---\nFailed in Plan: x"
    assert with_ours(first, "Draft", is_theirs=True) == "Asked by Ada\n\n---\nDraft"
    assert with_ours("Failed in Plan: x", "Draft", is_theirs=False) == "Draft"
    assert len(with_ours("a" * 990, "b" * 990, is_theirs=True)) == MAX_CHARACTERS
