"""Records: what beats every earlier release, and what does not."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.figures import benchmark, observations, positive, scores, series
from trends.frontier import (
    Parts,
    known_as_of,
    mark_records,
    public_as_of,
    select_frontier,
    select_series_scores,
)
from trends.registry.models import Reporter
from trends.registry.series import Series

JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))


def _record_scores(points: list[tuple[date, float]]) -> list[float]:
    frontier = select_frontier(scores(points), [series()])
    return frontier.get_column("score").to_list()


def test_a_release_that_nobody_dates_is_at_most_half_a_year_before_its_report() -> None:
    rows = observations([{"score": 0.2, "release_latest": APR, "reported_on": APR}])
    (first,) = select_series_scores(rows, [series()])["release_earliest"]
    assert (APR - first).days == 183


def test_a_release_below_an_earlier_record_is_left_out() -> None:
    assert _record_scores([(JAN, 0.3), (FEB, 0.2), (MAR, 0.4)]) == [0.3, 0.4]


def test_a_tie_with_the_standing_record_is_no_record() -> None:
    assert _record_scores([(JAN, 0.3), (FEB, 0.3), (MAR, 0.31)]) == [0.3, 0.31]


def test_of_several_releases_on_one_day_only_the_best_enters() -> None:
    assert _record_scores([(JAN, 0.1), (FEB, 0.2), (FEB, 0.5), (MAR, 0.4)]) == [
        0.1,
        0.5,
    ]


def test_where_lower_is_better_records_fall() -> None:
    speedrun = series(entry=positive(direction="lower"))
    points = [(JAN, 45.0), (FEB, 50.0), (MAR, 31.4)]
    frontier = select_frontier(scores(points), [speedrun])
    assert frontier.get_column("score").to_list() == [45.0, 31.4]


def test_parts_are_the_rows_of_each_name_in_their_order() -> None:
    names = ["b", "a", "b", "c", "a"]
    table = pl.DataFrame({"name": names, "row": range(5)})
    parts = Parts(table, "name")
    assert list(parts) == ["b", "a", "c"]
    for name in names:
        assert parts[name].equals(table.filter(pl.col("name") == name))
    assert "c" in parts
    assert "d" not in parts
    assert parts["d"].equals(table.clear())
    assert not Parts(table.clear(), "name")


def test_parts_of_a_table_take_the_room_of_one() -> None:
    table = pl.DataFrame({"name": ["a", "b", "a"], "row": [1, 2, 3]})
    parts = Parts(table, "name")
    first, second = (parts[name]["row"].to_numpy(allow_copy=False) for name in "ab")
    assert first.ctypes.data + first.nbytes == second.ctypes.data


def test_parts_of_a_table_in_order_take_no_room() -> None:
    table = pl.DataFrame({"name": ["a", "a", "b"], "row": [1, 2, 3]})
    whole, part = (
        frame["row"].to_numpy(allow_copy=False)
        for frame in (table, Parts(table, "name")["a"])
    )
    assert part.ctypes.data == whole.ctypes.data


def test_series_are_never_mixed() -> None:
    both = pl.concat([scores([(JAN, 0.9)], name="a"), scores([(FEB, 0.2)], name="b")])
    frontier = select_frontier(both, [series("a"), series("b")])
    assert frontier.get_column("score").to_list() == [0.9, 0.2]


@given(
    st.lists(
        st.tuples(st.dates(date(2020, 1, 1), date(2020, 3, 1)), st.floats(0, 1)),
        min_size=1,
        max_size=30,
    )
)
def test_the_frontier_rises_and_ends_at_the_best_score(
    points: list[tuple[date, float]],
) -> None:
    records = _record_scores(points)
    assert records == sorted(set(records))
    assert records[-1] == max(score for _, score in points)


def test_as_of_cuts_on_the_day_the_score_became_known() -> None:
    rows = observations(
        [
            {"score": 0.1, "release_date": JAN, "known_on": MAR},
            {"score": 0.2, "release_date": JAN, "known_on": APR},
            {"score": 0.3, "known_on": None},
        ]
    )
    known = known_as_of(rows, MAR)
    assert known.get_column("score").to_list() == [0.1, 0.3]


def test_no_score_is_seen_before_its_benchmark_is_public() -> None:
    rows = observations(
        [
            {"benchmark_id": "late", "score": 0.1, "known_on": JAN},
            {"benchmark_id": "late", "score": 0.2, "known_on": None},
            {"benchmark_id": "old", "score": 0.3, "known_on": JAN},
            {"benchmark_id": "old", "score": 0.4, "known_on": APR},
            {"benchmark_id": "undated", "score": 0.5, "known_on": FEB},
        ]
    )
    entries = {
        "late": benchmark(first_public_on=MAR),
        "old": benchmark(first_public_on=JAN),
        "undated": benchmark(),
    }

    def seen(day: date) -> list[float]:
        return public_as_of(rows, day, entries).get_column("score").to_list()

    assert seen(FEB) == [0.3, 0.5]
    assert seen(MAR) == [0.1, 0.2, 0.3, 0.5]
    # a replay counts the same scores from their release
    assert known_as_of(rows, FEB).get_column("score").to_list() == [0.1, 0.2, 0.3, 0.5]


def test_a_score_without_release_date_stands_at_the_last_day_it_can_have_been() -> None:
    rows = observations(
        [
            {"score": 0.1, "release_date": FEB, "reported_on": MAR},
            {"score": 0.2, "release_latest": APR, "reported_on": APR},
        ]
    )
    selected = select_series_scores(rows, [series()])
    assert selected.select("frontier_date", "frontier_date_basis").rows() == [
        (FEB, "release_date"),
        (APR, "release_latest"),
    ]


@pytest.mark.parametrize(
    "reason", ["no_date", "out_of_range", "below_range", "baseline"]
)
def test_excluded_rows_do_not_reach_a_series(reason: str) -> None:
    rows = observations([{"score": 0.9, "release_date": JAN, "fit_exclusion": reason}])
    assert select_series_scores(rows, [series()]).is_empty()


def test_a_view_keeps_one_harness_and_its_reporters() -> None:
    entry = benchmark(reporters=["leaderboard", "developer"])
    view = Series("test__agent", "test", entry, "Agent", (Reporter.LEADERBOARD,))
    rows = observations(
        [
            {"score": 0.1, "release_date": JAN, "harness": "Agent"},
            {"score": 0.2, "release_date": JAN, "harness": "Other"},
            {
                "score": 0.3,
                "release_date": JAN,
                "harness": "Agent",
                "reporter": "developer",
            },
        ]
    )
    selected = select_series_scores(rows, [view, series(entry=entry)])
    assert selected.group_by("series_id").len().sort("series_id").rows() == [
        ("test", 3),
        ("test__agent", 1),
    ]


def test_observations_are_marked_where_they_set_a_record_of_the_whole_benchmark() -> (
    None
):
    rows = observations(
        [
            {"score": 0.2, "release_date": JAN},
            {"score": 0.1, "release_date": FEB},
        ]
    )
    selected = select_series_scores(rows, [series()])
    marked = mark_records(rows, select_frontier(selected, [series()]))
    assert marked.get_column("is_record").to_list() == [True, False]
