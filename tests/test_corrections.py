"""Corrections of published rows: what they change and confirm, and when they end."""

from datetime import date

import polars as pl
import pytest

from tests.raw_rows import correction, observe, only, raw, registry
from trends.corrections import CorrectionError
from trends.observations import build_observations
from trends.registry import Correction


def test_a_correction_changes_its_row_and_no_other() -> None:
    built = observe(
        {}, {"model_name_published": "Model A"}, known=registry(correction())
    )

    by_name = {
        row["model_name_published"]: row for row in built.observations.to_dicts()
    }
    assert by_name["model-a-high"]["reported_on"] == date(2025, 3, 5)
    assert by_name["model-a-high"]["correction_ids"] == "wrong_day"
    assert by_name["Model A"]["reported_on"] == date(2025, 3, 4)
    assert by_name["Model A"]["correction_ids"] is None


def test_corrections_add_up_and_see_the_published_row() -> None:
    second = correction(
        id="wrong_name",
        match={"reported_on": "2025-03-04"},
        expect={"developer": "lab"},
        set={"model_name_published": "Model M", "ci_low": None},
    )
    found = only(observe({}, known=registry(correction(), second)))

    assert found["model_id"] == "model_m"
    assert found["reported_on"] == date(2025, 3, 5)
    assert found["ci_low"] is None
    assert found["correction_ids"] == "wrong_day;wrong_name"


def test_a_correction_can_expect_an_empty_cell() -> None:
    entry = correction(expect={"release_date": ""}, set={"release_date": "2025-01-02"})
    found = only(observe({"release_date": None}, known=registry(entry)))

    assert found["release_date_published"] == date(2025, 1, 2)


def test_a_correction_of_a_figure_that_has_changed_is_stale() -> None:
    with pytest.raises(CorrectionError) as error:
        observe({"reported_on": "2025-03-06"}, known=registry(correction()))

    assert "wrong_day: coding_test.csv:2 now shows" in str(error.value)
    assert "2025-03-06" in str(error.value)
    assert "overwrite a newer figure" in str(error.value)


def test_a_correction_of_a_row_that_has_gone_is_stale() -> None:
    with pytest.raises(CorrectionError, match="no row of coding_test has"):
        observe({"model_name_published": "Model A"}, known=registry(correction()))


def confirmation(**changes: object) -> Correction:
    return correction(
        id="half_a_percent_is_right",
        expect={"score": "0.5"},
        set={},
        confirms=["score"],
        **changes,
    )


def test_a_confirmed_cell_stays_as_it_is_and_the_row_names_the_entry() -> None:
    row = {"score": "0.5", "ci_low": None, "ci_high": None}
    found = only(observe(row, known=registry(confirmation())))

    assert found["score"] == 0.005
    assert found["correction_ids"] == "half_a_percent_is_right"


def test_a_confirmation_ends_when_the_figure_changes() -> None:
    with pytest.raises(CorrectionError, match=r"half_a_percent_is_right: .* now shows"):
        observe({"score": "0.6"}, known=registry(confirmation()))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"set": {}}, "say what is corrected"),
        ({"confirms": ["score"]}, "expect must show the score"),
        (
            {"confirms": ["score"], "expect": {"score": "1"}, "set": {"score": "2"}},
            "both corrected and confirmed",
        ),
        ({"confirms": ["harness"]}, "Input should be 'score'"),
    ],
)
def test_an_entry_that_confirms_or_corrects_nothing_is_refused(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        correction(**changes)


def test_a_correction_leaves_other_benchmarks_of_the_source_alone() -> None:
    both = pl.concat([raw({}), raw({}, benchmark="minutes_test")])

    built = build_observations(both, registry(correction()))

    corrected = built.observations.select("benchmark_id", "correction_ids")
    assert dict(corrected.iter_rows()) == {
        "coding_test": "wrong_day",
        "minutes_test": None,
    }


def test_corrections_of_other_benchmarks_wait_for_their_file() -> None:
    entry = correction(benchmark="minutes_test")

    assert only(observe({}, known=registry(entry)))["correction_ids"] is None
