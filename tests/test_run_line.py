"""The line that stands for a run in a list of runs, and the note of one that failed."""

import json
import logging
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from trends.airflow_plugin.dag_runs import Seen
from trends.airflow_plugin.deadlines import tell
from trends.airflow_plugin.notes import MAX_CHARACTERS, failure_note, with_ours
from trends.airflow_plugin.sayings import of_run
from trends.cli.screens.answer import print_answer
from trends.dag_names import FORECAST
from trends.pipeline import told
from trends.pipeline.ingest import IngestResult, SourceRows
from trends.words import NOT_IN_RUN, answer_line, moved_line


def _headline(
    threshold_id: str, change_days: int | None, never: float = 0.0
) -> dict[str, Any]:
    return {
        "threshold_id": threshold_id,
        "short_title": threshold_id.title(),
        "short_label": "80%",
        "change_days": change_days,
        "change_p_never": never,
    }


def test_the_furthest_moves_are_named_and_the_rest_counted() -> None:
    rows = [
        _headline(name, days)
        for name, days in (("a", 3), ("b", -400), ("c", 0), ("d", 41), ("e", 1))
    ]
    rows[1]["change_p_never"] = -0.121
    assert moved_line([*rows, _headline("new", None)]) == (
        "4 of 5 headline dates moved: B: 80% 400 days earlier, never -12.1 points; D: 80% 41 days later; "
        "A: 80% 3 days later, and 1 more."
    )


def test_a_line_says_that_nothing_moved_or_that_nothing_can_be_compared() -> None:
    still = [_headline("a", 0), _headline("b", 0)]
    assert moved_line(still) == "None of 2 headline dates moved."
    further = [_headline("a", 11), _headline("b", 0, -0.02), _headline("c", 13)]
    line = moved_line(further)
    assert line.index("C: 80%") < line.index("B: 80%") < line.index("A: 80%")
    likelier = [_headline("a", 0, 0.02), _headline("b", 0, 0.0001)]
    assert moved_line(likelier) == (
        "1 of 2 headline dates moved: A: 80% never +2.0 points."
    )
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


def test_an_ingest_says_first_what_is_missing_and_then_what_changed() -> None:
    """Airflow cuts a long note at its end."""
    sources = {
        "metr": SourceRows(accepted=9, quarantined=0, new=9, gone=0),
        "hal": SourceRows(accepted=4, quarantined=1, new=2, gone=3),
        "epoch": SourceRows(accepted=0, quarantined=0, new=0, gone=0),
    }
    result = IngestResult(
        path=Path("x"),
        rows=13,
        quarantined=1,
        warnings={},
        stopped={"epoch": "its file is gone"},
        observations_changed=True,
        registry_changed=True,
        sources=sources,
    )
    assert told.ingest_line(result) == (
        "13 rows of 2 sources accepted, 1 in quarantine. Stopped: epoch. The registry "
        "changed. Changed: metr (9 new or changed); hal (2 new or changed, 3 gone or "
        "changed)."
    )


def test_a_run_at_work_says_how_far_it_is() -> None:
    seen = Seen("running", "", {}, tasks=11, ended=4, doing=("Cross bars",))
    said = of_run(FORECAST, seen)
    assert said.title == "This run is at work"
    assert said.text.startswith("4 of 11 tasks have ended; at work: Cross bars. ")
    assert said.look_again_s


@pytest.mark.parametrize(
    ("state", "said"), [("running", "still running"), ("failed", "has ended: failed")]
)
def test_a_run_that_has_ended_is_not_late(
    state: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Airflow keeps the deadline of a run that failed before it."""
    run = {"dag_id": FORECAST, "dag_run_id": "manual__1", "state": state}
    with caplog.at_level(logging.INFO):
        tell({"dag_run": run, "deadline": {"deadline_time": "2026-11-27T22:00Z"}})
    (record,) = caplog.records
    assert said in record.message
    assert (record.levelno >= logging.WARNING) is (state == "running")


def test_a_terminal_shows_a_run_in_its_line_and_not_what_programs_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_answer({"preview": "76754673be3e"}, "Bar from 95% to 80%.")
    assert capsys.readouterr().out == "Bar from 95% to 80%.\n"
    print_answer({"preview": "76754673be3e"}, None)
    assert json.loads(capsys.readouterr().out) == {"preview": "76754673be3e"}
