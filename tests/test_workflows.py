"""What runs on other machines is named by what it is, not by a tag that can move."""

import re
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.y*ml"))
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_say_their_version(path: Path) -> None:
    used = re.findall(r"uses: *(.+)", path.read_text())
    assert used
    assert [one for one in used if not PINNED.fullmatch(one.strip())] == []
