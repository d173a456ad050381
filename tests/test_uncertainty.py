"""An error or interval that cannot be used is dropped and named; its score stays."""

from collections.abc import Iterable
from statistics import median

import pytest

from tests import figures
from trends.registry import Benchmark, Registry
from trends.tables import OBSERVATIONS
from trends.uncertainty import _median_without, drop_unusable_errors

SHARES = figures.benchmark(n_items=500, se_kind="items")
RUNS = figures.benchmark(n_items=None, se_kind="runs")
MINUTES = figures.positive()

Cells = dict[str, object]
ERROR = ("standard_error", "ci_low", "ci_high")
USABLE: list[Cells] = [
    {"score": 0.41, "standard_error": 0.021},
    {"score": 0.52, "standard_error": 0.024, "ci_low": 0.47, "ci_high": 0.57},
    {"score": 0.63, "ci_low": 0.58, "ci_high": 0.67},
]
HOURS_OF_WORK: list[Cells] = [
    {"score": 60.4, "ci_low": 33.0, "ci_high": 104.2},
    {"score": 203.0, "ci_low": 112.6, "ci_high": 405.6},
    {"score": 1045.0, "ci_low": 508.9, "ci_high": 3304.3},
]


def dropped(benchmark: Benchmark, *rows: Cells) -> list[Cells]:
    """What becomes of the error cells of rows of one benchmark."""
    frame = OBSERVATIONS.frame(
        [
            {"benchmark_id": "test", "observation_id": str(number), **row}
            for number, row in enumerate(rows)
        ]
    )
    known = Registry({"test": benchmark}, {}, {}, [], {}, {})
    left = drop_unusable_errors(frame, known)
    assert left["score"].to_list() == [row["score"] for row in rows]
    return left.select(*ERROR, "uncertainty_dropped").to_dicts()


@pytest.mark.parametrize(
    ("benchmark", "rows"),
    [(SHARES, USABLE), (RUNS, USABLE), (MINUTES, HOURS_OF_WORK)],
)
def test_usable_errors_and_missing_ones_stay_as_they_are(
    benchmark: Benchmark, rows: list[Cells]
) -> None:
    rows = [*rows, {"score": 0.5}]
    expected = [dict.fromkeys(("score", *ERROR)) | row for row in rows]

    assert dropped(benchmark, *rows) == [
        {name: row[name] for name in ERROR} | {"uncertainty_dropped": None}
        for row in expected
    ]


@pytest.mark.parametrize(
    ("benchmark", "rows", "cells", "words"),
    [
        (
            MINUTES,
            HOURS_OF_WORK,
            {"score": 718.8, "ci_low": 5.28, "ci_high": 60.56},
            "interval 5.28 to 60.56 does not hold the score 718.8",
        ),
        (
            MINUTES,
            HOURS_OF_WORK,
            {"score": 185.9, "ci_low": 0.0, "ci_high": 398.5},
            "interval 0 to 398.5 has an end without a logarithm, 0",
        ),
        (
            MINUTES,
            HOURS_OF_WORK,
            {"score": 185.9, "ci_low": 97.3},
            "interval 97.3 to nothing has one end",
        ),
        (
            MINUTES,
            HOURS_OF_WORK,
            {"score": 185.9, "ci_low": 398.5, "ci_high": 97.3},
            "interval 398.5 to 97.3 runs backwards",
        ),
        (
            MINUTES,
            HOURS_OF_WORK,
            {"score": 185.9, "ci_low": 0.001, "ci_high": 39850.0},
            "interval 0.001 to 39850 is wider than a score can vary",
        ),
        (
            MINUTES,
            HOURS_OF_WORK,
            {"score": 185.9, "ci_low": 185.8, "ci_high": 186.0},
            "interval 185.8 to 186 is 1,191 times smaller than the other rows have",
        ),
        (
            MINUTES,
            HOURS_OF_WORK,
            {"score": 185.9, "standard_error": 5000.0},
            "standard error 5000 is more than a score can vary",
        ),
        (
            SHARES,
            USABLE,
            {"score": 0.97, "ci_low": 0.97, "ci_high": 0.97},
            "interval 97 to 97 has no width, and no score is certain",
        ),
        (
            SHARES,
            USABLE,
            {"score": 0.97, "standard_error": 0.0},
            "standard error 0 is none: no score is certain",
        ),
        (
            SHARES,
            USABLE,
            {"score": 0.6, "standard_error": -0.02},
            "standard error -2 is negative, and an error is a length",
        ),
        (
            SHARES,
            USABLE,
            {"score": 0.6, "standard_error": 2.2},
            "standard error 220 is more than a score can vary",
        ),
        (
            SHARES,
            USABLE,
            {"score": 0.6, "standard_error": 0.0002},
            "standard error 0.02 is 110 times smaller than 500 items allow",
        ),
        (
            RUNS,
            USABLE,
            {"score": 0.6, "ci_low": 0.0057, "ci_high": 0.0063},
            "interval 0.57 to 0.63 does not hold the score 60",
        ),
        (
            RUNS,
            USABLE,
            {"score": 0.6, "ci_low": -1.0, "ci_high": 1.5},
            "interval -100 to 150 is wider than a score can vary",
        ),
    ],
)
def test_what_cannot_be_an_error_is_dropped_and_named(
    benchmark: Benchmark, rows: list[Cells], cells: Cells, words: str
) -> None:
    *others, found = dropped(benchmark, *rows, cells)

    instead = (
        "the error of 500 items is used"
        if benchmark is SHARES
        else "the median error of the other rows is used"
    )
    assert found == dict.fromkeys(ERROR) | {
        "uncertainty_dropped": f"{words}; {instead}"
    }
    assert [row["uncertainty_dropped"] for row in others] == [None] * len(rows)


def test_of_two_errors_the_one_that_can_be_used_stays() -> None:
    interval = {"ci_low": 0.55, "ci_high": 0.65}
    no_interval = {"ci_low": 0.65, "ci_high": 0.55}
    [first, second] = dropped(
        SHARES,
        {"score": 0.6, "standard_error": 0.0, **interval},
        {"score": 0.6, "standard_error": 0.022, **no_interval},
    )

    assert first == interval | {
        "standard_error": None,
        "uncertainty_dropped": "standard error 0 is none: no score is certain; its "
        "interval is used",
    }
    assert (second["standard_error"], second["ci_low"]) == (0.022, None)
    assert str(second["uncertainty_dropped"]).endswith("; its standard error is used")


def test_where_no_other_row_has_an_error_it_is_not_known() -> None:
    [found, _] = dropped(RUNS, {"score": 0.97, "standard_error": 0.0}, {"score": 0.5})

    assert str(found["uncertainty_dropped"]).endswith("; its error is not known")


def test_an_interval_may_reach_beyond_what_a_share_can_be() -> None:
    """As a normal interval about 97% does; its width still tells the error."""
    [found] = dropped(RUNS, {"score": 0.97, "ci_low": 0.92, "ci_high": 1.02})

    assert (found["ci_high"], found["uncertainty_dropped"]) == (1.02, None)


def test_the_other_rows_are_put_in_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row's median of all others is what a count without it gives."""
    sizes = [0.02, 0.021, 0.021, 0.03, 0.05, 0.021, 0.2]
    for number, size in enumerate(sizes):
        others = [one for k, one in enumerate(sizes) if k != number]
        assert _median_without(sorted(sizes), size) == median(others)
    asked: list[int] = []

    def counted(values: Iterable[float]) -> list[float]:
        asked.append(1)
        return sorted(values)

    monkeypatch.setattr("trends.uncertainty.sorted", counted, raising=False)
    rows: list[Cells] = [{"score": 0.5, "standard_error": size} for size in sizes * 9]
    assert len(dropped(RUNS, *rows)) == 63
    assert asked == [1]
