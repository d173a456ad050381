"""What is wrong with a text as YAML, where, and what to write instead.

A parser says what it expected at the place where it gave up. People need the place of
the slip and its cure: the quote that was never closed, not the line after it.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from trends.characters import quote

CONFLICT: Final = re.compile(r"(<{7}|\|{7}|={7}|>{7})( |$)")
"""Lines with which git marks what it could not merge."""


class Fault(NamedTuple):
    """What is wrong with a text as YAML, and where; lines and columns count from 1."""

    line: int
    column: int
    said: str


class _Seen(NamedTuple):
    """What the parser saw: its words, where it gave up, and what it was reading."""

    problem: str
    context: str
    line: str
    at: Any
    begun: Any
    lines: list[str]

    def here(self, said: str, column: int | None = None) -> Fault:
        """A fault in the line where the parser gave up; the column counts from 0."""
        column = self.at.column if column is None else column
        return Fault(self.at.line + 1, column + 1, said)

    def indent(self, number: int) -> int:
        """Spaces before the words of a line; lines count from 0."""
        line = self.lines[number]
        return len(line) - len(line.lstrip())


def fault_in(error: Any, text: str) -> Fault:
    """The slip behind an error of the parser.

    Args:
        error: a ``MarkedYAMLError`` of ruamel.yaml.
        text: what was parsed.
    """
    at = error.problem_mark or error.context_mark
    if at is None:
        return Fault(1, 1, f"is not YAML: {error.problem}")
    lines = [*text.split("\n"), ""]
    line = lines[min(at.line, len(lines) - 1)]
    begun = error.context_mark or at
    seen = _Seen(error.problem or "", error.context or "", line, at, begun, lines)
    for slip in _SLIPS:
        if fault := slip(seen):
            return fault
    said = " ".join(part for part in (error.context, error.problem) if part)
    return seen.here(f"is not YAML: {said}")


def ended_by_a_comma(before: str, got: str) -> str | None:
    """Why ``got`` stands alone: the comma of ``0,80`` ended what stands before it."""
    number = re.search(r"([+-]?\d+),$", before)
    if number is None or not re.fullmatch(r"\d+", got):
        return None
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}", number[1]) and len(got) == 3:
        return f"a comma ends a value: write {number[1]}{got} without it"
    return f"a comma ends a value: write {number[1]}.{got} with a point"


def _sign(seen: _Seen) -> Fault | None:
    """A value that begins with what YAML keeps for itself."""
    if match := re.search(r"character '(.+)' that cannot start", seen.problem):
        return seen.here(f"a value cannot begin with {match[1]}: put it in quotes")
    if match := re.search(r"undefined alias '(.*)'", seen.problem):
        said = f"*{match[1]} repeats nothing: put the value in quotes, or write it out"
        return seen.here(said)
    if "unknown escape" in seen.problem:
        return seen.here("\\ begins an escape here: write \\\\, or use single quotes")
    if "another document" in seen.problem:
        return seen.here("a second document begins: a file holds one, delete this line")
    return None


def _quotes(seen: _Seen) -> Fault | None:
    """A quote that nothing closes, or that stands inside quotes of its kind."""
    if "quoted scalar" in seen.context and "end of stream" in seen.problem:
        line, column = seen.begun.line, seen.begun.column
        return Fault(line + 1, column + 1, "this quote is never closed")
    if "flow" not in seen.context:
        return None
    for number in range(seen.begun.line, seen.at.line + 1):
        line = seen.lines[number]
        for sign in "\"'":
            opened = re.search(rf"(?<=[\s\[{{:,]){sign}", line)
            if opened and line.count(sign) % 2:
                said = (
                    "this quote is never closed"
                    if line.count(sign) == 1
                    else f"{sign} stands inside {sign} quotes: use the other kind"
                )
                return Fault(number + 1, opened.start() + 1, said)
    before = seen.line[: seen.at.column]
    if "got '<scalar>'" in seen.problem and before.endswith(('"', "'")):
        said = f"{before[-1]} stands inside {before[-1]} quotes: use the other kind"
        return seen.here(said, len(before) - 1)
    return None


def _flow(seen: _Seen) -> Fault | None:
    """Inside { } or [ ]: no comma, two of them, a comment, or no end."""
    if "node content, but found ','" in seen.problem:
        return seen.here("two commas: delete one")
    expected = re.search(r"expected ',' or '([}\]])'", seen.problem)
    if expected is None:
        return None
    closing, line, column = expected[1], seen.begun.line, seen.begun.column
    opened = seen.lines[line]
    if comment := re.search(r"(?<=\s)#", opened[column:]):
        said = "# begins a comment: put the words in quotes, or end the list before it"
        return Fault(line + 1, column + comment.start() + 1, said)
    if seen.at.line > line and seen.indent(seen.at.line) <= column:
        said = f"{opened[column]} is never closed: write {closing} at its end"
        return Fault(line + 1, column + 1, said)
    before = re.search(r"\S+\s*$", seen.line[: seen.at.column])
    if "got ':'" in seen.problem and before:
        said = f"a comma is missing before {quote(before[0].strip())}"
        return seen.here(said, before.start())
    return seen.here(f"a comma or {closing} is missing before this")


def _block(seen: _Seen) -> Fault | None:
    """Between entries: a sign too many, or a line that begins at another column."""
    found = re.search(r"expected <block end>, but found '(.*)'", seen.problem)
    if found is None:
        return None
    if found[1] == ",":
        return seen.here("a comma stands after the entry: delete it")
    if found[1] in ("}", "]"):
        return seen.here(f"one {found[1]} too many: delete it")
    if dash := re.match(r"\s*-(?=\S)", seen.line):
        return seen.here("put a space after the dash", dash.end() - 1)
    above = (n for n in range(seen.at.line - 1, -1, -1) if _is_item(seen.lines[n]))
    column = seen.begun.column
    if _is_item(seen.line) and (item := next(above, None)) is not None:
        column = seen.indent(item)
    begins = f"begin it at column {column + 1}, as the one above"
    return seen.here(f"this line begins at another column: {begins}")


def _is_item(line: str) -> bool:
    """Whether a line begins an item of a list."""
    return line.lstrip().startswith("- ")


def _key(seen: _Seen) -> Fault | None:
    """A line without a key, or whose key has no colon and space after it."""
    if "could not find expected ':'" not in seen.problem:
        return None
    number = seen.begun.line
    line, column = seen.lines[number], seen.begun.column
    if glued := re.match(r"\s*[\w-]+:(?=\S)", line):
        said = "put a space after the colon"
        return Fault(number + 1, glued.end() + 1, said)
    if equals := re.match(r"\s*[\w-]+\s*=", line):
        return Fault(number + 1, equals.end(), "write a colon and a space, not =")
    if line.lstrip().startswith(("{", "[")):
        return Fault(number + 1, column + 1, "an item of a list begins with '- '")
    said = (
        "has no colon: write `key: value`, or indent the line where it goes on with "
        "the words above"
    )
    return Fault(number + 1, column + 1, said)


def _colon(seen: _Seen) -> Fault | None:
    """A colon where no key can stand."""
    if "mapping values are not allowed here" not in seen.problem:
        return None
    first = seen.indent(seen.at.line)
    if seen.line.rstrip().endswith("}") and "{" not in seen.line:
        start = re.match(r"\s*(- )?", seen.line)
        column = start.end() if start else first
        is_round = seen.line[column] == "("
        said = "write {, not (" if is_round else "a { is missing before this"
        return seen.here(said, column)
    if seen.line[first : seen.at.column].count(": ") or seen.line[first] == "-":
        return seen.here("a colon ends a key: put the value in quotes")
    above = next(
        (n for n in range(seen.at.line - 1, -1, -1) if seen.lines[n].strip()), 0
    )
    if first > (wanted := seen.indent(above)):
        said = f"is indented too far: begin it at column {wanted + 1}"
        return seen.here(said, first)
    return seen.here("a colon ends a key: put the value in quotes, or fold it with >")


_SLIPS: Final = (_sign, _quotes, _flow, _block, _key, _colon)


def slips_of_lines(text: str) -> Iterator[Fault]:
    """Tabs, which look like spaces, and merges that were not finished."""
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line:
            yield Fault(number, line.index("\t") + 1, "is a tab: write spaces")
        if CONFLICT.match(line):
            said = (
                "a merge is not finished: keep one of the two sides, and delete the "
                "lines that begin with <<<<<<<, ======= and >>>>>>>"
            )
            yield Fault(number, 1, said)
