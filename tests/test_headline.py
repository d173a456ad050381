"""headline.csv: a row a headline that needs no other file, with complete labels."""

from datetime import date

import polars as pl
import pytest

from tests.output_runs import empty_where_allowed, row
from trends.tables import (
    AUTOMATION,
    CROSSING_CDF,
    CROSSING_SUMMARY,
    HEADLINE,
    PUBLISHED,
    THRESHOLDS,
)
from trends.words import as_draft, falls_short, headline_rows, with_labels

AS_OF = date(2026, 11, 22)
OPEN = {
    "as_of": AS_OF,
    "trend": "drift",
    "is_headline": True,
    "crossing_status": "expected",
    "threshold_label": "Quiz: 80% of items",
    "median_label": "2028-03",
    "interval80_label": "2027-01 to after 2050",
    "median_date": date(2028, 3, 5),
    "p_crossed_by_as_of": 0.05,
    "p_never": 0.2,
    "contested": False,
    "coverage80_backtest": None,
    "superseded_by": None,
    "withheld": None,
    "frontier_score": 0.614,
    "score_unit": "fraction",
    "frontier_model_name": "Invented 2",
    "frontier_date": date(2026, 9, 1),
    "observed_through": date(2026, 10, 31),
}
CURVE = {date(2027, 12, 31): 0.4, date(2028, 12, 31): 0.6, date(2030, 12, 31): 0.7}


def summary_of(**cells: dict[str, object]) -> pl.DataFrame:
    """CROSSING_SUMMARY rows by threshold, each a headline with other cells."""
    return CROSSING_SUMMARY.frame(
        [
            empty_where_allowed(
                CROSSING_SUMMARY, **OPEN | {"threshold_id": name, "bar_id": "b"} | more
            )
            for name, more in cells.items()
        ]
    )


def table_of(domains: dict[str, str], **cells: dict[str, object]) -> pl.DataFrame:
    """HEADLINE rows of such a summary, each open bar with the same curve."""
    names = {"bar_id": "b", "trend": "drift"}
    cdf = [
        row(CROSSING_CDF, threshold_id=name, by_date=day, p_crossed=p, **names)
        for name in cells
        for day, p in CURVE.items()
    ]
    thresholds = [
        row(THRESHOLDS, threshold_id=name, bar_id="b", domain=domain, bar_basis="human")
        for name, domain in domains.items()
    ]
    return headline_rows(
        with_labels(summary_of(**cells)),
        CROSSING_CDF.frame(cdf),
        THRESHOLDS.frame(thresholds),
    )


def test_it_is_the_first_of_all_tables() -> None:
    assert PUBLISHED[0] == HEADLINE


def test_rows_stand_by_part_of_rd_and_superseded_series_last() -> None:
    table = table_of(
        {"aaa": "general", "bbb": "coding", "ccc": "coding"},
        aaa={},
        bbb={"superseded_by": "ccc"},
        ccc={},
    )

    assert table.select("rank", "section", "threshold_id").rows() == [
        (1, "Coding", "ccc"),
        (2, "General", "aaa"),
        (3, "Superseded series", "bbb"),
    ]


def test_a_row_says_what_to_know_without_another_file() -> None:
    [found] = table_of({"quiz": "coding"}, quiz={}).to_dicts()

    assert found["bar"] == "Quiz: 80% of items"
    assert (found["median"], found["interval80"]) == (
        "2028-03",
        "2027-01 to after 2050",
    )
    assert found["median_date"] == date(2028, 3, 5)
    shares = [found[name] for name in found if name.startswith("p_")]
    assert shares == [0.05, 0.4, 0.6, 0.7, 0.2]
    assert found["note"] == (
        "record 61.4% (Invented 2, 2026-09-01); figures end 2026-10-31"
    )


def test_marks_stand_in_the_labels() -> None:
    marked = with_labels(
        summary_of(
            both={
                "contested": True,
                "coverage80_backtest": 0.64,
                "coverage80_at_most": 0.64,
            },
            bound={"coverage80_at_most": 0.66},
            enough={"contested": None, "coverage80_at_most": 0.8},
        )
    )

    assert marked.select("median_label", "interval80_label").rows() == [
        ("2028-03 (contested)", "2027-01 to after 2050 (held 64%)"),
        ("2028-03", "2027-01 to after 2050 (held at most 66%)"),
        ("2028-03", "2027-01 to after 2050"),
    ]
    assert [falls_short(one) for one in marked.to_dicts()] == [True, True, False]


def test_a_withheld_headline_has_words_and_no_number_but_keeps_its_own() -> None:
    why = "withheld: intervals of this kind held 31% of 80 in the backtest"
    cells = {"withheld": why, "contested": True, "coverage80_at_most": 0.31}
    [found] = table_of({"quiz": "coding"}, quiz=cells).to_dicts()
    [full] = with_labels(summary_of(quiz=cells)).to_dicts()

    assert (found["median"], found["if_ever"]) == (why, why)
    assert found["interval80"] == "withheld"
    numbers = [name for name in found if name.startswith(("p_", "median_"))]
    assert len(numbers) == 7
    assert all(found[name] is None for name in numbers)
    assert (full["median_label"], full["interval80_label"]) == (why, "withheld")
    assert full["median_date"] == date(2028, 3, 5)
    assert not falls_short(full)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (HEADLINE, "median"),
        (HEADLINE, "if_ever"),
        (CROSSING_SUMMARY, "median_label"),
        (CROSSING_SUMMARY, "if_ever_label"),
        (AUTOMATION, "median_label"),
    ],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_draft_says_so_in_every_median(table: object, column: str) -> None:
    assert isinstance(table, type(HEADLINE))
    frame = table.frame([row(table, **{column: "2028-03"})])

    for given in (frame, frame.lazy()):
        marked = as_draft({table.name: given})[table.name].lazy().collect()
        assert marked[column].to_list() == ["2028-03 (DRAFT)"]
