"""Rules between registry files: one broken example each, with what is then said.

Each case changes one thing in ``small_registry``, which has no problems.
"""

import re
import shutil
from pathlib import Path

import pytest

from tests import broken_entries, broken_scenarios, broken_thresholds
from trends.registry import check, load_registry

SMALL = Path(__file__).parent / "small_registry"
QUIZ = "thresholds/quiz.yaml"
WORK = "thresholds/work.yaml"

BROKEN = broken_thresholds.BROKEN | broken_entries.BROKEN | broken_scenarios.BROKEN


def edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """The small registry with one change."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "data" / "registry"))
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_named_at_its_place(tmp_path: Path, rule: str) -> None:
    name, old, new, expected = BROKEN[rule]
    folder = edited(tmp_path, name, old, new)
    assert [str(one) for one in check(folder)] == [
        f"data/registry/{line}" for line in expected
    ]


def test_a_registry_with_warnings_loads(tmp_path: Path) -> None:
    folder = edited(tmp_path, WORK, "value: 480", "value: 2400")
    assert [problem.level for problem in check(folder)] == ["warning"]
    assert load_registry(folder).thresholds["work"].bars[0].value == 2400


def test_two_benchmarks_may_not_supersede_each_other(tmp_path: Path) -> None:
    """Each is named, and the way round; one that leads into the circle is not."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "data" / "registry"))
    path = folder / "benchmarks.yaml"
    ids = {
        "coding_quiz": "speedrun",
        "speedrun": "work_length",
        "work_length": "speedrun",
    }
    entries = [
        entry.replace(
            "status: active", f"status: superseded\n  superseded_by: {ids[name]}"
        )
        for entry in re.split(r"(?m)^(?=\w)", path.read_text(encoding="utf-8"))
        if (name := entry.split(":")[0]) in ids
    ]
    path.write_text("".join(entries), encoding="utf-8")
    said = [problem.message for problem in check(folder)]
    assert said == [
        "speedrun does not say so: add coding_quiz to its supersedes",
        "nothing takes its own place: work_length -> speedrun -> work_length",
        "nothing takes its own place: speedrun -> work_length -> speedrun",
    ]


def test_two_harnesses_may_not_share_a_series_id(tmp_path: Path) -> None:
    rule = "{benchmark: coding_quiz}"
    folder = edited(tmp_path, QUIZ, rule, "{benchmark: coding_quiz, harness: A-B}")
    text = (folder / QUIZ).read_text(encoding="utf-8")
    twin = text.replace("id: quiz\n", "id: quiz_twin\n").replace("A-B", "a b")
    (folder / "thresholds" / "quiz_twin.yaml").write_text(twin, encoding="utf-8")
    assert [str(one) for one in check(folder)] == [
        (
            "data/registry/thresholds/quiz_twin.yaml:7:43: series.harness: shares series "
            "id 'coding_quiz__a_b' with harness 'A-B' (got 'a b')"
        )
    ]
