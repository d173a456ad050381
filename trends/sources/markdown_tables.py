r"""Tables in Markdown, with or without pipes at their edges (GitHub's dialect).

A cell is plain text here: links keep their words, footnote markers and tags go.
"""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from trends.characters import quote
from trends.sources import SourceError
from trends.sources.csv_text import name_missing

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_RULE: Final = re.compile(r":?-+:?")
_PIPE: Final = re.compile(r"(?<!\\)\|")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_FOOTNOTE: Final = re.compile(r"\[\^[^\[\]]*\]")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_EMPHASIS: Final = re.compile(r"(\*\*|`)(.+?)\1")


class MarkdownTable(NamedTuple):
    """One table: the heading it stands under, and its cells as plain text.

    ``rows`` are lines of the file, each with its cells.
    """

    heading: str | None
    line: int
    header: list[str]
    rows: list[tuple[int, list[str]]]

    def require(self, columns: Collection[str], name: str) -> None:
        """The header has these columns, each once.

        Raises:
            SourceError: it lacks one, or names it twice.
        """
        wrong = [
            f"column {quote(one)} stands twice"
            if one in self.header
            else name_missing(one, self.header)
            for one in columns
            if self.header.count(one) != 1
        ]
        if wrong:
            raise SourceError(
                f"{name}:{self.line}: {'; '.join(wrong)}. The publisher has changed the "
                "columns: compare the file with its reader",
                file=name,
                line=self.line,
            )

    def why_misfit(self, cells: list[str]) -> str | None:
        """Why cells cannot be told apart by column, if they cannot."""
        if len(cells) == len(self.header):
            return None
        return f"has {len(cells)} cells, where the header has {len(self.header)}"


def find_tables(text: str) -> list[MarkdownTable]:
    """Every table of a document, in order; a table ends at a blank line or heading."""
    lines = _LINE_END.split(text)
    tables: list[MarkdownTable] = []
    heading = None
    number = 0
    while number < len(lines):
        if _is_heading(lines[number]):
            heading = plain_text(lines[number].strip(" \t#"))
        elif _starts_table(lines, number):
            table = _table(lines, number, heading)
            tables.append(table)
            number += 1 + len(table.rows)
        number += 1
    return tables


def plain_text(cell: str) -> str:
    """A cell as a reader sees it, without where its links lead and its footnotes."""
    text = _FOOTNOTE.sub("", _BREAK.sub(" ", cell))
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text))
    return " ".join(text.replace(r"\|", "|").split())


def _is_heading(line: str) -> bool:
    return line.lstrip(" ").startswith("#")


def _starts_table(lines: list[str], number: int) -> bool:
    if "|" not in lines[number] or number + 1 >= len(lines):
        return False
    rule = lines[number + 1].strip().strip("|").split("|")
    return "|" in lines[number + 1] and all(
        _RULE.fullmatch(part.strip()) for part in rule
    )


def _table(lines: list[str], number: int, heading: str | None) -> MarkdownTable:
    rows: list[tuple[int, list[str]]] = []
    for place in range(number + 2, len(lines)):
        if not lines[place].strip() or _is_heading(lines[place]):
            break
        rows.append((place + 1, _cells(lines[place])))
    return MarkdownTable(heading, number + 1, _cells(lines[number]), rows)


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith(r"\|"):
        inner = inner[:-1]
    return [plain_text(cell) for cell in _PIPE.split(inner)]
