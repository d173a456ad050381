"""What is wrong with a registry file, where, and how to print it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from trends.characters import nearest, quote

Level = Literal["error", "warning"]
Format = Literal["text", "json", "github"]


@dataclass(frozen=True, order=True)
class Problem:
    """One finding at one place of one file; lines and columns count from 1.

    An error keeps the registry from loading. A warning is worth a reviewer's look.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    level: Level = "error"
    code: str = ""
    """Permanent name of a warning, by which it is accepted; errors have none."""

    def __str__(self) -> str:
        """``file:line:col: path: message``, which editors and terminals link."""
        said = self.message if self.level == "error" else f"warning: {self.said}"
        return f"{self.file}:{self.line}:{self.column}: {self.path}: {said}"

    @property
    def said(self) -> str:
        """The message, with the code in brackets where there is one."""
        return f"{self.message} [{self.code}]" if self.code else self.message


def found(what: str, got: object, known: Iterable[str] = ()) -> str:
    """``what (got X); did you mean Y?``, with Y the nearest of the known names."""
    near = nearest(str(got), known)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{what} (got {_shown(got)}){hint}"


def format_problems(problems: Iterable[Problem], style: Format = "text") -> str:
    """Problems for people, for programs, or as annotations on a pull request."""
    if style == "json":
        return json.dumps([asdict(problem) for problem in problems], indent=2)
    line = _annotation if style == "github" else str
    return "\n".join(line(problem) for problem in problems)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else quote(value)


def _annotation(problem: Problem) -> str:
    place = (
        f"file={_escaped(problem.file, ':,')},line={problem.line},col={problem.column}"
    )
    said = _escaped(f"{problem.path}: {problem.said}")
    return f"::{problem.level} {place}::{said}"


def _escaped(text: str, reserved: str = "") -> str:
    """Text as a GitHub workflow command carries it: percent-encoded where it must."""
    for character in "%\r\n" + reserved:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
