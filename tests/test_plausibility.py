"""Scores in another unit than their series are found, and honest leaps are not."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
import pytest

from tests import figures
from trends.plausibility import factor_named, unit_slips
from trends.registry import Benchmark, Correction, Registry
from trends.tables import OBSERVATIONS

FIRST_DAY = date(2024, 1, 1)
Scored = tuple[int | None, float] | tuple[int | None, float, str]
"""Days after the first, score in the stored unit, and model where it matters."""

SHARES = figures.benchmark(n_items=500)
FEW_ITEMS = figures.benchmark(n_items=65)
MINUTES = figures.positive()
DOLLARS = figures.positive(unit="usd", published_unit="usd")
MULTIPLES = figures.positive(unit="x_speedup", published_unit="x_speedup")
RATIOS = figures.positive(unit="ratio", published_unit="ratio", measured_by="period")
SPEEDRUN = figures.positive(direction="lower")

GROWING: list[Scored] = [
    (0, 4.0),
    (70, 3.7),
    (110, 7.0),
    (200, 11.4),
    (250, 20.3),
    (330, 38.8),
    (410, 60.4),
    (470, 119.7),
    (500, 100.4),
    (580, 203.0),
    (690, 293.0),
    (700, 224.0),
]
AGENTS: list[Scored] = [
    (0, 0.31),
    (50, 0.22),
    (90, 0.44),
    (130, 0.38),
    (180, 0.09),
    (240, 0.56),
    (260, 0.49),
    (320, 0.61),
    (400, 0.64),
]
HARD: list[Scored] = [
    (0, 0.0),
    (20, 1 / 65),
    (20, 2 / 65),
    (60, 0.0),
    (80, 4 / 65),
    (90, 6 / 65),
    (200, 5 / 65),
    (260, 2 / 65),
]
BALANCES: list[Scored] = [
    (0, 1999.46),
    (80, 3838.74),
    (125, 1473.43),
    (140, 4967.06),
    (210, 8017.59),
    (225, 911.21),
    (290, 10936.76),
    (360, 9619.37),
]
SHAVED: list[Scored] = [
    (0, 4.41),
    (20, 3.95),
    (30, 3.8),
    (60, 3.4),
    (75, 3.142),
    (80, 2.992),
    (110, 2.933),
    (140, 2.71),
]


def found(
    benchmark: Benchmark, rows: Sequence[Scored], *, corrections: Sequence[str] = ()
) -> list[str | None]:
    return found_in({"test": (benchmark, rows)}, corrections=corrections)["test"]


def found_in(
    series: dict[str, tuple[Benchmark, Sequence[Scored]]],
    *,
    corrections: Sequence[str] = (),
) -> dict[str, list[str | None]]:
    cells: list[dict[str, object]] = [
        {
            "benchmark_id": name,
            "observation_id": f"{name}:{number}",
            "model_id": row[2] if len(row) == 3 else f"model_{number}",
            "release_latest": None
            if row[0] is None
            else FIRST_DAY + timedelta(days=row[0]),
            "score": row[1],
            "correction_ids": ";".join(corrections) or None,
        }
        for name, (_, rows) in series.items()
        for number, row in enumerate(rows)
    ]
    frame = OBSERVATIONS.frame(cells)
    benchmarks = {name: benchmark for name, (benchmark, _) in series.items()}
    known = Registry(benchmarks, {}, {}, [CONFIRMATION], {}, {})
    words = pl.Series(unit_slips(frame, known), dtype=pl.String)
    return {
        name: words.filter(frame["benchmark_id"] == name).to_list() for name in series
    }


CONFIRMATION = Correction.model_validate(
    {
        "id": "it_is_right",
        "benchmark": "test",
        "match": {"model_name_published": "Model A"},
        "expect": {"score": "0.54"},
        "confirms": ["score"],
        "reason": "The authors say so.",
        "source": "https://a.org/",
    }
)


@pytest.mark.parametrize(
    ("benchmark", "rows", "right", "wrong", "words"),
    [
        (SHARES, AGENTS, 0.54, 0.0054, "100 times below its neighbours"),
        (SHARES, AGENTS, 0.8, 0.008, "a fraction in a file of percentages?"),
        (FEW_ITEMS, HARD, 0.54, 0.0054, "0.54% is 0.35 of one of 65 items: a fraction"),
        (MINUTES, GROWING, 718.8, 11.98, "60 times below its neighbours ("),
        (MINUTES, GROWING, 718.8, 718.8 / 1440, "days in a file of minutes?"),
        (MINUTES, GROWING, 718.8, 718.8 * 60, "60 times above its neighbours"),
        (MINUTES, GROWING, 718.8, 718.8 * 60, "seconds in a file of minutes?"),
        (DOLLARS, BALANCES, 15514.7, 15.5147, "thousands in a file of dollars?"),
        (DOLLARS, BALANCES, 15514.7, 1551470.0, "cents in a file of dollars?"),
        (MULTIPLES, GROWING, 350.0, 35000.0, "percent in a file of multiples?"),
        (RATIOS, GROWING, 350.0, 35000.0, "percent in a file of multiples?"),
        (MULTIPLES, GROWING, 350.0, 0.35, "a slip of the decimal point?"),
        (SPEEDRUN, SHAVED, 2.6, 2.6 / 60, "hours in a file of minutes?"),
        (SPEEDRUN, SHAVED, 2.6, 2.6 * 60, "seconds in a file of minutes?"),
    ],
)
def test_a_record_in_another_unit_is_found_with_the_factor(
    benchmark: Benchmark,
    rows: list[Scored],
    right: float,
    wrong: float,
    words: str,
) -> None:
    last = (rows[-1][0] or 0) + 30
    assert found(benchmark, [*rows, (last, right)]) == [None] * (len(rows) + 1)

    *others, slip = found(benchmark, [*rows, (last, wrong)])
    assert others == [None] * len(rows)
    assert slip is not None
    assert words in slip
    if words != "a slip of the decimal point?":  # which may be taken for percent too
        assert wrong * factor_named(slip) == pytest.approx(right, rel=0.01)


def test_words_of_others_name_no_factor() -> None:
    assert factor_named("'Alpha 9' is not in the registry") == 1


def test_a_row_without_a_date_stands_beside_all_of_them() -> None:
    assert found(SHARES, [*AGENTS, (None, 0.54)])[-1] is None
    assert found(SHARES, [*AGENTS, (None, 0.0054)])[-1] is not None


@pytest.mark.parametrize("factor", [3.0, 5.0, 8.0])
def test_a_leap_of_the_record_is_no_slip(factor: float) -> None:
    rows = [*GROWING, (730, 293.0 * factor)]

    assert found(MINUTES, rows) == [None] * len(rows)
    assert found(DOLLARS, [*BALANCES, (400, 10936.76 * factor)])[-1] is None
    assert found(SPEEDRUN, [*SHAVED, (160, 2.71 / factor)])[-1] is None


def test_more_decimals_than_any_other_row_tell_against_a_weak_score() -> None:
    """Papers replicated: 2.6 to 30.5%, so that 0.3% alone would not be so strange."""
    shares = [0.041, 0.21, 0.244, 0.26, 0.06, 0.026, 0.085, 0.032, 0.18, 0.24, 0.305]
    papers = figures.benchmark(n_items=20, items_are_bernoulli=False)
    rows: list[Scored] = [(60 * i, share) for i, share in enumerate(shares)]

    assert found(papers, [*rows, (650, 0.003)])[-1] is None
    assert found(papers, [*rows, (650, 0.003373)])[-1] is not None
    assert found(papers, [*rows, (650, 0.3373)])[-1] is None


def test_from_a_few_percent_to_half_is_no_slip() -> None:
    assert found(SHARES, [*((day, 0.02) for day in range(0, 90, 10)), (95, 0.5)]) == (
        [None] * 10
    )


def test_weak_scores_among_weak_ones_and_zero_are_no_slips() -> None:
    """Old scaffolds solved 0.4 to 4 of a hundred, long before agents solved half."""
    old = [(-250, 0.044), (-160, 0.004), (-160, 0.012), (-150, 0.028), (-140, 0.014)]

    assert found(SHARES, [*old, *AGENTS, (420, 0.0)]) == [None] * 15


def test_a_balance_near_zero_may_be_all_that_is_left_of_the_money() -> None:
    assert found(DOLLARS, [*BALANCES, (370, 0.54)])[-1] is None


def test_two_scores_cannot_say_which_of_them_is_wrong() -> None:
    assert found(MINUTES, [(0, 60.0), (10, 1.0)]) == [None, None]


HALF, MOST = "half_of_attempts", "most_of_attempts"


def _pair(half: float, most: float) -> dict[str, list[str | None]]:
    """Two views of one suite; the last model is alone in its year."""
    days = [0, 70, 110, 200, 250, 330]
    early = [(day, 5.0 * 1.1**i, f"model_{i}") for i, day in enumerate(days)]
    series: dict[str, tuple[Benchmark, Sequence[Scored]]] = {
        HALF: (MINUTES, [*early, (1500, half, "late")]),
        MOST: (MINUTES, [(d, s / 5, m) for d, s, m in early] + [(1500, most, "late")]),
    }
    return found_in(series)


def test_what_the_model_scored_beside_it_tells_where_no_date_is_near() -> None:
    assert _pair(2.4 * 60, 0.5 * 60) == {HALF: [None] * 7, MOST: [None] * 7}

    slip = _pair(2.4, 0.5 * 60)
    assert slip[HALF][:-1] == [None] * 6
    assert "hours in a file of minutes?" in str(slip[HALF][-1])


def test_the_right_one_of_two_views_is_not_taken_for_the_wrong_one() -> None:
    assert _pair(2.4, 0.5 * 60)[MOST] == [None] * 7


def test_a_confirmed_score_stands() -> None:
    rows = [*AGENTS, (430, 0.0054)]

    assert found(SHARES, rows, corrections=["it_is_right"])[-1] is None
    assert found(SHARES, rows, corrections=["another"])[-1] is not None


def test_rows_of_a_long_series_are_held_against_all_others_of_their_date() -> None:
    """More rows than are held against the others together, and a slip in each lot."""
    rows: list[Scored] = [(2 * day, 4.0 * 2 ** (day / 80)) for day in range(600)]
    for place in (10, 255, 256, 599):
        rows[place] = (2 * place, rows[place][1] / 60)
    words = found(MINUTES, rows)
    assert [place for place, one in enumerate(words) if one] == [10, 255, 256, 599]
    assert all("hours in a file of minutes?" in str(one) for one in words if one)
