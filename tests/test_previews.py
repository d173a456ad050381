"""A preview says what a run of the edited registry would, to the digit."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.edited_world import (
    Rows,
    edit,
    git,
    preview,
    repository,
    rows_of,
    run,
    undo,
    without_stamps,
)
from tests.small_world import trends
from trends.git import Checkout
from trends.pipeline import RequestError
from trends.pipeline.source_part import figures_fingerprint, part_folder
from trends.previews import Preview, Shift
from trends.previews.changes import kind_of
from trends.previews.words import as_json, as_markdown, as_text
from trends.tables import CROSSING_SUMMARY
from trends.workspace import Workspace

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")

Edit = Callable[[Workspace], None]


def bar_moved(world: Workspace) -> None:
    edit(world, "registry/thresholds/quiz.yaml", "value: 0.8,", "value: 0.85,")


def bar_added(world: Workspace) -> None:
    harder = "  - {id: all, value: 0.95, label: All, basis: project_choice}\n"
    edit(world, "registry/thresholds/quiz.yaml", "trends: [", f"{harder}trends: [")


def threshold_retired(world: Workspace) -> None:
    edit(world, "registry/thresholds/run.yaml", "status: active", "status: retired")


def threshold_deleted(world: Workspace) -> None:
    (world.registry / "thresholds" / "run.yaml").unlink()


def headline_changed(world: Workspace) -> None:
    name = "registry/thresholds/run.yaml"
    edit(world, name, ", headline: true", "")
    edit(world, name, "label: Two minutes,", "label: Two minutes, headline: true,")


def projected_less_far(world: Workspace) -> None:
    edit(world, "registry/thresholds/work.yaml", "2050-12-31", "2031-12-31")


def other_gate(world: Workspace) -> None:
    edit(world, "registry/scenarios.yaml", "day, trend: exponential", "day")


def longer_gap(world: Workspace) -> None:
    edit(world, "registry/scenarios.yaml", "q90_months: 36", "q90_months: 60")


def ceiling_moved(world: Workspace) -> None:
    edit(
        world, "registry/benchmarks.yaml", "weights: [0.5, 0.5]", "weights: [0.9, 0.1]"
    )


def watched_longer(world: Workspace) -> None:
    edit(world, "registry/benchmarks.yaml", "2026-10-31", "2026-11-15")


def score_revised(world: Workspace) -> None:
    edit(world, "observations/speedrun.csv", ",8.48,", ",8.18,")


def view_taken(world: Workspace) -> None:
    last = ",2025-12-20,"
    edit(
        world, "observations/coding_quiz.csv", f"{last}leaderboard", f"{last}developer"
    )
    rule = "{benchmark: coding_quiz"
    name = "registry/thresholds/quiz.yaml"
    edit(world, name, rule, f"{rule}, reporters: [leaderboard]")


# several at once, since each case is a run; what is fitted again by each
EDITS: list[tuple[list[Edit], list[str]]] = [
    ([bar_moved, threshold_deleted, other_gate], []),
    ([bar_added, threshold_retired, longer_gap], []),
    ([headline_changed, projected_less_far], []),
    ([ceiling_moved, watched_longer], ["coding_quiz"]),
    ([score_revised, bar_moved], ["speedrun"]),
    ([view_taken], ["coding_quiz", "coding_quiz__leaderboard"]),
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path]:
    """The world, and a run of it as it was committed."""
    world = repository(tmp_path_factory.mktemp("world"))
    return world, run(world).path


@pytest.fixture
def world(shared: tuple[Workspace, Path]) -> Iterator[Workspace]:
    yield shared[0]
    undo(shared[0])


def moved(before: Rows, after: Rows) -> dict[object, tuple[object, object]]:
    """Rows that differ, or stand on one side only."""
    return {
        key: (before.get(key), after.get(key))
        for key in {*before, *after}
        if before.get(key) != after.get(key)
    }


def shown(shifts: list[Shift]) -> dict[object, tuple[object, object]]:
    return {
        one.key: (
            None if one.before is None else without_stamps(dict(one.before)),
            None if one.after is None else without_stamps(dict(one.after)),
        )
        for one in shifts
    }


@pytest.mark.parametrize(
    ("edits", "refitted"),
    EDITS,
    ids=lambda one: "+".join(edit.__name__ for edit in one if callable(edit)),
)
def test_a_preview_equals_the_runs_of_both_registries(
    edits: list[Edit],
    refitted: list[str],
    world: Workspace,
    shared: tuple[Workspace, Path],
) -> None:
    for one in edits:
        one(world)
    before, after = rows_of(shared[1]), rows_of(run(world).path)
    found = preview(world)
    bars, scenarios = (moved(old, new) for old, new in zip(before, after, strict=True))
    assert bars
    assert shown(found.bars) == bars
    assert shown(list(found.scenarios)) == scenarios
    assert found.refitted == refitted


def test_laws_of_the_latest_run_are_taken_where_it_is_of_these_figures(
    tmp_path: Path,
) -> None:
    world = repository(tmp_path)
    bar_moved(world)
    made_for_it = preview(world)
    assert made_for_it.rests_on == "fits made for this comparison"
    undo(world)
    published = run(world, publish=True)
    bar_moved(world)
    from_run = preview(world)
    assert from_run.rests_on == f"fits of run {published.run_id}"
    assert shown(from_run.bars) == shown(made_for_it.bars)
    # a run that was made of the edited registry serves as well
    of_edit = run(world, publish=True)
    assert of_edit.run_id != published.run_id
    again = preview(world)
    assert again.rests_on == f"fits of run {of_edit.run_id}"
    assert shown(again.bars) == shown(made_for_it.bars)
    # without git that run is what an edit is compared with
    shutil.rmtree(tmp_path / ".git")
    assert preview(world).bars == []
    longer_gap(world)
    against_run = preview(world)
    assert against_run.base == f"run {of_edit.run_id} as of 2026-11-26"
    assert against_run.bars == []
    assert {one.key[2] for one in against_run.scenarios} == {"prior"}


def test_a_run_of_older_figures_is_compared_with_by_its_own(tmp_path: Path) -> None:
    world = repository(tmp_path)
    old = run(world, publish=True)
    shutil.rmtree(tmp_path / ".git")
    score_revised(world)
    found = preview(world)
    assert found.base == f"run {old.run_id} as of 2026-11-26"
    assert found.refitted == ["speedrun"]
    before, after = rows_of(old.path)[0], rows_of(run(world).path)[0]
    assert shown(found.bars) == moved(before, after)


def test_moving_a_bar_fits_nothing_and_refitting_names_who_leans_on_the_pool(
    world: Workspace,
) -> None:
    bar_moved(world)
    found = preview(world)
    assert (found.refitted, found.leaning) == ([], [])
    assert "Nothing was fitted again" in as_text(found)
    undo(world)
    score_revised(world)
    found = preview(world)
    assert found.refitted == ["speedrun"]
    assert "speedrun" not in found.leaning
    assert "Fitted again: speedrun." in as_text(found)


def test_a_bar_that_is_renamed_as_it_moves_is_the_same_bar(world: Workspace) -> None:
    edit(
        world,
        "registry/thresholds/quiz.yaml",
        "{id: most, value: 0.8, label: Most,",
        '{id: pct85, value: 0.85, label: "85%",',
    )
    edit(world, "registry/scenarios.yaml", "bar: most", "bar: pct85")
    leading = [one for one in preview(world).bars if one.leads]
    assert [(one.name, one.kind) for one in leading] == [("quiz.pct85", "moved")]
    assert (leading[0].before or {})["bar_id"] == "most"
    assert (leading[0].days or 0) > 0
    said = as_text(preview(world))
    assert "quiz.pct85 (headline): was most; 80.0% -> 85.0%" in said


def test_words_alone_do_not_move_anything(world: Workspace) -> None:
    edit(world, "registry/thresholds/quiz.yaml", "label: Most", "label: Nearly all")
    edit(world, "registry/benchmarks.yaml", "title: Speedrun", "title: Speed run")
    found = preview(world)
    assert not found.anything_moved
    assert found.refitted == []
    assert {one.kind for one in found.bars} == {"reworded"}
    assert "words only  quiz.most (headline)" in as_text(found)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("frontier_model_name", "reworded"),
        ("n_observations", "reworded"),
        ("n_records", "reworded"),
        ("quarantined_rows", "reworded"),
        ("run_id", None),
        ("median_date", "moved"),
        ("p_never", "moved"),
        ("crossing_status", "moved"),
        ("bar_value", "moved"),
    ],
)
def test_a_row_moves_by_dates_probabilities_statuses_and_edits(
    column: str, kind: str | None
) -> None:
    row = dict.fromkeys([*CROSSING_SUMMARY.schema.names()], "as it was")
    assert column in row
    assert kind_of(row, row | {column: "otherwise"}) == kind


def test_a_base_that_git_did_not_read_whole_is_not_kept(
    world: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = world.root / "data" / "work"
    whole, kept = Checkout.read, set(shelf.rglob("bases/*"))
    monkeypatch.setattr(
        Checkout, "read", lambda *words: dict([*whole(*words).items()][1:])
    )
    bar_moved(world)
    git(world.root, "commit", "-q", "-a", "-m", "another base")
    bar_added(world)
    try:
        with pytest.raises(RequestError, match=r"git did not read 1 of .* run again"):
            preview(world, ref="HEAD")
        assert set(shelf.rglob("bases/*")) == kept
    finally:
        git(world.root, "reset", "-q", "--hard", "HEAD~1")


def test_the_worst_shift_comes_first_and_a_change_of_status_before_it(
    world: Workspace,
) -> None:
    # 45 minutes times 0.93 to the power of 23 is 8.5: nine minutes are reached
    two, nine = "value: 2, label: Two minutes,", "value: 9, label: Nine minutes,"
    edit(world, "registry/thresholds/run.yaml", two, nine)
    edit(world, "registry/thresholds/work.yaml", "value: 480", "value: 950")
    edit(world, "registry/thresholds/quiz.yaml", "value: 0.8,", "value: 0.81,")
    found = preview(world)
    leading = [one for one in found.bars if one.leads]
    assert [one.name for one in leading] == ["run.two", "work.day", "quiz.most"]
    assert abs(leading[1].days or 0) > abs(leading[2].days or 0) > 0
    assert found.status_changes == [leading[0]]
    assert "Warning: run.two changes status: expected -> already crossed" in as_text(
        found
    )


def test_a_pull_request_that_changes_a_bar_adds_one_and_retires_one(
    world: Workspace,
) -> None:
    bar_moved(world)
    bar_added(world)
    threshold_retired(world)
    other_gate(world)
    git(world.root, "commit", "-q", "-a", "-m", "four edits")
    try:
        first, second = as_markdown(preview(world)), as_markdown(preview(world))
    finally:
        git(world.root, "reset", "-q", "--hard", "main")
    assert first == second
    lines = first.splitlines()
    assert lines[0] == "<!-- trends diff -->"
    table = [line.split(" | ") for line in lines if line.startswith("| ")]
    by_bar = {
        line[0].split("; ")[1].split(":")[0]: line
        for line in table[2:]
        if "; " in line[0]
    }
    assert "80.0% -> 85.0%" in by_bar["quiz.most"][0]
    assert by_bar["quiz.most"][3].endswith(" days |")
    assert (by_bar["quiz.all"][1], by_bar["quiz.all"][3]) == ("", "new |")
    assert "the threshold is retired" in by_bar["run.one"][0]
    assert (by_bar["run.one"][2], by_bar["run.one"][3]) == ("", "gone |")
    assert any(line.startswith("| Both; both: gap ") for line in lines)


def many(found: Preview, n: int) -> Preview:
    """The preview as if its first bar stood in so many thresholds, and was renamed."""
    one = next(bar for bar in found.bars if bar.leads and bar.days)
    label = {"threshold_label": f"@org/team #1 www.x.y a://b <b>{'long words ' * 30}"}
    before, after = ({**(row or {}), **label} for row in (one.before, one.after))
    bars = [
        Shift((f"threshold_{k:03}", f"bar_{k}", "drift"), before, after, "moved")
        for k in range(n)
    ]
    return Preview(
        as_of=found.as_of,
        base=found.base,
        rests_on=found.rests_on,
        bars=bars,
        scenarios=found.scenarios,
        n_bars=n,
        n_scenarios=found.n_scenarios,
        refitted=[],
        leaning=[],
    )


def test_a_comment_is_never_too_long_and_calls_nobody(world: Workspace) -> None:
    bar_moved(world)
    found = preview(world)
    text = as_markdown(many(found, 250))
    assert len(text) < 50_000
    rows = [line for line in text.splitlines() if "threshold_" in line]
    left = 250 - len(rows)
    assert 0 < left < 250
    assert f"and {left} more, which `trends diff` prints." in text
    assert "threshold_000.bar_0" in rows[0]
    assert "@&#8203;org/team #&#8203;1 www&#8203;.x.y a:&#8203;//b" in text
    assert not re.search(r"@(?!&#8203;)", text)
    assert "<b>" not in text.replace("\\<b>", "")
    whole = as_markdown(many(found, 50))
    assert len([line for line in whole.splitlines() if "threshold_" in line]) == 50


def test_the_command_exits_by_what_moves(world: Workspace) -> None:
    assert trends(world, "diff", "--exit-code").returncode == 0
    bar_moved(world)
    assert trends(world, "diff").returncode == 0
    moved = trends(world, "diff", "--exit-code", "--format", "json")
    assert moved.returncode == 10, moved.stderr
    said = json.loads(moved.stdout)
    assert said["moved"] is True
    quiz = next(one for one in said["bars"] if one["trend"] == "drift")
    assert (quiz["threshold_id"], quiz["bar_id"]) == ("quiz", "most")
    assert (quiz["before"]["bar_value"], quiz["after"]["bar_value"]) == (0.8, 0.85)
    assert quiz["days"] > 0
    again = trends(world, "diff", "--base", "main", "--format", "json")
    assert again.stdout == moved.stdout
    assert again.stderr == ""


def test_the_edited_registry_is_checked_first(world: Workspace) -> None:
    edit(world, "registry/thresholds/quiz.yaml", "value: 0.8,", "value: 85,")
    refused = trends(world, "diff")
    assert refused.returncode == 3
    assert "data/registry/thresholds/quiz.yaml:12:23: bars[1].value: looks like a " in (
        refused.stderr
    )


def test_what_cannot_be_compared_with_is_a_slip_of_usage(
    world: Workspace, tmp_path: Path
) -> None:
    unknown = trends(world, "diff", "--base", "no-such-branch")
    assert unknown.returncode == 2
    assert "git knows no commit 'no-such-branch'" in unknown.stderr
    git(world.root, "worktree", "prune")
    bare = tmp_path / "bare"
    shutil.copytree(world.root, bare, ignore=shutil.ignore_patterns(".git", "work"))
    nothing = trends(Workspace(bare), "diff")
    assert nothing.returncode == 2
    assert "nothing to compare with" in nothing.stderr
    no_git = trends(Workspace(bare), "diff", "--base", "main")
    assert no_git.returncode == 2
    assert "is no git checkout" in no_git.stderr


def test_json_and_text_are_the_same_bytes_every_time(world: Workspace) -> None:
    score_revised(world)
    first, second = preview(world), preview(world)
    assert as_json(first) == as_json(second)
    assert as_text(first) == as_text(second)
    assert json.loads(as_json(first))["refitted"] == ["speedrun"]


def test_thresholds_and_scenarios_decide_nothing_of_what_a_source_gives(
    world: Workspace,
) -> None:
    before = figures_fingerprint(world), part_folder("quiz_site", world)
    bar_moved(world)
    other_gate(world)
    assert (figures_fingerprint(world), part_folder("quiz_site", world)) == before
    ceiling_moved(world)
    after = figures_fingerprint(world), part_folder("quiz_site", world)
    assert after[0] != before[0]
    assert after[1] != before[1]
