"""What the fields of entries are made of: ids, days, addresses, words."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, ClassVar, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict

from trends.characters import MAX_LENGTH, why_unfit
from trends.registry.faults import Fault, MisfitError

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=100)
]
"""Permanent snake_case id, also of files and columns."""

_ADDRESS = (
    r"^https?://([A-Za-z0-9-]+\.)+[A-Za-z]{2,}(:[0-9]{1,5})?"
    r"([/?#]([A-Za-z0-9._~:/?#@!$&()*+,;=\[\]-]|%[2-9A-Fa-f][0-9A-Fa-f])*)?$"
)


def _public_address(text: str) -> str:
    if len(text) > MAX_ADDRESS:
        raise ValueError(f"an address has at most {MAX_ADDRESS} characters")
    if re.fullmatch(_ADDRESS, text) is None:
        raise ValueError(
            "should be a public address, https://host.name/path, in ASCII letters, "
            "without user name, quotes or angle brackets"
        )
    return text


def _fit_to_print(text: str) -> str:
    if why := why_unfit(text):
        raise ValueError(why)
    return text


MAX_ADDRESS = 2000
Url = Annotated[
    str,
    AfterValidator(_public_address),
    WithJsonSchema({"type": "string", "pattern": _ADDRESS, "maxLength": MAX_ADDRESS}),
]
"""Address of a page that anybody can open (RFC 3986, without user information)."""

Text = Annotated[
    str,
    StringConstraints(min_length=1, strip_whitespace=True),
    AfterValidator(_fit_to_print),
]
"""Words to print on one line: no unseen character, markup or formula."""

Owner = Annotated[str, StringConstraints(pattern=r"^@[\w.-]+/[\w.-]+$")]
"""Team that answers for an entry, as the host of the code knows it."""

Cell = Annotated[str, StringConstraints(max_length=MAX_LENGTH)]
"""A cell of a file of figures as it is printed there, right or wrong."""

FIRST_DAY: Final = date(2016, 1, 1)
"""No language model that anybody tests, and no benchmark of them, is older.

The oldest benchmark carried is LAMBADA, of June 2016."""

LATEST_TEST: Final = timedelta(days=730)
"""How long after its release a model is tested at most, where nothing else is said.

The longest among the shipped figures is 557 days, but for METR's retrospective runs.
"""

PublicDay = Annotated[date, Field(ge=FIRST_DAY)]

HostName = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253
    ),
]
"""A host by its public name, in small letters: no address, port or path."""


def _without_filled_in(schema: JsonDict, entry: type["Entry"]) -> None:
    """Let files leave out what is filled in as they are read."""
    required = schema.get("required")
    if entry.FILLED_IN and isinstance(required, list):
        schema["required"] = [one for one in required if one not in entry.FILLED_IN]


class Entry(BaseModel):
    """Base of every registry entry: unknown keys are errors, entries are frozen.

    What a field means stands below it, and from there in the schemas that editors read
    and in the files that ``trends new`` writes.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        json_schema_extra=_without_filled_in,
    )

    FILLED_IN: ClassVar[frozenset[str]] = frozenset()
    """Fields that every entry has and a file may leave out: another one has them."""

    def faults(self) -> Iterator[Fault]:
        """What does not go together in the entry: where, from here on, and why."""
        yield from ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if faults := list(self.faults()):
            raise MisfitError(faults)
        return self


class Citation(Entry):
    """A published source."""

    citation: Text
    """How to cite it."""
    url: Url
    """Its address."""


class Acceptance(Entry):
    """A standing warning that somebody has looked at."""

    warning: str
    """Code of the warning, as `trends check` prints it."""
    why: Text
    """Why it stands."""

    @property
    def subjects(self) -> list[str]:
        """What it is about: ids of bars, or the entry itself."""
        return [""]
