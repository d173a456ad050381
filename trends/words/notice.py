"""One message about a publication: what is new in it, or nothing where nothing is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trends.words.brief import short_interval, short_name, short_when, with_never
from trends.words.numbers import percent

LISTED: Final = 10
"""Entries of a list in a message; the rest are counted."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Notice:
    """A message.

    Attributes:
        subject: one line.
        text: plain text.
    """

    subject: str
    text: str


def publication_notice(
    *,
    run_id: str,
    as_of: str,
    line: str,
    news: Mapping[str, Sequence[str]],
) -> Notice | None:
    """What a publication has that the one before had not; None where that is nothing.

    Args:
        run_id: of the run.
        as_of: its day.
        line: the run in a line.
        news: entries by what they are, such as "sources silent".
    """
    found = {what: list(entries) for what, entries in news.items() if entries}
    if not found:
        return None
    counted = ", ".join(f"{what}: {len(entries)}" for what, entries in found.items())
    lines = [line]
    for what, entries in found.items():
        lines += ["", f"{what[0].upper()}{what[1:]}:"]
        lines += [f"- {entry}" for entry in entries[:LISTED]]
        if (more := len(entries) - LISTED) > 0:
            lines.append(f"- and {more} more")
    return Notice(
        f"benchmark-trends: published as of {as_of}, run {run_id} ({counted})",
        "\n".join([*lines, ""]),
    )


def failure_notice(
    *, dag: str, run: str, task: str | None, why: str | None, reason: str
) -> Notice:
    """That a run failed, where, why, and where to read on.

    Args:
        dag: of the run.
        run: the run.
        task: what failed last; None if nothing had begun.
        why: what the task said; None if it left no word.
        reason: Airflow's word for how the run ended.
    """
    where = f"in task {task}" if task else "before any of its tasks"
    ending = f": {why}" if why else f" ({reason})."
    return Notice(
        f"benchmark-trends: {dag} failed",
        f"Run {run} of {dag} failed {where}{ending}\nWhat was published stays as it is."
        " The run's note and the task's log say more.\n",
    )


def news_of_tests(before: Sequence[Row], after: Sequence[Row]) -> dict[str, list[str]]:
    """Changed headlines, with other views apart: a test is news once.

    Args:
        before: headline rows of CROSSING_SUMMARY of the publication before.
        after: those of this one, which say what is a view.
    """
    views = {row["threshold_id"] for row in after or before if row["view_of"]}
    return {
        what: changed_headlines(
            *(
                [row for row in rows if (row["threshold_id"] in views) is are_views]
                for rows in (before, after)
            )
        )
        for what, are_views in (("headlines", False), ("other views of tests", True))
    }


def changed_headlines(before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """Headlines that read otherwise, came or went, a line each, by threshold.

    Args:
        before: headline rows of CROSSING_SUMMARY of the publication before.
        after: those of this one.
    """
    old, new = ({row["threshold_id"]: row for row in rows} for rows in (before, after))
    lines = []
    for threshold_id in sorted({*old, *new}):
        was, now = old.get(threshold_id), new.get(threshold_id)
        if was is None and now is not None:
            lines.append(f"{short_name(now)}: new, {_words(now)}")
        elif now is None and was is not None:
            lines.append(f"{short_name(was)}: gone, was {_words(was)}")
        elif was is not None and now is not None and _said(was) != _said(now):
            lines.append(f"{short_name(now)}: {_words(was)} -> {_words(now)}")
    return lines


def _said(row: Row) -> tuple[object, ...]:
    never = percent(row["p_never"])
    return row["crossing_status"], row["median_if_ever"], never, row["withheld"]


def _words(row: Row) -> str:
    interval = short_interval(row)
    date = short_when(row)
    if row["crossing_status"] == "expected" and row["withheld"] is None:
        day = row["median_if_ever"]  # a month would hide a move within it
        date = date if day is None else with_never(str(day), row["p_never"])
    return f"{date} ({interval})" if interval else date
