"""What a page says where there is nothing to show: why, and what to do."""

from dataclasses import dataclass
from typing import Final

from trends.airflow_plugin.dag_runs import Seen
from trends.dag_names import FORECAST, INGEST, SCORE, TRY

MAKES: Final = {
    FORECAST: "a report",
    TRY: "a preview",
    SCORE: "a comparison of past forecasts",
}
"""What a run of each DAG makes."""

LOOK_AGAIN_S: Final = 5


@dataclass(frozen=True)
class Saying:
    """A title and a paragraph.

    Attributes:
        title: in a few words.
        text: the paragraph.
        note: what the run's own note says; stands before the text.
        look_again_s: seconds after which there may be something to show; 0: never.
    """

    title: str
    text: str
    note: str = ""
    look_again_s: int = 0


def of_dag(dag_id: str) -> Saying:
    """A DAG that made nothing that is still there."""
    if dag_id == FORECAST:
        return Saying(
            "Nothing is published yet",
            f"Trigger {INGEST}: the forecast that it causes is published, and its "
            "report appears here. A draft is shown in the tab of the run that made it.",
        )
    if dag_id in MAKES:
        return Saying(
            "There is nothing here yet",
            f"A run of this DAG makes {MAKES[dag_id]}, which appears here.",
        )
    return Saying("This DAG makes no report", _elsewhere(dag_id))


def of_run(dag_id: str, run: Seen) -> Saying:
    """A run that made nothing, or nothing yet."""
    makes = MAKES.get(dag_id)
    if makes is None:
        return Saying("This run makes no report", _elsewhere(dag_id), run.note)
    if run.state == "queued":
        return Saying(
            "This run has not begun",
            f"{_waits(run)}It will make {makes}, which appears here.",
            run.note,
            LOOK_AGAIN_S,
        )
    if run.state == "running":
        text = f"{_how_far(run)}Its end is {makes}, which appears here."
        title = "This run waits for a person" if run.asks else "This run is at work"
        return Saying(title, text, run.note, LOOK_AGAIN_S)
    if run.state == "failed":
        return Saying(
            "This run failed",
            "It published nothing, and what was published before is as it was. The log "
            "of the task that failed says more. Once the cause is gone, clear that task "
            "or trigger the DAG again.",
            run.note,
        )
    return Saying(
        "This run made nothing to show",
        f"A run of this DAG that goes through to its end makes {makes}. If it was made "
        "by an older version of this project, look among all runs.",
        run.note,
    )


def _how_far(run: Seen) -> str:
    """How far a run at work is."""
    doing = f"; at work: {', '.join(run.doing)}" if run.doing else ""
    asks = "Required Actions above says what is asked. " if run.asks else ""
    return f"{run.ended} of {run.tasks} tasks have ended{doing}. {asks}"


def _waits(run: Seen) -> str:
    """What a run that has not begun waits for."""
    if run.not_before:
        return (
            f"It begins at {run.not_before}, as its Run After asks. If that was not "
            "meant, mark it as failed and trigger another. "
        )
    if run.behind is None:
        return ""
    if run.behind_asks:
        return (
            f"One run of this DAG goes at a time, and run {run.behind} waits for a "
            "person: answer it in its Required Actions, or mark it as failed, and this "
            "one begins. "
        )
    return f"One run of this DAG goes at a time, and run {run.behind} is at work. "


def of_what_is_gone(shelf: str, key: str) -> Saying:
    """Something that a run made and that is there no more."""
    name = key.rpartition("/")[2]
    if shelf == "published":
        return Saying(
            f"Run {name} is published no more",
            "It was taken back, or its folder was moved away since. The page of all "
            "runs says which runs stand, and why one was taken back.",
        )
    return Saying(
        f"{name} was removed since",
        "Drafts, previews and backtests are kept for some time only. Trigger the DAG "
        "again with the same values: the same inputs give the same files.",
    )


def of_refusal(status: int, detail: str) -> Saying:
    """An answer that is refused."""
    return {
        401: Saying(
            "You are not logged in", "Log in to Airflow, then open this page again."
        ),
        403: Saying(
            "You may not read this",
            "Log in again; or ask who runs this Airflow to let you read the runs of "
            "this DAG.",
        ),
        404: Saying(
            "There is nothing here",
            "Nothing of this name lies among the results, or it was removed since.",
        ),
    }.get(status, Saying("This cannot be answered", detail))


def of_damage(error: str) -> Saying:
    """Results that are not as they were written."""
    return Saying("The results cannot be read", error)


def _elsewhere(dag_id: str) -> str:
    if dag_id == INGEST:
        return (
            "It brings figures in. The forecast that new figures cause has a report: "
            f"see the runs of {FORECAST}."
        )
    return f"{dag_id} is no DAG of benchmark-trends."
