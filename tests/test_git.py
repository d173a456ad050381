"""The earlier state of a checkout, read from a real repository."""

import shutil
import subprocess
from pathlib import Path

import pytest

from trends.git import Base, Checkout, UnknownRefError

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")

_AUTHOR = ("-c", "user.name=A Contributor", "-c", "user.email=a@example.org")


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *_AUTHOR, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(root: Path, **files: str) -> str:
    for name, text in files.items():
        (root / f"{name}.yaml").write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "a change")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, a="1", b="1")
    return tmp_path


def test_work_on_a_branch_is_compared_with_where_it_began(root: Path) -> None:
    began = git(root, "rev-parse", "HEAD")
    git(root, "checkout", "-q", "-b", "work")
    commit(root, a="2")
    git(root, "checkout", "-q", "main")
    commit(root, b="3")
    git(root, "checkout", "-q", "work")
    checkout = Checkout.find(root)
    assert checkout is not None
    base = checkout.main()
    assert base == Base("main", began)
    assert checkout.base("main").commit == began
    (root / "b.yaml").unlink()
    assert checkout.changed(base, ".") == ["a.yaml", "b.yaml"]
    assert checkout.read(base, ["a.yaml", "none.yaml", "b.yaml"]) == {
        "a.yaml": b"1",
        "b.yaml": b"1",
    }
    assert checkout.files(base, "./") == ["a.yaml", "b.yaml"]


def test_the_last_release_is_the_newest_tag_of_a_version(root: Path) -> None:
    checkout = Checkout.find(root)
    assert checkout is not None
    assert checkout.last_release() is None
    git(root, "tag", "v1.0.0")
    commit(root, a="2")
    git(root, "tag", "seen")
    first = git(root, "rev-parse", "v1.0.0")
    assert checkout.last_release() == Base("v1.0.0", first)


def test_an_unknown_ref_is_said_to_be_unknown(root: Path) -> None:
    checkout = Checkout.find(root)
    assert checkout is not None
    with pytest.raises(UnknownRefError, match="knows no commit '--help'"):
        checkout.base("--help")


def test_a_folder_inside_another_repository_is_no_checkout(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = root / "copy"
    inside.mkdir()
    assert Checkout.find(inside) is None
    monkeypatch.setenv("GIT_DIR", str(root / ".git"))  # as git's hooks have it
    assert Checkout.find(inside) is None


def test_without_git_there_is_no_checkout(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(root))
    assert Checkout.find(root) is None


def test_before_the_first_commit_there_is_nothing_to_compare_with(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    checkout = Checkout.find(tmp_path)
    assert checkout is not None
    assert checkout.main() is None
    assert checkout.last_release() is None
