"""Entries to be filled in: every field with what it means, and what is known of it.

The words are those of the registry's own classes. What nobody has filled in yet reads
``TODO``, which the registry refuses wherever it stands.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from io import StringIO
from typing import Any, Final, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from trends.registry.documents import TODO, entry_in
from trends.registry.models import Entry

_WIDTH: Final = 88


def skeleton(shape: type[Entry], said: Mapping[str, Any], *, indent: int = 0) -> str:
    """The YAML of an entry; a field that is left out for good is a comment.

    Args:
        shape: its class.
        said: what is known, by field: a value, the same of an entry inside, or TODO.
        indent: spaces before each line.
    """
    lines = [
        line
        for name, field in shape.model_fields.items()
        for line in _field(name, field, said, may_miss=name in shape.FILLED_IN)
    ]
    return textwrap.indent("\n".join(lines) + "\n", " " * indent)


def _field(
    name: str, field: FieldInfo, said: Mapping[str, Any], *, may_miss: bool
) -> Iterator[str]:
    yield from _comment(_explained(field))
    inner = entry_in(field.annotation)
    if name not in said and (may_miss or not field.is_required()):
        yield f"# {name}:"
        return
    value = said.get(name, TODO)
    if inner is None or value == TODO:
        yield from _dump(name, value)
    elif isinstance(value, Mapping):
        yield f"{name}:"
        yield skeleton(inner, value, indent=2).rstrip("\n")
    else:
        yield f"{name}:"
        for of_entry, one in inner.model_fields.items():
            yield from _comment(f"{of_entry}: {_explained(one)}", indent=2)
        yield from _items(value)


def _explained(field: FieldInfo) -> str:
    description = (field.description or "").replace("``", "")
    choices = ", ".join(_choices(field.annotation))
    return " ".join(
        [*description.split(), *([f"One of: {choices}."] if choices else [])]
    )


def _choices(annotation: Any) -> list[str]:
    """Values that a field may have, where they are few words."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(one.value) for one in annotation]
    inside = get_args(annotation)
    if get_origin(annotation) is Literal:
        return [str(one) for one in inside] if len(inside) > 1 else []
    return next((found for one in inside if (found := _choices(one))), [])


def _comment(text: str, indent: int = 0) -> Iterator[str]:
    lead = f"{' ' * indent}# "
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=lead, subsequent_indent=f"{lead}  "
    )


def _items(values: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for value in values:
        item = CommentedMap(value)
        item.fa.set_flow_style()
        yield f"  - {_text(item).strip()}"


def _dump(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        value = CommentedSeq(value)
        value.fa.set_flow_style()
    yield from _text(CommentedMap({name: value})).splitlines()


def _text(value: Any) -> str:
    yaml = YAML()
    yaml.width = 1000
    text = StringIO()
    yaml.dump(value, text)
    return text.getvalue()
