"""What runs on other machines: named by what it is, and safe for pull requests of forks."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import CHECKOUT

WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.y*ml"))
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

MARKER = "<!-- trends diff -->"


def workflow(name: str) -> dict[Any, Any]:
    content: dict[Any, Any] = YAML(typ="safe").load(
        CHECKOUT / ".github" / "workflows" / name
    )
    return content


def steps(of: dict[Any, Any]) -> list[dict[Any, Any]]:
    return [step for job in of["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_say_their_version(path: Path) -> None:
    used = re.findall(r"uses: *(.+)", path.read_text())
    assert len(used) == sum("uses" in step for step in steps(workflow(path.name)))
    assert [one for one in used if not PINNED.fullmatch(one.strip())] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_gives_a_pull_request_rights_or_a_shell_its_words(
    path: Path,
) -> None:
    content = workflow(path.name)
    # YAML 1.1 reads a bare `on` as true
    triggers = content.get("on") or content[True]
    assert "pull_request_target" not in triggers
    for step in steps(content):
        assert "${{" not in step.get("run", "")
    if "pull_request" in triggers:
        assert content["permissions"] == {"contents": "read"}
        assert all("permissions" not in job for job in content["jobs"].values())
        assert "secrets" not in path.read_text()


def test_the_job_that_may_comment_runs_nothing_of_the_pull_request() -> None:
    content = workflow("preview-comment.yml")
    assert list(content.get("on") or content[True]) == ["workflow_run"]
    assert content["permissions"] == {}
    (job,) = content["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not any("uses" in step for step in job["steps"])
    preview = workflow("preview.yml")
    assert (content.get("on") or content[True])["workflow_run"]["workflows"] == [
        preview["name"]
    ]
    checkout = steps(preview)[0]
    assert checkout["with"]["persist-credentials"] is False


def test_what_a_run_would_reject_is_checked_against_the_base_first() -> None:
    runs = [step.get("run", "") for step in steps(workflow("preview.yml"))]
    (check,) = (n for n, one in enumerate(runs) if "trends check" in one)
    (diff,) = (n for n, one in enumerate(runs) if "trends diff" in one)
    assert '--base "origin/$BASE"' in runs[check]
    assert check < diff


def held(folder: Path, text: bytes | None) -> subprocess.CompletedProcess[str]:
    """The comment job's own step, on an artifact that holds this text."""
    (folder / "preview").mkdir()
    if text is not None:
        (folder / "preview" / "preview.md").write_bytes(text)
    step = next(
        step
        for step in steps(workflow("preview-comment.yml"))
        if step["name"] == "hold to what a comment may be"
    )
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "HEAD_COMMIT": "c0ffee",
        },
        capture_output=True,
        text=True,
        check=False,
    )


needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")


@needs_bash
def test_a_preview_is_posted_without_what_calls_or_misleads(tmp_path: Path) -> None:
    text = (
        f"{MARKER}\n### What moves\n\n| a | b |\n@org \\<b>x</b> ![i](u) [l](u)\a\n"
        "[a][b] &#64;org \\&commat;org a&#8203;@b\n[b]: https://x.y Www.x.y #12 gh-3\n```\n"
    )
    assert held(tmp_path, text.encode()).returncode == 0
    assert (tmp_path / "comment.md").read_text() == (
        f"{MARKER}\n### What moves\n\n| a | b |\n"
        "@&#8203;org &lt;b>x&lt;/b> !&#91;i]&#40;u) [l]&#40;u)\n"
        "[a]&#8203;[b] &amp;#&#8203;64;org &amp;commat;org a@&#8203;b\n"
        "[b]&#8203;: https:&#8203;//x.y Www&#8203;.x.y #&#8203;12 gh-&#8203;3\n"
        "&#8203;```\n\nWorked out at c0ffee by this pull request's own code\n"
    )


@needs_bash
@pytest.mark.parametrize(
    "text",
    [
        None,
        b"no marker\n",
        f"{MARKER}\n".encode() + b"x" * 50_000,
        f"{MARKER}\n".encode() + b"\xff\xfe\n",
    ],
    ids=["absent", "unmarked", "too long", "not UTF-8"],
)
def test_what_is_no_preview_is_not_posted(text: bytes | None, tmp_path: Path) -> None:
    assert held(tmp_path, text).returncode != 0
    assert not (tmp_path / "comment.md").exists()


@needs_bash
def test_an_artifact_cannot_lead_to_another_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{MARKER}\n")
    (tmp_path / "preview").mkdir()
    (tmp_path / "preview" / "preview.md").symlink_to(tmp_path / "secret")
    step = steps(workflow("preview-comment.yml"))[1]
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=tmp_path,
        check=False,
        capture_output=True,
    )
    assert done.returncode != 0


def commands(path: Path, after: str) -> list[str]:
    """Lines of the first block of commands after some words of a text."""
    block = path.read_text().split(after)[1].split("```sh\n")[1].split("```")[0]
    return [line.strip() for line in block.strip().splitlines()]


def test_readme_and_contributing_give_the_same_three_commands() -> None:
    readme = commands(CHECKOUT / "README.md", "## Change a bar")
    contributing = commands(
        CHECKOUT / ".github" / "CONTRIBUTING.md", "## Change a figure or a bar"
    )
    assert readme == contributing
    assert [line.split("#")[0].strip() for line in readme] == [
        ".venv/bin/trends check",
        ".venv/bin/trends diff",
        "gh pr create --fill",
    ]
