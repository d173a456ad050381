"""Every mistake is named at its line and column, and what is said mends it."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.registry_mistakes import MARK, MISTAKES, SCICODE
from tests.small_world import trends
from tests.test_git import git
from trends.git import Checkout
from trends.registry import Problem, check
from trends.registry.load import check_days, check_versions
from trends.registry.versions import RECORD, at_base
from trends.workspace import Workspace

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")

SAID_TWICE = {"the label is not changed", "the id is not changed"}
"""Slips that are two: several words repeat one number."""

TODAY = date(2026, 11, 27)
HEADLINE_BAR = 'id: pct99, value: 0.99, label: "99% of items"'
LOWER_BAR = 'id: pct98, value: 0.98, label: "98% of items"'


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped registry, committed on the main branch of a repository."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(CHECKOUT / "data" / "registry", root / "data" / "registry")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "as shipped")
    git(root, "checkout", "-q", "-b", "work")
    return root


@pytest.fixture
def root(checkout: Path) -> Path:
    """The same, as committed."""
    git(checkout, "checkout", "-q", "main", "--", ".")
    git(checkout, "clean", "-fdq")
    return checkout


def problems_in(root: Path, ref: str = "main") -> list[Problem]:
    """What `trends check` prints of the registry."""
    folder = root / "data" / "registry"
    checkout = Checkout.find(root)
    states = [at_base(checkout, checkout.base(ref))] if checkout else []
    return [
        *check(folder),
        *check_days(folder, today=TODAY),
        *check_versions(folder, states, today=TODAY),
    ]


def errors_in(root: Path) -> list[Problem]:
    return [one for one in problems_in(root) if one.level == "error"]


def place_of(marked: str) -> tuple[int, int]:
    before = marked[: marked.index(MARK)].split("\n")
    return len(before), len(before[-1]) + 1


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_at_its_place_and_its_cure_works(
    root: Path, name: str
) -> None:
    mistake = MISTAKES[name]
    path = root / "data" / "registry" / mistake.file
    marked = replaced(path.read_text(), mistake.right, mistake.wrong)
    wrong = marked.replace(MARK, "")
    if mistake.at:
        marked = replaced(wrong, mistake.at.replace(MARK, ""), mistake.at)
    path.write_text(wrong)

    found = errors_in(root)
    once = [one for one in found if "changed since" not in one.message]
    said = "\n".join(str(one) for one in found)
    line, column = place_of(marked)
    place = f"data/registry/{mistake.file}:{line}:{column}: "
    assert any(
        str(one).startswith(place) and mistake.said in one.message for one in found
    ), f"{place}\n{said}"
    assert len(once) <= 1 or name in SAID_TWICE, said

    for old, new in mistake.cure:
        path.write_text(replaced(path.read_text(), old, new))
    assert errors_in(root) == []


# Files


def test_an_empty_file_is_to_be_taken_back(root: Path) -> None:
    path = root / "data" / "registry" / SCICODE
    path.write_text("")
    [problem] = errors_in(root)
    assert str(problem) == (
        f"data/registry/{SCICODE}:1:1: scicode: the file is empty: take back what stood "
        "there, or delete the file if it is new"
    )
    git(root, "checkout", "--", f"data/registry/{SCICODE}")
    assert errors_in(root) == []


def test_a_deleted_threshold_is_to_be_retired(root: Path) -> None:
    path = root / "data" / "registry" / SCICODE
    path.unlink()
    [problem] = errors_in(root)
    assert (problem.file, problem.line) == (f"data/registry/{SCICODE}", 1)
    assert f"`git checkout main -- data/registry/{SCICODE}`" in problem.message
    git(root, "checkout", "main", "--", f"data/registry/{SCICODE}")
    path.write_text(replaced(path.read_text(), "status: active", "status: retired"))
    assert errors_in(root) == []


def test_a_draft_may_be_deleted(root: Path) -> None:
    path = root / "data" / "registry" / "thresholds" / "idea.yaml"
    text = (root / "data" / "registry" / SCICODE).read_text()
    text = replaced(text, "\nid: scicode", "\nid: idea")
    path.write_text(replaced(text, "status: active", "status: draft"))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "an idea")
    path.unlink()
    assert [one for one in problems_in(root, "HEAD") if one.level == "error"] == []
    git(root, "reset", "-q", "--hard", "main")


@pytest.mark.parametrize("name", ["scicode.yml", "scicode.yaml.txt", "scicode"])
def test_a_file_of_another_kind_is_to_be_renamed(root: Path, name: str) -> None:
    path = root / "data" / "registry" / SCICODE
    path.rename(path.with_name(name))
    [problem] = errors_in(root)
    assert problem.file == f"data/registry/thresholds/{name}"
    assert "did you mean 'thresholds/scicode.yaml'?" in problem.message
    path.with_name(name).rename(path)
    assert errors_in(root) == []


def test_a_renamed_file_takes_its_name_back(root: Path) -> None:
    path = root / "data" / "registry" / SCICODE
    path.rename(path.with_name("SciCode.yaml"))
    [problem] = errors_in(root)
    assert "the id is the file's name: rename the file to scicode.yaml" in str(problem)
    path.with_name("SciCode.yaml").rename(path)
    assert errors_in(root) == []


# The headline of all


def test_another_headline_of_all_changes_what_thresholds_mean(root: Path) -> None:
    """Though no file of theirs changed; one that names its own means the same."""
    registry = root / "data" / "registry"
    path = registry / "headline.yaml"
    path.write_text(replaced(path.read_text(), "\ntrend: records", "\ntrend: drift"))
    found = errors_in(root)
    by_default = [
        file.name
        for file in registry.glob("thresholds/*.yaml")
        if "\nheadline_trend:" not in file.read_text()
        and "\nstatus: draft" not in file.read_text()
    ]
    assert sorted(Path(one.file).name for one in found) == sorted(by_default)
    assert all(
        one.message.startswith("headline_trend changed since main: write version: ")
        for one in found
    )
    # a threshold that goes on as before says so itself
    threshold = registry / SCICODE
    text = threshold.read_text()
    named = "\nheadline_trend: records\nprojection_end:"
    threshold.write_text(replaced(text, "\nprojection_end:", named))
    assert len(errors_in(root)) == len(found) - 1


def test_to_name_the_headline_of_all_changes_nothing(root: Path) -> None:
    path = root / "data" / "registry" / SCICODE
    text = path.read_text()
    named = "\nheadline_trend: records\nprojection_end:"
    path.write_text(replaced(text, "\nprojection_end:", named))
    assert problems_in(root) == []


def test_a_trend_that_was_named_before_there_was_a_headline_of_all(root: Path) -> None:
    """Compared with such a state, what is left out now is what was said then."""
    path, common = (
        root / "data" / "registry" / name for name in (SCICODE, "headline.yaml")
    )
    text, of_all = path.read_text(), common.read_text()
    for trend, changed in (("records", False), ("drift", True)):
        named = f"\nheadline_trend: {trend}\nprojection_end:"
        path.write_text(replaced(text, "\nprojection_end:", named))
        common.unlink()
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", f"by {trend}")
        path.write_text(text)
        common.write_text(of_all)
        said = [one.message for one in problems_in(root, "HEAD")]
        assert (
            any("headline_trend changed since HEAD" in one for one in said) == changed
        )
        git(root, "reset", "-q", "--hard", "main")


# Versions without git


def test_without_git_the_fingerprint_shows_a_change(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root / "data", copy / "data")
    path = copy / "data" / "registry" / SCICODE
    right = path.read_text()
    path.write_text(replaced(right, HEADLINE_BAR, LOWER_BAR))
    [problem] = problems_in(copy)
    assert problem.line == 4
    assert (
        "series, bars or meaning changed since data/registry/versions.yaml: write "
        "version: 3, and in changelog {version: 3, date: 2026-11-27, why: ...} (got 2)"
    ) in problem.message
    for old, new in MISTAKES["a version that is not raised"].cure:
        path.write_text(replaced(path.read_text(), old, new))
    [problem] = problems_in(copy)
    assert problem.code == "version_unrecorded"
    path.unlink()
    [problem] = problems_in(copy)
    assert problem.message.endswith("take it back and write status: retired")


def test_what_nobody_has_merged_may_change_again(root: Path) -> None:
    """Version 3 was recorded by this work; until it is merged it is no other's."""
    path = root / "data" / "registry" / SCICODE
    path.write_text(replaced(path.read_text(), HEADLINE_BAR, LOWER_BAR))
    for old, new in MISTAKES["a version that is not raised"].cure:
        path.write_text(replaced(path.read_text(), old, new))
    record = root / "data" / "registry" / RECORD
    lines = record.read_text().splitlines(keepends=True)
    other = [
        'scicode: {version: 3, fingerprint: "000000000000"}\n'
        if line.startswith("scicode:")
        else line
        for line in lines
    ]
    record.write_text("".join(other))
    [problem] = problems_in(root)
    assert (problem.level, problem.code) == ("warning", "version_unrecorded")


def test_the_shipped_record_is_current() -> None:
    registry = CHECKOUT / "data" / "registry"
    assert check_versions(registry, [], today=TODAY) == [], "trends check --record"


# The command


def test_the_command_prints_every_format_with_line_and_column(root: Path) -> None:
    path = root / "data" / "registry" / SCICODE
    path.write_text(replaced(path.read_text(), "value: 0.80", "value: 80%"))
    place = f"data/registry/{SCICODE}"
    workspace = Workspace(root)
    text = trends(workspace, "check")
    assert text.returncode == 3
    assert text.stdout.startswith(f"{place}:24:24: bars[2].value: a share is written")
    [problem] = json.loads(trends(workspace, "check", "--format", "json").stdout)
    assert (problem["file"], problem["line"], problem["column"]) == (place, 24, 24)
    github = trends(workspace, "check", "--format", "github").stdout
    assert github.startswith(f"::error file={place},line=24,col=24::bars[2].value: ")


def test_the_command_compares_with_what_is_asked_for_and_records(root: Path) -> None:
    path = root / "data" / "registry" / SCICODE
    path.write_text(replaced(path.read_text(), HEADLINE_BAR, LOWER_BAR))
    workspace = Workspace(root)
    done = trends(workspace, "check", "--record")
    assert done.returncode == 3
    assert "bar pct99 (is gone) changed since main: write version: 3" in done.stdout
    assert git(root, "status", "--short", "data/registry/versions.yaml") == ""
    for old, new in MISTAKES["a version that is not raised"].cure:
        path.write_text(replaced(path.read_text(), old, new))
    done = trends(workspace, "check", "--base", "main", "--record")
    assert (done.returncode, done.stdout) == (0, "")
    changed = git(root, "diff", "--unified=0", "data/registry/versions.yaml")
    assert "+scicode: {version: 3, " in changed
    unknown = trends(workspace, "check", "--base", "none")
    assert unknown.returncode == 2
    assert "git knows no commit 'none' here" in unknown.stderr
