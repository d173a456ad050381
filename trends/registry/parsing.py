"""YAML text to nodes, with everything refused that a reviewed file has no use for.

Entries are plain: mappings, lists, numbers and words. Tags, directives, merge keys,
deep nesting, aliases that multiply and characters that nobody sees can hide what a file
says, or make a small file a large one; each is refused at its line and column.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, MappingStartEvent, SequenceStartEvent
from ruamel.yaml.nodes import ScalarNode

from trends.characters import name_unseen, quote
from trends.registry.syntax import Fault, ended_by_a_comma, fault_in, slips_of_lines

EMPTY: Final = "the file is empty"

MAX_BYTES: Final = 16_000_000
"""Size of one file, a hundred times the largest: 10,000 benchmarks. It is parsed once."""

MAX_DEPTH: Final = 20
"""Mappings and lists inside one another."""

MAX_REPEATED: Final = 800_000
"""Characters that the aliases of a file may add to it."""

_NUMBER: Final = re.compile(
    r"[+-]?(0|[1-9][0-9]{0,17})(\.[0-9]{0,25})?([eE][+-]?[0-9]{1,2})?"
    r"|[+-]?\.[0-9]{1,25}|[+-]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


class Parsed(NamedTuple):
    """The nodes of a text with their positions, and its repeated keys.

    Where the text cannot be parsed ``root`` is None and ``fault`` says why.
    """

    root: Any
    fault: Fault | None = None
    repeated_keys: tuple[tuple[Any, Any], ...] = ()


def parse(text: str) -> Parsed:
    """The nodes of one YAML document."""
    for fault in (*_unseen_in(text), *slips_of_lines(text)):
        return Parsed(None, fault)
    yaml = YAML()
    yaml.Composer = _Composer
    yaml.Constructor = _Constructor
    try:
        root = yaml.load(text)
    except _Refused as error:
        return Parsed(None, _refusal(error, text))
    except MarkedYAMLError as error:
        return Parsed(None, fault_in(error, text))
    except YAMLError as error:
        return Parsed(None, Fault(1, 1, f"is not YAML: {error}"))
    if root is None:
        return Parsed(None, Fault(1, 1, EMPTY))
    return Parsed(root, None, tuple(yaml.constructor.repeated_keys))


class _Refused(MarkedYAMLError):  # noqa: N818  raised and caught here only
    """YAML that is well formed and not wanted in a registry."""

    def __init__(self, said: str, mark: Any) -> None:
        super().__init__(problem=said, problem_mark=mark)


class _Composer(Composer):
    """Refuses events before anything is built of them."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.n_characters = 0
        self.n_repeated = 0
        self.sizes: dict[Any, int] = {}
        self.unrepeated: dict[str, Any] = {}

    def compose_document(self) -> Any:
        event = self.parser.peek_event()
        if event.version is not None or event.tags:
            raise _Refused(
                "directives (%YAML, %TAG) are not read: delete it", _at(event)
            )
        document = super().compose_document()
        for anchor, mark in self.unrepeated.items():
            said = f"&{anchor} names what nothing repeats: put the value in quotes"
            raise _Refused(said, mark)
        return document

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        for said in self._refusals(event):
            raise _Refused(said, _at(event))
        before = self.n_characters
        node = super().compose_node(parent, index)
        if isinstance(event, AliasEvent):
            self.unrepeated.pop(event.anchor, None)
            self.n_characters += self.sizes[event.anchor]
            self.n_repeated += self.sizes[event.anchor]
            if self.n_repeated > MAX_REPEATED:
                raise _Refused("aliases make the file too large", _at(event))
        else:
            self.n_characters += 1 + (
                len(node.value) if isinstance(node, ScalarNode) else 0
            )
            self.sizes[event.anchor] = self.n_characters - before
            if event.anchor is not None:
                self.unrepeated[event.anchor] = _at(event)
        return node

    def _refusals(self, event: Any) -> Iterator[str]:
        if isinstance(event, AliasEvent):
            if event.anchor in self.anchors and event.anchor not in self.sizes:
                yield f"*{event.anchor} stands inside what it repeats"
            return
        if event.anchor is not None and event.anchor in self.anchors:
            yield f"&{event.anchor} names two places: give one another name"
        if event.ctag is not None:
            yield f"tags ({event.ctag}) are not read: write the value without it"
        nests = isinstance(event, MappingStartEvent | SequenceStartEvent)
        if nests and self.depth >= MAX_DEPTH:
            yield f"is nested more than {MAX_DEPTH} deep: no entry needs that"

    def compose_scalar_node(self, anchor: Any) -> Any:
        node = super().compose_scalar_node(anchor)
        if why := _why_refused(node):
            raise _Refused(why, node.start_mark)
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                raise _Refused("a key is a text, not a list or mapping", key.start_mark)
        return node


def _at(event: Any) -> Any:
    return event.start_mark


def _why_refused(node: ScalarNode) -> str | None:
    kind = str(node.tag).rpartition(":")[2]
    # a block ends in a line break, which is stripped where the text is read
    text = node.value.removesuffix("\n")
    if node.style == ">":
        text = text.replace("\a", "")  # ruamel.yaml marks where the lines were folded
    if unseen := name_unseen(text):
        return f"{quote(text)}: {unseen}: delete it"
    if kind == "merge":
        return "merge keys (<<) are not read: write the keys out"
    if node.style is None and text.endswith(","):
        return f"ends with a comma: delete it (got {quote(text)})"
    if node.style is None and text.count('"') % 2:
        return f"a quote stands alone: write one on both sides (got {quote(text)})"
    if kind in ("int", "float") and _NUMBER.fullmatch(node.value) is None:
        said = "write a number in plain decimal digits, or in quotes if it is a text"
        return f"{said} (got {quote(node.value)})"
    return None


class _Constructor(RoundTripConstructor):
    """Keeps dates as text for Pydantic, and collects repeated keys with their place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.repeated_keys: list[tuple[Any, Any]] = []

    def check_mapping_key(
        self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any
    ) -> bool:
        """Whether the key is new; the first value of a repeated key stands."""
        if key in mapping:
            self.repeated_keys.append((key, key_node.start_mark))
        return key not in mapping


_Constructor.add_constructor(
    "tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str
)


def _unseen_in(text: str) -> Iterator[Fault]:
    """The first unseen character of the file, comments included."""
    if name_unseen(text, allowed="\n\t") is None:
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if unseen := name_unseen(line, allowed="\t"):
            column = int(re.findall(r"\d+", unseen)[0])
            yield Fault(number, column, f"{unseen}: delete it")


def _refusal(error: _Refused, text: str) -> Fault:
    mark = error.problem_mark
    line = text.split("\n")[mark.line]
    got = re.match(r"\d*", line[mark.column :])
    said = ended_by_a_comma(line[: mark.column], got[0] if got else "")
    return Fault(mark.line + 1, mark.column + 1, said or str(error.problem))
