"""A score that its publisher changed: one entry, several revisions, each in its time."""

from datetime import date

import polars as pl
import pytest

from tests.raw_rows import benchmark, raw, registry
from trends.backtest.vintages import histories
from trends.changes.coalitions import compare_scores
from trends.frontier import known_as_of, select_series_scores
from trends.observations import build_observations
from trends.registry import Registry, Reporter
from trends.registry.series import Series
from trends.revisions import stand_until_revised, standing

Row = dict[str, str | None]

APRIL, MAY, JUNE = date(2025, 4, 1), date(2025, 5, 1), date(2025, 6, 1)
PLAIN: Row = {"ci_low": None, "ci_high": None, "standard_error": None}


def observed(*rows: Row, known: Registry | None = None) -> pl.DataFrame:
    """OBSERVATIONS rows in the order of the file."""
    built = build_observations(raw(*(PLAIN | row for row in rows)), known or registry())
    assert built.quarantine.is_empty(), built.quarantine["reason"].to_list()
    return built.observations.sort("source_row")


def series(known: Registry) -> Series:
    name = "coding_test"
    return Series(name, name, known.benchmarks[name], None, (Reporter.LEADERBOARD,))


def scores_on(day: date, observations: pl.DataFrame) -> list[float]:
    known = known_as_of(observations, day)
    return select_series_scores(known, [series(registry())])["score"].to_list()


REVISED: tuple[Row, ...] = (
    {"score": "64"},
    {"score": "71", "retrieved_on": "2025-05-01"},
    {"score": "70", "retrieved_on": "2025-06-01"},
)


def test_a_row_counts_until_a_later_copy_shows_another_score() -> None:
    found = observed(*REVISED)

    assert found["known_on"].to_list() == [date(2025, 3, 4), MAY, JUNE]
    assert found["known_on_basis"].to_list() == ["reported_on"] + 2 * ["retrieved_on"]
    assert found["revised_on"].to_list() == [MAY, JUNE, None]
    assert found["entry_id"].n_unique() == 1
    assert found["observation_id"].n_unique() == 3
    days = [date(2025, 3, 3), APRIL, date(2025, 4, 30), MAY, JUNE]
    assert [scores_on(day, found) for day in days] == [
        [],
        [0.64],
        [0.64],
        [0.71],
        [0.7],
    ]


def test_copies_are_in_the_order_of_their_days_whatever_that_of_the_file() -> None:
    found = observed(*reversed(REVISED))

    assert found["revised_on"].to_list() == [None, JUNE, MAY]


def test_a_past_vintage_does_not_know_that_a_score_was_revised_later() -> None:
    then = known_as_of(observed(*REVISED), MAY)

    assert then["revised_on"].to_list() == [MAY, None]


def test_the_entry_is_what_was_scored_and_not_the_score_or_the_spelling() -> None:
    renamed: Row = {
        "score": "71",
        "retrieved_on": "2025-05-01",
        "reported_on": "2025-04-02",
    }
    [before, after] = observed({}, renamed)["entry_id"]

    assert before == after == observed({"score": "12.5"})["entry_id"].item()


@pytest.mark.parametrize(
    ("column", "cell"),
    [("harness", "another"), ("reporter", "developer"), ("scoring_rule", "lenient")],
)
def test_another_harness_reporter_or_rule_is_another_entry(
    column: str, cell: str
) -> None:
    found = observed({}, {column: cell, "retrieved_on": "2025-05-01"})

    assert found["entry_id"].n_unique() == 2
    assert found["revised_on"].null_count() == 2


def test_a_row_without_a_rule_is_of_the_entry_under_the_benchmarks_own() -> None:
    known = registry(coding_test=benchmark(scoring_rule="strict"))
    later: Row = {"scoring_rule": "strict", "retrieved_on": "2025-05-01", "score": "60"}

    assert observed({}, later, known=known)["revised_on"].to_list() == [MAY, None]


def test_two_runs_of_one_copy_stay_apart_and_each_is_revised_by_its_like() -> None:
    """Runs reported on two days; the later copy corrects the second of them."""
    found = observed(
        {"score": "64", "reported_on": "2025-03-04"},
        {"score": "66", "reported_on": "2025-03-09"},
        {"score": "61", "reported_on": "2025-03-09", "retrieved_on": "2025-05-01"},
        {"score": "70", "reported_on": "2025-04-20", "retrieved_on": "2025-05-01"},
    )

    assert found["revised_on"].to_list() == [None, MAY, None, None]
    first, second, corrected, new = found["entry_id"]
    assert second == corrected
    assert len({first, second, new}) == 3


def test_a_score_that_goes_back_is_a_revision_with_an_id_of_its_own() -> None:
    back: Row = {"score": "64", "retrieved_on": "2025-06-01"}
    found = observed(*REVISED[:2], back)

    assert found["revised_on"].to_list() == [MAY, JUNE, None]
    assert found["observation_id"].n_unique() == 3


def test_the_day_of_its_copy_does_not_rename_a_row() -> None:
    [plain] = observed({})["observation_id"]

    assert observed({"retrieved_on": "2025-05-01"})["observation_id"].item() == plain


def test_a_rejected_revision_revises_nothing() -> None:
    found = observed(*REVISED)

    left = stand_until_revised(found.filter(pl.col("score") != 0.71))

    assert left["revised_on"].to_list() == [JUNE, None]


def test_a_row_without_a_report_is_known_from_the_day_of_its_copy() -> None:
    row: Row = {"reported_on": None, "retrieved_on": "2025-05-01"}
    late = registry(coding_test=benchmark(final_vintage=True))

    assert observed(row)["known_on"].to_list() == [MAY]
    assert observed(row, known=late)["known_on"].to_list() == [date(2025, 1, 2)]


def test_what_came_of_a_series_is_the_last_revision_from_the_day_of_the_first() -> None:
    [history] = histories(observed(*REVISED), [series(registry())])

    assert (history.days, history.scores) == ([date(2025, 3, 4)], [0.7])


def test_between_two_vintages_a_revision_is_no_new_score() -> None:
    found = observed(*REVISED)

    changes = compare_scores(known_as_of(found, APRIL), known_as_of(found, MAY))

    assert changes.added.is_empty()
    assert standing(changes.before)["score"].to_list() == [0.64]
    assert standing(changes.after)["score"].to_list() == [0.71]


def test_a_copy_older_than_the_report_that_it_shows_is_refused() -> None:
    rows = raw(PLAIN | {"retrieved_on": "2025-02-01"}, PLAIN | {"score": "12"})

    built = build_observations(rows, registry())

    [refused] = built.quarantine.to_dicts()
    assert refused["expectation"] == "copy_is_not_before_its_report"
    assert "retrieved on 2025-02-01, before it was reported on" in refused["reason"]
    assert built.observations["score"].to_list() == [0.12]


HOSTILE = {
    "formula": "=HYPERLINK(0)",
    "formula after @": "@SUM(A1)",
    "markup": "<script>x</script>",
    "NUL": "a\x00b",
    "right to left": "a\u202eb",
    "zero width": "a\u200bb",
    "garbled": "a\ufffdb",
    "endless": "x" * 2001,
}


@pytest.mark.parametrize("cell", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "column",
    ["model_name_published", "developer", "harness", "note", "scoring_rule"],
)
def test_a_cell_that_is_not_what_it_looks_like_costs_its_row(
    column: str, cell: str
) -> None:
    built = build_observations(raw(PLAIN | {column: cell}, PLAIN), registry())

    [refused] = built.quarantine.to_dicts()
    assert column in refused["reason"] or column == "model_name_published"
    assert refused["reason"].isprintable()
    assert refused["row_json"].isprintable()
    assert built.observations.height == 1


@pytest.mark.parametrize("column", ["score", "standard_error", "ci_low", "ci_high"])
@pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-Infinity", "1e400", "0x10"])
def test_what_is_no_number_is_no_number_in_any_cell(column: str, cell: str) -> None:
    built = build_observations(raw({column: cell}), registry())

    assert built.observations.is_empty()
    assert f"{column} is {cell!r}" in built.quarantine["reason"].item()


@pytest.mark.parametrize("cell", ["20260130", "30/01/2026", "2026-13-01", "soon"])
def test_the_day_of_a_copy_is_an_iso_day(cell: str) -> None:
    built = build_observations(raw(PLAIN | {"retrieved_on": cell}), registry())

    assert f"retrieved_on is {cell!r}" in built.quarantine["reason"].item()
