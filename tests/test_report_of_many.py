"""The report of hundreds of benchmarks: bounded, whole, and plain about what it leaves."""

import re

import polars as pl
import pytest

from tests.chart_tables import chart_tables
from trends.report import MOST_BYTES, page_and_charts
from trends.report.selection import MOST, in_order, only
from trends.tables import AUTOMATION, CHANGES, HEADLINE
from trends.tables.slices import STREAMED

N = 350
IDS = ("benchmark_id", "threshold_id", "series_id", "observation_id")
GATES = "coding: quiz_80_200.80%; agents: quiz_80_300.80%"

Tables = dict[str, pl.DataFrame]


def of_many(n: int) -> Tables:
    """The tables of the charts once for each of so many benchmarks."""
    tables = chart_tables()

    def copied(frame: pl.DataFrame) -> pl.DataFrame:
        names = [name for name in IDS if name in frame.columns]
        if not names:
            return frame
        return pl.concat(
            frame.with_columns(pl.col(names) + f"_{number}") for number in range(n)
        )

    many = {name: copied(frame) for name, frame in tables.items()}
    many["thresholds"] = many["thresholds"].with_columns(
        bar_basis=pl.lit("project_choice")
    )
    thresholds = many["thresholds"]["threshold_id"].unique(maintain_order=True)
    many["headline"] = _rows(
        HEADLINE.schema,
        [
            {"rank": rank, "section": "Coding", "threshold_id": one, "bar": one}
            | {"median": "2028-03", "interval80": "2027-01 to never"}
            for rank, one in enumerate(thresholds)
        ],
    )
    many["changes"] = _rows(
        CHANGES.schema,
        [
            {
                "window": "previous_vintage",
                "threshold_id": one,
                "threshold_label": one,
                "move_rank": rank,
                "cause_rank": 1,
                "since": many["crossing_summary"]["as_of"][0],
                "compared_with": "published",
                "label_before": "2028-01",
                "label_after": "2028-03",
                "moved_by": 60.0 if one.endswith("7") else 0.0,
                "never_moved_by": 0.0,
                "part": 0.0,
                "never_part": 0.0,
                "moved_unit": "days",
                "label": "a score",
            }
            for rank, one in enumerate(reversed(thresholds.to_list()), start=1)
        ],
    )
    automation = many[AUTOMATION.name]
    many[AUTOMATION.name] = automation.with_columns(
        gates=pl.lit(GATES), default_because=pl.lit("because")
    )
    return many


def _rows(schema: pl.Schema, rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(
        [dict.fromkeys(schema.names()) | row for row in rows], schema=schema
    )


@pytest.fixture(scope="module")
def many() -> Tables:
    return of_many(N)


def test_the_scenario_comes_first_then_what_moved_then_the_table(many: Tables) -> None:
    ordered = in_order(many)
    assert ordered[:2] == ["quiz_200", "quiz_300"]
    assert ordered[2:4] == ["quiz_347", "quiz_337"]
    assert ordered[2 + N // 10] == "quiz_0"
    assert sorted(ordered) == sorted(f"quiz_{number}" for number in range(N))


def test_a_page_of_many_is_small_and_says_what_it_leaves(many: Tables) -> None:
    html, drawn = page_and_charts(many, draft=False)
    text = html.decode()
    shown = set(re.findall(r'id="b-(\w+)"', text))
    assert len(html) <= MOST_BYTES
    assert shown == set(in_order(many)[:MOST])
    assert set(drawn.benchmarks) == shown
    assert f"This page shows {MOST} of {N} benchmarks" in text
    assert f"the other {N - MOST}:" in text
    assert "35 of 350 headlines moved" in text
    anchors = set(re.findall(r' id="([^"]+)"', text))
    assert set(re.findall(r' href="#([^"]+)"', text)) <= anchors


def test_fewer_find_room_on_a_smaller_page(many: Tables) -> None:
    whole, _ = page_and_charts(only(many, in_order(many)[:20]), draft=False)
    room = len(whole) - 50_000
    html, drawn = page_and_charts(many, draft=False, most_bytes=room)
    assert len(html) <= room
    assert 1 < len(drawn.benchmarks) < 20
    assert "quiz_200" in drawn.benchmarks


def test_a_page_of_few_shows_all_and_says_nothing_of_it() -> None:
    html, drawn = page_and_charts(of_many(3), draft=False)
    assert len(drawn.benchmarks) == 3
    assert b"This page shows" not in html


def test_rows_that_are_read_as_they_are_asked_for_give_the_same_page() -> None:
    few = of_many(3)
    names = {table.name for table in STREAMED}
    streamed = {
        name: frame.lazy() if name in names else frame for name, frame in few.items()
    }
    whole, _ = page_and_charts(few, draft=True)
    assert page_and_charts(streamed, draft=True)[0] == whole
