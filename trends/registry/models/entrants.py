"""Entries of models.yaml, model_aliases.yaml and corrections.yaml."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

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

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.set or self.confirms or self.rejected_for):
            raise ValueError(
                "say what is corrected (set), what is right (confirms) or why the row "
                "is out (rejected_for)"
            )
        for column in self.confirms:
            if column not in self.expect:
                raise ValueError(
                    f"expect must show the {column} that is confirmed, so that the "
                    "confirmation ends when the figure changes"
                )
            if column in self.set:
                raise ValueError(f"{column} is both corrected and confirmed")
        return self
