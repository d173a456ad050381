"""Texts of run notes: what came out, or why nothing did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

MAX_CHARACTERS: Final = 1000
"""Longest note that Airflow keeps."""

OURS: Final = "\n\n---\n"
"""Stands between what a person noted and our line."""

WORDS: Final = {
    "timed_out": "The run took longer than its DAG allows, so Airflow ended it.",
    "all_tasks_deadlocked": "No task could go on: what they wait for will not come.",
}
"""What Airflow's words for the end of a run mean, where no task says why."""


def failure_note(failed: Sequence[tuple[str, str | None]], msg: str) -> str:
    """Why a run failed.

    Args:
        failed: name of each task that failed and what it said, the last one last.
        msg: Airflow's word for how the run ended.
    """
    if not failed:
        return WORDS.get(msg, "Marked as failed, and no task says why.")
    spoke = [(name, why) for name, why in failed if why]
    if not spoke:
        return (
            f"Failed in {failed[-1][0]}, which left no word: it was ended from outside. "
            "Its log and that of its worker may say more."
        )
    name, why = spoke[-1]
    others = len(failed) - 1
    more = f" ({others} more failed)" if others else ""
    return f"Failed in {name}{more}: {why}"


def future_note(logical_date: datetime) -> str:
    """Why a run with a Logical Date to come is ended before it begins."""
    return (
        f"Nothing was run: Logical Date {logical_date:%Y-%m-%d %H:%M} UTC is still to "
        "come, and Airflow would hold this run and those behind it until then. It "
        "decides nothing here. Trigger again and leave it as it is: As of says which "
        "day is forecast."
    )


def with_ours(note: str | None, line: str, *, is_theirs: bool) -> str:
    """The note with our line: alone, or below what a person wrote."""
    theirs = (note or "").split(OURS)[0] if is_theirs else ""
    return shortened(f"{theirs}{OURS}{line}" if theirs else line)


def shortened(text: str) -> str:
    """The text as far as Airflow keeps it."""
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
