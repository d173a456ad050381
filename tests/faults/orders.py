"""What the worker is told to do: a command, or a forecast task by task."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.faults.schedule import Step, noon

Answers = list[dict[str, Any]]


def job(words: tuple[str, ...], day: str, root: Path, **more: Any) -> dict[str, Any]:
    """An order to the worker: a command at noon of a day."""
    return {"words": words, "root": str(root), "now": noon(day)} | more


def tasks(
    run: Callable[..., Answers],
    step: Step,
    root: Path,
    fault: dict[str, Any] | None,
    broken: int = 0,
) -> Iterator[dict[str, Any]]:
    """A forecast as tasks, each in a process of its own; the fault meets one of them.

    Args:
        run: what gives orders to the worker.
        step: whose words name the day.
        root: the world.
        fault: what breaks.
        broken: number of the task that it breaks.

    Fits run side by side. After a task that failed none follows.
    """
    day = step.words[1]
    folder, shards = "", [""]
    names = ("ingest", "plan", "records", "fit", "cross", "publish")
    for i, name in enumerate(names):
        words: list[tuple[str, ...]] = [("stage", name, folder)]
        if name == "ingest":
            words = [("ingest",)]
        elif name == "plan":
            words = [("stage", name, day)]
        elif name == "fit":
            words = [("stage", name, folder, shard) for shard in shards]
        jobs = [job(one, step.day, root) for one in words]
        if fault is not None and i == broken:
            jobs[-1]["fault"] = fault
        answers = run(*jobs)
        yield from answers
        if any(one["code"] not in (0, 7) for one in answers):
            return
        if name == "plan":
            folder = answers[0]["out"].strip()
        elif name == "records":
            shards = answers[0]["out"].split()


def edit_figures(root: Path, step: Step) -> None:
    """A publisher revises a score."""
    if step.edit is None:
        return
    path = root / "data" / "observations" / "coding_quiz.csv"
    was, now = ",33.00,", ",33.50,"
    text = path.read_text()
    assert was in text or now in text
    path.write_text(text.replace(was, now))
