"""New entries in a registry file: its text as it is, and the entries where they belong.

Nothing else of the file changes, so that a reviewer sees additions only.
"""

import re
from collections.abc import Callable, Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from trends.registry.models import Entry
from trends.registry.parsing import parse


def add_entries(
    text: str,
    entries: Mapping[str, Entry],
    *,
    order: Callable[[str], Any],
    one_line: bool = False,
) -> str:
    """The text of a file of entries by key, with more of them.

    Args:
        text: the file, which parses.
        entries: what to add; a key that the file has stays as it is.
        order: sort key of keys; an entry goes before the first that is greater.
        one_line: whether an entry stands on one line.
    """
    root = parse(text).root
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    places = [(order(key), root.lc.key(key)[0]) for key in root]
    added: dict[int, list[str]] = {}
    for key in sorted(entries, key=order):
        if key in root:
            continue
        at = next((line for other, line in places if other > order(key)), len(lines))
        is_first = bool(places) and at == places[0][1]
        # comments above an entry are its own; those above the first are the file's
        while not is_first and at and at <= len(lines) and _is_comment(lines, at - 1):
            at -= 1
        added.setdefault(at, []).append(_dump(key, entries[key], one_line=one_line))
    for at in sorted(added, reverse=True):
        lines[at:at] = added[at]
    return "".join(lines)


def add_to_list(text: str, at: tuple[str, ...], item: str) -> str:
    """The text of a file with one more item in a list of words.

    Args:
        text: the file, which parses.
        at: keys that lead to the list, which has an item.
        item: what to add at its end.
    """
    node = parse(text).root
    for key in at:
        node = node[key]
    lines = text.splitlines(keepends=True)
    line, column = node.lc.item(len(node) - 1)
    if node.fa.flow_style():
        end = column + len(str(node[-1]))
        lines[line] = f"{lines[line][:end]}, {item}{lines[line][end:]}"
    else:
        lines.insert(line + 1, f"{lines[line][:column]}{item}\n")
    return "".join(lines)


def by_words(identifier: str) -> list[tuple[bool, int, str]]:
    """Sort key of ids: numbers as numbers, before words."""
    return [
        (not part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in re.split(r"_", identifier)
    ]


def dump_entry(key: str, entry: Entry, *, one_line: bool = False) -> str:
    """One entry as the registry writes it; what is not said is left out."""
    return _dump(key, entry, one_line=one_line)


def _dump(key: str, entry: Entry, *, one_line: bool) -> str:
    said = CommentedMap(entry.model_dump(exclude_defaults=True))
    if one_line:
        said.fa.set_flow_style()
    yaml = YAML()
    yaml.width = 1000 if one_line else 100
    text = StringIO()
    yaml.dump(CommentedMap({key: said}), text)
    return text.getvalue()


def _is_comment(lines: list[str], at: int) -> bool:
    return lines[at].lstrip().startswith("#")
