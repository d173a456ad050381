"""METR's table as it stood: its copies of January to May 2026 are replayed, not mixed.

The regularisation that METR changed in March 2026 moved every score of the suite; that
is a revision of each, and no progress.
"""

import csv
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from ruamel.yaml import YAML

from trends.changes.coalitions import compare_scores
from trends.frontier import known_as_of, select_frontier, select_series_scores
from trends.observations import build_observations
from trends.plausibility import unit_slips
from trends.registry import Registry, load_registry
from trends.registry.series import Series, every_series
from trends.revisions import standing
from trends.sources.shipped_figures import read

DATA = Path(__file__).parent.parent / "data"
SHARED = DATA.parent.parent / "shared"
P50, P80 = "metr_time_horizon_p50", "metr_time_horizon_p80"
FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 31)


@cache
def shipped() -> Registry:
    return load_registry(DATA / "registry")


@cache
def observed() -> pl.DataFrame:
    """All revisions of METR's rows."""
    files = [
        read(
            "metr", f"{name}.csv", (DATA / "observations" / f"{name}.csv").read_bytes()
        )
        for name in (P50, P80)
    ]
    built = build_observations(pl.concat(files), shipped())
    assert built.quarantine.is_empty()
    return built.observations


def as_of(day: date, benchmark_id: str = P50) -> dict[str, float]:
    """The scores that stood on a day, by model."""
    rows = standing(known_as_of(observed(), day)).filter(
        (pl.col("benchmark_id") == benchmark_id) & pl.col("fit_exclusion").is_null()
    )
    return dict(rows.select("model_name", "score").iter_rows())


def series() -> Series:
    return next(one for one in every_series(shipped()) if one.series_id == P50)


def test_a_replay_uses_the_numbers_of_its_day() -> None:
    assert as_of(FEBRUARY)["Claude Opus 4.5"] == 320.422486
    assert as_of(MARCH)["Claude Opus 4.5"] == 292.994594
    assert as_of(FEBRUARY)["Claude Opus 4.6"] == 870.027186
    assert as_of(MARCH)["Claude Opus 4.6"] == 718.80683
    assert as_of(FEBRUARY, P80)["o3"] == 23.909039
    assert as_of(MARCH, P80)["o3"] == 29.981603


def test_the_change_of_march_2026_is_revisions_and_no_new_score() -> None:
    february, march = (known_as_of(observed(), day) for day in (FEBRUARY, MARCH))

    changes = compare_scores(february, march)

    # the one model released in March, which METR measured in May
    assert set(changes.added["model_id"]) == {"gpt_5_4"}
    revised = standing(changes.after).filter(pl.col("benchmark_id") == P50)
    assert revised.height == 20
    fell = sum(
        as_of(MARCH)[name] < score
        for name, score in as_of(FEBRUARY).items()
        if score > 100
    )
    assert fell == 10  # every long horizon, while the short ones rose


def test_no_vintage_mixes_scores_of_two_copies_of_one_suite() -> None:
    """The frontier of February has no number of March, nor the other way round."""
    for day, best in ((FEBRUARY, 870.027186), (MARCH, 718.80683)):
        scores = select_series_scores(known_as_of(observed(), day), [series()])
        assert scores.group_by("model_id").len()["len"].max() == 1
        frontier = select_frontier(scores, [series()])
        assert frontier["score"].max() == best


def test_today_the_latest_copy_stands_whole() -> None:
    now = standing(observed()).filter(pl.col("benchmark_id") == P50)
    copies = Counter(
        None if day is None else day.date() for day in now["retrieved_at"].to_list()
    )

    assert now.filter(pl.col("fit_exclusion") != "scoring_rule").height == 1
    assert now.filter(pl.col("scoring_rule").is_null()).height == 26
    assert copies == {date(2026, 5, 11): 29}


def test_revisions_of_one_score_are_no_neighbours_of_each_other() -> None:
    """Without GPT-4 the oldest models are few, and the next has three copies a row."""
    rows = observed().filter(pl.col("model_id") != "gpt_4_0314")

    assert set(unit_slips(rows, shipped())) == {None}
    slip = rows["retrieved_at"].is_null() | (rows["score"] != 119.732634)
    hours = rows.with_columns(
        score=pl.when(slip).then("score").otherwise(pl.col("score") / 60)
    )
    found = [one for one in unit_slips(hours, shipped()) if one is not None]
    assert len(found) == 2  # o3 in March and in May
    assert all("60 times below its neighbours" in one for one in found)


def test_three_readings_of_one_model_are_carried_and_in_no_trend() -> None:
    readings = observed().filter(pl.col("scoring_rule").is_not_null())

    assert sorted(readings["score"]) == [678, 4260, 16200]
    assert set(readings["fit_exclusion"]) == {"scoring_rule"}
    assert readings["entry_id"].n_unique() == 3
    assert readings["revised_on"].null_count() == 3
    scores = select_series_scores(observed(), [series()])
    assert "gpt_5_6_sol" not in scores["model_id"].to_list()


@pytest.mark.parametrize("benchmark_id", [P50, P80])
def test_each_dated_copy_is_replayed_to_the_digit(benchmark_id: str) -> None:
    path = SHARED / "figures" / "metr_vintages.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside this checkout")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if row["suite"] != "METR-Horizon-v1"
        ]
    column = f"{benchmark_id[-3:]}_min"
    for day in sorted({row["copy_date"] for row in rows}):
        copy = [float(row[column]) for row in rows if row["copy_date"] == day]
        stood = sorted(as_of(date.fromisoformat(day), benchmark_id).values())
        # a replay counts each model from its release, a copy only once it was measured
        assert not set(copy) - set(stood), day
        assert len(stood) - len(copy) <= 6, day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("benchmark_results_1_1.2026-01-30.yaml", date(2026, 1, 30)),
        ("benchmark_results_1_1.yaml", date(2026, 5, 11)),
    ],
)
def test_both_published_files_are_what_stood_on_their_day(name: str, day: date) -> None:
    path = SHARED / "published" / "metr" / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside this checkout")
    results = YAML(typ="safe", pure=True).load(path)["results"].values()
    for benchmark_id in (P50, P80):
        metric = f"{benchmark_id[-3:]}_horizon_length"
        printed = {one["metrics"][metric]["estimate"] for one in results}
        every = standing(known_as_of(observed(), day)).filter(
            (pl.col("benchmark_id") == benchmark_id) & pl.col("scoring_rule").is_null()
        )
        assert not printed - set(every["score"])
