"""Why a median moved: the split is exact, and blames what was changed."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest

from tests.conftest import AS_OF, PUBLISHED_AT
from trends.changes import REGISTRY_FILE, Inputs, load_inputs
from trends.changes.amounts import Amount, total
from trends.changes.attribution import (
    Split,
    name_causes,
    published_tables,
    rerun,
    split_changes,
)
from trends.changes.coalitions import Difference, compare_scores
from trends.changes.evidence import News
from trends.changes.said import RowKey
from trends.changes.shapley import coalitions, shapley
from trends.crossings import Crossings
from trends.frontier import known_as_of
from trends.outputs import read_internal, read_table
from trends.pipeline import ForecastRequest, PublishedRun, forecast, ingest
from trends.registry import load_registry, restore_registry
from trends.tables import CROSSING_SUMMARY
from trends.words import with_labels
from trends.workspace import Workspace

ROW: RowKey = ("scicode", "pct80", "drift")
BENCHMARK = "scicode"
FIRST_DAYS = (
    "first_public_on",
    "first_public_source",
    "items_public_on",
    "oldest_release_on",
)


@pytest.fixture(scope="module")
def inputs(shipped_run: PublishedRun) -> Inputs:
    return load_inputs(shipped_run.path)


@pytest.fixture(scope="module")
def tables(shipped_run: PublishedRun) -> Crossings:
    return published_tables(shipped_run.path)


def _split(old: Inputs, new: Inputs, row: RowKey = ROW) -> Split:
    split = split_changes(
        Difference.between(old, new),
        before=rerun(old, [row]),
        after=rerun(new, [row]),
        rows=[row],
    )[0]
    assert split is not None
    assert total(split.parts.values()) == split.total
    return split


def _moved(split: Split) -> set[str]:
    return {cause for cause, part in split.parts.items() if part}


def _with_threshold(
    inputs: Inputs, edit: Callable[[float], float], row: RowKey = ROW
) -> Inputs:
    thresholds = inputs.registry.thresholds
    threshold = thresholds[row[0]]
    bars = [
        bar.model_copy(update={"value": edit(bar.value)}) if bar.id == row[1] else bar
        for bar in threshold.bars
    ]
    edited = threshold.model_copy(update={"bars": bars})
    registry = replace(inputs.registry, thresholds=thresholds | {row[0]: edited})
    return replace(inputs, registry=registry)


def _without_best_scores(inputs: Inputs, n: int) -> Inputs:
    ours = pl.col("benchmark_id") == BENCHMARK
    dropped = inputs.observations.filter(ours).sort("score").tail(n)
    kept = inputs.observations.join(dropped, on="observation_id", how="anti")
    return replace(inputs, observations=kept)


def _with_revised_scores(inputs: Inputs, factor: float) -> Inputs:
    """Every score of the benchmark is printed otherwise, as after a recount."""
    ours = pl.col("benchmark_id") == BENCHMARK
    revised = inputs.observations.with_columns(
        score=pl.when(ours).then(pl.col("score") * factor).otherwise("score"),
        observation_id=pl.when(ours)
        .then(pl.col("observation_id") + "r")
        .otherwise("observation_id"),
    )
    return replace(inputs, observations=revised)


def test_shapley_of_three_who_share_a_runway() -> None:
    """The airport game: needs of 10, 20, 50 cost 10/3, 10/3 + 10/2, and + 30."""
    need = {"a": 10, "b": 20, "c": 50}
    parts = shapley(
        list(need), lambda some: Fraction(max((need[one] for one in some), default=0))
    )
    assert parts == {
        "a": Fraction(10, 3),
        "b": Fraction(10, 3) + 5,
        "c": Fraction(10, 3) + 5 + 30,
    }


def test_shapley_splits_an_interaction_between_equals_and_ignores_a_bystander() -> None:
    """Both gloves are worth 7, one is worth nothing."""
    parts = shapley(
        ["left", "right", "hat"],
        lambda some: Fraction(7 if {"left", "right"} <= some else 0),
    )
    assert parts == {"left": Fraction(7, 2), "right": Fraction(7, 2), "hat": 0}


def test_a_cause_has_words_where_no_score_changed_and_no_day_is_known() -> None:
    """A run whose cause says nothing is refused by its own checks."""
    news = News("quiz", "Quiz", "watched_longer", [], (None, date(2026, 8, 1)), None)
    assert news.words(date(2026, 7, 31)) == "no score of it changed"


def test_every_set_of_causes_is_tried_once() -> None:
    assert coalitions(["a", "b"]) == [
        frozenset(),
        frozenset("a"),
        frozenset("b"),
        frozenset("ab"),
    ]


def test_a_run_carries_the_registry_it_was_made_with(
    shipped_run: PublishedRun, shipped_workspace: Workspace
) -> None:
    restored = restore_registry(read_internal(shipped_run.path, REGISTRY_FILE))
    registry = load_registry(shipped_workspace.registry)
    assert restored == registry
    assert restored.content_sha256 == registry.content_sha256


def test_a_rerun_of_a_run_s_inputs_gives_its_published_rows(
    inputs: Inputs, tables: Crossings
) -> None:
    """Else the split would blame the code for what a shortcut here left out."""
    headlines = tables.summary.filter("is_headline")
    again = rerun(inputs, headlines.select("threshold_id", "bar_id", "trend").rows())
    ours = with_labels(again.summary).filter("is_headline")
    differing = [
        "run_id",
        "change_days",
        "change_cause",
        "sort_rank",
        "pool_influence_days",
        "pool_influence_family",
        "pool_influence_if_ever_days",
        "pool_influence_if_ever_family",
        "pool_influence_p_never",
    ]
    assert ours.drop(differing).equals(headlines.drop(differing))


def test_a_rerun_is_repeatable_to_the_bit(inputs: Inputs) -> None:
    first, second = rerun(inputs, [ROW]), rerun(inputs, [ROW])
    assert first.summary.equals(second.summary)
    assert first.cdf.equals(second.cdf)


def test_nothing_changed_leaves_nothing_to_split(inputs: Inputs) -> None:
    difference = Difference.between(inputs, inputs)
    assert difference.causes() == ()
    split = _split(inputs, inputs)
    assert split.total == Amount()
    assert not _moved(split)


def test_new_scores_alone_are_blamed_alone(inputs: Inputs) -> None:
    split = _split(_without_best_scores(inputs, 3), inputs)
    assert split.unit == "days"
    assert split.total != Amount()
    assert _moved(split) == {"new_scores"}
    assert split.main_cause == "new_scores"


def test_a_moved_bar_alone_is_blamed_alone(inputs: Inputs) -> None:
    split = _split(inputs, _with_threshold(inputs, lambda bar: bar + 0.07))
    assert split.total.value > 0
    assert _moved(split) == {"threshold"}


def test_revised_scores_alone_are_blamed_alone(inputs: Inputs) -> None:
    split = _split(inputs, _with_revised_scores(inputs, 0.93))
    assert split.total != Amount()
    assert _moved(split) == {"revised_scores"}


def test_a_longer_watch_alone_is_blamed_alone(inputs: Inputs) -> None:
    earlier = replace(inputs, as_of=AS_OF - timedelta(days=200))
    split = _split(earlier, inputs)
    assert split.total.value > 0
    assert _moved(split) == {"watched_longer"}


def test_an_edited_benchmark_alone_is_blamed_alone(inputs: Inputs) -> None:
    benchmarks = inputs.registry.benchmarks
    edited = benchmarks[BENCHMARK].model_copy(update={"floor": 0.05})
    registry = replace(inputs.registry, benchmarks=benchmarks | {BENCHMARK: edited})
    split = _split(inputs, replace(inputs, registry=registry))
    assert split.total != Amount()
    assert _moved(split) == {"roster"}


def test_several_changes_at_once_sum_to_the_total(inputs: Inputs) -> None:
    old = replace(
        _with_revised_scores(_without_best_scores(inputs, 6), 0.97),
        as_of=AS_OF - timedelta(days=150),
    )
    split = _split(old, _with_threshold(inputs, lambda bar: bar + 0.03))
    assert _moved(split) == {
        "new_scores",
        "revised_scores",
        "watched_longer",
        "threshold",
    }
    assert split.parts["threshold"].value > 0


def test_the_way_back_has_the_opposite_parts(inputs: Inputs) -> None:
    revised = _with_revised_scores(inputs, 0.93)
    other = _with_threshold(revised, lambda bar: bar - 0.04)
    there, back = _split(inputs, other), _split(other, inputs)
    assert len(_moved(there)) == 2
    assert {cause: Amount() - part for cause, part in there.parts.items()} == back.parts


def test_what_is_known_of_a_mix_is_not_run_again(inputs: Inputs) -> None:
    """A made-up table for the new inputs comes through as the worth of the new."""
    new = _with_threshold(inputs, lambda bar: bar + 0.07)
    before, after = rerun(inputs, [ROW]), rerun(new, [ROW])
    later = pl.col("median_if_ever") + pl.duration(days=100)
    made_up = replace(after, summary=after.summary.with_columns(median_if_ever=later))
    split = split_changes(
        Difference.between(inputs, new),
        before=before,
        after=after,
        rows=[ROW],
        known={frozenset({"threshold"}): made_up},
    )[0]
    assert split is not None
    assert split.parts["code"].value == -100
    assert split.parts["threshold"].value == split.total.value + 100


def test_what_no_input_explains_is_the_code_s(
    inputs: Inputs, tables: Crossings
) -> None:
    """The old run printed a median ten days before what its inputs give today."""
    new = _with_threshold(inputs, lambda bar: bar + 0.07)
    earlier = pl.col("median_if_ever") - pl.duration(days=10)
    printed = replace(
        tables, summary=tables.summary.with_columns(median_if_ever=earlier)
    )
    split = split_changes(
        Difference.between(inputs, new),
        before=printed,
        after=rerun(new, [ROW]),
        rows=[ROW],
    )[0]
    assert split is not None
    assert split.parts["code"] == Amount(Fraction(10))
    assert split.parts["code"] + split.parts["threshold"] == split.total


def test_a_median_that_disappears_is_split_on_the_probability(inputs: Inputs) -> None:
    """A bar at the best ceiling is never certain to be crossed."""
    split = _split(inputs, _with_threshold(inputs, lambda _: 1.0))
    assert split.unit == "probability"
    assert split.by_date is not None
    assert (split.by_date + timedelta(days=1)).day == 1
    assert -1 <= split.total.value < -0.3
    assert _moved(split) == {"threshold"}


def test_a_row_that_some_mix_cannot_estimate_is_not_split(inputs: Inputs) -> None:
    ours = pl.col("benchmark_id") == BENCHMARK
    nothing = replace(inputs, observations=inputs.observations.filter(~ours))
    found = split_changes(
        Difference.between(nothing, inputs),
        before=rerun(nothing, [ROW]),
        after=rerun(inputs, [ROW]),
        rows=[ROW],
    )
    assert found == [None]


def test_the_first_days_of_benchmarks_are_no_cause_of_their_own(
    inputs: Inputs,
) -> None:
    """They act through the observations that they hide."""
    undated = {
        name: one.model_copy(update=dict.fromkeys(FIRST_DAYS))
        for name, one in inputs.registry.benchmarks.items()
    }
    old = replace(inputs, registry=replace(inputs.registry, benchmarks=undated))
    assert old.registry.content_sha256 != inputs.registry.content_sha256
    assert Difference.between(old, inputs).causes() == ()


def test_no_mix_sees_a_score_on_a_day_that_was_not_watched(inputs: Inputs) -> None:
    past = date(2025, 6, 30)
    old = replace(
        inputs, as_of=past, observations=known_as_of(inputs.observations, past)
    )
    difference = Difference.between(old, inputs)
    mixed = difference.combine({"new_scores"})
    last = dict(
        mixed.observations.group_by("benchmark_id")
        .agg(pl.col("release_latest").max())
        .iter_rows()
    )
    watched = mixed.registry.benchmarks[BENCHMARK].observed_through
    assert past < last[BENCHMARK] == watched


def test_scores_are_told_apart_by_what_became_of_them(inputs: Inputs) -> None:
    """One kept, one recounted, one whose date was corrected, one withdrawn, one new."""
    old = inputs.observations.filter(pl.col("benchmark_id") == BENCHMARK).head(4)
    model = ["kept", "recounted", "redated", "withdrawn"]
    old = old.with_columns(
        pl.Series("model_id", model), pl.Series("observation_id", model)
    )
    new = pl.concat([old.head(3), old.head(1)]).with_columns(
        pl.Series("model_id", [*model[:3], "fresh"]),
        pl.Series("observation_id", ["kept", "another", "redated", "fresh"]),
        pl.Series("score", [*old["score"][:1], 0.123, *old["score"][2:3], 0.2]),
        pl.Series("release_date", [*old["release_date"][:2], date(2024, 1, 2), AS_OF]),
    )
    found = compare_scores(old, new)
    assert found.kept["model_id"].to_list() == ["kept"]
    assert set(found.before["model_id"]) == {"recounted", "redated", "withdrawn"}
    assert set(found.after["model_id"]) == {"recounted", "redated"}
    assert found.added["model_id"].to_list() == ["fresh"]


def test_the_main_cause_made_more_than_half_of_the_movement(tables: Crossings) -> None:
    def split(**parts: int) -> Split:
        named = {cause: Amount(Fraction(part)) for cause, part in parts.items()}
        return Split(ROW, "", "", "days", None, total(named.values()), named)

    assert split(new_scores=-60, watched_longer=40).main_cause == "new_scores"
    assert split(new_scores=-50, watched_longer=30, code=20).main_cause == "mixed"
    named = name_causes(tables.summary, [split(new_scores=-60, code=1)])
    causes = named.filter(pl.col("change_cause") == "new_scores")
    assert causes.select("threshold_id", "bar_id", "trend").rows() == [ROW]
    assert named.columns == tables.summary.columns


@pytest.mark.slow
def test_an_edited_bar_is_named_in_the_next_vintage(
    shipped_run: PublishedRun, shipped_workspace: Workspace, workspace: Workspace
) -> None:
    """The whole way: publish, edit a threshold, forecast again."""
    shutil.copytree(shipped_workspace.results, workspace.results)
    file = workspace.registry / "thresholds" / f"{ROW[0]}.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("value: 0.80") == 1
    file.write_text(text.replace("value: 0.80", "value: 0.84"), encoding="utf-8")
    ingest(workspace)
    draft = forecast(
        ForecastRequest(
            as_of=AS_OF + timedelta(days=1), publish=False, thresholds=(ROW[0],)
        ),
        workspace,
        published_at=PUBLISHED_AT + timedelta(days=1),
    )
    headline = read_table(draft.path, CROSSING_SUMMARY).filter("is_headline")
    assert headline["change_cause"].to_list() == ["threshold"]
    assert headline["change_days"][0] > 0
    assert json.loads(read_internal(draft.path, REGISTRY_FILE))["thresholds"][ROW[0]]
