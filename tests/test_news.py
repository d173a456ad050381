"""What is news of a bar: each change once, and nothing that did not change."""

from datetime import date

import pytest

from tests.one_bar import SAID_CROSSED, Cells, one_bar, vintage
from tests.output_runs import row as plausible_row
from trends.bars.news import news
from trends.tables import TRIPWIRES


@pytest.mark.parametrize(
    ("before", "after", "kind", "title"),
    [
        (
            {"median_if_ever": date(2027, 3, 2), "when_label": "2027-03"},
            {"median_if_ever": date(2027, 6, 2), "when_label": "2027-06"},
            "headline",
            "Test: 80%: if ever, 2027-06 (was 2027-03)",
        ),
        (
            {"p_never": 0.42, "when_label": "2027-03, never 42%"},
            {"p_never": 0.31, "when_label": "2027-03, never 31%"},
            "headline",
            "Test: 80%: if ever, 2027-03, never 31% (was 2027-03, never 42%)",
        ),
        (
            {},
            {"q90_date": date(2029, 1, 9), "interval80_label": "2027-01 to 2029-01"},
            "headline",
            "Test: 80%: 80% interval 2027-01 to 2029-01 (was 2027-01 to 2028-01)",
        ),
        (
            {},
            SAID_CROSSED,
            "crossing",
            "Test: 80%: crossed 2026-06-09",
        ),
        (
            SAID_CROSSED,
            {"when_label": "2027-01"},
            "crossing",
            "Test: 80%: no longer counts as crossed, if ever, 2027-01",
        ),
        (
            {"bar_value": 0.5},
            {"when_label": "2028-01"},
            "headline",
            "Test: 80%: bar 80.0% (was 50.0%), if ever, 2028-01",
        ),
    ],
)
def test_a_change_is_told_once(
    before: Cells, after: Cells, kind: str, title: str
) -> None:
    rows = (
        vintage("2026-09-30", **before),
        vintage("2026-10-31", **after),
        vintage("2026-11-22", **after),
    )
    (item,) = news(one_bar(rows))
    assert (item.kind, item.title, item.as_of) == (kind, title, date(2026, 10, 31))
    assert item.uri == f"tag:benchmark-trends,2026:{kind}/t.b/2026-10-31"
    assert item.text.startswith("As of 2026-10-31: ")
    assert "Before, as of 2026-09-30: " in item.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({"median_if_ever": date(2027, 3, 2)}, {"median_if_ever": date(2027, 3, 20)}),
        ({}, {"when_label": "2027-03 (contested)"}),
        ({"p_never": 0.42}, {"p_never": 0.38}),
        (
            {"when_label": "withheld", "median_if_ever": date(2027, 1, 1)},
            {"when_label": "withheld", "median_if_ever": date(2029, 1, 1)},
        ),
        (SAID_CROSSED, SAID_CROSSED | {"when_label": "crossed by 2026-10-31"}),
    ],
)
def test_no_change_is_no_news(before: Cells, after: Cells) -> None:
    rows = (vintage("2026-09-30", **before), vintage("2026-10-31", **after))
    assert news(one_bar(rows)) == []


def test_replayed_vintages_were_never_published() -> None:
    rows = (
        vintage(
            "2026-09-30",
            kind="replayed",
            median_if_ever=date(2030, 1, 1),
            when_label="2030-01",
        ),
        vintage("2026-10-31"),
    )
    assert news(one_bar(rows)) == []


def test_a_headline_that_comes_or_goes_is_news() -> None:
    rows: tuple[Cells, ...] = (
        vintage("2026-09-30"),
        vintage("2026-10-31"),
        vintage("2026-10-31", threshold_id="new", bar_value=0.9),
    )
    (new,) = news(one_bar(rows))
    assert new.title == "Test: 80%: new, if ever, text"
    rows = (*rows, vintage("2026-11-22", threshold_id="new", bar_value=0.9))
    gone, _ = news(one_bar(rows))
    assert gone.title == "Test: 80%: no longer forecast"
    assert gone.name == "headline/t.b/2026-11-22"


def test_of_other_bars_only_crossings_are_news() -> None:
    rows = (
        vintage("2026-09-30", bar_id="easy", median_if_ever=date(2027, 1, 1)),
        vintage("2026-10-31", bar_id="easy", median_if_ever=date(2026, 12, 1)),
        vintage("2026-11-22", bar_id="easy", **SAID_CROSSED),
    )
    tables = one_bar()
    tables["history_bars"] = one_bar(rows)["history"]
    (item,) = news(tables)
    assert item.name == "crossing/t.easy/2026-11-22"
    assert item.title == "Test: 80%: crossed 2026-06-09"


def test_an_alarm_is_news_of_the_vintage_that_raised_it() -> None:
    alarm = plausible_row(
        TRIPWIRES, series_id="s", alarm=True, alarm_since=date(2026, 10, 31)
    )
    quiet = plausible_row(TRIPWIRES, series_id="q", alarm=False, alarm_since=None)
    tables = one_bar((vintage("2026-11-22"),))
    tables["tripwires"] = TRIPWIRES.frame([alarm, quiet])
    (item,) = news(tables)
    assert (item.kind, item.as_of) == ("tripwire", date(2026, 10, 31))
    assert item.uri == "tag:benchmark-trends,2026:tripwire/s/2026-10-31"
