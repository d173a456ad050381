"""The order of days: a benchmark is public, a model released, its score reported.

A day that is well formed and wrong passes every other check and moves a record by
years. What is refused here is impossible, or so far from all that was ever seen that
a person has to say that it is meant.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

from trends.registry.models import LATEST_TEST, Benchmark, Model

EARLIEST_REPORT: Final = timedelta(days=60)
"""How long before its release a model's score may be reported.

Publishers test models early: 33 days at most among the figures as published.
"""

CLOSE: Final = timedelta(days=14)
"""How far sources may be apart on the day one model was released.

Announcement, preview and general availability differ by some days; of a source that
is known to err by more, corrections.yaml says so.
"""

_MEND_CELL: Final = "correct it in corrections.yaml"
_MEND_MODEL: Final = "correct the date in models.yaml"
_ONE_IS_WRONG: Final = "one of the two is wrong: correct it in corrections.yaml or"


class RowDays(NamedTuple):
    """The days of one row.

    Attributes:
        place: file and line.
        model_name: the model, as registered.
        release: its first and last possible day of release by the registry; None
            where the registry does not date it.
        stated: its release by the row, or None.
        reported_on: when the score became public, or None.
    """

    place: str
    model_name: str
    release: tuple[date, date] | None
    stated: date | None
    reported_on: date | None


class Fault(NamedTuple):
    """What is wrong with the days of a row.

    Attributes:
        expectation: name of the rule.
        reason: file, line and days in words, and what to do.
        cell: column that is wrong by itself; None where the model's date by the
            registry is, or may be.
    """

    expectation: str
    reason: str
    cell: str | None = None


def registered_release(model: Model) -> tuple[date, date] | None:
    """First and last day on which the registry says a model can have been released."""
    known = [model.earliest, model.release_date, model.latest]
    days = [model.release_date] if model.release_date else [day for day in known if day]
    return (min(days), max(days)) if days else None


def days_apart(day: date, release: tuple[date, date]) -> int:
    """Days from ``day`` to the nearest day of a release; 0 within it."""
    first, last = release
    return max(0, (first - day).days, (day - last).days)


def dates_agree(day: date, release: tuple[date, date]) -> bool:
    """Whether a source that dates a release to ``day`` supports the registry.

    What is known to a month only is taken to be off by as much.
    """
    first, last = release
    return days_apart(day, release) <= max(CLOSE.days, (last - first).days)


def find_fault(days: RowDays, benchmark_id: str, benchmark: Benchmark) -> Fault | None:
    """The first rule that the days of a row break; None if they are possible.

    Days after the figures end are not looked at here: that is a rule of the
    observations' suite.
    """
    return (
        _report_too_early(days, benchmark_id, benchmark)
        or _statement_too_early(days, benchmark_id, benchmark)
        or release_fault(days, benchmark_id, benchmark)
        or _statements_differ(days)
    )


def release_fault(
    days: RowDays, benchmark_id: str, benchmark: Benchmark
) -> Fault | None:
    """Why the model cannot have been released when the registry says that it was."""
    if days.release is None:
        return None
    first, last = days.release
    dated = f"{days.place}: {days.model_name} was released on {_span(first, last)}"
    if last < benchmark.releases_from:
        return Fault(
            "release_is_not_too_old",
            f"{dated} by models.yaml, before {_oldest(benchmark_id, benchmark)}: "
            f"{_MEND_MODEL}, or set oldest_release_on in benchmarks.yaml",
        )
    if days.reported_on is None:
        return None
    lag = (days.reported_on - last).days
    if lag > LATEST_TEST.days and benchmark.oldest_release_on is None:
        return Fault(
            "report_follows_release_soon",
            f"{dated} by models.yaml and its score reported {lag:,} days later, on "
            f"{days.reported_on}, more than {LATEST_TEST.days}: {_ONE_IS_WRONG} "
            "models.yaml, or set oldest_release_on in benchmarks.yaml",
        )
    lead = (first - days.reported_on).days
    if lead > EARLIEST_REPORT.days:
        return Fault(
            "score_follows_release",
            f"{dated} by models.yaml and its score reported {lead:,} days before, on "
            f"{days.reported_on}, more than {EARLIEST_REPORT.days}: {_ONE_IS_WRONG} "
            "models.yaml",
        )
    return None


def _report_too_early(
    days: RowDays, benchmark_id: str, benchmark: Benchmark
) -> Fault | None:
    if days.reported_on is None or days.reported_on >= benchmark.reports_from:
        return None
    return Fault(
        "report_follows_first_public_day",
        f"{days.place}: reported on {days.reported_on}, before "
        f"{benchmark.reports_from}, the first public day of {benchmark_id}'s items: "
        f"nobody can have scored them; {_MEND_CELL}",
        cell="reported_on",
    )


def _statement_too_early(
    days: RowDays, benchmark_id: str, benchmark: Benchmark
) -> Fault | None:
    if days.stated is None or days.stated >= benchmark.releases_from:
        return None
    return Fault(
        "release_date_is_not_too_old",
        f"{days.place}: released on {days.stated} by its own cell, before "
        f"{_oldest(benchmark_id, benchmark)}: {_MEND_CELL}, or set "
        "oldest_release_on in benchmarks.yaml",
        cell="release_date",
    )


def _statements_differ(days: RowDays) -> Fault | None:
    if days.stated is None or days.release is None:
        return None
    if dates_agree(days.stated, days.release):
        return None
    apart = days_apart(days.stated, days.release)
    return Fault(
        "release_dates_are_close",
        f"{days.place}: {days.model_name} was released on {days.stated} by its own "
        f"cell and on {_span(*days.release)} by models.yaml, {apart:,} days apart: "
        f"{_ONE_IS_WRONG} models.yaml",
    )


def _oldest(benchmark_id: str, benchmark: Benchmark) -> str:
    return f"{benchmark.releases_from}, the oldest release that {benchmark_id} tests"


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} to {last}"
