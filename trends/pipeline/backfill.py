"""Past vintages filled in, oldest first, so that each says what moved since the last.

A run is named by what it was made from: a backfill that was stopped goes on where it
was when it is started again, and one that is done finds nothing to do.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from trends.outputs import read_history, verify_published
from trends.pipeline.errors import NothingFittedError, RequestError
from trends.pipeline.forecast import forecast
from trends.pipeline.plan import ForecastRequest, Plan, plan_forecast
from trends.pipeline.publish import PublishedRun
from trends.workspace import Workspace


class Step(StrEnum):
    """How far vintages lie apart."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS: Final = {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}

MOST: Final = 1000
"""Vintages of one backfill; a slip in a year asks for more."""


@dataclass(frozen=True)
class Filled:
    """What came of one vintage.

    Attributes:
        as_of: the vintage.
        run_id: its run; None where nothing could be fitted.
        is_new: whether it was made now.
        why_not: why there is no run.
        run: what the run left out, where it was made now.
    """

    as_of: date
    run_id: str | None
    is_new: bool
    why_not: str | None = None
    run: PublishedRun | None = None


def vintages(first: date, last: date, step: Step) -> list[date]:
    """Days from ``first`` to ``last``, oldest first.

    Steps of months keep the day of the month, or take the last one that a month has.

    Raises:
        RequestError: there is none, or there are too many.
    """
    if first > last:
        raise RequestError(f"{first} is after {last}: name the older day first")
    days: list[date] = []
    for day in _from(first, step):
        if day > last:
            break
        if len(days) == MOST:
            raise RequestError(
                f"more than {MOST} vintages from {first} to {last}: take a longer step, "
                "or a part of them at a time"
            )
        days.append(day)
    return days


def backfill(
    request: ForecastRequest,
    days: list[date],
    *,
    workspace: Workspace,
    published_at: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Filled]:
    """Forecast the latest ingest as of each day; yields each as it is done.

    Args:
        request: what to forecast; its ``as_of`` is replaced.
        days: vintages, oldest first.
        workspace: the checkout.
        published_at: now; no vintage may be after its UTC day.
        progress: told, line by line, what is done.
    """
    today = published_at.astimezone(UTC).date()
    for day in days:
        asked = replace(request, as_of=day)
        plan = Plan(plan_forecast(asked, workspace=workspace, today=today))
        if _is_done(plan):
            yield Filled(day, plan.run_id, is_new=False)
            continue
        try:
            run = forecast(
                asked, workspace, published_at=published_at, progress=progress
            )
        except NothingFittedError as error:
            yield Filled(day, None, is_new=False, why_not=str(error))
        else:
            yield Filled(day, run.run_id, is_new=True, run=run)


def _is_done(plan: Plan) -> bool:
    """Whether the run is the one that stands for its vintage, as it was written."""
    results = plan.workspace.results
    if not plan.publish:
        return (results / "drafts" / plan.run_id / "manifest.json").is_file()
    standing = [p for p in read_history(results).standing if p.as_of == plan.as_of]
    return (
        bool(standing)
        and standing[-1].run_id == plan.run_id
        and not verify_published(standing[-1])
    )


def _from(first: date, step: Step) -> Iterator[date]:
    """Days without end."""
    n = 0
    while True:
        if step is Step.WEEK:
            yield first + timedelta(weeks=n)
        else:
            month = first.year * 12 + first.month - 1 + n * _MONTHS[step]
            year, month = divmod(month, 12)
            day = min(first.day, monthrange(year, month + 1)[1])
            yield date(year, month + 1, day)
        n += 1
