"""One bar moved without editing a file: what it says, and what it refuses."""

import json
import re
from pathlib import Path

import pytest

from tests.edited_world import TODAY, edit
from tests.small_world import small_world, trends
from trends.pipeline import RequestError
from trends.previews import Shelf, WhatIf, what_if
from trends.previews.laws import Laws, laws_of
from trends.previews.sides import Settings, Side
from trends.previews.tried import what_if_text
from trends.registry import load_registry
from trends.workspace import Workspace


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    world = small_world(tmp_path_factory.mktemp("world"))
    # the exponential has no date in so short a series
    edit(world, "registry/scenarios.yaml", "day, trend: exponential", "day")
    return world


def tried(world: Workspace, threshold: str, bar: str) -> WhatIf:
    return what_if(Shelf(world, TODAY, lambda _: None), threshold, bar)


def test_a_harder_bar_is_reached_later_and_moves_what_it_gates(
    world: Workspace,
) -> None:
    found = tried(world, "quiz", "0.85")
    assert found.moved == "most"
    leading = {one.name: one for one in found.preview.bars if one.leads}
    assert set(leading) == {"quiz.most"}
    assert (leading["quiz.most"].days or 0) > 0
    assert {one.key[0] for one in found.preview.scenarios} == {"both"}
    said = what_if_text(found)
    assert "quiz.most (headline): 80.0% -> 85.0%" in said
    # the whole ladder stands there, moved or not
    assert "Ladder of quiz" in said
    assert "half" in said.split("Ladder of quiz")[1]


def test_it_says_what_the_file_would_say(world: Workspace, tmp_path: Path) -> None:
    edited = small_world(tmp_path)
    edit(edited, "registry/thresholds/quiz.yaml", "value: 0.8,", "value: 0.85,")
    shelf = Shelf(edited, TODAY, lambda _: None)
    ingest = shelf.figures(edited)
    side = Side.of(load_registry(edited.registry), ingest, Settings(TODAY))
    laws: Laws = laws_of(side, None)
    key = ("quiz", "most", "drift")
    wanted = next(
        row
        for row in laws.summary.to_dicts()
        if (row["threshold_id"], row["bar_id"], row["trend"]) == key
    )
    shift = next(
        one for one in tried(world, *key[:1], "0.85").preview.bars if one.key == key
    )
    for name in ("median_date", "q10_date", "q90_date", "p_never", "median_label"):
        assert shift.row[name] == wanted[name]


def test_another_bar_is_moved_by_its_id(world: Workspace) -> None:
    found = tried(world, "run", "two=3")
    assert found.moved == "two"
    assert {one.name for one in found.preview.bars} == {"run.two"}
    assert "run.two: 2 minutes -> 3 minutes" in what_if_text(found)


def test_where_another_bar_stands_that_one_becomes_the_headline(
    world: Workspace,
) -> None:
    found = tried(world, "run", "2")
    assert found.moved == "two"
    said = what_if_text(found)
    assert "run.two (headline): now the headline" in said
    assert "run.one: no longer headline" in said


@pytest.mark.parametrize(
    ("threshold", "bar", "said"),
    [
        ("quiz", "90%", "it looks like a percentage, write 0.90 for 90%"),
        ("quiz", "90", "looks like a percentage, write 0.90"),
        ("quiz", "0,9", "write a decimal point, not a comma"),
        ("quiz", "nan", "is no plain number"),
        ("quiz", "0.2", "should be above the floor 0.25"),
        ("quiz", "most=", "is no plain number"),
        ("quiz", "mots=0.9", "did you mean 'most'"),
        ("quiz", "0.80", "stands at 0.8 already"),
        (
            "work",
            "1 month",
            "in the unit of the benchmark, minutes (its bars: day at 480)",
        ),
        ("work", "-3", "should be above 0 minutes"),
        ("quizz", "0.9", "did you mean 'quiz'"),
    ],
)
def test_a_value_that_no_file_takes_is_refused_in_plain_words(
    threshold: str, bar: str, said: str, world: Workspace
) -> None:
    with pytest.raises(RequestError, match=re.escape(said)):
        tried(world, threshold, bar)


def test_a_bar_beyond_the_best_ceiling_is_tried_with_a_warning(
    world: Workspace,
) -> None:
    found = tried(world, "quiz", "0.98")
    assert "the best ceiling judged, 0.97 (got 0.98)" in found.doubts[0]
    assert what_if_text(found).startswith(f"Warning: the bar {found.doubts[0]}")


def test_the_command_prints_text_and_json(world: Workspace) -> None:
    text = trends(world, "try", "quiz", "--bar", "0.85")
    assert text.returncode == 0, text.stderr
    assert "quiz.most (headline): 80.0% -> 85.0%" in text.stdout
    again = trends(world, "try", "quiz", "--bar", "0.85", "--json")
    said = json.loads(again.stdout)
    assert said["bars"][0]["after"]["bar_value"] == 0.85
    refused = trends(world, "try", "quiz", "--bar", "85%")
    assert refused.returncode == 2
    assert "percentage" in refused.stderr
