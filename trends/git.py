"""What a checkout said at an earlier commit; nothing here writes.

A folder without git, without commits or with a history cut short is no error: it has
no earlier state to compare with, which callers are told by None.
"""

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MAIN_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
"""Where work is merged to, the first that there is."""

RELEASE_TAGS = "v[0-9]*"

# set by git where it runs hooks: they would name another checkout than the one asked for
_OF_HOOKS = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}
)


class UnknownRefError(ValueError):
    """Nothing of that name can be compared with; the message says what to do."""


@dataclass(frozen=True)
class Base:
    """An earlier state of a checkout: its name for people, and its commit."""

    name: str
    commit: str


@dataclass(frozen=True)
class Checkout:
    """The working tree at ``root``, which is the top of a git repository."""

    root: Path

    @classmethod
    def find(cls, root: Path) -> "Checkout | None":
        """The checkout whose top is ``root``; a folder inside another is none."""
        top = _git(root, "rev-parse", "--show-toplevel")
        is_top = top is not None and Path(top.decode().strip()) == root.resolve()
        return cls(root.resolve()) if is_top else None

    def base(self, ref: str) -> Base:
        """Where this work parted from ``ref``, or ``ref`` itself if it never did.

        Raises:
            UnknownRefError: git knows no such commit.
        """
        commit = self._commit(ref)
        if commit is None:
            raise UnknownRefError(
                f"git knows no commit {ref!r} here; `git fetch` it, or name a branch, "
                "tag or commit that `git log` shows"
            )
        return Base(ref, self._merge_base(commit) or commit)

    def main(self) -> Base | None:
        """Where this work parted from the main branch; on that branch its last commit."""
        for ref in MAIN_BRANCHES:
            if commit := self._commit(ref):
                parted = self._merge_base(commit)
                return Base(ref, parted) if parted else None
        return None

    def last_release(self) -> Base | None:
        """The newest release tag before the working tree."""
        said = self._line("describe", "--tags", "--abbrev=0", "--match", RELEASE_TAGS)
        commit = self._commit(said) if said else None
        return Base(said, commit) if said and commit else None

    def changed(self, base: Base, folder: str) -> list[str]:
        """Files under ``folder`` that stood at ``base`` and read otherwise now, or not.

        Args:
            base: the earlier state.
            folder: from the root, with slashes.
        """
        options = ("--name-only", "--no-renames", "--diff-filter=DMT", "-z")
        listed = _git(self.root, "diff", *options, base.commit, "--", folder)
        return [one for one in (listed or b"").decode().split("\0") if one]

    def files(self, base: Base, *folders: str) -> list[str]:
        """Files under any of ``folders`` at ``base``, from the root."""
        options = ("-r", "-z", "--name-only")
        listed = _git(self.root, "ls-tree", *options, base.commit, "--", *folders)
        return [one for one in (listed or b"").decode().split("\0") if one]

    def read(self, base: Base, files: Iterable[str]) -> dict[str, bytes]:
        """What files held at ``base``; one that it had not is left out."""
        names = list(files)
        asked = "".join(f"{base.commit}:{name}\n" for name in names).encode()
        answer = _git(self.root, "cat-file", "--batch", asked=asked) if names else b""
        return _contents(names, answer or b"")

    def _commit(self, ref: str) -> str | None:
        options = ("--verify", "--quiet", "--end-of-options")
        return self._line("rev-parse", *options, f"{ref}^{{commit}}")

    def _merge_base(self, commit: str) -> str | None:
        return self._line("merge-base", "HEAD", commit)

    def _line(self, *words: str) -> str | None:
        said = _git(self.root, *words)
        return (said or b"").decode().strip() or None


def _contents(names: Sequence[str], answer: bytes) -> dict[str, bytes]:
    """The answer of ``git cat-file --batch``, whose every object tells its size."""
    contents, at = {}, 0
    for name in names:
        end = answer.find(b"\n", at)
        head = answer[at:end].split()
        at = end + 1
        if len(head) == 3 and head[1] == b"blob":
            size = int(head[2])
            contents[name] = answer[at : at + size]
            at += size + 1
    return contents


def _git(root: Path, *words: str, asked: bytes = b"") -> bytes | None:
    """What git prints, or None where it fails or is not installed."""
    env = {name: one for name, one in os.environ.items() if name not in _OF_HOOKS}
    command = ["git", "--no-pager", "-C", str(root), *words]
    try:
        done = subprocess.run(  # noqa: S603 - git, and our own arguments
            command, input=asked, capture_output=True, env=env, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
