"""Names that the registry has, and why a row that uses another cannot be used."""

from collections.abc import Mapping
from typing import Final, Generic, TypeVar

from trends.characters import nearest, quote
from trends.published_scores import UnusableRowError
from trends.registry.models import Entry

EntryT = TypeVar("EntryT", bound=Entry)

MAX_NAMES_GUESSED: Final = 100
"""Unknown names of one source for which the nearest known name is looked for."""


class Known(Generic[EntryT]):
    """Registered names, and why a row that uses another one cannot be used.

    The nearest name is looked for once a name and for the first names only: it costs
    milliseconds, and of a file full of unknown names the first few tell enough.
    """

    def __init__(
        self, entries: Mapping[str, EntryT], expectation: str, remedy: str
    ) -> None:
        """Take the entries by name, what another name breaks, and what to do then."""
        self._entries = entries
        self._expectation = expectation
        self._remedy = remedy
        self._nearest: dict[str, list[str]] = {}

    def __contains__(self, name: str) -> bool:
        """Whether an entry has that name."""
        return name in self._entries

    def find(self, name: str) -> EntryT:
        """The entry of that name.

        Raises:
            UnusableRowError: it is not in the registry.
        """
        if name in self._entries:
            return self._entries[name]
        if name not in self._nearest and len(self._nearest) < MAX_NAMES_GUESSED:
            self._nearest[name] = nearest(name, self._entries)
        near = self._nearest.get(name)
        meant = f"did you mean {near[0]!r}? If not, " if near else ""
        raise UnusableRowError(
            self._expectation,
            f"{quote(name)} is not in the registry: {meant}{self._remedy}",
        )
