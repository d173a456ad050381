"""Days that cannot be: each rule, and the day before and after which it holds."""

from datetime import date, timedelta

import pytest

from tests.figures import benchmark
from trends.chronology import (
    RowDays,
    days_apart,
    find_fault,
    registered_release,
)
from trends.registry import Benchmark, Model

PUBLIC = date(2025, 2, 3)
SUITE = benchmark(first_public_on=PUBLIC)
DAY = timedelta(days=1)


def days(
    release: date | tuple[date, date] | None,
    reported: date | None = None,
    stated: date | None = None,
) -> RowDays:
    span = (release, release) if isinstance(release, date) else release
    return RowDays("quiz.csv:7", "Alpha", span, stated, reported)


def broken(row: RowDays, suite: Benchmark = SUITE) -> str | None:
    fault = find_fault(row, "quiz", suite)
    if fault is None:
        return None
    assert fault.reason.startswith("quiz.csv:7: ")
    return fault.expectation


@pytest.mark.parametrize(
    "wrong", [date(1, 1, 1), date(1970, 1, 1), date(2015, 3, 1), PUBLIC - DAY]
)
def test_no_score_is_reported_before_its_items_are_public(wrong: date) -> None:
    fault = find_fault(days(None, wrong), "quiz", SUITE)

    assert fault is not None
    assert fault.expectation == "report_follows_first_public_day"
    assert fault.cell == "reported_on"
    for words in ("quiz.csv:7", str(wrong), "2025-02-03", "quiz"):
        assert words in fault.reason
    assert broken(days(None, PUBLIC)) is None


def test_a_subset_of_older_items_may_have_older_reports() -> None:
    subset = benchmark(first_public_on=PUBLIC, items_public_on=date(2024, 1, 5))

    assert broken(days(None, date(2024, 1, 5)), subset) is None
    assert broken(days(None, date(2024, 1, 4)), subset)


@pytest.mark.parametrize("wrong", [date(1, 1, 1), date(1970, 1, 1), date(2018, 6, 1)])
def test_a_benchmark_without_a_first_day_still_refuses_absurd_days(wrong: date) -> None:
    unknown = benchmark()
    reported = broken(days(None, wrong), unknown)

    assert (reported is None) == (wrong.year == 2018)
    assert broken(days(wrong, date(2026, 1, 1)), unknown) is not None
    assert broken(days(None, stated=wrong), unknown) == (
        None if wrong.year == 2018 else "release_date_is_not_too_old"
    )


def test_models_are_tested_within_two_years_of_release() -> None:
    """The first release that counts is 730 days before the first public day."""
    oldest = PUBLIC - timedelta(days=730)

    assert broken(days(oldest)) is None
    assert broken(days(oldest - DAY)) == "release_is_not_too_old"
    assert broken(days(oldest, oldest + timedelta(days=730))) is None
    late = oldest + timedelta(days=731)
    assert broken(days(oldest, late)) == "report_follows_release_soon"


def test_a_benchmark_may_say_that_it_tests_older_models() -> None:
    retrospective = benchmark(
        first_public_on=PUBLIC, oldest_release_on=date(2019, 2, 14)
    )

    assert broken(days(date(2019, 2, 14), date(2026, 5, 8)), retrospective) is None
    assert broken(days(date(2019, 2, 13), date(2026, 5, 8)), retrospective) == (
        "release_is_not_too_old"
    )


def test_a_score_may_be_reported_two_months_before_the_release() -> None:
    reported = date(2025, 6, 1)

    assert broken(days(reported + timedelta(days=60), reported)) is None
    early = days(reported + timedelta(days=61), reported)
    assert broken(early) == "score_follows_release"
    assert broken(days(date(9999, 12, 31), reported)) == "score_follows_release"


def test_a_row_and_the_registry_date_a_model_alike() -> None:
    registered = date(2025, 8, 7)

    for apart in (-14, 0, 14):
        stated = registered + timedelta(days=apart)
        assert broken(days(registered, stated=stated)) is None
    for apart in (-15, 15, -365, 31):
        stated = registered + timedelta(days=apart)
        fault = find_fault(days(registered, stated=stated), "quiz", SUITE)
        assert fault is not None
        assert fault.expectation == "release_dates_are_close"
        assert f"{abs(apart)} days apart" in fault.reason
        assert fault.cell is None


def test_a_release_known_to_a_month_is_compared_with_its_ends() -> None:
    month = registered_release(
        Model(name="M", earliest=date(2025, 5, 1), latest=date(2025, 5, 31))
    )

    assert month == (date(2025, 5, 1), date(2025, 5, 31))
    assert days_apart(date(2025, 5, 9), month) == 0
    assert days_apart(date(2025, 4, 28), month) == 3
    assert days_apart(date(2025, 6, 2), month) == 2
    # reported 60 days before the first day it can have been released
    assert broken(days(month, date(2025, 3, 2))) is None
    assert broken(days(month, date(2025, 3, 1))) == "score_follows_release"


def test_a_model_without_a_date_has_no_release() -> None:
    assert registered_release(Model(name="M")) is None
    assert registered_release(Model(name="M", latest=date(2025, 5, 31))) == (
        date(2025, 5, 31),
        date(2025, 5, 31),
    )
    assert broken(days(None, PUBLIC)) is None
