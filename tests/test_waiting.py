"""A rejected row that is better than the record: the row, the lines and the exit say so."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.conftest import CHECKOUT
from tests.figures import benchmark, positive
from tests.output_runs import row
from trends.pipeline import PublishedRun
from trends.pipeline.waiting import mark_waiting, read_number
from trends.registry import Benchmark, Registry, Threshold
from trends.registry.load import load_registry
from trends.registry.models import Correction, Reporter
from trends.registry.series import Series
from trends.tables import CROSSING_SUMMARY, QUARANTINE
from trends.words import lines_about

AS_OF = date(2026, 11, 22)
FRACTION = benchmark()  # percent as published; figures end 2026-06-30
MINUTES = positive(direction="lower")
CENSORED = positive(
    measurable_range={
        "high": 960.0,
        "beyond": "exclude",
        "reason": "Few long items.",
        "source": "https://example.org/w",
    }
)
CELLS = {
    "model_name_published": "New 1",
    "score": "99.5",
    "harness": "Agent",
    "reported_on": "2026-05-01",
    "release_date": "2026-04-30",
    "reporter": "leaderboard",
}


def rejected(
    *, expectation: str = "model_is_registered", line: int = 9, **cells: object
) -> dict[str, object]:
    """One QUARANTINE row, as published."""
    return {
        "source_id": "test",
        "benchmark_id": "test",
        "source_file": "test.csv",
        "source_row": line,
        "table": "observations",
        "expectation": expectation,
        "reason": "why it was rejected",
        "row_json": json.dumps(CELLS | cells),
    }


def threshold() -> Threshold:
    """Any threshold: only its id matters here."""
    return load_registry(CHECKOUT / "data" / "registry").thresholds["scicode"]


def marked(
    *rows: dict[str, object],
    of: Benchmark = FRACTION,
    record: float | None = 0.8,
    bar: float = 0.95,
    status: str = "expected",
    as_of: date = AS_OF,
    corrections: tuple[Correction, ...] = (),
    harness: str | None = None,
    censored: bool = False,
) -> dict[str, object]:
    """The summary row of one bar, with what waits."""
    summary = CROSSING_SUMMARY.frame(
        [
            row(
                CROSSING_SUMMARY,
                threshold_id="scicode",
                frontier_score=record,
                bar_value=bar,
                crossing_status=status,
                median_label="2027-03",
                quarantined_score=None,
                quarantined_rows=None,
            )
        ]
    )
    registry = Registry(
        benchmarks={"test": of},
        models={},
        aliases={},
        corrections=list(corrections),
        sources={},
        thresholds={},
    )
    series = Series(
        "test", "test", of, harness, tuple(of.reporters), censors_out_of_range=censored
    )
    [found] = mark_waiting(
        summary,
        QUARANTINE.frame(list(rows)),
        [(threshold(), series)],
        registry=registry,
        as_of=as_of,
    ).to_dicts()
    return found


def test_a_row_of_an_unknown_model_that_would_pass_the_bar_is_said() -> None:
    found = marked(rejected())
    assert found["quarantined_score"] == pytest.approx(0.995)
    assert found["quarantined_rows"] == "test.csv:9: model_is_registered"
    waits = "a better score waits in quarantine, past this bar"
    assert found["median_label"] == f"2027-03 ({waits})"
    assert str(found["status_reason"]).startswith(f"{waits} (test.csv:9: model_is")


@pytest.mark.parametrize(
    ("status", "bar"), [("expected", 0.999), ("already_crossed", 0.5)]
)
def test_where_it_settles_nothing_it_is_said_all_the_same(
    status: str, bar: float
) -> None:
    found = marked(rejected(), bar=bar, status=status)
    assert found["median_label"] == "2027-03 (a better score waits in quarantine)"


@pytest.mark.parametrize(
    ("score", "waits"), [("2.9", True), ("3.1", False), ("0", False), ("-1", False)]
)
def test_where_lower_is_better_a_lower_score_waits(score: str, waits: bool) -> None:
    found = marked(rejected(score=score), of=MINUTES, record=3.0, bar=2.95)
    assert found["quarantined_score"] == (float(score) if waits else None)
    assert ("past this bar" in str(found["median_label"])) is waits


def test_of_several_the_best_comes_first() -> None:
    found = marked(
        rejected(score="81", line=3),
        rejected(score="90", line=4, expectation="row_is_parseable"),
        rejected(score="79.9", line=5),
    )
    assert found["quarantined_score"] == 0.9
    assert found["quarantined_rows"] == (
        "test.csv:4: row_is_parseable; test.csv:3: model_is_registered"
    )


@pytest.mark.parametrize(
    "cells",
    [
        {"score": "80"},  # ties with the record
        {"score": "n/a"},
        {"score": "995"},  # nobody has reached 995%
        {"score": ""},
        {"reporter": "developer"},  # the series does not take it
    ],
)
def test_what_is_no_better_score_of_the_series_is_not_said(
    cells: dict[str, Any],
) -> None:
    found = marked(rejected(**cells))
    assert found["quarantined_rows"] is None
    assert found["median_label"] == "2027-03"


@pytest.mark.parametrize(
    "expectation", ["score_stands_once", "observation_id_is_unique"]
)
def test_a_copy_of_a_score_that_stands_does_not_wait(expectation: str) -> None:
    """Also where the score itself is left out of fits, so that no record shows it."""
    found = marked(rejected(expectation=expectation))
    assert found["quarantined_rows"] is None


@pytest.mark.parametrize(
    ("cells", "as_of", "waits"),
    [
        ({"reported_on": "2026-05-01"}, date(2026, 4, 30), False),
        ({"reported_on": "2026-05-01"}, date(2026, 5, 1), True),
        ({"reported_on": None}, date(2026, 4, 30), True),  # released that day
        ({"reported_on": None, "release_date": None}, date(2020, 1, 1), True),
        # a day after the figures end is a slip: seen since they ended
        ({"reported_on": "2062-05-01"}, date(2026, 6, 30), True),
        ({"reported_on": "2062-05-01"}, date(2026, 6, 29), False),
        ({"reported_on": "soon", "release_date": "?"}, date(2020, 1, 1), True),
    ],
)
def test_a_past_as_of_names_only_what_could_be_seen(
    cells: dict[str, Any], as_of: date, waits: bool
) -> None:
    assert bool(marked(rejected(**cells), as_of=as_of)["quarantined_rows"]) is waits


@pytest.mark.parametrize("reported_on", [None, "2015-01-01", "2025-02-01"])
def test_no_row_is_seen_before_its_benchmark_is_public(
    reported_on: str | None,
) -> None:
    public = benchmark(
        first_public_on=date(2025, 3, 1), first_public_source="https://example.org/"
    )
    dated = rejected(reported_on=reported_on, release_date=None)
    for as_of, waits in ((date(2025, 2, 28), False), (date(2025, 3, 1), True)):
        found = marked(dated, of=public, as_of=as_of)
        assert bool(found["quarantined_rows"]) is waits


def test_a_row_that_the_suite_rejected_is_read_in_stored_units() -> None:
    found = marked(
        rejected(
            observation_id="test:1",
            score=0.97,
            known_on="2026-05-01",
            expectation="score_follows_release",
        )
    )
    assert found["quarantined_score"] == 0.97


@pytest.mark.parametrize(
    ("of", "score", "words", "record", "waits"),
    [
        (
            MINUTES,
            0.0475,
            "60 times below its neighbours (3, median of 5): h",
            3.0,
            2.85,
        ),
        (
            MINUTES,
            171.0,
            "60 times above its neighbours (3, median of 5): s",
            3.0,
            2.85,
        ),
        (
            MINUTES,
            192.0,
            "60 times above its neighbours (3, median of 5): s",
            3.0,
            None,
        ),
        (
            FRACTION,
            0.0085,
            "100 times below its neighbours (80, median of 5)",
            0.8,
            0.85,
        ),
        (
            FRACTION,
            0.0075,
            "100 times below its neighbours (80, median of 5)",
            0.8,
            None,
        ),
    ],
)
def test_a_score_in_another_unit_waits_as_what_it_seems_to_be(
    of: Benchmark, score: float, words: str, record: float, waits: float | None
) -> None:
    """A record that somebody wrote in hours is a record that the table lacks."""
    row = rejected(
        observation_id="test:1",
        score=score,
        known_on="2026-05-01",
        expectation="score_is_plausible_for_its_unit",
    ) | {"reason": f"score {score} is some {words}"}
    found = marked(row, of=of, record=record, bar=1e-9 if of is MINUTES else 0.99)
    if of is MINUTES and score < record:  # better as written, too
        waits = score
    assert found["quarantined_score"] == (waits and pytest.approx(waits))


def test_a_correction_is_taken_before_the_score_is_read() -> None:
    slip = Correction(
        id="slip",
        benchmark="test",
        match={"model_name_published": "New 1"},
        expect={"score": "99.5"},
        set={"score": "59.5"},
        reason="A slip.",
        source="made up",
    )
    assert marked(rejected(), corrections=(slip,))["quarantined_rows"] is None


def test_an_unreadable_reporter_may_be_one_of_the_series() -> None:
    assert "whoever" not in set(Reporter)
    found = marked(rejected(reporter="whoever", expectation="row_is_parseable"))
    assert found["quarantined_score"] == pytest.approx(0.995)


@pytest.mark.parametrize(("harness", "waits"), [("Agent", True), ("Other", False)])
def test_a_view_of_one_harness_waits_for_its_own_rows(
    harness: str, waits: bool
) -> None:
    found = marked(rejected(), harness=harness)
    assert bool(found["quarantined_rows"]) is waits


@pytest.mark.parametrize(("censored", "score"), [(False, None), (True, 960.0)])
def test_a_score_beyond_what_the_suite_measures_waits_as_a_bound_only(
    censored: bool, score: float | None
) -> None:
    found = marked(
        rejected(score="1045"),
        of=CENSORED,
        record=719.0,
        bar=10000.0,
        censored=censored,
    )
    assert found["quarantined_score"] == score


def test_without_any_record_every_score_is_better() -> None:
    assert marked(rejected(score="1"), record=None)["quarantined_score"] == 0.01


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("99.5", 99.5),
        ("99.5%", 99.5),
        ("99,5", 99.5),
        ("1,045", 1045.0),
        ("12_000", 12000.0),
        ("\uff19\uff19.\uff15", 99.5),  # full-width digits
        ("71.2 \u00b1 0.5", 71.2),
        ("1.2e3", 1200.0),
        ("1e999999999", None),
        ("none", None),
        ("12-13", None),
        (None, None),
    ],
)
def test_numbers_are_read_as_a_person_would(
    text: str | None, number: float | None
) -> None:
    assert read_number(text) == number


def test_one_line_a_row_says_where_of_what_and_why() -> None:
    rows = [rejected(line=3), rejected(score="1", line=4)]
    summary = pl.DataFrame([marked(*rows)], schema=CROSSING_SUMMARY.schema)
    [line] = lines_about(
        summary.with_columns(is_headline=True), quarantine=QUARANTINE.frame(rows)
    )
    assert "test.csv:3: model_is_registered: why it was rejected" in line
    assert str(summary["threshold_label"][0]) in line


def test_on_the_shipped_figures_nothing_waits(shipped_run: PublishedRun) -> None:
    """Their one rejected row is the copy of a score that stands."""
    assert shipped_run.waiting == []
    for name in ("quarantined_score", "quarantined_rows"):
        assert {one[name] for one in shipped_run.headline} == {None}
