"""Whose figures moved a median: families and rows are named, and parts sum."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from tests.walked import (
    DRIFTS,
    KEY,
    LOOKS,
    edited,
    threshold,
    walked_inputs,
    walked_row,
    with_rows,
)
from trends.changes import Inputs
from trends.changes.amounts import Amount, total
from trends.changes.attribution import Measured, rerun
from trends.changes.coalitions import Difference
from trends.changes.families import FamilySplit, split_by_family
from trends.changes.family_words import family_json, family_lines
from trends.changes.said import RowKey
from trends.changes.shapley import shapley
from trends.registry.models import TrendFamily


def _split(old: Inputs, new: Inputs) -> FamilySplit:
    found = split_by_family(
        Difference.between(old, new),
        before=rerun(old, [KEY]),
        after=rerun(new, [KEY]),
        row=KEY,
    )
    assert found is not None
    parts = [found.own, found.settings, found.code, found.together]
    assert total([*parts, *found.through_pool.values()]) == found.total
    return found


def _named(split: FamilySplit) -> list[str]:
    return [family for family, part in split.through_pool.items() if part]


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_one_impossible_row_of_another_series_is_named(
    *, lower_is_better: bool
) -> None:
    """A day of report in 2015 makes one family's walk eleven years long."""
    old = walked_inputs(lower_is_better=lower_is_better)
    score = 30.0 if lower_is_better else 1 / 30
    early = date(2015, 3, 1)
    new = with_rows(old, walked_row("b", 40, early, score) | {"release_date": None})
    split = _split(old, new)
    assert split.measured.unit == "days"
    assert abs(split.total.value) > 30
    assert split.through_pool == {"b": split.total}
    assert split.own == split.together == Amount()
    lines = list(family_lines(split))
    assert lines[1].endswith("this benchmark: no score of it changed")
    assert "b, through the pool: new Model 40" in lines[2]
    assert lines[2].endswith("minutes on 2015-03-01 (b.csv:42)")
    assert len(lines) == 3


def test_a_model_s_date_slip_is_named_wherever_it_scored() -> None:
    """Ten years in the registry of models: every benchmark of the model is revised."""
    old = walked_inputs()
    hit = (pl.col("model_id") == "model_9") & pl.col("benchmark_id").is_in(
        ["target", "a", "c"]
    )
    slipped = {
        name: pl.col(name).dt.offset_by("-10y")
        for name in ("release_date", "release_latest")
    }
    split = _split(old, edited(old, hit, **slipped))
    assert set(_named(split)) == {"a", "c"}
    assert split.own
    assert split.settings == split.code == Amount()
    assert list(split.through_pool) == sorted(
        split.through_pool, key=lambda one: -split.through_pool[one].size("days")
    )
    (row,) = split.rows["a"]
    assert row["change"] == "revised"
    assert (row["day"], row["day_before"]) == (date(2015, 2, 9), date(2025, 2, 9))
    assert any(
        "on 2015-02-09, was on 2025-02-09 (a.csv:11)" in line
        for line in family_lines(split)
    )


def test_two_families_share_as_shapley_would() -> None:
    old = walked_inputs()
    leaps = [walked_row(name, 41, LOOKS[-2], 5e5) for name in ("a", "c")]
    new = with_rows(old, *leaps)
    difference = Difference.between(old, new)

    def worth(some: frozenset[str]) -> Fraction:
        mixed = difference.combine(difference.causes(), benchmarks=some)
        day = rerun(mixed, [KEY]).summary["median_if_ever"][0]
        return Fraction(day.toordinal())

    split = _split(old, new)
    assert {name: part.value for name, part in split.through_pool.items()} == shapley(
        ["a", "c"], worth
    )
    assert split.together == Amount()


def test_an_added_benchmark_has_the_whole_of_the_move() -> None:
    """Its scores and its entry do nothing without each other: two causes, one family."""
    new = walked_inputs(DRIFTS | {"newcomer": 6.0})
    left = pl.col("benchmark_id") != "newcomer"
    benchmarks = {
        name: one for name, one in new.registry.benchmarks.items() if name != "newcomer"
    }
    old = replace(
        new,
        observations=new.observations.filter(left),
        registry=replace(new.registry, benchmarks=benchmarks),
    )
    assert Difference.between(old, new).causes() == (
        "new_scores",
        "watched_longer",
        "roster",
    )
    split = _split(old, new)
    assert split.total
    assert split.through_pool == {"newcomer": split.total}


def test_own_scores_and_the_pool_are_told_apart() -> None:
    old = walked_inputs()
    own, other = (
        walked_row("target", 41, LOOKS[-2], 700.0),
        walked_row("d", 41, LOOKS[-2], 4e5),
    )
    alone, both = with_rows(old, own), with_rows(old, own, other)
    assert _split(old, alone).own == _split(old, alone).total != Amount()
    assert not _split(old, alone).through_pool.keys() - {"target (others)"}
    split = _split(old, both)
    assert split.own
    assert _named(split) == ["d"]
    assert [row["source_row"] for row in split.rows["target"]] == [43]


def test_a_longer_watch_without_a_score_is_said() -> None:
    old = walked_inputs()
    entry = old.registry.benchmarks["b"]
    later = entry.model_copy(update={"observed_through": date(2026, 6, 30)})
    benchmarks = old.registry.benchmarks | {"b": later}
    new = replace(old, registry=replace(old.registry, benchmarks=benchmarks))
    split = _split(old, new)
    assert split.through_pool == {"b": split.total}
    assert split.total
    assert any(
        line.endswith(
            "b, through the pool: no score of it changed, so its watch or its entry did"
        )
        for line in family_lines(split)
    )


def test_a_moved_bar_is_nobody_s_figures() -> None:
    old = walked_inputs()
    thresholds = {"target": threshold(float(np.exp(9.4)))}
    new = replace(old, registry=replace(old.registry, thresholds=thresholds))
    split = _split(old, new)
    assert split.settings == split.total
    assert split.total.value > 0
    assert list(family_lines(split))[-1].endswith("thresholds and weights")


def test_what_no_input_explains_is_the_code_s() -> None:
    old = walked_inputs()
    printed = rerun(old, [KEY])
    earlier = pl.col("median_if_ever") - pl.duration(days=10)
    before = replace(
        printed, summary=printed.summary.with_columns(median_if_ever=earlier)
    )
    split = split_by_family(
        Difference.between(old, old), before=before, after=printed, row=KEY
    )
    assert split is not None
    assert split.code == split.total == Amount(Fraction(10))


def test_a_withdrawn_score_is_named() -> None:
    new = walked_inputs()
    old = with_rows(new, walked_row("c", 42, LOOKS[-2], 6e5))
    split = _split(old, new)
    (row,) = split.rows["c"]
    assert (row["change"], row["source_row"]) == ("withdrawn", 44)
    assert _named(split) == ["c"]


def test_where_a_median_is_missing_the_parts_are_of_a_probability() -> None:
    old = walked_inputs()
    flat = pl.col("benchmark_id") == "target"
    slow = edited(old, flat, score=pl.lit(20.0) - pl.col("source_row") / 100)
    thresholds = {"target": threshold(float(np.exp(90)))}
    far = [
        replace(one, registry=replace(one.registry, thresholds=thresholds))
        for one in (old, slow)
    ]
    split = _split(far[0], with_rows(far[1], walked_row("a", 41, LOOKS[-2], 5e5)))
    assert split.measured.unit == "probability"
    assert "of the probability by" in next(iter(family_lines(split)))


def test_a_line_leans_on_no_family() -> None:
    old, line = walked_inputs(), TrendFamily.EXPONENTIAL
    straight = old.registry.thresholds["target"].model_copy(
        update={"trends": [line], "headline_trend": line}
    )
    lined = replace(
        old, registry=replace(old.registry, thresholds={"target": straight})
    )
    key: RowKey = ("target", "bar", "exponential")
    more = with_rows(lined, walked_row("b", 41, LOOKS[-2], 5e5))
    split = split_by_family(
        Difference.between(lined, more),
        before=rerun(lined, [key]),
        after=rerun(more, [key]),
        row=key,
    )
    assert split is not None
    assert split.through_pool == {}


def test_programs_get_every_row_and_number() -> None:
    old = walked_inputs()
    new = with_rows(
        old, *[walked_row("b", 50 + k, LOOKS[-2], 1e5 + k) for k in range(5)]
    )
    split = _split(old, new)
    found = family_json(split)
    assert found is not None
    assert found["through_the_pool"] == {"b": float(split.total.value)}
    scores = found["scores"]
    assert isinstance(scores, dict)
    assert [row["source_row"] for row in scores["b"]] == [52, 53, 54, 55, 56]
    (line,) = [line for line in family_lines(split) if "through the pool" in line]
    assert line.endswith("; and 2 more")


def test_what_is_taken_from_the_new_inputs_is_only_that_of_the_named() -> None:
    old = walked_inputs()
    new = with_rows(
        old, walked_row("a", 41, LOOKS[-2], 5e5), walked_row("c", 41, LOOKS[-2], 6e5)
    )
    difference = Difference.between(old, new)
    mixed = difference.combine(difference.causes(), benchmarks={"c"})
    added = mixed.observations.join(old.observations, on="observation_id", how="anti")
    assert added["benchmark_id"].to_list() == ["c"]
    everything = difference.combine(difference.causes())
    named = difference.combine(difference.causes(), benchmarks=old.registry.benchmarks)
    assert named.observations.equals(everything.observations)
    assert named.registry == everything.registry


def test_families_beyond_the_most_told_apart_are_left_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trends.changes.families.MOST_FAMILIES", 1)
    old = walked_inputs()
    leaps = [("a", 5e3), ("c", 5e6)]
    new = with_rows(old, *(walked_row(name, 41, LOOKS[-2], at) for name, at in leaps))
    split = _split(old, new)
    assert _named(split) == ["c"]
    assert split.together
    assert list(family_lines(split))[-1].endswith(
        "together, or by families not told apart"
    )


def test_of_many_families_the_ten_that_moved_most_have_a_line() -> None:
    parts = {f"family_{k}": Amount(Fraction(30 - k)) for k in range(13)}
    split = FamilySplit(
        measured=Measured(None, [Amount(), total(parts.values())]),
        own=Amount(),
        through_pool=parts,
        settings=Amount(),
        code=Amount(),
        rows={"target": [], **{family: [] for family in parts}},
    )
    lines = [line for line in family_lines(split) if "through the pool" in line]
    assert [f"family_{k}" in line for k, line in enumerate(lines)] == [True] * 10 + [
        False
    ]
    # 20, 19 and 18 days
    assert lines[10].split("  ")[-1] == "the other 3 families, through the pool"
    assert "+57 days" in lines[10]
