"""Days on which something was seen: none of them is still to come."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from trends.registry.contents import Registry
from trends.registry.documents import Document
from trends.registry.faults import Location
from trends.registry.problems import Problem


def days_to_come(
    registry: Registry, documents: Mapping[str, Document], *, today: date
) -> Iterator[Problem]:
    """Days after today of benchmarks, models and sources, which have only past ones."""
    for name in ("benchmarks", "models", "sources"):
        for entry_id, entry in getattr(registry, name).items():
            for at, day in _days(entry.model_dump(), (entry_id,)):
                if day > today:
                    message = f"is still to come: today is {today} (got {day})"
                    yield documents[f"{name}.yaml"].problem(at, message)


def _days(node: Any, at: Location) -> Iterator[tuple[Location, date]]:
    if isinstance(node, date):
        yield at, node
    elif isinstance(node, dict | list):
        steps = node.items() if isinstance(node, dict) else enumerate(node)
        for step, inner in steps:
            yield from _days(inner, (*at, step))
