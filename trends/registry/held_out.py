"""Benchmarks that are kept apart, so that they can judge what was learned without them."""

import hashlib
import re
from typing import Annotated, Final, Literal

from pydantic import Field

from trends.registry.models import Entry, Owner, Text

NameHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

LONGEST: Final = 4
"""Words of the longest name that is looked for inside another."""


class HeldOut(Entry):
    """``held_out.yaml``: names, each as a hash, of benchmarks that nothing may use.

    Attributes:
        owner: team that answers for the list.
        reason: what it is for.
        names: SHA-256 of each name, its letters and digits in small letters.
    """

    schema_version: Literal[1]
    owner: Owner
    reason: Text
    names: Annotated[list[NameHash], Field(min_length=1)]

    def covers(self, name: str) -> bool:
        """Whether a name is on the list, or has one in it: an edition, a subset."""
        words = re.findall(r"[a-z]+|\d+", name.lower())
        return any(
            name_hash("".join(words[start:end])) in self.names
            for start in range(len(words))
            for end in range(start + 1, min(start + LONGEST, len(words)) + 1)
        )


def name_hash(name: str) -> str:
    """What stands for a name on the list, however it is spelt."""
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    return hashlib.sha256(letters.encode()).hexdigest()
