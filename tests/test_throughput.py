"""What a peer is given: our records, month by month."""

from datetime import date

import polars as pl

from trends.bench.throughput import monthly


def test_a_record_stands_until_the_next_and_up_to_the_vintage() -> None:
    frontier = pl.DataFrame(
        {
            "series_id": ["b", "a", "a"],
            "frontier_date": [date(2026, 4, 30), date(2026, 3, 2), date(2026, 1, 15)],
            "score": [0.9, 0.5, 0.2],
        }
    )
    assert monthly(frontier, date(2026, 5, 20)).rows() == [
        ("a", date(2026, 2, 1), 0.2),
        ("a", date(2026, 3, 1), 0.2),
        ("a", date(2026, 4, 1), 0.5),
        ("a", date(2026, 5, 1), 0.5),
        ("b", date(2026, 5, 1), 0.9),
    ]


def test_a_series_that_begins_in_the_last_month_has_no_month() -> None:
    frontier = pl.DataFrame(
        {"series_id": ["a"], "frontier_date": [date(2026, 5, 2)], "score": [0.2]}
    )
    assert monthly(frontier, date(2026, 5, 20)).is_empty()
