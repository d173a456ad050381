"""Entries of models.yaml, model_aliases.yaml and corrections.yaml."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import Field

from trends.registry.faults import Fault
from trends.registry.models.fields import Cell, Entry, Identifier, Text


class Model(Entry):
    """An AI model, or a system of several, with its one release date.

    ``release_date`` is null when no source states it. A month-only date carries its
    first and last day in ``earliest`` and ``latest``.
    """

    name: Text
    developer: Text | None = None
    kind: Literal["model", "system", "record"] = "model"
    release_date: date | None = None
    earliest: date | None = None
    latest: date | None = None
    components: list[Identifier] = Field(default=[])
    source: Text | None = None
    note: Text | None = None


class Alias(Entry):
    """A published spelling: which model it names, and at which setting."""

    model: Identifier
    setting: Text | None = None


class Correction(Entry):
    """A known error of a source, or a cell that looks like one and is right.

    ``expect`` must still hold, or the entry is stale. ``confirms`` names the columns
    whose expected value is right, however implausible it looks. ``rejected_for`` is the
    expectation for which the row is rightly in quarantine: it stays there, and a check
    of the figures does not count it as a fault.
    """

    id: Identifier
    benchmark: Identifier
    match: dict[str, Cell]
    expect: dict[str, Cell]
    set: dict[str, Cell | None] = Field(default={})
    confirms: list[Literal["score"]] = Field(default=[])
    rejected_for: Identifier | None = None
    reason: Text
    source: Text

    def faults(self) -> Iterator[Fault]:
        """It does something, and confirms what it shows and does not change."""
        if not (self.set or self.confirms or self.rejected_for):
            message = (
                "say what is corrected (set), what is right (confirms) or why the row "
                "is out (rejected_for)"
            )
            yield (), message
        for i, column in enumerate(self.confirms):
            if column not in self.expect:
                message = (
                    f"expect must show the {column} that is confirmed, so that the "
                    "confirmation ends when the figure changes"
                )
                yield ("confirms", i), message
            if column in self.set:
                yield ("confirms", i), f"{column} is both corrected and confirmed"
